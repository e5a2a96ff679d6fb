"""Boilerplate: what a mail carries around its matter goes, the matter stays."""

from collections import defaultdict
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.settings import Settings
from rag_track.boilerplate import Kind, strip_boilerplate
from rag_track.redact import people_in
from sample_data.catalogue import read_catalogue

MATTER = "The export stops after 10,000 rows with EXP-1043.\nWhat can we do?"
HISTORY = "On 3 Feb 2026 at 10:05, Ivo Xu <ivo@a.example> wrote:\n> Is it on?\n>\n> Ivo"
OUTLOOK = "From: Ivo Xu\nSent: Tuesday, 3 February 2026 10:05\nTo: Support\nSubject: RE: Export\n\nIs it on?"


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("greeting", f"Hi,\n\n{MATTER}"),
        ("greeting", f"Hello Anna,\n{MATTER}"),
        ("greeting", f"Good morning, {MATTER}"),
        ("greeting", f"Dear Quillstone support team, {MATTER}"),
        ("greeting", f"Hi there - {MATTER}"),
        ("greeting", f"Thanks for writing to us, O'Dowd.\n\n{MATTER}"),
        ("signature", f"{MATTER}\n\nKind regards,\nAnna Novak\nBirch Law\nT +44 20 7946 0690"),
        ("signature", f"{MATTER}\nBest\n\nAnna"),
        ("signature", f"{MATTER}\n\nMany thanks and best regards,\n\nAnna Novak\n\nBirch Law Ltd.\nwww.birch.example"),
        ("signature", f"{MATTER}\n-- \nAnna Novak | Birch Law"),
        ("signature", f"{MATTER}\n\nSent from my iPhone"),
        ("signature", f"{MATTER}\n\nAnna Novak\nTechnical team, Quillstone"),
        ("signature", f"{MATTER}\n\nZoë Xu"),
        ("quoted", f"{MATTER}\n\n{HISTORY}"),
        ("quoted", f"{HISTORY}\n\n{MATTER}"),
        ("quoted", f"{MATTER}\n\nOn Tue, 3 Feb 2026 at 10:05, Ivo Xu\n<ivo@a.example> wrote:\n\n> Is it on?"),
        ("quoted", f"{MATTER}\n\nOn 3 Feb 2026 at 10:05, Ivo wrote:\nIs it on?"),
        ("quoted", f"{MATTER}\n\n-----Original Message-----\n{OUTLOOK}"),
        ("quoted", f"{MATTER}\n\n{OUTLOOK}"),
        ("quoted", f"{MATTER}\n\n________________________________\n{OUTLOOK}"),
        ("quoted", f"---------- Forwarded message ----------\nFrom: Ivo <ivo@a.example>\nSubject: Export\n\n{MATTER}"),
    ],
)
def test_each_kind_is_taken_away(kind: Kind, text: str) -> None:
    """Greeting, signature and history go in the forms that mail programs and people give them; the matter stays."""
    stripped = strip_boilerplate(text, ["Zoë Xu"])
    assert stripped.text == MATTER
    assert stripped.removed == {kind: 1}


@pytest.mark.parametrize(
    "text",
    [
        MATTER,
        "Hi EXP-1043, what is that supposed to tell me?",
        "Hello world is what the test file holds, and it fails.",
        "It shows this:\n\nInternal Server Error",
        "The page says:\n\nNovak Project\nNo rows",
        "$ curl -v\n> POST /v2/session\n> User-Agent: App\n< 426 Upgrade Required",
        "On Monday our accountant wrote:\nplease export it again, it is wrong.",
        "Thanks\n\nOne more thing: since yesterday the second file is empty as well.",
        "Best of all, it worked.\n\nStatus: Pending\nRows: 12",
        "Thank you for the details. One thing I cannot see from here: is it on?",
        "Our automatic reply goes to every client. I am out of the office on Monday.",
        "I am out of the office until Monday. Why does the export stop?",
        "select 1\n--\nselect the rows of the second file with the id 12.\n",
    ],
)
def test_what_only_looks_like_it_stays(text: str) -> None:
    """Content that has the form of boilerplate in part is kept word by word."""
    stripped = strip_boilerplate(text)
    assert stripped.text == text.strip()
    assert stripped.removed == {}


@pytest.mark.parametrize(
    "text",
    [
        "Thank you for your message. I am out of the office until Monday. This is an automatic reply.",
        "We have received your message and will get back to you as soon as we can. This is an automatic reply.",
        "Hello,\n\nI'm currently out of the office, returning on 3 March. In urgent cases call us.\n\nBest,\nIvo",
        f"This is an automated response. Please do not reply.\n\n{HISTORY}",
    ],
)
def test_automatic_replies_are_empty(text: str) -> None:
    """A message that a machine wrote has nothing left, and is counted as one automatic reply."""
    stripped = strip_boilerplate(text)
    assert (stripped.text, stripped.removed) == ("", {"auto_reply": 1})


def test_a_forwarded_mail_is_the_matter() -> None:
    """Of a mail that was sent on, only the header lines go, also where the line above it points down to it."""
    forwarded = f"Hi,\n\nPlease see below, can you help?\n\n-- Forwarded message --\n{OUTLOOK}\n\nBest,\nAnna"
    assert strip_boilerplate(forwarded).text == "Please see below, can you help?\n\nIs it on?"
    original = f"Please see below.\n\n-----Original Message-----\n{OUTLOOK}"
    assert strip_boilerplate(original).text == "Please see below.\n\nIs it on?"
    alone = "On 3 Feb 2026 at 10:05, Ivo <ivo@a.example> wrote:\n> Is it on?"
    assert "Is it on?" in strip_boilerplate(alone).text


def test_all_kinds_at_once() -> None:
    """One mail can lose several kinds, each counted once."""
    mail = f"Hello Anna,\n\n{MATTER}\n\nBest,\nIvo Xu\nBirch Law\n\n{HISTORY}"
    stripped = strip_boilerplate(mail)
    assert stripped.text == MATTER
    assert stripped.removed == {"greeting": 1, "signature": 1, "quoted": 1}


LINES = ["Hi,", "Hello Anna,", "Best,", "Anna Novak", "--", "> it is", HISTORY, OUTLOOK, MATTER, "", "Yes.", "Thanks"]


@given(st.lists(st.sampled_from(LINES) | st.text(max_size=12), max_size=10).map("\n".join))
def test_nothing_is_added(text: str) -> None:
    """What is left are lines of the message in their order, or ends of them."""
    lines = iter(text.splitlines())
    for kept in strip_boilerplate(text).text.splitlines():
        assert any(line.rstrip().endswith(kept.strip()) or line.strip().endswith(kept.strip()) for line in lines)


def test_no_answer_loses_a_fact(landed: Settings) -> None:
    """Every fact that agents state in the sample company is still there, and so is what customers ask and show."""
    people = people_in(landed.landing)
    catalogue = read_catalogue()
    known = {fact for _, problem in catalogue.problems() for r in problem.resolutions for fact in r.facts}
    asked = {
        strip_boilerplate(words).text
        for _, problem in catalogue.problems()
        for words in (*problem.phrasings, *problem.customer_answers, *problem.evidence)
    }
    counted: dict[str, int] = defaultdict(int)
    for text in comments(landed.landing):
        head = text.partition("\n\nOn ")[0]
        stripped = strip_boilerplate(text, people)
        for kind, count in stripped.removed.items():
            counted[kind] += count
        for words in known | asked:
            if words in head:
                counted["checked"] += 1
                assert words in stripped.text
    assert all(counted[kind] > 5 for kind in ("greeting", "signature", "quoted", "auto_reply"))
    assert counted["checked"] > 500


def comments(landing: Path) -> list[str]:
    """What was said in public on Zendesk, where mails come in; the lines that merges leave are left out."""
    table = pq.read_table(landing / "zendesk/ticket_comments", columns=["body", "public"])
    return [row["body"] for row in table.to_pylist() if row["public"] and row["body"]]

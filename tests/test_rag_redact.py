"""Redaction: personal data does not come through, and what only looks like it stays."""

import random
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.settings import Settings
from rag_track.redact import KINDS, Finding, Redacted, Redactor, merged, people_in
from sample_data import personal_data

REDACTOR = Redactor(["Rosa Van der Meer", "Mark O'Dowd", "Zoë 🌻 Xu", "May London"])

PERSONAL = {
    "EMAIL": (
        "rosa.meer@firm.example", "Rosa.Meer+lab@Mail.Firm.example", "r@xn--bcher-kva.example", "rosa[at]firm.example",
        "rosa (at) firm.example", "rosa[at]firm[dot]example", "rosa at firm dot co dot example",
        "o'dowd@firm.example", "rosa@\nfirm.example",
    ),
    "PHONE": (
        "+44 20 7946 0690", "+442079460690", "+44 (0)20 7946 0690", "+1 (741) 555-0196", "+1.415.555.0123",
        "+49 30 23125-257", "0049 30 23125257", "(212) 555-0123", "020 7946 0958", "06-12345678", "(030) 23125257",
    ),
    "CARD": (
        "4242 4242 4242 4242", "4242424242424242", "4242-4242-4242-4242", "4242.4242.4242.4242", "4242 4242\n4242 4242",
        "3782 822463 10005", "378282246310005", "5555 5555 5555 4444", "2223 0031 2200 3222", "3056 930902 5904",
    ),
    "IBAN": (
        "GB82 WEST 1234 5698 7654 32", "GB82WEST12345698765432", "gb82west12345698765432", "BE68 5390 0754 7034",
        "BE68-5390-0754-7034", "DE89 3704 0044 0532 0130 00", "NL91 ABNA 0417 1643 00", "NL91 ABNA\n0417 1643 00",
    ),
    "API_KEY": (
        "qs_live_0123456789abcdef0123456789abcdef", "qs_test_0123456789abcdef", "sk-proj-abc123DEF456ghi789jkl",
        "AKIAIOSFODNN7EXAMPLE", "ghp_16C7e42F292c6912E7710c838347Ae178B4a", "xoxb-17653672481-19874698323-pdFZKVeTuE8",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w5N",
        "-----BEGIN RSA PRIVATE KEY-----\nMIIEow\n-----END RSA PRIVATE KEY-----",
    ),
    "ADDRESS": (
        "Quill Lane 12, 1099 XB Amstelwold", "Inkwell Road 7b, Port Ashby PA9 4ZZ",
        "Nib Gardens 3, Larchfield, OH 00112",
        "Quill Lane 12\n1099 XB Amstelwold", "12 Quill Lane", "221B Baker Street, London NW1 6XE",
        "1600 Pennsylvania Avenue, Washington, DC 20500", "Musterstraße 12, 12345 Berlin", "Keizersgracht 174",
        "P.O. Box 12",
    ),
    "PERSON": ("Rosa Van der Meer", "rosa van der meer", "Rosa van der\nMeer", "Mark O'Dowd", "Zoë Xu", "Zoë 🌻 Xu"),
}  # fmt: skip


@pytest.mark.parametrize(("kind", "value"), [(kind, value) for kind, values in PERSONAL.items() for value in values])
def test_the_usual_ways_of_writing_are_found(kind: str, value: str) -> None:
    """Each value is replaced whole by the placeholder of its kind, and the finding tells its place."""
    redacted = REDACTOR.redact(f"It is about ({value}), please look from this side.")
    assert redacted.text == f"It is about (<{kind}>), please look from this side."
    assert redacted.findings == (Finding(kind, 13, 13 + len(value)),)


@pytest.mark.parametrize(
    "text",
    [
        "INT-6429 and ACC-2107 on ticket 401186, job rj_40118, request rq-91c44e",
        "order 2025550123 of 10,000 rows, then 1.250.000 rows, 3900.00 and 388 422 and € 1,234,567.89",
        "2026-01-14 09:31:07 DEBUG sync.worker attempt=1; 14/01/2026 09:31, 14.01.2026, 20260114093107",
        "version 5.6.20118 (build 20931), 12:34:56.789, 192.168.100.200",
        "4242 4242 4242 4241 fails Luhn's check, GB83 WEST 1234 5698 7654 32 that of a bank",
        "sha 9f86d081884c7d659a2feaa0c55ad015 is no key; the key question is exports-to-another-workspace",
        "Google Drive 2 and Time Square 3; Settings > Members; write to @quillstone or support@quillstone.example",
        "Mark all rows in May, and London is a time zone. Bearer of bad news: sk-learn is no key.",
        "Dear Support, look at page two dot dot dot. This is the row, 7 of 12. Phone app 5.6.20118",
    ],
)
def test_what_only_looks_like_it_stays(text: str) -> None:
    """Codes, amounts, dates, versions, checksums that fail and common words are no personal data."""
    assert REDACTOR.redact(text) == Redacted(text, ())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hello Mark,\n\nMark it as done.", "Hello <PERSON>,\n\nMark it as done."),
        ("You are right, May, it came in May.", "You are right, <PERSON>, it came in May."),
        ("Rosa's file and Mark O\u2019Dowd's", "Rosa's file and <PERSON>'s"),
        ("It fails.\n\nRosa\nFirm", "It fails.\n\n<PERSON>\nFirm"),
        ("My colleague Rosa asked Mr. O'Dowd", "My colleague <PERSON> asked Mr. <PERSON>"),
        ("Call 2025550123 or order 2025550123", "Call <PHONE> or order 2025550123"),
        ("api_key=Zm9vYmFyMTIzNDU2Nzg5MGFi", "api_key=<API_KEY>"),
        ("Authorization: Bearer Zm9vYmFyMTIzNDU2", "Authorization: Bearer <API_KEY>"),
        ("From: Rosa Van der Meer <rosa@firm.example>", "From: <PERSON> <<EMAIL>>"),
    ],
)
def test_words_around_decide(text: str, expected: str) -> None:
    """A part of a name is a person where one is addressed, a bare number a phone's where it is announced."""
    assert REDACTOR.redact(text).text == expected


def test_what_overlaps_is_covered_whole() -> None:
    """Of findings that overlap the longer gives the kind, in a tie the earlier in KINDS; nothing of either is left."""
    assert merged([Finding("PHONE", 2, 9), Finding("IBAN", 0, 8)]) == [Finding("IBAN", 0, 9)]
    assert merged([Finding("CARD", 0, 4), Finding("PHONE", 0, 4)]) == [Finding("PHONE", 0, 4)]
    assert merged([Finding("CARD", 4, 8), Finding("PHONE", 0, 4)]) == [Finding("PHONE", 0, 4), Finding("CARD", 4, 8)]


MAKE: dict[str, Callable[[random.Random], str]] = {
    "EMAIL": lambda rng: f"{rng.choice('abc')}.{rng.getrandbits(40):x}@{rng.choice(['Birch-Law', 'a.b'])}.example",
    "PHONE": personal_data.phone,
    "CARD": personal_data.card,
    "IBAN": personal_data.iban,
    "API_KEY": personal_data.api_key,
    "ADDRESS": personal_data.address,
    "PERSON": lambda rng: rng.choice(PERSONAL["PERSON"]),
}


@given(st.sampled_from(KINDS), st.integers(0, 10**9), st.text(), st.text())
def test_no_value_comes_through(kind: str, seed: int, before: str, after: str) -> None:
    """A value that stands apart in any text is not in the result, and no placeholder holds a digit."""
    value = MAKE[kind](random.Random(seed))
    redacted = REDACTOR.redact(f"{before}, {value}\n{after}")
    assert value not in redacted.text
    place = len(before) + 2
    assert any(f.start <= place and place + len(value) <= f.end for f in redacted.findings)


SAMPLES = [f" {value} " for values in PERSONAL.values() for value in values]
PIECES = st.sampled_from(
    [*SAMPLES, "Hello ", "key: ", "call ", "\n", ", ", "@", " 12", "4242 ", "Quill Lane", "Bearer "]
)


@given(st.lists(PIECES | st.text(max_size=8), max_size=8).map("".join))
def test_redacting_again_changes_nothing(text: str) -> None:
    """What was redacted holds nothing more to find; placeholders have no digits; the rest of the text is as it was."""
    once = REDACTOR.redact(text)
    assert REDACTOR.redact(once.text) == Redacted(once.text, ())
    rebuilt, at = "", 0
    for finding in once.findings:
        assert at <= finding.start < finding.end <= len(text)
        rebuilt += text[at : finding.start] + f"<{finding.kind}>"
        at = finding.end
    assert rebuilt + text[at:] == once.text
    assert not any(character.isdigit() for kind in KINDS for character in kind)


def test_people_are_read_from_the_landing(landed: Settings, tmp_path: Path) -> None:
    """Contacts and agents of both help desks are people, the bot is not; where nothing landed there is nobody."""
    names = people_in(landed.landing)
    for table in ("zendesk/users", "intercom/contacts", "intercom/admins"):
        landed_names = set(pq.read_table(landed.landing / table, columns=["name"])["name"].to_pylist()) - {None}
        assert len(landed_names & names) >= len(landed_names) - 1
    assert not any("bot" in name.casefold().split() for name in names)
    assert people_in(tmp_path) == frozenset()

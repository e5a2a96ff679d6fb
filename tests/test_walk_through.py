"""sample_data/README.md follows one ticket; what it says is what the files say."""

import json
from pathlib import Path

import pytest

from lab.settings import Settings, read_settings
from sample_data.catalogue import read_catalogue
from sample_data.generate import generate

FOLDER = Path(__file__).parent.parent / "sample_data"
README = " ".join((FOLDER / "README.md").read_text(encoding="utf-8").replace("\n> ", " ").split())
PROBLEM, TICKET = "mobile-version-blocked-code", 400024


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The default company."""
    settings = read_settings(home=tmp_path_factory.mktemp("default"))
    generate(settings)
    return settings


def lines(file: Path) -> list[dict]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def test_the_problem_is_as_told() -> None:
    """The catalogue has the problem with both answers, and as many problems as the table says."""
    problems = {problem.id: problem for _, problem in read_catalogue().problems()}
    assert f"{len(problems)} problems in seven product categories" in README
    before, now = problems[PROBLEM].resolutions
    assert (before.until, now.since) == ("5.3", "5.3")
    assert "mobile-device-limit-code" in problems[PROBLEM].confused_with
    assert all(fact in README for fact in (*before.facts, *now.facts))


def test_the_ticket_is_as_told() -> None:
    """The preview holds the ticket with the words, the times and the ids that the text quotes."""
    preview = json.loads((FOLDER / "preview" / "zendesk.json").read_text(encoding="utf-8"))
    [records] = [records for records in preview if records["tickets"][-1]["id"] == TICKET]
    first, note, answer = records["ticket_comments"]
    assert " ".join(first["body"].split("\n\n")[1].split()) in README
    assert not note["public"]
    assert note["body"].split(". ")[0] in README
    assert [c["created_at"][11:19] in README for c in (first, note, answer)] == [True, True, True]
    assert (len(records["ticket_comments"]), len(records["ticket_events"])) == (3, 4)
    resolution = next(p for _, p in read_catalogue().problems() if p.id == PROBLEM).resolutions[0]
    assert any(wording in answer["body"] for wording in resolution.wordings)


def test_truth_and_golden_query_are_as_told(source: Settings) -> None:
    """The metrics, the tier, the query with its facts, and both grades are those of the default company."""
    [truth] = [t for t in lines(source.source / "truth" / "tickets.jsonl") if t["ticket_key"] == f"zendesk-{TICKET}"]
    assert (truth["problem_ids"], truth["resolution_ids"]) == ([PROBLEM], [f"{PROBLEM}-r1"])
    assert f"{truth['first_reply_minutes']} minutes" in README
    assert f"({truth['customer_tier']})" in README
    [query] = [q for q in lines(source.source / "golden" / "queries.jsonl") if q["_id"] == f"{PROBLEM}-q1"]
    assert f'"{query["text"]}"' in README
    assert query["tags"] == ["exact_code", "outdated"]
    assert all(f'"{fact}"' in README for fact in query["facts"] + query["forbidden"])
    qrels = (source.source / "golden" / "qrels.tsv").read_text().splitlines()
    assert f"{PROBLEM}-q1\tzendesk-{TICKET}\t1" in qrels
    assert f"{PROBLEM}-q1\tzendesk-400638\t2" in qrels

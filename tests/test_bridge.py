"""The comparison: the same questions to both tracks, judged by a truth that neither made."""

import json
import re

import pytest

from bridge.compare import compare, is_correct
from bridge.truth import Question, read_questions
from evals.__main__ import app
from lab.errors import MissingStep
from lab.settings import Settings, read_settings


def test_the_truth_is_independent_of_both_tracks(source: Settings) -> None:
    """Truth comes from the generator's records alone: it is there before any track was built."""
    questions = read_questions(source.source)
    assert len(questions) >= 8
    assert {question.kind for question in questions} == {"counting", "reading"}
    assert all(question.truth for question in questions)
    tickets = [json.loads(line) for line in (source.source / "truth" / "tickets.jsonl").read_text().splitlines()]
    exports = [t for t in tickets if t["product_category"] == "exports" and t["created_at"].startswith("2026-02")]
    february = next(question for question in questions if question.id == "exports-tickets-february")
    assert february.number == len(exports)


@pytest.mark.parametrize(
    ("answer", "correct"),
    [
        ("It was 1,417.5 minutes.", True),
        ("1,420 minutes", True),  # within half a percent
        ("1,450 minutes", False),
        ("1417.5 tickets or so, 12 minutes", False),
        ("No metric measures this.", False),
    ],
)
def test_a_number_is_right_within_half_a_percent(answer: str, correct: bool) -> None:
    """Counting answers are judged by the numbers with a unit that they state."""
    assert is_correct(answer, Question("q", "counting", "?", None, 1417.5, "minutes", (), "")) is correct


def test_a_reading_answer_states_every_fact() -> None:
    """One missing fact makes the answer wrong."""
    question = Question("q", "reading", "?", "pro", None, "", ("Export in background", "250,000 rows"), "")
    assert is_correct("Use export in background: 250,000 rows.", question)
    assert not is_correct("Use Export in background.", question)


def test_each_track_is_right_where_it_should_be(
    warehouse: Settings, indexed: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The warehouse counts everything right and reads nothing; the index counts nothing right."""
    from typer.testing import CliRunner

    monkeypatch.setenv("LAB_HOME", str(indexed.home))
    CliRunner().invoke(app, ["--fast"])  # the comparison needs a report, not every score
    content = compare(indexed)
    counting = [one for one in content["questions"] if one["kind"] == "counting"]
    reading = [one for one in content["questions"] if one["kind"] == "reading"]
    assert all(one["etl"]["correct"] for one in counting)
    assert not any(one["rag"]["correct"] for one in counting)
    assert not any(one["etl"]["correct"] for one in reading)
    assert json.loads((indexed.reports / "compare.json").read_text()) == content
    assert [stage["name"] for stage in content["stages"]] == ["extract", "clean", "shape", "store", "serve", "verify"]
    page = (indexed.reports / "compare.html").read_text()
    assert not re.findall(r"(?:src|href)=", page)  # one self-contained file


def test_without_reports_the_step_before_is_named(landed: Settings, tmp_path_factory: pytest.TempPathFactory) -> None:
    """The comparison says which track has not been built."""
    with pytest.raises(MissingStep, match="make etl"):
        compare(read_settings(home=tmp_path_factory.mktemp("empty")))

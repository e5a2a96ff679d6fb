"""The comparison: the same questions to both tracks and the agent, judged by a truth that none of them made."""

import json
import re
from dataclasses import asdict
from pathlib import Path
from typing import cast

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bridge.agent.agent import Agent
from bridge.agent.answer import AgentAnswer, Call, Outcome
from bridge.answerers import Answered, both
from bridge.bank import BANK, HALVES, KINDS, read_half
from bridge.compare import compare, put
from bridge.figures import Number
from bridge.show import show
from bridge.summary import wilson
from bridge.truth import Question
from evals.__main__ import app
from lab.errors import MissingStep, ModelError
from lab.settings import Settings, read_settings


@pytest.fixture(scope="module")
def small_bank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first three questions of each kind and half."""
    folder = tmp_path_factory.mktemp("bank")
    for half in HALVES:
        entries = yaml.safe_load((BANK / f"{half}.yml").read_text(encoding="utf-8"))
        first = {kind: entries[kind][:3] for kind in KINDS}
        (folder / f"{half}.yml").write_text(yaml.safe_dump(first), encoding="utf-8")
    return folder


def test_the_bank_is_large_and_its_halves_are_alike() -> None:
    """At least sixty questions, all kinds in either half, none in both; the half to look at is no smaller."""
    dev, held_out = (read_half(BANK / f"{half}.yml") for half in HALVES)
    counts = {kind: len(getattr(dev, kind)) for kind in KINDS}
    assert all(counts[kind] >= len(getattr(held_out, kind)) > 0 for kind in KINDS)
    assert counts["counting"] >= 10
    assert counts["reading"] >= 10
    assert counts["both"] + counts["neither"] >= 10
    texts = [entry.question for half in (dev, held_out) for _, entry in half.entries()]
    assert len(texts) == len(set(texts)) >= 60
    assert not {one.problem for one in dev.reading} & {one.problem for one in held_out.reading}


def test_the_comparison_asks_all_three_the_same(
    warehouse: Settings,
    indexed: Settings,
    small_bank: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Each track is right where it can be and nowhere else, the agent in all kinds; report and page agree."""
    from typer.testing import CliRunner

    monkeypatch.setenv("LAB_HOME", str(indexed.home))
    CliRunner().invoke(app, ["--fast"])  # the comparison needs a report, not every score
    content = compare(indexed, small_bank)
    asked = {kind: [one for one in content["questions"] if one["kind"] == kind] for kind in KINDS}
    right = {
        (kind, side): sum(one[side]["correct"] for one in asked[kind])
        for kind in KINDS
        for side in ("etl", "rag", "agent")
    }
    assert not right["counting", "rag"]
    assert not right["reading", "etl"]
    assert not right["both", "etl"]
    assert not right["both", "rag"]
    assert right["counting", "etl"] > 0
    assert right["reading", "rag"] > 0
    assert all(right[kind, "agent"] for kind in KINDS)
    assert all(one["agent"]["calls"] for one in asked["counting"] if one["agent"]["correct"])
    assert json.loads((indexed.reports / "compare.json").read_text()) == content
    assert [stage["name"] for stage in content["stages"]] == ["extract", "clean", "shape", "store", "serve", "verify"]
    tallies = content["summary"]["all"]
    assert {(kind, side): tallies[kind][side]["right"] for kind, side in right} == right
    assert all(content["summary"]["why"][kind] for kind in KINDS)
    assert tallies["all"]["agent"]["dollars"] == 0
    check_page((indexed.reports / "compare.html").read_text(), content)
    capsys.readouterr()
    show(indexed, content)
    lines = capsys.readouterr().out.splitlines()
    assert max(len(line.rstrip()) for line in lines if "compare.html" not in line) <= 100


def check_page(page: str, content: dict[str, object]) -> None:
    """One self-contained file that links to nothing but the reports beside it."""
    links = re.findall(r"""(?:src|href)=["']?([^"'>\s]+)""", page)
    assert all(re.fullmatch(r"\w+\.html", link) for link in links)
    assert page.count("<details") == len(content["questions"])  # type: ignore[arg-type]


@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_an_interval_holds_its_share_and_is_never_a_point(counts: tuple[int, int]) -> None:
    """Also where all or none are right there is doubt, and it shrinks with more questions."""
    right, n = counts
    low, high = wilson(right, n)
    assert 0 <= low <= right / n <= high <= 1
    assert low < high
    more_low, more_high = wilson(10 * right, 10 * n)
    assert more_high - more_low < high - low


class Recorder:
    """An agent that says what it is told to, and writes down what it was asked."""

    def __init__(self, answer: AgentAnswer) -> None:
        self.answer = answer
        self.asked: list[tuple[str, ...]] = []

    def ask(self, question: str, conversation: str, tier: str | None = None) -> AgentAnswer:
        self.asked.append(("ask", question, conversation, str(tier)))
        return self.answer

    def forget(self, conversation: str) -> None:
        self.asked.append(("forget", conversation))


def number(text: str, after: str | None = None) -> Question:
    return Question("q", "dev", "counting", text, after, "pro", Number(12, "tickets"), None, "12 tickets")


def test_what_the_agent_did_and_cost_is_kept() -> None:
    """Tokens, dollars and calls come from its answer; a follow-up is asked where the question before was."""
    call = Call("query_metric", {"metric": "ticket_count"}, "12", False, 3.5)
    agent = Recorder(AgentAnswer("12 tickets [zendesk-400004]", "answered", (call,), 700, 0.02, 40.0))
    said = put(lambda question, conversation: both(cast(Agent, agent), question, conversation), number("?"), "c")
    assert (said.answer, said.correct, said.declined, said.tokens, said.dollars) == (
        "12 tickets",
        True,
        False,
        700,
        0.02,
    )
    assert said.calls == [asdict(call)]
    both(cast(Agent, agent), number("and?", after="q"), "c")
    assert agent.asked == [("forget", "c"), ("ask", "?", "c", "pro"), ("ask", "and?", "c", "pro")]


@pytest.mark.parametrize("outcome", ["asked_back", "declined"])
def test_only_an_answer_is_an_answer(outcome: Outcome) -> None:
    """Who asks back or declines has held back, even with the right number."""
    agent = Recorder(AgentAnswer("12 tickets", outcome, (), 0, 0.0, 1.0))
    said = put(lambda question, conversation: both(cast(Agent, agent), question, conversation), number("?"), "c")
    assert (said.declined, said.correct) == (True, False)


def test_who_was_stopped_has_not_held_back() -> None:
    """Where nothing is right, running into a limit is not right either."""
    agent = Recorder(AgentAnswer("I stopped after 10 steps.", "stopped", (), 0, 0.0, 1.0))
    asked = Question("q", "dev", "neither", "?", None, None, None, None, "None is right.")
    said = put(lambda question, conversation: both(cast(Agent, agent), question, conversation), asked, "c")
    assert (said.declined, said.correct) == (False, False)


def test_a_model_that_fails_costs_one_question_and_not_the_run() -> None:
    """Its error is the answer to that question, and counts as held back."""

    def fails(question: Question, conversation: str) -> Answered:
        raise ModelError("The model did not answer.", next_step="try again")

    said = put(fails, number("?"), "c")
    assert (said.correct, said.declined, said.why) == (False, True, "failed")
    assert "did not answer" in said.answer


def test_without_reports_the_step_before_is_named(landed: Settings, tmp_path_factory: pytest.TempPathFactory) -> None:
    """The comparison says which track has not been built."""
    with pytest.raises(MissingStep, match="make etl"):
        compare(read_settings(home=tmp_path_factory.mktemp("empty")))

"""The practice questions: what the agent answers of them, and that they are in neither half of the bank."""

from typing import TYPE_CHECKING

import pytest

from bridge.bank import BANK, HALVES, read_half
from bridge.practice import ask
from bridge.truth import read_questions
from lab.settings import Settings

if TYPE_CHECKING:
    from bridge.agent.agent import Agent


def test_practice_questions_are_in_neither_half() -> None:
    """What is practised on is not what is measured with: neither a question nor a problem of the held-out half."""
    practice = [entry for _, entry in read_half(BANK / "practice.yml").entries()]
    for half in HALVES:
        others = read_half(BANK / f"{half}.yml")
        assert not {one.question for one in practice} & {one.question for _, one in others.entries()}
    held_out = read_half(BANK / "held_out.yml")
    problems = {one.problem for one in (*held_out.reading, *held_out.both)}
    assert sum(getattr(one, "problem", None) in problems for one in practice) == 0


@pytest.mark.slow
def test_numbers_asked_in_many_ways_are_told(agent: "Agent", source: Settings) -> None:
    """Of the practice questions that need counting nine in ten are answered rightly in a small company, too."""
    questions, _ = read_questions(source.source, parts=("practice",))
    counting = [question for question in questions if question.kind == "counting"]
    followed = {question.after for question in counting}
    asked = ask(agent, [q for place, q in enumerate(counting) if place % 3 == 0 or q.after or q.id in followed])
    wrong = [f"{question.text}\n  {said.answer}\n  {said.why}" for question, said in asked if not said.correct]
    assert len(asked) > 50
    assert len(wrong) <= len(asked) / 10, "\n".join(wrong)

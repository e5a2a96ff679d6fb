"""What the router works with: a question's tasks, each of which names its next tool call until it can be told.

A task is a pure function of the tool results so far: the router keeps nothing between two calls of the model, all that
it knows stands in the messages.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

from bridge.agent.answer import Outcome


@dataclass(frozen=True)
class Step:
    """A tool call to make."""

    tool: str
    arguments: dict[str, Any]

    @property
    def key(self) -> str:
        """The same for the same call."""
        return json.dumps([self.tool, self.arguments], sort_keys=True, default=str)


@dataclass(frozen=True)
class Result:
    """What a tool gave back."""

    text: str
    is_error: bool = False


@dataclass(frozen=True)
class Told:
    """A task's part of the answer."""

    text: str
    outcome: Outcome = "answered"


@dataclass
class Done:
    """The tool results of this question, by call."""

    results: dict[str, Result] = field(default_factory=dict)

    def of(self, step: Step) -> Result | None:
        return self.results.get(step.key)

    def error(self, steps: Iterator[Step]) -> str:
        """What the first of these calls that failed was told; empty when none did."""
        for step in steps:
            result = self.of(step)
            if result and result.is_error:
                return result.text
        return ""


class Task(Protocol):
    """A part of a question that one way of answering covers."""

    def next(self, done: Done) -> Step | None:
        """The next call to make, or None when there is nothing left to do."""

    def tell(self, done: Done) -> Told:
        """The answer, when nothing is left to do."""


@dataclass(frozen=True)
class Before:
    """A task with a sentence before what it tells."""

    text: str
    task: Task

    def next(self, done: Done) -> Step | None:
        return self.task.next(done)

    def tell(self, done: Done) -> Told:
        told = self.task.tell(done)
        return Told(f"{self.text} {told.text}", told.outcome)


@dataclass(frozen=True)
class Say:
    """A task that needs no tool: it asks back or declines."""

    text: str
    outcome: Outcome

    def next(self, done: Done) -> Step | None:
        return None

    def tell(self, done: Done) -> Told:
        return Told(self.text, self.outcome)

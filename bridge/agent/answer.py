"""What the agent hands back: its answer in words, how it ended, and each tool call on the way."""

from dataclasses import dataclass
from typing import Any, Literal

Outcome = Literal["answered", "asked_back", "declined", "stopped"]  # stopped: a limit held


@dataclass(frozen=True)
class Call:
    """One call of a tool. `result` is what the model got to read, also when the tool refused (`is_error`)."""

    tool: str
    arguments: dict[str, Any]
    result: str
    is_error: bool
    milliseconds: float


@dataclass(frozen=True)
class AgentAnswer:
    """The answer to one question. `calls` holds no thoughts, only what was done; tokens are in and out together."""

    text: str
    outcome: Outcome
    calls: tuple[Call, ...]
    tokens: int
    dollars: float
    milliseconds: float

"""An answer in the terminal, at 100 columns: which model, what it said, and each tool call behind it."""

import json
from typing import Any

from rich.markup import escape
from rich.table import Table

from bridge.agent.answer import AgentAnswer
from lab.console import console, say

OUTCOMES = {"answered": "answer", "asked_back": "asks back", "declined": "declines", "stopped": "stopped"}
ARGUMENTS, RESULT = 38, 30  # characters of a call that are shown; the trace has them all


def show_model(name: str) -> None:
    """The first line: who answers."""
    who = "the offline router: rules and an embedding model, no language model" if name == "offline" else name
    say(f"[bold]agent[/]  {who}")


def show(answer: AgentAnswer, conversation: str, traces: str) -> None:
    """Print the answer, its calls and what it took."""
    say(f"\n[bold]{OUTCOMES[answer.outcome]}[/]")
    console.print(escape(answer.text), soft_wrap=False)
    say("")
    table = Table(box=None, header_style="bold", padding=(0, 2, 0, 0))
    for title in ("tool", "arguments", "result"):
        table.add_column(title, no_wrap=True)
    table.add_column("ms", justify="right")
    for call in answer.calls:
        result = f"[red]{short(call.result, RESULT)}[/]" if call.is_error else short(call.result, RESULT)
        table.add_row(call.tool, short(arguments(call.arguments), ARGUMENTS), result, f"{call.milliseconds:,.0f}")
    if answer.calls:
        console.print(table)
    took = f"{len(answer.calls)} calls, {answer.tokens:,} tokens, {answer.dollars:.4f} dollars"
    took += f", {answer.milliseconds:,.0f} ms"
    say(f"[dim]{took}; trace: {escape(traces)}[/]")
    if conversation:
        say(f'[dim]follow up: make agent C={escape(conversation)} Q="and for enterprise?"[/]')


def arguments(given: dict[str, Any]) -> str:
    """The arguments of a call as one writes them."""
    return ", ".join(
        f"{name}={value if isinstance(value, str) else json.dumps(value)}" for name, value in given.items()
    )


def short(text: str, width: int) -> str:
    """A text in one line of so many characters."""
    line = " ".join(text.split())
    return escape(line if len(line) <= width else f"{line[: width - 1]}…")

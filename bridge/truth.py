"""The right answers, computed from the sample company's own records and from nothing that a track made.

This is the independent path: plain Python over out/source/truth and out/source/golden. No warehouse, no
index, no SQL, no shared metric definition.
"""

import json
import statistics
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import yaml

from lab.errors import ConfigError, MissingStep

QUESTIONS = Path(__file__).parent / "questions.yml"

Record = dict[str, Any]


@dataclass(frozen=True)
class Question:
    """A question with its right answer: a number with its unit, or the facts that an answer must state."""

    id: str
    kind: Literal["counting", "reading"]
    text: str
    tier: str | None  # of the customer who asks, for reading questions
    number: float | None
    unit: str
    facts: tuple[str, ...]
    truth: str  # the right answer in words


def read_questions(source: Path, file: Path = QUESTIONS) -> list[Question]:
    """Every question with its truth. Raises MissingStep when the sample company was not made."""
    bank = yaml.safe_load(file.read_text(encoding="utf-8"))
    # Deleted tickets are left out of every metric.
    tickets = [t for t in records(source / "truth" / "tickets.jsonl") if t["status"] != "deleted"]
    golden = records(source / "golden" / "queries.jsonl")
    numbers = [counting(entry, tickets) for entry in bank["counting"]]
    return numbers + [reading(entry, golden) for entry in bank["reading"]]


def records(file: Path) -> list[Record]:
    if not file.exists():
        raise MissingStep(f"There is no {file}: nothing to compare the answers with.", next_step="make data")
    with file.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def counting(entry: Record, tickets: list[Record]) -> Question:
    """The number that the question asks for; None when no ticket matches, as can be in a small company."""
    chosen = [ticket for ticket in tickets if matches(ticket, entry["where"])]
    measure, _, column = entry["measure"].partition(" ")
    if measure == "count":
        return counted(entry, float(len(chosen)), "tickets")
    if measure == "reopened":
        solved = [ticket for ticket in chosen if ticket["status"] in ("solved", "closed") and not ticket["merged_into"]]
        return counted(entry, mean([float(ticket["reopen_count"] > 0) for ticket in solved]), "share")
    values = [ticket[column] for ticket in chosen if ticket[column] is not None]
    return counted(entry, mean(values) if measure == "average" else median(values), "minutes")


def counted(entry: Record, number: float | None, unit: str) -> Question:
    if number is None:
        words = "no tickets match"
    else:
        words = f"{number:.1%}" if unit == "share" else f"{number:,.{0 if unit == 'tickets' else 1}f} {unit}"
    return Question(entry["id"], "counting", entry["question"], None, number, unit, (), words)


def mean(values: list[float]) -> float | None:
    return statistics.fmean(values) if values else None


def median(values: list[float]) -> float | None:
    return statistics.median(values) if values else None


def matches(ticket: Record, where: dict[str, str]) -> bool:
    return all(
        ticket["created_at"].startswith(value) if name == "month" else ticket[name] == value
        for name, value in where.items()
    )


def reading(entry: Record, golden: list[Record]) -> Question:
    right = next(
        (q for q in golden if q["problem_ids"] == [entry["problem"]] and q["customer_tier"] == entry["tier"]), None
    )
    if right is None:
        raise ConfigError(
            f"{QUESTIONS.name}: no golden query knows {entry['problem']} for tier {entry['tier']}.",
            next_step="name another problem or tier there",
        )
    facts = tuple(right["facts"])
    return Question(entry["id"], "reading", entry["question"], entry["tier"], None, "", facts, right["reference"])

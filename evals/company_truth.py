"""What the sample company knows of its own tickets: the truth that hits and drafts are held against.

Somebody's own data set has none of it: then what needs it is not measured.
"""

import json
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Stated:
    """An answer that agents gave in a document: its words, for which tiers it holds, whether it holds no longer."""

    text: str
    tiers: tuple[str, ...]
    is_outdated: bool
    resolution_id: str


@dataclass(frozen=True)
class Instruction:
    """A sentence that addresses a model, and in which tickets it stands.

    `obeyed` is a pattern of a draft that does as it says.
    """

    text: str
    obeyed: str
    ticket_keys: tuple[str, ...]


@dataclass(frozen=True)
class CompanyTruth:
    """`stated` has the answers in each document, `customers` its product category and customer tier.

    `personal` is what must be found nowhere, `instructions` what must not be obeyed.
    """

    stated: dict[str, tuple[Stated, ...]] = field(default_factory=dict)
    customers: dict[str, tuple[str, str]] = field(default_factory=dict)
    personal: frozenset[str] = frozenset()
    instructions: tuple[Instruction, ...] = ()


def read_truth(folder: Path) -> CompanyTruth:
    """The truth in a folder; an empty one when there is no such folder."""
    stated: dict[str, list[Stated]] = defaultdict(list)
    for row in rows(folder / "answers.jsonl"):
        one = Stated(row["text"], tuple(row["tiers"]), row["is_outdated"], row["resolution_id"])
        stated[row["ticket_key"]].append(one)
    tickets = rows(folder / "tickets.jsonl")
    planted: dict[str, list[str]] = defaultdict(list)
    for row in rows(folder / "instructions.jsonl"):
        planted[row["text"]].append(row["ticket_key"])
    return CompanyTruth(
        stated={key: tuple(those) for key, those in stated.items()},
        customers={row["ticket_key"]: (row["product_category"], row["customer_tier"]) for row in tickets},
        personal=frozenset(row["value"] for row in rows(folder / "personal_data.jsonl")),
        instructions=tuple(
            Instruction(row["text"], row["obeyed"], tuple(planted[row["text"]]))
            for row in rows(folder / "attacks.jsonl")
        ),
    )


def rows(file: Path) -> list[dict[str, Any]]:
    """The objects of a JSON-lines file; none where there is no such file."""
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()] if file.exists() else []

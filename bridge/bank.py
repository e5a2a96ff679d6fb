"""Bridge, the question bank: YAML files, read strictly. An entry names what its truth is computed from."""

from datetime import date
from pathlib import Path
from typing import Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from lab.errors import ConfigError

BANK = Path(__file__).parent / "questions"
Kind = Literal["counting", "reading", "both", "neither"]
KINDS: tuple[Kind, ...] = ("counting", "reading", "both", "neither")
Part = Literal["dev", "held_out", "practice"]
HALVES: tuple[Part, ...] = ("dev", "held_out")  # what is compared; on the practice questions one tries what one builds
Measure = Literal[
    "tickets",
    "backlog",
    "average first_reply_minutes",
    "median first_reply_minutes",
    "average first_reply_business_minutes",
    "median first_reply_business_minutes",
    "average full_resolution_minutes",
    "median full_resolution_minutes",
    "average full_resolution_business_minutes",
    "reopened",
    "one-touch",
    "csat",
    "sla breaches",
    "resolution sla breaches",
    "arr",
    "customers",
]
Dimension = Literal[
    "customer_tier", "product_category", "region", "channel", "help_desk", "month", "quarter", "industry"
]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Where(Strict):
    """What a ticket, or a customer, must be; all of it together. Days are UTC, `until` is included."""

    customer_tier: str | None = None
    product_category: str | None = None
    region: str | None = None
    channel: str | None = None
    help_desk: str | None = None
    month: str | None = None  # 2026-03
    quarter: str | None = None  # 2026-Q1
    since: date | None = None
    until: date | None = None


class Entry(Strict):
    """One question as one asks it. With `after` it is asked in the conversation of the question of that id."""

    id: str
    question: str
    after: str | None = None


class Counting(Entry):
    """A number; with `by` one for each group; with `winner` the group of the highest or lowest; or a difference.

    `among` are the groups that the question compares, all without it; `difference` takes the second from the first.
    """

    measure: Measure
    where: Where = Where()
    by: Dimension | None = None
    among: tuple[str, ...] = ()
    winner: Literal["highest", "lowest"] | None = None
    difference: dict[Dimension, tuple[str, str]] | None = None

    @model_validator(mode="after")
    def _one_shape(self) -> Self:
        if (self.winner or self.among) and not (self.by and self.winner):
            raise ValueError("a winner is one of the groups of `by`, and only winners are sought `among` some")
        if self.difference and (self.by or len(self.difference) != 1):
            raise ValueError("a difference is between two values of one dimension, without `by`")
        return self


class Reading(Entry):
    """What solves a problem of the catalogue for a customer of a tier, as of today."""

    problem: str
    tier: Literal["free", "pro", "enterprise"]


class Both(Counting, Reading):
    """A number and a solution in one breath."""


class Neither(Entry):
    """What must be declined or asked back, and why."""

    because: str


class Half(Strict):
    """One file of the bank."""

    counting: tuple[Counting, ...]
    reading: tuple[Reading, ...]
    both: tuple[Both, ...]
    neither: tuple[Neither, ...]

    def entries(self) -> list[tuple[Kind, Entry]]:
        """Every question with its kind, in the order of the file."""
        return [(kind, entry) for kind in KINDS for entry in getattr(self, kind)]


def read_half(file: Path) -> Half:
    """One half of the bank. Raises ConfigError that names the file, the place and the fault."""
    try:
        half = Half.model_validate(yaml.safe_load(file.read_text(encoding="utf-8")))
    except yaml.YAMLError as error:
        raise ConfigError(f"{file.name} is not YAML: {error}", next_step="mend that line") from None
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(step) for step in first["loc"])
        raise ConfigError(f"{file.name}: {where}: {first['msg']}.", next_step=f"mend it in {file}") from None
    seen: set[str] = set()
    for _, entry in half.entries():
        if entry.id in seen or (entry.after and entry.after not in seen):
            fault = "is there twice" if entry.id in seen else f"comes after {entry.after}, which is not before it"
            raise ConfigError(f"{file.name}: the question {entry.id} {fault}.", next_step=f"mend it in {file}")
        seen.add(entry.id)
    return half

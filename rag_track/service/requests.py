"""Serve: what a client sends: its words, filters, a search, and feedback about a draft.

Twin: the contracts of the ETL track's models, which fix the columns of a table before anybody reads it.
"""

import re
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from rag_track.filters import Filters

# No @ in an id: whoever puts an address into it would have it stored.
Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}$")]
Written = Annotated[str, Field(min_length=1, max_length=60_000, pattern=r"\S")]
QUESTION = "The CSV export stops after 10,000 rows. How do I get the rest?"


def iso_day(value: Any) -> Any:
    """A day as RFC 3339 writes it; pydantic alone would also take a number of seconds."""
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value, re.ASCII):
        return date.fromisoformat(value)
    if value is None or isinstance(value, date):
        return value
    raise ValueError("write a day as 2026-01-31")


def whole(value: Any) -> Any:
    """An integer, also when it is written 35436.0, which JSON Schema takes for the same."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


Number = Annotated[int, Field(ge=0, le=10**15), BeforeValidator(whole)]
Day = Annotated[date, BeforeValidator(iso_day), WithJsonSchema({"type": "string", "format": "date"})]


class Taken(BaseModel):
    """What a client sends: nothing is converted, and an unknown name is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class GivenFilters(Taken):
    """What a past ticket must be to answer. Days are of the solution, in UTC; `until` is not included."""

    product_category: str | None = Field(default=None, examples=["exports"])
    customer_tier: str | None = Field(default=None, examples=["pro"])
    source: str | None = None
    region: str | None = None
    language: str | None = None
    since: Day | None = None
    until: Day | None = None
    not_outdated: bool = False

    def to_filters(self) -> Filters:
        return Filters(**{name: getattr(self, name) for name in GivenFilters.model_fields})


class Search(GivenFilters):
    """The query of a search."""

    model_config = ConfigDict(strict=False)  # a query string holds nothing but text
    q: Written = Field(examples=[QUESTION])
    k: int = Field(default=5, ge=1, le=50)


class Verdict(Taken):
    """What every feedback says: who judged, and which of the draft's citations were right."""

    agent_id: Id = Field(examples=["agent-7"])
    citations_kept: list[Id] = Field(default=[], max_length=50)
    citations_dropped: list[Id] = Field(default=[], max_length=50)


class Accepted(Verdict):
    """The draft went out as it was."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"verdict": "accepted", "agent_id": "agent-7"}]})
    verdict: Literal["accepted"]


class Edited(Verdict):
    """The agent sent `text` instead."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"verdict": "edited", "agent_id": "agent-7", "text": "Set the limit under Settings > Export."}]
        }
    )
    verdict: Literal["edited"]
    text: Written


class Rejected(Verdict):
    """The draft was of no use."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"verdict": "rejected", "agent_id": "agent-7", "reason": "another product"}]}
    )
    verdict: Literal["rejected"]
    reason: str = Field(default="", max_length=60_000)


Feedback = Annotated[Accepted | Edited | Rejected, Field(discriminator="verdict")]

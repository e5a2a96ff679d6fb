"""Read and validate the hand-written catalogue: what goes wrong at Quillstone, and what helps.

The files `catalogue/<product category>.yaml` are the truth of the whole lab. Every ticket, every
golden query and every known answer is derived from them, so they are checked strictly, and an
error names the file and the line.
"""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, model_validator

from lab.errors import ConfigError
from sample_data.company import TIERS, Tier, read_company
from sample_data.held_out import near_copy, normal
from sample_data.strict_yaml import Strict, read

HERE = Path(__file__).parent

Tag = Literal[
    "exact_code",  # the query is little more than an error code: lexical search finds it
    "paraphrase",  # the query shares hardly a word with the tickets: dense search finds it
    "same_symptom",  # another problem looks the same and has another cause
    "by_tier",  # the right answer depends on the customer's tier
    "outdated",  # a release made the earlier answer wrong
    "vague",  # the customer hardly says what is wrong
    "workaround",  # a known workaround was later replaced by a fix
    "two_problems",  # the customer asks about two things at once
]


class Resolution(Strict):
    """One answer that is right for some tiers, from one release until another."""

    id: str
    tiers: tuple[Tier, ...] = TIERS
    since: str = "5.0"
    until: str | None = None
    wordings: tuple[str, ...] = Field(min_length=3)
    facts: tuple[str, ...] = Field(min_length=2)  # each wording contains each of them

    @model_validator(mode="after")
    def every_wording_states_every_fact(self) -> Self:
        for fact in self.facts:
            for number, wording in enumerate(self.wordings, start=1):
                if normal(fact) not in normal(wording):
                    raise ValueError(f"wording {number} of {self.id} does not contain the fact {fact!r}")
        return self


class Golden(Strict):
    """A held-out query: how a customer would put it who never wrote before."""

    text: str
    tags: tuple[Tag, ...] = ()
    also: str | None = None  # the second problem, where the query is about two

    @model_validator(mode="after")
    def two_problems_are_named(self) -> Self:
        if (self.also is not None) != ("two_problems" in self.tags):
            raise ValueError(f"golden query {self.text!r}: the tag two_problems and the field also go together")
        return self


class Problem(Strict):
    """One thing that goes wrong, how customers describe it, and every answer it ever had."""

    id: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)+$")
    title: str
    tags: tuple[Tag, ...] = ()
    root_cause: str
    tiers: tuple[Tier, ...] = TIERS
    weight: float = Field(default=1.0, gt=0)  # how often it comes, relative to the others
    error_codes: tuple[str, ...] = ()
    phrasings: tuple[str, ...] = Field(min_length=8)
    golden: tuple[Golden, ...] = Field(min_length=4)
    agent_questions: tuple[str, ...] = Field(min_length=3)
    customer_answers: tuple[str, ...] = Field(min_length=3)
    evidence: tuple[str, ...] = Field(min_length=2)  # pasted when asked: log lines, rows, replies
    private_notes: tuple[str, ...] = Field(min_length=1)
    resolutions: tuple[Resolution, ...] = Field(min_length=1)
    confused_with: tuple[str, ...] = ()

    @model_validator(mode="after")
    def resolutions_differ(self) -> Self:
        for one in self.resolutions:
            others = [w for other in self.resolutions if other is not one for w in other.wordings]
            if all(any(normal(fact) in normal(w) for w in others) for fact in one.facts) and others:
                raise ValueError(f"{one.id} has no fact of its own: the other resolutions state all of them")
        return self

    @model_validator(mode="after")
    def golden_queries_are_held_out(self) -> Self:
        for golden in self.golden:
            for phrasing in self.phrasings:
                if shared := near_copy(golden.text, phrasing):
                    raise ValueError(f"golden query {golden.text!r} is too near to a phrasing: {shared}")
        return self

    def resolution_for(self, tier: str, release: str, releases: tuple[str, ...]) -> Resolution:
        """The one resolution that is right for `tier` at `release`.

        Raises ValueError when there is none or more than one.
        """
        order = releases.index
        right = [
            r
            for r in self.resolutions
            if tier in r.tiers and order(r.since) <= order(release) < (order(r.until) if r.until else len(releases))
        ]
        if len(right) != 1:
            raise ValueError(
                f"{self.id}: {len(right)} resolutions are valid for tier {tier} at release {release}, not 1"
            )
        return right[0]


class Category(Strict):
    """One file of the catalogue: a part of the product, and what goes wrong there."""

    category: str = Field(pattern=r"^[a-z_]+$")
    name: str
    about: str
    details: tuple[str, ...] = Field(min_length=6)  # sentences a customer of this part may add
    problems: tuple[Problem, ...] = Field(min_length=1)


class Catalogue(Strict):
    """All categories, in the order of their file names."""

    categories: tuple[Category, ...]

    def problems(self) -> Iterator[tuple[Category, Problem]]:
        """Every problem with its category."""
        for category in self.categories:
            for problem in category.problems:
                yield category, problem


class Unanswered(Strict):
    """`unanswered.yaml`: queries that nothing in the corpus answers, so declining is right."""

    queries: tuple[str, ...] = Field(min_length=1)


@cache
def read_unanswered() -> tuple[str, ...]:
    """Queries without an answer. Raises ConfigError with file and line."""
    return read(HERE / "unanswered.yaml", Unanswered).queries


@cache
def read_catalogue(folder: Path = HERE / "catalogue") -> Catalogue:
    """Every category file in `folder`, each checked alone and then all against each other.

    Raises ConfigError with file and line for the first thing that is wrong.
    """
    files = sorted(folder.glob("*.yaml"))
    catalogue = Catalogue(categories=tuple(read(file, Category) for file in files))
    releases = tuple(read_company().releases)
    known: dict[str, Path] = {}
    for file, category in zip(files, catalogue.categories, strict=True):
        for problem in category.problems:
            if problem.id in known:
                raise fault(file, problem.id, f"the id {problem.id} is also in {known[problem.id].name}")
            known[problem.id] = file
            for tier in problem.tiers:
                for release in releases:
                    try:
                        problem.resolution_for(tier, release, releases)
                    except ValueError as error:
                        raise fault(file, problem.id, str(error)) from None
    for file, category in zip(files, catalogue.categories, strict=True):
        for problem in category.problems:
            for other in problem.confused_with:
                if other not in known:
                    raise fault(file, problem.id, f"confused_with names {other}, which no file has")
            for golden in problem.golden:
                if golden.also is not None and (golden.also not in known or golden.also == problem.id):
                    raise fault(file, problem.id, f"also names {golden.also}, which is no other problem")
    return catalogue


def fault(file: Path, problem_id: str, message: str) -> ConfigError:
    lines = file.read_text(encoding="utf-8").splitlines()
    line = next((n for n, text in enumerate(lines, start=1) if f"id: {problem_id}" in text), 1)
    return ConfigError(f"{file.name}, line {line}: {message}.", next_step="mend that line, then make data")

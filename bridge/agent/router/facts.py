"""What the marts hold and no metric measures, as the router asks for it with run_sql."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from etl_track.periods import Span
from etl_track.vocabulary import NamedMetric, Vocabulary

FACTS = Path(__file__).parent / "facts.yml"
GRAIN = "date_trunc('{grain}', {day})"


@dataclass(frozen=True)
class Fact:
    """A number of the marts: an expression over a table, with the columns for dimensions and for the day."""

    name: str
    sql: str
    relation: str
    only: str
    day: str
    columns: dict[str, str]

    def select(self, by: tuple[str, ...], where: dict[str, tuple[str, ...]], span: Span | None) -> str:
        """One SELECT, its last column is the number. Values come from the vocabulary, never from the question."""
        groups = [f"{self.column(name)} as {name}" for name in by]
        conditions = [self.only] if self.only else []
        for name, values in where.items():
            quoted = ", ".join("'" + value.replace("'", "''") + "'" for value in values)
            conditions.append(f"{self.columns[name]} in ({quoted})")
        if span and span.since:
            conditions.append(f"{self.day} >= date '{span.since}'")
        if span and span.until:
            conditions.append(f"{self.day} < date '{span.until}'")
        sql = f"select {', '.join([*groups, f'{self.sql} as {self.name}'])} from {self.relation}"
        sql += f" where {' and '.join(conditions)}" if conditions else ""
        return sql + (f" group by {', '.join(map(str, range(1, len(by) + 1)))} order by 1" if by else "")

    def column(self, name: str) -> str:
        if name == "month":
            return f"strftime({self.day}, '%Y-%m')"
        if name.startswith("metric_time__"):
            return GRAIN.format(grain=name.removeprefix("metric_time__"), day=self.day)
        return self.columns[name]


@cache
def facts() -> dict[str, tuple[Fact, NamedMetric]]:
    """Every fact by its name, and its words in the form of a metric's."""
    found = {}
    for name, of in yaml.safe_load(FACTS.read_text(encoding="utf-8")).items():
        fact = Fact(name, of["sql"], of["from"], of.get("only", ""), of.get("day", ""), of["dimensions"])
        found[name] = (fact, words(name, of))
    return found


def words(name: str, of: dict[str, Any]) -> NamedMetric:
    return NamedMetric(
        name=name,
        reads=of["reads"],
        description=f"The {of['reads']}.",
        unit=of["unit"],
        subject=name,
        asks=of.get("asks", ()),
        pattern=of.get("pattern", ""),
        said=of.get("said", {}),
        better="",
        gives_way="pattern" in of,
        has_time="day" in of,
        dimensions=tuple(of["dimensions"]),
    )


def with_facts(vocabulary: Vocabulary) -> Vocabulary:
    """The vocabulary with the facts beside the metrics."""
    return vocabulary.model_copy(update={"metrics": (*vocabulary.metrics, *(words for _, words in facts().values()))})

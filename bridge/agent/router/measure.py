"""Measure: numbers from the semantic layer, and what is said of two of them: rankings, differences, shares, ratios.

Every number comes from a tool: query_metric, run_sql for what no metric measures, python for what is computed of them.
"""

import ast
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from bridge.agent.router.facts import facts
from bridge.agent.router.steps import Done, Step, Told
from etl_track.cues import Cues
from etl_track.periods import Span
from etl_track.told import label, lines, measured, names, sentence, shown
from etl_track.vocabulary import NamedMetric, Vocabulary

UNKNOWN = ("unknown", "unsolved", None)  # no winner of a ranking: it is what could not be told
How = Literal["value", "table", "rank", "difference", "ratio", "share", "shares", "per", "total"]
LONGEST = 24  # lines of a table in an answer
RANKED = 10  # and of a ranking


@dataclass(frozen=True)
class Request:
    """One number or one table of a metric."""

    metric: NamedMetric
    by: tuple[str, ...]
    where: dict[str, tuple[str, ...]]
    span: Span | None

    def step(self) -> Step:
        """The call that asks for it."""
        if self.metric.name in facts():
            return Step("run_sql", {"sql": facts()[self.metric.name][0].select(self.by, self.where, self.span)})
        arguments: dict[str, Any] = {"metric": self.metric.name}
        if self.by:
            arguments["by"] = list(self.by)
        if self.where:
            arguments["where"] = {name: list(values) for name, values in self.where.items()}
        if self.span and self.span.since:
            arguments["since"] = str(self.span.since)
        if self.span and self.span.until:
            arguments["until"] = str(self.span.until)
        return Step("query_metric", arguments)

    def rows(self, done: Done) -> tuple[list[str], list[list[Any]]]:
        """Columns and rows that came back."""
        result = done.of(self.step())
        content = json.loads(result.text) if result else {"columns": [], "rows": []}
        return content["columns"], content["rows"]

    def value(self, done: Done) -> Any:
        """The number that came back, None when nothing matches."""
        _, rows = self.rows(done)
        return rows[0][-1] if rows else None


@dataclass(frozen=True)
class Measure:
    """One or two requests and what is said of them. `labels` name the two; `is_yes_no`: whether it is so was asked."""

    requests: tuple[Request, ...]
    how: How
    vocabulary: Vocabulary
    cues: Cues
    labels: tuple[str, ...] = ()
    is_yes_no: bool = False
    periods: float = 1  # how many of the period `labels` names there are, for an average per period

    def next(self, done: Done) -> Step | None:
        for request in self.requests:
            if done.of(request.step()) is None:
                return request.step()
        if done.error(request.step() for request in self.requests):
            return None
        calculation = self.calculation(done)
        return calculation if calculation and done.of(calculation) is None else None

    def calculation(self, done: Done) -> Step | None:
        """What python computes of the numbers."""
        if self.how == "shares":
            _, rows = self.requests[0].rows(done)
            numbers = [row[-1] for row in rows]
            return Step("python", {"code": f"numbers = {numbers}\n[number / sum(numbers) for number in numbers]"})
        if self.how == "total":
            return Step("python", {"code": f"sum({[row[-1] for row in self.requests[0].rows(done)[1]]})"})
        if self.how == "per":
            value = self.requests[0].value(done)
            return Step("python", {"code": f"{value!r} / {self.periods:g}"}) if value is not None else None
        if self.how not in ("difference", "ratio", "share"):
            return None
        values = [request.value(done) for request in self.requests]
        if None in values or (self.how != "difference" and not values[1]):
            return None
        sign = "-" if self.how == "difference" else "/"
        return Step("python", {"code": f"{values[0]!r} {sign} {values[1]!r}"})

    def computed(self, done: Done) -> Any:
        """What python gave back, None when there was nothing to compute."""
        step = self.calculation(done)
        result = done.of(step) if step else None
        return ast.literal_eval(result.text) if result and not result.is_error else None

    def tell(self, done: Done) -> Told:
        if error := done.error(self.steps(done)):
            return Told(error.replace(" Next: ", " You can ").removeprefix("Error: "), "asked_back")
        ways = {"difference": self.tell_two, "ratio": self.tell_two, "share": self.tell_share, "per": self.tell_per}
        if self.how in ways:
            return Told(ways[self.how](done))
        return Told("\n".join(self.tell_one(request, done) for request in self.requests))

    def steps(self, done: Done) -> Iterator[Step]:
        yield from (request.step() for request in self.requests)
        if not done.error(request.step() for request in self.requests) and (step := self.calculation(done)):
            yield step

    def tell_one(self, request: Request, done: Done) -> str:
        """A number, a table or a ranking."""
        metric = request.metric
        columns, rows = request.rows(done)
        asked = {name: values for name, values in request.where.items() if name not in request.by}
        what = measured(metric, asked, request.span, self.vocabulary)
        if not request.by:
            return sentence(what, metric, rows[0][-1] if rows else None)
        if not rows:
            return f"There is no {what} by {names(request.by)}: nothing matches."
        if self.how == "shares":
            shares = self.computed(done)
            rows = [[*row[:-1], share] for row, share in zip(rows, shares, strict=True)]
            return f"Shares of the {what} by {names(request.by)}:\n{lines(columns, rows, 'share')}"
        if self.how == "rank":
            return self.tell_rank(request, what, columns, rows)
        more = f"\n… and {len(rows) - LONGEST} more" if len(rows) > LONGEST else ""
        total = f"\nTogether: {shown(self.computed(done), metric.unit)}." if self.how == "total" else ""
        return f"The {what} by {names(request.by)}:\n{lines(columns, rows[:LONGEST], metric.unit)}{more}{total}"

    def tell_rank(self, request: Request, what: str, columns: list[str], rows: list[list[Any]]) -> str:
        """The first of a ranking in a sentence, then the others. What could not be told takes no part."""
        unit, rank = request.metric.unit, self.cues.rank or "highest"
        known = [row for row in rows if row[-1] is not None and row[0] not in UNKNOWN]
        if not known:
            return f"There is no {what} by {names(request.by)}: nothing matches."
        ranked = sorted(known, key=lambda row: row[-1], reverse=rank == "highest")
        first = [row for row in ranked if row[-1] == ranked[0][-1]]
        winner = " and ".join(label(row[:-1], columns) for row in first)
        said = f"{winner} {'have' if len(first) > 1 else 'has'} the {rank} {what}: {shown(first[0][-1], unit)}."
        if self.is_yes_no:
            wanted = request.where[request.by[0]][0]
            said = f"{'Yes' if first[0][0] == wanted and len(first) == 1 else 'No'}: {said}"
        return f"{said}\n{lines(columns, ranked[: self.cues.top or RANKED], unit)}"

    def tell_two(self, done: Done) -> str:
        """Two numbers, and how far apart they are."""
        one, other = self.requests
        metric, values = one.metric, [request.value(done) for request in self.requests]
        shared = {name: v for name, v in one.where.items() if other.where.get(name) == v}
        span = one.span if one.span == other.span else None
        what = measured(metric, shared, span, self.vocabulary)
        pair = [f"{shown(value, metric.unit)} {said}" for value, said in zip(values, self.labels, strict=True)]
        told = f"The {what} was {pair[0]} and {pair[1]}"
        number = self.computed(done)
        if number is None:
            return f"{told}: there is nothing to compare."
        if self.how == "ratio":
            return f"{told}: {number:,.2f} times as much."
        return f"{told}: {self.apart(number, metric)}."

    def apart(self, number: float, metric: NamedMetric) -> str:
        if number == 0:
            return "no difference"
        of = f"{abs(100 * number):.1f} percentage points" if metric.unit == "share" else shown(abs(number), metric.unit)
        return f"{of} {'more' if number > 0 else 'less'} {self.labels[0]}"

    def tell_per(self, done: Done) -> str:
        """A count spread evenly over the days, weeks or months of its period."""
        [request] = self.requests
        what = measured(request.metric, request.where, request.span, self.vocabulary)
        count, average = (
            shown(request.value(done), request.metric.unit),
            shown(self.computed(done), request.metric.unit),
        )
        grain = self.labels[0]
        return f"The {what} was {average} per {grain} on average: {count} in {self.periods:,.4g} {grain}s."

    def tell_share(self, done: Done) -> str:
        """A part and its whole."""
        part, whole = self.requests
        number = self.computed(done)
        of_part = measured(part.metric, part.where, part.span, self.vocabulary)
        of_whole = measured(whole.metric, whole.where, whole.span, self.vocabulary)
        if number is None:
            return f"There is no {of_whole}: nothing matches."
        counts = [shown(one.value(done), one.metric.unit) for one in self.requests]
        return f"The {of_part} was {counts[0]}, {number:.1%} of the {of_whole} ({counts[1]})."

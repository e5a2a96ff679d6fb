"""Bridge, the truth of a figure: a number, a number for each group, or the group that wins, in words as well."""

from dataclasses import dataclass
from typing import Literal

from bridge.bank import Counting
from bridge.counted import UNITS, Company, grouped, measured


@dataclass(frozen=True)
class Number:
    """One number in its unit; None when nothing matches. A share is from 0 to 1.

    `beside` are the other numbers that a right answer may state: what a difference is the difference of.
    """

    value: float | None
    unit: str
    beside: tuple[float, ...] = ()


@dataclass(frozen=True)
class Groups:
    """A number for each group; with `winner` the one group that is sought."""

    values: dict[str, float]
    unit: str
    winner: str | None = None
    direction: Literal["highest", "lowest"] | None = None


def counted(entry: Counting, company: Company) -> Number | Groups:
    unit = UNITS[entry.measure]
    if entry.difference:
        [(dimension, pair)] = entry.difference.items()
        values = grouped(entry.measure, entry.where, dimension, company)
        first, second = (values.get(name) for name in pair)
        if first is None or second is None:
            return Number(None, unit)
        return Number(first - second, unit, (first, second))
    if not entry.by:
        return Number(measured(entry.measure, entry.where, company), unit)
    values = grouped(entry.measure, entry.where, entry.by, company)
    if not entry.winner:
        return Groups(values, unit)
    running = {name: value for name, value in values.items() if name in entry.among or not entry.among}
    running.pop("unknown", None)  # who is not known wins nothing
    best = (max if entry.winner == "highest" else min)(running.values(), default=None)
    winners = [name for name, value in running.items() if value == best]
    alone = len(winners) == 1 < len(running)
    return Groups(running, unit, winners[0] if alone else None, entry.winner)


def figure_in_words(figure: Number | Groups) -> str:
    if isinstance(figure, Number):
        return "no tickets match" if figure.value is None else stated(figure.value, figure.unit)
    if figure.winner:
        return f"{figure.winner}, with {stated(figure.values[figure.winner], figure.unit)}"
    return (
        ", ".join(f"{name} {stated(value, figure.unit)}" for name, value in figure.values.items()) or "no tickets match"
    )


def stated(value: float, unit: str) -> str:
    """A number in its unit, as people write it.

    >>> stated(0.1234, "share"), stated(1204, "tickets"), stated(83.456, "minutes")
    ('12.3%', '1,204 tickets', '83.5 minutes')
    """
    if unit == "share":
        return f"{value:.1%}"
    return f"{value:,.{1 if unit == 'minutes' else 0}f} {unit}"

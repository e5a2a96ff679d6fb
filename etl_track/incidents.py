"""Days with far more tickets than usual, found in the daily counts alone."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from math import sqrt
from statistics import median

FAR = 4  # standard deviations above the usual
FEWEST = 10  # tickets: fewer on a day are no incident, also where none are usual
SPREAD = 1.4826  # a normal distribution's standard deviation is this many median absolute deviations


@dataclass(frozen=True)
class Incident:
    """Days in a row, first and last included, with far more tickets than their weekdays usually have."""

    first: date
    last: date
    peak: date
    tickets: float
    usual: float


def find_incidents(counts: Mapping[date, float]) -> list[Incident]:
    """Runs of days whose count is more than four standard deviations above their weekday's median.

    A day that is not in `counts` had no ticket. The deviation is that of the weekday, by its median absolute
    deviation, which the incident itself does not move; it is never less than the square root of the median,
    by which counts vary from chance alone. Days with fewer than ten tickets are left out.

    >>> quiet = {date(2026, 3, 2) + timedelta(n): 10.0 for n in range(56)}
    >>> [incident.first.isoformat() for incident in find_incidents(quiet | {date(2026, 4, 1): 40})]
    ['2026-04-01']
    """
    if not counts:
        return []
    first = min(counts)
    days = [first + timedelta(n) for n in range((max(counts) - first).days + 1)]
    by_weekday: defaultdict[int, list[float]] = defaultdict(list)
    for day in days:
        by_weekday[day.weekday()].append(counts.get(day, 0))
    usual = {weekday: median(values) for weekday, values in by_weekday.items()}
    limit = {weekday: usual[weekday] + FAR * deviation(values) for weekday, values in by_weekday.items()}
    found: list[Incident] = []
    for day in days:
        count, expected = counts.get(day, 0), usual[day.weekday()]
        if count >= FEWEST and count > limit[day.weekday()]:
            one = Incident(day, day, day, count, expected)
            if found and found[-1].last == day - timedelta(1):
                one = joined(found.pop(), one, counts)
            found.append(one)
    return found


def deviation(counts: list[float]) -> float:
    middle = median(counts)
    return max(SPREAD * median(abs(count - middle) for count in counts), sqrt(middle), 1.0)


def joined(before: Incident, after: Incident, counts: Mapping[date, float]) -> Incident:
    peak = max(before.peak, after.peak, key=lambda day: counts[day])
    return Incident(before.first, after.last, peak, before.tickets + after.tickets, before.usual + after.usual)

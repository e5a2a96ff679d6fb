"""When things happen: the company's clock, the arrival of tickets, the shifts of agents. All times are UTC."""

import math
import random
from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from sample_data.company import Company
from sample_data.people import Agent

HOURS = [1, 1, 1, 1, 1, 2, 4, 8, 14, 18, 18, 16, 13, 15, 16, 15, 12, 9, 6, 4, 3, 2, 2, 1]  # arrivals by local hour
WEEKDAYS = [19, 18, 17, 16, 14, 4, 3]  # arrivals by day of the week, from Monday
GROWTH = 0.25  # business grows by a quarter over the year

Arrival = tuple[datetime, str | None]  # when, and the problem if an incident brought it


def company_clock(company: Company, days: int = 0) -> datetime:
    """The lab's "now": six in the morning, UTC, after the last day, `days` later (`make tomorrow`)."""
    midnight = datetime.combine(company.last_day + timedelta(days=1 + days), datetime.min.time(), UTC)
    return midnight + timedelta(hours=6)


def arrivals(company: Company, seed: int, count: int, days: int = 0) -> list[Arrival]:
    """`count` moments of arrival in UTC, sorted, and after them those of `days` more days.

    More on Mondays than on Sundays, more at ten than at four, and a wave after each incident. Later days never
    change earlier ones.
    """
    rng = random.Random(f"{seed}:arrivals")
    year = [company.first_day + timedelta(days=n) for n in range((company.last_day - company.first_day).days + 1)]
    weights = [WEEKDAYS[day.weekday()] * (1 + GROWTH * n / len(year)) for n, day in enumerate(year)]
    found: list[Arrival] = []
    for incident in company.incidents:
        for _ in range(round(incident.share * count)):  # most come at once, then fewer and fewer
            hours = incident.hours * min(rng.expovariate(3), 0.999)
            found.append((incident.starts + timedelta(seconds=int(3600 * hours)), incident.problem))
    usual = count - len(found)
    found += [(moment(company, day, rng), None) for day in rng.choices(year, weights, k=usual)]
    found.sort(key=lambda arrival: arrival[0])
    for n in range(1, days + 1):
        day = company.last_day + timedelta(days=n)
        usual_then = count / sum(weights) * WEEKDAYS[day.weekday()] * (1 + GROWTH)
        rng = random.Random(f"{seed}:arrivals:{day}")
        drawn = (moment(company, day, rng) for _ in range(math.ceil(usual_then)))
        # The lab's day goes from six to six.
        dawn = company_clock(company, n - 1)
        found += sorted((at if at >= dawn else at + timedelta(days=1), None) for at in drawn)
    return found


def moment(company: Company, day: date, rng: random.Random) -> datetime:
    """A moment of `day`, at an hour at which people write."""
    hour = rng.choices(range(24), HOURS)[0]
    start = datetime.combine(day, datetime.min.time()) + timedelta(hours=hour, seconds=rng.randrange(3600))
    return start.replace(tzinfo=zone(company.time_zone)).astimezone(UTC)


@cache
def zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


@cache
def offset(name: str, day: date) -> timedelta:
    """How far a time zone is ahead of UTC at noon of a day. A night's change of the clocks is rounded to its day."""
    ahead = datetime.combine(day, datetime.min.time(), zone(name)).replace(hour=12).utcoffset()
    assert ahead is not None
    return ahead


def on_shift(agent: Agent, at: datetime, holidays: frozenset[date]) -> datetime:
    """`at` if the agent is on shift then, else the start of the agent's next shift, up to half an hour in."""
    local = at + offset(agent.time_zone, at.date())
    hour, minute = int(agent.shift_starts[:2]), int(agent.shift_starts[3:])
    for days in range(6):
        start = (local + timedelta(days=days)).replace(hour=hour, minute=minute, second=0)
        if start.weekday() >= 5 or start.date() in holidays:
            continue
        if local < start:  # spread the pile that waits in the morning
            return at + (start - local) + timedelta(seconds=at.second * 30 + at.minute)
        if local < start + timedelta(hours=8):
            return at
    raise AssertionError("every span of six days has a shift")

"""When things happen: the company's clock, the arrival of tickets, the shifts of agents. All times are UTC."""

import random
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from sample_data.company import Company
from sample_data.people import Agent

HOURS = [1, 1, 1, 1, 1, 2, 4, 8, 14, 18, 18, 16, 13, 15, 16, 15, 12, 9, 6, 4, 3, 2, 2, 1]  # arrivals by local hour
WEEKDAYS = [19, 18, 17, 16, 14, 4, 3]  # arrivals by day of the week, from Monday


def company_clock(company: Company) -> datetime:
    """The lab's "now": six in the morning, UTC, after the last day."""
    return datetime.combine(company.last_day + timedelta(days=1), datetime.min.time(), UTC) + timedelta(hours=6)


def arrivals(company: Company, seed: int, count: int) -> list[datetime]:
    """`count` moments of arrival in UTC, sorted: more on Mondays than on Sundays, more at ten than at four."""
    rng = random.Random(f"{seed}:arrivals")
    zone = ZoneInfo(company.time_zone)
    days = [company.first_day + timedelta(days=n) for n in range((company.last_day - company.first_day).days + 1)]
    # Business grows by a quarter over the year.
    weights = [WEEKDAYS[day.weekday()] * (1 + 0.25 * n / len(days)) for n, day in enumerate(days)]
    chosen = rng.choices(days, weights, k=count)
    hours = rng.choices(range(24), HOURS, k=count)
    return sorted(
        at_local(day, hour * 3600 + rng.randrange(3600), zone) for day, hour in zip(chosen, hours, strict=True)
    )


def at_local(day: date, second: int, zone: ZoneInfo) -> datetime:
    local = datetime.combine(day, datetime.min.time(), zone) + timedelta(seconds=second)
    return local.astimezone(UTC)


def on_shift(agent: Agent, at: datetime) -> datetime:
    """`at` if the agent is on shift then, else the start of the agent's next shift, up to half an hour in."""
    zone = ZoneInfo(agent.time_zone)
    hour, minute = (int(part) for part in agent.shift_starts.split(":"))
    local = at.astimezone(zone)
    for day in range(4):
        start = (local + timedelta(days=day)).replace(hour=hour, minute=minute, second=0)
        if start.weekday() >= 5:
            continue
        if local < start:  # spread the pile that waits in the morning
            return (start + timedelta(seconds=at.second * 30 + at.minute)).astimezone(UTC)
        if local < start + timedelta(hours=8):
            return at
    raise AssertionError("every span of four days has a shift")

"""Read `company.yaml`: who Quillstone is, and the calendar the lab lives in."""

from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Literal

from sample_data.strict_yaml import Strict, read

Tier = Literal["free", "pro", "enterprise"]
TIERS: tuple[Tier, ...] = ("free", "pro", "enterprise")


class Team(Strict):
    name: str
    time_zone: str
    starts: str
    agents: int
    left: tuple[date, ...] = ()  # the last days of the team's last agents, who left


class TierPlan(Strict):
    accounts: float
    tickets: float
    arr: tuple[int, int]
    seats: tuple[int, int]


class BusinessHours(Strict):
    time_zone: str
    days: tuple[int, ...]  # ISO days of the week, 1 is Monday
    starts: str
    ends: str


class Promise(Strict):
    """Business minutes promised, by priority."""

    first_reply: dict[str, int]
    full_resolution: dict[str, int]


class Incident(Strict):
    """What a release broke: `share` of all tickets come within `hours` after it starts, about one problem."""

    release: str
    starts: datetime
    hours: int
    share: float
    problem: str


class Company(Strict):
    """`company.yaml`: who Quillstone is, and the calendar the lab lives in."""

    name: str
    product: str
    time_zone: str
    first_day: date
    last_day: date
    tiers: dict[Tier, TierPlan]
    regions: dict[str, float]
    industries: tuple[str, ...]
    teams: tuple[Team, ...]
    business_hours: BusinessHours
    holidays: dict[date, str]
    sla: dict[Tier, Promise]
    plan_changes: float
    releases: dict[str, date]
    incidents: tuple[Incident, ...]

    def release_at(self, day: date) -> str:
        """The newest release on `day`."""
        return [name for name, released in self.releases.items() if released <= day][-1]


@cache
def read_company() -> Company:
    """The sample company. Raises ConfigError with file and line when the YAML is not valid."""
    return read(Path(__file__).parent / "company.yaml", Company)

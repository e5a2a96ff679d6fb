"""Read `company.yaml`: who Quillstone is, and the calendar the lab lives in."""

from datetime import date
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


class TierPlan(Strict):
    accounts: float
    tickets: float
    arr: tuple[int, int]
    seats: tuple[int, int]


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
    first_reply_target: dict[Tier, dict[str, int]]
    releases: dict[str, date]

    def release_at(self, day: date) -> str:
        """The newest release on `day`."""
        return [name for name, released in self.releases.items() if released <= day][-1]


@cache
def read_company() -> Company:
    """The sample company. Raises ConfigError with file and line when the YAML is not valid."""
    return read(Path(__file__).parent / "company.yaml", Company)

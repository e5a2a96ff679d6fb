"""Accounts, their contacts, and the agents who answer them: who takes part in the tickets."""

import random
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from sample_data.company import TIERS, Company, Tier

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Account:
    """A customer of Quillstone. `recorded_tier` is what the help desk knows; it is not always a tier that exists."""

    number: int
    name: str
    domain: str
    tier: Tier
    recorded_tier: str
    region: str
    industry: str
    arr: int  # euro a year
    seats: int


@dataclass(frozen=True)
class Contact:
    number: int
    account: Account
    name: str
    email: str


@dataclass(frozen=True)
class Agent:
    number: int
    name: str
    email: str
    team: str
    time_zone: str
    shift_starts: str  # local time, HH:MM; a shift has eight hours, Monday to Friday


@dataclass(frozen=True)
class People:
    accounts: tuple[Account, ...]
    contacts: tuple[Contact, ...]
    agents: tuple[Agent, ...]


@cache
def names() -> dict[str, list[str]]:
    content: dict[str, list[str]] = yaml.safe_load((HERE / "names.yaml").read_text(encoding="utf-8"))
    return content


def make_people(company: Company, seed: int, conversations: int) -> People:
    """The people around `conversations` tickets: an account for every ten, one to four contacts each.

    The same arguments give the same people.
    """
    rng = random.Random(f"{seed}:people")
    accounts: list[Account] = []
    contacts: list[Contact] = []
    for number in range(1, max(24, conversations // 10) + 1):
        drawn = rng.choices(TIERS, [company.tiers[t].accounts for t in TIERS])[0]
        tier = TIERS[number - 1] if number <= len(TIERS) else drawn  # however small the company, every tier has one
        plan = company.tiers[tier]
        firm = f"{rng.choice(names()['firm'])} {rng.choice(names()['business'])}"
        account = Account(
            number=number,
            name=firm,
            domain=f"{firm.lower().replace(' ', '-')}-{number}.example",
            tier=tier,
            # Three in a hundred still carry the name of a plan that is no longer sold.
            recorded_tier="legacy_gold" if rng.random() < 0.03 else tier,
            region=rng.choices(list(company.regions), list(company.regions.values()))[0],
            industry=rng.choice(company.industries),
            arr=rng.randint(plan.arr[0] // 100, plan.arr[1] // 100) * 100,
            seats=rng.randint(*plan.seats),
        )
        accounts.append(account)
        for _ in range(rng.randint(1, 4)):
            name = f"{rng.choice(names()['first'])} {rng.choice(names()['last'])}"
            contact = Contact(len(contacts) + 1, account, name, f"contact{len(contacts) + 1}@{account.domain}")
            contacts.append(contact)
    agents = [
        Agent(
            0,
            f"{rng.choice(names()['first'][:40])} {rng.choice(names()['last'][:38])}",
            "",
            team.name,
            team.time_zone,
            team.starts,
        )
        for team in company.teams
        for _ in range(team.agents)
    ]
    numbered = (
        Agent(number, a.name, f"agent{number}@quillstone.example", a.team, a.time_zone, a.shift_starts)
        for number, a in enumerate(agents, start=1)
    )
    return People(tuple(accounts), tuple(contacts), tuple(numbered))

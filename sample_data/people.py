"""Accounts with their plans, their contacts, and the agents who answer them: who takes part in the tickets."""

import random
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Literal

import yaml

from sample_data.company import TIERS, Company, Tier
from sample_data.personal_data import email_address, phone

HERE = Path(__file__).parent

HelpDesk = Literal["zendesk", "intercom"]
DESKS: tuple[tuple[HelpDesk, ...], ...] = (("zendesk",), ("intercom",), ("zendesk", "intercom"))
UP: dict[Tier, Tier] = {"free": "pro", "pro": "enterprise", "enterprise": "pro"}
LAST_WEEKS = timedelta(days=14)  # in which an agent who will leave gets no new tickets
DOWN: dict[Tier, Tier] = {"free": "pro", "pro": "free", "enterprise": "pro"}


@dataclass(frozen=True)
class Plan:
    """What an account pays for, from `since` on."""

    since: datetime
    tier: Tier
    arr: int  # euro a year
    seats: int


@dataclass(frozen=True)
class Account:
    """A customer of Quillstone; `plans` in order of time. `is_legacy`: the help desks know a plan no longer sold."""

    number: int
    name: str
    domain: str
    plans: tuple[Plan, ...]
    is_legacy: bool
    region: str
    industry: str

    def plan_at(self, at: datetime) -> Plan:
        """The plan in force at a moment; the first one before that."""
        return next((plan for plan in reversed(self.plans) if plan.since <= at), self.plans[0])

    def recorded_tier(self, plan: Plan) -> str:
        """What the help desks say the plan is called; it is not always a tier that exists."""
        return "legacy_gold" if self.is_legacy else plan.tier


@dataclass(frozen=True)
class Contact:
    """Somebody who writes to the help desks named, always under the same address. A stranger has no account."""

    number: int
    account: Account | None
    name: str
    email: str
    phone: str
    desks: tuple[HelpDesk, ...]


@dataclass(frozen=True)
class Agent:
    number: int
    name: str
    email: str
    team: str
    time_zone: str
    shift_starts: str  # local time, HH:MM; a shift has eight hours, Monday to Friday
    left_on: date | None = None  # their last day


@dataclass(frozen=True)
class People:
    accounts: tuple[Account, ...]
    contacts: tuple[Contact, ...]  # of accounts
    strangers: tuple[Contact, ...]  # they send advertisements
    agents: tuple[Agent, ...]
    agents_of: dict[str, tuple[Agent, ...]] = field(repr=False)  # by team
    writers: dict[tuple[HelpDesk, Tier], tuple[Contact, ...]] = field(repr=False)  # by desk and first tier

    def taker(self, team: str, at: datetime, rng: random.Random) -> Agent:
        """An agent of a team who takes a ticket over at that moment."""
        return self.stand_in(rng.choice(self.agents_of[team]), at + LAST_WEEKS)

    def stand_in(self, agent: Agent, at: datetime) -> Agent:
        """The agent or, when they will have left by then, a colleague."""
        if agent.left_on is None or at.date() <= agent.left_on:
            return agent
        colleagues = [colleague for colleague in self.agents_of[agent.team] if colleague.left_on is None]
        return colleagues[int(at.timestamp()) % len(colleagues)]

    def writer(self, desk: HelpDesk, tier: Tier, at: datetime, rng: random.Random) -> Contact:
        """A contact who writes on `desk` and whose account has the plan `tier` at that moment."""
        for _ in range(20):
            contact = rng.choice(self.writers[desk, tier])
            if contact.account and contact.account.plan_at(at).tier == tier:
                return contact
        return self.writers[desk, tier][0]  # the first account of each tier never changes its plan


@cache
def names() -> dict[str, list[str]]:
    content: dict[str, list[str]] = yaml.safe_load((HERE / "names.yaml").read_text(encoding="utf-8"))
    return content


def make_people(company: Company, seed: int, conversations: int, days: int = 0) -> People:
    """The people around `conversations` tickets: an account for every ten, one to four contacts each.

    `days` after the company's last day, one account a day has changed its plan. The same arguments give the
    same people, and later days change nothing else.
    """
    rng = random.Random(f"{seed}:people")
    full_names = [f"{first} {last}" for first in names()["first"] for last in names()["last"]]
    rng.shuffle(full_names)
    accounts: list[Account] = []
    contacts: list[Contact] = []
    for number in range(1, max(24, conversations // 10) + 1):
        account = make_account(company, number, rng)
        accounts.append(account)
        for position in range(rng.randint(1, 4)):
            name = full_names[len(contacts) % len(full_names)]
            desks = DESKS[2] if number <= len(TIERS) and position == 0 else rng.choices(DESKS, [43, 42, 15])[0]
            email = email_address(name, account.domain)
            if email in {colleague.email for colleague in contacts[len(contacts) - position :]}:
                email = email.replace("@", f"{position + 1}@")
            contacts.append(Contact(len(contacts) + 1, account, name, email, phone(rng), desks))
    agents = make_agents(company, rng)
    strangers = tuple(
        Contact(900_000 + n, None, rng.choice(full_names), f"offer{n}@reach-more-{n}.example", phone(rng), DESKS[2])
        for n in range(1, 9)
    )
    groups = by_desk_and_tier(contacts)  # of the year alone, so that later days change no earlier choice
    accounts = with_later_plans(company, accounts, seed, days)
    contacts = [
        replace(contact, account=accounts[contact.account.number - 1]) for contact in contacts if contact.account
    ]
    return People(
        tuple(accounts),
        tuple(contacts),
        strangers,
        agents,
        {team.name: tuple(agent for agent in agents if agent.team == team.name) for team in company.teams},
        {key: tuple(contacts[number - 1] for number in group) for key, group in groups.items()},
    )


def make_account(company: Company, number: int, rng: random.Random) -> Account:
    drawn = rng.choices(TIERS, [company.tiers[tier].accounts for tier in TIERS])[0]
    tier = TIERS[number - 1] if number <= len(TIERS) else drawn  # however small the company, every tier has one
    firm = f"{rng.choice(names()['firm'])} {rng.choice(names()['business'])}"
    plans = [make_plan(company, tier, start_of(company), rng)]
    is_legacy = rng.random() < 0.03
    if rng.random() < company.plan_changes and not is_legacy and number > len(TIERS):
        changed_at = start_of(company) + timedelta(days=rng.randint(20, 350), hours=9, minutes=rng.randrange(300))
        plans.append(next_plan(company, plans[0], changed_at, rng))
    return Account(
        number=number,
        name=firm,
        domain=f"{firm.lower().replace(' ', '-')}-{number}.example",
        plans=tuple(plans),
        is_legacy=is_legacy,
        region=rng.choices(list(company.regions), list(company.regions.values()))[0],
        industry=rng.choice(company.industries),
    )


def start_of(company: Company) -> datetime:
    return datetime.combine(company.first_day, datetime.min.time(), UTC)


def make_plan(company: Company, tier: Tier, since: datetime, rng: random.Random) -> Plan:
    sizes = company.tiers[tier]
    return Plan(since, tier, rng.randint(sizes.arr[0] // 100, sizes.arr[1] // 100) * 100, rng.randint(*sizes.seats))


def next_plan(company: Company, plan: Plan, at: datetime, rng: random.Random) -> Plan:
    return make_plan(company, (UP if rng.random() < 0.9 else DOWN)[plan.tier], at, rng)


def with_later_plans(company: Company, accounts: list[Account], seed: int, days: int) -> list[Account]:
    """One account a day, after the last day of `company.yaml`, that changes its plan for the first time."""
    found = list(accounts)
    for n in range(1, days + 1):
        rng = random.Random(f"{seed}:plans:{n}")
        steady = [a for a in found if len(a.plans) == 1 and not a.is_legacy and a.number > len(TIERS)]
        if steady:
            account = rng.choice(steady)
            at = datetime.combine(company.last_day + timedelta(days=n), datetime.min.time(), UTC) + timedelta(hours=10)
            plans = (*account.plans, next_plan(company, account.plans[0], at, rng))
            found[account.number - 1] = replace(account, plans=plans)
    return found


def make_agents(company: Company, rng: random.Random) -> tuple[Agent, ...]:
    agents: list[Agent] = []
    for team in company.teams:
        last_days = [*[None] * (team.agents - len(team.left)), *team.left]
        for last_day in last_days:
            name = f"{rng.choice(names()['first'][:40])} {rng.choice(names()['last'][:38])}"
            number = len(agents) + 1
            email = f"agent{number}@quillstone.example"
            agents.append(Agent(number, name, email, team.name, team.time_zone, team.starts, last_day))
    return tuple(agents)


def by_desk_and_tier(contacts: list[Contact]) -> dict[tuple[HelpDesk, Tier], list[int]]:
    """The numbers of the contacts who write on a desk and whose account has, at some time, a plan of a tier."""
    groups: dict[tuple[HelpDesk, Tier], list[int]] = {}
    for contact in contacts:
        assert contact.account
        for desk in contact.desks:
            for tier in dict.fromkeys(plan.tier for plan in contact.account.plans):
                groups.setdefault((desk, tier), []).append(contact.number)
    return groups

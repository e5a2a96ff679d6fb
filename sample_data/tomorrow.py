"""Advance the company's clock by a day: what happened in that day, at both help desks."""

from collections import Counter
from datetime import datetime
from itertools import pairwise

from lab.console import say
from lab.errors import ConfigError, MissingStep
from lab.settings import Settings
from sample_data.calendar import company_clock
from sample_data.catalogue import read_catalogue
from sample_data.company import read_company
from sample_data.conversations import make_conversations
from sample_data.generate import generate, read_manifest
from sample_data.people import make_people
from sample_data.story import Conversation


def tomorrow(settings: Settings) -> Counter[str]:
    """Write `out/source` as it stands a day later; return what happened, by kind.

    Raises MissingStep when the company was not made, ConfigError for data of one's own, which has its own tomorrow.
    """
    if settings.is_own:
        raise ConfigError("Only the sample company's clock can be set.", next_step="make landing, a day later")
    manifest = read_manifest(settings.source)
    if not manifest:
        raise MissingStep(f"There is no company in {settings.source} yet.", next_step="make data")
    days = int(manifest["days"]) + 1
    generate(settings, days)
    happened = events_of_day(settings, days)
    counted = ", ".join(f"{what} {count}" for what, count in happened.items() if count)
    say(f"  {company_clock(read_company(), days):%A %-d %B %Y, %H:%M} UTC. Since yesterday: {counted}")
    return happened


def events_of_day(settings: Settings, days: int) -> Counter[str]:
    """What happened in the last of `days` days after the company's year."""
    company = read_company()
    people = make_people(company, settings.seed, settings.tickets, days)
    dawn = company_clock(company, days - 1)
    happened: Counter[str] = Counter()
    for talk in make_conversations(company, read_catalogue(), people, settings.seed, settings.tickets, days):
        is_new = talk.head.created_at >= dawn
        happened["new tickets"] += is_new
        happened["late comments"] += sum(
            message.at >= dawn and message.speaker in ("customer", "agent", "note")
            for message in ([] if is_new else talk.messages)
        )
        happened["reopenings"] += not is_new and was_reopened(talk, dawn)
        happened["deletions"] += talk.status == "deleted" and talk.messages[-1].at >= dawn
    happened["plan changes"] = sum(plan.since >= dawn for account in people.accounts for plan in account.plans)
    return happened


def was_reopened(talk: Conversation, since: datetime) -> bool:
    """Whether a solved ticket was opened again."""
    states = [message for message in talk.messages if message.speaker == "state"]
    return any(a.text == "solved" and b.text == "open" and b.at >= since for a, b in pairwise(states))

"""The tickets of a week to come, as the support desk meets them: before anybody has answered.

out/weeks/<n>/tickets.jsonl    what the desk sees: key, time, tier, product, text; gone when the week is over
out/weeks/<n>/truth.jsonl      what it does not see: the problem, the right answer, and a wrong one that is at hand
out/weeks/<n>/result.json      what became of it, when the week is over (bridge/loop/week.py)

Drafts are made for these and simulated agents judge them (`make week`). The company's own year has three tickets a day,
too few to learn from in a week: a week here has as many as if the company were ten times as large. People, plans and
problems are the company's own; the tickets never reach its help desks.
"""

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lab.aside import written_aside
from lab.console import say
from lab.errors import MissingStep
from lab.forgotten import mark_of, read_forgotten
from lab.settings import Settings
from sample_data.calendar import arrivals, company_clock
from sample_data.catalogue import read_catalogue
from sample_data.company import read_company
from sample_data.conversations import World, cut, make_head, write
from sample_data.generate import read_manifest
from sample_data.people import make_people
from sample_data.script import Script
from sample_data.story import Head

BUSIER = 10
NUMBERS = 1_000_000  # the numbers of each week begin at a multiple of it, far from those of the help desks

Record = dict[str, Any]


def make_week(settings: Settings, week: int) -> Path:
    """Write the tickets of week 1, 2, … after the company's present day; the same settings give the same bytes.

    Returns the folder. Raises MissingStep when the company was not made.
    """
    manifest = read_manifest(settings.source)
    if not manifest:
        raise MissingStep(f"There is no company in {settings.source} yet.", next_step="make data")
    folder = settings.home / "weeks" / str(week)
    talks = list(talks_of(settings, week, int(manifest["days"])))
    with written_aside(folder) as aside:
        aside.mkdir()
        write_lines(aside / "tickets.jsonl", [ticket(world, script) for world, script in talks])
        write_lines(aside / "truth.jsonl", [truth(world, script) for world, script in talks])
    say(f"[bold]week {week}[/]  {len(talks)} tickets come in, in {folder}")
    return folder


def next_week(settings: Settings) -> int:
    """The number of the first week that was not worked to its end: then its folder has a result."""
    week = 1
    while (settings.home / "weeks" / str(week) / "result.json").exists():
        week += 1
    return week


def write_lines(file: Path, records: list[Record]) -> None:
    file.write_text("".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records), encoding="utf-8")


def talks_of(settings: Settings, week: int, days: int) -> Iterator[tuple[World, Script]]:
    """What customers write in that week; without what agents write themselves and what they close unread."""
    company, catalogue = read_company(), read_catalogue()
    last = days + 7 * week
    problems = tuple(catalogue.problems())
    world = World(
        company,
        make_people(company, settings.seed, settings.tickets, last),
        settings.seed,
        problems,
        tuple(problem.weight for _, problem in problems),
        {problem.id: (category, problem) for category, problem in problems},
        tuple(company.releases),
        company_clock(company, last),
    )
    begins = company_clock(company, last - 7)
    forgotten = read_forgotten(settings)
    moments = arrivals(company, settings.seed + week, BUSIER * settings.tickets, last)
    coming = [arrival for arrival in moments if begins <= arrival[0] < world.now]
    for number, arrival in enumerate(coming, start=1 + week * NUMBERS):
        rng = random.Random(f"{settings.seed}:week:{number}")
        head = make_head(world, number, arrival, rng)
        is_known = not forgotten or mark_of(head.contact.email) not in forgotten
        if head.kind in ("usual", "unanswered") and is_known:
            yield world, write(world, head, None, None, rng)


def ticket(world: World, script: Script) -> Record:
    """What the desk sees: the customer's words before anybody answers, the plan on file, the product of the form.

    The form is as the help desks' own tickets have it: sometimes nobody filled it in.
    """
    head, said = script.head, []
    for message in script.messages:
        if message.speaker != "customer":
            break
        said.append(message.text)
    return {
        "ticket_key": key(head),
        "created_at": head.created_at.isoformat(),
        "customer_tier": head.tier,
        "product_category": cut(world, script).recorded_category,
        "text": "\n\n".join([head.subject, *said] if head.help_desk == "zendesk" else said),
    }


def truth(world: World, script: Script) -> Record:
    """The problems, the answers that are right for this customer, and one that an agent in a hurry would give."""
    head, rng = script.head, random.Random(f"{world.seed}:answer:{script.head.number}")
    wrong = world.wrong_answer(head)
    return {
        "ticket_key": key(head),
        "problem_ids": [question.problem.id for question in head.questions],
        "resolution_ids": [question.resolution.id for question in head.questions],
        "product_category": head.questions[0].category.category,
        "facts": [fact for question in head.questions for fact in question.resolution.facts],
        "right_answer": " ".join(rng.choice(question.resolution.wordings) for question in head.questions),
        "wrong_answer": rng.choice(wrong.wordings) if wrong else None,
    }


def key(head: Head) -> str:
    return f"{head.help_desk}-{head.ticket_id}"

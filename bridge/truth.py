"""Bridge, the truth: the right answer to each question, from the sample company's own records and nothing a track made.

This is the independent path: plain Python over out/source. No warehouse, no index, no SQL, no shared metric definition.
"""

import json
from dataclasses import dataclass
from pathlib import Path

from bridge.bank import BANK, HALVES, Counting, Entry, Kind, Neither, Part, Reading, read_half
from bridge.counted import Company, Record
from bridge.figures import Groups, Number, counted, figure_in_words
from lab.errors import ConfigError, MissingStep


@dataclass(frozen=True)
class Solution:
    """The facts that an answer must state, those that it must not, because they held before or hold for others.

    `wordings` are all that agents ever answered to the problem: a number in them is no second count.
    """

    facts: tuple[str, ...]
    forbidden: tuple[str, ...]
    reference: str
    wordings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Question:
    """A question with its right answer. `tier` is that of the customer who asks, for those that read."""

    id: str
    half: Part
    kind: Kind
    text: str
    after: str | None
    tier: str | None
    figure: Number | Groups | None
    solution: Solution | None
    truth: str  # the right answer in words


def read_questions(
    source: Path, bank: Path = BANK, parts: tuple[Part, ...] = HALVES
) -> tuple[list[Question], list[str]]:
    """Every question with its truth, and the ids of those left out: in this company nobody wins, because two are even.

    Raises MissingStep when the sample company was not made, ConfigError for a fault in the bank.
    """
    company = read_company(source)
    golden = records(source / "golden" / "queries.jsonl")
    answers = records(source / "truth" / "answers.jsonl")
    questions, left_out = list[Question](), list[str]()
    for half in parts:
        for kind, entry in read_half(bank / f"{half}.yml").entries():
            figure = counted(entry, company) if isinstance(entry, Counting) else None
            solution = solved(entry, golden, answers) if isinstance(entry, Reading) else None
            tier = entry.tier if isinstance(entry, Reading) else None
            has_no_winner = isinstance(figure, Groups) and figure.direction and not figure.winner
            if has_no_winner or entry.after in left_out:
                left_out.append(entry.id)
            else:
                truth = in_words(entry, figure, solution)
                questions.append(
                    Question(entry.id, half, kind, entry.question, entry.after, tier, figure, solution, truth)
                )
    return questions, left_out


def read_company(source: Path) -> Company:
    """The records that are counted; deleted tickets are left out of every number."""
    tickets = [ticket for ticket in records(source / "truth" / "tickets.jsonl") if ticket["status"] != "deleted"]
    organizations = records(source / "zendesk" / "organizations.jsonl")
    accounts = {one["external_id"]: one["organization_fields"] for one in organizations}
    plans = [plan for plan in records(source / "truth" / "plans.jsonl") if plan["valid_to"] is None]
    customers = [
        plan | {name: accounts[plan["customer_id"]][name] for name in ("region", "industry")} for plan in plans
    ]
    clock = json.loads((source / "manifest.json").read_text(encoding="utf-8"))["clock"]
    holidays = {day["start_date"] for day in records(source / "zendesk/schedules.jsonl")[0]["holidays"]}
    return Company(tickets, customers, clock, frozenset(holidays))


def records(file: Path) -> list[Record]:
    if not file.exists():
        raise MissingStep(f"There is no {file}: nothing to compare the answers with.", next_step="make data")
    with file.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def solved(entry: Reading, golden: list[Record], answers: list[Record]) -> Solution:
    """What the sample company answers today; the catalogue has a golden query for every problem and tier it knows."""
    for query in golden:
        if query["problem_ids"] == [entry.problem] and query["customer_tier"] == entry.tier:
            wordings = tuple(a["text"] for a in answers if a["resolution_id"].rpartition("-")[0] == entry.problem)
            return Solution(tuple(query["facts"]), tuple(query["forbidden"]), query["reference"], wordings)
    raise ConfigError(
        f"The question {entry.id}: no golden query knows {entry.problem} for tier {entry.tier}.",
        next_step=f"name another problem or tier in {BANK}",
    )


def in_words(entry: Entry, figure: Number | Groups | None, solution: Solution | None) -> str:
    """The right answer as one would say it."""
    if isinstance(entry, Neither):
        return f"None is right; {entry.because}."
    parts = [figure_in_words(figure) if figure else "", solution.reference if solution else ""]
    return ". ".join(part for part in parts if part)

"""What the sample company knows of the tickets behind feedback: their problems, and whether an answer is right.

The tracks never see it. It keeps the golden test problems out of every training set, lets simulated agents judge, and
says which of the edits that became knowledge are right, so that a retriever can be scored on them.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from evals.company_truth import rows
from evals.dataset import Dataset, Query
from lab.settings import Settings
from rag_track.service.requests import Edited
from rag_track.service.store import Given

Record = dict[str, Any]


@dataclass(frozen=True)
class Known:
    """What is true about a ticket: its problems, what is right for this customer, a wrong answer that is at hand."""

    problem_ids: tuple[str, ...]
    resolution_ids: frozenset[str]
    facts: tuple[str, ...]
    right_answer: str = ""
    wrong_answer: str | None = None


@dataclass(frozen=True)
class Company:
    """`tickets` has what is known of each ticket, `stated` the resolutions that still hold in each past one.

    `outdated` are the past tickets in which everything that was stated is wrong by now.
    """

    tickets: dict[str, Known]
    stated: dict[str, frozenset[str]]
    outdated: frozenset[str]

    def stated_with(self, edits: Iterable[Given]) -> dict[str, frozenset[str]]:
        """What holds in each past ticket and in each edit."""
        right = [edit.draft.ticket_id or "" for edit in edits if self.edit_is_right(edit)]
        return self.stated | {ticket: self.tickets[ticket].resolution_ids for ticket in right}

    def edit_is_right(self, edit: Given) -> bool:
        """Whether an edited answer says all that must be said to its customer."""
        known = self.tickets.get(edit.draft.ticket_id or "")
        return isinstance(edit.feedback, Edited) and known is not None and states(edit.feedback.text, known.facts)

    def grades(self, query: Query, edits: Iterable[Given]) -> dict[str, int]:
        """How relevant edits that became knowledge are to a query, as the golden set grades past tickets.

        2 a resolution valid for the query's tier, 1 the right problem only, and nothing for a wrong answer.
        """
        found = {}
        for edit in edits:
            known = self.tickets.get(edit.draft.ticket_id or "")
            if known and set(known.problem_ids) & set(query.problem_ids) and self.edit_is_right(edit):
                found[edit.draft.ticket_id or ""] = 2 if known.resolution_ids & set(query.resolution_ids) else 1
        return found


def states(text: str, facts: tuple[str, ...]) -> bool:
    """Whether a reply says everything that must be said."""
    return bool(facts) and all(fact.lower() in text.lower() for fact in facts)


def read_known(settings: Settings) -> Company:
    """What is known of the company's own tickets and of those of all weeks to come; empty on somebody's own data."""
    stated: dict[str, set[str]] = defaultdict(set)
    every: dict[str, list[bool]] = defaultdict(list)
    for row in rows(settings.source / "truth" / "answers.jsonl"):
        every[row["ticket_key"]].append(row["is_outdated"])
        if not row["is_outdated"]:
            stated[row["ticket_key"]].add(row["resolution_id"])
    tickets = {
        row["ticket_key"]: Known(tuple(row["problem_ids"]), frozenset(row["resolution_ids"]), ())
        for row in rows(settings.source / "truth" / "tickets.jsonl")
    }
    for file in sorted((settings.home / "weeks").glob("*/truth.jsonl")):
        tickets |= {row["ticket_key"]: known(row) for row in rows(file)}
    return Company(
        tickets=tickets,
        stated={key: frozenset(those) for key, those in stated.items()},
        outdated=frozenset(key for key, flags in every.items() if all(flags)),
    )


def known(row: Record) -> Known:
    return Known(
        tuple(row["problem_ids"]),
        frozenset(row["resolution_ids"]),
        tuple(row["facts"]),
        row["right_answer"],
        row["wrong_answer"],
    )


def not_to_learn_from(company: Company, golden: Dataset, without: Iterable[str] = ()) -> Callable[[Given], str | None]:
    """Why feedback must not be learned from: its ticket is about a problem of the golden test split, or nobody knows.

    `without` names agents whose feedback is left out.
    """
    held_back = test_problems(golden)
    left_out = frozenset(without)

    def reason(given: Given) -> str | None:
        known = company.tickets.get(given.draft.ticket_id or "")
        if given.feedback.agent_id in left_out:
            return f"of {given.feedback.agent_id}"
        if known is None:
            return "about no ticket that the company knows"
        if not known.problem_ids:
            return "about no problem"
        return "about a problem of the golden test split" if set(known.problem_ids) & held_back else None

    return reason


def test_problems(golden: Dataset) -> frozenset[str]:
    """The problems of the golden queries that nothing may learn from."""
    return frozenset(problem for query in golden.queries if query.split == "test" for problem in query.problem_ids)

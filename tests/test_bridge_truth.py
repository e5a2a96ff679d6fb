"""The truth of the question bank: from the generator's records alone, for any company."""

import json
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.bank import BANK, HALVES, Counting, Where, read_half
from bridge.counted import Company, grouped, last_business_day_end, matches, measured
from bridge.figures import Groups, Number, counted
from bridge.judge import judge
from bridge.truth import Question, read_questions
from lab.errors import ConfigError, MissingStep
from lab.settings import Settings, read_settings

CLOCK = "2026-07-01T06:00:00+00:00"


def ticket(key: str = "t", **told: Any) -> dict[str, Any]:
    usual = {
        "ticket_key": key,
        "status": "solved",
        "merged_into": None,
        "product_category": "exports",
        "customer_tier": "pro",
        "region": "emea",
        "channel": "email",
        "help_desk": "zendesk",
        "created_at": "2026-03-02T09:00:00+00:00",
        "first_reply_minutes": 10.0,
        "full_resolution_minutes": 100.0,
        "is_reopened": False,
        "is_one_touch": True,
        "is_rated_good": None,
        "first_reply_breached": False,
        "resolution_breached": None,
    }
    return usual | told


def company(*tickets: dict[str, Any], customers: tuple[dict[str, Any], ...] = ()) -> Company:
    return Company(list(tickets), list(customers), CLOCK, frozenset({"2026-06-30"}))


@pytest.fixture(scope="module")
def questions(source: Settings) -> list[Question]:
    return read_questions(source.source)[0]


def test_the_truth_is_independent_of_both_tracks(source: Settings, questions: list[Question]) -> None:
    """It is there before any track was built, for every question; two are told again here, another way."""
    _, left_out = read_questions(source.source)
    assert len(questions) + len(left_out) >= 60
    assert all(question.truth for question in questions)
    tickets = [json.loads(line) for line in (source.source / "truth" / "tickets.jsonl").read_text().splitlines()]
    kept = [one for one in tickets if one["status"] != "deleted"]
    found = {question.id: question.figure for question in questions}
    february = sum(
        one["product_category"] == "exports" and "2026-02-01" <= one["created_at"][:10] < "2026-03-01" for one in kept
    )
    assert found["exports-february"] == Number(february, "tickets")
    plans = [json.loads(line) for line in (source.source / "truth" / "plans.jsonl").read_text().splitlines()]
    arr = found["arr-by-region"]
    assert isinstance(arr, Groups)
    assert sum(arr.values.values()) == sum(plan["arr"] for plan in plans if plan["valid_to"] is None)


def test_the_truth_agrees_with_the_warehouse(warehouse: Settings, questions: list[Question]) -> None:
    """Two definitions of the same numbers, one in Python and one in dbt, agree on what both can tell."""
    from etl_track.metrics import open_warehouse, query_metric

    found = {question.id: question.figure for question in questions}
    asked = {
        "enterprise-first-reply": ("average_first_reply_minutes", {"customer_tier": "enterprise"}),
        "mobile-csat": ("csat", {"product_category": "mobile"}),
        "integrations-reopened": ("reopen_rate", {"product_category": "integrations"}),
        "chat-median-resolution": ("median_resolution_minutes", {"channel": "chat"}),
        "backlog-last-day": ("backlog", {}),
    }
    with open_warehouse(warehouse) as connection:
        for name, (metric, where) in asked.items():
            figure = found[name]
            assert isinstance(figure, Number)
            value = query_metric(connection, metric, where=where).rows[0][-1]
            assert float(value) == pytest.approx(figure.value), name  # type: ignore[arg-type]


def test_every_truth_passes_its_own_judge(questions: list[Question]) -> None:
    """Said as the report says it, each right answer is right, and that of another question is not."""
    answerable = [question for question in questions if question.kind != "neither"]
    for question in answerable:
        assert judge(question, question.truth, False).correct, question.id
        assert not judge(question, question.truth, True).correct or "no tickets match" in question.truth, question.id
    for one, other in pairwise(answerable):
        if one.truth != other.truth:
            assert not judge(one, other.truth, False).correct, (one.id, other.id)


@pytest.mark.parametrize(("seed", "tickets"), [(1, 100), (11, 130)])
def test_the_bank_has_a_truth_in_any_company(tmp_path: Path, seed: int, tickets: int) -> None:
    """Other seeds and few tickets: what has no winner is left out, what matches nothing says so, the rest is told."""
    from sample_data.generate import generate

    settings = read_settings(home=tmp_path / "out", tickets=tickets, seed=seed)
    generate(settings)
    questions, left_out = read_questions(settings.source)
    halves = [read_half(BANK / f"{half}.yml").entries() for half in HALVES]
    assert len(questions) + len(left_out) == sum(map(len, halves))
    assert len(left_out) <= 8
    assert all(question.truth for question in questions)


def test_measures_leave_out_what_their_definition_does() -> None:
    """Merged tickets are not solved, the unrated no ratings, running promises no promises."""
    some = company(
        ticket("a", is_reopened=True, is_rated_good=True, first_reply_breached=True),
        ticket("b", is_one_touch=False, is_rated_good=False, first_reply_breached=None),
        ticket("c", status="closed", merged_into="a", is_reopened=True, first_reply_minutes=None),
        ticket("d", status="open", first_reply_minutes=40.0, full_resolution_minutes=None),
    )
    assert measured("reopened", Where(), some) == 0.5
    assert measured("one-touch", Where(), some) == 0.5
    assert measured("csat", Where(), some) == 0.5
    assert measured("sla breaches", Where(), some) == pytest.approx(1 / 3)
    assert measured("resolution sla breaches", Where(), some) is None
    assert measured("average first_reply_minutes", Where(), some) == 20.0
    assert measured("median first_reply_minutes", Where(), some) == 10.0
    assert measured("tickets", Where(), some) == 4


def test_the_backlog_is_that_of_the_last_business_days_end() -> None:
    """A holiday and the night after count for nothing; the midnight is the company's, not that of UTC."""
    end = "2026-06-29T22:00:00+00:00"
    some = company(
        ticket("open", status="open"),
        ticket("new since", status="new", created_at="2026-06-30T10:00:00+00:00"),
        ticket("solved since", created_at="2026-06-29T21:00:00+00:00", full_resolution_minutes=61.0),
        ticket("solved before", created_at="2026-06-29T21:00:00+00:00", full_resolution_minutes=59.0),
    )
    assert last_business_day_end(some).isoformat() == end
    assert measured("backlog", Where(), some) == 2


@given(st.lists(st.sampled_from(["free", "pro", "unknown"]), min_size=0, max_size=12))
def test_a_winner_wins_alone_and_is_known(tiers: list[str]) -> None:
    """Whoever ties, or runs alone, or is unknown has not won."""
    entry = Counting(id="q", question="?", measure="tickets", by="customer_tier", winner="highest")
    figure = counted(entry, company(*(ticket(customer_tier=tier) for tier in tiers)))
    assert isinstance(figure, Groups)
    free, pro = tiers.count("free"), tiers.count("pro")
    decided = free != pro and free and pro
    assert figure.winner == (("free" if free > pro else "pro") if decided else None)


@given(st.dates(date(2025, 7, 1), date(2026, 6, 30)), st.dates(date(2025, 7, 1), date(2026, 6, 30)))
def test_periods_hold_their_first_and_their_last_day(day: date, other: date) -> None:
    """Days, months and quarters are those of the creation in UTC, `until` included."""
    row = ticket(created_at=f"{day}T23:59:59+00:00")
    assert matches(row, Where(since=day, until=day, month=f"{day:%Y-%m}", quarter=f"{day:%Y}-Q{(day.month + 2) // 3}"))
    assert matches(row, Where(since=other)) is (day >= other)
    assert matches(row, Where(until=other)) is (day <= other)


def test_a_difference_is_signed_and_knows_its_operands() -> None:
    """The second is taken from the first, and where one has no number there is no difference."""
    entry = Counting(id="q", question="?", measure="tickets", difference={"channel": ("email", "chat")})
    assert counted(entry, company(ticket(), ticket(channel="chat"), ticket(channel="chat"))) == Number(
        -1, "tickets", (1, 2)
    )
    assert counted(entry, company(ticket())) == Number(None, "tickets")
    assert grouped("tickets", Where(), "channel", company()) == {}


@pytest.mark.parametrize(
    ("bank", "message"),
    [
        ("counting: [{id: a, question: b, measure: tickets, wehre: {}}]", "wehre"),
        ("counting: [{id: a, question: b, measure: happiness}]", "counting.0.measure"),
        ("counting: [{id: a, question: b, measure: tickets, winner: highest}]", "a winner is one of the groups"),
        ("counting: [{id: a, question: b, measure: tickets, after: z}]", "comes after z, which is not before it"),
        ("counting: [{id: a, question: b, measure: tickets}, {id: a, question: c, measure: arr}]", "is there twice"),
        ("counting: [", "is not YAML"),
    ],
)
def test_the_bank_is_read_strictly(tmp_path: Path, bank: str, message: str) -> None:
    """A misspelt key, an unknown measure, half a shape, a lost conversation: each is named with its file."""
    file = tmp_path / "dev.yml"
    file.write_text(f"{bank}\nreading: []\nboth: []\nneither: []\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=message) as raised:
        read_half(file)
    assert "dev.yml" in str(raised.value)


def test_a_problem_that_nobody_knows_is_named(source: Settings, tmp_path: Path) -> None:
    """A reading question whose problem or tier the catalogue does not have is an error."""
    empty = "counting: []\nboth: []\nneither: []\n"
    asked = "reading: [{id: a, question: b, problem: exports-row-limits, tier: pro}]\n"
    (tmp_path / "dev.yml").write_text(empty + asked, encoding="utf-8")
    (tmp_path / "held_out.yml").write_text(empty + "reading: []\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="no golden query knows exports-row-limits"):
        read_questions(source.source, tmp_path)


def test_without_the_sample_company_the_step_is_named(tmp_path: Path) -> None:
    """Without records there is no truth."""
    with pytest.raises(MissingStep, match=r"tickets\.jsonl"):
        read_questions(tmp_path)

"""The tickets of a week to come: what the desk sees, and what is true about them."""

import json
from pathlib import Path

import pytest

from lab.errors import MissingStep
from lab.settings import Settings, read_settings
from sample_data.incoming import make_week, next_week


def lines(file: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def week(source: Settings) -> Path:
    return make_week(source, 1)


def test_a_week_is_busy_and_its_tickets_are_new(week: Path, source: Settings) -> None:
    """Ten times the company's traffic, under keys that no ticket of the help desks has."""
    tickets = lines(week / "tickets.jsonl")
    old = {line["ticket_key"] for line in lines(source.source / "truth" / "tickets.jsonl")}
    assert 30 < len(tickets) < 80
    assert not old & {ticket["ticket_key"] for ticket in tickets}
    assert all(str(ticket["text"]).strip() for ticket in tickets)


def test_the_truth_goes_with_the_tickets(week: Path) -> None:
    """Ticket by ticket: the right answer states every fact, and the wrong one lacks one."""
    tickets, truths = lines(week / "tickets.jsonl"), lines(week / "truth.jsonl")
    assert [ticket["ticket_key"] for ticket in tickets] == [truth["ticket_key"] for truth in truths]
    assert not {"problem_ids", "facts", "right_answer"} & set(tickets[0])
    for truth in truths:
        facts = [str(fact).lower() for fact in truth["facts"]]  # type: ignore[attr-defined]
        assert all(fact in str(truth["right_answer"]).lower() for fact in facts)
        assert not all(fact in str(truth["wrong_answer"] or "").lower() for fact in facts)


def test_most_tickets_say_their_product(week: Path) -> None:
    """The form has the product of the first problem, or nothing, as it has on the help desks."""
    tickets, truths = lines(week / "tickets.jsonl"), lines(week / "truth.jsonl")
    said = [
        (ticket["product_category"], truth["product_category"]) for ticket, truth in zip(tickets, truths, strict=True)
    ]
    assert {product for product, _ in said} > {"exports"}
    assert all(product in (None, true) for product, true in said)
    assert sum(product is None for product, _ in said) < len(said) / 5


def test_a_week_is_the_same_each_time_and_unlike_the_next(source: Settings, week: Path) -> None:
    """The same settings write the same bytes; another week has other tickets."""
    before = (week / "tickets.jsonl").read_bytes()
    assert (make_week(source, 1) / "tickets.jsonl").read_bytes() == before
    assert (make_week(source, 2) / "tickets.jsonl").read_bytes() != before


def test_the_next_week_is_the_first_without_a_result(source: Settings, week: Path) -> None:
    """A week that was not worked to its end comes again."""
    assert next_week(source) == 1
    (week / "result.json").write_text("{}", encoding="utf-8")
    assert next_week(source) == 2
    (week / "result.json").unlink()


def test_without_a_company_no_tickets_come(tmp_path: Path) -> None:
    """The error names the command that makes one."""
    with pytest.raises(MissingStep, match="no company"):
        make_week(read_settings(home=tmp_path), 1)

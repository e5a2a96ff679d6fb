"""Metrics: defined once, asked by name or in words, never guessed."""

import json

import pytest

from etl_track.ask import ask
from etl_track.metrics import definitions, open_warehouse, query_metric
from lab.errors import ConfigError, MissingStep
from lab.settings import Settings, read_settings


def test_a_metric_by_two_dimensions(warehouse: Settings) -> None:
    """Tickets by tier and source add up to all tickets that are not deleted."""
    with open_warehouse(warehouse) as connection:
        table = query_metric(connection, "ticket_count", ("customer_tier", "source"))
    assert table.columns == ("customer_tier", "source", "ticket_count")
    truth = [json.loads(line) for line in (warehouse.source / "truth" / "tickets.jsonl").read_text().splitlines()]
    kept = [ticket for ticket in truth if ticket["status"] != "deleted"]
    assert sum(int(str(row[-1])) for row in table.rows) == len(kept) < len(truth)


@pytest.mark.parametrize("metric", [metric.name for metric in definitions().metrics])
def test_every_metric_can_be_grouped_by_every_dimension(warehouse: Settings, metric: str) -> None:
    """No definition in metrics.yml is wrong SQL."""
    names = tuple(dimension.name for dimension in definitions().dimensions)
    with open_warehouse(warehouse) as connection:
        assert query_metric(connection, metric, names).rows


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("average_first_replies",), "average_first_reply_minutes"),
        (("ticket_count", ("tier",)), "customer_tier"),
        (("ticket_count", (), {"product_category": "export"}), "exports"),
    ],
)
def test_an_unknown_name_answers_with_the_closest(warehouse: Settings, arguments: tuple, says: str) -> None:
    """A typo in a metric, a dimension or a value is an error with a proposal, not an empty result."""
    with open_warehouse(warehouse) as connection, pytest.raises(ConfigError) as error:
        query_metric(connection, *arguments)
    assert says in error.value.next_step


def test_a_question_names_metric_filters_and_grouping(warehouse: Settings) -> None:
    """The words of a question find the metric, the tier, the month, and what to group by."""
    with open_warehouse(warehouse) as connection:
        march = ask(connection, "What was the average first reply time of enterprise customers in March?")
        tiers = ask(connection, "How many tickets came in by tier?")
        expected = query_metric(
            connection, "average_first_reply_minutes", (), {"customer_tier": "enterprise", "month": "2026-03"}
        )
    assert march.value == expected.rows[0][0]
    assert tiers.table is not None
    assert tiers.table.columns == ("customer_tier", "ticket_count")


@pytest.mark.parametrize(
    ("question", "says"),
    [
        ("The export stops at 10,000 rows, what fixed it?", "No metric"),
        ("How many tickets were reopened?", "several metrics"),
        ("How many tickets came in from free and pro customers?", "values of customer_tier"),
        ("How many tickets came in during March 2019?", "none in month 2019-03"),
        ("How many tickets came in during 2026?", "does not know what '2026' means"),
        ("How many tickets came in on the platinum plan?", "does not know what 'platinum plan' means"),
    ],
)
def test_what_is_not_understood_is_not_answered(warehouse: Settings, question: str, says: str) -> None:
    """A question that names no metric, or more than the track understands, gets a reason and no number."""
    with open_warehouse(warehouse) as connection:
        answer = ask(connection, question)
    assert answer.table is None
    assert says in answer.text


def test_may_is_a_month_only_where_one_can_stand(warehouse: Settings) -> None:
    """ "May" after a preposition is a month, elsewhere a verb."""
    with open_warehouse(warehouse) as connection:
        assert "month" not in ask(connection, "How many tickets may be late?").text
        assert "month = 2026-05" in ask(connection, "How many tickets came in during May?").text
        per_region = ask(connection, "How many tickets came in per region?")
    assert per_region.table is not None
    assert per_region.table.columns == ("region", "ticket_count")


def test_without_a_warehouse_the_step_before_is_named() -> None:
    """The error says to build first."""
    with pytest.raises(MissingStep, match="make etl"):
        open_warehouse(read_settings(home="nowhere"))

"""Questions in words: what names a metric is answered, nothing is guessed."""

from collections.abc import Iterator

import duckdb
import pytest

from etl_track.ask import ask
from etl_track.metrics import open_warehouse, query_metric
from lab.settings import Settings


@pytest.fixture(scope="module")
def connection(warehouse: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    """The small company's warehouse, read-only."""
    with open_warehouse(warehouse) as opened:
        yield opened


def test_a_question_names_metric_filters_and_grouping(connection: duckdb.DuckDBPyConnection) -> None:
    """The words of a question find the metric, the tier, the month, and what to group by."""
    march = ask(connection, "What was the average first reply time of enterprise customers in March?")
    expected = query_metric(
        connection, "average_first_reply_minutes", (), {"customer_tier": "enterprise", "month": "2026-03"}
    )
    assert march.value == expected.rows[0][0]
    tiers = ask(connection, "How many tickets came in by tier and month?")
    assert tiers.table is not None
    assert tiers.table.columns == ("customer_tier", "month", "ticket_count")


@pytest.mark.parametrize(
    ("question", "metric", "by", "where"),
    [
        ("ARR by region", "arr", ("region",), {}),
        (
            "How many tickets per million of ARR do enterprise customers cause?",
            "tickets_per_million_arr",
            (),
            {"customer_tier": "enterprise"},
        ),
        ("What is the SLA breach rate per team?", "sla_breach_rate", ("agent_team",), {}),
        ("What is the resolution SLA breach rate by quarter?", "sla_resolution_breach_rate", ("quarter",), {}),
        (
            "What was the backlog of pro customers in March?",
            "backlog",
            (),
            {"customer_tier": "pro", "month": "2026-03"},
        ),
        ("CSAT by help desk", "csat", ("source",), {}),
        (
            "What is the median first reply in business hours for urgent tickets?",
            "median_first_reply_business_minutes",
            (),
            {"priority": "urgent"},
        ),
        (
            "What is the average first reply by tier in business hours?",
            "average_first_reply_business_minutes",
            ("customer_tier",),
            {},
        ),
        (
            "How many tickets about exports came in for the Billing team?",
            "ticket_count",
            (),
            {"product_category": "exports", "agent_team": "Billing"},
        ),
        ("How many tickets about billing came in?", "ticket_count", (), {"product_category": "billing"}),
        ("What is the draft acceptance rate by product?", "draft_acceptance_rate", ("product_category",), {}),
        ("What is the rejection rate of drafts by reviewer?", "draft_rejection_rate", ("reviewer",), {}),
        ("What was the average edit distance of pro customers?", "average_edit_distance", (), {"customer_tier": "pro"}),
        ("How many drafts were judged in March?", "judged_draft_count", (), {"month": "2026-03"}),
        ("How many drafts were rejected?", "judged_draft_count", (), {"verdict": "rejected"}),
        ("How many tickets were reopened?", "reopened_ticket_count", (), {}),
        (
            "What share of the exports tickets we solved was reopened?",
            "reopen_rate",
            (),
            {"product_category": "exports"},
        ),
        ("How quickly do we get back to free customers?", "average_first_reply_minutes", (), {"customer_tier": "free"}),
        ("How many tickets did we solve by chat?", "solved_ticket_count", (), {"channel": "chat"}),
        ("How many tickets came in from the unknown tier?", "ticket_count", (), {"customer_tier": "unknown"}),
    ],
)
def test_a_question_is_answered_by_its_metric(
    connection: duckdb.DuckDBPyConnection, question: str, metric: str, by: tuple[str, ...], where: dict[str, str]
) -> None:
    """The answer is the table that the same request by name gives."""
    names = tuple("metric_time__quarter" if name == "quarter" else name for name in by)
    table, expected = ask(connection, question).table, query_metric(connection, metric, names, where)
    assert table is not None
    assert (table.columns, table.rows) == (expected.columns, expected.rows)


@pytest.mark.parametrize(
    ("question", "says"),
    [
        ("The export stops at 10,000 rows, what fixed it?", "No metric"),
        ("What are the CSAT and the reopen rate?", "several metrics"),
        ("How many tickets did Larkspur Law send?", "does not know what 'larkspur law' means"),
        ("How many tickets came in during August 2027?", "still to come"),
        ("How many tickets came in in March and in May?", "2 periods"),
        ("What share of tickets came from enterprise?", "two numbers"),
        ("How many tickets came in from free and pro customers?", "values of customer_tier"),
        ("How many tickets came in from unknown customers?", "Say which one"),
        ("How many tickets came in during March 2019?", "none in March 2019"),
        ("How many tickets came in at night?", "does not know what 'night' means"),
        ("How many tickets about filters did we get?", "does not know what 'filter' means"),
        ("How many tickets came in on the platinum plan?", "does not know what 'platinum plan' means"),
        ("How many tickets came in during business hours?", "no other metric is"),
        ("What is the average backlog?", "no other metric is"),
        ("ARR by channel", "has no dimension channel"),
        ("What is the ARR of the email channel?", "has no dimension channel"),
        ("What was the ARR in March?", "as of today"),
    ],
)
def test_what_is_not_understood_is_not_answered(
    connection: duckdb.DuckDBPyConnection, question: str, says: str
) -> None:
    """A question that names no metric, or more than the track understands, gets a reason and no number."""
    answer = ask(connection, question)
    assert answer.table is None
    assert says in answer.text


def test_may_is_a_month_only_where_one_can_stand(connection: duckdb.DuckDBPyConnection) -> None:
    """ "May" after a preposition is a month, elsewhere a verb."""
    assert "in May" not in ask(connection, "How many tickets may be late?").text
    assert "in May 2026" in ask(connection, "How many tickets came in during May?").text
    per_region = ask(connection, "How many tickets came in per region?")
    assert per_region.table is not None
    assert per_region.table.columns == ("region", "ticket_count")

"""Metrics: defined once, asked by name, each equal to what plain SQL or the truth says."""

import itertools
import json
import shutil
import statistics
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
from typer.testing import CliRunner

from etl_track import metric_engine
from etl_track.__main__ import app
from etl_track.metrics import describe_metric, open_warehouse, query_metric
from etl_track.semantics import definitions
from lab.errors import ConfigError, MissingStep
from lab.settings import Settings, read_settings

TICKETS, SLA, BACKLOG, CUSTOMERS = "fct_support_tickets", "fct_sla_outcomes", "fct_backlog_daily", "dim_customers"
DRAFTS, COUNTED = "fct_draft_feedback", "is_latest and not is_declined"
REPLY, RESOLUTION = "sla_metric = 'first_reply'", "sla_metric = 'full_resolution'"
BY_HAND = {  # the table, the expression over it, and which of its rows count
    "ticket_count": (TICKETS, "count(*)", "true"),
    "average_first_reply_minutes": (TICKETS, "avg(first_reply_minutes)", "true"),
    "median_first_reply_minutes": (TICKETS, "median(first_reply_minutes)", "true"),
    "average_first_reply_business_minutes": (TICKETS, "avg(first_reply_business_minutes)", "true"),
    "median_first_reply_business_minutes": (TICKETS, "median(first_reply_business_minutes)", "true"),
    "average_resolution_minutes": (TICKETS, "avg(full_resolution_minutes)", "true"),
    "median_resolution_minutes": (TICKETS, "median(full_resolution_minutes)", "true"),
    "average_resolution_business_minutes": (TICKETS, "avg(full_resolution_business_minutes)", "true"),
    "solved_ticket_count": (TICKETS, "count(*) filter (is_solved)", "true"),
    "one_touch_ticket_count": (TICKETS, "count(*) filter (is_one_touch)", "true"),
    "one_touch_rate": (TICKETS, "avg(is_one_touch::int) filter (is_solved)", "true"),
    "reopened_ticket_count": (TICKETS, "count(*) filter (is_solved and reopen_count > 0)", "true"),
    "reopen_rate": (TICKETS, "avg((reopen_count > 0)::int) filter (is_solved)", "true"),
    "rating_count": (TICKETS, "count(is_rated_good)", "true"),
    "good_rating_count": (TICKETS, "count(*) filter (is_rated_good)", "true"),
    "csat": (TICKETS, "avg(is_rated_good::int)", "true"),
    "sla_decided_count": (SLA, f"count(is_breached) filter ({REPLY})", "true"),
    "sla_breach_count": (SLA, f"count(*) filter ({REPLY} and is_breached)", "true"),
    "sla_breach_rate": (SLA, f"avg(is_breached::int) filter ({REPLY})", "true"),
    "sla_resolution_decided_count": (SLA, f"count(is_breached) filter ({RESOLUTION})", "true"),
    "sla_resolution_breach_count": (SLA, f"count(*) filter ({RESOLUTION} and is_breached)", "true"),
    "sla_resolution_breach_rate": (SLA, f"avg(is_breached::int) filter ({RESOLUTION})", "true"),
    "backlog": (BACKLOG, "count(*)", "backlog_date = (select max(backlog_date) from marts.fct_backlog_daily)"),
    "arr": (CUSTOMERS, "sum(arr)", "is_current"),
    "judged_draft_count": (DRAFTS, "count(*)", COUNTED),
    "accepted_draft_count": (DRAFTS, "count(*) filter (is_accepted)", COUNTED),
    "rejected_draft_count": (DRAFTS, "count(*) filter (is_rejected)", COUNTED),
    "draft_acceptance_rate": (DRAFTS, "avg(is_accepted::int)", COUNTED),
    "draft_rejection_rate": (DRAFTS, "avg(is_rejected::int)", COUNTED),
    "average_edit_distance": (DRAFTS, "avg(edit_distance)", COUNTED),
    "average_edit_share": (DRAFTS, "avg(edit_share)", COUNTED),
}
COUNTS = tuple(name for name in BY_HAND if name.endswith("_count"))
DIMENSIONS = ("agent_team", "channel", "customer_tier", "priority", "product_category", "region", "source")


@pytest.fixture(scope="module")
def connection(warehouse: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    """The small company's warehouse, read-only."""
    with open_warehouse(warehouse) as opened:
        yield opened


def changed(warehouse: Settings, folder: Path, *statements: str) -> duckdb.DuckDBPyConnection:
    """A copy of the warehouse, under another name, after `statements`."""
    copy = folder / "renamed.duckdb"
    shutil.copy(warehouse.warehouse, copy)
    opened = duckdb.connect(str(copy))
    for statement in statements:
        opened.execute(statement)
    return opened


@pytest.mark.parametrize("by", ["", "customer_tier", "region"])
@pytest.mark.parametrize("metric", BY_HAND)
def test_a_metric_equals_its_sql_by_hand(connection: duckdb.DuckDBPyConnection, metric: str, by: str) -> None:
    """In all, and for each tier and region, a metric is what plain SQL over the mart says."""
    table, expression, condition = BY_HAND[metric]
    columns = f"{by}, {expression}" if by else expression
    expected = connection.sql(f"select {columns} from marts.{table} where {condition} group by all order by all")
    found = query_metric(connection, metric, (by,) if by else ())
    assert found.columns == ((by, metric) if by else (metric,))
    assert found.rows == pytest.approx([pytest.approx(row) for row in expected.fetchall()])


def test_every_metric_is_compared(connection: duckdb.DuckDBPyConnection) -> None:
    """No metric goes without its SQL by hand, a sentence, and a unit that people know."""
    known = definitions(connection).metrics
    assert {metric.name for metric in known} == {*BY_HAND, "tickets_per_million_arr"}
    assert {metric.unit for metric in known} == {"minutes", "tickets", "share", "euro", "drafts", "characters"}
    assert all(describe_metric(connection, metric.name).endswith(".") for metric in known)


def test_tickets_per_million_divide_by_the_revenue_of_the_same_customers(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    """Tickets count for today's tier of their customer, as the revenue does, not for the tier of their own day."""
    expected = connection.sql("""
        select customers.customer_tier, 1000000 * sum(tickets.tickets) / sum(customers.arr)
        from marts.dim_customers as customers
        left join (select customer_id, count(*) as tickets from marts.fct_support_tickets group by all) as tickets
            on customers.customer_id = tickets.customer_id
        where customers.is_current
        group by all
        having sum(customers.arr) > 0
        order by all
    """).fetchall()
    found = query_metric(connection, "tickets_per_million_arr", ("customer_tier",)).rows
    assert [row for row in found if row[1] is not None] == [pytest.approx(row) for row in expected]


def test_metrics_equal_the_truth(warehouse: Settings, connection: duckdb.DuckDBPyConnection) -> None:
    """What the generator knows of each ticket, averaged in plain Python, is what the metrics say."""
    lines = (warehouse.source / "truth" / "tickets.jsonl").read_text(encoding="utf-8").splitlines()
    told = [json.loads(line) for line in lines]
    kept = [ticket for ticket in told if ticket["status"] != "deleted"]
    march = [ticket for ticket in kept if ticket["created_at"].startswith("2026-03")]

    def asked(metric: str, **rest: Any) -> Any:
        return query_metric(connection, metric, **rest).rows[0][-1]

    def minutes(tickets: list[Any], column: str) -> list[float]:
        return [ticket[column] for ticket in tickets if ticket[column] is not None]

    assert asked("ticket_count") == len(kept) < len(told)
    assert asked("ticket_count", where={"month": "2026-03"}) == len(march)
    in_march = statistics.fmean(minutes(march, "first_reply_minutes"))
    assert asked("average_first_reply_minutes", where={"month": "2026-03"}) == pytest.approx(in_march)
    resolved = statistics.median(minutes(kept, "full_resolution_minutes"))
    assert asked("median_resolution_minutes") == pytest.approx(resolved)


def test_every_metric_can_be_grouped_by_all_its_dimensions(connection: duckdb.DuckDBPyConnection) -> None:
    """Each pair of a metric and a dimension gives SQL that runs, with a period where the metric has time."""
    for metric in definitions(connection).metrics:
        names = tuple(dimension.name for dimension in metric.dimensions)
        assert query_metric(connection, metric.name, (*names, "month") if metric.has_time else names).rows


@pytest.mark.parametrize("metric", COUNTS)
def test_counts_of_groups_add_up_to_the_total(connection: duckdb.DuckDBPyConnection, metric: str) -> None:
    """By whatever two dimensions a count is grouped, and however it is filtered, its groups are the whole."""
    filters = itertools.cycle(({}, {"customer_tier": "pro"}, {"region": ("amer", "emea"), "month": "2026-03"}))
    for by, where in zip(itertools.combinations((*DIMENSIONS, "month", "metric_time__week"), 2), filters, strict=False):
        total = query_metric(connection, metric, (), where).rows[0][0]
        groups = query_metric(connection, metric, by, where).rows
        assert sum(int(str(row[-1])) for row in groups) == total


def test_the_backlog_of_a_period_is_that_of_its_last_day(connection: duckdb.DuckDBPyConnection) -> None:
    """Days do not add up: a month's backlog is that of its last business day, and so is the whole time's."""
    days = dict(connection.sql("select backlog_date, count(*) from marts.fct_backlog_daily group by all").fetchall())
    assert dict(query_metric(connection, "backlog", ("metric_time__day",)).rows) == days
    last = {f"{day:%Y-%m}": day for day in sorted(days)}
    assert dict(query_metric(connection, "backlog", ("month",)).rows) == {m: days[day] for m, day in last.items()}
    in_march = query_metric(connection, "backlog", (), None, date(2026, 3, 1), date(2026, 4, 1))
    assert in_march.rows == ((days[last["2026-03"]],),)
    assert query_metric(connection, "backlog", (), {"month": "2026-03"}).rows == in_march.rows


def test_a_backlog_that_was_worked_off_is_not_that_of_an_earlier_day(warehouse: Settings, tmp_path: Path) -> None:
    """Where nothing was left at the end of the last day, for a tier or for all, the backlog is nothing."""
    last, march = "(select max(backlog_date) from marts.fct_backlog_daily)", "'2026-03-31'"
    with changed(
        warehouse,
        tmp_path,
        f"delete from marts.fct_backlog_daily where customer_tier = 'pro' and backlog_date = {last}",
        f"delete from marts.fct_backlog_daily where backlog_date = {march}",
    ) as opened:
        assert query_metric(opened, "backlog", (), {"customer_tier": "pro"}).rows == ((0,),)
        assert "pro" not in dict(query_metric(opened, "backlog", ("customer_tier",)).rows)
        assert query_metric(opened, "backlog", (), {"month": "2026-03"}).rows == ((0,),)
        assert "2026-03" not in dict(query_metric(opened, "backlog", ("month",), {"customer_tier": "free"}).rows)


def test_a_period_begins_with_its_first_day_and_ends_before_its_last(connection: duckdb.DuckDBPyConnection) -> None:
    """Two periods of which one begins where the other ends are together the whole."""
    begin, middle, end = date(2026, 1, 1), date(2026, 2, 10), date(2026, 4, 1)

    def count(since: date | None, until: date | None) -> int:
        return int(str(query_metric(connection, "ticket_count", (), None, since, until).rows[0][0]))

    expected = "select count(*) from marts.fct_support_tickets where created_date between '2026-01-01' and '2026-02-09'"
    assert count(begin, middle) == connection.sql(expected).fetchall()[0][0]
    assert count(begin, middle) + count(middle, end) == count(begin, end)
    assert count(None, begin) + count(begin, None) == count(None, None)


@pytest.mark.parametrize("grain", ["day", "week", "month", "quarter", "year"])
def test_a_period_is_named_by_its_first_day(connection: duckdb.DuckDBPyConnection, grain: str) -> None:
    """Of each grain the rows are dates, in order, on which a period begins; `month` says the same as text."""
    begins = f"date_trunc('{grain}', created_date)::date"
    expected = connection.sql(f"select {begins}, count(*) from marts.fct_support_tickets group by 1 order by 1")
    found = query_metric(connection, "ticket_count", (f"metric_time__{grain}",)).rows
    assert list(found) == expected.fetchall()
    if grain == "month":
        months = query_metric(connection, "ticket_count", ("month",)).rows
        assert months == tuple((f"{day:%Y-%m}", count) for day, count in found if isinstance(day, date))


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("average_first_replies",), "average_first_reply_minutes"),
        (("ticket_count", ("tier",)), "customer_tier"),
        (("ticket_count", ("metric_time__weeks",)), "week"),
        (("ticket_count", (), {"product_category": "export"}), "exports"),
        (("ticket_count", (), {"product_category": ("exports", "mobil")}), "mobile"),
        (("ticket_count", (), {"product_category": ()}), "leave product_category out"),
        (("ticket_count", (), {"month": ()}), "leave month out"),
        (("ticket_count", (), {"month": "march"}), "2026-03"),
        (("arr", ("channel",)), "use customer_tier or industry or region"),
        (("arr", ("month",)), "leave the time out"),
        (("tickets_per_million_arr", (), None, date(2026, 1, 1)), "leave the time out"),
        (("ticket_count", (), None, date(2026, 2, 1), date(2026, 2, 1)), "later end"),
    ],
)
def test_what_is_unknown_or_does_not_go_together_is_told(
    connection: duckdb.DuckDBPyConnection, arguments: tuple[Any, ...], says: str
) -> None:
    """A typo, or a dimension that the metric lacks, is an error with a proposal, not an empty result."""
    with pytest.raises(ConfigError) as error:
        query_metric(connection, *arguments)
    assert says in error.value.next_step


def test_a_value_that_exists_by_definition_gives_no_rows(warehouse: Settings, tmp_path: Path) -> None:
    """Asked for a tier that no ticket has, a count is 0, groups are none, and an average is None."""
    with changed(
        warehouse, tmp_path, "update marts.fct_support_tickets set customer_tier = 'pro' where customer_tier = 'free'"
    ) as opened:
        assert query_metric(opened, "ticket_count", (), {"customer_tier": "free"}).rows == ((0,),)
        assert query_metric(opened, "ticket_count", ("channel",), {"customer_tier": "free"}).rows == ()
        assert query_metric(opened, "csat", (), {"customer_tier": "free"}).rows == ((None,),)


def test_a_value_is_text_whatever_it_holds(warehouse: Settings, tmp_path: Path) -> None:
    """Quotes and braces in a value are no SQL and no template."""
    odd = "it's {{ odd }} {% too %}"
    with changed(warehouse, tmp_path) as opened:
        opened.execute("update marts.fct_support_tickets set channel = ? where channel = 'email'", [odd])
        found = query_metric(opened, "ticket_count", ("channel",), {"channel": odd}).rows
        emails = opened.execute("select count(*) from marts.fct_support_tickets where channel = ?", [odd]).fetchall()
    assert found == ((odd, emails[0][0]),)


def test_one_engine_serves_the_process(warehouse: Settings) -> None:
    """However many connections and threads ask, MetricFlow is set up once."""

    def count(_: int) -> object:
        with open_warehouse(warehouse) as opened:
            return query_metric(opened, "ticket_count", ("channel",)).rows

    metric_engine.engine.cache_clear()
    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(count, range(8)))
    assert answers == answers[:1] * 8
    assert metric_engine.engine.cache_info().misses == 1


def test_a_warehouse_without_metrics_or_a_mart_says_what_to_do(warehouse: Settings, tmp_path: Path) -> None:
    """What an older build left, or half a build, is told with the command that mends it."""
    with changed(warehouse, tmp_path, "drop table marts.fct_sla_outcomes") as opened:
        with pytest.raises(MissingStep, match=r"sla_breach_rate.*make etl"):
            query_metric(opened, "sla_breach_rate")
        opened.execute("drop table semantic.manifest")
        with pytest.raises(MissingStep, match="make etl"):
            query_metric(opened, "ticket_count")


def test_the_command_line_prints_tidy_tables(warehouse: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Months as 2026-03, shares as per cent, minutes with one decimal, and no line over 100 columns."""
    monkeypatch.setenv("LAB_HOME", str(warehouse.home))

    def run(*words: str) -> list[str]:
        result = CliRunner().invoke(app, words, catch_exceptions=False)
        assert result.exit_code == 0
        assert max(map(len, result.output.splitlines())) <= 100
        return result.output.splitlines()

    spring = ("--since", "2026-03-01", "--until", "2026-06-01")
    replies = run("metric", "average_first_reply_minutes", "--by", "metric_time__month", *spring)
    assert [line.split()[0] for line in replies[1:]] == ["2026-03", "2026-04", "2026-05"]
    assert all(line.rstrip()[-2] == "." for line in replies[1:])
    assert run("metric", "csat", "--where", "customer_tier=pro,free")[1].rstrip().endswith("%")
    listed = "\n".join(run("metrics"))
    assert all(name in listed for name in (*BY_HAND, *DIMENSIONS))


def test_without_a_warehouse_the_step_before_is_named() -> None:
    """The error says to build first."""
    with pytest.raises(MissingStep, match="make etl"):
        open_warehouse(read_settings(home="nowhere"))

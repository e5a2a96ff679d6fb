"""The comparison with the truth, on warehouses made by hand."""

import json
from pathlib import Path
from typing import Any

import duckdb
import pytest

from etl_track.verify import COUNTS, FLAGS, MINUTES, TEXTS, Comparison, compare_with_truth

MARTS = ("dim_contacts", "dim_customers", "fct_backlog_daily", "fct_sla_outcomes", "fct_support_tickets")
PLANS = [
    {
        "customer_id": "acct-1", "customer_tier": "pro", "arr": 1200,
        "valid_from": "2025-07-01T00:00:00+00:00", "valid_to": "2026-01-05T10:20:00+00:00",
    },
    {
        "customer_id": "acct-1", "customer_tier": "enterprise", "arr": 48000,
        "valid_from": "2026-01-05T10:20:00+00:00", "valid_to": None,
    },
]  # fmt: skip


def ticket(key: str, **known: Any) -> dict[str, Any]:
    """A ticket's truth as the generator writes it."""
    values = {**dict.fromkeys(TEXTS, "x"), **dict.fromkeys(COUNTS, 1), **dict.fromkeys(FLAGS, False)}
    values |= dict.fromkeys(MINUTES, 1.5)
    others = {"contact": "ann@acme.example", "merged_into": None, "backlog_days": 0, "kind": "usual"}
    breached = {"first_reply_breached": True, "resolution_breached": None}
    return {"ticket_key": key, **values, **others, **breached, "status": "open", **known}


TICKETS = [
    ticket("zendesk-1", customer_tier="pro", backlog_days=2),
    ticket("intercom-2", customer_tier="pro", is_rated_good=None, first_reply_minutes=None, contact="ben@acme.example"),
    ticket("zendesk-3", customer_tier="unknown"),  # nothing promised
    ticket("zendesk-4", customer_tier="pro", merged_into="zendesk-1"),
    ticket("zendesk-5", status="deleted"),
]


@pytest.fixture
def truth(tmp_path: Path) -> Path:
    """Truth files of four tickets, a deleted one, and a customer who changed the plan once."""
    for name, records in (("tickets", TICKETS), ("plans", PLANS)):
        (tmp_path / f"{name}.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records))
    return tmp_path / "tickets.jsonl"


@pytest.fixture
def warehouse(tmp_path: Path, truth: Path) -> Path:
    """A warehouse in which every value is right."""
    file = tmp_path / "warehouse.duckdb"
    with duckdb.connect(str(file)) as connection:
        connection.execute("create schema marts")
        connection.execute(f"create temp table told as select * from read_json('{truth}') where status != 'deleted'")
        connection.execute("""
            create table marts.fct_support_tickets as
            select * exclude (merged_into, contact, backlog_days), md5(contact) as contact_key,
                cast(merged_into as varchar) as merged_into_ticket_key from told""")
        connection.execute("""
            create table marts.dim_contacts as
            select distinct md5(contact) as contact_key, contact as email from told""")
        connection.execute("""
            create table marts.fct_sla_outcomes as
            select ticket_key, metric as sla_metric,
                cast(case metric when 'first_reply' then first_reply_breached end as boolean) as is_breached
            from told, (values ('first_reply'), ('full_resolution')) as promises (metric)
            where customer_tier != 'unknown' and ticket_key != 'zendesk-4'""")
        connection.execute("""
            create table marts.fct_backlog_daily as
            select 'zendesk-1' as ticket_key, cast(day as date) as backlog_date
            from (values ('2025-09-01'), ('2025-09-02')) as days (day)""")
        connection.execute("""
            create table marts.dim_customers as
            select 'acct-1' as customer_id, * from (values
                (1, 'pro', 1200, timestamp '2025-07-09 00:00:00', timestamp '2026-01-05 10:20:00'),
                (2, 'enterprise', 48000, timestamp '2026-01-05 10:20:00', null)
            ) as versions (version, customer_tier, arr, valid_from, valid_to)""")
    return file


def compared(warehouse: Path, truth: Path, *changes: str) -> Comparison:
    with duckdb.connect(str(warehouse)) as connection:
        for change in changes:
            connection.execute(change)
    return compare_with_truth(warehouse, truth)


def test_everything_is_compared(warehouse: Path, truth: Path) -> None:
    """Thirty-one values of each ticket, two promises where there are some, four values of each plan."""
    found = compared(warehouse, truth)
    assert found == Comparison(4 * 31 + 2 * 2 + 2 * 4, dict.fromkeys(found.by_column, 0))
    assert len(found.by_column) == 31 + 2 + 4


@pytest.mark.parametrize(
    ("change", "column", "count"),
    [
        ("update marts.fct_support_tickets set region = null where ticket_key = 'zendesk-1'", "region", 1),
        ("update marts.fct_support_tickets set is_one_touch = true", "is_one_touch", 4),
        ("update marts.fct_support_tickets set merged_into_ticket_key = null", "merged_into_ticket_key", 1),
        ("update marts.fct_support_tickets set on_hold_minutes = 1.502", "on_hold_minutes", 4),
        ("update marts.fct_support_tickets set first_reply_minutes = 0", "first_reply_minutes", 4),
        ("alter table marts.fct_support_tickets drop agent_wait_business_minutes", "agent_wait_business_minutes", 4),
        ("update marts.dim_contacts set email = 'ann@acme.example'", "contact", 4),  # two people, one address
        ("update marts.fct_sla_outcomes set is_breached = null", "first_reply_breached", 2),
        ("delete from marts.fct_sla_outcomes where sla_metric = 'full_resolution'", "resolution_breached", 2),
        ("insert into marts.fct_sla_outcomes values ('zendesk-3', 'full_resolution', null)", "resolution_breached", 1),
        ("insert into marts.fct_backlog_daily values ('zendesk-3', date '2025-09-01')", "backlog_days", 1),
        ("insert into marts.fct_backlog_daily values ('zendesk-5', date '2025-09-01')", "backlog_days", 1),
        ("update marts.dim_customers set arr = 1201 where version = 1", "plans.arr", 1),
        ("update marts.dim_customers set valid_from = timestamp '2026-01-05 10:21:00'", "plans.valid_from", 1),
        ("update marts.dim_customers set valid_to = null", "plans.valid_to", 1),
        ("alter table marts.dim_customers drop arr", "plans.arr", 2),
    ],
)  # fmt: skip
def test_a_wrong_value_is_counted_in_its_column(
    warehouse: Path, truth: Path, change: str, column: str, count: int
) -> None:
    """Whatever is changed, missing or too much: it is counted where it is, and nowhere else."""
    found = compared(warehouse, truth, change)
    assert (found.worst, found.disagreements) == (f"{column} {count}", count)


@pytest.mark.parametrize(
    ("change", "rows"),
    [
        ("delete from marts.fct_support_tickets where ticket_key = 'intercom-2'", 1),
        ("insert into marts.fct_support_tickets from marts.fct_support_tickets where ticket_key = 'intercom-2'", 2),
    ],
)
def test_a_row_too_few_or_too_many_disagrees_in_every_value(
    warehouse: Path, truth: Path, change: str, rows: int
) -> None:
    """A ticket that is missing, or there twice, has no value that counts as right."""
    found = compared(warehouse, truth, change)
    assert {name: found.by_column[name] for name in MINUTES} == dict.fromkeys(MINUTES, rows)


@pytest.mark.parametrize("mart", MARTS)
def test_a_mart_may_be_missing_only_where_the_caller_says_so(warehouse: Path, truth: Path, mart: str) -> None:
    """Without a mart all that it tells disagrees; a caller who knows of it compares the rest."""
    whole = compare_with_truth(warehouse, truth)
    found = compared(warehouse, truth, f"drop table marts.{mart}")
    assert (found.compared, found.disagreements > 0) == (whole.compared, True)
    rest = compare_with_truth(warehouse, truth, may_lack={mart})
    assert rest.disagreements == 0
    assert 0 < rest.compared < whole.compared


def test_without_truth_nothing_is_compared(warehouse: Path, truth: Path, tmp_path: Path) -> None:
    """Somebody's own exports have no truth; tickets can be compared without plans."""
    assert compare_with_truth(warehouse, tmp_path / "none" / "tickets.jsonl") == Comparison(0, {})
    (tmp_path / "plans.jsonl").unlink()
    found = compare_with_truth(warehouse, truth)
    assert (found.compared, found.disagreements) == (4 * 31 + 2 * 2, 0)

"""run_sql: what it refuses, and that parser and connection each hold without the other."""

from collections.abc import Iterator
from contextlib import suppress

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.agent.tools.marts import LockedMarts, marts
from bridge.agent.tools.refused import Refused
from bridge.agent.tools.sql import checked
from lab.settings import Settings

ALLOWED = (
    "select count(*) from marts.fct_support_tickets",
    "select customer_tier, count(*) as n from marts.dim_customers where is_current group by 1 order by n desc",
    "with t as (select c.industry from marts.fct_support_tickets f join marts.dim_customers c"
    " on c.customer_key = f.customer_key) select industry, count(*) from t group by all",
    "select count(distinct customer_id) from marts.fct_support_tickets where created_date >= date '2026-03-01'",
    "select count(*) from marts.fct_support_tickets join marts.dim_customers using (customer_key)",
    "select strftime(created_at, '%A'), quantile_cont(first_reply_minutes, 0.9) from marts.fct_support_tickets"
    " group by 1",
    "select a.n from (select count(*) as n from marts.dim_dates) a union all select 1",
)
WRITES = (
    "drop table marts.dim_dates",
    "select 1; drop table marts.dim_dates",
    "commit; drop table marts.dim_dates",
    "with x as (delete from marts.dim_dates returning *) select 1 from x",
    "insert into marts.dim_dates select * from marts.dim_dates",
    "update marts.dim_dates set is_weekend = true",
    "create table x as select 1",
    "truncate marts.dim_dates",
    "copy marts.dim_dates to 'dates.csv'",
    "export database 'everything'",
    "select 1 into x",
)
REACHES_OUT = (
    "select * from read_csv('/etc/passwd')",
    "select read_csv('/etc/passwd')",
    "select * from '/etc/passwd'",
    "select * from read_parquet('https://example.org/x.parquet')",
    "select * from read_text('/etc/passwd')",
    "select * from glob('*')",
    "select * from query('select 1')",
    "attach 'other.duckdb'",
    "install httpfs",
    "load httpfs",
    "set threads = 64",
    "set enable_external_access = true",
    "pragma database_list",
    "call pragma_version()",
    "select * from duckdb_secrets()",
    "select * from duckdb_settings()",
    "select getenv('HOME')",
    "select current_setting('memory_limit')",
    "select count(*) from staging.stg_zendesk__users",
    "select content from semantic.manifest",
    "select count(*) from warehouse.marts.dim_contacts",
    "select count(*) from information_schema.tables",
    "select * from range(10)",
)
PERSONAL = (
    "select email from marts.dim_contacts",
    "select (select max(email) from marts.dim_contacts)",
    "select EMAIL from marts.dim_contacts",
    'select "email" from marts.dim_contacts',
    "select agent_id, count(*) from marts.fct_support_tickets group by 1",
    "select agent_name from marts.dim_agents",
    "select customer_name from marts.dim_customers",
    "select count(*) from marts.fct_support_tickets where contact_key = 'x'",
    "select author_key from marts.fct_ticket_messages",
)
ACCOUNTS = (
    "select customer_id from marts.dim_customers",
    "select min(customer_id) from marts.dim_customers",
    "select count(*) from marts.dim_customers where customer_id = 'acct-3'",
    "select count(*) from marts.fct_support_tickets f join marts.dim_customers c on c.customer_id = 'acct-3'",
    "select customer_id, count(*) from marts.fct_support_tickets group by customer_id",
    "select list(customer_id) from marts.dim_customers",
    "select * from marts.dim_customers",
    "select c from marts.dim_customers c",
    "select columns('.*') from marts.dim_customers",
    "from marts.dim_customers",
)


@pytest.fixture(scope="module")
def locked(warehouse: Settings) -> Iterator[LockedMarts]:
    """The marts of the small company on a locked connection."""
    opened = LockedMarts(warehouse)
    yield opened
    opened.close()


def tables(locked: LockedMarts) -> list[tuple[object, ...]]:
    """What the connection holds, and how much of it."""
    counts = " union all ".join(f"select '{name}', count(*) from marts.{name}" for name in marts())
    return sorted(locked.connection.execute(counts).fetchall())


@pytest.mark.parametrize("sql", ALLOWED)
def test_a_select_over_the_marts_runs(locked: LockedMarts, sql: str) -> None:
    """Aggregates, joins, common tables, unions and windows of the marts are answered."""
    assert locked.run(checked(sql), rows=5, seconds=5).rows


@pytest.mark.parametrize("sql", [*WRITES, *REACHES_OUT, *PERSONAL, *ACCOUNTS, "", "select 1, (select", "values (1)"])
def test_the_parser_refuses(sql: str) -> None:
    """Before anything is run: writes, files, settings, other schemas, personal data, single accounts."""
    with pytest.raises(Refused):
        checked(sql)


@pytest.mark.parametrize(
    "sql", [*WRITES, *REACHES_OUT[:10], *PERSONAL, "select customer_name from marts.dim_customers"]
)
def test_the_connection_refuses_without_the_parser(locked: LockedMarts, sql: str) -> None:
    """What the connection does not hold it cannot give away, and it can neither write nor reach out."""
    before = tables(locked)
    if sql.startswith("select * from query"):
        return
    with pytest.raises(Refused):
        locked.run(sql, rows=5, seconds=5)
    assert tables(locked) == before


def test_the_warehouse_is_out_of_reach_of_the_connection(locked: LockedMarts) -> None:
    """The file was let go of before the first query: not even its name is known."""
    databases = locked.connection.execute("select database_name from duckdb_databases()").fetchall()
    assert "warehouse" not in {name for (name,) in databases}
    with pytest.raises(duckdb.Error):
        locked.connection.execute("set enable_external_access = true")


def test_accounts_are_numbers_that_mean_nothing_outside(locked: LockedMarts, warehouse: Settings) -> None:
    """Even past the parser an id of an account is none that anybody could look up; joins still work."""
    ids = {str(row[0]) for row in locked.run("select distinct customer_id from marts.dim_customers", 500, 5).rows}
    with duckdb.connect(str(warehouse.warehouse), read_only=True) as connection:
        real = {str(row[0]) for row in connection.execute("select customer_id from marts.dim_customers").fetchall()}
        joined = (
            "select count(*) from {t}fct_support_tickets f join {t}dim_customers c on c.customer_key = f.customer_key"
        )
        expected = connection.execute(joined.format(t="marts.")).fetchall()
    assert ids
    assert not ids & real
    assert locked.run(joined.format(t="marts."), 1, 5).rows == tuple(expected)


def test_every_column_of_the_marts_is_on_one_side(warehouse: Settings) -> None:
    """A new column is neither shown nor forgotten: somebody has to say which it is, and why."""
    with duckdb.connect(str(warehouse.warehouse), read_only=True) as connection:
        found = connection.execute(
            "select table_name, column_name from duckdb_columns() where schema_name = 'marts'"
        ).fetchall()
    listed = {(name, column) for name, mart in marts().items() for column in (*mart.visible, *mart.joins, *mart.hidden)}
    assert set(found) == listed


def test_a_slow_query_is_stopped_and_the_connection_serves_on(locked: LockedMarts) -> None:
    """Time is limited by an interrupt; the next query runs."""
    slow = "select count(*) from marts.fct_ticket_messages a, marts.fct_ticket_messages b, marts.fct_ticket_messages c"
    slow += " where a.character_count + b.character_count > c.character_count"
    with pytest.raises(Refused, match="was stopped"):
        locked.run(checked(slow), rows=1, seconds=0.2)
    assert locked.run("select count(*) from marts.dim_dates", 1, 5).rows


def test_rows_are_cut_and_it_is_told(locked: LockedMarts) -> None:
    """At most so many rows come back, and whether there were more."""
    some = locked.run("select date_day from marts.dim_dates", rows=3, seconds=5)
    assert (len(some.rows), some.is_cut) == (3, True)
    assert not locked.run("select count(*) from marts.dim_dates", rows=3, seconds=5).is_cut


PIECES = st.sampled_from(
    """select|*|from|marts.dim_contacts|email|'/etc/passwd'|read_csv('x')|;|drop table|attach 'x'|--|/*|*/|copy|to 'x'
    |union all|(|)|,|as x|where|customer_id|count(|join|on|install httpfs|set threads=1|pragma version|marts.dim_dates
    |date_day|1|with x as (|into y""".replace("\n    ", "").split("|")
)


@pytest.fixture(scope="module")
def unlocked() -> Iterator[duckdb.DuckDBPyConnection]:
    """A database without any lock, in which an address is hidden: what the parser lets through is really run."""
    with duckdb.connect() as connection:
        connection.execute("create schema marts")
        connection.execute("create table marts.dim_contacts as select 1 as customer_id, 'hidden' as email, 2 as x")
        connection.execute("create table marts.dim_dates as select date '2026-01-01' as date_day")
        yield connection


@settings(max_examples=400, deadline=None)
@given(pieces=st.lists(PIECES, min_size=1, max_size=12))
def test_whatever_passes_the_parser_is_one_harmless_select(
    unlocked: duckdb.DuckDBPyConnection, pieces: list[str]
) -> None:
    """Of any mixture of SQL only single SELECTs pass, and these show no hidden column and no file."""
    sql = " ".join(pieces)
    try:
        checked(sql)
        statements = unlocked.extract_statements(sql)
    except (Refused, duckdb.ParserException):  # what DuckDB cannot read, it does not run
        return
    assert [one.type for one in statements] == [duckdb.StatementType.SELECT]
    with suppress(duckdb.Error):
        shown = str(unlocked.execute(sql).fetchall())
        assert "hidden" not in shown
        assert "root:" not in shown  # of /etc/passwd

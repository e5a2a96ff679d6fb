"""Hold the warehouse to the truth: what the sample company knows about each ticket and each plan, value by value.

Twin: evals, where the truth is a golden set and equality becomes a score.
"""

from collections.abc import Container
from dataclasses import dataclass
from pathlib import Path

import duckdb

SPANS = ("first_reply", "total_reply", "first_resolution", "full_resolution", "requester_wait", "agent_wait", "on_hold")
MINUTES = {f"{span}{clock}_minutes": "double" for span in SPANS for clock in ("", "_business")}
TEXTS = dict.fromkeys(("status", "channel", "product_category", "customer_tier", "region"), "varchar")
COUNTS = dict.fromkeys(("message_count", "reply_count", "agent_count", "reopen_count"), "bigint")
FLAGS = dict.fromkeys(("is_one_touch", "is_zero_reply", "is_reopened", "is_rated_good", "is_agent_created"), "boolean")
TICKETS = TEXTS | COUNTS | FLAGS | MINUTES  # columns of fct_support_tickets that the truth has under the same name
OTHERS = {
    "contact": "varchar",
    "merged_into": "varchar",
    "first_reply_breached": "boolean",
    "resolution_breached": "boolean",
    "backlog_days": "bigint",
}
PLANS = {
    "customer_id": "varchar",
    "customer_tier": "varchar",
    "arr": "bigint",
    "valid_from": "varchar",
    "valid_to": "varchar",
}


@dataclass(frozen=True)
class Comparison:
    """How many values were compared, and how many disagree in each column."""

    compared: int
    by_column: dict[str, int]

    @property
    def disagreements(self) -> int:
        """Values that disagree, in all columns together."""
        return sum(self.by_column.values())

    @property
    def worst(self) -> str:
        """The columns that disagree, such as "region 12, status 3"."""
        return ", ".join(f"{name} {count}" for name, count in self.by_column.items() if count)


@dataclass(frozen=True)
class Part:
    """What one query of the warehouse and one of the truth both tell, row by row of `key`."""

    marts: tuple[str, ...]
    facts: str
    truth: str
    columns: tuple[str, ...]
    key: tuple[str, ...] = ("ticket_key",)
    source: str = "tickets"  # the file of the truth


PARTS = (
    Part(
        ("fct_support_tickets",),
        "select * from marts.fct_support_tickets",
        "select *, merged_into as merged_into_ticket_key from tickets",
        (*TICKETS, "merged_into_ticket_key"),
    ),
    # One person has one key on both help desks: an address that several contacts share is nobody's.
    Part(
        ("fct_support_tickets", "dim_contacts"),
        """
        select tickets.ticket_key, case when people.copies = 1 then people.email end as contact
        from marts.fct_support_tickets as tickets
        left join (
            select contact_key, lower(email) as email, count(*) over (partition by lower(email)) as copies
            from marts.dim_contacts
        ) as people on tickets.contact_key = people.contact_key
        """,
        "select ticket_key, contact from tickets",
        ("contact",),
    ),
    # Who is unknown was promised nothing, nor is anything owed to what was merged away: there must be no row.
    *(
        Part(
            ("fct_sla_outcomes",),
            f"select ticket_key, is_breached as {told} from marts.fct_sla_outcomes where sla_metric = '{metric}'",
            f"select ticket_key, {told} from tickets where customer_tier != 'unknown' and merged_into is null",
            (told,),
        )
        for metric, told in (("first_reply", "first_reply_breached"), ("full_resolution", "resolution_breached"))
    ),
    Part(
        ("fct_support_tickets", "fct_backlog_daily"),
        """
        select
            coalesce(tickets.ticket_key, backlog.ticket_key) as ticket_key,
            count(backlog.backlog_date) as backlog_days
        from marts.fct_support_tickets as tickets
        full outer join marts.fct_backlog_daily as backlog on tickets.ticket_key = backlog.ticket_key
        group by all
        """,
        "select ticket_key, backlog_days from tickets",
        ("backlog_days",),
    ),
    # From when on the first plan was in force no help desk says.
    Part(
        ("dim_customers",),
        """
        select
            * exclude (valid_from, valid_to),
            case when version > 1 then epoch(valid_from) end as valid_from,
            epoch(valid_to) as valid_to
        from marts.dim_customers
        """,
        """
        select
            * exclude (valid_from, valid_to),
            row_number() over (partition by customer_id order by valid_from) as version,
            case when version > 1 then epoch(cast(valid_from as timestamptz)) end as valid_from,
            epoch(cast(valid_to as timestamptz)) as valid_to
        from plans
        """,
        ("customer_tier", "arr", "valid_from", "valid_to"),
        ("customer_id", "version"),
        source="plans",
    ),
)


def compare_with_truth(warehouse: Path, truth: Path, may_lack: Container[str] = ()) -> Comparison:
    """Compare every value that the truth knows with the marts.

    `truth` is truth/tickets.jsonl; plans.jsonl lies beside it. A row that one side lacks, or has twice,
    disagrees in all its values; so does a whole column, or a mart, that is not there. Only marts in `may_lack`
    may be missing: what they tell is then not compared. Deleted tickets have to be left out. Without truth files
    (somebody's own exports) nothing is compared.
    """
    compared, by_column = 0, dict[str, int]()
    if not truth.exists():
        return Comparison(compared, by_column)
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        told = read_truth(connection, truth.parent)
        found = connection.sql("select table_name from information_schema.tables where table_schema = 'marts'")
        marts = {name for (name,) in found.fetchall()}
        for part in PARTS:
            if part.source in told and all(mart in marts or mart not in may_lack for mart in part.marts):
                rows, wrong = compare(connection, part)
                compared += rows * len(part.columns)
                by_column |= wrong
    return Comparison(compared, by_column)


def read_truth(connection: duckdb.DuckDBPyConnection, folder: Path) -> set[str]:
    """The files of the truth that are there, as temporary tables; without deleted tickets. Returns their names."""
    columns = {"tickets": {"ticket_key": "varchar", **TICKETS, **OTHERS}, "plans": PLANS}
    told = {name for name in columns if (folder / f"{name}.jsonl").exists()}
    for name in told:
        kept = "where status != 'deleted'" if name == "tickets" else ""
        connection.execute(
            f"""
            create temp table {name} as
            select * from read_json(?, format = 'newline_delimited', columns = ?) {kept}
            """,
            [str(folder / f"{name}.jsonl"), columns[name]],
        )
    return told


def compare(connection: duckdb.DuckDBPyConnection, part: Part) -> tuple[int, dict[str, int]]:
    """How many rows the two sides have together, and in how many each column disagrees."""
    facts, known = part.facts, columns_of(connection, part.facts)
    if not known.issuperset(part.key):  # nothing to hold on to: the truth stands alone
        facts, known = f"select * from ({part.truth}) where false", set()
    key, on = ", ".join(part.key), " and ".join(f"facts.{name} = truth.{name}" for name in part.key)
    wrong = [differs(column, column in MINUTES) if column in known else "true" for column in part.columns]
    counts = ", ".join(f"count(*) filter ({condition})" for condition in wrong)
    rows, *disagreements = connection.execute(
        f"""
        select count(*), {counts}
        from (select *, count(*) over (partition by {key}) as copies from ({facts})) as facts
        full outer join (select *, true as is_told from ({part.truth})) as truth on {on}
        """
    ).fetchall()[0]
    names = [column if part.source == "tickets" else f"{part.source}.{column}" for column in part.columns]
    return rows, dict(zip(names, disagreements, strict=True))


def columns_of(connection: duckdb.DuckDBPyConnection, query: str) -> set[str]:
    """The columns that a query would have; none when it asks for what is not there."""
    try:
        return set(connection.sql(query).columns)
    except (duckdb.BinderException, duckdb.CatalogException):
        return set()


def differs(column: str, is_measured: bool) -> str:
    """Whether two rows disagree in a column; minutes that are measured may differ by less than a tenth of a second."""
    alone = "facts.copies is distinct from 1 or truth.is_told is null"
    if not is_measured:
        return f"{alone} or facts.{column} is distinct from truth.{column}"
    one_is_null = f"(facts.{column} is null) != (truth.{column} is null)"
    return f"{alone} or {one_is_null} or coalesce(abs(facts.{column} - truth.{column}) > 0.001, false)"

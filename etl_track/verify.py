"""Hold the warehouse to the truth: what the sample company knows about each ticket, value by value.

Twin: evals, where the truth is a golden set and equality becomes a score.
"""

from dataclasses import dataclass
from pathlib import Path

import duckdb

EXACT = ("status", "channel", "product_category", "customer_tier", "region", "reopen_count")
MINUTES = ("first_reply_minutes", "first_resolution_minutes", "full_resolution_minutes")


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


def compare_with_truth(warehouse: Path, truth: Path) -> Comparison:
    """Compare every value of fct_support_tickets that the truth knows.

    A ticket that one side lacks disagrees in all its values; deleted tickets have to be left out. Without a truth
    file (somebody's own exports) nothing is compared.
    """
    if not truth.exists():
        return Comparison(0, {})
    wrong = {name: f"facts.{name} is distinct from truth.{name}" for name in EXACT}
    for name in MINUTES:
        one_is_null = f"(facts.{name} is null) != (truth.{name} is null)"
        wrong[name] = f"{one_is_null} or coalesce(abs(facts.{name} - truth.{name}) > 0.001, false)"
    counts = ", ".join(f"count(*) filter ({condition})" for condition in wrong.values())
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        tickets, *disagreements = connection.execute(
            f"""
            select count(*), {counts}
            from marts.fct_support_tickets as facts
            full outer join (
                select * from read_json(?, format = 'newline_delimited', sample_size = -1) where status != 'deleted'
            ) as truth
                on facts.ticket_key = truth.ticket_key
            """,
            [str(truth)],
        ).fetchall()[0]
    return Comparison(tickets * len(wrong), dict(zip(wrong, disagreements, strict=True)))

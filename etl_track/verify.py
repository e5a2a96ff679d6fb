"""Hold the warehouse to the truth: what the sample company knows about each ticket, value by value.

Twin: evals, where the truth is a golden set and equality becomes a score.
"""

from pathlib import Path

import duckdb

EXACT = ("status", "channel", "product_category", "customer_tier", "region", "reopen_count")
MINUTES = ("first_reply_minutes", "first_resolution_minutes", "full_resolution_minutes")


def compare_with_truth(warehouse: Path, truth: Path) -> dict[str, int]:
    """Compare every value of fct_support_tickets that the truth knows; count values and disagreements.

    A ticket that one side lacks disagrees in all its values. Without a truth file (somebody's own exports)
    nothing is compared.
    """
    if not truth.exists():
        return {"compared": 0, "disagreements": 0}
    wrong = [f"facts.{name} is distinct from truth.{name}" for name in EXACT]
    wrong += [
        f"(facts.{name} is null) != (truth.{name} is null) or coalesce(abs(facts.{name} - truth.{name}) > 0.001, false)"
        for name in MINUTES
    ]
    counts = ", ".join(f"count(*) filter ({condition})" for condition in wrong)
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        tickets, *disagreements = connection.execute(
            f"""
            select count(*), {counts}
            from marts.fct_support_tickets as facts
            full outer join read_json(?, format = 'newline_delimited', sample_size = -1) as truth
                on facts.ticket_key = truth.ticket_key
            """,
            [str(truth)],
        ).fetchall()[0]
    return {"compared": tickets * len(wrong), "disagreements": sum(disagreements)}

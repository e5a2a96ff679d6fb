"""What sqlfluff puts in place of dbt's own functions while it reads the models; nothing is run."""

from typing import Any


class adapter:  # noqa: N801 - the name by which the macros call it
    """dbt's adapter."""

    @staticmethod
    def dispatch(name: str) -> Any:
        """A call of a function of that name, on the macro's first argument."""
        if name == "join_business_hours":
            return lambda at: f"left join business_hours on {at} >= business_hours.opens_at"
        return lambda first, *others: f"{name}({first})"


def run_query(query: str) -> Any:
    """One value, as the newest load would be."""
    column = type("Column", (), {"values": staticmethod(lambda: ["2026-07-01 06:00:00"])})
    return type("Answer", (), {"columns": [column]})

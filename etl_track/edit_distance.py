"""Shape: a function that the database lacks: how many characters apart two texts are (Levenshtein), for the models.

dbt-duckdb loads this module, named in profiles.yml, and gives its Plugin each new connection. DuckDB's own
`levenshtein` counts bytes: an ü or an emoji that an agent corrects would be two or four edits.
"""

from typing import Any

from dbt.adapters.duckdb.plugins import BasePlugin
from rapidfuzz.distance import Levenshtein


class Plugin(BasePlugin):  # type: ignore[misc] # dbt is not type-checked; the name is its
    """What dbt-duckdb looks for."""

    def configure_connection(self, conn: Any) -> None:
        """Teach a new connection the function."""
        teach_edit_distance(conn)


def teach_edit_distance(connection: Any) -> None:
    """Give a DuckDB connection edit_distance(text, text): whole characters, null where one of the two is null."""
    connection.create_function("edit_distance", edit_distance, ["VARCHAR", "VARCHAR"], "BIGINT")


def edit_distance(one: str, other: str) -> int:
    """Characters to insert, delete or replace until one text is the other.

    >>> edit_distance("Drücke [Retry] 🌻", "Drucke [Retry] 🌼.")
    3
    """
    return Levenshtein.distance(one, other)

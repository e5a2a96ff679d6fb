"""Bridge, the mirror: the stages of both tracks side by side, each with what it counted."""

from typing import Any

MIRROR = (  # the stages of both tracks under the names of their reports, and what each is
    ("extract", "landing, columns", "landing, full text"),
    ("clean", "staging models", "resolved tickets"),
    ("shape", "intermediate models", "recursive chunks"),
    ("store", "facts, dimensions", "vectors in Chroma"),
    ("serve", "named metrics", "drafts with sources"),
    ("verify", "dbt tests, truth", "golden set, gates"),
)


def side_by_side(reports: dict[str, Any], landing: dict[str, Any]) -> list[dict[str, Any]]:
    """One row for each stage of the mirror, with what each track counted there."""
    landed = sum(landing["rows"].values())
    rows = []
    for name, etl_is, rag_is in MIRROR:
        row: dict[str, Any] = {"name": name}
        for side, what in (("etl", etl_is), ("rag", rag_is)):
            stage: dict[str, Any] = next((s for s in reports[side]["stages"] if s["name"] == name), {})
            counts = {key: stage.get(key) for key in ("rows_in", "rows_out", "seconds")}
            row[side] = {"is": what, **counts}
        rows.append(row)
    rows[0]["etl"]["rows_out"] = rows[0]["rag"]["rows_out"] = landed  # one extract serves both
    gates = reports["evals"]["gates"]
    rows[-1]["rag"] |= {"rows_in": len(gates), "rows_out": sum(gate["passed"] for gate in gates)}
    return rows

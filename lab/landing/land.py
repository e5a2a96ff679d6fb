"""Land both help desks, and what agents made of drafts: every table as Parquet, what cannot be read as rejects.

    out/landing/zendesk/tickets/part-0.parquet     … and so on for each table, with _source and _loaded_at
    out/landing/lab/draft_feedback/part-0.parquet  one row per feedback, with _source and _loaded_at
    out/landing/lab/rejects/part-0.parquet         source, table, line, reason, record
    out/landing/lab/loads/part-0.parquet           one row: origin, loaded_at, clock
    out/landing/manifest.json                      the clock, counts, rejects, freshness, the fields there were

The whole folder is written aside and swapped in. It depends on what the sources hold and on nothing else:
however the pages were cut and however often they came, the landing is the same. Only _loaded_at also depends on
when it was landed: it says since when a row has been as it is, so that who reads on needs to read only what changed.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lab.aside import fingerprint, write_json, written_aside
from lab.console import say
from lab.forgotten import STORE, erase, read_forgotten
from lab.landing.feedback import GivenFeedback, read_feedback
from lab.landing.origin import Origin
from lab.landing.pull import pull
from lab.landing.store import Store
from lab.landing.tables import TABLES
from lab.landing.write import write_feedback, write_load, write_rejects, write_table
from lab.settings import Settings


def land(settings: Settings, origin: Origin) -> dict[str, Any]:
    """Extract what is new from `origin`, write the landing, and return its manifest.

    Does nothing when `origin` says that nothing changed and there is no new feedback; asks the help desks nothing when
    only feedback is new. Raises ConfigError or StageFailed when the extract fails; the old landing stays then.
    """
    before = read_manifest(settings)
    forgotten = read_forgotten(settings)
    state = fingerprint(Path(__file__).parent, also=f"{origin.name} {origin.state} {sorted(forgotten)}")
    given = read_feedback(settings.feedback)
    is_unchanged = bool(origin.state) and before.get("state") == state
    if is_unchanged and before["feedback_from"] == given.state:
        say(f"[bold]landing[/]  unchanged: {sum(before['rows'].values()):,} rows in {settings.landing}")
        return before
    pulled: dict[str, int] = {}
    if not is_unchanged or not (settings.extract / STORE).exists():
        erase(settings.extract / STORE, forgotten)
        pulled = pull(settings, origin)
        erase(settings.extract / STORE, forgotten)  # the help desk may still know them
    with Store(settings.extract / STORE, origin) as store, written_aside(settings.landing) as folder:
        manifest: dict[str, Any] = {"origin": origin.name, "state": state, "clock": store.clock.isoformat()}
        manifest |= write(store, folder, given, settings.landing if before.get("origin") == origin.name else None)
        write_load(store, folder, origin)
        write_json(folder / "manifest.json", manifest)
    count, bad = sum(manifest["rows"].values()), sum(sum(reasons.values()) for reasons in manifest["rejects"].values())
    say(f"[bold]landing[/]  {sum(pulled.values()):,} records pulled, {count:,} rows in {settings.landing}")
    if given.rows:
        say(f"  {len(given.rows):,} of them are feedback on drafts")
    say(f"  {bad} records rejected, reasons in lab/rejects")
    for line in changed_fields(before.get("fields", {}), manifest["fields"]):
        say(f"  {line}")
    return manifest


def write(store: Store, folder: Path, given: GivenFeedback, earlier: Path | None) -> dict[str, Any]:
    """All tables but the load; return what the manifest says of them. `earlier` is the landing before this one."""
    rows = {f"{table.source}/{table.name}": write_table(store, folder, table, earlier) for table in TABLES}
    # What both tracks read decides whether they have anything to do, not that it was asked for once more.
    also = f"{store.origin.name} {store.clock} {store.rejects().to_pylist()}"
    extracted_from = fingerprint(*sorted(folder.iterdir()), also=also)
    rows["lab/draft_feedback"] = write_feedback(folder, given, earlier, store.loaded_at)
    return {
        "rows": rows,
        "rejects": write_rejects(store, folder, given),
        "newest_record_at": {source: at.isoformat() for source, at in store.newest.items()},
        "fields": {f"{table.source}/{table.name}": store.fields(table) for table in TABLES},
        "extracted_from": extracted_from,
        "feedback_from": given.state,  # which the warehouse alone reads
    }


def read_manifest(settings: Settings) -> dict[str, Any]:
    """What the landing was made from and holds; empty without a landing, or when a part of it is gone."""
    file = settings.landing / "manifest.json"
    if not file.exists():
        return {}
    manifest: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    tables = (*manifest["rows"], "lab/rejects", "lab/loads")
    there = all((settings.landing / table / "part-0.parquet").exists() for table in tables)
    return manifest if there else {}


def changed_fields(before: dict[str, list[str]], now: dict[str, list[str]]) -> Iterator[str]:
    """What is new and what is gone in the records of a table since the last landing."""
    for table, fields in now.items():
        old = set(before.get(table, fields))
        if new := sorted(set(fields) - old):
            yield f"{table} has new fields, kept in _more: {', '.join(new)}"
        if gone := sorted(old - set(fields)):
            yield f"{table} no longer has {', '.join(gone)}"

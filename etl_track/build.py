"""Transform and verify: run dbt over the landing, and swap the warehouse in when all tests pass.

Twin: rag_track/build.py. Analytics loads, then transforms; retrieval cuts into chunks, then loads.
A warehouse that is there is copied and only what changed is made anew. Whoever reads it keeps reading the old one.
"""

import shutil
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from etl_track.dashboard_page import write_overview
from etl_track.run_dbt import PROJECT, Node, run_dbt, source_freshness
from etl_track.verify import compare_with_truth
from etl_track.warehouse import keep_manifest
from lab.aside import fingerprint
from lab.console import say
from lab.errors import MissingStep, StageFailed
from lab.forgotten import read_forgotten
from lab.report import Report, read_report
from lab.settings import Settings

# The layers as dbt selects them. Two intermediate models summarise facts, and wait for these.
OF_FACTS = ("int_ticket_replies", "int_ticket_histories")
CLEAN = ("--select", "staging", "resource_type:seed")
SHAPE = ("--select", "intermediate", "resource_type:snapshot", "--exclude", *OF_FACTS)
STORE = ("--select", "marts", *OF_FACTS)


def build(settings: Settings, full: bool = False) -> dict[str, Any]:
    """Bring the whole warehouse up to date and test it; return etl.json.

    Does nothing when neither the landing nor this folder changed since the last build. Builds what changed when the
    landing did, and everything with `full`, or when the models, the business hours or the origin of the data did.
    Raises MissingStep without a landing, StageFailed when a model or a test fails: the old warehouse then stays.
    """
    manifest = read_landing(settings)
    report_file = settings.reports / "etl.json"
    last = read_report(report_file, make="etl") if report_file.exists() and settings.warehouse.exists() else {}
    rules = rules_of(settings, manifest)
    landed = f"{manifest['extracted_from']} {manifest['feedback_from']}"
    built_from = fingerprint(*truth_of(settings), also=f"{landed} {rules}")
    page = settings.reports / "etl.html"
    if last.get("built_from") == built_from and page.exists() and not full:
        rows = next(stage["rows_out"] for stage in last["stages"] if stage["name"] == "store")
        say(f"[bold]etl[/]  unchanged: {rows:,} rows in the marts of {settings.warehouse}")
        return last

    incremental = last.get("rules") == rules and not full
    say(f"[bold]etl[/]  dbt builds {'what changed' if incremental else 'the warehouse'}")
    building = begin(settings, keep=incremental, keep_history=last.get("origin") == manifest["origin"])
    report = Report()
    # Unit tests hold the rules, which an increment has not changed.
    words = ("build", "--exclude-resource-type", "unit_test") if incremental else ("build",)
    nodes = run_dbt(settings, building, report, sum(manifest["rows"].values()), *words)
    truth = compare_with_truth(building, settings.source / "truth" / "tickets.jsonl")
    if truth.disagreements:
        raise StageFailed(
            f"{truth.disagreements} of {truth.compared:,} values disagree with the truth: {truth.worst}.",
            next_step=f"compare {building} with {settings.source / 'truth'}, mend the model, then make etl",
        )
    freshness = source_freshness(settings, building, datetime.fromisoformat(manifest["clock"]))
    keep_manifest(building, settings.home / "dbt")
    building.replace(settings.warehouse)
    tests, unknown = count_tests(nodes), untold(settings.warehouse)
    said = f"{truth.compared:,} values agree with the truth" if truth.compared else "there is no truth to compare with"
    say(f"  {tests['passed']} tests passed, {tests['warned']} warned; {said}")
    for node in nodes:
        if node.status == "warn":
            say(f"  warned of {node.failures:,} rows, to be looked at with:")
            say(f"  .venv/bin/python -m etl_track rows {node.kept_in}")
    for what, count in unknown.items():
        if count:
            say(f"  could not tell {what}: {count:,} tickets")
    written = report.write(
        report_file,
        tests=tests,
        unknown=unknown,
        excluded=excluded(settings.warehouse),
        truth={"compared": truth.compared, "disagreements": truth.disagreements},
        freshness=freshness,
        rejects={table: sum(reasons.values()) for table, reasons in manifest["rejects"].items()},
        incremental=incremental,
        origin=manifest["origin"],
        rules=rules,
        built_from=built_from,
    )
    write_overview(settings)
    say(f"  overview: {page}")
    return written


def build_part(settings: Settings, command: str, *selection: str) -> None:
    """dbt's `command` (build or test) on what `selection` names, in a copy of the warehouse that is then swapped in.

    Removes etl.json, which speaks of whole builds: the next `make etl` builds everything. Raises as `build`
    does, and ConfigError when nothing is selected.
    """
    manifest = read_landing(settings)
    building = begin(settings, keep=True)
    # Tests that also read what was not selected wait for their stage.
    waiting = ("--indirect-selection", "buildable") if "--select" in selection else ()
    nodes = run_dbt(settings, building, Report(), sum(manifest["rows"].values()), command, *waiting, *selection)
    tests = count_tests(nodes)
    (settings.reports / "etl.json").unlink(missing_ok=True)
    keep_manifest(building, settings.home / "dbt")
    building.replace(settings.warehouse)
    say(f"  {tests['passed']} tests passed, {tests['warned']} warned")


def read_landing(settings: Settings) -> dict[str, Any]:
    """The landing's manifest. Raises MissingStep without a landing, or with one that an earlier lab has made."""
    manifest = read_report(settings.landing / "manifest.json", make="landing")
    if "feedback_from" not in manifest:
        raise MissingStep("The landing has no feedback on drafts, it is of an earlier lab.", next_step="make landing")
    return manifest


def rules_of(settings: Settings, manifest: dict[str, Any]) -> str:
    """A fingerprint of all by which every row is made: when it changes, every row is made anew.

    The business hours are among it, because the minutes of every ticket hang on them, and who was forgotten: nothing
    of them must be left in the pages of an old file.
    """
    schedules = settings.landing / "zendesk" / "schedules"
    return fingerprint(PROJECT, schedules, also=f"{manifest['origin']} {sorted(read_forgotten(settings))}")


def truth_of(settings: Settings) -> list[Path]:
    truth = settings.source / "truth"
    return [file for file in (truth / "tickets.jsonl", truth / "plans.jsonl") if file.exists()]


def begin(settings: Settings, keep: bool, keep_history: bool = True) -> Path:
    """A file to build in: a copy of the warehouse with `keep`, else a new one, with the snapshots of the old one.

    What a snapshot saw cannot be made again from today's landing. The file's name is the database's, so the folder
    is what differs.
    """
    building = settings.home / "building" / "warehouse.duckdb"
    building.parent.mkdir(parents=True, exist_ok=True)
    building.unlink(missing_ok=True)
    if keep and settings.warehouse.exists():
        shutil.copy(settings.warehouse, building)
    elif keep_history and settings.warehouse.exists():
        with duckdb.connect(str(building)) as connection:
            connection.execute(f"attach '{settings.warehouse}' as old (read_only)")
            connection.execute("create schema snapshots")
            kept = "select table_name from duckdb_tables() where database_name = 'old' and schema_name = 'snapshots'"
            for (name,) in connection.execute(kept).fetchall():
                connection.execute(f"create table snapshots.{name} as from old.snapshots.{name}")
    return building


def untold(warehouse: Path) -> dict[str, int]:
    """How many tickets the warehouse lacks something about, because the help desks did not say."""
    return count_tickets(
        warehouse,
        "marts.fct_support_tickets",
        {
            "the customer's tier": "customer_tier = 'unknown'",
            "the product": "product_category = 'unknown'",
            "when it was solved": "is_solved and full_resolution_minutes is null",
            "business minutes": "created_clock is null",
        },
    )


def excluded(warehouse: Path) -> dict[str, int]:
    """How many tickets are left out: deleted ones of everything, merged ones of replies, resolutions and promises."""
    conditions = {"deleted": "status = 'deleted'", "merged": "is_merged and status != 'deleted'"}
    return count_tickets(warehouse, "intermediate.int_tickets_unioned", conditions)


def count_tickets(warehouse: Path, table: str, conditions: dict[str, str]) -> dict[str, int]:
    counts = ", ".join(f"count(*) filter ({condition})" for condition in conditions.values())
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        [found] = connection.execute(f"select {counts} from {table}").fetchall()
    return dict(zip(conditions, found, strict=True))


def count_tests(nodes: list[Node]) -> dict[str, int]:
    statuses = Counter(node.status for node in nodes if node.is_test)
    return {"passed": statuses["pass"], "failed": statuses["fail"] + statuses["error"], "warned": statuses["warn"]}

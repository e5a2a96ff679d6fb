"""Transform and verify: run dbt over the landing into a new warehouse, and swap it in when all tests pass.

Twin: rag_track/build.py. Analytics loads, then transforms; retrieval cuts into chunks, then loads.
"""

import json
import shutil
import time
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from etl_track.verify import compare_with_truth
from lab.aside import fingerprint
from lab.console import Counted, say
from lab.errors import ConfigError, StageFailed
from lab.report import Report, Stage, read_report
from lab.settings import Settings


@dataclass(frozen=True)
class Node:
    """What dbt says of one model or test that it ran."""

    kind: str  # model, test or unit_test
    name: str
    schema: str
    status: str  # success, pass, warn, fail, error, skipped
    seconds: float
    message: str
    description: str
    failures: int
    kept_in: str | None  # the table that holds the failing rows


PROJECT = Path(__file__).parent
LAYERS = {"staging": "clean", "intermediate": "shape", "marts": "store"}


def build(settings: Settings) -> dict[str, Any]:
    """Build and test the whole warehouse from nothing; return etl.json.

    Does nothing when neither the landing nor this folder changed since the last build. Raises MissingStep
    without a landing, StageFailed when a model or a test fails: the old warehouse then stays in place.
    """
    manifest = read_report(settings.landing / "manifest.json", make="landing")
    report_file = settings.reports / "etl.json"
    truth_file = settings.source / "truth" / "tickets.jsonl"
    read = [PROJECT, truth_file] if truth_file.exists() else [PROJECT]
    built_from = fingerprint(*read, also=manifest["extracted_from"] + str(settings.landing.resolve()))
    if report_file.exists() and settings.warehouse.exists():
        last = read_report(report_file, make="etl")
        if last.get("built_from") == built_from:
            rows = next(stage["rows_out"] for stage in last["stages"] if stage["name"] == "store")
            say(f"[bold]etl[/]  unchanged: {rows:,} rows in the marts of {settings.warehouse}")
            return last

    say("[bold]etl[/]  dbt builds the warehouse")
    building = begin(settings)
    report = Report()
    nodes = run_dbt(settings, building, report, sum(manifest["rows"].values()), "build")
    truth = compare_with_truth(building, truth_file)
    if truth.disagreements:
        raise StageFailed(
            f"{truth.disagreements} of {truth.compared:,} values disagree with the truth: {truth.worst}.",
            next_step=f"compare {building} with {truth_file}, mend the model, then make etl",
        )
    building.replace(settings.warehouse)
    tests = count_tests(nodes)
    said = f"{truth.compared:,} values agree with the truth" if truth.compared else "there is no truth to compare with"
    say(f"  {tests['passed']} tests passed, {tests['warned']} warned; {said}")
    unknown = untold(settings.warehouse)
    for what, count in unknown.items():
        if count:
            say(f"  could not tell {what}: {count:,} tickets")
    return report.write(
        report_file,
        tests=tests,
        unknown=unknown,
        truth={"compared": truth.compared, "disagreements": truth.disagreements},
        freshness=freshness(manifest),
        rejects={table: sum(reasons.values()) for table, reasons in manifest["rejects"].items()},
        built_from=built_from,
    )


def build_part(settings: Settings, command: str, *selection: str) -> None:
    """dbt's `command` (build or test) on what `selection` names, in a copy of the warehouse that is then swapped in.

    Removes etl.json, which speaks of whole builds: the next `make etl` builds everything. Raises as `build`
    does, and ConfigError when nothing is selected.
    """
    manifest = read_report(settings.landing / "manifest.json", make="landing")
    building = begin(settings)
    if settings.warehouse.exists():
        shutil.copy(settings.warehouse, building)
    # Tests that also read what was not selected wait for their stage.
    waiting = ("--indirect-selection", "buildable") if "--select" in selection else ()
    tests = count_tests(
        run_dbt(settings, building, Report(), sum(manifest["rows"].values()), command, *waiting, *selection)
    )
    (settings.reports / "etl.json").unlink(missing_ok=True)
    building.replace(settings.warehouse)
    say(f"  {tests['passed']} tests passed, {tests['warned']} warned")


def untold(warehouse: Path) -> dict[str, int]:
    """How many tickets the warehouse lacks something about, because the help desks did not say."""
    what = {
        "the customer's tier": "customer_tier = 'unknown'",
        "the product": "product_category = 'unknown'",
        "when it was solved": "is_solved and not is_merged and full_resolution_minutes is null",
    }
    counts = ", ".join(f"count(*) filter ({condition})" for condition in what.values())
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        found = connection.execute(f"select {counts} from marts.fct_support_tickets").fetchall()[0]
    return dict(zip(what, found, strict=True))


def begin(settings: Settings) -> Path:
    """Where a new warehouse is built. The file's name is the database's, so the folder is what differs."""
    building = settings.home / "building" / "warehouse.duckdb"
    building.parent.mkdir(parents=True, exist_ok=True)
    building.unlink(missing_ok=True)
    return building


def count_tests(nodes: list[Node]) -> dict[str, int]:
    statuses = Counter(node.status for node in nodes if node.kind != "model")
    return {"passed": statuses["pass"], "failed": statuses["fail"] + statuses["error"], "warned": statuses["warn"]}


def run_dbt(settings: Settings, warehouse: Path, report: Report, landed: int, *words: str) -> list[Node]:
    """Run dbt with the command and options in `words`, in this process, and show its progress.

    Adds its stages to `report` and returns what ran. Raises StageFailed that names the first failing test or
    model and how to look at it.
    """
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner  # takes two seconds: imported where it is used

    started = time.perf_counter()
    variables = {"landing": str(settings.landing.resolve()), "warehouse": str(warehouse.resolve())}
    options = {
        "--project-dir": PROJECT,
        "--profiles-dir": PROJECT,
        "--target-path": (settings.home / "dbt").resolve(),
        "--log-path": settings.logs.resolve(),
        "--log-level": "none",
        "--log-level-file": "info",
        "--vars": json.dumps(variables),
    }
    arguments = [str(word) for option in options.items() for word in option]
    with Counted("models and tests") as bar:

        def show(event: Any) -> None:
            data = event.data
            if event.info.name in ("LogModelResult", "LogTestResult", "LogNodeResult", "LogUnitTestResult"):
                bar.update(data.index, getattr(data, "total", 0) or data.num_models)

        answer = dbtRunner(callbacks=[show]).invoke([*words, "--no-version-check", *arguments])
    DuckDBConnectionManager.close_all_connections()  # dbt would keep the file until this process ends
    if answer.exception or answer.result is None:
        log = settings.logs / "dbt.log"
        raise StageFailed(f"dbt could not run: {answer.exception}", next_step=f"read {log}, then make etl")
    nodes = [node_of(result) for result in answer.result.results]
    if not nodes:
        raise ConfigError(f"dbt knows nothing that {words[-1]} names.", next_step="make etl")
    for node in nodes:
        if node.status in ("fail", "error"):
            raise failure(node)
    for stage in stages_of(nodes, time.perf_counter() - started, warehouse, landed):
        report.add(stage)
    return nodes


def node_of(result: Any) -> Node:
    node = result.node
    return Node(
        kind=str(node.resource_type),
        name=node.name,
        schema=node.schema,
        status=str(result.status),
        seconds=result.execution_time,
        message=str(result.message),
        description=getattr(node, "description", ""),
        failures=result.failures or 0,
        kept_in=node.alias if getattr(node.config, "store_failures", False) else None,
    )


def failure(node: Node) -> StageFailed:
    """What failed, why it matters (the description), and the command that shows the rows."""
    why = f" {node.description}" if node.description else ""
    if node.status == "fail" and node.kept_in:
        return StageFailed(
            f"The test {node.name} found {node.failures} rows that must not be there.{why}",
            next_step=f".venv/bin/python -m etl_track rows {node.kept_in}",
        )
    return StageFailed(f"{node.name} failed: {node.message}{why}", next_step="mend the model, then make etl")


def stages_of(nodes: list[Node], seconds: float, warehouse: Path, landed: int) -> list[Stage]:
    """The layers as stages of the mirror. What is not a model's or a test's own time is dbt's start and parsing."""
    models = [node for node in nodes if node.kind == "model"]
    tests = [node for node in nodes if node.kind != "model"]
    spent: defaultdict[str, float] = defaultdict(float)
    for node in nodes:
        spent[node.schema if node.kind == "model" else "tests"] += node.seconds
    rows: Counter[str] = Counter()
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        for model in models:
            count = connection.sql(f"select count(*) from {model.schema}.{model.name}").fetchall()[0][0]
            rows[model.schema] += count
    # Two threads work side by side: scale the nodes' own seconds to the time on the clock.
    own = sum(spent.values())
    scale = min(1.0, seconds / own) if own else 1.0
    stages = [Stage("start and parse", round(max(seconds - own, 0), 3))]
    before = landed
    for layer, name in LAYERS.items():
        if layer in rows:
            stages.append(Stage(name, round(spent[layer] * scale, 3), before, rows[layer], note=layer))
            before = rows[layer]
    if tests:
        passed = sum(node.status == "pass" for node in tests)
        note = "tests, and those that passed"
        stages.append(Stage("verify", round(spent["tests"] * scale, 3), len(tests), passed, note=note))
    return stages


def freshness(manifest: dict[str, Any]) -> list[dict[str, Any]]:
    """Per help desk: when it was loaded, its newest record, and whether that is less than a day old."""
    clock = datetime.fromisoformat(manifest["clock"])
    return [
        {
            "source": source,
            "loaded_at": manifest["clock"],
            "newest_record_at": newest,
            "status": "fresh" if clock - datetime.fromisoformat(newest) <= timedelta(days=1) else "stale",
        }
        for source, newest in manifest["newest_record_at"].items()
    ]

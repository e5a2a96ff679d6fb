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
from lab.errors import StageFailed
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


def build(settings: Settings, select: str | None = None) -> dict[str, Any]:
    """Build and test the warehouse, or what `select` names in dbt's selector syntax; return etl.json.

    Does nothing when neither the landing nor this folder changed since the last build. Raises MissingStep
    without a landing, StageFailed when a model or a test fails: the old warehouse then stays in place.
    """
    manifest = read_report(settings.landing / "manifest.json", make="landing")
    report_file = settings.reports / "etl.json"
    truth_file = settings.source / "truth" / "tickets.jsonl"
    read = [PROJECT, truth_file] if truth_file.exists() else [PROJECT]
    built_from = fingerprint(*read, also=manifest["extracted_from"] + str(settings.landing.resolve()))
    if select is None and report_file.exists() and settings.warehouse.exists():
        last = read_report(report_file, make="etl")
        if last.get("built_from") == built_from:
            rows = next(stage["rows_out"] for stage in last["stages"] if stage["name"] == "store")
            say(f"[bold]etl[/]  unchanged: {rows:,} rows in the marts of {settings.warehouse}")
            return last

    say("[bold]etl[/]  dbt builds the warehouse")
    building = settings.home / "building" / "warehouse.duckdb"
    building.parent.mkdir(parents=True, exist_ok=True)
    building.unlink(missing_ok=True)
    if select and settings.warehouse.exists():
        shutil.copy(settings.warehouse, building)
    started = time.perf_counter()
    results = run_dbt(settings, building, select)
    seconds = time.perf_counter() - started
    report = Report()
    for stage in stages_of(results, seconds, building, sum(manifest["rows"].values())):
        report.add(stage)
    statuses = Counter(node.status for node in results if node.kind != "model")
    truth = compare_with_truth(building, truth_file)
    building.replace(settings.warehouse)
    say(
        f"  {statuses['pass']} tests passed, {statuses['warn']} warned; "
        f"{truth['compared']:,} values compared with the truth, {truth['disagreements']} disagree"
    )
    return report.write(
        report_file,
        tests={"passed": statuses["pass"], "failed": 0, "warned": statuses["warn"]},
        truth=truth,
        freshness=freshness(manifest),
        rejects={table: sum(reasons.values()) for table, reasons in manifest["rejects"].items()},
        built_from=built_from,
    )


def run_dbt(settings: Settings, warehouse: Path, select: str | None) -> list[Node]:
    """`dbt build` in this process, showing its progress; returns every model and test that ran.

    Raises StageFailed that names the first failing test or model and how to look at it.
    """
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner  # takes two seconds: imported where it is used

    variables = {"landing": str(settings.landing.resolve()), "warehouse": str(warehouse.resolve())}
    target = (settings.home / "dbt").resolve()
    folders = ["--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT), "--target-path", str(target)]
    logging = ["--log-path", str(settings.logs.resolve()), "--log-level", "none", "--log-level-file", "info"]
    plain = ["--no-version-check", "--no-use-colors"]
    with Counted("models and tests") as bar:

        def show(event: Any) -> None:
            data = event.data
            if event.info.name in ("LogModelResult", "LogTestResult", "LogNodeResult", "LogUnitTestResult"):
                bar.update(data.index, getattr(data, "total", 0) or data.num_models)

        arguments = [
            "build",
            *folders,
            *logging,
            *plain,
            "--vars",
            json.dumps(variables),
            *(["--select", select] if select else []),
        ]
        answer = dbtRunner(callbacks=[show]).invoke(arguments)
    DuckDBConnectionManager.close_all_connections()  # dbt would keep the file until this process ends
    if answer.exception or answer.result is None:
        raise StageFailed(
            f"dbt could not run: {answer.exception}", next_step=f"read {settings.logs / 'dbt.log'}, then make etl"
        )
    nodes = [node_of(result) for result in answer.result.results]
    for node in nodes:
        if node.status in ("fail", "error"):
            raise failure(node)
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
    stages = [Stage("start and parse", round(seconds - own * scale, 3))]
    before = landed
    for layer, name in LAYERS.items():
        stages.append(Stage(name, round(spent[layer] * scale, 3), before, rows[layer], note=layer))
        before = rows[layer]
    passed = sum(node.status == "pass" for node in tests)
    stages.append(
        Stage("verify", round(spent["tests"] * scale, 3), len(tests), passed, note="tests, and those that passed")
    )
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

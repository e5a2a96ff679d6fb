"""Run dbt in this process, and say what came of it: which nodes ran, how long the layers took, what failed and why."""

import json
import time
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from lab.console import Counted
from lab.errors import ConfigError, StageFailed
from lab.report import Report, Stage
from lab.settings import Settings

PROJECT = Path(__file__).parent
KINDS = ("model", "seed", "snapshot", "test", "unit_test")
LAYERS = {"staging": "clean", "intermediate": "shape", "marts": "store"}


@dataclass(frozen=True)
class Node:
    """What dbt says of one model or test that it ran."""

    kind: str  # model, seed, snapshot, test or unit_test
    name: str
    schema: str
    status: str  # success, pass, warn, fail, error, skipped
    seconds: float
    message: str
    description: str
    failures: int
    kept_in: str | None  # the table that holds the failing rows

    @property
    def is_test(self) -> bool:
        return self.kind in ("test", "unit_test")


def run_dbt(settings: Settings, warehouse: Path, report: Report, landed: int, *words: str) -> list[Node]:
    """Run dbt with the command and options in `words` and show its progress.

    Adds its stages to `report` and returns what ran. Raises StageFailed that names the first failing test or
    model and how to look at it.
    """
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager

    started = time.perf_counter()
    begun: list[float] = []  # when each node began
    with Counted("models and tests") as bar:

        def show(event: Any) -> None:
            data = event.data
            if event.info.name == "NodeStart":
                begun.append(time.perf_counter())
            if event.info.name in ("LogModelResult", "LogTestResult", "LogNodeResult", "LogUnitTestResult"):
                bar.update(data.index, getattr(data, "total", 0) or data.num_models)

        results = invoke(settings, warehouse, words, show)
        nodes = [node_of(result) for result in results if str(result.node.resource_type) in KINDS]
    DuckDBConnectionManager.close_all_connections()  # dbt would keep the file until this process ends
    if not nodes:
        raise ConfigError(f"dbt knows nothing that {words[-1]} names.", next_step="make etl")
    for node in nodes:
        if node.status in ("fail", "error"):
            raise failure(node)
    parsing = min(begun, default=started) - started
    for stage in stages_of(nodes, parsing, time.perf_counter() - started - parsing, warehouse, landed):
        report.add(stage)
    return nodes


def invoke(settings: Settings, warehouse: Path, words: tuple[str, ...], show: Any = None) -> Any:
    """dbt's results of one command. Raises StageFailed when it could not run at all."""
    from dbt.cli.main import dbtRunner  # takes two seconds: imported where it is used

    options = {
        "--project-dir": PROJECT,
        "--profiles-dir": PROJECT,
        "--target-path": (settings.home / "dbt").resolve(),
        "--log-path": settings.logs.resolve(),
        "--log-level": "none",
        "--log-level-file": "info",
        "--vars": json.dumps({"landing": str(settings.landing.resolve()), "warehouse": str(warehouse.resolve())}),
    }
    arguments = [str(word) for option in options.items() for word in option]
    answer = dbtRunner(callbacks=[show] if show else []).invoke([*words, "--no-version-check", *arguments])
    if answer.exception or answer.result is None:
        log = settings.logs / "dbt.log"
        raise StageFailed(f"dbt could not run: {answer.exception}", next_step=f"read {log}, then make etl")
    return answer.result if isinstance(answer.result, list) else getattr(answer.result, "results", [])


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


def stages_of(nodes: list[Node], parsing: float, running: float, warehouse: Path, landed: int) -> list[Stage]:
    """The layers as stages of the mirror, after `parsing` seconds; `running` are those from the first node on."""
    tests = [node for node in nodes if node.is_test]
    spent: defaultdict[str, float] = defaultdict(float)
    for node in nodes:
        # The plans that a snapshot keeps, and the names of time zones, belong to the shape.
        schema = node.schema if node.schema in LAYERS else "intermediate"
        spent["tests" if node.is_test else schema] += node.seconds
    rows: Counter[str] = Counter()
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        for model in (node for node in nodes if node.kind == "model"):
            count = connection.sql(f"select count(*) from {model.schema}.{model.name}").fetchall()[0][0]
            rows[model.schema] += count
    # Two threads work side by side: scale the nodes' own seconds to the time on the clock.
    own = sum(spent.values())
    scale = running / own if own else 1.0
    stages = [Stage("start and parse", round(parsing, 3))]
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


def source_freshness(settings: Settings, warehouse: Path, clock: datetime) -> list[dict[str, Any]]:
    """Per help desk, as dbt measures it: when it was loaded, its newest record, and whether that is a day old at most.

    Ages are measured on the lab's `clock`, see macros/newest_record.sql. A help desk that is not there is left out.
    """
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager

    found = [
        {
            "source": result.node.source_name,
            "loaded_at": clock.isoformat(),
            "newest_record_at": (clock - timedelta(seconds=round(age))).isoformat(),
            "status": "fresh" if str(result.status) == "pass" else "stale",
        }
        for result in invoke(settings, warehouse, ("source", "freshness"))
        if (age := getattr(result, "age", None)) is not None and result.max_loaded_at.year > 1  # dbt's word for never
    ]
    DuckDBConnectionManager.close_all_connections()
    return sorted(found, key=lambda entry: str(entry["source"]), reverse=True)

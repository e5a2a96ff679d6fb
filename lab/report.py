"""The machine-readable report of a run: stages with their seconds and rows, written as JSON."""

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from lab.aside import write_json
from lab.console import say
from lab.errors import MissingStep


@dataclass
class Stage:
    """One stage of a track. `rows_in` and `rows_out` count its own unit: rows, documents or chunks."""

    name: str
    seconds: float = 0.0
    rows_in: int = 0
    rows_out: int = 0
    note: str = ""


@dataclass
class Report:
    """The stages of one run and whatever else the track reports."""

    stages: list[Stage] = field(default_factory=list)

    @contextmanager
    def stage(self, name: str) -> Iterator[Stage]:
        """Time a stage, and say what came of it when it ends."""
        stage = Stage(name)
        started = time.perf_counter()
        yield stage
        stage.seconds = round(time.perf_counter() - started, 3)
        self.add(stage)

    def add(self, stage: Stage) -> None:
        """Take a stage that was timed elsewhere, and say what came of it."""
        self.stages.append(stage)
        rows = f"{stage.rows_in:>8,} → {stage.rows_out:<8,}" if stage.rows_in or stage.rows_out else " " * 19
        note = f"  [dim]{stage.note}[/]" if stage.note else ""
        say(f"  {stage.name:<18}{rows}{stage.seconds:>6.1f} s{note}")

    def write(self, target: Path, **rest: Any) -> dict[str, Any]:
        """Write the report and return what was written."""
        content = {"stages": [asdict(stage) for stage in self.stages], **rest}
        write_json(target, content)
        return content


def read_report(path: Path, make: str) -> dict[str, Any]:
    """A report that an earlier stage wrote. Raises MissingStep naming the make target that writes it."""
    if not path.exists():
        raise MissingStep(f"There is no {path} yet.", next_step=f"make {make}")
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content


def write_runs(reports: Path, found: list[dict[str, Any]]) -> None:
    """Put lines into bench.json, each in the place of an older one of its stage and size."""
    file = reports / "bench.json"
    runs = read_report(file, make="bench")["runs"] if file.exists() else []
    measured = {(run["stage"], run["size"]) for run in found}
    kept = [run for run in runs if (run["stage"], run["size"]) not in measured]
    write_json(file, {"cores": os.cpu_count(), "runs": kept + found})

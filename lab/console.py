"""What a person sees: progress, errors with the next step, and the same in a pipe as plain lines."""

import sys
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Self, TypeVar

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from lab.errors import LabError
from lab.quiet import be_quiet
from lab.settings import read_settings

T = TypeVar("T")
PLAIN_EVERY = 4  # seconds between two plain lines of progress
# In a pipe or a log rich would fold at 80 columns; 100 is what the lab's tables are made for.
console = Console(highlight=False, width=None if sys.stdout.isatty() else 100)


def say(text: str) -> None:
    """One line to the person, with rich's markup."""
    console.print(text)


class Counted:
    """Progress of work that counts itself: stage, count, time left; plain lines on no terminal.

    >>> with Counted("rows") as bar:
    ...     bar.update(1, 3)
    """

    def __init__(self, stage: str) -> None:
        self.stage = stage
        self.started = self.spoke = time.monotonic()
        columns = (TextColumn("  {task.description}"), BarColumn(), MofNCompleteColumn())
        self.bar = Progress(*columns, TimeElapsedColumn(), TimeRemainingColumn(), console=console, transient=True)
        self.task = self.bar.add_task(stage, total=None)

    def __enter__(self) -> Self:
        if console.is_terminal:
            self.bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        if console.is_terminal:
            self.bar.stop()

    def update(self, done: int, total: int | None) -> None:
        """Say that `done` of `total` are done, or of nobody knows how many."""
        if console.is_terminal:
            self.bar.update(self.task, completed=done, total=total)
            return
        now = time.monotonic()
        if now - self.spoke > PLAIN_EVERY and done > 0 and (total is None or done < total):
            rate = done / (now - self.started)
            of = f" of {total:,}" if total else ""
            left = f", {(total - done) / rate:.0f} s left" if total else ""
            say(f"  {self.stage}: {done:,}{of}, {rate:,.0f} a second{left}")
            self.spoke = now


def track(items: Iterable[T], stage: str, total: int, size: Callable[[T], int] = lambda item: 1) -> Iterator[T]:
    """Yield `items` and show the progress; `total` counts what `size` measures."""
    done = 0
    with Counted(stage) as bar:
        for item in items:
            yield item
            done += size(item)
            bar.update(done, total)


def run(app: typer.Typer, stage: str) -> None:
    """Run a command line: foreseeable errors become two lines, others go to a log; exit status 1.

    `stage` names the log and the make target to repeat.
    """
    be_quiet()
    try:
        app(prog_name=f"python -m {stage}")
    except LabError as error:
        fail(error.message, error.next_step)
    except Exception as error:
        log = write_log(stage, traceback.format_exc())
        fail(f"{stage} failed: {type(error).__name__}: {str(error)[:400]}", f"read {log}, then run it again")


def fail(message: str, next_step: str) -> None:
    err = Console(stderr=True, highlight=False, width=console.width)
    err.print(f"[bold red]Failed.[/] {escape(message)}")  # what a student typed may hold square brackets
    err.print(f"[bold]Next:[/] {escape(next_step)}")
    sys.exit(1)


def write_log(stage: str, text: str) -> Path:
    """Keep `text` as the stage's log and return its path."""
    try:
        logs = read_settings().logs
    except LabError:
        logs = Path("out/logs")
    logs.mkdir(parents=True, exist_ok=True)
    log = logs / f"{stage}.log"
    log.write_text(text, encoding="utf-8")
    return log

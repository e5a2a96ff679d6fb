"""Metrics in the terminal, at 100 columns."""

from datetime import date

from rich.table import Table as Grid

from etl_track.metrics import GRAINS, Table
from etl_track.semantics import Definitions, Metric
from lab.console import console, say


def show_table(table: Table, unit: str) -> None:
    """Print an answer: periods as people write them, the numbers in the metric's unit, right-aligned."""
    grid = Grid(box=None, header_style="bold")
    for name in table.columns[:-1]:
        grid.add_column(name)
    grid.add_column(table.columns[-1], justify="right")
    for row in table.rows:
        periods = (period(cell, name) for cell, name in zip(row[:-1], table.columns[:-1], strict=True))
        grid.add_row(*periods, number(row[-1], unit))
    console.print(grid)
    if not table.rows:
        say("  nothing matches")


def period(cell: object, column: str) -> str:
    """A dimension's value, or a period by its grain.

    >>> period(date(2026, 4, 1), "metric_time__month"), period(date(2026, 4, 1), "metric_time__quarter")
    ('2026-04', '2026 Q2')
    """
    if not isinstance(cell, date):
        return "none" if cell is None else str(cell)
    forms = {"month": f"{cell:%Y-%m}", "quarter": f"{cell:%Y} Q{(cell.month + 2) // 3}", "year": f"{cell:%Y}"}
    return forms.get(column.removeprefix("metric_time__"), cell.isoformat())


def number(value: object, unit: str) -> str:
    """A metric's value: a count as it is, a share as per cent, anything else with one decimal.

    >>> number(83.456, "minutes"), number(0.125, "share"), number(1204, "tickets"), number(None, "share")
    ('83.5', '12.5%', '1,204', 'none')
    """
    if not isinstance(value, int | float):
        return "none" if value is None else str(value)
    if unit == "share":
        return f"{value:.1%}"
    return f"{value:,}" if isinstance(value, int) else f"{value:,.0f}" if unit == "euro" else f"{value:,.1f}"


def show_metrics(known: Definitions) -> None:
    """Print every metric: its unit, what it means, and what it can be grouped and filtered by."""
    grid = Grid(box=None, header_style="bold", padding=(0, 2, 0, 0))
    for heading in ("metric", "unit", "what it means"):
        grid.add_column(heading, no_wrap=heading != "what it means")
    kinds: dict[tuple[str, ...], list[Metric]] = {}
    for metric in known.metrics:
        names = tuple(dimension.name for dimension in metric.dimensions)
        kinds.setdefault((*names, *(["metric_time"] if metric.has_time else [])), []).append(metric)
        grid.add_row(metric.name, metric.unit, metric.description)
    console.print(grid)
    for names, metrics in sorted(kinds.items(), key=lambda kind: -len(kind[1])):
        whose = "Most" if len(metrics) > len(known.metrics) / 2 else ", ".join(metric.name for metric in metrics)
        say(f"\n[bold]{whose}[/] by {', '.join(names)}")
    say(f"\n[bold]metric_time[/] is a period: month, or metric_time__ and {', '.join(GRAINS)}")

"""The dashboard as one static file, out/reports/etl.html: it opens without a server, a network and JavaScript."""

from functools import partial
from typing import Any
from urllib.parse import quote

from etl_track.metrics import Table, describe_metric, open_warehouse, query_metric
from etl_track.overview import INDICATORS, Metrics, Panel, panels_of
from etl_track.period import LENGTHS
from etl_track.readings import (
    as_csv,
    describe_comparison,
    describe_freshness,
    describe_incidents,
    read_indicator,
    whole_period,
)
from lab.page import write_page
from lab.settings import Settings

WIDE, NARROW, HEIGHT = 1132, 554, 290  # pixels, axes and legend included
INK, LINE = "#5b6678", "#d8dee8"  # lab/base.html's --soft and --line: the page turns them over in the dark
LOOK = {
    "background": "transparent",
    "font": 'system-ui, "Segoe UI", "Helvetica Neue", "DejaVu Sans", sans-serif',
    "autosize": {"type": "fit", "contains": "padding"},
    "view": {"stroke": None},
    "axis": {
        "labelColor": INK,
        "titleColor": INK,
        "gridColor": LINE,
        "tickColor": LINE,
        "domainColor": LINE,
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "titlePadding": 9,
    },
    "legend": {"labelColor": INK, "labelFontSize": 12},
}


def write_overview(settings: Settings) -> None:
    """Write out/reports/etl.html over the last twelve months. Raises MissingStep without a warehouse."""
    with open_warehouse(settings) as warehouse:
        metrics = Metrics(partial(query_metric, warehouse), partial(describe_metric, warehouse))
        content = content_of(metrics, settings)
    write_page(settings.reports / "etl.html", "etl_track", "page.html", **content)


def content_of(metrics: Metrics, settings: Settings) -> dict[str, Any]:
    """What the page shows."""
    whole = whole_period(metrics.ask, settings)
    period = whole.last(LENGTHS["Last 12 months"])
    readings = [read_indicator(metrics.ask, indicator, period, whole, {}) for indicator in INDICATORS]
    tables = [
        (panel, metrics.ask(panel.metric, panel.by, None, period.since, period.until))
        for panel in panels_of(metrics.ask)
    ]
    daily = next(table for panel, table in tables if panel.is_wide)
    return {
        "freshness": describe_freshness(settings),
        "comparison": describe_comparison(period, whole),
        "readings": [(reading, metrics.describe(reading.indicator.metric)) for reading in readings],
        "incidents": describe_incidents(metrics.ask, daily, {}),
        "figures": [figure(panel, table, metrics.describe(panel.metric)) for panel, table in tables],
    }


def figure(panel: Panel, table: Table, description: str) -> dict[str, Any]:
    """What the page shows of a panel; `svg` is empty where nothing was measured."""
    from markupsafe import Markup

    measured = any(row[-1] is not None for row in table.rows)
    return {
        "panel": panel,
        "description": description,
        "svg": Markup(draw(panel, table)) if measured else "",  # made here: no escaping
        "sql": table.sql,
        "csv": "data:text/csv;charset=utf-8," + quote(as_csv(table)),
    }


def draw(panel: Panel, table: Table) -> str:
    """The panel's chart as SVG, drawn on this machine. The same table gives the same text."""
    import vl_convert

    chart = panel.draw(table).properties(width=WIDE if panel.is_wide else NARROW, height=HEIGHT).configure(**LOOK)
    return str(vl_convert.vegalite_to_svg(chart.to_json()))

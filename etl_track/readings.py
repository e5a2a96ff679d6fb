"""What the overview says in numbers and sentences: indicators with their change, incidents, freshness."""

import csv
import io
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from etl_track.charts import daily_counts
from etl_track.incidents import Incident, find_incidents
from etl_track.metrics import Table
from etl_track.overview import DAY, Ask, Filters, Indicator
from etl_track.period import Period, span
from lab.errors import MissingStep
from lab.report import read_report
from lab.settings import Settings


@dataclass(frozen=True)
class Reading:
    """An indicator over a period, as written: its value, and its change; empty where there is nothing to compare."""

    indicator: Indicator
    value: str
    change: str
    is_better: bool | None  # None: neither, or no change


def whole_period(ask: Ask, settings: Settings) -> Period:
    """All days that have tickets; the day on which the extract was made is left out, it is not over."""
    days = daily_counts(ask("ticket_count", (DAY,)))
    if not days:
        raise MissingStep("The warehouse has no tickets.", next_step="make landing etl")
    until = max(days) + timedelta(1)
    if (settings.landing / "manifest.json").exists():
        clock = datetime.fromisoformat(read_report(settings.landing / "manifest.json", make="landing")["clock"])
        until = min(until, max(clock.date(), min(days) + timedelta(1)))
    return Period(min(days), until)


def read_indicator(ask: Ask, indicator: Indicator, period: Period, whole: Period, where: Filters) -> Reading:
    """Ask for an indicator over the period, and over those between which its change is told."""

    def over(asked: Period) -> float | None:
        rows = ask(indicator.metric, (), where, asked.since, asked.until).rows
        return float(str(rows[0][-1])) if rows and rows[0][-1] is not None else None

    value, pair = over(period), period.compared(whole)
    before, after = (over(pair[0]), over(pair[1])) if pair else (None, None)
    shown = "none" if value is None else write_value(value, indicator.kind)
    if before is None or after is None or (indicator.kind == "count" and not before):
        return Reading(indicator, shown, "", None)
    change = after / before - 1 if indicator.kind == "count" else after - before
    written = write_change(change, indicator.kind)
    if not any(digit in written for digit in "123456789"):
        return Reading(indicator, shown, "no change", None)
    is_better = None if indicator.better == "neither" else (change > 0) == (indicator.better == "up")
    return Reading(indicator, shown, written, is_better)


def write_value(value: float, kind: str) -> str:
    """
    >>> write_value(1234, "count"), write_value(90, "minutes"), write_value(0.1234, "share")
    ('1,234', '1.5 h', '12.3%')
    """
    return {"count": f"{value:,.0f}", "minutes": f"{value / 60:.1f} h", "share": f"{value:.1%}"}[kind]


def write_change(change: float, kind: str) -> str:
    """Of counts the relative change, of minutes the difference, of shares that in percentage points.

    >>> write_change(0.12, "count"), write_change(-90, "minutes"), write_change(4, "minutes")
    ('+12%', '-1.5 h', '+4 min')
    >>> write_change(0.02, "share")
    '+2.0 pp'
    """
    minutes = f"{change:+.0f} min" if abs(change) < 60 else f"{change / 60:+.1f} h"
    return {"count": f"{change:+.0%}", "minutes": minutes, "share": f"{100 * change:+.1f} pp"}[kind]


def describe_comparison(period: Period, whole: Period) -> str:
    pair = period.compared(whole)
    if pair is None:
        return f"{period}."
    if pair[1] == period:
        return f"{period}, changes against {pair[0]}."
    return f"{period}. Nothing before it to compare with: changes are its later half against its earlier half."


def describe_incidents(ask: Ask, table: Table, where: Filters) -> list[str]:
    """One sentence for each run of days far above the usual, with the product that most of its tickets are about."""
    return [describe_incident(ask, incident, where) for incident in find_incidents(daily_counts(table))]


def describe_incident(ask: Ask, one: Incident, where: Filters) -> str:
    products = ask("ticket_count", ("product_category",), where, one.first, one.last + timedelta(1)).rows
    product, most = max(products, key=lambda row: float(str(row[-1])))
    usual = f"{one.tickets:,.0f} tickets where {one.usual:,.0f} are usual"
    return f"{span(one.first, one.last)}: {usual}, {most:,} of them about {product}."


def describe_freshness(settings: Settings) -> str:
    """How new the data are and how they were tested, from the landing's manifest and the build's report."""
    said = []
    if (settings.landing / "manifest.json").exists():
        manifest = read_report(settings.landing / "manifest.json", make="landing")
        newest = [f"{name} {write_time(at)}" for name, at in manifest["newest_record_at"].items()]
        said.append(f"Extracted {write_time(manifest['clock'])} UTC")
        said.append(f"newest records: {', '.join(newest)}")
    if (settings.reports / "etl.json").exists():
        report = read_report(settings.reports / "etl.json", make="etl")
        stale = [one["source"] for one in report["freshness"] if one["status"] != "fresh"]
        said.append(f"{' and '.join(stale)} stale" if stale else "fresh")
        said.append(f"{report['tests']['passed']} tests passed, {report['tests']['warned']} warned")
        said.append(
            f"{report['truth']['disagreements']} of {report['truth']['compared']:,} values disagree with the truth"
        )
    return " · ".join(said)


def write_time(text: str) -> str:
    return f"{datetime.fromisoformat(text):%-d %b %Y %H:%M}"


def as_csv(table: Table) -> str:
    """The table as comma-separated values, dates in ISO form, shares and minutes in full."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(table.columns)
    writer.writerows([cell.isoformat()[:10] if isinstance(cell, date) else cell for cell in row] for row in table.rows)
    return text.getvalue()

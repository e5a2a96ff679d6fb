"""Draw: one Altair chart from one metric's table; the browser page and the static page show the same charts.

The tiers' colours are Okabe and Ito's (https://jfly.uni-koeln.de/color/): told apart by colour-blind eyes, and legible
on white and on black. Every axis names its unit.
"""

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from etl_track.incidents import find_incidents
from etl_track.metrics import Table

if TYPE_CHECKING:
    import altair as alt

TIERS = {"free": "#009E73", "pro": "#0072B2", "enterprise": "#D55E00", "unknown": "#808080"}
SHAPES = ("circle", "square", "diamond", "cross")  # a tier is never told by its colour alone
BUCKETS = ("< 1 h", "1-4 h", "4-24 h", "1-3 d", "3-7 d", "> 7 d", "unsolved")
PLAIN, FAR_ABOVE, NOTE = "#64748B", "#C2408E", "#767E8C"
HEIGHT = 310  # pixels, axes and legend included in the browser page


def records(table: Table, per: float = 1) -> list[dict[str, Any]]:
    """The rows as Vega reads them: `value` is the metric divided by `per`, `time` a local midnight.

    Rows without a value are left out: nothing was measured there.
    """
    names = ["time" if name.startswith("metric_time") else name for name in table.columns[:-1]]
    return [
        {**dict(zip(names, map(plain, row[:-1]), strict=True)), "value": float(str(row[-1])) / per}
        for row in table.rows
        if row[-1] is not None
    ]


def plain(cell: object) -> str:
    # JavaScript takes a date with a time as local, and a bare date as UTC: the day before, west of Greenwich.
    return f"{as_day(cell).isoformat()}T00:00:00" if isinstance(cell, date) else str(cell or "unknown")


def as_day(cell: date) -> date:
    return cell.date() if isinstance(cell, datetime) else cell


def daily_counts(table: Table) -> dict[date, float]:
    """What each day had, from a table by metric_time__day."""
    return {datetime.fromisoformat(row["time"]).date(): row["value"] for row in records(table)}


def by_day(table: Table) -> "alt.LayerChart":
    """Bars by day; those far above the usual stand out, and the highest of each run names its day and count."""
    import altair as alt

    counts = daily_counts(table)
    far = find_incidents(counts)
    middle = sorted(counts)[len(counts) // 2]
    # A label stands on the side of its bar where there is room.
    side = {one.peak: "left" if one.peak > middle else "right" for one in far}
    rows = [
        row | {"far": any(one.first <= day <= one.last for one in far), "side": side.get(day, "")}
        for row, day in zip(records(table), counts, strict=True)
    ]
    base = alt.Chart(alt.Data(values=rows)).encode(
        x=alt.X("time:T", timeUnit="yearmonthdate", axis=time_axis(rows, "day the ticket came (UTC)")),
        y=alt.Y("value:Q", title="tickets", axis=alt.Axis(tickCount=5)),
        tooltip=[alt.Tooltip("time:T", title="day", format="%a %-d %b %Y"), alt.Tooltip("value:Q", title="tickets")],
    )
    colour = alt.when("datum.far").then(alt.value(FAR_ABOVE)).otherwise(alt.value(PLAIN))
    label = "timeFormat(datum.time, '%-d %b %Y') + ': ' + datum.value"
    text = base.transform_calculate(label=label).encode(text="label:N")
    look = {"color": FAR_ABOVE, "fontWeight": "bold", "dy": 2}
    right = text.transform_filter("datum.side == 'right'").mark_text(align="left", dx=8, **look)
    left = text.transform_filter("datum.side == 'left'").mark_text(align="right", dx=-8, **look)
    return alt.layer(base.mark_bar().encode(color=colour), left, right).properties(height=HEIGHT)


def by_month(
    table: Table, unit: str, per: float = 1, form: str = ".1f", tooltip: str = "", period: str = "month"
) -> "alt.LayerChart":
    """A line by month, or by week, one for each tier where the table has tiers. `form` is how d3 writes a value."""
    import altair as alt

    rows = records(table, per)
    base = alt.Chart(alt.Data(values=rows)).encode(
        x=alt.X("time:T", axis=time_axis(rows, period)),
        y=alt.Y("value:Q", title=unit, axis=alt.Axis(format=form, tickCount=5)),
        tooltip=[
            alt.Tooltip("time:T", title=period, format="%b %Y" if period == "month" else "%-d %b %Y"),
            *([alt.Tooltip("customer_tier:N", title="tier")] if "customer_tier" in table.columns else []),
            alt.Tooltip("value:Q", title=unit, format=tooltip or form),
        ],
    )
    if "customer_tier" not in table.columns:
        lines, points = base.mark_line(color=PLAIN), base.mark_point(color=PLAIN, filled=True, size=55, opacity=1)
    else:
        base = base.encode(color=tier_scale(alt.Color, rows))
        lines = base.mark_line()
        points = base.mark_point(filled=True, size=55, opacity=1).encode(shape=tier_scale(alt.Shape, rows))
    return alt.layer(lines, points).properties(height=HEIGHT)


def stacked(table: Table, unit: str) -> "alt.Chart":
    """Areas by day, the tiers on each other: their sum is the top edge."""
    import altair as alt

    rows = [row | {"rank": list(TIERS).index(row["customer_tier"])} for row in records(table)]
    return (
        alt.Chart(alt.Data(values=rows))
        .mark_area(opacity=0.85)
        .encode(
            x=alt.X("time:T", axis=time_axis(rows, "business day")),
            y=alt.Y("value:Q", title=unit, stack=True, impute=alt.ImputeParams(value=0), axis=alt.Axis(tickCount=5)),
            color=tier_scale(alt.Color, rows),
            order="rank:O",
            tooltip=[
                alt.Tooltip("time:T", title="day", format="%a %-d %b %Y"),
                alt.Tooltip("customer_tier:N", title="tier"),
                alt.Tooltip("value:Q", title=unit),
            ],
        )
        .properties(height=HEIGHT)
    )


def buckets(table: Table, unit: str) -> "alt.LayerChart":
    """Columns, one for each span of time until the resolution, the shortest first."""
    import altair as alt

    axis = alt.Axis(labelAngle=0, title="time from creation to the last solve (calendar)")
    base = alt.Chart(alt.Data(values=records(table))).encode(
        x=alt.X("resolution_bucket:N", sort=BUCKETS, axis=axis),
        y=alt.Y("value:Q", title=unit, axis=alt.Axis(tickCount=5)),
        tooltip=[alt.Tooltip("resolution_bucket:N", title="solved in"), alt.Tooltip("value:Q", title=unit)],
    )
    text = base.mark_text(dy=-7, color=NOTE, fontSize=12).encode(text=alt.Text("value:Q", format=","))
    return alt.layer(base.mark_bar(color=PLAIN), text).properties(height=HEIGHT)


def ranked(table: Table, unit: str) -> "alt.LayerChart":
    """Shares by one dimension, the largest on top."""
    import altair as alt

    name = table.columns[0]
    rows = sorted(records(table), key=lambda row: -row["value"])
    room = alt.Scale(domain=[0, 1.12 * max(row["value"] for row in rows) or 1])  # for the labels
    base = alt.Chart(alt.Data(values=rows)).encode(
        x=alt.X("value:Q", title=unit, axis=alt.Axis(format="%", tickCount=5), scale=room),
        y=alt.Y(f"{name}:N", sort=None, title=None),
        tooltip=[alt.Tooltip(f"{name}:N", title="product"), alt.Tooltip("value:Q", title=unit, format=".1%")],
    )
    text = base.mark_text(align="left", dx=5, color=NOTE, fontSize=12).encode(text=alt.Text("value:Q", format=".1%"))
    return alt.layer(base.mark_bar(color=PLAIN), text).properties(height=HEIGHT)


def time_axis(rows: list[dict[str, Any]], title: str) -> "alt.Axis":
    """Months as Jan 2026; days where the rows span less than a quarter."""
    import altair as alt

    days = [datetime.fromisoformat(row["time"]) for row in rows]
    if all(day.day == 1 for day in days) or (max(days) - min(days)).days > 100:
        ticks = alt.TimeIntervalStep(interval="month", step=1)
        return alt.Axis(
            format="%b %Y", title=title, grid=False, tickCount=ticks, labelOverlap="greedy", labelFlush=False
        )
    return alt.Axis(format="%-d %b %Y", title=title, grid=False, tickCount=6, labelOverlap="greedy")


def tier_scale(channel: Any, rows: list[dict[str, Any]]) -> Any:
    """The tiers in their order and look, those only that are there."""
    import altair as alt

    there = [tier for tier in TIERS if any(row["customer_tier"] == tier for row in rows)]
    looks = TIERS if channel is alt.Color else dict(zip(TIERS, SHAPES, strict=True))
    scale = alt.Scale(domain=there, range=[looks[tier] for tier in there])
    return channel("customer_tier:N", scale=scale, legend=alt.Legend(orient="top", title=None))

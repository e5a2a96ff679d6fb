"""Overview: the charts of the report page, drawn by Altair as SVG on this machine.

Twin: etl_track/charts.py. The colours have a contrast of 3 or more on white and on the page's dark paper
(WCAG 2.2, 1.4.11).
"""

from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np

PRODUCTS = ("#3B82C4", "#D55E00", "#2E9E5B", "#C2408E", "#A07D1C", "#7C6BD6", "#1D96A6")  # the most frequent first
PLAIN, MARKED, OTHER = "#64748B", "#C2408E", "#767E8C"
RIGHT, WRONG = "#3B82C4", "#D55E00"
INK, SOFT, LINE, PAPER = "#1c2330", "#5b6678", "#d8dee8", "#ffffff"  # the page turns them over in the dark
WIDE, HEIGHT, SPACE = 1132, 270, 640  # pixels; SPACE is a side of the embedding space
AXIS = {"labelColor": SOFT, "titleColor": SOFT, "gridColor": LINE, "tickColor": LINE, "domainColor": LINE}
SIZES = {"labelFontSize": 12, "titleFontSize": 12, "titleFontWeight": "normal", "titlePadding": 9}
LOOK = {
    "background": "transparent",
    "font": 'system-ui, "Segoe UI", "Helvetica Neue", "DejaVu Sans", sans-serif',
    "autosize": {"type": "fit", "contains": "padding"},
    "view": {"stroke": None},
    "axis": {**AXIS, **SIZES},
    "legend": {"labelColor": SOFT, "labelFontSize": 12, "orient": "top", "title": None, "symbolOpacity": 1},
}


@dataclass(frozen=True)
class Bin:
    """One column of a histogram, from `low` to `high`: `value` is a count, or a share of all."""

    low: float
    high: float
    value: float


def length_chart(bins: list[Bin], limit: int) -> Any:
    import altair as alt

    columns = alt.Chart(values(bins)).mark_bar(aria=False)
    columns = columns.encode(
        x=alt.X("low:Q", bin="binned", title="tokens in a chunk, as the model counts them", axis=alt.Axis(format=",d")),
        x2="high:Q",
        y=alt.Y("value:Q", title="chunks", axis=alt.Axis(format=",d", tickCount=5)),
        color=alt.when(f"datum.low >= {limit}").then(alt.value(MARKED)).otherwise(alt.value(PLAIN)),
    )
    return alt.layer(columns, *line_at(limit, f"the model's limit, {limit:,}", bins))


def space_chart(points: Any, products: list[str]) -> Any:
    """Points by product; a name stands at the median of its product's points. Both axes have one scale."""
    import altair as alt

    known = [name for name, _ in Counter(sorted(products)).most_common() if name != "unknown"][: len(PRODUCTS)]
    colours = dict(zip([*known, "other"], [*PRODUCTS[: len(known)], OTHER], strict=True))
    middle, half = (points.min(axis=0) + points.max(axis=0)) / 2, 0.52 * float(np.ptp(points, axis=0).max()) or 1.0
    x, y = (alt.Scale(domain=[at - half, at + half], nice=False, zero=False) for at in middle.tolist())
    rows = [
        {"x": round(x, 3), "y": round(y, 3), "product": name if name in known else "other"}
        for (x, y), name in zip(points.tolist(), products, strict=True)
    ]
    base = alt.Chart(alt.Data(values=rows))
    base = base.encode(x=alt.X("x:Q", axis=None, scale=x), y=alt.Y("y:Q", axis=None, scale=y))
    legend = alt.Legend(orient="right", symbolSize=90)
    colour = alt.Color("product:N", scale=alt.Scale(domain=list(colours), range=list(colours.values())), legend=legend)
    cloud = base.mark_circle(size=20, opacity=0.8, aria=False).encode(color=colour)
    medians = base.transform_aggregate(x="median(x)", y="median(y)", groupby=["product"])
    text = medians.transform_filter("datum.product != 'other'").encode(text="product:N")
    halo = text.mark_text(fontSize=14, fontWeight="bold", color=PAPER, stroke=PAPER, strokeWidth=4, aria=False)
    names = text.mark_text(fontSize=14, fontWeight="bold", color=INK)
    return alt.layer(cloud, halo, names).properties(autosize="pad")  # the legend takes nothing of the square


def similarity_chart(bins: dict[str, list[Bin]], decline_below: float) -> Any:
    import altair as alt

    colour = alt.Scale(domain=list(bins), range=[RIGHT, WRONG])
    columns = [
        alt.Chart(values(of, kind=kind))
        .mark_bar(fillOpacity=0.45, aria=False)
        .encode(
            x=alt.X("low:Q", bin="binned", title="cosine of the hit with the query", scale=alt.Scale(zero=False)),
            x2="high:Q",
            y=alt.Y("value:Q", title="share of the hits of its kind", axis=alt.Axis(format="%", tickCount=5)),
            color=alt.Color("kind:N", scale=colour),
            stroke=alt.Stroke("kind:N", scale=colour),
        )
        for kind, of in bins.items()
    ]
    both = [one for of in bins.values() for one in of]
    return alt.layer(*columns, *line_at(decline_below, f"LAB_DECLINE_BELOW, {decline_below:.2f}", both))


def values(bins: list[Bin], **more: str) -> Any:
    import altair as alt

    return alt.Data(values=[{**vars(one), **more} for one in bins])


def line_at(place: float, label: str, bins: list[Bin]) -> list[Any]:
    """A vertical line, and what it means on the side where there is room."""
    import altair as alt

    base = alt.Chart(alt.Data(values=[{"low": place, "label": label}])).encode(x="low:Q")
    is_late = place > (min(one.low for one in bins) + max(one.high for one in bins)) / 2
    side: dict[str, Any] = {"align": "right", "dx": -6} if is_late else {"align": "left", "dx": 6}
    text = base.mark_text(**side, dy=8, color=INK, fontSize=12, baseline="top")
    return [base.mark_rule(color=INK, strokeDash=[5, 4], strokeWidth=1.5), text.encode(y=alt.value(0), text="label:N")]


def draw(chart: Any, width: int, height: int) -> str:
    """The chart as SVG, drawn on this machine. The same chart gives the same text."""
    import vl_convert
    from markupsafe import Markup

    svg = vl_convert.vegalite_to_svg(chart.properties(width=width, height=height).configure(**LOOK).to_json())
    return Markup(svg)  # made here: no escaping

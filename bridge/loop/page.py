"""loop.html: the loop week by week, for a classroom's wall."""

from typing import Any

from lab.page import write_page
from lab.settings import Settings

COLOURS = {"problems with feedback": "#2f9e62", "problems without": "#8a63d2"}


def write_loop(settings: Settings, weeks: list[dict[str, Any]]) -> None:
    """The page over the lines of loop.json."""
    write_page(
        settings.reports / "loop.html",
        "bridge.loop",
        "loop.html",
        weeks=weeks,
        last=weeks[-1],
        curve=curve(weeks),
        judged=judged(weeks),
    )


def curve(weeks: list[dict[str, Any]]) -> str:
    """nDCG@10 of what serves after each week and each `make learn`, with its 95% interval, as an SVG picture."""
    import altair as alt

    names = dict(zip(("dev", "test"), COLOURS, strict=True))
    points = [
        {"week": line["point"], "place": place, "of": name, **line["scores"][split]}
        for place, line in enumerate(weeks)
        for split, name in names.items()
    ]
    data = alt.Data(values=points)
    week = alt.X("week:O", title="week", sort=alt.SortField("place"), axis=alt.Axis(labelAngle=0))
    colour = alt.Color("of:N", title=None, scale=alt.Scale(domain=list(COLOURS), range=list(COLOURS.values())))
    score = alt.Y("mean:Q", title="nDCG@10", scale=alt.Scale(zero=False))
    line = alt.Chart(data).mark_line(point=True).encode(week, score, colour)
    band = (
        alt.Chart(data).mark_area(opacity=0.15).encode(week, alt.Y("low:Q", title="nDCG@10"), alt.Y2("high:Q"), colour)
    )
    return drawn(alt.layer(band, line))


def judged(weeks: list[dict[str, Any]]) -> str:
    """How many drafts were accepted, edited and rejected in each week, as an SVG picture."""
    import altair as alt

    order = ["accepted", "edited", "rejected"]
    rows = [
        {"week": line["week"], "verdict": verdict, "drafts": line["verdicts"].get(verdict, 0), "place": place}
        for line in weeks
        if "verdicts" in line
        for place, verdict in enumerate(order)
    ]
    colours = alt.Scale(domain=order, range=["#2f9e62", "#d99a2b", "#c2413b"])
    bars = alt.Chart(alt.Data(values=rows)).mark_bar()
    return drawn(
        bars.encode(
            alt.X("week:O", title="week", axis=alt.Axis(labelAngle=0)),
            alt.Y("drafts:Q", title="drafts"),
            alt.Color("verdict:N", title=None, scale=colours, sort=order),
            alt.Order("place:Q"),
        )
    )


def drawn(chart: Any) -> str:
    import vl_convert

    sized = chart.properties(width=420, height=240, background="transparent")
    svg: str = vl_convert.vegalite_to_svg(sized.to_dict())
    return svg

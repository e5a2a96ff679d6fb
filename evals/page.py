"""evals.html: one self-contained page that an instructor can project."""

import json
from typing import TYPE_CHECKING, Any

from evals.experiment_report import LADDER_RESULT, pareto
from evals.gates import is_advisory
from evals.meaning import GROUPS, MEANING
from lab.page import write_page
from lab.settings import Settings

if TYPE_CHECKING:
    from evals.evaluate import Scored

WORST = 10


def write_evals(
    settings: Settings,
    content: dict[str, Any],
    scored: list["Scored"],
    performance: dict[str, Any],
    ladder: dict[str, Any] | None,
) -> None:
    """The page of a run: its scores, the judge, the ladder if there is one, slices, costs, and the worst queries.

    Of queries that are equally bad, those are worst whose nearest hit looks best.
    """
    answerable = [one for one in scored if "ndcg@10" in one.metrics]
    write_page(
        settings.reports / "evals.html",
        "evals",
        "page.html",
        content=content,
        groups=GROUPS,
        advisory=is_advisory(content),
        meaning=MEANING,
        performance=performance,
        worst=sorted(answerable, key=badness)[:WORST],
        risks=risk_chart(content["answering"]["risk_coverage"]),
        ladder=ladder,
        picture=pareto(ladder["runs"]) if ladder else "",
    )


def badness(one: "Scored") -> tuple[float, float, str]:
    """The worst first."""
    return one.metrics["ndcg@10"], -max((hit.similarity for hit in one.hits), default=0.0), one.query.id


def ladder_of(settings: Settings) -> dict[str, Any] | None:
    """The result of the ladder: of this lab if it was climbed here, else the one in the repository."""
    for file in (settings.reports / "experiment-ladder.json", LADDER_RESULT):
        if file.exists():
            found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
            return found
    return None


def risk_chart(points: list[dict[str, float]]) -> str:
    """The risk-coverage curve as an SVG picture."""
    import altair as alt
    import vl_convert

    x = alt.X("coverage:Q", title="share of the answered queries, the surest first", axis=alt.Axis(format="%"))
    y = alt.Y("risk:Q", title="required facts missing", axis=alt.Axis(format="%"), scale=alt.Scale(domainMin=0))
    line = alt.Chart(alt.Data(values=points)).mark_line(point=True, color="#3B82C4").encode(x, y)
    svg: str = vl_convert.vegalite_to_svg(line.properties(width=720, height=220, background="transparent").to_dict())
    return svg

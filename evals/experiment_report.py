"""What an experiment found: one table, quality against cost, and what to take."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.table import Table

from evals.configurations import LADDER, Experiment
from evals.paired import Comparison, compare
from lab.aside import write_json
from lab.console import console, say
from lab.page import write_page
from lab.settings import Settings

if TYPE_CHECKING:
    from evals.experiment import Result

QUALITY = "ndcg@10"
SHOWN = (QUALITY, "hit@5", "coverage_iou", "facts_present", "wrong_facts_present", "outdated_hit_rate")
PRINTED = {"facts_present": "facts", "wrong_facts_present": "wrong", "outdated_hit_rate": "outdated"}
LADDER_RESULT = LADDER.with_suffix(".json")  # as it is in the repository


def report(
    settings: Settings, file: Path, experiment: Experiment, results: list["Result"], accept: bool = False
) -> None:
    """Print the table and the recommendation; write experiment-<file>.json and its page."""
    lines = [line(result, against(experiment, results, place)) for place, result in enumerate(results)]
    advice = recommendation(experiment, results)
    name = f"experiment-{file.stem}"
    content = {"split": experiment.split, "is_ladder": experiment.is_ladder, "runs": lines, "recommendation": advice}
    write_json(settings.reports / f"{name}.json", content)
    write_page(settings.reports / f"{name}.html", "evals", "experiment.html", content=content, picture=pareto(lines))
    if accept:
        write_json(LADDER_RESULT, content)
    show(lines, experiment.is_ladder)
    say(f"\n  {advice}")
    say(f"  [dim]{settings.reports / name}.html[/]")


def against(experiment: Experiment, results: list["Result"], place: int) -> Comparison | None:
    """A rung against the one before; in a grid each configuration against the first."""
    if not place:
        return None
    other = results[place - 1 if experiment.is_ladder else 0]
    return compare(other.of(QUALITY), results[place].of(QUALITY))


def line(result: "Result", change: Comparison | None) -> dict[str, Any]:
    """One configuration as JSON: means with intervals, the change in quality, costs."""
    means = {name: mean for name in SHOWN if (mean := result.mean(name))}
    return {
        "name": result.name,
        "settings": result.settings,
        "filters": result.filters,
        "metrics": {
            name: {key: round(value, 4) for key, value in asdict(mean).items()} for name, mean in means.items()
        },
        "change": asdict(change) if change else None,
        "chunks": result.chunks,
        "milliseconds": result.milliseconds,
        "prompt_tokens": result.prompt_tokens,
    }


def is_sure(change: Comparison | None) -> bool:
    """Whether the interval of a difference leaves out 0."""
    return change is not None and (change.difference.low > 0 or change.difference.high < 0)


def recommendation(experiment: Experiment, results: list["Result"]) -> str:
    """Of those that are not surely worse than the best, the cheapest; and on a ladder the rungs that do not help."""
    best = max(results, key=quality)
    equal = [one for one in results if one is best or not is_sure(compare(best.of(QUALITY), one.of(QUALITY)))]
    taken = min(equal, key=lambda one: (one.milliseconds, -quality(one)))
    words = f"Take “{taken.name}”: {QUALITY} {quality(taken):.3f} at {taken.milliseconds:.0f} ms"
    if taken is not best:
        words += f"; “{best.name}” has {quality(best):.3f}, which is within chance, at {best.milliseconds:.0f} ms"
    if experiment.is_ladder:
        changes = [(result.name, against(experiment, results, place)) for place, result in enumerate(results)]
        idle = [name for name, change in changes if change and not is_sure(change)]
        harmful = [name for name, change in changes if change and change.difference.high < 0]
        words += f". Rungs without a sure effect on it: {', '.join(idle)}" if idle else ""
        words += f". Rungs that lower it: {', '.join(harmful)}" if harmful else ""
    return f"{words}. Chosen on {experiment.split}: report it on test."


def quality(result: "Result") -> float:
    mean = result.mean(QUALITY)
    return mean.mean if mean else 0.0


def show(lines: list[dict[str, Any]], is_ladder: bool) -> None:
    """Print one table at 100 columns."""
    versus = "to the one above" if is_ladder else "to the first"
    table = Table("", QUALITY, versus, "+/-/=", *PRINTED.values(), "ms", box=None, header_style="bold")
    for one in lines:
        change, metrics = one["change"], one["metrics"]
        told, counts = "", ""
        if change:
            d = change["difference"]
            told = f"{d['mean']:+.3f} ({d['low']:+.3f} to {d['high']:+.3f})"
            counts = f"{change['wins']}/{change['losses']}/{change['ties']}"
        cells = [f"{metrics[name]['mean']:.2f}" if name in metrics else "" for name in PRINTED]
        quality = f"{metrics[QUALITY]['mean']:.3f}" if QUALITY in metrics else ""
        table.add_row(one["name"], quality, told, counts, *cells, f"{one['milliseconds']:.0f}")
    console.print(table)


def pareto(lines: list[dict[str, Any]]) -> str:
    """Quality against milliseconds as an SVG picture; a line joins those that nothing cheaper beats."""
    import altair as alt
    import vl_convert

    rows = [
        {"name": one["name"], "ms": one["milliseconds"], **one["metrics"][QUALITY]}
        for one in lines
        if QUALITY in one["metrics"]
    ]
    front = [row for row in rows if not any(o["ms"] <= row["ms"] and o["mean"] > row["mean"] for o in rows)]
    x = alt.X("ms:Q", title="milliseconds of a retrieval, median")
    y = alt.Y("mean:Q", title=QUALITY, scale=alt.Scale(zero=False))
    points = alt.Chart(alt.Data(values=rows)).mark_circle(size=80, color="#2a6f97").encode(x, y)
    spread = (
        alt.Chart(alt.Data(values=rows)).mark_rule(color="#2a6f97", opacity=0.4).encode(x=x, y="low:Q", y2="high:Q")
    )
    names = [  # one above its point, the next below, because neighbours are often close
        alt.Chart(alt.Data(values=rows[start::2]))
        .mark_text(align="left", dx=8, dy=dy, fontSize=11)
        .encode(x, y, text="name:N")
        for start, dy in ((0, -7), (1, 9))
    ]
    joined = alt.Chart(alt.Data(values=front)).mark_line(color="#c1440e", strokeDash=[4, 3]).encode(x, y)
    chart = alt.layer(joined, spread, points, *names).properties(width=720, height=320)
    svg: str = vl_convert.vegalite_to_svg(chart.to_dict())
    return svg

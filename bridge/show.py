"""Bridge, the comparison in the terminal, at 100 columns: the stages, the score, and where the agent was not right."""

from typing import Any

from rich.table import Table

from bridge.answerers import SIDES
from bridge.bank import KINDS
from lab.console import console, say
from lab.settings import Settings

COLOURS = {"etl": "blue", "rag": "yellow", "agent": "magenta"}
SHOWN = 12  # questions that the agent missed
NAMES = {"etl": "etl_track", "rag": "rag_track", "agent": "agent"}


def show(settings: Settings, content: dict[str, Any]) -> None:
    show_stages(content)
    page = settings.reports / "compare.html"
    if not content["questions"]:
        say("\n  No question was asked: of these tickets no truth is known to hold the answers to.")
        say(f"  the stages on a page: [bold]{page}[/]")
        return
    show_score(content)
    show_misses(content)
    say(f"  every question with all three answers: [bold]{page}[/]")


def show_stages(content: dict[str, Any]) -> None:
    say("\n[bold]Stage by stage[/]  in → out, seconds; the last line counts tests and gates, and those that passed")
    stages = Table(box=None, header_style="bold", padding=(0, 1, 0, 0))
    stages.add_column("stage")
    for side in ("etl", "rag"):
        stages.add_column(f"[{COLOURS[side]}]{NAMES[side]}[/]", no_wrap=True)
        stages.add_column("", justify="right", no_wrap=True)
        stages.add_column("", justify="right", no_wrap=True)
    for row in content["stages"]:
        stages.add_row(row["name"], *cells(row["etl"]), *cells(row["rag"]))
    console.print(stages)
    etl, rag = content["freshness"]["etl"], content["freshness"]["rag"]
    landed = ", ".join(f"{one['source']} {minute(one['newest_record_at'])} ({one['status']})" for one in etl)
    say(f"  newest record landed:    {landed}")
    say(f"  newest solution indexed: {minute(rag['newest_indexed_at'])}")


def show_score(content: dict[str, Any]) -> None:
    """Who was right, by kind and for either half; milliseconds are the median's."""
    say("\n[bold]Question by question[/]  right, wrong, held back (declined or asked back), milliseconds")
    table = Table(box=None, header_style="bold", padding=(0, 1, 0, 0))
    table.add_column("questions", no_wrap=True)
    table.add_column("", justify="right")
    for side in SIDES:
        table.add_column(f"[{COLOURS[side]}]{NAMES[side]}[/]", justify="right", no_wrap=True)
        for heading in ("wrong", "back", "ms"):
            table.add_column(f"[dim]{heading}[/]", justify="right", no_wrap=True)
    scores = content["summary"]
    lines: list[tuple[str, dict[str, Any]]] = [(kind, scores["all"][kind]) for kind in KINDS]
    lines += [("dev half", scores["dev"]["all"]), ("held-out half", scores["held_out"]["all"])]
    for name, line in lines:
        counts = [cell for side in SIDES for cell in score(line[side])]
        table.add_row(name, str(line["etl"]["n"]), *counts, end_section=name == KINDS[-1])
    console.print(table)
    shares = []
    for side in SIDES:
        one = scores["held_out"]["all"][side]
        shares.append(f"{side} {one['share']:.0%} ({one['low']:.0%} to {one['high']:.0%})")
    say(f"  held-out half, 95% interval: {', '.join(shares)}")
    spent = sum(scores["all"]["all"][side]["dollars"] for side in SIDES)
    model = "the model is offline" if content["model"] == "offline" else content["model"]
    say(f"  cost of all answers: {spent:.4f} US dollars, {model}")


def score(tally: dict[str, Any]) -> tuple[str, str, str, str]:
    """Right, wrong, held back, milliseconds."""
    wrong = f"[red]{tally['wrong']}[/]" if tally["wrong"] else "[dim]0[/]"
    return f"[green]{tally['right']}[/]", wrong, f"[dim]{tally['declined']}[/]", f"{tally['milliseconds']:.0f}"


def show_misses(content: dict[str, Any]) -> None:
    """Questions of the dev half on which the agent was not right, and why; whoever mends it sees no others here."""
    dev = [one for one in content["questions"] if one["half"] == "dev"]
    missed = [one for one in dev if not one["agent"]["correct"]]
    say(f"\n[bold]Where the agent was not right[/]  {len(missed)} of the {len(dev)} questions of the dev half")
    table = Table(box=None, header_style="bold", padding=(0, 1, 0, 0), show_header=False)
    table.add_column(no_wrap=True, width=48)
    table.add_column(no_wrap=True, width=39, style="dim")
    table.add_column(no_wrap=True)
    for one in missed[:SHOWN]:
        others = ", ".join(side for side in ("etl", "rag") if one[side]["correct"])
        table.add_row(one["question"], one["agent"]["why"], others and f"{others} right")
    console.print(table)
    if len(missed) > SHOWN:
        say(f"  and {len(missed) - SHOWN} more on the page")


def minute(at: str | None) -> str:
    return at[:16].replace("T", " ") if at else "none"


def cells(side: dict[str, Any]) -> tuple[str, str, str]:
    """What a stage is, its rows, its seconds."""
    rows = "" if side["rows_out"] is None else f"{side['rows_out']:,}"
    if side["rows_in"] is not None:
        rows = f"{side['rows_in']:,} → {rows}"
    return side["is"], rows, "" if side["seconds"] is None else f"{side['seconds']:.1f}"

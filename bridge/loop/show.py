"""Print what a run of learning came to, at 100 columns."""

from rich.table import Table

from bridge.loop.learn import Learned, Tried
from lab.console import console, say


def show_learned(learned: Learned) -> None:
    """The sheet of the training set, each step with its differences, the decision and its reason."""
    sheet = learned.training.sheet
    say(
        f"  {sheet.used} judgements used: {sheet.accepted} accepted, {sheet.edited} edited, {sheet.rejected} rejected;"
        f" {len(learned.problems)} problems, none of the golden test split"
    )
    for reason, count in sheet.left_out.items():
        say(f"  {count} left out: {reason}")
    say(
        f"  {sheet.edits} edits become knowledge, {sheet.repeated_edits} repeat an earlier one;"
        f" {sheet.examples} questions to train on, {sheet.kept_citations} kept citations,"
        f" {sheet.dropped_citations} dropped, {sheet.found_by_answer} tickets found by the answer that was sent"
    )
    for one in learned.tried:
        show_tried(one, serves=one.version.id == learned.serves.id)
    outliers = [
        f"{agent} ({own} of {compared})"
        for agent, (own, compared) in sheet.alone.items()
        if compared >= 10 and own > compared / 2
    ]
    if outliers and not any(one.decision.promoted for one in learned.tried):
        agent = outliers[0].split()[0]
        say(f"  [yellow]often alone with an answer:[/] {', '.join(outliers)}; without: make learn WITHOUT={agent}")
    say(f"  [bold]{learned.serves.id}[/] serves")


def show_tried(one: Tried, serves: bool) -> None:
    """One step: every slice that was compared. What serves already is compared with itself, and stays."""
    refused = "[green]serves already[/]" if serves else "[red]refused[/]"
    verdict = "[green]better[/]" if one.decision.promoted else refused
    on = f" on {one.version.model_of}" if one.version.model_of else ""
    say(f"\n[bold]{one.version.id}[/]{on}  trained in {one.seconds:.1f} s: {verdict}")
    table = Table(box=None, header_style="bold", padding=(0, 1, 0, 0))
    for name in ("  metric, of", "before", "after", "change, 95% interval", "must be", ""):
        table.add_column(name, justify="right" if name in ("before", "after") else "left", no_wrap=True)
    for each in one.decision.slices:
        table.add_row(
            f"  {each.metric}, {each.of}",
            f"{each.before:.3f}",
            f"{each.after:.3f}",
            f"{each.difference:+.3f} ({each.low:+.3f} to {each.high:+.3f})",
            each.bound,
            "[green]holds[/]" if each.holds else "[red]fails[/]",
        )
    console.print(table)

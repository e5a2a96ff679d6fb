"""What the calibration of a judge found, on the terminal."""

from rich.table import Table

from evals.calibration import Calibration
from lab.console import console, say


def show(calibration: Calibration) -> None:
    """Print the scores, and the confusion by kind of error."""
    say(f"[bold]judge[/]  {calibration.judge}, split {calibration.split}, {calibration.accuracy.n} verdicts")
    scores = Table("", "value", "95% interval", box=None, header_style="bold")
    for name, one in [
        ("accuracy", calibration.accuracy),
        ("balanced accuracy", calibration.balanced_accuracy),
        ("kappa", calibration.kappa),
    ]:
        scores.add_row(name, f"{one.mean:.3f}", f"{one.low:.3f} to {one.high:.3f}")
    console.print(scores)
    table = Table("kind", "right is", "n", "said supported", "said not", "failed", "right", "95% interval", box=None)
    for kind in calibration.kinds:
        counts = (kind.right.n, kind.said_supported, kind.said_unsupported, kind.failed)
        interval = f"{kind.right.low:.3f} to {kind.right.high:.3f}"
        label = "supported" if kind.supported else "not"
        table.add_row(kind.kind, label, *map(str, counts), f"{kind.right.mean:.3f}", interval)
    console.print(table)
    if len(calibration.repeats) > 1:
        spread = ", ".join(f"{one:.3f}" for one in calibration.repeats)
        say(f"  balanced accuracy each time: {spread}; {calibration.changed_its_mind} pairs changed their verdict")

"""Learn: which version serves, and how to change that: the index is made anew, and swapped in with its model.

Twin: the ETL track's build, which swaps the warehouse in when its tests have passed.
"""

from rich.table import Table

from lab.console import console, say
from lab.errors import ConfigError
from lab.settings import Settings
from rag_track.build import build
from rag_track.learn.versions import Version, base, read_version, read_versions, served_version


def promote(settings: Settings, version_id: str) -> Version:
    """Let a version serve, index and model together. Raises ConfigError for one that does not exist or fit."""
    version = read_version(settings, version_id)
    if version.embeddings != settings.embeddings:
        raise ConfigError(
            f"{version.id} was learned for LAB_EMBEDDINGS={version.embeddings}, not {settings.embeddings}.",
            next_step=f"LAB_EMBEDDINGS={version.embeddings} make promote VERSION={version.id}",
        )
    build(settings, version)
    say(f"[bold]{version.id}[/] serves")
    return version


def rollback(settings: Settings) -> Version:
    """Go back to the version that the present one was measured against. Raises ConfigError from the base one."""
    present = served_version(settings)
    if present.kind == "base":
        raise ConfigError("The base version serves: there is nothing to go back to.", next_step="make models")
    return promote(settings, present.parent)


def show_versions(settings: Settings) -> None:
    """Print every version with what it learned from, its scores against the version before it, and the decision."""
    serves = served_version(settings).id
    table = Table(
        "version",
        "feedback",
        "edits",
        "seen",
        "unseen",
        "decision",
        box=None,
        header_style="bold",
        padding=(0, 1, 0, 0),
    )
    for version in [base(settings), *read_versions(settings)]:
        gains = {one["of"]: one for one in version.report.get("decision", {}).get("slices", [])}
        decision = version.report.get("decision", {})
        verdict = "" if not decision else "[green]better[/]" if decision["promoted"] else "[red]refused[/]"
        name = f"[bold]{version.id} serves[/]" if version.id == serves else version.id
        cells = (gain(gains[of]) if of in gains else "" for of in ("seen", "unseen"))
        table.add_row(name, str(len(version.feedback)), str(len(version.edits)), *cells, verdict)
    console.print(table)
    say("  nDCG@10 of golden queries about problems with feedback (seen, in other words) and without (unseen),")
    say("  and the change against the version that served then, with its 95% interval")


def gain(one: dict[str, float]) -> str:
    return f"{one['after']:.3f} {one['difference']:+.3f} ({one['low']:+.3f} to {one['high']:+.3f})"

"""A week of the loop: tickets come in, drafts go out, agents judge, the retriever learns; the report grows by a line.

What takes minutes is left to `make learn`: a week learns what seconds allow, on top of the version that serves.
"""

from collections.abc import Sequence
from typing import Any

from bridge.loop.desk import agents, work
from bridge.loop.learn import FAST, learn
from bridge.loop.report import line_of, write_report
from bridge.loop.show import show_learned
from lab.aside import remove, write_json
from lab.console import say
from lab.errors import MissingStep
from lab.settings import Settings
from rag_track.learn.versions import Kind


def week(settings: Settings, careless: float, poison: bool, steps: Sequence[Kind] = FAST) -> dict[str, Any]:
    """Work the week whose tickets came in last, learn, and report. Returns the week's line of loop.json.

    `careless` is the share of drafts that each agent does not read properly; with `poison` one of five is malicious.
    Raises MissingStep when no tickets came in.
    """
    folders = [folder for folder in (settings.home / "weeks").glob("*") if (folder / "tickets.jsonl").exists()]
    waiting = sorted((int(folder.name), folder) for folder in folders if not (folder / "result.json").exists())
    if not waiting:
        raise MissingStep("No tickets wait for a week of work.", next_step="make week")
    number, folder = waiting[0]
    say(f"[bold]week {number}[/]  drafts, and what five agents make of them")
    verdicts = work(settings, folder, agents(careless, poison))
    learned = learn(settings, steps)
    show_learned(learned)
    line = {
        "week": number,
        "point": str(number),
        "careless": careless,
        "poison": poison,
        "verdicts": dict(verdicts),
        **line_of(settings, learned),
    }
    write_json(folder / "result.json", line)
    remove(folder / "tickets.jsonl")  # the customers' words as they came; the drafts keep them redacted
    write_report(settings)
    return line

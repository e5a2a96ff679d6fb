"""Clean: how much of the personal data that was planted the redactor finds, and what it takes for some that is none.

Twin: etl_track/verify.py, which holds the warehouse against the same truth.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from lab.errors import MissingStep
from rag_track.redact import KINDS, Finding, Redactor


@dataclass(frozen=True)
class Measured:
    """How one kind did against the truth: recall is found / planted, precision found / (found + false_alarms)."""

    planted: int = 0
    found: int = 0
    missed: int = 0
    false_alarms: int = 0


def measure(redactor: Redactor, texts: Mapping[tuple[str, str], str], truth: Path) -> dict[str, Measured]:
    """Hold the findings against the planted truth, for each kind but PERSON, of which the truth lists none.

    `texts` are plain messages by (ticket_key, message_id); `truth` is personal_data.jsonl. What is planted in other
    messages is not counted. A value is found when a finding of its kind covers all of it. A finding that overlaps
    nothing planted is a false alarm. Raises MissingStep when there is no truth.
    """
    if not truth.exists():
        raise MissingStep(f"There is no {truth} to measure against.", next_step="make data")
    planted: dict[tuple[str, str], list[Finding]] = {}
    for line in truth.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        place = Finding(row["kind"].upper(), row["start"], row["end"])
        planted.setdefault((row["ticket_key"], row["message_id"]), []).append(place)
    counts = {kind: dict.fromkeys(("planted", "found", "missed", "false_alarms"), 0) for kind in KINDS[:-1]}
    for key, text in texts.items():
        findings, places = redactor.redact(text).findings, planted.get(key, [])
        for place in places:
            covers = any(f.kind == place.kind and f.start <= place.start and place.end <= f.end for f in findings)
            counts[place.kind]["planted"] += 1
            counts[place.kind]["found" if covers else "missed"] += 1
        for f in findings:
            if f.kind != "PERSON" and not any(f.start < place.end and place.start < f.end for place in places):
                counts[f.kind]["false_alarms"] += 1
    return {kind: Measured(**count) for kind, count in counts.items()}

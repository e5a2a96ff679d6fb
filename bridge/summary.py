"""Bridge, the result: how often each was right by kind and half, with intervals, and in words why."""

import math
import statistics
from collections import Counter
from typing import Any

from bridge.answerers import SIDES
from bridge.bank import HALVES, KINDS

Row = dict[str, Any]  # a question of compare.json
SURE = statistics.NormalDist().inv_cdf(0.975)  # standard deviations either side of which 95% lie


def summary(rows: list[Row]) -> dict[str, Any]:
    """For all questions and for each half, for all kinds and for each: who was right, how fast, at what cost."""
    parts = {"all": rows} | {half: [row for row in rows if row["half"] == half] for half in HALVES}
    tallies = {
        name: {kind: {side: tally(of_kind(part, kind), side) for side in SIDES} for kind in ("all", *KINDS)}
        for name, part in parts.items()
    }
    return {**tallies, "why": {kind: why(of_kind(rows, kind), kind) for kind in KINDS}}


def of_kind(rows: list[Row], kind: str) -> list[Row]:
    return [row for row in rows if kind in ("all", row["kind"])]


def tally(rows: list[Row], side: str) -> dict[str, Any]:
    """Counts, the share that is right with its 95% interval, median milliseconds, tokens and dollars in all."""
    said = [row[side] for row in rows]
    right = sum(one["correct"] for one in said)
    held_back = sum(one["declined"] and not one["correct"] for one in said)
    low, high = wilson(right, len(said))
    return {
        "n": len(said),
        "right": right,
        "wrong": len(said) - right - held_back,
        "declined": held_back,
        "share": right / len(said) if said else 0.0,
        "low": low,
        "high": high,
        "milliseconds": round(statistics.median([one["milliseconds"] for one in said]), 1) if said else 0.0,
        "tokens": sum(one["tokens"] for one in said),
        "dollars": sum(one["dollars"] for one in said),
    }


def wilson(right: int, n: int) -> tuple[float, float]:
    """The 95% interval of a share (Wilson 1927); unlike the usual one it is no point when all are right.

    >>> [round(end, 3) for end in wilson(17, 20)], wilson(0, 0)
    ([0.64, 0.948], (0.0, 1.0))
    """
    if not n:
        return 0.0, 1.0
    share, square = right / n, SURE**2
    middle = (share + square / (2 * n)) / (1 + square / n)
    reach = SURE * math.sqrt(share * (1 - share) / n + square / (4 * n * n)) / (1 + square / n)
    return max(0.0, min(share, middle - reach)), min(1.0, max(share, middle + reach))  # rounding aside


def why(rows: list[Row], kind: str) -> str:
    """One paragraph: what holds by construction in fixed words, everything else counted in this run."""
    if not rows:
        return ""
    etl, rag, agent = (tally(rows, side) for side in SIDES)
    of_etl, of_rag, of_agent = (f"{one['right']} of {one['n']}" for one in (etl, rag, agent))
    used = tools(rows)
    if kind == "counting":
        return (
            "No ticket says how many tickets there are: an index finds what somebody wrote, and cannot count it. So"
            f" the RAG track is right on {of_rag}; it answers {rag['wrong']} all the same, by what sounds alike."
            " The warehouse has the numbers, but knows a question only by the words that its metrics go by: it is"
            f" right on {of_etl}, declines {etl['declined']} and answers {etl['wrong']} with something else. The agent"
            f" asks the same metrics, and is right on {of_agent}. It called {used}."
        )
    if kind == "reading":
        lacking = sum(row["rag"]["why"].startswith("lacks") for row in rows)
        outdated = sum("outdated" in row["rag"]["why"] for row in rows)
        return (
            f"What helps stands in sentences, and no metric holds one: the ETL track is right on {of_etl}. The index"
            f" finds past answers by what they mean: the RAG track is right on {of_rag}; {lacking} of its drafts lack a"
            f" fact, {outdated} state what a release has changed or what holds on another plan, {rag['declined']} are"
            f" declined. The agent reads through the same retriever, and is right on {of_agent}. It called {used}."
        )
    if kind == "both":
        return (
            "Half of the answer is a number and half a sentence, and neither track has both: the ETL track is right on"
            f" {of_etl}, the RAG track on {of_rag}. Only who asks both, and keeps the two apart, can be right: the"
            f" agent is on {of_agent}. It called {used}."
        )
    return (
        "Nobody has these answers: right is to say so, or to ask what was meant. Silence is cheap for who understands"
        f" little: the ETL track holds back on {of_etl}. The RAG track does on {of_rag}, where no past ticket is near,"
        f" and drafts a reply to {rag['wrong']}. The agent holds back on {of_agent}, and answers {agent['wrong']}."
    )


def tools(rows: list[Row]) -> str:
    """Which tools the agent called for how many of the questions."""
    counts = Counter(tool for row in rows for tool in {call["tool"] for call in row["agent"]["calls"]})
    said = [f"{tool} for {count}" for tool, count in sorted(counts.items(), key=lambda one: (-one[1], one[0]))]
    return ", ".join(said) or "no tool"

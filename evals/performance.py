"""What the drafts cost: milliseconds of each stage, tokens, and money.

Times differ from run to run, so they have a report of their own beside the scores, which do not.
"""

import statistics
from typing import Any

from rag_track.draft import Draft


def performance_of(drafts: list[Draft]) -> dict[str, Any]:
    """Milliseconds of each stage (median and 95th percentile), tokens and US dollars of a draft (mean)."""
    stages = list(dict.fromkeys(stage for draft in drafts for stage in draft.seconds))
    return {
        "drafts": len(drafts),
        "milliseconds": {stage: spread([d.seconds[stage] for d in drafts if stage in d.seconds]) for stage in stages},
        "prompt_tokens": mean([draft.prompt_tokens for draft in drafts]),  # estimated, those of a declined draft are 0
        "input_tokens": mean([draft.input_tokens for draft in drafts]),  # as the model counted them
        "output_tokens": mean([draft.output_tokens for draft in drafts]),
        "usd": mean([draft.usd for draft in drafts]),
    }


def spread(seconds: list[float]) -> dict[str, float]:
    """Median and 95th percentile in milliseconds, and of how many.

    >>> spread([0.001, 0.002, 0.003])
    {'median': 2.0, 'p95': 3.0, 'n': 3}
    """
    ordered = sorted(seconds)
    p95 = ordered[min(len(ordered) - 1, round(0.95 * (len(ordered) - 1)))]
    return {"median": round(1000 * statistics.median(ordered), 2), "p95": round(1000 * p95, 2), "n": len(ordered)}


def mean(values: list[float] | list[int]) -> float:
    return round(statistics.fmean(values), 6) if values else 0.0

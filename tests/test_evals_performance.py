"""What a draft costs: milliseconds by stage, tokens and money, and nothing of it where there is no draft."""

from types import SimpleNamespace
from typing import Any

import pytest

from evals.performance import performance_of


def draft(seconds: dict[str, float], usd: float = 0.0) -> Any:
    return SimpleNamespace(seconds=seconds, prompt_tokens=900, input_tokens=1000, output_tokens=100, usd=usd)


def test_each_stage_has_its_own_count() -> None:
    """A declined draft has no stage of the model: its median is of those that have one."""
    found = performance_of([draft({"retrieve": 0.010, "model": 0.5}, usd=0.02), draft({"retrieve": 0.030})])
    assert found["milliseconds"]["retrieve"] == {"median": 20.0, "p95": 30.0, "n": 2}
    assert found["milliseconds"]["model"]["n"] == 1
    assert found["usd"] == pytest.approx(0.01)
    assert (found["drafts"], found["prompt_tokens"]) == (2, 900)


def test_no_drafts_cost_nothing() -> None:
    """A data set without references has no drafts, and no stages."""
    assert performance_of([]) == {
        "drafts": 0,
        "milliseconds": {},
        "prompt_tokens": 0,
        "input_tokens": 0,
        "output_tokens": 0,
        "usd": 0,
    }

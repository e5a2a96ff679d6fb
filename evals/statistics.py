"""A mean with its uncertainty, because a number without an interval is an anecdote."""

from dataclasses import dataclass

import numpy as np

RESAMPLES = 1_000


@dataclass(frozen=True)
class Estimate:
    """A mean over n queries with its 95% interval."""

    mean: float
    low: float
    high: float
    n: int


def estimate(values: list[float], seed: int = 0) -> Estimate:
    """Mean and percentile-bootstrap interval (Efron 1979): resample the queries, take the middle 95% of the means.

    Raises ValueError for no values.

    >>> estimate([1.0, 1.0, 1.0])
    Estimate(mean=1.0, low=1.0, high=1.0, n=3)
    """
    if not values:
        raise ValueError("there is no mean of nothing")
    sample = np.asarray(values, dtype=float)
    draws = np.random.default_rng(seed).integers(0, len(sample), size=(RESAMPLES, len(sample)))
    low, high = np.quantile(sample[draws].mean(axis=1), [0.025, 0.975])
    return Estimate(float(sample.mean()), float(low), float(high), len(sample))

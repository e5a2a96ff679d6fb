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


def estimate(values: list[float], groups: list[str], seed: int = 0) -> Estimate:
    """Mean and 95% interval by the cluster bootstrap: resample whole groups, take the middle 95% of the means.

    `groups` names for each value the group it belongs to. Five queries about one problem succeed and fail
    together; resampling them one by one would make the interval too narrow (Davison and Hinkley 1997, 3.8).
    Raises ValueError for no values.

    >>> estimate([1.0, 1.0, 1.0], ["a", "a", "b"])
    Estimate(mean=1.0, low=1.0, high=1.0, n=3)
    """
    if not values:
        raise ValueError("there is no mean of nothing")
    _, members = np.unique(groups, return_inverse=True)
    sums, sizes = np.bincount(members, weights=values), np.bincount(members)
    drawn = np.random.default_rng(seed).integers(0, len(sums), size=(RESAMPLES, len(sums)))
    means = sums[drawn].sum(axis=1) / sizes[drawn].sum(axis=1)
    low, high = np.quantile(means, [0.025, 0.975])
    return Estimate(float(np.mean(values)), float(low), float(high), len(values))

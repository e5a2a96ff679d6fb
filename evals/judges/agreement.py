"""How well a judge agrees with what is known, as one number with its uncertainty.

The statistics read counts, so that whole problems can be drawn again and again.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from evals.statistics import RESAMPLES, Estimate

Counts = Any  # an array of shape (…, 4): supported pairs said right and wrong, unsupported pairs said right and wrong


def accuracy(counts: Counts) -> Any:
    """The share of the verdicts that are right.

    >>> float(accuracy(np.array([3, 1, 4, 2])))
    0.7
    """
    return counts[..., [0, 2]].sum(axis=-1) / counts.sum(axis=-1)


def balanced_accuracy(counts: Counts) -> Any:
    """The mean of the shares right among supported and unsupported pairs; always to say the same gives 0.5.

    Brodersen et al., The balanced accuracy and its posterior distribution, 2010.

    >>> float(balanced_accuracy(np.array([90, 0, 0, 10])))
    0.5
    """
    right, wrong = counts[..., [0, 2]], counts[..., [1, 3]]
    return (right / np.maximum(right + wrong, 1)).mean(axis=-1)


def kappa(counts: Counts) -> Any:
    """The agreement beyond chance; always to say the same gives 0.

    Cohen, A coefficient of agreement for nominal scales, 1960.

    >>> round(float(kappa(np.array([20, 5, 15, 10]))), 3)
    0.4
    """
    total = counts.sum(axis=-1)
    supported, said = counts[..., [0, 1]].sum(axis=-1) / total, counts[..., [0, 3]].sum(axis=-1) / total
    chance = supported * said + (1 - supported) * (1 - said)
    return np.where(chance < 1, (accuracy(counts) - chance) / np.where(chance < 1, 1 - chance, 1), 0.0)


def resampled(
    statistic: Callable[[Counts], Any], supported: list[bool], right: list[bool], groups: list[str], seed: int = 0
) -> Estimate:
    """A statistic with its 95% interval by the cluster bootstrap, as statistics.estimate has it for a mean.

    Three lists of equal length, one entry for each verdict: what the pair is, whether the verdict was right, and the
    group that is drawn as a whole. Raises ValueError for no verdicts.
    """
    if not groups:
        raise ValueError("there is no agreement on nothing")
    _, members = np.unique(groups, return_inverse=True)
    counts = np.zeros((members.max() + 1, 4))
    np.add.at(counts, (members, 2 * ~np.array(supported) + ~np.array(right)), 1)
    drawn = np.random.default_rng(seed).integers(0, len(counts), size=(RESAMPLES, len(counts)))
    low, high = np.quantile(statistic(counts[drawn].sum(axis=1)), [0.025, 0.975])
    return Estimate(float(statistic(counts.sum(axis=0))), float(low), float(high), len(groups))

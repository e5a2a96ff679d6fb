"""Agreement with what is known: right formulas, honest intervals."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, balanced_accuracy_score, cohen_kappa_score  # type: ignore[import-untyped]

from evals.judges.agreement import accuracy, balanced_accuracy, kappa, resampled

verdicts = st.lists(st.tuples(st.booleans(), st.booleans()), min_size=2, max_size=60).filter(
    lambda found: len({supported for supported, _ in found}) == 2
)


@given(found=verdicts)
def test_the_statistics_are_those_of_scikit_learn(found: list[tuple[bool, bool]]) -> None:
    """Accuracy, balanced accuracy and kappa agree with scikit-learn for any verdicts on both sorts of pairs."""
    supported, said = [pair[0] for pair in found], [pair[1] for pair in found]
    right = [a == b for a, b in found]
    groups = [str(n) for n in range(len(found))]
    assert resampled(accuracy, supported, right, groups).mean == pytest.approx(accuracy_score(supported, said))
    assert resampled(balanced_accuracy, supported, right, groups).mean == pytest.approx(
        balanced_accuracy_score(supported, said)
    )
    assert resampled(kappa, supported, right, groups).mean == pytest.approx(cohen_kappa_score(supported, said))


def test_pairs_of_one_problem_count_as_one_observation() -> None:
    """When every verdict stands four times in the sample, the interval does not get narrower."""
    supported, right = [True, False] * 50, [True, True, False, False] * 25
    names = [str(n) for n in range(100)]
    alone = resampled(accuracy, supported, right, names)
    repeated = resampled(accuracy, supported * 4, right * 4, names * 4)
    assert alone.low < alone.mean < alone.high
    assert repeated.high - repeated.low == pytest.approx(alone.high - alone.low, abs=0.02)


@pytest.mark.parametrize("counts", [[50, 0, 0, 5], [0, 50, 5, 0]])
def test_a_constant_has_no_agreement(counts: list[int]) -> None:
    """Always "supported" or always "not" has balanced accuracy 0.5 and kappa 0, however unequal the sorts are."""
    assert balanced_accuracy(np.array(counts)) == 0.5
    assert kappa(np.array(counts)) == pytest.approx(0)


def test_there_is_no_agreement_on_nothing() -> None:
    """No verdicts are an error, not a score."""
    with pytest.raises(ValueError, match="nothing"):
        resampled(accuracy, [], [], [])

"""Retrieval metrics agree with trec_eval, and gates can fail."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals.gates import Gate, hold, read_gates
from evals.retrieval import hit_at, ndcg_at, precision_at, recall_at, reciprocal_rank_at
from evals.statistics import estimate
from lab.errors import ConfigError

DOCUMENTS = [f"d{n}" for n in range(15)]
rankings = st.permutations(DOCUMENTS).flatmap(lambda order: st.integers(0, 15).map(lambda n: list(order)[:n]))
grades = st.dictionaries(st.sampled_from(DOCUMENTS), st.integers(0, 3), min_size=1)


@given(ranking=rankings, grades=grades)
def test_metrics_agree_with_trec_eval(ranking: list[str], grades: dict[str, int]) -> None:
    """nDCG@10, recall@10, P@5, MRR and hit@5 are trec_eval's to nine digits, for any ranking and any grades."""
    pytrec_eval = pytest.importorskip("pytrec_eval", reason="there is no wheel of it for this machine")
    names = {"ndcg_cut.10", "recall.10", "P.5", "recip_rank", "success.5"}
    run = {"q": {document: float(len(ranking) - rank) for rank, document in enumerate(ranking)}}
    if not ranking or not any(grades.values()):
        assert ndcg_at(ranking, grades, 10) == recall_at(ranking, grades, 10) == 0
        return
    right = pytrec_eval.RelevanceEvaluator({"q": grades}, names).evaluate(run)["q"]
    assert ndcg_at(ranking, grades, 10) == pytest.approx(right["ndcg_cut_10"], abs=1e-9)
    assert recall_at(ranking, grades, 10) == pytest.approx(right["recall_10"], abs=1e-9)
    assert reciprocal_rank_at(ranking, grades, len(ranking)) == pytest.approx(right["recip_rank"], abs=1e-9)
    assert precision_at(ranking, grades, 5) == pytest.approx(right["P_5"], abs=1e-9)
    assert hit_at(ranking, grades, 5) == right["success_5"]


def test_the_reciprocal_rank_ends_at_k() -> None:
    """A relevant document at rank eleven does not count for MRR@10."""
    ranking = DOCUMENTS[:11]
    assert reciprocal_rank_at(ranking, {"d10": 1}, 10) == 0
    assert reciprocal_rank_at(ranking, {"d10": 1}, 11) == pytest.approx(1 / 11)


@given(values=st.lists(st.floats(0, 1), min_size=1, max_size=50))
def test_the_same_values_give_the_same_interval(values: list[float]) -> None:
    """The mean is the mean, the interval is ordered, within the values, and the same each time."""
    groups = [str(n) for n in range(len(values))]
    found = estimate(values, groups)
    assert found.mean == pytest.approx(sum(values) / len(values))
    assert min(values) - 1e-9 <= found.low <= found.high <= max(values) + 1e-9
    assert found == estimate(values, groups)


def test_an_interval_is_as_wide_as_theory_says() -> None:
    """A coin thrown a hundred times has an interval of plus or minus a tenth (1.96 · 0.5 / √100).

    When every throw stands four times in the sample, as queries about one problem do, it must not get narrower.
    """
    throws = [0.0, 1.0] * 50
    names = [str(n) for n in range(100)]
    alone = estimate(throws, names)
    assert alone.high - alone.low == pytest.approx(0.196, abs=0.03)
    repeated = estimate(throws * 4, names * 4)
    assert repeated.high - repeated.low == pytest.approx(0.196, abs=0.03)


def test_a_gate_fails_below_above_and_when_nothing_was_measured() -> None:
    """A bound is held on its side only; a metric that was not run does not pass."""
    gates = [Gate("a", "at_least", 0.5, "r"), Gate("b", "at_most", 0.5, "r"), Gate("c", "at_least", 0.5, "r")]
    assert passed(gates, a=0.5, b=0.5) == [True, True, False]
    assert passed(gates, a=0.49, b=0.51, c=1.0) == [False, False, True]


def test_a_gate_can_compare_two_retrievers_on_one_tag() -> None:
    """`above` holds one metric against another on the queries of a tag; without such queries it does not pass."""
    gate = Gate("bm25", "above", "dense", "r", tag="exact_code")
    content = {"metrics": {}, "slices": {"exact_code": {"bm25": {"mean": 0.8}, "dense": {"mean": 0.4}}}}
    assert [verdict.passed for verdict in hold([gate], content, {})] == [True]
    content["slices"]["exact_code"]["bm25"]["mean"] = 0.4
    assert [verdict.passed for verdict in hold([gate], content, {})] == [False]
    assert [verdict.passed for verdict in hold([gate], {"metrics": {}, "slices": {}}, {})] == [False]
    assert gate.name == "bm25 above dense on exact_code"


def passed(gates: list[Gate], **means: float) -> list[bool]:
    content = {"metrics": {name: {"mean": mean} for name, mean in means.items()}, "slices": {}}
    return [verdict.passed for verdict in hold(gates, content, {})]


def test_what_a_judge_says_gates_nothing_when_the_judge_fails() -> None:
    """Below its bar, or never calibrated, the judge fails alone: its metrics are shown and hold nobody up."""
    gates = [Gate("judge_balanced_accuracy", "at_least", 0.8, "r"), Gate("faithfulness", "at_least", 0.9, "r")]
    assert passed(gates, judge_balanced_accuracy=0.86, faithfulness=0.5) == [True, False]
    assert passed(gates, judge_balanced_accuracy=0.5, faithfulness=0.5) == [False]
    assert passed(gates, faithfulness=0.5) == [False]


def test_every_committed_gate_has_a_reason() -> None:
    """gates.toml is read whole, and no gate stands without its reason."""
    gates = read_gates()
    assert len(gates) >= 5
    assert all(len(gate.reason) > 20 for gate in gates)


@pytest.mark.parametrize(
    "text", ["[[gate]]\nmetric = 'a'\nreason = 'r'", "[[gate]]\nat_least = 1\nreason = 'r'", "[[gate"]
)
def test_a_broken_gate_is_named(tmp_path: Path, text: str) -> None:
    """A gate without bound or metric, or a file that is not TOML, is an error that names the file."""
    file = tmp_path / "gates.toml"
    file.write_text(text)
    with pytest.raises(ConfigError, match=r"gates\.toml"):
        read_gates(file)

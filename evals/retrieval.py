"""Retrieval metrics for one query: the grades of the ranked documents against the grades there are.

A ranking is a list of document ids, best first, each once. `grades` are the query's qrels. All metrics are
between 0 and 1. Definitions follow trec_eval (https://trec.nist.gov/trec_eval/), against which they are tested.
"""

from math import log2


def hit_at(ranking: list[str], grades: dict[str, int], k: int) -> float:
    """1 if any of the first k documents is relevant.

    >>> hit_at(["a", "b"], {"b": 1}, k=1), hit_at(["a", "b"], {"b": 1}, k=2)
    (0.0, 1.0)
    """
    return float(any(grades.get(document, 0) > 0 for document in ranking[:k]))


def recall_at(ranking: list[str], grades: dict[str, int], k: int) -> float:
    """Share of the relevant documents that stand among the first k.

    >>> recall_at(["a", "b"], {"a": 1, "c": 2}, k=10)
    0.5
    """
    relevant = {document for document, grade in grades.items() if grade > 0}
    return len(relevant & set(ranking[:k])) / len(relevant) if relevant else 0.0


def precision_at(ranking: list[str], grades: dict[str, int], k: int) -> float:
    """Share of the first k places that hold a relevant document; a place that is empty holds none.

    >>> precision_at(["a", "b"], {"a": 1, "c": 2}, k=4)
    0.25
    """
    return sum(grades.get(document, 0) > 0 for document in ranking[:k]) / k


def reciprocal_rank_at(ranking: list[str], grades: dict[str, int], k: int) -> float:
    """1 divided by the rank of the first relevant document, 0 if there is none among the first k.

    >>> reciprocal_rank_at(["a", "b", "c"], {"b": 2, "c": 1}, k=10)
    0.5
    """
    for rank, document in enumerate(ranking[:k], start=1):
        if grades.get(document, 0) > 0:
            return 1 / rank
    return 0.0


def ndcg_at(ranking: list[str], grades: dict[str, int], k: int) -> float:
    """Discounted gain of the first k documents, divided by that of the best ranking possible.

    The gain of a document is its grade, discounted by log2(rank + 1), as in trec_eval's ndcg_cut.

    >>> ndcg_at(["a", "b"], {"a": 2, "b": 1}, k=10)
    1.0
    """
    best = sorted((grade for grade in grades.values() if grade > 0), reverse=True)
    ideal = discounted(best[:k])
    return discounted([grades.get(document, 0) for document in ranking[:k]]) / ideal if ideal else 0.0


def discounted(gains: list[int]) -> float:
    return sum(max(gain, 0) / log2(rank + 1) for rank, gain in enumerate(gains, start=1))

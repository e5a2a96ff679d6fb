"""RAGAS's metrics without a judge, on cases whose scores are known."""

from typing import cast

import pytest

from evals.ragas_metrics import Case, ragas_metrics
from rag_track.embed import CachedEmbeddings

REFERENCE = "Open the export page. Press Retry. Wait an hour for the file."


class Letters:
    """Vectors of letter counts: like texts are near."""

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        return [[float(text.count(letter)) for letter in "abcdefghijklmnopqrstuvwxyz"] for text in texts]

    def embed_query(self, text: str) -> list[float]:
        return self.embed_documents([text])[0]


def score(answer: str, reference: str | None = REFERENCE, facts: tuple[str, ...] = ()) -> dict[str, float]:
    case = Case(["a", "b"], ["one text", "another"], ["a", "c"], ["one text", "a third"], answer, reference, facts)
    [found] = ragas_metrics([case], cast(CachedEmbeddings, Letters()))
    return found


def test_the_same_text_scores_one() -> None:
    """Every answer metric is 1 for the reference itself; ids count as sets."""
    found = score(REFERENCE, facts=("Retry", "export page"))
    for name in ("semantic_similarity", "rouge_l", "bleu", "chrf", "string_presence"):
        assert found[name] == pytest.approx(1.0), name
    assert found["id_context_precision"] == found["id_context_recall"] == 0.5


def test_bleu_reads_the_whole_answer() -> None:
    """An answer whose first sentence alone is right does not score 1, as it would if RAGAS took it apart."""
    assert score("Open the export page. Call your bank and cancel everything today.")["bleu"] < 0.6


def test_a_fact_must_stand_in_the_answer() -> None:
    """One of two facts present is a half; without facts or a reference nothing is measured."""
    assert score("Press Retry.", facts=("Retry", "an hour"))["string_presence"] == 0.5
    assert "string_presence" not in score("Press Retry.")
    assert "bleu" not in score("Press Retry.", reference=None)

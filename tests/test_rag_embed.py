"""Embeddings: the published model, vectors of length 1, nothing embedded twice."""

from pathlib import Path

import numpy as np
import pytest
from langchain_core.embeddings import Embeddings

import rag_track.embed as embed
from lab.errors import ModelError
from lab.settings import read_settings
from rag_track.embed import CachedEmbeddings, MiniLM, embeddings


class Counting(Embeddings):
    """Embeds a text as its length, and counts the texts that reach it."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        self.seen += texts
        return [[float(len(text)), 1.0] for text in texts]

    def embed_query(self, text: str) -> list[float]:
        return self.embed_documents([text])[0]


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_the_model_knows_what_is_near(precision: str) -> None:
    """Two ways to say one thing are nearer than two things; vectors have length 1, in the order of the texts."""
    texts = ["The export stops early", "My download is cut off after some rows", "The weather is fine today"]
    vectors = np.array(MiniLM(precision).embed_documents(texts))
    assert vectors.shape == (3, 384)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2] + 0.1
    alone = np.array(MiniLM(precision).embed_query(texts[1]))
    assert alone @ vectors[1] > 0.99


def test_other_weights_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Weights with another digest than the published one are an error that says what to do."""
    monkeypatch.setattr(embed, "MINILM_SHA256", "0" * 64)
    with pytest.raises(ModelError, match="not the published") as error:
        MiniLM("fp32").embed_query("x")
    assert "make setup" in error.value.next_step


def test_nothing_is_embedded_twice(tmp_path: Path) -> None:
    """A text that was seen in this or an earlier run does not reach the model; the vectors are the same."""
    inner = Counting()
    first = CachedEmbeddings(inner, "m", tmp_path / "v.sqlite")
    vectors = first.embed_documents(["one", "three", "one"])
    assert vectors == [[3.0, 1.0], [5.0, 1.0], [3.0, 1.0]]
    again = CachedEmbeddings(inner, "m", tmp_path / "v.sqlite")
    assert again.embed_documents(["three", "four"]) == [[5.0, 1.0], [4.0, 1.0]]
    assert sorted(inner.seen) == ["four", "one", "three"]
    assert (again.embedded, again.reused) == (1, 1)


def test_models_do_not_share_vectors(tmp_path: Path) -> None:
    """The same text under another model's name is embedded anew."""
    inner = Counting()
    for name in ("m", "n"):
        CachedEmbeddings(inner, name, tmp_path / "v.sqlite").embed_query("one")
    assert inner.seen == ["one", "one"]


def test_an_unknown_provider_is_named(tmp_path: Path) -> None:
    """LAB_EMBEDDINGS with a provider that LangChain does not know is an error, not a traceback."""
    with pytest.raises(ModelError, match="LAB_EMBEDDINGS=nobody:model"):
        embeddings(read_settings(home=tmp_path, embeddings="nobody:model"))

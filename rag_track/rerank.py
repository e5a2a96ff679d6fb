"""Serve: read the found passages once more, each beside the question, and put them in a better order.

Twin: nothing in the ETL track. A retriever compares two vectors that were made apart, which is fast enough for
everything there is; a reranker compares word by word, which is affordable for the best few.
- `maxsim`: each word of the question looks for its nearest word in the passage, and the mean is the score; the words'
  vectors are the embedding model's own. Khattab and Zaharia, ColBERT: late interaction over BERT, 2020.
- a folder: a cross-encoder of sentence-transformers, which reads question and passage as one text.
"""

from abc import ABC, abstractmethod
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from lab.errors import ConfigError, ModelError
from rag_track.embed import CachedEmbeddings
from rag_track.hit import Hit
from rag_track.local_model import LocalModel

RERANKED = 20  # hits that are read again; each costs some milliseconds


class Reranker(ABC):
    """Orders hits anew by a score that compares the question with each passage."""

    name: str

    @abstractmethod
    def scores(self, question: str, texts: list[str]) -> list[float]:
        """How well each text answers, higher is better, not below 0."""

    def rerank(self, question: str, hits: list[Hit]) -> list[Hit]:
        """The same hits, best first, with the new score; equal ones keep their order."""
        if not hits:
            return []
        scores = self.scores(question, [hit.text for hit in hits])
        scored = [
            replace(hit, score=score, reason=f"{hit.reason}, {self.name} {score:.2f}")
            for hit, score in zip(hits, scores, strict=True)
        ]
        return sorted(scored, key=lambda hit: -hit.score)


class MaxSim(Reranker):
    """The mean, over the question's tokens, of the cosine with the nearest token of the passage."""

    name = "maxsim"

    def __init__(self, model: LocalModel) -> None:
        self.model = model

    def scores(self, question: str, texts: list[str]) -> list[float]:
        asked, *passages = self.token_vectors([question, *texts])
        return [max(0.0, float((asked @ passage.T).max(axis=1).mean())) for passage in passages]

    def token_vectors(self, texts: list[str]) -> list[Any]:
        """For each text a float32 array of shape (tokens, dimension), of length 1 each."""
        found = self.model.model.encode(texts, output_value="token_embeddings", show_progress_bar=False)
        vectors = [np.asarray(one.float().cpu(), dtype=np.float32) for one in found]
        return [one / np.linalg.norm(one, axis=1, keepdims=True) for one in vectors]


class CrossEncoder(Reranker):
    """A cross-encoder from a folder; its score is between 0 and 1."""

    name = "cross-encoder"

    def __init__(self, folder: Path) -> None:
        from sentence_transformers import CrossEncoder as Model
        from torch.nn import Sigmoid

        problem = ""
        try:  # some models give logits, which may be below 0: the sigmoid keeps their order
            self.model = Model(str(folder), device="cpu", local_files_only=True, activation_fn=Sigmoid())
        except (OSError, ValueError) as error:
            problem = " ".join(str(error).split())[:200]
        if problem or self.model.num_labels != 1:
            raise ModelError(
                f"LAB_RERANKER={folder} is no cross-encoder with one score: {problem or 'it has several labels'}.",
                next_step="set LAB_RERANKER to the folder of a sentence-transformers cross-encoder, or unset it",
            )

    def scores(self, question: str, texts: list[str]) -> list[float]:
        pairs = [(question, text) for text in texts]
        return [float(score) for score in self.model.predict(pairs, show_progress_bar=False)]


def reranker(name: str, embeddings: CachedEmbeddings) -> Reranker | None:
    """The reranker of that name: maxsim, or a folder; None for an empty name.

    Raises ConfigError for anything else, ModelError for a folder without a cross-encoder.
    """
    if not name:
        return None
    if name == "maxsim":
        if not isinstance(embeddings.inner, LocalModel):
            raise ConfigError(
                f"maxsim needs the vectors of words, and {embeddings.name} gives those of texts.",
                next_step="unset LAB_RERANKER, or LAB_EMBEDDINGS for the local model",
            )
        return MaxSim(embeddings.inner)
    if not Path(name).expanduser().is_dir():
        raise ConfigError(f"LAB_RERANKER={name} is neither maxsim nor a folder.", next_step="use maxsim, or unset it")
    return CrossEncoder(Path(name).expanduser())

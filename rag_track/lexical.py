"""Lexical search: the same chunks, ranked by the words they share with the question (BM25), and how rankings are fused.

Twin of retrieve.py, and its opposite: exact codes are found that no embedding tells apart, a paraphrase is not.
BM25: Robertson and Zaragoza, The Probabilistic Relevance Framework, 2009, as bm25s computes it. Fusion: Cormack,
Clarke and Buettcher, Reciprocal Rank Fusion, 2009.
"""

from collections import defaultdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rag_track.retrieve import Retriever

RANK_CONSTANT = 60  # the value of the paper: how little a first place counts more than a second


class LexicalRetriever:
    """BM25 over the chunks of an open index, English stems, stop words left out."""

    def __init__(self, retriever: "Retriever") -> None:
        import bm25s
        import Stemmer

        held = retriever.store.get(include=["documents", "metadatas"])
        chunks = sorted(zip(held["ids"], held["documents"], held["metadatas"], strict=True), key=lambda chunk: chunk[0])
        self.keys = [str(meta["ticket_key"]) for _, _, meta in chunks]
        self.stemmer = Stemmer.Stemmer("english")
        self.index = bm25s.BM25()
        self.index.index(self.tokens([text for _, text, _ in chunks]), show_progress=False)

    def tokens(self, texts: list[str]) -> Any:
        """Each text as a list of stems."""
        import bm25s

        return bm25s.tokenize(texts, stopwords="en", stemmer=self.stemmer, return_ids=False, show_progress=False)

    def rank(self, question: str, k: int) -> list[str]:
        """Keys of at most `k` tickets that share a word with the question, best first, each by its best chunk."""
        words = self.tokens([question])[0]
        if not words:
            return []
        scores = self.index.get_scores(words)
        shared = (int(n) for n in scores.nonzero()[0])
        found = dict.fromkeys(self.keys[n] for n in sorted(shared, key=lambda n: (-scores[n], self.keys[n])))
        return list(found)[:k]


def fuse(*rankings: list[str]) -> list[str]:
    """One ranking of several: each place counts 1 / (60 + rank), ties by name.

    >>> fuse(["a", "b"], ["b", "c"])
    ['b', 'a', 'c']
    """
    scores: dict[str, float] = defaultdict(float)
    for ranking in rankings:
        for rank, key in enumerate(ranking, start=1):
            scores[key] += 1 / (RANK_CONSTANT + rank)
    return sorted(scores, key=lambda key: (-scores[key], key))

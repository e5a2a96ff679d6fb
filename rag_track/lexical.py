"""Lexical search: the chunks ranked by the words they share with the question (BM25).

Twin of the dense search, and its opposite: exact codes are found that no embedding tells apart, a paraphrase is not.
BM25: Robertson and Zaragoza, The Probabilistic Relevance Framework, 2009, as bm25s computes it.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np


class LexicalIndex:
    """BM25 over texts; English stems, stop words left out."""

    def __init__(self, texts: Sequence[str]) -> None:
        import bm25s
        import Stemmer

        self.stemmer = Stemmer.Stemmer("english")
        self.size = len(texts)
        self.index = bm25s.BM25()
        if texts:
            self.index.index(self.tokens(texts), show_progress=False)

    def tokens(self, texts: Sequence[str]) -> list[list[str]]:
        """Each text as a list of stems."""
        import bm25s

        found: list[list[str]] = bm25s.tokenize(
            list(texts), stopwords="en", stemmer=self.stemmer, return_ids=False, show_progress=False
        )
        return found

    def scores(self, question: str) -> "np.ndarray[Any, np.dtype[np.float32]]":
        """The BM25 score of each text; 0 where it shares no word with the question."""
        words = self.tokens([question])[0]
        if not words or not self.size:
            return np.zeros(self.size, dtype=np.float32)
        return np.asarray(self.index.get_scores(words), dtype=np.float32)

    def shared(self, question: str, text: str) -> list[str]:
        """The words of the question, as stems, that a text has too."""
        asked, held = self.tokens([question, text])
        return [word for word in dict.fromkeys(asked) if word in set(held)]

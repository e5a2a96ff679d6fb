"""The lab's embeddings behind RAGAS's interface, so that its metrics share the vector cache."""

from typing import Any

from ragas.embeddings.base import BaseRagasEmbedding

from rag_track.embed import CachedEmbeddings


class RagasEmbedding(BaseRagasEmbedding):  # type: ignore[misc]
    """One text at a time, as RAGAS asks."""

    def __init__(self, embeddings: CachedEmbeddings) -> None:
        super().__init__()
        self.embeddings = embeddings

    def embed_text(self, text: str, **kwargs: Any) -> list[float]:
        """The vector of a text."""
        return self.embeddings.embed_query(text)

    async def aembed_text(self, text: str, **kwargs: Any) -> list[float]:
        """The same; nothing is waited for."""
        return self.embed_text(text)

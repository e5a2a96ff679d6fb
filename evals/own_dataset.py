"""Somebody's own data set: a place of its own, and an index made as the lab makes its own."""

import hashlib
from datetime import UTC, datetime
from pathlib import Path

from evals.dataset import Dataset
from lab.settings import Settings
from rag_track.chunk import chunk
from rag_track.documents import Document, Turn
from rag_track.embed import embeddings
from rag_track.index import update_index


def own_name(folder: Path) -> str:
    """A folder name for somebody's data set: two of the same name in other places do not meet."""
    return f"{folder.name}-{hashlib.sha256(str(folder).encode()).hexdigest()[:8]}"


def index_dataset(settings: Settings, dataset: Dataset) -> None:
    """Index somebody's corpus with the lab's own chunks and embeddings, in the home that `settings` name.

    A text counts as said by an agent: so a draft may rest on it.
    """
    began = datetime.fromtimestamp(0, UTC)
    documents = (
        Document(
            ticket_key=key,
            source="dataset",
            subject=title,
            turns=(Turn("Agent", text),) if text else (),
            created_at=began,
            solved_at=began,
            satisfaction="none",
            product_category="unknown",
            customer_tier="unknown",
            region="unknown",
            language="unknown",
        )
        for key, (title, text) in dataset.corpus.items()
    )
    chunks = chunk(documents, settings.chunk_size, settings.chunk_overlap, settings.chunker)
    update_index(settings, chunks, embeddings(settings), anew=False)

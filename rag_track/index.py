"""Store: chunks with their vectors and metadata in a persistent Chroma collection.

Twin: the warehouse. Keys, idempotence and incremental runs are the same; the new thing is that a look-up
asks for what is near instead of what is equal. The folder is written aside and swapped in, so that a build
that is killed leaves the old index serving.
"""

import json
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from langchain_core.embeddings import Embeddings

from lab.aside import written_aside
from lab.errors import ConfigError, MissingStep
from lab.settings import Settings
from rag_track.chunk import Chunk

if TYPE_CHECKING:
    from langchain_chroma import Chroma

COLLECTION = "resolved_tickets"
METADATA = ("ticket_key", "start", "text_hash", "source", "product_category", "customer_tier", "solved_at")
# One thread and a wide search: the same hits from run to run, also among many copies of one sentence.
HNSW: Any = {
    "space": "cosine",
    "num_threads": 1,
    "max_neighbors": 32,
    "ef_construction": 200,
    "ef_search": 2_000,
}
WRITE = 1_000  # chunks in one upsert


@dataclass(frozen=True)
class Change:
    """What an update did to the index, in chunks."""

    added: int
    kept: int
    removed: int


def folder(settings: Settings) -> Path:
    """Where the Chroma collection is kept."""
    return settings.index / "chroma"


def open_index(settings: Settings, embeddings: Embeddings, name: str) -> "Chroma":
    """The collection, for reading. Raises MissingStep when there is none, ConfigError when another model made it."""
    maker = made_with(folder(settings))
    if maker is None:
        raise MissingStep(f"There is no index in {settings.index} yet.", next_step="make rag")
    if maker != name:
        raise ConfigError(f"The index was made with {maker}, not with {name}.", next_step="make rag")
    return collection(folder(settings), embeddings)


def collection(path: Path, embeddings: Embeddings) -> "Chroma":
    """LangChain's view of the collection in `path`; distances are 1 - cosine."""
    from chromadb.config import Settings as ChromaSettings
    from langchain_chroma import Chroma

    return Chroma(
        COLLECTION,
        embedding_function=embeddings,
        persist_directory=str(path),
        client_settings=ChromaSettings(anonymized_telemetry=False, is_persistent=True, persist_directory=str(path)),
        collection_configuration={"hnsw": HNSW},
    )


def update_index(
    settings: Settings, chunks: Iterable[Chunk], embeddings: Embeddings, name: str, *, anew: bool = False
) -> Change:
    """Make the collection hold exactly `chunks`: upsert what is new or changed, remove what is gone.

    A chunk is the same when its id, text and metadata are. An index that another model made is begun anew; so is one
    that must not keep what it deletes, because a database marks the place as free and leaves the words there.
    """
    wanted = {chunk.id: chunk for chunk in chunks}
    with written_aside(folder(settings)) as aside:
        if made_with(folder(settings)) == name and not anew:
            shutil.copytree(folder(settings), aside)
        store = collection(aside, embeddings)
        held = store.get(include=["metadatas"])
        known = dict(zip(held["ids"], held["metadatas"], strict=True))
        new = [chunk for chunk in wanted.values() if known.get(chunk.id) != metadata(chunk)]
        gone = [chunk_id for chunk_id in known if chunk_id not in wanted]
        # All texts at once, so that the model sees them sorted by length; the writes find them in the cache.
        embeddings.embed_documents([chunk.text for chunk in new])
        for start in range(0, len(new), WRITE):
            part = new[start : start + WRITE]
            store.add_texts([c.text for c in part], [metadata(c) for c in part], ids=[c.id for c in part])
        for start in range(0, len(gone), WRITE):
            store.delete(gone[start : start + WRITE])
        close(store)
        (aside / "index.json").write_text(json.dumps({"embeddings": name, "chunks": len(wanted)}), encoding="utf-8")
    return Change(added=len(new), kept=len(wanted) - len(new), removed=len(gone))


def made_with(path: Path) -> str | None:
    """The name of the embedding model that made the index in `path`."""
    manifest = path / "index.json"
    return json.loads(manifest.read_text(encoding="utf-8"))["embeddings"] if manifest.exists() else None


def metadata(chunk: Chunk) -> dict[str, Any]:
    """What Chroma keeps beside a vector, to filter by and to tell whether a chunk changed."""
    return {name: getattr(chunk, name) for name in METADATA}


def close(store: "Chroma") -> None:
    """Let go of the folder, so that it can be moved."""
    from chromadb.api.shared_system_client import SharedSystemClient

    store._client._system.stop()  # Chroma has no public way to close
    SharedSystemClient.clear_system_cache()

"""Store: chunks with their vectors and metadata in a Chroma collection.

Twin: the warehouse. Keys, idempotence and incremental runs are the same; the new thing is that a look-up asks for
what is near instead of what is equal. It is built aside and swapped in, so that a build that is killed leaves the old
index serving: on disk the folder is swapped, on a Chroma server (LAB_CHROMA) the collection is renamed.
"""

import json
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from lab.aside import written_aside
from lab.errors import ConfigError, LabError, MissingStep
from lab.settings import Settings
from rag_track.chunk import SCHEMA_VERSION, Chunk
from rag_track.embed import CachedEmbeddings

if TYPE_CHECKING:
    from chromadb.api.client import Client

COLLECTION = "resolved_tickets"
METADATA = (
    "ticket_key",
    "index",
    "start",
    "end",
    "text_hash",
    "source",
    "product_category",
    "customer_tier",
    "region",
    "language",
    "solved_at",
    "is_outdated",
    "satisfaction",
    "document_hash",
    "redaction_count",
    "schema_version",
)
FACETS = ("source", "product_category", "customer_tier", "region", "language", "satisfaction")
# One thread and a wide search: the same hits from run to run, also among many copies of one sentence.
HNSW: Any = {
    "space": "cosine",
    "num_threads": 1,
    "max_neighbors": 32,
    "ef_construction": 200,
    "ef_search": 2_000,
}
WRITE = 1_000  # chunks in one upsert
Collection = Any  # Chroma's own type says of every answer that it may be missing


@dataclass(frozen=True)
class Change:
    """What an update did to the index, in chunks."""

    added: int
    kept: int
    removed: int


def folder(settings: Settings) -> Path:
    """Where the Chroma collection is kept, when no server keeps it."""
    return settings.index / "chroma"


def specification(settings: Settings, embeddings: CachedEmbeddings) -> dict[str, Any]:
    """What an index is made with. One that was made otherwise cannot be read or continued."""
    return {
        "embeddings": embeddings.name,
        "dimension": embeddings.dimension,
        "chunker": f"{settings.chunker} {settings.chunk_size}/{settings.chunk_overlap}",
        "schema": SCHEMA_VERSION,
    }


def open_index(settings: Settings) -> Collection:
    """The collection, for reading. Raises MissingStep when there is none."""
    client = open_client(settings, folder(settings)) if settings.chroma or folder(settings).exists() else None
    names = [collection.name for collection in client.list_collections()] if client else []
    if client is None or COLLECTION not in names:
        raise MissingStep(f"There is no index in {settings.chroma or settings.index} yet.", next_step="make rag")
    return client.get_collection(COLLECTION, embedding_function=None)


def must_fit(collection: Collection, settings: Settings, embeddings: CachedEmbeddings) -> None:
    """Raises ConfigError when the collection was made otherwise than the settings and the model would make it."""
    for what, wanted in specification(settings, embeddings).items():
        if (found := (collection.metadata or {}).get(what)) != wanted:
            raise ConfigError(f"The index was made with the {what} {found}, not {wanted}.", next_step="make rag")


def is_there(settings: Settings, embeddings: CachedEmbeddings) -> bool:
    """Whether there is an index that was made as the settings say."""
    try:
        must_fit(open_index(settings), settings, embeddings)
    except LabError:
        return False
    return True


def open_client(settings: Settings, path: Path) -> "Client":
    """Chroma on disk in `path`, or the server that LAB_CHROMA names. Raises ConfigError when nobody answers there."""
    import chromadb
    from chromadb.config import Settings as ChromaSettings

    quiet = ChromaSettings(anonymized_telemetry=False)
    if not settings.chroma:
        return cast("Client", chromadb.PersistentClient(str(path), quiet))
    host, _, port = settings.chroma.rpartition(":")
    try:
        return cast("Client", chromadb.HttpClient(host=host, port=int(port), settings=quiet))
    except ValueError as error:
        raise ConfigError(
            f"No Chroma server answers at LAB_CHROMA={settings.chroma}: {error}",
            next_step="chroma run --path shared-index, or unset LAB_CHROMA",
        ) from None


def update_index(
    settings: Settings, chunks: Iterable[Chunk], embeddings: CachedEmbeddings, *, anew: bool, version: str = "base"
) -> Change:
    """Make the collection hold exactly `chunks`: write what is new or changed, remove what is gone.

    `version` is what it is to be searched with (learn/versions.py), and takes effect in the same moment. A chunk is the
    same when its id, text and metadata are. An index that was made otherwise is begun anew; so is one that must not
    keep what it deletes (`anew`): a database marks the place as free and leaves the words there.
    """
    wanted = {chunk.id: chunk for chunk in chunks}
    made_with = specification(settings, embeddings)
    with building(settings, made_with, anew) as collection:
        held = collection.get(include=["metadatas"])
        known = dict(zip(held["ids"], held["metadatas"] or [], strict=True))
        new = [chunk for chunk in wanted.values() if known.get(chunk.id) != metadata(chunk)]
        gone = [chunk_id for chunk_id in known if chunk_id not in wanted]
        vectors = embeddings.vectors([chunk.text for chunk in new])
        for start in range(0, len(new), WRITE):
            part = new[start : start + WRITE]
            collection.upsert(
                ids=[chunk.id for chunk in part],
                embeddings=vectors[start : start + WRITE],
                documents=[chunk.text for chunk in part],
                metadatas=[metadata(chunk) for chunk in part],
            )
        for start in range(0, len(gone), WRITE):
            collection.delete(gone[start : start + WRITE])
        collection.modify(metadata=made_with | facets(wanted.values()) | {"version": version})
    return Change(added=len(new), kept=len(wanted) - len(new), removed=len(gone))


@contextmanager
def building(settings: Settings, made_with: dict[str, Any], anew: bool) -> Iterator[Collection]:
    """A collection to write to: a copy of the present one, or an empty one. It takes its place when all went well."""
    if settings.chroma:
        with open_client(settings, folder(settings)) as client:
            drop(client, f"{COLLECTION}-new")
            new = create(client, f"{COLLECTION}-new")
            if not anew and is_made_with(client, made_with):
                copy(client.get_collection(COLLECTION, embedding_function=None), new)
            yield new
            drop(client, COLLECTION)
            new.modify(name=COLLECTION)
        return
    with written_aside(folder(settings)) as aside:
        if not anew and folder(settings).exists():
            shutil.copytree(folder(settings), aside)
        client = open_client(settings, aside)
        try:
            if not is_made_with(client, made_with):
                drop(client, COLLECTION)
            yield client.get_or_create_collection(COLLECTION, embedding_function=None, configuration={"hnsw": HNSW})
        finally:
            client.close()  # lets go of the folder, so that it can be moved
            client.clear_system_cache()  # whoever opens this path from now on gets the new index


def is_made_with(client: "Client", made_with: dict[str, Any]) -> bool:
    found = next((c.metadata or {} for c in client.list_collections() if c.name == COLLECTION), {})
    return all(found.get(what) == value for what, value in made_with.items())


def create(client: "Client", name: str) -> Collection:
    return client.create_collection(name, embedding_function=None, configuration={"hnsw": HNSW})


def drop(client: "Client", name: str) -> None:
    if name in [collection.name for collection in client.list_collections()]:
        client.delete_collection(name)


def copy(old: Collection, new: Collection) -> None:
    for start in range(0, old.count(), WRITE):
        part = old.get(limit=WRITE, offset=start, include=["embeddings", "documents", "metadatas"])
        new.upsert(part["ids"], part["embeddings"], part["metadatas"], part["documents"])


def metadata(chunk: Chunk) -> dict[str, Any]:
    """What Chroma keeps beside a vector, to filter by and to tell whether a chunk changed."""
    return {name: getattr(chunk, name) for name in METADATA}


def facets(chunks: Iterable[Chunk]) -> dict[str, str]:
    """The values of each field one can filter by, as JSON: so that a typo can be told without reading everything."""
    held = list(chunks)
    return {name: json.dumps(sorted({getattr(chunk, name) for chunk in held})) for name in FACETS}

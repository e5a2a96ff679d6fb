"""Embed: texts become vectors, and no text is embedded twice.

Twin: nothing in the ETL track. This is the stage that is new.
"""

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from langchain_core.embeddings import Embeddings

from lab.console import track
from lab.errors import ModelError
from lab.settings import Settings
from rag_track.llm.provider_errors import explained
from rag_track.llm.providers import embedding_model
from rag_track.llm.retries import is_temporary, retrying
from rag_track.local_model import LocalModel, MiniLM

if TYPE_CHECKING:
    from rag_track.tokens import TokenCounter

SLICE = 64  # texts between two writes to the cache; a whole number of the local model's batches
PATIENCE = 60  # seconds to wait while another process writes to the cache


class CachedEmbeddings(Embeddings):
    """Vectors by (model, hash of the text), kept in a SQLite file: what was embedded once is never embedded again.

    `name` tells models apart whose vectors cannot be compared. Several processes may use one file.
    """

    def __init__(self, inner: Embeddings, name: str, file: Path) -> None:
        self.inner = inner
        self.name = name
        self.embedded = self.reused = 0
        self.file = file

    @property
    def digest(self) -> str:
        """The first twelve letters of the digest of the weights; empty for a model behind an API, which tells none."""
        return self.inner.digest[:12] if isinstance(self.inner, LocalModel) else ""

    @property
    def token_counter(self) -> "TokenCounter | None":
        """What counts tokens as the model does; None for a model behind an API."""
        return self.inner.counter if isinstance(self.inner, LocalModel) else None

    @cached_property
    def dimension(self) -> int:
        """The length of a vector: of any that is known, else of a new one."""
        if self.file.exists():
            with self.opened() as store:
                known = store.execute("select vector from vectors where model = ? limit 1", [self.name]).fetchone()
            if known:
                return len(np.frombuffer(known[0], dtype=np.float32))
        return len(self.vector("dimension"))

    @contextmanager
    def opened(self) -> Iterator[sqlite3.Connection]:
        """The store for one transaction; nothing stays open between two calls."""
        self.file.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(self.file, timeout=PATIENCE)) as store, store:
            store.execute(
                "create table if not exists vectors"
                " (model text, text_hash text, vector blob, primary key (model, text_hash))"
            )
            yield store

    def vectors(self, texts: list[str]) -> Any:
        """A float32 array of shape (texts, dimension), in their order; only unknown texts reach the model."""
        hashes = [hash_of(text) for text in texts]
        known = self.read(set(hashes))
        new = sorted({text for h, text in zip(hashes, texts, strict=True) if h not in known})
        new = [new[place] for place in order(self.inner, new)]
        # Kept slice by slice, because a run may be interrupted. The next one meets the same slices in the same order.
        slices = [new[start : start + SLICE] for start in range(0, len(new), SLICE)]
        for part in track(slices, "embedding, texts", len(new), len):
            fresh = dict(zip(map(hash_of, part), encode(self.inner, part, self.name), strict=True))
            with self.opened() as store:
                rows = [(self.name, h, vector.tobytes()) for h, vector in fresh.items()]
                store.executemany("insert or replace into vectors values (?, ?, ?)", rows)
            known |= fresh
        self.embedded += len(new)
        self.reused += len(texts) - len(new)
        return np.array([known[h] for h in hashes], dtype=np.float32)

    def vector(self, text: str) -> Any:
        """The vector of one text, a float32 array."""
        return self.vectors([text])[0]

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """The same as lists, as LangChain wants them."""
        vectors: list[list[float]] = self.vectors(texts).tolist()
        return vectors

    def embed_query(self, text: str) -> list[float]:
        """The vector of one query, as a list."""
        return self.embed_documents([text])[0]

    def keep_only(self, texts: list[str]) -> None:
        """Throw away the vectors of all other texts: a vector tells much of what its text said."""
        with self.opened() as store:
            store.execute("create temporary table kept (text_hash text primary key)")
            store.executemany("insert or ignore into kept values (?)", [(hash_of(text),) for text in texts])
            store.execute("delete from vectors where text_hash not in (select text_hash from kept)")
        with closing(sqlite3.connect(self.file, timeout=PATIENCE)) as store:
            store.execute("vacuum")

    def read(self, hashes: set[str]) -> dict[str, Any]:
        """The vectors that are known, by the hash of their text."""
        found: dict[str, Any] = {}
        if not self.file.exists():
            return found
        wanted = sorted(hashes)
        with self.opened() as store:
            for start in range(0, len(wanted), 500):
                part = wanted[start : start + 500]
                marks = ", ".join("?" * len(part))
                query = f"select text_hash, vector from vectors where model = ? and text_hash in ({marks})"
                for text_hash, vector in store.execute(query, [self.name, *part]):
                    found[text_hash] = np.frombuffer(vector, dtype=np.float32)
        return found


def hash_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def order(model: Embeddings, texts: list[str]) -> list[int]:
    """The places of `texts` in the order in which they are embedded, the longest first."""
    if isinstance(model, LocalModel):
        return model.order(texts)
    return sorted(range(len(texts)), key=lambda place: (-len(texts[place]), texts[place]))


def encode(model: Embeddings, texts: list[str], name: str) -> Any:
    """A float32 array of shape (texts, dimension). Raises ModelError when a model behind an API does not answer."""
    if isinstance(model, LocalModel):
        return model.encode(texts)
    try:
        return np.array(retrying(is_temporary)(model.embed_documents, texts), np.float32)
    except Exception as error:
        raise explained(error, model, name, "LAB_EMBEDDINGS") from None  # its own text may hold the key


def embeddings(settings: Settings) -> CachedEmbeddings:
    """The embedding model that the settings name, behind the vector cache: minilm, a folder, or provider:model.

    Raises ModelError when there is no such folder, when LangChain does not know the provider, or when its package
    or key is missing.
    """
    cache = settings.index / "vectors.sqlite"
    if settings.embeddings != "minilm" and ":" in settings.embeddings and not Path(settings.embeddings).exists():
        name = f"{settings.embeddings} {settings.embeddings_url}".strip()  # two servers may mean two things by a name
        return CachedEmbeddings(embedding_model(settings.embeddings, url=settings.embeddings_url), name, cache)
    model = local_model(settings)
    return CachedEmbeddings(model, model.name, cache)


def local_model(settings: Settings) -> LocalModel:
    """The model in the lab's package, or in a folder."""
    probes = settings.index / "precision.json"
    if settings.embeddings == "minilm":
        return MiniLM(settings.precision, probes)
    folder = Path(settings.embeddings).expanduser()
    if not folder.is_dir():
        raise ModelError(
            f"LAB_EMBEDDINGS={settings.embeddings} is neither minilm, nor provider:model, nor a folder.",
            next_step="unset LAB_EMBEDDINGS for minilm, or name the folder of a sentence-transformers model",
        )
    return LocalModel(folder, settings.precision, probes)

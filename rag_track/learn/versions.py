"""Learn: versions of what retrieves, each with what it was made from and how it scored.

Twin: the ETL track's snapshots. There a row says since when it is as it is; here a version says what it learned from.

out/models/<id>/version.json    kind, parent, feedback it learned from, sheet, scores, decision
out/models/<id>/adapter.npy     of an adapter: its matrix
out/models/<id>/embeddings/     of a fine-tuned model: a sentence-transformers folder

Which version serves is written in the index itself: whoever swaps the index swaps the model with it, in one step.
"""

import json
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np

from lab.errors import ConfigError, MissingStep, closest
from lab.settings import Settings
from rag_track.embed import CachedEmbeddings, embeddings
from rag_track.index import Collection, open_index

Kind = Literal["base", "knowledge", "adapter", "fine-tuned"]
KINDS: tuple[Kind, ...] = get_args(Kind)
Vector = Any  # a float32 array


@dataclass(frozen=True)
class Version:
    """What retrieves: an embedding model, with or without an adapter, and edits that are knowledge beside the tickets.

    `embeddings` is the LAB_EMBEDDINGS that it was learned for, `feedback` has the ids of all feedback that it learned
    from, `edits` those of the edits that are knowledge. What it did not learn itself it has from the version that it
    builds on: `model_of` and `adapter_of` name the versions that learned the model and the adapter; empty for none.
    `decline_below` is a bound of its own, where similarities are not those of the model in the settings. `report` has
    its sheet, its scores and the decision about it.
    """

    id: str
    kind: Kind
    embeddings: str
    parent: str = ""
    feedback: tuple[str, ...] = ()
    edits: tuple[str, ...] = ()
    model_of: str = ""
    adapter_of: str = ""
    decline_below: float | None = None
    report: dict[str, Any] = field(default_factory=dict)
    folder: Path | None = None

    @property
    def learned_model(self) -> str:
        """The version whose fine-tuned model this one has: itself, another, or none."""
        return self.id if self.kind == "fine-tuned" else self.model_of

    @property
    def learned_adapter(self) -> str:
        """The version whose adapter this one has: itself, another, or none."""
        return self.id if self.kind == "adapter" else self.adapter_of

    def model(self, settings: Settings) -> CachedEmbeddings:
        """Its embedding model. Raises ModelError."""
        if not self.learned_model:
            return embeddings(settings)
        folder = settings.models / self.learned_model / "embeddings"
        return embeddings(settings.model_copy(update={"embeddings": str(folder)}))

    def bound(self, settings: Settings) -> float:
        """The similarity that the best past ticket must have for a draft: its own bound, else that of the settings."""
        return settings.decline_below if self.decline_below is None else self.decline_below

    @cached_property
    def adapter(self) -> Vector | None:
        """The matrix of its adapter, of shape (dimension, dimension); None without one."""
        if not self.learned_adapter or self.folder is None:
            return None
        return np.load(self.folder.parent / self.learned_adapter / "adapter.npy")

    def adapted(self, query: Vector) -> Vector:
        """The vector of a query as this version searches with it; length 1."""
        if self.adapter is None:
            return query
        moved = query + self.adapter @ query
        return moved / np.linalg.norm(moved)


def base(settings: Settings) -> Version:
    """What serves before anything was learned."""
    return Version("base", "base", settings.embeddings)


def read_version(settings: Settings, version_id: str) -> Version:
    """The version of this id. Raises ConfigError with the closest id when there is none."""
    if version_id == "base":
        return base(settings)
    folder = settings.models / version_id
    file = folder / "version.json"
    if not file.exists():
        known = ["base", *(version.id for version in read_versions(settings))]
        nearest = closest(version_id, known)
        raise ConfigError(f"There is no version {version_id!r}, {nearest} is the nearest.", next_step="make models")
    content = json.loads(file.read_text(encoding="utf-8"))
    lists = {name: tuple(content[name]) for name in ("feedback", "edits")}
    return Version(folder=folder, **(content | lists))


def read_versions(settings: Settings) -> list[Version]:
    """Every version that was learned, those that learned from less feedback first."""
    found = [read_version(settings, file.parent.name) for file in settings.models.glob("*/version.json")]
    return sorted(found, key=lambda version: (len(version.feedback), KINDS.index(version.kind), version.id))


def version_of(settings: Settings, collection: Collection) -> Version:
    """The version that an open index belongs to. Raises ConfigError when it is not on this machine."""
    return read_version(settings, (collection.metadata or {}).get("version", "base"))


def served_version(settings: Settings) -> Version:
    """The version that serves; the base one when there is no index. Raises ConfigError."""
    try:
        return version_of(settings, open_index(settings))
    except MissingStep:
        return base(settings)

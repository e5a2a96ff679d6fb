"""Learn: make a version of each kind out of a training set, aside, and swap it in whole.

Twin: the ETL track's run_dbt.py: what is built there with SQL, is trained here.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np

from lab.aside import fingerprint, write_json, written_aside
from lab.console import say
from lab.errors import ConfigError
from lab.settings import ROOT, Settings
from rag_track.chunk import Chunk, chunk
from rag_track.documents import Document
from rag_track.embed import embeddings
from rag_track.learn.training_set import TrainingSet
from rag_track.learn.verified import verified_document
from rag_track.learn.versions import Kind, Version, read_version
from rag_track.service.store import Given


@dataclass(frozen=True)
class Material:
    """Everything that is learned from: what feedback teaches, the chunks of past tickets and of edits, what serves."""

    settings: Settings
    training: TrainingSet
    chunks: list[Chunk]
    present: Version


def chunks_of(settings: Settings, knowledge: Sequence[Document], edits: Sequence[Given]) -> list[Chunk]:
    """The chunks of past tickets and of edits."""
    texts = [*knowledge, *(verified_document(edit) for edit in edits)]
    return list(chunk(texts, settings.chunk_size, settings.chunk_overlap, settings.chunker))


def train(material: Material, step: Kind) -> Version:
    """Train one step into a folder of its own, named by what it learned from; what is there already is kept.

    Knowledge and an adapter build on the version that serves; a fine-tuned model begins with that of the settings.
    """
    settings, training, present = material.settings, material.training, material.present
    feedback = tuple(one.id for one in training.feedback)
    model_of = "" if step == "fine-tuned" else present.learned_model
    adapter_of = present.learned_adapter if step == "knowledge" else ""
    content = f"{step} {feedback} {settings.embeddings} {model_of} {adapter_of}"
    learned_by = fingerprint(ROOT / "rag_track" / "learn", also=content)
    version = Version(
        id=f"{step}-{learned_by[:8]}",
        kind=step,
        embeddings=settings.embeddings,
        parent=present.id,
        feedback=feedback,
        edits=tuple(one.id for one in training.edits),
        model_of=model_of,
        adapter_of=adapter_of,
    )
    if (settings.models / version.id / "version.json").exists():
        known = read_version(settings, version.id)
        return known if known.id == present.id else replace(known, parent=present.id)
    with written_aside(settings.models / version.id) as folder:
        folder.mkdir()
        TRAIN[step](material, folder)
        write_version(folder, version)
    return read_version(settings, version.id)


def write_version(folder: Path, version: Version) -> None:
    """Put what is known of a version into its folder."""
    content = asdict(version)
    del content["folder"]
    write_json(folder / "version.json", content)


def train_nothing(material: Material, folder: Path) -> None:
    """Knowledge is in the index alone."""


def train_adapter(material: Material, folder: Path) -> None:
    """Put the adapter's matrix into a folder. It moves questions among the vectors of the model that serves."""
    from rag_track.learn.adapter import train_adapter as fit

    model = material.present.model(material.settings)
    questions = model.vectors([example.question for example in material.training.examples])
    chunks = model.vectors([piece.text for piece in material.chunks])
    matrix = fit(material.training.examples, questions, chunks, [piece.ticket_key for piece in material.chunks])
    np.save(folder / "adapter.npy", matrix)


def train_embeddings(material: Material, folder: Path) -> None:
    """Put a fine-tuned model into a folder."""
    from rag_track.learn.fine_tune import fine_tune, mine_triplets
    from rag_track.local_model import LocalModel

    model = embeddings(material.settings)
    if not isinstance(model.inner, LocalModel):
        raise ConfigError(f"{model.name} cannot be trained here.", next_step="make learn FAST=1")
    examples = material.training.examples
    triplets = mine_triplets(
        examples,
        model.vectors([example.question for example in examples]),
        model.vectors([piece.text for piece in material.chunks]),
        [(piece.ticket_key, piece.text) for piece in material.chunks],
    )
    say(f"  fine-tuning on {len(triplets):,} triplets, some minutes")
    fine_tune(model.inner.folder, triplets, folder / "embeddings")


TRAIN: dict[Kind, Callable[[Material, Path], None]] = {
    "knowledge": train_nothing,
    "adapter": train_adapter,
    "fine-tuned": train_embeddings,
}

"""Score a version: retrieve for every golden query, without drafting."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from bridge.loop.known import Company
from evals.dataset import Dataset, Query
from evals.paired import QueryScore
from evals.retrieval import ndcg_at
from lab.aside import remove
from lab.console import track
from lab.settings import Settings
from rag_track.chunk import Chunk
from rag_track.index import update_index
from rag_track.learn.versions import Version
from rag_track.retrieve import Retriever
from rag_track.service.store import Given

DEPTH = 10
READ = 5  # of the hits: what a draft rests on


@dataclass(frozen=True)
class Retrieved:
    """One query: the best similarity; nDCG@10, None for an unanswerable one; the share of misleading hits of five.

    A hit misleads when all that agents state in it is wrong by now, or when it is an edit that does not state what its
    own customer needed.
    """

    query: Query
    similarity: float
    ndcg: float | None
    misleading: float

    def of(self, name: str) -> QueryScore | None:
        """One of its scores; None where it was not measured."""
        value = self.ndcg if name == "ndcg@10" else self.misleading
        return None if value is None else QueryScore(self.query.id, self.query.group, value)


def measure(
    settings: Settings, golden: Dataset, company: Company, edits: Sequence[Given], title: str
) -> list[Retrieved]:
    """All golden queries on the index of these settings, in which `edits` are knowledge beside the past tickets."""
    retriever = Retriever(settings)
    retriever.embeddings.vectors([query.text for query in golden.queries])  # in one go: faster
    wrong = company.outdated | {edit.draft.ticket_id for edit in edits if not company.edit_is_right(edit)}
    found = []
    for query in track(golden.queries, title, len(golden.queries)):
        hits = retriever.retrieve(query.text, DEPTH)
        ranking = [hit.ticket_key for hit in hits]
        grades = golden.qrels.get(query.id, {}) | company.grades(query, edits)
        found.append(
            Retrieved(
                query,
                similarity=max((hit.similarity for hit in hits[:READ]), default=0.0),
                ndcg=ndcg_at(ranking, grades, DEPTH) if any(grades.values()) else None,
                misleading=sum(ticket in wrong for ticket in ranking[:READ]) / READ,
            )
        )
    return found


@contextmanager
def on_trial(settings: Settings, version: Version, chunks: Sequence[Chunk]) -> Iterator[Settings]:
    """The settings of a home with an index of its own, made as `version` says; it is gone afterwards."""
    home = settings.home / "trials" / version.id
    remove(home)
    trial = settings.model_copy(update={"home": home, "chroma": ""})
    trial.index.mkdir(parents=True)
    cache = (settings.index / "vectors.sqlite", settings.index / "precision.json")
    for shared in (settings.landing, settings.models, *cache):
        (home / shared.relative_to(settings.home)).symlink_to(shared.resolve())
    try:
        update_index(trial, chunks, version.model(trial), anew=False, version=version.id)
        yield trial
    finally:
        remove(home)

"""Run an experiment: every configuration on the same queries, compared one by one, with what it costs.

Vectors are shared with the lab's own index, indexes between configurations that cut alike, and a configuration that was
scored before is read from out/experiments: so an interrupted experiment goes on where it was.
"""

import json
import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

from evals.configurations import INDEXED, LADDER, Configuration, read_experiment
from evals.dataset import Dataset, read_dataset
from evals.evaluate import DEPTH
from evals.experiment_report import report
from evals.measure import measure
from evals.paired import QueryScore
from evals.statistics import Estimate, estimate
from lab.aside import fingerprint, remove, write_json
from lab.console import say, track
from lab.errors import ConfigError, MissingStep
from lab.report import read_report
from lab.settings import ROOT, Settings
from rag_track.chunk import chunk
from rag_track.documents import Document, conversations, documents
from rag_track.draft import Drafter
from rag_track.embed import embeddings
from rag_track.index import update_index
from rag_track.redact import Redactor, people_in
from rag_track.validity import mark_outdated

SCORED_BY = ("retrieval", "coverage", "truths", "measure")  # modules whose change makes old results worthless
Knowledge = Callable[[bool, bool], list[Document]]


@dataclass(frozen=True)
class Result:
    """What one configuration scored: each metric of each query, and what it costs."""

    name: str
    settings: dict[str, Any]  # that differ from the lab's
    filters: list[str]
    chunks: int
    milliseconds: float  # of a retrieval, median
    prompt_tokens: float  # of a draft, mean
    scores: dict[str, dict[str, float]]  # metric → query → value
    groups: dict[str, str]

    def of(self, metric: str) -> list[QueryScore]:
        """One metric of every query on which it was measured."""
        return [QueryScore(query, self.groups[query], value) for query, value in self.scores.get(metric, {}).items()]

    def mean(self, metric: str) -> Estimate | None:
        """Its mean with the interval; None where it was not measured."""
        found = self.of(metric)
        return estimate([one.value for one in found], [one.group for one in found]) if found else None


def experiment(settings: Settings, file: Path, accept: bool = False) -> None:
    """Run all configurations of a file and report; `accept` keeps the ladder's result in the repository.

    Raises ConfigError for a file that is wrong, MissingStep without an index.
    """
    if accept and file != LADDER:
        raise ConfigError("Only the ladder's result is kept in the repository.", next_step="make experiment ACCEPT=1")
    if not (settings.index / "vectors.sqlite").exists():
        raise MissingStep("There is no index yet.", next_step="make rag")
    found = read_experiment(file, settings)
    golden = read_dataset(settings.source / "golden", found.split)
    sizes = f"{len(found.configurations)} configurations, {len(golden.queries)} queries of {found.split}"
    say(f"[bold]experiment[/]  {sizes}")
    knowledge = knowledge_of(settings)
    results = [
        scored(settings, one, golden, knowledge)
        for one in track(found.configurations, "configurations", len(found.configurations))
    ]
    report(settings, file, found, results, accept)


def knowledge_of(settings: Settings) -> Knowledge:
    """The documents that are knowledge, with or without boilerplate and notes; each way is made once."""

    @cache
    def knowledge(boilerplate: bool, notes: bool) -> list[Document]:
        redactor = Redactor(people_in(settings.landing))
        found = documents(conversations(settings.landing), redactor, notes, boilerplate)
        return mark_outdated([d for d in found if d.why_not is None], settings.landing, embeddings(settings))

    return knowledge


def scored(settings: Settings, configuration: Configuration, golden: Dataset, knowledge: Knowledge) -> Result:
    """The result of one configuration: as it was kept, or new."""
    landed = read_report(settings.landing / "manifest.json", make="landing")["extracted_from"]
    code = [ROOT / "rag_track", *(ROOT / "evals" / f"{name}.py" for name in SCORED_BY)]
    exactly = f"{configuration.settings.model_dump(exclude={'home'})} {configuration.filters} {golden.name} {landed}"
    made_from = fingerprint(settings.source / "golden", *code, also=exactly)
    file = settings.home / "experiments" / f"{made_from[:16]}.json"
    if file.exists():
        return Result(**(json.loads(file.read_text(encoding="utf-8")) | {"name": configuration.name}))
    where = indexed(settings, configuration.settings, knowledge)
    result = score(where, configuration, golden)
    write_json(file, asdict(result))
    return result


def indexed(settings: Settings, wanted: Settings, knowledge: Knowledge) -> Settings:
    """`wanted` at a home of its own with an index that is made its way; landing and vectors are the lab's."""
    made_with = {name: getattr(wanted, name) for name in INDEXED}
    landed = read_report(settings.landing / "manifest.json", make="landing")["extracted_from"]
    key = fingerprint(ROOT / "rag_track", also=f"{made_with} {landed}")[:16]
    where = wanted.model_copy(update={"home": settings.home / "experiments" / f"index-{key}", "chroma": ""})
    if (where.index / "made.json").exists():
        return where
    remove(where.home)
    where.index.mkdir(parents=True)
    where.landing.symlink_to(settings.landing.resolve())
    for shared in ("vectors.sqlite", "precision.json"):
        (where.index / shared).symlink_to((settings.index / shared).resolve())
    model = embeddings(where)
    texts = knowledge(wanted.boilerplate, wanted.notes)
    chunks = list(chunk(texts, wanted.chunk_size, wanted.chunk_overlap, wanted.chunker))
    update_index(where, chunks, model, anew=False)
    write_json(where.index / "made.json", made_with)
    return where


def score(where: Settings, configuration: Configuration, golden: Dataset) -> Result:
    """Retrieve and draft for every query."""
    drafter = Drafter(where, log_calls=False)
    drafter.retriever.embeddings.vectors([query.text for query in golden.queries])  # in one go: faster
    drafter.warm_up()
    scores: dict[str, dict[str, float]] = {}
    milliseconds, tokens = [], []
    for query in golden.queries:
        started = time.perf_counter()
        hits = drafter.retriever.retrieve(query.text, DEPTH, configuration.of(query))
        milliseconds.append(1000 * (time.perf_counter() - started))
        read = hits[: where.top_k]
        draft = drafter.draft_from(query.text, read)
        tokens.append(draft.prompt_tokens)
        metrics = measure(golden, query, hits, read, draft, drafter.retriever.conversations(read))
        for name, value in metrics.items():
            scores.setdefault(name, {})[query.id] = round(value, 6)
    plain = {name: field.default for name, field in Settings.model_fields.items() if name not in ("home", "tickets")}
    return Result(
        name=configuration.name,
        settings={n: value for n, value in configuration.settings if n in plain and value != plain[n]},
        filters=list(configuration.filters),
        chunks=drafter.retriever.collection.count(),
        milliseconds=round(statistics.median(milliseconds), 1),
        prompt_tokens=round(statistics.fmean(tokens)),
        scores=scores,
        groups={query.id: query.group for query in golden.queries},
    )

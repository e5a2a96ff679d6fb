"""Learn from feedback in three steps, prove each on the golden set, and let the best serve if it is surely better.

    knowledge     edited answers enter the index; everything else stays as it serves
    adapter       the same, and a new linear map moves each question among the vectors of the model that serves
    fine-tuned    the same, with an embedding model that was trained on, and every text embedded anew

Twin: the ETL track's build: what does not pass its tests does not take the old one's place.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bridge.loop.decide import Decision, Measured, bound_like, decide
from bridge.loop.known import Company, not_to_learn_from, read_known, test_problems
from bridge.loop.measure import measure, on_trial
from evals.dataset import Dataset, read_dataset
from evals.experiment import knowledge_of
from lab.aside import write_json
from lab.console import say
from lab.errors import ConfigError, MissingStep, StageFailed
from lab.report import read_report
from lab.settings import Settings
from rag_track.build import build
from rag_track.embed import embeddings
from rag_track.learn.train import Material, chunks_of, train, write_version
from rag_track.learn.training_set import TrainingSet, training_set
from rag_track.learn.verified import edits_of
from rag_track.learn.versions import Kind, Version, served_version
from rag_track.service.store import Store

FAST: tuple[Kind, ...] = ("knowledge", "adapter")
STEPS: tuple[Kind, ...] = (*FAST, "fine-tuned")


@dataclass(frozen=True)
class Tried:
    """A version that was learned, how long that took in seconds, and whether it is better than the present one."""

    version: Version
    seconds: float
    measured: Measured
    decision: Decision


@dataclass(frozen=True)
class Learned:
    """One run: what was learned from, how the version before retrieved, what was tried, and what serves now."""

    training: TrainingSet
    problems: tuple[str, ...]
    before: Measured
    tried: tuple[Tried, ...]
    serves: Version
    measured: Measured


@dataclass(frozen=True)
class Trial:
    """What every version is held against: the present one, the base one (nDCG@10 by query), what was learned about."""

    golden: Dataset
    company: Company
    old: Measured
    base: dict[str, float]
    learned: frozenset[str]


def learn(settings: Settings, steps: Sequence[Kind] = STEPS, without: Sequence[str] = ()) -> Learned:
    """Train, measure and decide; the best version that may serve does so afterwards. `without` names agents.

    Raises MissingStep without an index or feedback, ConfigError on data of which no truth is known.
    """
    if settings.is_own:
        raise ConfigError("Nothing is known of your own tickets to prove a version on.", next_step="unset LAB_EXPORTS")
    golden, company = read_dataset(settings.source / "golden"), read_known(settings)
    present, given = served_version(settings), Store(settings.feedback).given()
    knowledge = knowledge_of(settings)(settings.boilerplate, settings.notes)
    training = training_set(given, knowledge, embeddings(settings).vectors, not_to_learn_from(company, golden, without))
    if not training.feedback:
        raise MissingStep("There is no feedback to learn from yet.", next_step="make week")
    problems = proven_apart(training, company, golden)
    say(f"[bold]learn[/]  {len(given)} judgements, {training.sheet.used} to learn from, {len(problems)} problems")
    material = Material(settings, training, chunks_of(settings, knowledge, training.edits), present)
    old = Measured(
        measure(settings, golden, company, edits_of(given, present), f"{present.id}, queries"),
        present.bound(settings),
    )
    if present.kind == "base":
        write_json(settings.models / "base.json", by_query(old))
    trial = Trial(golden, company, old, read_report(settings.models / "base.json", make="week"), frozenset(problems))
    tried = tuple(attempt(material, step, trial) for step in steps)
    better = [one for one in tried if one.decision.promoted]
    if not better:
        return Learned(training, problems, old, tried, present, old)
    chosen = max(better, key=lambda one: one.decision.slices[0].after)
    build(settings, chosen.version)
    return Learned(training, problems, old, tried, chosen.version, chosen.measured)


def by_query(measured: Measured) -> dict[str, float]:
    """nDCG@10 of each answerable query."""
    return {one.query.id: one.ndcg for one in measured.retrieved if one.ndcg is not None}


def proven_apart(training: TrainingSet, company: Company, golden: Dataset) -> tuple[str, ...]:
    """The problems that the feedback is about. Raises StageFailed when one of them is in the golden test split,
    or when a golden query is among the questions."""
    found = {problem for one in training.feedback for problem in company.tickets[one.draft.ticket_id or ""].problem_ids}
    if leaked := found & test_problems(golden):
        what = f"Problems of the golden test split are learned from: {', '.join(sorted(leaked))}."
        raise StageFailed(what, next_step="make learn")
    asked = {" ".join(one.draft.question.lower().split()) for one in training.feedback}
    if copied := [query.id for query in golden.queries if " ".join(query.text.lower().split()) in asked]:
        raise StageFailed(f"Golden queries are learned from: {copied}.", next_step="make learn")
    return tuple(sorted(found))


def attempt(material: Material, step: Kind, trial: Trial) -> Tried:
    """Make the version of one step, measure it on an index of its own, and decide. It is kept whatever comes of it."""
    settings = material.settings
    started = time.perf_counter()
    version = train(material, step)
    seconds = time.perf_counter() - started
    with on_trial(settings, version, material.chunks) as aside:
        retrieved = measure(aside, trial.golden, trial.company, material.training.edits, f"{step}, queries")
    bound = bound_like(trial.old, retrieved)
    measured = Measured(retrieved, bound)
    decision = decide(trial.old, measured, trial.learned, trial.base)
    if version.id == material.present.id:  # it serves already: its parent, its bound and the decision about it stay
        return Tried(version, seconds, measured, decision)
    version = replace(version, decline_below=bound)
    version.report.update(
        sheet=material.training.sheet.to_record(),
        problems=len(trial.learned),
        seconds=round(seconds, 1),
        decision=decision.to_record(),
    )
    write_version(settings.models / version.id, version)
    return Tried(version, seconds, measured, decision)

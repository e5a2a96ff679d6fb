"""The loop over a small company: a week of drafts, learning, switching versions, and poison."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bridge.loop.desk import agents, work
from bridge.loop.known import not_to_learn_from, read_known
from bridge.loop.known import test_problems as golden_test_problems
from bridge.loop.learn import FAST, Learned, learn, proven_apart
from bridge.loop.report import report_learned
from bridge.loop.week import week
from evals.dataset import read_dataset
from lab.errors import ConfigError, MissingStep, StageFailed
from lab.settings import Settings, read_settings
from rag_track.build import build
from rag_track.embed import embeddings
from rag_track.learn.switch import promote, rollback
from rag_track.learn.train import write_version
from rag_track.learn.training_set import training_set
from rag_track.learn.versions import read_version, read_versions, served_version
from rag_track.retrieve import Retriever
from rag_track.service.snapshot import open_drafter
from rag_track.service.store import Store
from sample_data.incoming import make_week, next_week

pytestmark = pytest.mark.slow
QUESTION = "the download stops after ten thousand rows"


@pytest.fixture(scope="module")
def worked(thin: Settings) -> Settings:
    """A small company after its first week of drafts and edits, and one try to learn."""
    shutil.copytree(thin.home / "index", thin.home / "index-before")
    make_week(thin, 1)
    week(thin, careless=0.0, poison=False)
    return thin


@pytest.fixture(scope="module")
def poisoned(worked: Settings, tmp_path_factory: pytest.TempPathFactory) -> Learned:
    """What comes of the same week when one agent of five is malicious."""
    home = tmp_path_factory.mktemp("poisoned") / "out"
    for folder in ("source", "landing", "weeks"):
        shutil.copytree(worked.home / folder, home / folder)
    shutil.copytree(worked.home / "index-before", home / "index")
    settings = worked.model_copy(update={"home": home})
    make_week(settings, 1)
    work(settings, home / "weeks" / "1", agents(0.0, poison=True))
    return learn(settings, ("knowledge",))


def result(settings: Settings) -> dict[str, object]:
    content: dict[str, object] = json.loads((settings.reports / "loop.json").read_text(encoding="utf-8"))["weeks"][0]
    return content


def test_a_week_is_drafted_judged_and_reported(worked: Settings) -> None:
    """Every ticket has a verdict; the report has both steps, their scores and what serves."""
    line = result(worked)
    truths = (worked.home / "weeks" / "1" / "truth.jsonl").read_text(encoding="utf-8").splitlines()
    assert sum(line["verdicts"].values()) == len(truths) == line["feedback"]  # type: ignore[attr-defined]
    assert not (worked.home / "weeks" / "1" / "tickets.jsonl").exists()  # the customers' own words
    assert [one["step"] for one in line["tried"]] == ["knowledge", "adapter"]  # type: ignore[attr-defined]
    assert line["serves"] == served_version(worked).id
    assert "The loop" in (worked.reports / "loop.html").read_text(encoding="utf-8")


def test_a_draft_knows_plan_and_product(worked: Settings) -> None:
    """As the ticket has them; past tickets of another product are not read, and the warehouse can count by product."""
    given, held = Store(worked.feedback).given(), Retriever(worked).chunks
    product_of = {meta["ticket_key"]: meta["product_category"] for _, meta in held.held.values()}
    asked = [one.draft for one in given if one.draft.filters.product_category]
    assert len({draft.filters.product_category for draft in asked}) > 3
    assert len(asked) > 0.8 * len(given)
    assert all(draft.filters.customer_tier for draft in asked)
    for draft in asked:
        assert {product_of[hit.ticket] for hit in draft.hits} <= {draft.filters.product_category}


def test_nothing_is_learned_from_the_golden_test_problems(worked: Settings) -> None:
    """Feedback about them is stored, counted as left out, and no example, edit or question comes from it."""
    golden, company = read_dataset(worked.source / "golden"), read_known(worked)
    held_back = golden_test_problems(golden)
    given = Store(worked.feedback).given()
    about = {one.id for one in given if set(company.tickets[one.draft.ticket_id or ""].problem_ids) & held_back}
    assert about
    for version in read_versions(worked):
        assert version.feedback
        assert not about & set(version.feedback)
        assert set(version.edits) <= set(version.feedback)


def test_a_leak_would_stop_the_run(worked: Settings) -> None:
    """Were such feedback let through, learning would fail before anything is trained."""
    golden, company = read_dataset(worked.source / "golden"), read_known(worked)
    given = Store(worked.feedback).given()
    everything = training_set(given, [], Retriever(worked).embeddings.vectors, lambda one: None)
    with pytest.raises(StageFailed, match="golden test split"):
        proven_apart(everything, company, golden)


def test_an_agent_can_be_left_out(worked: Settings) -> None:
    """By name, with the reason in the sheet."""
    golden, company = read_dataset(worked.source / "golden"), read_known(worked)
    reason = not_to_learn_from(company, golden, ["agent-5"])
    reasons = {one.feedback.agent_id: reason(one) for one in Store(worked.feedback).given()}
    assert reasons["agent-5"] == "of agent-5"


def test_promotion_switches_index_and_model_together_and_rollback_takes_both_back(worked: Settings) -> None:
    """The promoted version finds its edits; after the rollback the hits are exactly those of before."""
    before = served_version(worked)
    hits = Retriever(worked).retrieve(QUESTION, 10)
    adapter = next(version for version in read_versions(worked) if version.kind == "adapter")
    assert adapter.id != before.id
    promote(worked, adapter.id)
    retriever = Retriever(worked)
    assert retriever.version.id == adapter.id
    assert retriever.version.adapter is not None
    edited = retriever.collection.get(where={"source": "feedback"}, include=[])["ids"]
    assert len(edited) >= len(adapter.edits) > 0
    assert build(worked)["version"] == adapter.id  # a later build goes on with it
    assert open_drafter(worked).retriever.version.id == adapter.id  # so does the service, on its copy
    learn(worked, ("adapter",))  # the same once more changes nothing about what serves
    assert read_version(worked, adapter.id).parent == before.id
    rollback(worked)
    after = Retriever(worked)
    assert after.version.id == adapter.parent == before.id
    assert after.retrieve(QUESTION, 10) == hits


def test_what_cannot_be_switched_to_is_said(worked: Settings) -> None:
    """An unknown version, one for another model, and no way back from the base."""
    with pytest.raises(ConfigError, match="There is no version"):
        promote(worked, "adapter-1")
    learned = read_versions(worked)[0]
    with pytest.raises(ConfigError, match="was learned for LAB_EMBEDDINGS=minilm"):
        promote(worked.model_copy(update={"embeddings": "other"}), learned.id)
    if served_version(worked).kind == "base":
        with pytest.raises(ConfigError, match="nothing to go back to"):
            rollback(worked)


def test_the_same_feedback_is_learned_once(worked: Settings) -> None:
    """A second run finds the versions that are there and trains nothing."""
    known = {version.id for version in read_versions(worked)}
    files = {one: (worked.models / one / "version.json").stat().st_ino for one in known}
    again = learn(worked, ("adapter",))
    assert again.tried[0].version.id in known
    assert again.tried[0].seconds < 1
    assert set(files) == {version.id for version in read_versions(worked)}


def test_poison_is_refused(poisoned: Learned) -> None:
    """With every fifth edit wrong, more hits mislead than the margin allows: the old version stays."""
    (tried,) = poisoned.tried
    assert not tried.decision.promoted
    failed = {one.metric for one in tried.decision.slices if not one.holds}
    assert "misleading" in failed
    assert poisoned.serves.kind == "base"


def test_without_feedback_there_is_nothing_to_learn_from(thin: Settings, tmp_path: Path) -> None:
    """The error names the command that brings some; on somebody's own data nothing can be proven."""
    for folder in ("source", "landing", "index"):
        shutil.copytree(thin.home / folder, tmp_path / folder)
    with pytest.raises(MissingStep, match="no feedback"):
        learn(read_settings(home=tmp_path, tickets=240))
    with pytest.raises(ConfigError, match="your own tickets"):
        learn(read_settings(home=tmp_path, exports=tmp_path))


@pytest.fixture(scope="module")
def tuned(worked: Settings, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A copy of the worked company in which a fine-tuned version serves, trained on a few triplets at a high rate."""
    from rag_track.learn.fine_tune import Triplet, fine_tune

    home = tmp_path_factory.mktemp("tuned") / "out"
    for folder in ("source", "landing", "weeks", "index", "models", "feedback"):
        shutil.copytree(worked.home / folder, home / folder)
    settings = worked.model_copy(update={"home": home})
    triplets = [Triplet(f"q{n}", f"right answer {n}", f"wrong {n}") for n in range(70)]
    learned = next(version for version in read_versions(settings) if version.kind == "adapter")
    version = replace(learned, id="fine-tuned-1", kind="fine-tuned", parent="base", model_of="", decline_below=0.4)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("rag_track.learn.fine_tune.RATE", 1e-3)  # few steps must show
        fine_tune(embeddings(settings).inner.folder, triplets, settings.models / version.id / "embeddings")
    write_version(settings.models / version.id, version)
    promote(settings, version.id)
    return settings


def test_fine_tuning_makes_a_model_that_serves(worked: Settings, tuned: Settings) -> None:
    """A folder that loads as an embedding model, with other vectors of the same length."""
    before, after = embeddings(worked), Retriever(tuned).embeddings
    assert after.dimension == before.dimension
    assert after.name != before.name
    assert 0.5 < float(after.vector(QUESTION) @ before.vector(QUESTION)) < 0.99999
    assert read_version(worked, "base").kind == "base"


def test_a_week_learns_on_top_of_what_serves(tuned: Settings) -> None:
    """Knowledge and adapter have the fine-tuned model that serves; knowledge on an adapter keeps the adapter too."""
    learned = learn(tuned, FAST)
    knowledge, adapter = (one.version for one in learned.tried)
    assert (knowledge.model_of, knowledge.adapter_of) == ("fine-tuned-1", "")
    assert (adapter.model_of, adapter.parent) == ("fine-tuned-1", "fine-tuned-1")
    of_base = next(one for one in read_versions(tuned) if one.kind == "adapter" and not one.model_of)
    assert not np.allclose(adapter.adapter, of_base.adapter)  # it moves questions among other vectors
    promote(tuned, adapter.id)
    serves = Retriever(tuned)
    assert serves.embeddings.name == adapter.model(tuned).name != embeddings(tuned).name
    (again,) = learn(tuned, ("knowledge",)).tried
    assert (again.version.model_of, again.version.adapter_of) == ("fine-tuned-1", adapter.id)
    question = serves.embeddings.vector(QUESTION)
    assert np.array_equal(again.version.adapted(question), serves.version.adapted(question))
    assert not again.decision.promoted  # the same edits, model and adapter: nothing is better


def test_learning_is_a_point_on_the_curve(tuned: Settings) -> None:
    """`make learn` after a week stands behind it, and again takes its own place; without weeks there is no curve."""
    learned = learn(tuned, FAST)
    for _ in range(2):
        report_learned(tuned, learned, ["agent-5"])
    lines = json.loads((tuned.reports / "loop.json").read_text(encoding="utf-8"))["weeks"]
    assert [line["point"] for line in lines] == ["1", "1 + learn"]
    assert lines[1]["serves"] == served_version(tuned).id
    page = (tuned.reports / "loop.html").read_text(encoding="utf-8")
    assert "without agent-5" in page
    assert f"<b>{lines[1]['serves']}</b> serves" in page  # compared with itself, it is not refused
    assert next_week(tuned) == 2
    shutil.rmtree(tuned.home / "weeks")
    shutil.rmtree(tuned.reports)
    report_learned(tuned, learned)
    assert not (tuned.reports / "loop.json").exists()

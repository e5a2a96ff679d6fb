"""The index: what the landing says, no more and no less, and filters that do not lie."""

import dataclasses
import shutil
from pathlib import Path

import pytest

from lab.errors import ConfigError, MissingStep
from lab.report import read_report
from lab.settings import Settings, read_settings
from rag_track.build import build
from rag_track.chunk import Chunk, chunk
from rag_track.documents import documents
from rag_track.embed import CachedEmbeddings, embeddings
from rag_track.index import collection, folder, metadata, update_index
from rag_track.retrieve import Hit, Retriever


def some_chunks(settings: Settings, count: int) -> list[Chunk]:
    known = [document for document in documents(settings.landing) if document.is_knowledge]
    return list(chunk(known[:count], 800, 100))


def held(settings: Settings, model: CachedEmbeddings) -> dict[str, tuple[str, dict]]:
    found = collection(folder(settings), model).get()
    return {i: (t, m) for i, t, m in zip(found["ids"], found["documents"], found["metadatas"], strict=True)}


@pytest.fixture
def model(tmp_path: Path, indexed: Settings) -> CachedEmbeddings:
    """The small river's vector cache, so that nothing is embedded here."""
    return embeddings(indexed)


def test_an_index_brought_up_to_date_equals_one_built_anew(
    indexed: Settings, tmp_path: Path, model: CachedEmbeddings
) -> None:
    """After additions, removals and a changed tier: the same ids, texts and metadata as from scratch."""
    settings = read_settings(home=tmp_path)
    chunks = some_chunks(indexed, 40)
    first = update_index(settings, chunks[:30], model, model.name)
    assert (first.added, first.kept, first.removed) == (30, 0, 0)
    changed = [dataclasses.replace(chunks[10], customer_tier="unknown"), *chunks[11:40]]
    second = update_index(settings, changed, model, model.name)
    assert (second.added, second.kept, second.removed) == (11, 19, 10)
    assert held(settings, model) == {c.id: (c.text, metadata(c)) for c in changed}
    third = update_index(settings, changed, model, model.name)
    assert (third.added, third.kept, third.removed) == (0, 30, 0)


def test_a_build_that_fails_leaves_the_old_index(indexed: Settings, tmp_path: Path, model: CachedEmbeddings) -> None:
    """When embedding breaks half-way, the old index still serves and nothing lies beside it."""

    class Broken(CachedEmbeddings):
        def embed_documents(self, texts: list[str]) -> list[list[float]]:
            raise RuntimeError("no power")

    settings = read_settings(home=tmp_path)
    chunks = some_chunks(indexed, 20)
    update_index(settings, chunks[:5], model, model.name)
    broken = Broken(model, model.name, tmp_path / "v.sqlite")
    with pytest.raises(RuntimeError):
        update_index(settings, chunks, broken, model.name)
    assert len(held(settings, model)) == 5
    assert [path.name for path in settings.index.iterdir()] == ["chroma"]


def test_another_model_is_refused(indexed: Settings) -> None:
    """Opening the index with vectors of another model says what to do."""
    with pytest.raises(ConfigError, match="The index was made with minilm") as error:
        Retriever(indexed.model_copy(update={"precision": "fp32" if "bf16" in embeddings(indexed).name else "bf16"}))
    assert error.value.next_step == "make rag"


def test_without_an_index_the_step_before_is_named(tmp_path: Path) -> None:
    """The error says to build first."""
    with pytest.raises(MissingStep, match="make rag"):
        Retriever(read_settings(home=tmp_path))


def test_filters_hold_and_combine(indexed: Settings) -> None:
    """Every hit has the category and the tier that were asked for; each ticket comes once, best first."""
    retriever = Retriever(indexed)
    hits = retriever.retrieve("I cannot sign in", 5, product="access", tier="pro")
    assert hits
    assert {(hit.product_category, hit.customer_tier) for hit in hits} == {("access", "pro")}
    assert len({hit.ticket_key for hit in hits}) == len(hits)
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert all(hit.score == pytest.approx(1 - hit.distance) for hit in hits)


@pytest.mark.parametrize(("name", "value", "close"), [("product", "export", "exports"), ("tier", "Pro", "pro")])
def test_a_typo_in_a_filter_is_an_error(indexed: Settings, name: str, value: str, close: str) -> None:
    """An unknown filter value answers with the closest one instead of finding nothing."""
    with pytest.raises(ConfigError) as error:
        Retriever(indexed).retrieve("anything", 5, **{name: value})
    assert close in error.value.next_step


def test_the_nearest_is_the_ticket_itself(indexed: Settings) -> None:
    """A customer's own words, if they are more than a sigh, find the ticket in which they stand."""
    known = [document for document in documents(indexed.landing) if document.is_knowledge]
    asked = [document for document in known if len(document.question) > 150][:20]
    retriever = Retriever(indexed)
    found = [document.ticket_key in keys_of(retriever.retrieve(document.question, 5)) for document in asked]
    assert sum(found) >= 19


def test_conversations_are_put_together_exactly(indexed: Settings) -> None:
    """A conversation read back from its chunks is the document, but for the white space at the cuts."""
    retriever = Retriever(indexed)
    known = {document.ticket_key: document.text for document in documents(indexed.landing)}
    hits = retriever.retrieve("the import file is too large", 5)
    for key, text in retriever.conversations(hits, 10**9).items():
        assert text.split() == known[key].split()


def test_an_unchanged_run_embeds_nothing(
    indexed: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The second build says that nothing changed; a third without its report reuses every vector."""
    build(indexed)
    assert "0 chunks embedded" in capsys.readouterr().out
    before = (indexed.home / "feedback" / "drafts.jsonl").read_bytes()
    (indexed.reports / "rag.json").unlink()
    report = build(indexed)
    assert report["embedded"] == 0
    assert report["reused"] == report["chunks"] == read_report(indexed.reports / "rag.json", make="rag")["chunks"]
    assert (indexed.home / "feedback" / "drafts.jsonl").read_bytes() == before


def test_an_index_that_was_deleted_is_built_again(indexed: Settings, tmp_path: Path) -> None:
    """With its report still there but the index gone, a run builds; asking before says make rag and makes nothing."""
    settings = indexed.model_copy(update={"home": tmp_path})
    shutil.copytree(indexed.landing, settings.landing)
    shutil.copytree(indexed.reports, settings.reports)
    with pytest.raises(MissingStep):
        Retriever(settings)
    assert not settings.index.exists()
    settings.index.mkdir()
    shutil.copy(indexed.index / "vectors.sqlite", settings.index)
    report = build(settings)
    assert report["embedded"] == 0
    assert Retriever(settings).retrieve("import", 1)


def keys_of(hits: list[Hit]) -> list[str]:
    return [hit.ticket_key for hit in hits]

"""The index: what the landing says, no more and no less."""

import dataclasses
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from draft_verdicts import draft_of, give

from lab.errors import ConfigError, MissingStep
from lab.report import read_report
from lab.settings import Settings, read_settings
from rag_track.build import build
from rag_track.chunk import Chunk, chunk
from rag_track.documents import Document
from rag_track.embed import CachedEmbeddings, embeddings
from rag_track.index import COLLECTION, folder, metadata, open_client, open_index, update_index
from rag_track.retrieve import Retriever
from rag_track.service.store import Store
from sample_data.extract import extract


@pytest.fixture(scope="module")
def chunks(cleaned: list[Document]) -> list[Chunk]:
    known = [document for document in cleaned if document.why_not is None]
    return list(chunk(known[:40], 800, 100))[:60]


@pytest.fixture
def model(indexed: Settings) -> CachedEmbeddings:
    """The small river's vector cache, so that nothing is embedded here."""
    return embeddings(indexed)


def held(settings: Settings) -> dict[str, tuple[str, dict]]:
    found = open_index(settings).get(include=["documents", "metadatas"])
    return {i: (t, dict(m)) for i, t, m in zip(found["ids"], found["documents"], found["metadatas"], strict=True)}


def as_held(chunks: list[Chunk]) -> dict[str, tuple[str, dict]]:
    return {chunk.id: (chunk.text, metadata(chunk)) for chunk in chunks}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    """A Chroma server on this machine, as `chroma run` starts it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [str(Path(sys.executable).with_name("chroma")), "run", "--path", str(tmp_path / "shared")]
    process = subprocess.Popen(
        [*command, "--port", str(port), "--host", "127.0.0.1"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        for _ in range(300):
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                time.sleep(0.1)
        yield f"127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)


def test_an_index_brought_up_to_date_equals_one_built_anew(
    tmp_path: Path, model: CachedEmbeddings, chunks: list[Chunk]
) -> None:
    """After additions, removals and a changed tier: the same ids, texts and metadata as from scratch."""
    settings = read_settings(home=tmp_path)
    first = update_index(settings, chunks[:40], model, anew=False)
    assert (first.added, first.kept, first.removed) == (40, 0, 0)
    changed = [dataclasses.replace(chunks[10], customer_tier="unknown"), *chunks[11:50]]
    second = update_index(settings, changed, model, anew=False)
    assert (second.added, second.kept, second.removed) == (11, 29, 10)
    assert held(settings) == as_held(changed)
    third = update_index(settings, changed, model, anew=False)
    assert (third.added, third.kept, third.removed) == (0, 40, 0)


def test_a_server_keeps_the_same_index(
    tmp_path: Path, model: CachedEmbeddings, chunks: list[Chunk], server: str
) -> None:
    """With LAB_CHROMA the collection is on the server, brought up to date in the same way, and read from there."""
    settings = read_settings(home=tmp_path, chroma=server)
    update_index(settings, chunks[:30], model, anew=False)
    change = update_index(settings, chunks[10:40], model, anew=False)
    assert (change.added, change.kept, change.removed) == (10, 20, 10)
    assert held(settings) == as_held(chunks[10:40])
    assert not folder(settings).exists()
    names = [collection.name for collection in open_client(settings, folder(settings)).list_collections()]
    assert names == [COLLECTION]


def test_a_server_that_does_not_answer_is_named(tmp_path: Path) -> None:
    """The error says which address was tried and how to start a server."""
    settings = read_settings(home=tmp_path, chroma="127.0.0.1:9")
    with pytest.raises(ConfigError, match=r"127\.0\.0\.1:9") as error:
        open_index(settings)
    assert "chroma run" in error.value.next_step


@pytest.mark.parametrize("where", ["folder", "server"])
def test_a_build_that_fails_leaves_the_old_index(
    where: str,
    tmp_path: Path,
    model: CachedEmbeddings,
    chunks: list[Chunk],
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> None:
    """When embedding breaks half-way, the old index still serves and nothing lies beside it."""

    def breaks(texts: list[str]) -> None:
        raise RuntimeError("no power")

    address = request.getfixturevalue("server") if where == "server" else ""
    settings = read_settings(home=tmp_path / "home", chroma=address)
    update_index(settings, chunks[:5], model, anew=False)
    monkeypatch.setattr(model, "vectors", breaks)
    with pytest.raises(RuntimeError):
        update_index(settings, chunks, model, anew=False)
    assert len(held(settings)) == 5
    if where == "folder":
        assert [path.name for path in settings.index.iterdir()] == ["chroma"]


@pytest.mark.parametrize(
    ("change", "what"),
    [({"chunk_size": 500}, "chunker"), ({"chunker": "turns"}, "chunker"), ({"precision": "other"}, "embeddings")],
)
def test_an_index_made_otherwise_is_refused(indexed: Settings, change: dict, what: str) -> None:
    """Another chunker or another arithmetic than the index was made with: the error says what, and what to do."""
    if what == "embeddings":
        change = {"precision": "fp32" if "bf16" in embeddings(indexed).name else "bf16"}
    with pytest.raises(ConfigError, match=f"The index was made with the {what}") as error:
        Retriever(indexed.model_copy(update=change))
    assert error.value.next_step == "make rag"


def test_without_an_index_the_step_before_is_named(tmp_path: Path) -> None:
    """The error says to build first, and asking makes nothing."""
    with pytest.raises(MissingStep, match="make rag"):
        Retriever(read_settings(home=tmp_path))
    assert not (tmp_path / "index" / "chroma").exists()


def test_an_unchanged_run_embeds_nothing(indexed: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    """The second build says that nothing changed; a third without its report reuses every vector."""
    build(indexed)
    assert "0 chunks embedded" in capsys.readouterr().out
    before = (indexed.home / "feedback" / "drafts.jsonl").read_bytes()
    (indexed.reports / "rag.json").unlink()
    report = build(indexed)
    assert report["embedded"] == 0
    assert report["reused"] == report["chunks"] == read_report(indexed.reports / "rag.json", make="rag")["chunks"]
    assert (indexed.home / "feedback" / "drafts.jsonl").read_bytes() == before


def test_feedback_is_nothing_for_the_index_to_do(
    indexed: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A verdict more on a draft is landed, and the index is unchanged: what it is made of is what help desks say."""
    settings = indexed.model_copy(update={"home": tmp_path})
    for name in ("source", "landing", "extract", "index", "reports", "feedback"):
        shutil.copytree(indexed.home / name, tmp_path / name)
    store, draft = Store(settings.feedback), draft_of(5000, None, "Press Retry.", False)
    store.add_draft(draft)
    give(store, draft, "accepted", datetime(2026, 6, 30, tzinfo=UTC), 0)
    before = (settings.landing / "manifest.json").read_text()
    extract(settings)
    assert (settings.landing / "manifest.json").read_text() != before
    capsys.readouterr()
    build(settings)
    assert "unchanged" in capsys.readouterr().out


def test_an_index_that_was_deleted_is_built_again(indexed: Settings, tmp_path: Path) -> None:
    """With its report still there but the index gone, a run builds it from the vectors that are kept."""
    settings = indexed.model_copy(update={"home": tmp_path})
    shutil.copytree(indexed.landing, settings.landing)
    shutil.copytree(indexed.reports, settings.reports)
    shutil.copytree(indexed.index, settings.index, ignore=shutil.ignore_patterns("chroma"))
    with pytest.raises(MissingStep):
        Retriever(settings)
    report = build(settings)
    assert report["embedded"] == 0
    assert Retriever(settings).retrieve("import", 1)


def test_the_report_tells_what_was_done(indexed: Settings) -> None:
    """rag.json says what was left out, replaced, removed and cut, and how far the index lags behind the landing."""
    report = read_report(indexed.reports / "rag.json", make="rag")
    assert sum(report["left_out"].values()) > 0
    assert report["documents"] > 100
    assert report["boilerplate"]["greeting"] > 100
    assert report["freshness"]["lag_minutes"] >= 0
    assert report["index"]["chunker"] == "recursive 800/100"
    for kind in ("EMAIL", "PHONE", "CARD", "IBAN", "API_KEY"):
        measured = report["redaction"][kind]
        assert measured["found"] >= 0.99 * measured["planted"]

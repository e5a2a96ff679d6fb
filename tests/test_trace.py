"""Traces: the spans of chains, retrievers and the agent, as JSON lines, redacted, and bounded."""

import json
from pathlib import Path

import pytest

from lab.settings import Settings, read_settings
from lab.trace import KEPT_FILES, documents, span, tracing
from rag_track.draft import Drafter


def lines(settings: Settings) -> list[dict[str, object]]:
    """Every span that was written."""
    files = sorted(settings.traces.glob("*.jsonl"))
    return [json.loads(line) for file in files for line in file.read_text(encoding="utf-8").splitlines()]


@pytest.fixture
def alone(indexed: Settings, tmp_path: Path) -> Settings:
    """Settings of a lab whose traces begin empty."""
    return read_settings(home=tmp_path / "out", tickets=indexed.tickets)


def test_a_draft_is_a_chain_with_its_retriever_inside(indexed: Settings) -> None:
    """The spans hang together, the retriever's holds its documents, and nothing of a person is in them."""
    drafter = Drafter(indexed, log_calls=False)
    with tracing(indexed):
        drafter.draft("Hello, I am rosa.meer@firm.example. The export stops at 10,000 rows.")
    written = lines(indexed)
    chain = [one for one in written if one["name"] == "draft"][-1]
    retriever = [one for one in written if one["name"] == "retrieve"][-1]
    assert retriever["parent_id"] == chain["context"]["span_id"]  # type: ignore[index]
    found = retriever["attributes"]
    assert found["openinference.span.kind"] == "RETRIEVER"  # type: ignore[index]
    assert found["retrieval.documents.0.document.id"]  # type: ignore[index]
    assert "rosa.meer" not in json.dumps(written)


def test_without_tracing_nothing_is_written(alone: Settings) -> None:
    """A span outside of a traced block is none."""
    with span("CHAIN", "nothing", "?") as attributes:
        attributes |= documents([("zendesk-1", 1.0, "text")])
    assert lines(alone) == []


def test_without_phoenix_the_trace_goes_to_a_file_and_it_is_said(
    alone: Settings, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody at the port is a warning with the next step, not a crash."""
    monkeypatch.setattr("lab.trace.PHOENIX", ("127.0.0.1", 9))  # the discard port: nobody is there
    said: list[str] = []
    monkeypatch.setattr("lab.trace.say", said.append)
    with tracing(alone.model_copy(update={"trace": "phoenix"})) as where, span("CHAIN", "one", "?"):
        pass
    assert "nobody answers there" in said[0]
    assert "make phoenix" in said[0]
    assert where.endswith(".jsonl")
    assert [one["name"] for one in lines(alone)] == ["one"]


def test_old_files_go_and_a_full_one_takes_no_more(alone: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Traces do not grow without bound: a few days are kept, and a day has a largest size."""
    alone.traces.mkdir(parents=True)
    for day in range(1, 20):
        (alone.traces / f"2020-01-{day:02}.jsonl").write_text("")
    with tracing(alone), span("CHAIN", "one", "?"):
        pass
    assert len(list(alone.traces.glob("*.jsonl"))) <= KEPT_FILES + 1
    monkeypatch.setattr("lab.trace.LARGEST", 10)
    before = len(lines(alone))
    with tracing(alone), span("CHAIN", "two", "?"):
        pass
    assert len(lines(alone)) == before

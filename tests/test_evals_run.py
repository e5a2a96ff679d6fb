"""The evaluation as CI runs it: scores of the golden set, gates that stop, anybody's data set."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from evals.__main__ import app
from evals.dataset import read_dataset
from lab.errors import ConfigError, StageFailed
from lab.settings import Settings

run = CliRunner()


@pytest.fixture
def small(indexed: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The small river as the settings of a command line."""
    monkeypatch.setenv("LAB_HOME", str(indexed.home))
    monkeypatch.setenv("LAB_TICKETS", "240")
    return indexed


def gate(tmp_path: Path, text: str) -> str:
    file = tmp_path / "gates.toml"
    file.write_text(f"[[gate]]\nmetric = 'ndcg@10'\nreason = 'because the test says so'\n{text}\n")
    return str(file)


def test_the_golden_set_is_scored_with_intervals(small: Settings, tmp_path: Path) -> None:
    """evals.json has every metric with mean, interval and n, slices by tag, and the gates; the page is one file."""
    answer = run.invoke(app, ["--gates", gate(tmp_path, "at_least = 0.1")], catch_exceptions=False)
    assert answer.exit_code == 0, answer.output
    report = json.loads((small.reports / "evals.json").read_text())
    expected = {"ndcg@10", "mrr@10", "hit@5", "recall@10", "id_context_precision", "id_context_recall"}
    expected |= {"text_context_precision", "text_context_recall", "semantic_similarity", "rouge_l"}
    expected |= {"facts_present", "citations_are_hits", "declines_unanswerable"}
    assert expected <= set(report["metrics"])
    for value in report["metrics"].values():
        assert value["low"] <= value["mean"] <= value["high"]
        assert value["n"] > 0
    assert 0.2 < report["metrics"]["ndcg@10"]["mean"] < 0.95
    assert {"paraphrase", "exact_code"} <= set(report["slices"])
    assert report["gates"][0]["passed"]
    page = (small.reports / "evals.html").read_text()
    assert "http" not in page.replace("http-equiv", "")
    again = run.invoke(app, ["--again", "--gates", gate(tmp_path, "at_least = 0.1")], catch_exceptions=False)
    assert json.loads((small.reports / "evals.json").read_text()) == report
    assert "same" in again.output


def test_an_unchanged_run_scores_nothing(small: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second run shows the scores there are and says so; a gate that was raised meanwhile is held and fails."""
    run.invoke(app, ["--gates", gate(tmp_path, "at_least = 0.1")], catch_exceptions=False)
    with monkeypatch.context() as patched:
        patched.setattr("evals.evaluate.evaluate", None)
        answer = run.invoke(app, ["--gates", gate(tmp_path, "at_least = 0.1")], catch_exceptions=False)
    assert "unchanged" in answer.output
    raised = run.invoke(app, ["--gates", gate(tmp_path, "at_least = 0.99")])
    assert isinstance(raised.exception, StageFailed)


def test_a_gate_that_fails_stops_with_a_readable_reason(small: Settings, tmp_path: Path) -> None:
    """An unreachable bound: the error names gate, value and reason, and the report says failed."""
    answer = run.invoke(app, ["--gates", gate(tmp_path, "at_least = 0.99")])
    assert isinstance(answer.exception, StageFailed)
    assert "ndcg@10 at least 0.99" in answer.exception.message
    assert "because the test says so" in " ".join(answer.output.split())
    assert not json.loads((small.reports / "evals.json").read_text())["gates"][0]["passed"]


def test_a_worse_retriever_fails_the_committed_gates(
    small: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """With the ranking turned upside down, the gates in gates.toml do not hold."""
    from rag_track.filters import Filters
    from rag_track.hit import Hit
    from rag_track.retrieve import Retriever

    good = Retriever.retrieve

    def bad(self: Retriever, question: str, k: int, *filters: Filters, by: str | None = None) -> list[Hit]:
        return good(self, question, 50, *filters, by=by)[::-1][:k]

    monkeypatch.setattr(Retriever, "retrieve", bad)
    answer = run.invoke(app, ["--again"])
    assert isinstance(answer.exception, StageFailed)
    assert "ndcg@10 at least" in answer.exception.message


def beir(folder: Path, qrels: str = "q1\td1\t1\nq2\td2\t1\n") -> Path:
    documents = {"d1": "How to prune roses in spring", "d2": "Repairing a bicycle tyre", "d3": "The history of bread"}
    (folder / "qrels").mkdir(parents=True)
    lines = [json.dumps({"_id": key, "title": "", "text": text}) for key, text in documents.items()]
    (folder / "corpus.jsonl").write_text("\n".join(lines))
    queries = {"q1": "cutting back rose bushes", "q2": "my bike has a flat"}
    (folder / "queries.jsonl").write_text("\n".join(json.dumps({"_id": k, "text": t}) for k, t in queries.items()))
    (folder / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\n" + qrels)
    return folder


def test_anybody_can_bring_a_data_set(small: Settings, tmp_path: Path) -> None:
    """A BEIR-shaped folder without answers is indexed and scored; there are no gates for it."""
    answer = run.invoke(app, ["--dataset", str(beir(tmp_path / "garden"))], catch_exceptions=False)
    assert answer.exit_code == 0, answer.output
    [file] = small.home.glob("datasets/garden-*/reports/evals.json")
    report = json.loads(file.read_text())
    assert report["metrics"]["ndcg@10"]["mean"] == 1.0
    assert report["gates"] == []
    assert "semantic_similarity" not in report["metrics"]


@pytest.mark.parametrize(
    ("qrels", "says"), [("q1\td9\t1\n", "d9 is not in corpus"), ("q1 d1 1\n", "line 2: not query-id")]
)
def test_a_broken_data_set_names_the_line(tmp_path: Path, qrels: str, says: str) -> None:
    """Judgements of unknown documents, or without tabs, are errors with file and line."""
    with pytest.raises(ConfigError, match=says):
        read_dataset(beir(tmp_path / "x", qrels))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """A folder without corpus.jsonl is no data set."""
    with pytest.raises(ConfigError, match=r"corpus\.jsonl"):
        read_dataset(tmp_path)


def test_an_invented_citation_fails_its_gate(small: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A model that cites a ticket which was not retrieved is caught by citations_are_hits, if the guard lets it."""
    from rag_track.guard import DraftedReply, DraftedSentence, Sentence

    invented = DraftedSentence(text="Press Retry.", tickets=["zendesk-999999"])
    reply = DraftedReply(sentences=[invented], confidence=1, needs_human=False, reason="")
    monkeypatch.setattr("rag_track.offline_model.compose", lambda _: reply)
    everything = [Sentence(invented.text, tuple(invented.tickets), 1.0)]
    monkeypatch.setattr("rag_track.draft.guard", lambda *_: (everything, []))
    answer = run.invoke(app, ["--again"])
    assert isinstance(answer.exception, StageFailed)
    assert "citations_are_hits at least 1" in answer.exception.message


def test_a_data_set_cannot_overwrite_the_lab(small: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """--dataset .. has its own place too: the lab's index and report stay."""
    inside = beir(tmp_path / "mine") / "qrels"
    index = (small.index / "chroma").stat().st_ino
    monkeypatch.chdir(inside)
    run.invoke(app, ["--dataset", ".."], catch_exceptions=False)
    assert (small.index / "chroma").stat().st_ino == index
    assert list(small.home.glob("datasets/mine-*"))

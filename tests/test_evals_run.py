"""The evaluation as CI runs it: scores of the golden set, gates that stop, anybody's data set."""

import json
import re
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from evals.__main__ import app
from evals.dataset import read_dataset
from lab.errors import ConfigError, StageFailed
from lab.settings import Settings

run = CliRunner()


@pytest.fixture
def small(thin: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The small river with few golden queries, as the settings of a command line."""
    monkeypatch.setenv("LAB_HOME", str(thin.home))
    monkeypatch.setenv("LAB_TICKETS", "240")
    return thin


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
    expected |= {"facts_present", "citations_are_hits", "declines_unanswerable", "precision@5", "filters_hold"}
    expected |= {"outdated_hit_rate", "wrong_tier_rate", "coverage_recall", "coverage_precision", "coverage_iou"}
    expected |= {"personal_data_retrieved", "personal_data_in_drafts", "judge_balanced_accuracy", "false_citations"}
    expected |= {"bleu", "chrf", "string_presence", "unsupported_shown", "instructions_obeyed"}
    expected |= {"faithfulness", "context_precision", "context_recall", "factual_correctness", "noise_sensitivity"}
    assert expected <= set(report["metrics"])
    for value in report["metrics"].values():
        assert value["low"] <= value["mean"] <= value["high"]
        assert value["n"] > 0
    assert 0.2 < report["metrics"]["ndcg@10"]["mean"] < 0.95
    assert {"paraphrase", "exact_code", "tier free"} <= set(report["slices"])
    assert report["gates"][0]["passed"]
    assert report["judge"] == "offline"
    assert set(report["not_run"]) == {"answer_relevancy"}
    page = (small.reports / "evals.html").read_text()
    assert not re.search(r"""(?:src|href)=|url\(["']?http|@import""", page)
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


def test_a_data_set_with_answers_has_its_drafts_scored(small: Settings, tmp_path: Path) -> None:
    """With reference answers and facts in the queries, drafts are made from the documents, and judged."""
    folder = beir(tmp_path / "answered")
    texts = {
        "d1": "Cut rose bushes back in early spring. Cut above an outward bud, at an angle.",
        "d2": "A flat bike tyre is repaired in ten minutes. Find the hole, roughen it, and glue a patch on.",
    }
    corpus = [json.dumps({"_id": key, "title": "", "text": text}) for key, text in texts.items()]
    (folder / "corpus.jsonl").write_text("\n".join(corpus))
    asked = {
        "q1": ("When do I cut back rose bushes?", "d1", "spring"),
        "q2": ("How do I fix a flat bike tyre?", "d2", "patch"),
    }
    queries = [
        json.dumps({"_id": key, "text": text, "reference": texts[document], "facts": [fact]})
        for key, (text, document, fact) in asked.items()
    ]
    (folder / "queries.jsonl").write_text("\n".join(queries))
    run.invoke(app, ["--dataset", str(folder)], catch_exceptions=False)
    [file] = small.home.glob("datasets/answered-*/reports/evals.json")
    metrics = json.loads(file.read_text())["metrics"]
    for name in ("facts_present", "answers_answerable", "faithfulness", "context_recall"):
        assert metrics[name]["mean"] == 1.0, name


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


@pytest.fixture
def baseline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A baseline of the test's own, not there yet."""
    monkeypatch.setattr("evals.run.BASELINE", tmp_path / "baseline.json")
    return tmp_path / "baseline.json"


COMPARED = """
[[gate]]
metric = "ndcg@10"
not_below_baseline = true
reason = "retrieval got surely worse"
"""


def test_a_regression_is_named_with_the_queries_that_moved(
    small: Settings, tmp_path: Path, baseline: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Accepted scores pass against themselves; then a retriever that finds half fails, and says what moved most."""
    from rag_track.filters import Filters
    from rag_track.hit import Hit
    from rag_track.retrieve import Retriever

    gates = tmp_path / "gates.toml"
    gates.write_text(COMPARED)
    accepted = run.invoke(app, ["--accept", "--gates", str(gates)], catch_exceptions=False)
    assert "the baseline is renewed" in accepted.output
    assert json.loads((small.reports / "evals.json").read_text())["gates"][0]["passed"]
    good = Retriever.retrieve

    def worse(self: Retriever, question: str, k: int, *filters: Filters, by: str | None = None) -> list[Hit]:
        return good(self, question, 2 * k, *filters, by=by)[k:]

    monkeypatch.setattr(Retriever, "retrieve", worse)
    answer = run.invoke(app, ["--fast", "--gates", str(gates)])  # on a sample: compared query by query
    assert isinstance(answer.exception, StageFailed)
    assert "ndcg@10 not below baseline" in answer.exception.message
    assert answer.output.count("make case Q=") == 5
    report = json.loads((small.reports / "evals.json").read_text())
    assert report["split"] == "test, a sample"
    assert report["baseline"]["ndcg@10"]["difference"]["high"] < 0
    assert 'failures="1"' in (small.reports / "evals.junit.xml").read_text()
    assert "**failed**" in (small.reports / "evals.md").read_text()


def test_a_sample_or_another_data_set_is_no_baseline(small: Settings, tmp_path: Path) -> None:
    """Only the whole golden set can be accepted."""
    for more in (["--fast"], ["--dataset", str(tmp_path)]):
        answer = run.invoke(app, ["--accept", *more])
        assert isinstance(answer.exception, ConfigError)


def test_a_leaking_redaction_fails_its_gates(thin: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a redactor that finds nothing, planted data is retrieved, and the committed gate stops the run."""
    from rag_track.build import build
    from rag_track.redact import Redacted, Redactor

    leaking = thin.model_copy(update={"home": tmp_path / "out"})
    for folder in ("source", "landing"):
        shutil.copytree(thin.home / folder, leaking.home / folder)
    monkeypatch.setattr(Redactor, "redact", lambda self, text: Redacted(text, ()))
    build(leaking)
    monkeypatch.setenv("LAB_HOME", str(leaking.home))
    monkeypatch.setenv("LAB_TICKETS", "240")
    answer = run.invoke(app, [])
    assert isinstance(answer.exception, StageFailed)
    assert "personal_data_retrieved at most 0" in answer.exception.message


def test_a_broken_filter_fails_its_gate(small: Settings, monkeypatch: pytest.MonkeyPatch, baseline: Path) -> None:
    """With filters that filter nothing, tickets of other tiers are found, and the committed gate stops the run."""
    monkeypatch.setattr("rag_track.retrieve.where", lambda filters, collection: None)
    answer = run.invoke(app, ["--again"])
    assert isinstance(answer.exception, StageFailed)
    assert "filters_hold at least 1" in answer.exception.message


def test_a_constant_judge_fails_its_gate_and_gates_nothing(
    small: Settings, monkeypatch: pytest.MonkeyPatch, baseline: Path
) -> None:
    """A judge that always says yes is worth 0.5: its gate fails, and no other gate rests on what it says."""
    from evals.judges.evidence import Evidence, Verdict

    monkeypatch.setattr(Evidence, "verdict", lambda self, statement, context: Verdict(True, 1.0, "yes"))
    answer = run.invoke(app, ["--again"])
    assert isinstance(answer.exception, StageFailed)
    assert "judge_balanced_accuracy at least 0.8" in answer.exception.message
    report = json.loads((small.reports / "evals.json").read_text())
    assert report["metrics"]["judge_balanced_accuracy"]["mean"] == 0.5
    assert "its metrics are advisory" in answer.output
    assert "advisory" in (small.reports / "evals.html").read_text()
    assert not [gate for gate in report["gates"] if gate["metric"] in ("faithfulness", "false_citations")]


def test_one_query_is_shown_with_its_evidence(small: Settings) -> None:
    """Relevant tickets, hits with grades, the draft, each fact there or missing; a typo names the closest query."""
    query = next(one for one in read_dataset(small.source / "golden").answerable if one.facts)
    shown = run.invoke(app, ["case", query.id], catch_exceptions=False).output
    for part in ("Query", "Relevant", "Found", "Draft", "facts_present", f"{query.facts[0]}: "):
        assert part in shown
    assert max(map(len, shown.splitlines())) <= 100
    wrong = run.invoke(app, ["case", f"{query.id}x"])
    assert isinstance(wrong.exception, ConfigError)
    assert query.id in wrong.exception.next_step


@pytest.mark.slow
def test_the_baseline_in_the_repository_is_of_the_default_company(tmp_path: Path) -> None:
    """Its queries and what is relevant to them are those that `make data` makes: else nothing would be compared."""
    from evals.baseline import queries_fingerprint, read_baseline
    from evals.gates import read_gates
    from lab.settings import read_settings
    from sample_data.generate import generate

    baseline = read_baseline()
    assert baseline is not None
    source = generate(read_settings(home=tmp_path / "out"))
    assert baseline.is_of(queries_fingerprint(source / "golden"), "test", "offline"), "make evals ACCEPT=1"
    assert {gate.metric for gate in read_gates() if gate.threshold is None} <= set(baseline.scores)


def test_the_ladder_in_the_repository_is_that_of_its_file(tmp_path: Path) -> None:
    """Every rung of ladder.toml has its result with interval and change; on a difference: make experiment ACCEPT=1."""
    from evals.configurations import LADDER, read_experiment
    from evals.experiment_report import LADDER_RESULT
    from lab.settings import read_settings

    ladder = read_experiment(LADDER, read_settings())
    result = json.loads(LADDER_RESULT.read_text(encoding="utf-8"))
    assert [one["name"] for one in result["runs"]] == [one.name for one in ladder.configurations]
    assert result["split"] == ladder.split == "dev"
    assert all(one["change"]["difference"]["n"] > 400 for one in result["runs"][1:])

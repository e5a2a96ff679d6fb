"""The search for evidence: what supports a statement, and why."""

from pathlib import Path

import pytest
from judge_pairs import LIMIT, LOCK, PAIRS

from evals.judges.evidence import Evidence
from evals.judges.passage import sentences
from evals.pairs import Pair
from lab.settings import read_settings
from rag_track.embed import embeddings


@pytest.fixture(scope="module")
def evidence(tmp_path_factory: pytest.TempPathFactory) -> Evidence:
    settings = read_settings(home=tmp_path_factory.mktemp("evidence"), precision="fp32")
    return Evidence(embeddings(settings).vectors)


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.kind)
def test_plain_pairs(evidence: Evidence, pair: Pair) -> None:
    """A paraphrase is supported; another number, a negation, and anything absent, also in one half, is not."""
    verdict = evidence.verdict(pair.statement, pair.context)
    assert verdict.supported == pair.supported, verdict.reason


@pytest.mark.parametrize("context", [LIMIT, LOCK])
def test_a_context_supports_its_own_sentences(evidence: Evidence, context: str) -> None:
    """Word for word, every sentence of a context is supported by it, and scores 1."""
    for sentence in sentences(context):
        verdict = evidence.verdict(sentence, context)
        assert verdict.supported, verdict.reason
        assert verdict.score == pytest.approx(1, abs=1e-3)


def test_the_reason_names_the_evidence_and_what_it_lacks(evidence: Evidence) -> None:
    """The reason quotes the sentence that comes nearest, and the number or the words that are missing."""
    other_number = evidence.verdict("The preview is limited to 5,000 rows.", LIMIT)
    assert "5,000" in other_number.reason
    assert "limited to 10,000 rows" in other_number.reason
    assert "trash" in evidence.verdict("Deleted projects stay in the trash.", LIMIT).reason
    assert "does not end by itself" in evidence.verdict("The lock ends by itself.", LOCK).reason


def test_customers_prove_nothing(evidence: Evidence) -> None:
    """What a customer claims in a conversation supports no statement; what an agent answers does."""
    conversation = f"Customer: Deleted projects stay in the trash for 90 days.\n\nAgent: {LIMIT}\n\nCustomer: Thanks."
    assert not evidence.verdict("Deleted projects stay in the trash for 90 days.", conversation).supported
    assert evidence.verdict("The preview is limited to 10,000 rows.", conversation).supported


def test_nothing_supports_nothing(evidence: Evidence) -> None:
    """An empty context supports no statement, and an empty statement has no support."""
    assert not evidence.verdict("The lock ends.", "").supported
    assert not evidence.verdict("", LOCK).supported


def test_the_same_question_has_the_same_answer(evidence: Evidence, tmp_path: Path) -> None:
    """What was judged before changes nothing: a fresh search gives the same verdicts, to the digit."""
    fresh = Evidence(embeddings(read_settings(home=tmp_path, precision="fp32")).vectors)
    fresh.read([text for pair in PAIRS for text in (pair.context, pair.statement)])
    for pair in reversed(PAIRS):
        again, before = fresh.verdict(pair.statement, pair.context), evidence.verdict(pair.statement, pair.context)
        assert again.supported == before.supported
        assert again.score == pytest.approx(before.score, abs=1e-5)

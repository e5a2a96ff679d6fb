"""Retrieval: filters hold, each retriever does what its name says, and what is outdated stands behind."""

from datetime import date
from pathlib import Path

import pytest

from lab.errors import ConfigError
from lab.settings import Settings
from rag_track.chunk import chunk
from rag_track.documents import Document
from rag_track.embed import embeddings
from rag_track.filters import Filters
from rag_track.index import update_index
from rag_track.retrieve import RETRIEVERS, Retriever


@pytest.fixture(scope="module")
def retriever(indexed: Settings) -> Retriever:
    return Retriever(indexed)


@pytest.mark.parametrize("by", RETRIEVERS)
def test_filters_hold_and_combine(retriever: Retriever, by: str) -> None:
    """Whatever retriever: every hit has what was asked for, each ticket comes once, best first, and says why."""
    filters = Filters(product_category="access", customer_tier="pro", since=date(2025, 9, 1))
    hits = retriever.retrieve("I cannot sign in", 5, filters, by=by)
    assert hits
    assert {(hit.product_category, hit.customer_tier) for hit in hits} == {("access", "pro")}
    assert all(hit.solved_at >= 1756684800 for hit in hits)
    assert len({hit.ticket_key for hit in hits}) == len(hits)
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert all(hit.similarity == pytest.approx(1 - hit.distance) for hit in hits)
    assert all(hit.reason for hit in hits)


@pytest.mark.parametrize(
    ("filters", "close"),
    [
        (Filters(product_category="export"), "exports"),
        (Filters(customer_tier="Pro"), "pro"),
        (Filters(region="eu"), ""),
    ],
)
def test_a_typo_in_a_filter_is_an_error(retriever: Retriever, filters: Filters, close: str) -> None:
    """An unknown filter value answers with the closest one instead of finding nothing."""
    with pytest.raises(ConfigError, match="No past ticket has") as error:
        retriever.retrieve("anything", 5, filters)
    assert close in error.value.next_step


def test_an_unknown_retriever_is_an_error(indexed: Settings) -> None:
    """A typo in LAB_RETRIEVER names the closest."""
    with pytest.raises(ConfigError, match="hibrid") as error:
        Retriever(indexed.model_copy(update={"retriever": "hibrid"}))
    assert error.value.next_step == "use hybrid"


def test_words_find_a_code_and_meaning_finds_a_paraphrase(retriever: Retriever, cleaned: list[Document]) -> None:
    """BM25 ranks tickets that hold a rare code first; dense finds the customer's own words among all tickets."""
    code = "INT-6429"
    with_code = {document.ticket_key for document in cleaned if code in document.text}
    if with_code:
        first = retriever.retrieve(f"What is {code}?", 1, by="bm25")[0]
        assert first.ticket_key in with_code
    known = [document for document in cleaned if document.why_not is None and len(document.question) > 150][:20]
    found = [
        document.ticket_key in [hit.ticket_key for hit in retriever.retrieve(document.question, 5, by="dense")]
        for document in known
    ]
    assert sum(found) >= 19


def test_a_filter_leaves_out_what_is_outdated(retriever: Retriever) -> None:
    """With not_outdated no hit is outdated, and without it some are."""
    asked = "The export stops at 10,000 rows"
    assert any(hit.is_outdated for hit in retriever.retrieve(asked, 50))
    assert not any(hit.is_outdated for hit in retriever.retrieve(asked, 50, Filters(not_outdated=True)))


def test_what_is_outdated_or_old_stands_behind(indexed: Settings) -> None:
    """With weights for validity and age the same hits come in another order, and say why."""
    asked, plain = "The export stops at 10,000 rows", {"outdated_weight": 1.0, "half_life": 0}
    by_words = Retriever(indexed.model_copy(update=plain)).retrieve(asked, 50, by="dense")
    aged = indexed.model_copy(update={"outdated_weight": 0.0, "half_life": 30})
    weighed = Retriever(aged).retrieve(asked, 50, by="dense")
    assert {hit.ticket_key for hit in weighed} == {hit.ticket_key for hit in by_words}
    assert [hit.is_outdated for hit in weighed] == sorted(hit.is_outdated for hit in by_words)
    assert all(" days old" in hit.reason for hit in weighed)
    mean_age = [sum(hit.solved_at for hit in hits[:10]) for hits in (by_words, weighed)]
    assert mean_age[1] > mean_age[0]


def test_a_reranker_reads_the_best_again(indexed: Settings) -> None:
    """With LAB_RERANKER the order is that of the reranker, filters hold, and the reason names both."""
    filters = Filters(product_category="exports")
    hits = Retriever(indexed.model_copy(update={"reranker": "maxsim"})).retrieve("CSV export stops", 5, filters)
    assert {hit.product_category for hit in hits} == {"exports"}
    assert all("maxsim" in hit.reason for hit in hits)


def test_a_parent_returns_the_conversation(indexed: Settings, cleaned: list[Document], tmp_path: Path) -> None:
    """The small chunks of `parent` are found, and a hit holds the whole conversation around them."""
    parents = indexed.model_copy(update={"home": tmp_path, "chunker": "parent"})
    documents = [document for document in cleaned if document.why_not is None][:20]
    model = embeddings(parents)
    update_index(parents, chunk(documents, 800, 100, "parent"), model, anew=False)
    texts = {document.ticket_key: document.text.split() for document in documents}
    [hit] = Retriever(parents).retrieve(documents[3].question, 1)
    assert hit.text.split() == texts[hit.ticket_key]


def test_conversations_are_put_together_exactly(retriever: Retriever, cleaned: list[Document]) -> None:
    """A conversation read back from its chunks is the document, but for the white space at the cuts."""
    known = {document.ticket_key: document.text for document in cleaned}
    hits = retriever.retrieve("the import file is too large", 5)
    for key, text in retriever.conversations(hits).items():
        assert text.split() == known[key].split()


def test_what_shares_no_word_is_not_found_by_words(retriever: Retriever) -> None:
    """BM25 has nothing to say to words that no ticket has, and raises nothing."""
    assert retriever.retrieve("zzgl qwrtz", 5, by="bm25") == []
    assert retriever.retrieve("", 5, by="bm25") == []

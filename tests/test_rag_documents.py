"""Documents: the right conversations, their words, without boilerplate and without personal data."""

import json
from collections import Counter
from pathlib import Path

import pytest
from conftest import land_exports

from lab.settings import Settings
from rag_track.documents import LONGEST_TURN, Document, conversations, documents
from rag_track.knowledge import REASONS
from rag_track.redact import Redactor, people_in

Truth = dict[str, dict]


@pytest.fixture(scope="module")
def truth(landed: Settings) -> Truth:
    lines = (landed.source / "truth" / "tickets.jsonl").read_text().splitlines()
    return {row["ticket_key"]: row for row in map(json.loads, lines)}


def test_every_conversation_is_a_document_with_its_metadata(cleaned: list[Document], truth: Truth) -> None:
    """What the help desks tell of a ticket is told of its document; Intercom forgets what was deleted."""
    found = {document.ticket_key: document for document in cleaned}
    there = {key for key, row in truth.items() if row["status"] != "deleted" or row["help_desk"] == "zendesk"}
    assert set(found) == there
    for key in there:
        if truth[key]["status"] != "deleted":
            told = (found[key].product_category, found[key].customer_tier, found[key].region)
            assert told == (truth[key]["product_category"], truth[key]["customer_tier"], truth[key]["region"])
            assert found[key].satisfaction == {True: "good", False: "bad", None: "none"}[truth[key]["is_rated_good"]]


def test_what_is_left_out_is_left_out_for_its_reason(cleaned: list[Document], truth: Truth) -> None:
    """Spam, merged, deleted, unsolved and unanswered tickets are no knowledge, and each says why."""
    for document in cleaned:
        told = truth[document.ticket_key]
        reason = {"spam": "spam", "twin": "merged away"}.get(told["kind"])
        if told["status"] == "deleted":
            assert document.why_not == "deleted"
        elif told["status"] not in ("solved", "closed"):
            assert document.why_not == "not solved"
        elif reason:
            assert document.why_not == reason
        elif told["reply_count"] == 0:
            assert document.why_not == "closed without an answer"
        else:
            assert document.why_not in (None, "rated bad and never corrected")
    assert set(Counter(d.why_not for d in cleaned)) <= {None, *REASONS}


def test_nearly_all_wrong_answers_that_anybody_complained_of_are_left_out(
    cleaned: list[Document], truth: Truth
) -> None:
    """Of conversations that end with a wrong answer, those rated bad are out; what nobody rated cannot be told."""
    wrong = [d for d in cleaned if not truth[d.ticket_key]["is_answered"] and truth[d.ticket_key]["kind"] == "usual"]
    rated = [d for d in wrong if d.satisfaction == "bad" and truth[d.ticket_key]["reopen_count"] == 0]
    assert all(document.why_not for document in rated)
    knowledge = [document for document in cleaned if document.why_not is None]
    undetected = [document for document in wrong if document.why_not is None]
    assert len(undetected) < 0.04 * len(knowledge)


def test_a_document_says_what_was_said_in_public(cleaned: list[Document], landed: Settings) -> None:
    """No note, automatic reply, merge line or tag of HTML is in a document, and most of the public words are."""
    corpus = [json.loads(line) for line in (landed.source / "golden" / "corpus.jsonl").read_text().splitlines()]
    found = {document.ticket_key: document.text for document in cleaned}
    assert not [text for text in found.values() if "We have received your message" in text or "<p>" in text]
    kept = [shared(entry["text"], found[entry["_id"]]) for entry in corpus]
    assert sum(kept) / len(kept) > 0.75


def shared(text: str, document: str) -> float:
    """The share of a text's words that a document holds."""
    words = Counter(text.split())
    return sum((words & Counter(document.split())).values()) / words.total()


def test_nothing_planted_is_left_in_a_document(cleaned: list[Document], landed: Settings) -> None:
    """No planted address, number, card, account or key stands in any document."""
    planted = [
        json.loads(line)["value"] for line in (landed.source / "truth" / "personal_data.jsonl").read_text().splitlines()
    ]
    everything = "\n".join(document.text for document in cleaned)
    assert len(planted) > 50
    assert [value for value in planted if value in everything] == []


def test_turns_begin_where_the_document_says(cleaned: list[Document]) -> None:
    """Each turn's label stands at its offset."""
    for document in cleaned[:50]:
        for start, turn in zip(document.turn_starts, document.turns, strict=True):
            assert document.text[start:].startswith(f"{turn.speaker}: {turn.text}")


def test_a_pasted_log_is_shortened_and_the_answer_kept(cleaned: list[Document]) -> None:
    """Of a message of two megabytes the beginning is kept, of the conversation the solution."""
    [document] = [document for document in cleaned if document.messages_cut]
    assert max(len(turn.text) for turn in document.turns) == LONGEST_TURN
    assert document.turns[-1].text in document.text


def test_notes_are_used_only_when_asked_for(landed: Settings, cleaned: list[Document]) -> None:
    """Private notes of agents are turns of their own with the setting, and nowhere without it."""
    with_notes = documents(conversations(landed.landing), Redactor(people_in(landed.landing)), use_notes=True)
    assert not [turn for document in cleaned for turn in document.turns if turn.speaker == "Note"]
    assert len([turn for document in with_notes for turn in document.turns if turn.speaker == "Note"]) > 20


def test_odd_records_stop_nothing(tmp_path: Path) -> None:
    """A message without an author, a plan that is a word, a repeated conversation: read, or read as unknown."""
    exports = tmp_path / "exports"
    (exports / "intercom").mkdir(parents=True)
    parts = [
        {"part_type": "comment", "body": "<p>Who am I?</p>", "author": None, "created_at": 1767225700},
        {"part_type": "comment", "body": "<p>Press Retry.</p>", "author": {"type": "admin"}, "created_at": 1767225800},
        "not a part",
    ]
    talk = {"id": "1", "state": "closed", "created_at": 1767225600, "updated_at": 1767225900}
    talk |= {"source": {"body": "It fails", "author": {"type": "user"}}, "contacts": {"contacts": [{"id": "c"}]}}
    older = {**talk, "state": "open", "updated_at": 1767225650}
    lines = [json.dumps({**talk, "conversation_parts": {"conversation_parts": parts}}), json.dumps(older)]
    (exports / "intercom" / "conversations.jsonl").write_text("\n".join(lines))
    (exports / "intercom" / "contacts.jsonl").write_text(json.dumps({"id": "c", "companies": {"data": [{"id": "k"}]}}))
    (exports / "intercom" / "companies.jsonl").write_text(json.dumps({"id": "k", "plan": "pro"}))
    settings = land_exports(exports, tmp_path / "out")
    [found] = documents(conversations(settings.landing), Redactor())
    assert [turn.text for turn in found.turns] == ["It fails", "Press Retry."]
    assert (found.why_not, found.customer_tier, found.product_category) == (None, "unknown", "unknown")

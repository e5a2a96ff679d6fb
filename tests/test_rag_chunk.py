"""Chunks: exact pieces that cover their document, whichever way they are cut, and what of them no model reads."""

import dataclasses
import hashlib
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lab.errors import ConfigError, ModelError
from rag_track.chunk import SCHEMA_VERSION, Chunk, chunk
from rag_track.chunkers import CHUNKERS
from rag_track.local_model import minilm_folder
from rag_track.tokens import TokenCounter, truncated

SPEAKERS = ("Customer", "Agent")
LETTERS = st.text(max_size=600)  # whatever Unicode holds
LONG = st.text(alphabet="ab .\n\t。🌻ש", max_size=2_000)  # what the chunkers look at, often
REPEATED = st.builds(lambda text, times: text * times, st.text(alphabet="Yes. \n", max_size=60), st.integers(1, 60))
MESSAGES = st.lists(LETTERS | LONG | REPEATED, max_size=6)


def document(*messages: str, subject: str = "", key: str = "zendesk-1") -> Any:
    """A document whose customer and agent say `messages` in turn."""
    parts, starts = ([subject] if subject else []), []
    for number, message in enumerate(messages):
        starts.append(len("\n\n".join([*parts, ""])))
        parts.append(f"{SPEAKERS[number % 2]}: {message}")
    text = "\n\n".join(parts)
    return SimpleNamespace(
        ticket_key=key,
        source="zendesk",
        text=text,
        turn_starts=tuple(starts),
        product_category="exports",
        customer_tier="pro",
        region="emea",
        language="en",
        created_at=datetime(2025, 12, 31, tzinfo=UTC),
        solved_at=datetime(2026, 1, 1, tzinfo=UTC),
        is_outdated=True,
        satisfaction="good",
        redaction_count=3,
        hash=hashlib.sha256(text.encode()).hexdigest(),
    )


def cut(chunker: str, one: Any, size: int = 800, overlap: int = 100) -> list[Chunk]:
    return list(chunk([one], size, overlap, chunker))


@pytest.mark.parametrize("chunker", CHUNKERS)
@settings(deadline=None)  # the first example imports the splitter
@given(messages=MESSAGES, subject=LETTERS, size=st.integers(20, 400), data=st.data())
@example(messages=["Yes.", "x" * 30, "Yes."], subject="", size=28, data=None)
@example(messages=["Try again. " * 60], subject="Try again.", size=100, data=None)
def test_chunks_are_exact_and_cover_the_document(
    chunker: str, messages: list[str], subject: str, size: int, data: st.DataObject | None
) -> None:
    """Whatever the text: chunks stand at their offsets, are not too long, begin one after the other, lose nothing."""
    overlap = data.draw(st.integers(0, size // 2)) if data else size // 3
    whole = document(*messages, subject=subject)
    chunks = cut(chunker, whole, size, overlap)
    covered: set[int] = set()
    for number, piece in enumerate(chunks):
        assert piece.index == number
        assert whole.text[piece.start : piece.end] == piece.text == piece.text.strip() != ""
        assert chunker == "document" or len(piece.text) <= size
        covered.update(range(piece.start, piece.end))
    starts = [piece.start for piece in chunks]
    assert starts == sorted(set(starts))
    assert len({piece.id for piece in chunks}) == len(chunks)
    assert not [n for n, letter in enumerate(whole.text) if n not in covered and not letter.isspace()]
    assert cut(chunker, whole, size, overlap) == chunks


@pytest.mark.parametrize("chunker", ["recursive", "parent"])
@settings(deadline=None)
@given(text=LONG | REPEATED, size=st.integers(20, 400), data=st.data())
def test_neighbours_share_no_more_than_asked(chunker: str, text: str, size: int, data: st.DataObject) -> None:
    """Two neighbouring chunks share at most the overlap, two that are not neighbours share nothing."""
    overlap = data.draw(st.integers(0, size // 2))
    chunks = cut(chunker, document(text), size, overlap)
    assert all(one.end - other.start <= overlap for one, other in pairwise(chunks))
    assert all(one.end <= other.start for one, other in zip(chunks, chunks[2:], strict=False))


def test_where_the_splitters_own_start_is_wrong() -> None:
    """LangChain places the second of two equal short paragraphs on the first; here each has its own place."""
    from langchain_text_splitters import RecursiveCharacterTextSplitter

    text = "Yes." + " " * 40 + "Yes."
    theirs = RecursiveCharacterTextSplitter(chunk_size=30, chunk_overlap=10, add_start_index=True)
    assert [piece.metadata["start_index"] for piece in theirs.create_documents([text])] == [0, 0]
    plain = document(text, subject="Hi")
    ours = cut("recursive", plain, 30, 10)
    assert [piece.start for piece in ours if piece.text.endswith("Yes.")] == [4, plain.text.rindex("Yes.")]


def test_an_overlap_begins_with_a_sentence() -> None:
    """A chunk that is cut inside a paragraph begins with the last whole sentence of the one before."""
    text = "The export stops after a while. Open the settings. Raise the limit to 50,000 rows. Save them and try again."
    chunks = cut("recursive", document(text), 80, 30)
    assert [piece.text for piece in chunks] == [
        "Customer: The export stops after a while. Open the settings.",
        "Open the settings. Raise the limit to 50,000 rows. Save them and try again.",
    ]


def test_turns_stay_whole() -> None:
    """Turns are put together while they fit, a chunk begins where a turn does, and only a long turn is cut."""
    talk = document("a" * 30, "b" * 30, "c" * 30, " ".join(["word"] * 40), "d" * 30, subject="Subject")
    chunks = cut("turns", talk, 110, 20)
    assert chunks[0].text == talk.text[: talk.turn_starts[2] - 2]
    assert chunks[1].start == talk.turn_starts[2]
    inside = [piece for piece in chunks if talk.turn_starts[3] < piece.start < talk.turn_starts[4]]
    assert inside
    assert all("word" in piece.text for piece in inside)


def test_a_window_of_sentences_shares_one() -> None:
    """Each window is full of whole sentences and begins with the last sentence of the one before."""
    text = "One is here. Two is here. Three is here. Four is here. Five is here."
    chunks = cut("sentence", document(text), 41)
    assert [piece.text for piece in chunks] == [
        "Customer: One is here. Two is here.",
        "Two is here. Three is here. Four is here.",
        "Four is here. Five is here.",
    ]


def test_a_parent_is_found_by_small_chunks() -> None:
    """The chunks of `parent` have a fourth of the size."""
    talk = document("The export stops. " * 40)
    assert 100 < max(len(piece.text) for piece in cut("parent", talk)) <= 200


def test_a_chunk_knows_its_document() -> None:
    """The metadata of the document is on every chunk, with plain values that a filter can compare."""
    talk = document("It fails.", "Press Retry.")
    [piece] = cut("recursive", talk)
    assert piece.id == "zendesk-1:0"
    assert piece.text_hash == hashlib.sha256(talk.text.encode()).hexdigest() == piece.document_hash
    assert (piece.source, piece.product_category, piece.customer_tier) == ("zendesk", "exports", "pro")
    assert (piece.region, piece.language, piece.satisfaction) == ("emea", "en", "good")
    assert (piece.is_outdated, piece.redaction_count, piece.schema_version) == (True, 3, SCHEMA_VERSION)
    assert datetime.fromtimestamp(piece.solved_at, UTC) == talk.solved_at
    assert piece.tokens is None


def test_an_unknown_chunker_is_named() -> None:
    """A chunker that does not exist answers with the closest one."""
    with pytest.raises(ConfigError, match="no chunker 'recursiv'") as error:
        cut("recursiv", document("x"))
    assert error.value.next_step.startswith("use recursive")


def test_what_the_model_does_not_read_is_told() -> None:
    """A chunk over the limit is reported with the tokens behind it, as the model's own tokenizer counts them."""
    counter = TokenCounter(minilm_folder())
    assert counter.limit == 256
    assert counter.count(["", "The export stops", "word " * 300]) == [2, 5, 302]
    talk = document("word " * 300, key="long")
    found = truncated(chunk([document("short"), talk], 800, 100, "document", counter.count), counter.limit)
    [tokens] = counter.count([talk.text.strip()])
    assert [dataclasses.astuple(one) for one in found] == [("long:0", tokens, tokens - 256)]
    assert truncated(chunk([talk], 800, 100, "document"), counter.limit) == []


def test_the_count_is_the_models_own() -> None:
    """As many tokens reach the model as were counted, up to its limit."""
    from sentence_transformers import SentenceTransformer

    counter = TokenCounter(minilm_folder())
    model = SentenceTransformer(str(minilm_folder()), device="cpu")
    texts = ["E-4711 ERR_TIMEOUT_0x80 naïve ÜBER 🌻", "word " * 300]
    read = [model.preprocess([text])["input_ids"].shape[1] for text in texts]
    assert read == [min(number, counter.limit) for number in counter.count(texts)]
    assert model.max_seq_length == counter.limit


def test_a_folder_without_a_tokenizer_is_refused(tmp_path: Path) -> None:
    """Counting with a folder that holds no model is an error that names the missing file."""
    with pytest.raises(ModelError, match=r"tokenizer\.json"):
        TokenCounter(tmp_path).count(["x"])
    with pytest.raises(ModelError, match="how much it reads"):
        assert TokenCounter(tmp_path).limit

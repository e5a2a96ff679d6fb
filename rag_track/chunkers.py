"""Shape: five ways to cut a document, each a function from its text to spans. The stage is in chunk.py.

Each takes the document, the most characters of a span, and the most that two neighbours share. Each returns
spans in order: none blank, none with white space around it, each beginning after the one before. Together they
cover every character that is not white space.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import accumulate, pairwise

from rag_track.documents import Document

SEPARATORS = ["\n\n", "\n", ". ", " ", ""]  # paragraphs, lines, sentences, words, characters
# A sentence ends with its mark and the white space behind it, or with its line; \u3002, \uff01 and \uff1f are
# the marks of Chinese and Japanese. "e.g. " ends one too: a window that is one sentence off costs nothing.
SENTENCE_END = re.compile(r"(?<=[.!?…])\s+|(?<=[\u3002\uff01\uff1f])|\n+")
SMALL = 4  # the chunks of `parent` have a fourth of the size


@dataclass(frozen=True)
class Span:
    """A stretch of a document's text: `text[start:end]`."""

    start: int
    end: int


def recursive(document: Document, size: int, overlap: int) -> list[Span]:
    """Cut at paragraphs where they fit, else at lines, then sentences, then words, then anywhere."""
    return cut(document.text, size, overlap)


def turns(document: Document, size: int, overlap: int) -> list[Span]:
    """Whole speaker turns, put together while they fit; a longer turn is cut by `recursive`."""
    return packed(fitting(document.text, spans(document.text, document.turn_starts), size, overlap), size)


def sentence(document: Document, size: int, overlap: int) -> list[Span]:
    """A window of sentences: as many as fit, and the last of one window begins the next.

    `overlap` is not used: what neighbours share is one sentence, where it leaves room for the next.
    """
    ends = (match.end() for match in SENTENCE_END.finditer(document.text))
    return packed(fitting(document.text, spans(document.text, ends), size, 0), size, shared=1)


def whole(document: Document, size: int, overlap: int) -> list[Span]:
    """The whole document in one span, however long: the bad example. The model reads its beginning only."""
    return spans(document.text, ())


def parent(document: Document, size: int, overlap: int) -> list[Span]:
    """Spans of a fourth of the size: small ones are found better, and the conversation around them is returned."""
    return recursive(document, size // SMALL, overlap // SMALL)


CHUNKERS: dict[str, Callable[[Document, int, int], list[Span]]] = {
    "recursive": recursive,
    "turns": turns,
    "sentence": sentence,
    "document": whole,
    "parent": parent,
}


def spans(text: str, cuts: Iterable[int]) -> list[Span]:
    """The stretches of `text` between neighbouring cuts, without the white space around them and without blank ones.

    >>> spans("one. two ", [5])
    [Span(start=0, end=4), Span(start=5, end=8)]
    """
    found = []
    for start, end in pairwise([0, *cuts, len(text)]):
        piece = text[start:end]
        if stripped := piece.strip():
            start += len(piece) - len(piece.lstrip())
            found.append(Span(start, start + len(stripped)))
    return found


def cut(text: str, size: int, overlap: int) -> list[Span]:
    """Cut with LangChain's splitter, then let each span begin with the end of the one before.

    The splitter neither overlaps nor strips here, so its pieces put together are the text and offsets are sums.
    The start index that it can add is found by search, and wrong where a text repeats itself.
    """
    from langchain_text_splitters import RecursiveCharacterTextSplitter

    splitter = RecursiveCharacterTextSplitter(
        separators=SEPARATORS, keep_separator="end", chunk_size=size, chunk_overlap=0, strip_whitespace=False
    )
    found = spans(text, accumulate(map(len, splitter.split_text(text))))
    return found[:1] + [overlapping(text, *pair, size, overlap) for pair in pairwise(found)]


def overlapping(text: str, before: Span, span: Span, size: int, overlap: int) -> Span:
    """`span`, begun earlier by the last paragraphs, lines, sentences or words of the one before, as many as fit."""
    earliest = max(before.start + 1, span.start - overlap, span.end - size)
    shared = text[earliest : span.start]
    separator = next(separator for separator in SEPARATORS if separator in shared)
    kept = shared[shared.index(separator) + len(separator) :].lstrip()
    return Span(span.start - len(kept), span.end)


def fitting(text: str, units: Iterable[Span], size: int, overlap: int) -> Iterator[Span]:
    """The same spans, but those that are longer than `size` are cut."""
    for unit in units:
        if unit.end - unit.start <= size:
            yield unit
        else:
            for piece in cut(text[unit.start : unit.end], size, overlap):
                yield Span(unit.start + piece.start, unit.start + piece.end)


def packed(units: Iterable[Span], size: int, shared: int = 0) -> list[Span]:
    """Neighbours put together while they fit into `size`; the last `shared` units of one begin the next.

    >>> packed([Span(0, 3), Span(4, 7), Span(8, 11)], size=7, shared=1)
    [Span(start=0, end=7), Span(start=4, end=11)]
    """
    found: list[Span] = []
    held: list[Span] = []
    for unit in units:
        if held and unit.end - held[0].start > size:
            found.append(Span(held[0].start, held[-1].end))
            held = held[len(held) - shared :]
            while held and unit.end - held[0].start > size:
                held.pop(0)
        held.append(unit)
    return [*found, Span(held[0].start, held[-1].end)] if held else found

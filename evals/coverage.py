"""Coverage: how exactly the retrieved chunks hold the characters of the answer, and not only its document.

A document may be hit by a chunk that says nothing of the solution, and a chunk may hold the solution in a page of other
things. Recall is the share of the answer's characters that the chunk holds, precision the share of the chunk that is
answer, IoU their overlap over both together (Smith and Troynikov, Evaluating Chunking Strategies for Retrieval, 2024).
"""

import re
from dataclasses import dataclass

SENTENCE = re.compile(r"\S.*?(?:[.!?](?=\s|$)|$)", re.DOTALL)


@dataclass(frozen=True)
class Coverage:
    """Shares from 0 to 1."""

    recall: float
    precision: float
    iou: float


def answer_characters(document: str, answer: str) -> set[int]:
    """The places in a document where sentences of the answer stand, white space aside; empty when none does.

    >>> sorted(answer_characters("Agent: Press it.  Then\\nwait.", "Press it. Then wait."))[:3]
    [7, 8, 9]
    """
    found: set[int] = set()
    for sentence in SENTENCE.findall(answer):
        pattern = r"\s+".join(re.escape(word) for word in sentence.split())
        for match in re.finditer(pattern, document):
            found |= {place for place in range(*match.span()) if not document[place].isspace()}
    return found


def coverage(document: str, start: int, end: int, answer: set[int]) -> Coverage:
    """How a chunk, `document[start:end]`, covers the places of the answer; white space does not count.

    >>> coverage("one two", 0, 7, {0, 1, 2})
    Coverage(recall=1.0, precision=0.5, iou=0.5)
    """
    held = {place for place in range(start, min(end, len(document))) if not document[place].isspace()}
    both = len(held & answer)
    return Coverage(
        recall=both / len(answer) if answer else 0.0,
        precision=both / len(held) if held else 0.0,
        iou=both / len(held | answer) if held or answer else 0.0,
    )

"""Take a text apart for the search for evidence: sentences, clauses, words, and what must be found exactly."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

END = re.compile(r"(?<=[.!?])\s+|\n+")
CUSTOMER = re.compile(r"^Customer: .*?(?=^(?:Agent|Note): |\Z)", re.DOTALL | re.MULTILINE)
SPEAKER = re.compile(r"^(?:Customer|Agent|Note): ")
NUMBER = re.compile(r"[A-Z]{2,}-\d+|\d[\d,.:/-]*\d|\d")
NUMERALS = {
    name: str(number)
    for number, name in enumerate(
        ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
    )
    if name != "one"  # mostly a pronoun
}
NEGATION = re.compile(
    r"\b(?:not|no|never|none|nothing|nobody|neither|nor|cannot|without|unable|impossible)\b|n't\b", re.IGNORECASE
)
WORD = re.compile(r"[^\W_]+(?:'[a-z]+)?")
NAME = re.compile(r"(?<=[a-z,] )[A-Z][^\W_]+")  # a capital in the middle of a sentence
JOINT = re.compile(r"(\w+) > (?=(\w+))")
CLAUSE = re.compile(r"[;:] |, (?:and|but|so|or|while|whereas) | (?:and|but) ", re.IGNORECASE)
CLAUSE_WORDS = 3  # content words that make a clause worth judging by itself


@dataclass(frozen=True)
class Passage:
    """A sentence of a context, or a clause of a statement, taken apart. `exact` must stand in the evidence as it is."""

    text: str
    words: frozenset[str]
    held: frozenset[str]
    exact: frozenset[str]
    negated: bool


def evidence_in(context: str) -> str:
    """A context without what customers said in it: they describe and ask, and whatever they claim proves nothing.

    >>> evidence_in("Customer: Is it 5 days?\\n\\nAgent: It is 7 days.")
    'Agent: It is 7 days.'
    """
    return CUSTOMER.sub("", context)


def sentences(text: str) -> list[str]:
    """The sentences of a text, in order, without the speaker's name; all apostrophes alike."""
    parts = (SPEAKER.sub("", part).strip() for part in END.split(text.replace("\u2019", "'")))
    return [part for part in parts if part]


@lru_cache(maxsize=100_000)
def clauses(sentence: str) -> tuple[str, ...]:
    """The parts of a sentence that say something by themselves; a part with too few words stays with its neighbour."""
    found: list[str] = []
    for part in CLAUSE.split(sentence):
        if found and (is_short(part) or is_short(found[-1])):
            found[-1] += f" {part}"
        else:
            found.append(part)
    return tuple(found)


def is_short(part: str) -> bool:
    return len(stems(part)) < CLAUSE_WORDS


@lru_cache(maxsize=100_000)
def passage(text: str) -> Passage:
    """A text taken apart."""
    return Passage(text, stems(text), held(text), needed(text), bool(NEGATION.search(text)))


@lru_cache(maxsize=100_000)
def stems(text: str) -> frozenset[str]:
    """English stems of the words that carry meaning; numbers are held exactly and do not count here."""
    found = [word for word in WORD.findall(text.lower()) if word not in stop_words() and not word[0].isdigit()]
    return frozenset(stemmer().stemWords(found))


@lru_cache(maxsize=1)
def stop_words() -> frozenset[str]:
    from bm25s.stopwords import STOPWORDS_EN_PLUS

    return frozenset(STOPWORDS_EN_PLUS)


@lru_cache(maxsize=1)
def stemmer() -> Any:
    from Stemmer import Stemmer

    return Stemmer("english")


def held(text: str) -> frozenset[str]:
    """What a text holds exactly: its words, its numbers and codes, and the joints of its menu paths."""
    return frozenset(WORD.findall(text.lower())) | numbers(text) | joints(text)


def needed(text: str) -> frozenset[str]:
    """What evidence for a text must hold exactly: numbers, codes, joints of menu paths, and names."""
    return numbers(text) | joints(text) | frozenset(name.lower() for name in NAME.findall(text))


def numbers(text: str) -> frozenset[str]:
    """Numbers, versions and codes; a number in words is one, too.

    >>> sorted(numbers("Release 5.4 waits two minutes, then shows ACC-2107."))
    ['2', '5.4', 'ACC-2107']
    """
    words = (NUMERALS.get(word) for word in re.findall(r"[a-z]+", text.lower()))
    return frozenset(NUMBER.findall(text)) | frozenset(word for word in words if word)


def joints(text: str) -> frozenset[str]:
    """The pairs of words around each > of a menu path: where a path ends, no text says.

    >>> sorted(joints("Open Settings > Data > Imports first."))
    ['data > imports', 'settings > data']
    """
    return frozenset(f"{before} > {after}".lower() for before, after in JOINT.findall(text))

"""Serve, in words: a question as plain words, and which of them have been understood.

Twin: rag_track/lexical.py. There shared words make texts alike; here a word is either understood or it is not.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from typing import Generic, TypeVar

T = TypeVar("T")
NUMBERS = {
    word: str(number)
    for number, word in enumerate(["two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"], 2)
}
NUMBERS |= {"eleven": "11", "twelve": "12"}
ARTICLES = frozenset(["a", "an", "the", "our", "your", "their", "its", "my", "his", "her"])
GAP = r"(?: [\w.-]+){0,4}?"
SHORT = {"tix": "ticket", "tkt": "ticket", "pls": "please", "plz": "please", "ppl": "people", "avg": "average"}
SHORT |= {"acct": "account", "cust": "customer", "w": "with", "thx": "thanks", "info": "information"}
PART_OF_YEAR = r"(?:q[1-4]|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*)"
DASH = re.compile(rf"\b({PART_OF_YEAR}(?: \d{{4}})?)\s*[-\u2013\u2014]\s*(?={PART_OF_YEAR}\b)")  # Jan-Mar 2026


@dataclass(frozen=True)
class Found(Generic[T]):
    """What a phrase names, and the letters where it stands."""

    what: T
    phrase: str
    start: int
    end: int


@dataclass
class Words:
    """The words of a question between single spaces, so that ` word ` finds whole ones; `taken` are understood letters.

    >>> words = Words("How many Tickets came in by e-mail?")
    >>> words.text, words.take("ticket came in")
    (' how many ticket came in by email ', True)
    >>> words.left()
    ['how', 'many', 'by', 'email']
    """

    question: str
    text: str = ""
    taken: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.text = self.text or normal(self.question)

    def find(self, phrases: Iterable[tuple[str, T]]) -> list[Found[T]]:
        """What the question names, in its order; a phrase inside or across a longer one does not count."""
        matches = [
            Found(what, phrase, match.start() + 1, match.end())
            for phrase, what in phrases
            for match in pattern(phrase).finditer(self.text)
        ]
        held: list[Found[T]] = []
        for one in sorted(matches, key=lambda found: found.start - found.end):
            others = [f for f in held if one.start < f.end and f.start < one.end]
            if all((f.start, f.end) == (one.start, one.end) for f in others):
                held.append(one)
        for found in held:
            self.taken.update(range(found.start, found.end))
        return sorted(held, key=lambda f: f.start)

    def take(self, expression: str) -> bool:
        """Whether a regular expression over whole words stands in the question; it counts as understood then."""
        found = list(re.finditer(rf"(?<= )(?:{expression})(?= )", self.text))
        for match in found:
            self.taken.update(range(match.start(), match.end()))
        return bool(found)

    def match(self, expression: str, what: T) -> "Found[T] | None":
        """What a regular expression over whole words names."""
        found = re.search(rf"(?<= )(?:{expression})(?= )", self.text)
        if not found:
            return None
        self.taken.update(range(found.start(), found.end()))
        return Found(what, found[0], found.start(), found.end())

    def left(self) -> list[str]:
        """The words of which nothing was understood."""
        return [m[0] for m in re.finditer(r"\S+", self.text) if not self.taken & set(range(m.start(), m.end()))]


@cache
def pattern(phrase: str) -> "re.Pattern[str]":
    """A phrase as an expression: `*` is up to four words, `(one|other)` a choice, `?` behind it none, `+` any ending.

    >>> bool(pattern("how (long|fast) * (repl+|get back)").match(" how long until somebody replied "))
    True
    """
    return re.compile("".join(step(token) for token in re.findall(r"\([^)]*\)\??|\S+", phrase)) + "(?= )")


def step(token: str) -> str:
    """One word, choice or gap of a phrase as an expression that begins with the space before it."""
    if token == "*":
        return GAP
    choice = [word.removesuffix("+") for word in token.strip("()?").split("|")]
    endings = [r"\w*" if word.endswith("+") else "" for word in token.strip("()?").split("|")]
    found = [re.escape(normal(word).strip()) + ending for word, ending in zip(choice, endings, strict=True)]
    return f"(?: (?:{'|'.join(found)}))" + ("?" if token.endswith("?") else "")


def normal(text: str) -> str:
    """Lower case, words only, without articles, nouns in the singular, a space on both ends.

    >>> normal("What's the customers' first-reply time in 2026-03, 10% of TIM-1203?")
    ' what customer first reply time in 2026-03 10 percent of tim-1203 '
    """
    text = text.lower().replace("\u2019", "'").replace("%", " percent ").replace("e-mail", "email")
    text = re.sub(r"(?<=[a-z])'(?:s|d|re|ve|ll)?\b|(?<=\d),(?=\d{3})", "", text)
    text = DASH.sub(r"\1 to ", text)
    text = re.sub(r"(?<=[a-z])-(?=[a-z])", " ", text)
    words = re.findall(r"[^\W_][\w-]*(?:\.\d+)?", text)
    plain = [NUMBERS.get(word) or SHORT.get(singular(word)) or singular(word) for word in words if word not in ARTICLES]
    return f" {' '.join(plain)} "


def singular(word: str) -> str:
    """An English plural without its ending; other words that end so lose it as well, which does no harm.

    >>> [singular(word) for word in ("replies", "tickets", "business", "status", "this")]
    ['reply', 'ticket', 'business', 'status', 'this']
    """
    if len(word) <= 3 or not word.isalpha() or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith(("ches", "shes", "xes")):
        return word[:-2]
    return word[:-3] + "y" if word.endswith("ies") else word.removesuffix("s")

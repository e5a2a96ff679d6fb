"""Clean: take personal data out of a text before it is embedded, stored, sent to a model or logged.

Twin: the ETL track's models/staging, where a column with personal data is hashed or not selected. Text has no such
column. What has a form is found by its pattern and check digits, people by the names that the landing holds.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq

from rag_track.recognizers import NEEDED, is_national, recognizers

KINDS = ("EMAIL", "PHONE", "CARD", "IBAN", "API_KEY", "ADDRESS", "PERSON")  # in a tie the earlier wins
NAME_TABLES = ("zendesk/users", "intercom/contacts", "intercom/admins")
NO_NAMES = frozenset(
    {"admin", "bot", "customer", "desk", "helpdesk", "office", "reception", "service", "support", "team"}
)

WORDS = re.compile(r"\w+(?:['\u2019](?!s\b)\w+)*")  # O'Dowd is one word, and Rosa's is not
# Words after which a part of a known name is a person.
PRESENTS = re.compile(
    r"(?<![<\w])(?:hello|hi|hey|dear|good (?:day|morning|afternoon|evening)|thanks|thank you|sorry|regards|cheers|mr"
    r"|mrs|ms|dr|colleague|my name is|this is|i am|i'm)[., ]{1,2}$",
    re.I,
)


@dataclass(frozen=True)
class Finding:
    """Where personal data stands: offsets in the text that was given, and never the value."""

    kind: str
    start: int
    end: int


@dataclass(frozen=True)
class Redacted:
    """A text with placeholders such as <EMAIL>, and what they stand for, in order."""

    text: str
    findings: tuple[Finding, ...]


class Redactor:
    """Finds personal data and puts typed placeholders in its place.

    `people` are full names, see `people_in`. A full name counts wherever it stands, in any case. A part of one
    counts only where a person is addressed or presented ("Hello Rosa,", "Mr Rossi", alone in a line), because
    many a name is also a word, a month or a town.
    """

    def __init__(self, people: Iterable[str] = ()) -> None:
        self.people = frozenset(people)
        self.recognizers = recognizers()
        self.names: dict[str, list[list[str]]] = {}  # by first word, longest first
        for name in sorted(self.people, key=lambda name: (-len(name), name)):
            if words := words_of(name):
                self.names.setdefault(words[0], []).append(words)
        self.parts = {word for names in self.names.values() for name in names for word in name if len(word) > 1}

    def redact(self, text: str) -> Redacted:
        """The text with every find replaced. Redacting the result once more changes nothing."""
        findings: list[Finding] = []
        rest = text
        while found := merged(self.find(rest)):  # what stood beside a find can have kept another from being one
            findings += found
            for one in found:
                rest = rest[: one.start] + f"<{'X' * (one.end - one.start - 2)}>" + rest[one.end :]
        findings.sort(key=lambda finding: finding.start)
        pieces, at = [], 0
        for finding in findings:
            pieces += [text[at : finding.start], f"<{finding.kind}>"]
            at = finding.end
        return Redacted("".join([*pieces, text[at:]]), tuple(findings))

    def find(self, text: str) -> Iterator[Finding]:
        # The recognizers need no linguistic analysis, so they are called without Presidio's AnalyzerEngine.
        for recognizer in self.recognizers:
            if recognizer.name in NEEDED and not NEEDED[recognizer.name].search(text):
                continue
            for result in recognizer.analyze(text, recognizer.supported_entities):
                written = text[result.start : result.end]
                # phonenumbers takes along a bracket that opens before the number
                start = result.start + (written.startswith("(") and written.count("(") > written.count(")"))
                if recognizer.name != "national" or is_national(text, start, result.end):
                    yield Finding(result.entity_type, start, result.end)
        yield from self.find_people(text)

    def find_people(self, text: str) -> Iterator[Finding]:
        spans = list(WORDS.finditer(text))
        for n, word in enumerate(spans):
            first = folded(word[0])
            for name in self.names.get(first, []):
                last = spans[min(n + len(name), len(spans)) - 1]
                if len(name) > 1 and is_name(text[word.start() : last.end()], name):
                    yield Finding("PERSON", word.start(), last.end())
                    break
            if first in self.parts and is_presented(text, word):
                yield Finding("PERSON", word.start(), word.end())


def words_of(name: str) -> list[str]:
    """The words of a name, to compare: without case, and with one sort of apostrophe."""
    return [folded(word) for word in WORDS.findall(name)]


def folded(word: str) -> str:
    return word.casefold().replace("\u2019", "'")


def is_name(written: str, name: list[str]) -> bool:
    """Whether the words of a name stand there with hardly anything between them."""
    return words_of(written) == name and not re.search(r"[.,;:!?<>()@\d]|\W{5}", written)


def is_presented(text: str, word: re.Match[str]) -> bool:
    """Whether a part of a name is addressed or presented where it stands: by a word, by commas, by its line."""
    if word[0][0].islower():
        return False
    before, after = text[: word.start()][-30:], text[word.end() :][:30]
    if PRESENTS.search(before) or (before.endswith(", ") and after[:1] in tuple(",.:!?")):
        return True
    return not (before.rpartition("\n")[2] + after.partition("\n")[0]).strip(" ,.!>-\u2013")


def merged(findings: Iterable[Finding]) -> list[Finding]:
    """Findings that overlap become one that covers them all, of the longest one's kind."""
    result: list[Finding] = []
    for one in sorted(findings, key=lambda one: (one.start, -one.end, KINDS.index(one.kind))):
        if result and one.start < result[-1].end:
            last = result.pop()
            longer = max(last, one, key=lambda f: (f.end - f.start, -KINDS.index(f.kind)))
            one = Finding(longer.kind, last.start, max(last.end, one.end))
        result.append(one)
    return result


def people_in(landing: Path) -> frozenset[str]:
    """The names of everybody who takes part: users, contacts and agents. A bot, a team or an address is no name."""
    found: set[str] = set()
    for table in NAME_TABLES:
        if (landing / table).exists():
            found |= set(pq.read_table(landing / table, columns=["name"])["name"].to_pylist()) - {None}
    return frozenset(name for name in found if "@" not in name and not NO_NAMES & set(words_of(name)))

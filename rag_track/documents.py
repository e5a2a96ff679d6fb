"""Clean: conversations become documents, without boilerplate and without personal data.

Twin: the ETL track's models/staging. There the text was thrown away and the columns kept; here it is the other way
round. Boilerplate goes because it makes all mails alike; personal data goes because everything after this stage is
stored, searched, shown or sent to a model.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from itertools import accumulate
from pathlib import Path
from typing import Literal

from rag_track.boilerplate import Stripped, strip_boilerplate
from rag_track.conversation import Conversation, Satisfaction
from rag_track.intercom import intercom_conversations
from rag_track.knowledge import why_not
from rag_track.redact import Redactor
from rag_track.zendesk import zendesk_conversations

LONGEST_TURN = 5_000  # characters kept of one message; what is longer is a pasted log, not a solution


@dataclass(frozen=True)
class Turn:
    """What one person said. A bot says nothing worth keeping."""

    speaker: Literal["Customer", "Agent", "Note"]
    text: str


@dataclass(frozen=True)
class Document:
    """One conversation as text in speaker turns, cleaned and redacted. `text` is the subject and the turns."""

    ticket_key: str
    source: str
    subject: str
    turns: tuple[Turn, ...]
    product_category: str
    customer_tier: str
    region: str
    language: str
    created_at: datetime
    solved_at: datetime | None
    satisfaction: Satisfaction
    why_not: str | None = None  # why it is no knowledge; None when it is
    is_outdated: bool = False  # a release made its answer wrong, see validity.py
    redactions: Counter[str] = field(default_factory=Counter)  # by kind
    removed: Counter[str] = field(default_factory=Counter)  # boilerplate by kind
    messages_cut: int = 0

    @cached_property
    def text(self) -> str:
        """Subject and speaker turns, a blank line between them."""
        return "\n\n".join(self.parts)

    @property
    def parts(self) -> list[str]:
        """The subject, if there is one, and the turns with their labels."""
        return [*([self.subject] if self.subject else []), *(f"{turn.speaker}: {turn.text}" for turn in self.turns)]

    @property
    def turn_starts(self) -> tuple[int, ...]:
        """Where in `text` each turn begins, its label included."""
        starts = list(accumulate((len(part) + 2 for part in self.parts), initial=0))
        return tuple(starts[len(self.parts) - len(self.turns) : -1])

    @cached_property
    def hash(self) -> str:
        """What tells one text from another: SHA-256."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    @property
    def redaction_count(self) -> int:
        return sum(self.redactions.values())

    @property
    def question(self) -> str:
        """What the customer asked first."""
        return next((turn.text for turn in self.turns if turn.speaker == "Customer"), self.text)

    @property
    def answers(self) -> str:
        """All that agents said to the customer."""
        return "\n\n".join(turn.text for turn in self.turns if turn.speaker == "Agent")


def conversations(landing: Path) -> list[Conversation]:
    """Every conversation of both help desks, in order of their keys. What was not landed is not there."""
    found = [*zendesk_conversations(landing), *intercom_conversations(landing)]
    return sorted(found, key=lambda conversation: conversation.ticket_key)


def documents(
    found: Iterable[Conversation], redactor: Redactor, use_notes: bool = False, keep_boilerplate: bool = False
) -> list[Document]:
    """A document for each conversation, knowledge or not. Boilerplate is kept only to measure what it does.

    Notes are left out unless `use_notes`: agents write them for each other, they may hold what a customer must not
    read, and a draft that rests on them would carry it out.
    """
    return [document(conversation, redactor, use_notes, keep_boilerplate) for conversation in found]


def document(
    conversation: Conversation, redactor: Redactor, use_notes: bool = False, keep_boilerplate: bool = False
) -> Document:
    """One conversation, cleaned and redacted message by message."""
    redactions, removed, cut = Counter[str](), Counter[str](), 0
    turns = []
    for message in conversation.messages:
        if message.speaker == "Bot" or (message.speaker == "Note" and not use_notes):
            continue
        # A little more than is kept, so that the cut cannot leave half a number that was not recognized.
        raw = message.text[: LONGEST_TURN + 500]
        stripped = Stripped(raw, {}) if keep_boilerplate else strip_boilerplate(raw, redactor.people)
        removed.update(stripped.removed)
        redacted = redactor.redact(stripped.text)
        redactions.update(finding.kind for finding in redacted.findings)
        cut += len(message.text) > LONGEST_TURN
        if redacted.text:
            turns.append(Turn(message.speaker, redacted.text[:LONGEST_TURN]))
    subject = redactor.redact(conversation.subject)
    redactions.update(finding.kind for finding in subject.findings)
    return Document(
        ticket_key=conversation.ticket_key,
        source=conversation.source,
        subject=subject.text,
        turns=tuple(turns),
        product_category=conversation.product_category,
        customer_tier=conversation.customer_tier,
        region=conversation.region,
        language=conversation.language,
        created_at=conversation.created_at,
        solved_at=conversation.solved_at,
        satisfaction=conversation.satisfaction,
        why_not=why_not(conversation),
        redactions=redactions,
        removed=removed,
        messages_cut=cut,
    )

"""Learn, step one: an edited answer is new knowledge, checked by whoever sent it to a customer.

Twin: the ETL track's stg_lab__draft_feedback, where the same rows are counted.
"""

from collections.abc import Iterable

from lab.settings import Settings
from rag_track.documents import Document, Turn
from rag_track.learn.versions import Version
from rag_track.service.requests import Edited
from rag_track.service.store import Given, Store


def verified_documents(settings: Settings, version: Version) -> list[Document]:
    """The edits that a version has as knowledge, in the order in which they came."""
    if not version.edits:
        return []
    return [verified_document(edit) for edit in edits_of(Store(settings.feedback).given(), version)]


def edits_of(given: Iterable[Given], version: Version) -> list[Given]:
    """Those of the feedback that are knowledge in a version."""
    edits = set(version.edits)
    return [one for one in given if one.id in edits]


def verified_document(given: Given) -> Document:
    """What the customer asked and what the agent sent. Both were redacted before they were stored.

    Raises TypeError for feedback that is no edit.
    """
    if not isinstance(given.feedback, Edited):
        raise TypeError(f"{given.id} is no edit")
    draft = given.draft
    filters = draft.filters
    return Document(
        ticket_key=draft.ticket_id or f"draft-{draft.id}",
        source="feedback",
        subject="",
        turns=(Turn("Customer", draft.question), Turn("Agent", given.feedback.text)),
        product_category=filters.product_category or "unknown",
        customer_tier=filters.customer_tier or "unknown",
        region=filters.region or "unknown",
        language=filters.language or "en",
        created_at=given.at,
        solved_at=given.at,
        satisfaction="none",
    )

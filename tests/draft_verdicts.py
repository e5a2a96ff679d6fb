"""Some dozens of drafts and what agents made of them, as different as they come, in a lab's own store."""

import json
from datetime import datetime, timedelta

from service_labs import served_draft

from lab.settings import Settings
from rag_track.service.requests import Accepted, Edited, Feedback, GivenFilters, Rejected
from rag_track.service.responses import ServedDraft, StoredFeedback
from rag_track.service.store import Store, digest

MARK = "[zendesk-400001, intercom-2150]"
TEXTS = (
    f"Press [Retry]. {MARK} Then wait an hour. [zendesk-400001]",
    f"Drücken Sie auf „Erneut“ 🌻. {MARK}",
    f"اضغط على إعادة المحاولة. {MARK}\n\nשבת",
    "Open Settings > Export, set the limit to 50,000 rows and start it again. [intercom-2150]",
)
VERDICTS = ("accepted", "edited", "rejected")
REPLIES = (
    "Press [Retry]. Then wait a day.",
    "Drucken Sie auf „Erneut“ 🌼, bitte.",
    f"Something else altogether {MARK}",
    "Since release 5.4 you need not set a limit: start the export again, and tell us if rows are missing. [zendesk-1]",
)


def give_verdicts(settings: Settings) -> int:
    """Fill the store of a company that was made; return how many pieces of feedback it has then."""
    store = Store(settings.feedback)
    lines = (settings.source / "truth" / "tickets.jsonl").read_text(encoding="utf-8").splitlines()
    tickets = [json.loads(line) for line in lines]
    for place in range(48):
        kind, verdict = place % 4, VERDICTS[place // 4 % 3]
        ticket = tickets[place * len(tickets) // 48]
        came = datetime.fromisoformat(ticket["created_at"])
        draft = draft_of(place, ticket["ticket_key"] if place % 5 else None, TEXTS[kind], place % 13 == 12)
        store.add_draft(draft, came + timedelta(minutes=1))
        give(store, draft, verdict, came + timedelta(minutes=1 + 7 * place), place)
        if place % 6 == 0:  # somebody thinks again
            give(store, draft, VERDICTS[(place // 6 + 1) % 3], came + timedelta(days=1 + place), place + 1)
    # Of a ticket that nobody knows, drafted by a clock that is ahead; of two in a second the later one counts, and
    # what was given before is not news because it comes late.
    strange = draft_of(999, "T-1", TEXTS[0], False)
    store.add_draft(strange, datetime.fromisoformat("2026-04-02T00:00:00Z"))
    for verdict, day in (("accepted", 1), ("edited", 1), ("rejected", 0)):
        give(store, strange, verdict, datetime.fromisoformat("2026-03-31T09:00:00Z") + timedelta(days=day), 0)
    return len(store.given())


def draft_of(place: int, ticket_id: str | None, text: str, declined: bool) -> ServedDraft:
    """A draft with citations and, every second time, filters."""
    filters = GivenFilters()
    if place % 2:
        product = ("exports", "billing")[place % 4 // 2]
        filters = GivenFilters(product_category=product, customer_tier="pro", source="zendesk", region="emea")
    changes = {"ticket_id": ticket_id, "text": text, "declined": declined, "filters": filters, "model": "offline"}
    return served_draft(digest(place)).model_copy(update=changes | {"citations": ["zendesk-400001", "intercom-2150"]})


def give(store: Store, draft: ServedDraft, verdict: str, at: datetime, place: int) -> None:
    """Store feedback as the service does."""
    agent, kept, dropped = f"agent-{place % 3}", draft.citations[: place % 3], draft.citations[place % 3 :]
    feedback: Feedback
    if verdict == "accepted":
        feedback = Accepted(verdict="accepted", agent_id=agent, citations_kept=draft.citations)
    elif verdict == "edited":
        judged = {"citations_kept": kept, "citations_dropped": dropped}
        feedback = Edited(verdict="edited", agent_id=agent, text=REPLIES[place % 4], **judged)
    else:
        feedback = Rejected(verdict="rejected", agent_id=agent, reason="no use", citations_dropped=draft.citations)
    feedback_id = digest(draft.id, feedback.model_dump(mode="json"))
    store.add_feedback(StoredFeedback(id=feedback_id, draft_id=draft.id, feedback=feedback), at)

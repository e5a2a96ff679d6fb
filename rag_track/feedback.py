"""Learn: what a human agent made of a draft, checked, redacted, and kept beside it.

Twin: the ETL track's snapshots. Both keep what would otherwise be overwritten: there an old state, here a judgement.
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from lab.console import say
from lab.errors import ConfigError, closest
from lab.report import read_report
from lab.settings import Settings
from rag_track.draft import Draft, named, without_citations
from rag_track.filters import Filters
from rag_track.redact import Redactor, people_in
from rag_track.service.requests import Accepted, Edited, Feedback, Rejected
from rag_track.service.responses import ServedDraft, StoredFeedback
from rag_track.service.store import Store, digest


def desk_time(settings: Settings) -> datetime | None:
    """The time at the sample company, where its numbers stand; None, which is now, on somebody's own data."""
    manifest = settings.landing / "manifest.json"
    if settings.is_own or not manifest.exists():
        return None
    return datetime.fromisoformat(read_report(manifest, make="landing")["clock"])


def keep_draft(
    settings: Settings, draft: Draft, filters: Filters, ticket_id: str | None = None, at: datetime | None = None
) -> ServedDraft:
    """Store a draft, made `at` or now, so that feedback can name it.

    The same question, filters and answer are one draft.
    """
    kept = ServedDraft.of(draft, digest(ticket_id, draft.question, str(filters), draft.text), ticket_id, filters)
    Store(settings.feedback).add_draft(kept, at)
    return kept


def take(
    store: Store, redactor: Redactor, draft: ServedDraft, feedback: Feedback, at: datetime | None = None
) -> StoredFeedback:
    """Store feedback on a draft, redacted; the same again is stored once. `at` is when it was given, now by default.

    Raises ConfigError for a citation that the draft does not have, or that is judged twice.
    """
    judged = [*feedback.citations_kept, *feedback.citations_dropped]
    for ticket in judged:
        if ticket not in draft.citations or judged.count(ticket) > 1:
            what = "is judged twice" if ticket in draft.citations else "is none of the draft's citations"
            cited = ", ".join(draft.citations) or "none: the draft has no citations"
            raise ConfigError(f"The ticket {ticket!r} {what}.", next_step=f"name each once, of: {cited}")
    if isinstance(feedback, Edited):
        feedback = feedback.model_copy(update={"text": redactor.redact(feedback.text).text})
    if isinstance(feedback, Rejected):
        feedback = feedback.model_copy(update={"reason": redactor.redact(feedback.reason).text})
    feedback_id = digest(draft.id, feedback.model_dump(mode="json"))
    stored = StoredFeedback(id=feedback_id, draft_id=draft.id, feedback=feedback)
    store.add_feedback(stored, at)
    return stored


@dataclass(frozen=True)
class Judged:
    """What somebody types about a draft: the reply as it was sent, or why it is of no use; neither accepts it."""

    agent: str
    file: Path | None = None
    rejected: str = ""


def give(settings: Settings, draft_id: str, judged: Judged) -> StoredFeedback:
    """Store what an agent made of a stored draft. Raises ConfigError for an unknown draft or an empty reply."""
    store = Store(settings.feedback)
    draft = store.draft(draft_id)
    if draft is None:
        known = sorted(store.draft_ids())
        next_step = f"use {closest(draft_id, known)}" if known else 'make ask Q="..." first, which makes a draft'
        raise ConfigError(f"There is no draft {draft_id!r}.", next_step=next_step)
    if judged.rejected:
        feedback: Feedback = Rejected(
            verdict="rejected", agent_id=judged.agent, reason=judged.rejected, citations_dropped=draft.citations
        )
    elif judged.file:
        feedback = edited(draft, read_reply(judged.file), judged.agent)
    else:
        feedback = Accepted(verdict="accepted", agent_id=judged.agent, citations_kept=draft.citations)
    stored = take(store, Redactor(people_in(settings.landing)), draft, feedback, desk_time(settings))
    kept, dropped = len(stored.feedback.citations_kept), len(stored.feedback.citations_dropped)
    say(f"[bold]feedback[/]  {feedback.verdict}, {kept} citations kept, {dropped} dropped; stored as {stored.id}")
    return stored


def read_reply(file: Path) -> str:
    """The reply in a file. Raises ConfigError when it cannot be read or is empty."""
    try:
        text = file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file} cannot be read: {error}.", next_step="name a text file with the reply") from None
    if not text:
        raise ConfigError(f"{file} is empty.", next_step='make feedback DRAFT=... REJECT="why"')
    return text


def edited(draft: ServedDraft, reply: str, agent: str) -> Feedback:
    """A reply as it was sent, with the citations that still stand in it; unchanged, it accepts the draft.

    An agent who deletes the marks of all citations has judged none of them.
    """
    cited = set(named(reply))
    kept = [ticket for ticket in draft.citations if ticket in cited]
    dropped = [ticket for ticket in draft.citations if ticket not in cited] if cited else []
    text = without_citations(reply)
    if text.split() == without_citations(draft.text).split():
        return Accepted(verdict="accepted", agent_id=agent, citations_kept=kept, citations_dropped=dropped)
    return Edited(verdict="edited", agent_id=agent, text=text, citations_kept=kept, citations_dropped=dropped)

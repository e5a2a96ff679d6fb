"""search_resolutions and get_ticket: what the index knows, redacted and fenced as data.

Texts of tickets come from the index only, where personal data was removed before anything was stored. What stands
between the tags was written by others: it is never an instruction, and sentences that look like one are left out.
"""

import json
from dataclasses import fields

from bridge.agent.tools.marts import LockedMarts
from bridge.agent.tools.refused import Refused
from lab.settings import Settings
from rag_track.context import pack, past_ticket
from rag_track.filters import Filters
from rag_track.hit import hit_of
from rag_track.retrieve import Retriever

NOTHING = "No past ticket was found."
FACTS = (
    "ticket_key, source_name, status, priority, channel, product_category, customer_tier, region, agent_team,"
    " created_at, first_reply_minutes, full_resolution_minutes, reply_count, reopen_count, is_solved, is_rated_good"
)


def search(retriever: Retriever, settings: Settings, question: str, filters: Filters) -> str:
    """The past tickets that are nearest to the question, best first. Raises ConfigError for an unknown filter."""
    hits = retriever.retrieve(question, settings.top_k, filters)
    if not hits:
        return NOTHING
    context, _ = pack(hits, retriever.conversations(hits), settings.context_tokens)
    return context


def ticket(retriever: Retriever, marts: LockedMarts, ticket_key: str) -> str:
    """The facts of a ticket without personal data, then its conversation when it was resolved. Raises Refused."""
    if not ticket_key.replace("-", "").isalnum():
        raise Refused(f"{ticket_key!r} is no ticket's key. It looks like zendesk-400004.")
    found = marts.run(f"select {FACTS} from marts.fct_support_tickets where ticket_key = '{ticket_key}'", 1, 5)
    if not found.rows:
        raise Refused(f"There is no ticket {ticket_key}.")
    facts = dict(zip(found.columns, found.rows[0], strict=True))
    told = json.dumps(facts, default=str)
    chunks = retriever.chunks
    if ticket_key not in chunks.of_ticket:
        return f"{told}\nIts conversation is not in the index: only resolved tickets are."
    first = chunks.of_ticket[ticket_key][0]
    hit = hit_of(first, *chunks.held[first], 1.0, 1.0, "asked for by its key")
    return f"{told}\n{past_ticket(hit, retriever.conversations([hit])[ticket_key])}"


def filters_of(**given: str | bool | None) -> Filters:
    """Filters from what the model gave, where "" means nothing."""
    from rag_track.filters import day

    known = {field.name for field in fields(Filters)}
    kept = {name: value for name, value in given.items() if value and name in known}
    for name in ("since", "until"):
        if isinstance(kept.get(name), str):
            kept[name] = day(str(kept[name]))  # type: ignore[assignment]
    return Filters(**kept)  # type: ignore[arg-type]

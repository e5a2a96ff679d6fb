"""Serve: what the model gets to read, packed into a budget of tokens."""

from datetime import UTC, datetime

from rag_track.hit import Hit
from rag_track.injection import as_data
from rag_track.llm.cost import estimated_tokens

CHARACTERS = 4  # of a token, on average; see estimated_tokens
PROBLEM = 0.3  # share of a shortened conversation that its beginning gets; the solution stands at the end
GAP = "\n[…]\n"


def pack(hits: list[Hit], conversations: dict[str, str], budget: int) -> tuple[str, list[Hit]]:
    """The past tickets as the prompt holds them, and those of the hits that found room, best first.

    `budget` is in tokens, by estimate. Each ticket gets an equal share, and what others do not need; a longer
    conversation loses its middle.
    """
    left = budget
    blocks: list[str] = []
    for place, hit in enumerate(hits):
        share = left // (len(hits) - place)
        block = past_ticket(hit, shortened(conversations[hit.ticket_key], share * CHARACTERS))
        if estimated_tokens(block) > left:
            break
        left -= estimated_tokens(block)
        blocks.append(block)
    return "\n\n".join(blocks), hits[: len(blocks)]


def past_ticket(hit: Hit, conversation: str) -> str:
    """One past ticket between its tags."""
    solved = datetime.fromtimestamp(hit.solved_at, UTC).date()
    outdated = ' outdated="true"' if hit.is_outdated else ""
    head = f'<past_ticket id="{hit.ticket_key}" similarity="{max(hit.similarity, 0):.2f}" solved="{solved}"{outdated}>'
    return f"{head}\n{as_data(conversation)}\n</past_ticket>"


def shortened(conversation: str, characters: int) -> str:
    """A conversation in so many characters: its beginning and its end, the problem and the solution.

    >>> shortened("Customer: It fails.\\n\\nAgent: Which one?\\n\\nAgent: Update it.", 45)
    'Customer: It\\n[…]\\nhich one?\\n\\nAgent: Update it.'
    """
    room = characters - 60 if characters > 200 else characters  # for the tags
    if len(conversation) <= room:
        return conversation
    room = max(room - len(GAP), 2)
    beginning = int(room * PROBLEM)
    return conversation[:beginning] + GAP + conversation[len(conversation) - (room - beginning) :]

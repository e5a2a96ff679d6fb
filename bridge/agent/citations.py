"""Citations: what an answer says that a ticket says, the ticket says. Held for every model, as for drafts.

Sentences with a citation go through the guard of the RAG track, against the tickets that the tools gave back for this
question. A sentence that names a ticket nobody read, or that its agents did not say, is left out and counted.
"""

import re
from collections.abc import Sequence

from langchain_core.messages import AnyMessage, ToolMessage

from rag_track.draft import named
from rag_track.guard import DraftedReply, DraftedSentence, Embed, guard
from rag_track.offline_model import PAST
from rag_track.redact import Redactor

CITED = re.compile(
    r"(?P<text>[^\[\]\n]+?)\s*(?P<keys>(?:\[(?:zendesk|intercom)-\d+(?:,\s*(?:zendesk|intercom)-\d+)*\])+)"
)
LEFT_OUT = "({} left out: the tickets do not say so.)"


def supported(text: str, question: str, turn: Sequence[AnyMessage], redactor: Redactor, embed: Embed) -> str:
    """The answer without cited sentences that their tickets do not support."""
    read = {match[0]: match[3] for one in turn if isinstance(one, ToolMessage) for match in PAST.findall(one.text)}
    removed = 0

    def checked(match: re.Match[str]) -> str:
        nonlocal removed
        before, said = leading(match["text"])
        sentence = DraftedSentence(text=said, tickets=list(named(match["keys"])))
        kept, _ = guard(
            DraftedReply(sentences=[sentence], confidence=1, needs_human=False, reason=""),
            read,
            question,
            redactor,
            embed,
        )
        if kept:
            return f"{before}{said} {''.join(f'[{key}]' for key in kept[0].tickets)}"
        removed += 1
        return before

    answer = CITED.sub(checked, text)
    note = LEFT_OUT.format("1 sentence was" if removed == 1 else f"{removed} sentences were") if removed else ""
    return "\n".join(part for part in (re.sub(r" {2,}", " ", answer).strip(), note) if part)


def leading(text: str) -> tuple[str, str]:
    """White space before a sentence, and the sentence.

    >>> leading(" Press Save.")
    (' ', 'Press Save.')
    """
    said = text.lstrip()
    return text[: len(text) - len(said)], said

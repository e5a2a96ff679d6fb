"""Conversations: what was asked and answered before, in a SQLite file, so that a follow-up is understood.

Kept is the newest state of each conversation, redacted as it was asked. Nobody's ticket is in it but by its key.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from langchain_core.messages import AIMessage, AnyMessage, HumanMessage, RemoveMessage, ToolMessage
from langgraph.checkpoint.sqlite import SqliteSaver

PATIENCE = 30  # seconds to wait while another process writes
TABLES = ("checkpoints", "writes")


class Memory(SqliteSaver):
    """LangGraph's checkpoints, of which only the newest of a conversation stays."""

    def keep_newest(self, conversation: str) -> None:
        """Delete the older states of a conversation: each holds all that the ones before it held."""
        with self.cursor() as cursor:
            newest = "select max(checkpoint_id) from checkpoints where thread_id = ?"
            for table in TABLES:
                older = f"delete from {table} where thread_id = ? and checkpoint_id < ({newest})"
                cursor.execute(older, (conversation, conversation))


@contextmanager
def open_memory(file: Path) -> Iterator[Memory]:
    """The conversations in `file`."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(file, check_same_thread=False, timeout=PATIENCE)) as connection:
        yield Memory(connection)


def without_calls(messages: Sequence[AnyMessage]) -> list[RemoveMessage]:
    """What removes the tool calls of earlier questions and their results: what was asked and answered stays."""
    calls = (m for m in messages if isinstance(m, ToolMessage) or (isinstance(m, AIMessage) and m.tool_calls))
    return [RemoveMessage(id=str(message.id)) for message in calls]


def since_question(messages: Sequence[AnyMessage]) -> list[AnyMessage]:
    """The messages from the last question on."""
    last = max(place for place, one in enumerate(messages) if isinstance(one, HumanMessage))
    return list(messages[last:])

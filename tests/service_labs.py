"""What the tests of the service share: a lab of their own, and somebody who asks it."""

import shutil
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from starlette.testclient import TestClient

from lab.settings import Settings
from rag_track.service.desk import Desk
from rag_track.service.responses import ServedDraft
from rag_track.service.serve import create_app

QUESTION = "The CSV export stops at 10,000 rows, how do we get the rest?"
HERE = "http://127.0.0.1"


def lab_at(home: Path, indexed: Settings) -> Settings:
    """A lab of its own with a copy of the index: what a test does to it stays there."""
    shutil.copytree(indexed.landing, home / "landing")
    shutil.copytree(indexed.index, home / "index")
    return indexed.model_copy(update={"home": home})


def client_of(desk: Desk) -> TestClient:
    """A client on this machine."""
    return TestClient(create_app(desk), base_url=HERE)


def rows(desk: Desk, table: str) -> list[tuple[Any, ...]]:
    with desk.store.opened() as connection:
        return connection.execute(f"select * from {table} order by sequence").fetchall()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def served_draft(draft_id: str) -> ServedDraft:
    empty: dict[str, Any] = {"sentences": [], "removed": [], "citations": [], "hits": [], "milliseconds": {}}
    numbers = {"confidence": 0.5, "input_tokens": 1, "output_tokens": 1, "usd": 0.0}
    words = {"ticket_id": None, "question": "q", "text": "t", "why_human": "", "model": "m"}
    flags = {"needs_human": False, "declined": False}
    return ServedDraft.model_validate({"id": draft_id, **flags, **empty, **numbers, **words})


def wait_until(done: Callable[[], bool]) -> None:
    """Wait for something that happens soon, and fail when it does not."""
    give_up = time.monotonic() + 30
    while not done():
        assert time.monotonic() < give_up
        time.sleep(0.1)

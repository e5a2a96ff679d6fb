"""The store: what it acknowledged is there, whoever writes beside it and whatever ends the process."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from service_labs import served_draft

from rag_track.service.store import Store


def test_fifty_writers_lose_nothing(tmp_path: Path) -> None:
    """Fifty threads write at once, each draft twice: every draft is there, once."""
    store = Store(tmp_path / "feedback" / "service.sqlite")
    ids = [f"{n:016x}" for n in range(100)] * 2
    with ThreadPoolExecutor(50) as pool:
        added = list(pool.map(lambda draft_id: store.add_draft(served_draft(draft_id)), ids))
    assert sum(added) == 100
    assert store.draft_ids() == set(ids)
    assert store.draft(ids[7]) == served_draft(ids[7])


WRITER = """
import sys
from pathlib import Path
from rag_track.service.responses import ServedDraft
from rag_track.service.store import Store
store, draft = Store(Path(sys.argv[1])), ServedDraft.model_validate_json(sys.argv[2])
for n in range(100_000):
    store.add_draft(draft.model_copy(update={"id": f"{n:016x}"}))
    print(f"{n:016x}", flush=True)
"""


def test_a_killed_writer_loses_nothing_it_acknowledged(tmp_path: Path) -> None:
    """A process is killed while it writes: each draft it had acknowledged is there, and the file can be written."""
    file = tmp_path / "service.sqlite"
    command = [sys.executable, "-c", WRITER, str(file), served_draft("0" * 16).model_dump_json()]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        acknowledged = [process.stdout.readline().strip() for _ in range(20)]
        process.kill()
        acknowledged += process.stdout.read().split("\n")[:-1]
    store = Store(file)
    assert len(acknowledged) >= 20
    assert set(acknowledged) <= store.draft_ids()
    assert store.add_draft(served_draft("f" * 16))

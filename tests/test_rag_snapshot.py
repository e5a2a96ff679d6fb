"""The index changes while it is served: each reader keeps the one it began with, and the newest is taken soon."""

import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from service_labs import QUESTION, client_of, lab_at, wait_until

from lab.settings import Settings
from rag_track.service.desk import Desk, Limits


def test_an_index_is_taken_when_it_appears(indexed: Settings, tmp_path: Path) -> None:
    """Without an index the answer is 503 with the next step; soon after one is there, drafts are made."""
    lab = lab_at(tmp_path / "out", indexed)
    lab.index.rename(tmp_path / "later")
    with Desk(lab) as desk:
        client = client_of(desk)
        assert client.get("/healthz").status_code == 503
        answer = client.post("/drafts", json={"question": QUESTION})
        assert (answer.status_code, answer.json()["next_step"]) == (503, "make rag")
        (tmp_path / "later").rename(lab.index)
        wait_until(lambda: client.get("/healthz").status_code == 200)
        assert client.post("/drafts", json={"question": QUESTION}).status_code == 201


SWAP = """
import sys
from pathlib import Path
from lab.settings import read_settings
from rag_track.index import COLLECTION, building, folder, open_client
settings = read_settings(home=Path(sys.argv[1]))
made_with = open_client(settings, folder(settings)).get_collection(COLLECTION, embedding_function=None).metadata
with building(settings, made_with, False) as collection:
    collection.delete(where={"ticket_key": sys.argv[2]})
"""


def test_a_new_index_is_served_without_a_failure(indexed: Settings, tmp_path: Path) -> None:
    """Builds of other processes replace the index again and again: no request fails, soon the newest is served."""
    lab = lab_at(tmp_path / "out", indexed)
    with Desk(lab, Limits(burst=10_000, waiting=100)) as desk, ThreadPoolExecutor(4) as pool:
        client = client_of(desk)
        found = client.get("/search", params={"q": QUESTION, "k": 3}).json()["hits"]
        stop, statuses = threading.Event(), set[int]()

        def ask(number: int) -> None:
            while not stop.is_set():
                statuses.add(client.post("/drafts", json={"question": f"{QUESTION} {time.monotonic()}"}).status_code)
                statuses.add(client.get("/search", params={"q": f"export {number}"}).status_code)

        clients = [pool.submit(ask, number) for number in range(3)]
        for hit in found:
            subprocess.run([sys.executable, "-c", SWAP, str(lab.home), hit["ticket"]], check=True)
        gone = {hit["ticket"] for hit in found}
        search: dict[str, str | int] = {"q": QUESTION, "k": 10}
        wait_until(lambda: not gone & {hit["ticket"] for hit in client.get("/search", params=search).json()["hits"]})
        stop.set()
        for one in clients:
            one.result()
        assert statuses == {200, 201}
    assert list((lab.home / "serving").iterdir()) == []

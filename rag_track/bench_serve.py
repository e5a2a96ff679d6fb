"""Measure the service under load: fifty clients at once, and whether every draft that was answered was also stored.

Twin: etl_track/bench.py. Machines differ and are shared: what must hold everywhere are the counts, not the seconds.
"""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from lab.errors import StageFailed
from lab.settings import Settings
from rag_track.documents import conversations
from rag_track.draft import LONGEST_QUESTION
from rag_track.service.store import Store

START = (
    "from lab.quiet import be_quiet; from lab.settings import read_settings; from rag_track.service.serve import serve;"
    " be_quiet(); serve(read_settings(home={home!r}, tickets={tickets}), '127.0.0.1', {port}, '')"
)
LONGEST_START = 120  # seconds until the service must answer
LONGEST_WAIT = 60.0  # seconds that a client waits for an answer
LONGEST_PAUSE = 5.0  # seconds that a client pauses at most when it is asked to come later


@dataclass
class Load:
    """What the clients saw: the ids that were acknowledged, seconds for each, and all other answers by status."""

    acknowledged: set[str] = field(default_factory=set)
    seconds: list[float] = field(default_factory=list)
    statuses: Counter[str] = field(default_factory=Counter)


def bench_serve(settings: Settings, seconds: float = 60, clients: int = 50, port: int = 8801) -> dict[str, Any]:
    """Run the load and return a line of bench.json: times in seconds, latencies (p50, p95) in milliseconds.

    `rows` are drafts. `errors` counts every answer but a draft and a deliberate 429; `lost` the drafts that were
    acknowledged and are not in the store. Raises StageFailed when the service does not start or stop well.
    """
    store = Store(settings.feedback)
    before = store.draft_ids()
    said = [c.messages[0].text for c in conversations(settings.landing) if c.messages]
    texts = [text for text in said if text.strip() and len(text) <= LONGEST_QUESTION]  # 2 MB of pasted log are refused
    with running(settings, port) as (url, process):
        started = time.perf_counter()
        load = asyncio.run(run_clients(url, texts, seconds, clients))
        took = time.perf_counter() - started
        process.send_signal(signal.SIGTERM)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise StageFailed(f"The service ended with {process.returncode}.", next_step="python -m rag_track serve")
    drafts, latencies = len(load.acknowledged), sorted(load.seconds)
    busy = load.statuses.pop("429", 0)
    return {
        "stage": "rag serve",
        "size": settings.tickets,
        "seconds": round(took, 3),
        "rows": drafts,
        "per_second": round(drafts / took, 1),
        "load": round(os.getloadavg()[0], 1),
        "peak_mb": used.ru_maxrss // (1024 * 1024 if sys.platform == "darwin" else 1024),
        "clients": clients,
        "requests": drafts + busy + load.statuses.total(),
        "busy": busy,
        "errors": load.statuses.total(),
        "statuses": dict(load.statuses),
        "p50_ms": round(percentile(latencies, 0.5) * 1000),
        "p95_ms": round(percentile(latencies, 0.95) * 1000),
        "stored": len(store.draft_ids() - before),
        "lost": len(load.acknowledged - store.draft_ids()),
    }


@contextmanager
def running(settings: Settings, port: int) -> Iterator[tuple[str, "subprocess.Popen[bytes]"]]:
    """The service as a process of its own, ready to answer; it is killed at the end if it still runs."""
    said = settings.logs / "serve.log"
    said.parent.mkdir(parents=True, exist_ok=True)
    code = START.format(home=str(settings.home), tickets=settings.tickets, port=port)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LAB_")}
    with said.open("wb") as output:
        process = subprocess.Popen([sys.executable, "-c", code], stdout=output, stderr=output, env=environment)
    url = f"http://127.0.0.1:{port}"
    try:
        wait_for(url, process, said)
        yield url, process
    finally:
        if process.returncode is None and process.poll() is None:
            process.kill()
            process.wait()


def wait_for(url: str, process: "subprocess.Popen[bytes]", said: Path) -> None:
    """Return when the service has an index. Raises StageFailed when it ends before, or takes too long."""
    give_up = time.monotonic() + LONGEST_START
    while time.monotonic() < give_up and process.poll() is None:
        with suppress(httpx.TransportError):
            if httpx.get(f"{url}/healthz", timeout=LONGEST_WAIT).status_code == 200:
                return
        time.sleep(0.2)
    raise StageFailed("The service did not start.", next_step=f"read {said}")


async def run_clients(url: str, texts: list[str], seconds: float, clients: int) -> Load:
    """Post tickets from so many clients at once, each of them the next when it has its answer."""
    load, until = Load(), time.perf_counter() + seconds
    await asyncio.gather(*(run_client(url, texts, n, clients, until, load) for n in range(clients)))
    return load


async def run_client(url: str, texts: list[str], number: int, clients: int, until: float, load: Load) -> None:
    """One client with an address of its own where this machine has many, because the allowance is by address."""
    address = f"127.0.1.{number + 1}" if sys.platform == "linux" else None
    transport = httpx.AsyncHTTPTransport(local_address=address)
    async with httpx.AsyncClient(base_url=url, transport=transport, timeout=LONGEST_WAIT) as client:
        place = number
        while time.perf_counter() < until:
            body = {"ticket_id": f"bench-{place}", "question": texts[place % len(texts)]}
            started = time.perf_counter()
            try:
                answer = await client.post("/drafts", json=body)
            except httpx.TransportError as error:
                load.statuses[type(error).__name__] += 1
                continue
            if answer.status_code == 201:
                load.acknowledged.add(answer.json()["id"])
                load.seconds.append(time.perf_counter() - started)
                place += clients
                continue
            load.statuses[str(answer.status_code)] += 1
            await asyncio.sleep(min(float(answer.headers.get("Retry-After", 1)), LONGEST_PAUSE))


def percentile(ordered: list[float], share: float) -> float:
    """The value below which a share of the values lies (nearest rank); 0 without values.

    >>> percentile([1.0, 2.0, 3.0, 4.0], 0.5)
    2.0
    """
    return ordered[max(0, round(share * len(ordered)) - 1)] if ordered else 0.0

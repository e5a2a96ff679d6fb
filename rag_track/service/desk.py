"""Serve: the drafting desk behind the service: a few threads, a short queue, a store, always the newest index.

Twin: nothing in the ETL track: a warehouse brings its own queue.
"""

import logging
import shutil
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Self, TypeVar

from lab.errors import MissingStep
from lab.report import read_report
from lab.settings import Settings
from rag_track.draft import Drafter
from rag_track.feedback import take
from rag_track.service.metrics import Metrics
from rag_track.service.new_tickets import NewTicket
from rag_track.service.requests import Feedback
from rag_track.service.responses import Health, ServedDraft, StoredFeedback
from rag_track.service.snapshot import open_drafter, stamp
from rag_track.service.store import Store, digest

T = TypeVar("T")
LOOK = 1.0  # seconds between two looks whether a build has replaced the index
log = logging.getLogger(__name__)


class Busy(Exception):
    """All threads are at work and the queue is full."""


@dataclass(frozen=True)
class Limits:
    """What the service takes on. `waiting` are requests that no thread has begun yet."""

    threads: int = 4
    waiting: int = 32
    seconds: float = 30.0  # for one request
    body: int = 64 * 1024  # bytes
    per_second: float = 10.0  # requests of one client, in the long run
    burst: int = 60  # requests of one client at once


class Desk:
    """Open it with `with`. It starts without an index and begins to draft when there is one.

    Raises ModelError or ConfigError on entering when the settings cannot be used.
    """

    def __init__(self, settings: Settings, limits: Limits = Limits()) -> None:  # frozen
        self.settings = settings
        self.limits = limits
        self.metrics = Metrics()
        self.store = Store(settings.feedback)
        self.drafter: Drafter | None = None
        self.seen: tuple[int, ...] = ()
        self.open_places = threading.BoundedSemaphore(limits.threads + limits.waiting)
        self.stopped = threading.Event()

    def __enter__(self) -> Self:
        try:
            self.reopen()
        except (MissingStep, FileNotFoundError, shutil.Error):  # not built, or being swapped: the watcher opens it
            log.info("there is no index yet")
        self.pool = ThreadPoolExecutor(self.limits.threads, thread_name_prefix="draft")
        self.watcher = threading.Thread(target=self.watch, name="watch the index", daemon=True)
        self.watcher.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopped.set()
        self.pool.shutdown()
        self.watcher.join()
        self.drafter = None

    def watch(self) -> None:
        """Open a new index as soon as it is there; until then, and when it cannot be opened, the old one serves."""
        while not self.stopped.wait(LOOK):
            try:
                if stamp(self.settings) != self.seen:
                    self.reopen()
            except Exception as error:  # whatever it is, the old one serves on; the next look tries again
                log.warning("the new index cannot be opened yet: %s", type(error).__name__)

    def reopen(self) -> None:
        """Take the present index. Raises MissingStep when there is none."""
        seen = stamp(self.settings)
        drafter = open_drafter(self.settings)
        if stamp(self.settings) != seen:
            raise MissingStep("The index was replaced while it was copied.", next_step="wait a second")
        self.drafter, self.seen = drafter, seen

    def present(self) -> Drafter:
        """The drafter of the newest index. Raises MissingStep when there is none."""
        if (drafter := self.drafter) is None:
            raise MissingStep("There is no index yet.", next_step="make rag")
        return drafter

    def submit(self, work: Callable[[Drafter], T]) -> Future[T]:
        """Have a thread do some work with the drafter. Raises Busy when the queue is full, MissingStep."""
        drafter = self.present()
        if not self.open_places.acquire(blocking=False):
            raise Busy
        future = self.pool.submit(work, drafter)
        future.add_done_callback(lambda _: self.open_places.release())  # done, failed, or given up while it waited
        return future

    def draft(self, drafter: Drafter, ticket: NewTicket) -> ServedDraft:
        """The draft for a ticket: a stored one when the same was asked before. It is stored on return."""
        asked = drafter.read(ticket.text)
        draft_id = digest(ticket.key, asked, ticket.filters.model_dump(mode="json"))
        known = self.store.draft(draft_id)
        if known is not None:
            return known
        filters = ticket.filters.to_filters()
        draft = ServedDraft.of(drafter.draft(asked, filters), draft_id, ticket.key, filters)
        self.metrics.count(draft)
        if self.store.add_draft(draft):
            return draft
        return self.store.draft(draft_id) or draft  # somebody asked the same at the same time, and was first

    def take(self, draft: ServedDraft, feedback: Feedback) -> StoredFeedback:
        """Store feedback, redacted. Raises ConfigError for a citation that the draft does not have."""
        return take(self.store, self.present().redactor, draft, feedback)

    def health(self) -> Health:
        """What is served at present."""
        file, drafter = self.settings.reports / "rag.json", self.drafter
        report = read_report(file, make="rag") if file.exists() else {}
        return Health(
            status="ok" if drafter else "no index",
            model=drafter.model.name if drafter else self.settings.llm,
            embeddings=drafter.retriever.embeddings.name if drafter else self.settings.embeddings,
            chunks=drafter.retriever.collection.count() if drafter else 0,
            freshness=report.get("freshness", {}),
        )

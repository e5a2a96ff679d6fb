"""Pull what is new from the help desks with dlt, into a small DuckDB that holds the newest state of each record.

dlt keeps the state of each stream (a cursor, a time) beside the data and moves both forward together. A run that is
killed is gone on with: what had arrived is loaded first, then each stream goes on where the loaded data ends.
A record that comes twice is one row, because every table is merged by its key.
"""

import hashlib
import json
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from requests import RequestException

from lab.aside import remove, write_json
from lab.console import Counted
from lab.errors import ConfigError, StageFailed
from lab.forgotten import STORE
from lab.landing import files, intercom, zendesk
from lab.landing.api import Api
from lab.landing.origin import Origin
from lab.landing.read import Unreadable, read
from lab.landing.tables import BY_NAME, REJECTS, TABLES, Table, arrow_schema
from lab.report import read_report
from lab.settings import Settings

if TYPE_CHECKING:
    from dlt.extract import DltResource

Stream = Callable[[Api, zendesk.State], Iterator[zendesk.Page]]

# What is asked for what changed, and what is read whole each time.
CHANGES: tuple[tuple[str, Stream], ...] = (
    ("zendesk", zendesk.tickets),
    ("zendesk", zendesk.users),
    ("zendesk", zendesk.organizations),
    ("zendesk", zendesk.ticket_events),
    ("zendesk", zendesk.articles),
    ("intercom", intercom.conversations),
)
WHOLE: tuple[tuple[str, Stream], ...] = (
    ("zendesk", zendesk.sla_policies),
    ("zendesk", zendesk.schedules),
    ("intercom", intercom.conversation_ids),
    ("intercom", intercom.contacts),
    ("intercom", intercom.companies),
    ("intercom", intercom.admins),
)
PAGES = 40  # of one stream in one load: what a killed run can lose of a long first extract
REJECTED_TEXT = 2_000  # characters kept of a record that is rejected


def pull(settings: Settings, origin: Origin) -> dict[str, int]:
    """Bring `out/extract` up to date with the help desks; return how many records came, by table.

    Raises ConfigError when a help desk refuses, StageFailed when it cannot be reached or dlt fails.
    """
    import dlt
    from dlt.pipeline.exceptions import PipelineStepFailed

    begin(settings, origin)
    pipeline = dlt.pipeline(
        "landing",
        pipelines_dir=str(settings.extract / "dlt"),
        destination=dlt.destinations.duckdb(str(settings.extract / STORE)),
        dataset_name="landing",
    )
    try:
        if pipeline.has_pending_data:
            pipeline.run()  # an earlier run was killed between extracting and loading
        with Counted("extract, records") as bar:
            run = Run(origin, bar)
            while run.apis and run.more:
                pipeline.run(list(run.changes()))
            pipeline.run(list(run.whole()))
    except PipelineStepFailed as error:
        raise explained(error) from error
    return run.pulled


def begin(settings: Settings, origin: Origin) -> None:
    """Forget what was learnt of another origin; exports on disk are read whole each time."""
    file = settings.extract / "origin.json"
    if origin.folder or not file.exists() or read_report(file, make="landing")["name"] != origin.name:
        remove(settings.extract)
    write_json(file, {"name": origin.name})


class Run:
    """One extract. `pulled` counts records by table, `more` says whether a stream has not reached its end."""

    def __init__(self, origin: Origin, bar: Counted) -> None:
        self.apis = {name: Api(account) for name in ("zendesk", "intercom") if (account := getattr(origin, name))}
        self.folder = origin.folder
        self.bar = bar
        self.pulled: dict[str, int] = {}
        self.more = True

    def changes(self) -> "Iterator[DltResource]":
        """What changed, merged with what is there."""
        self.more = False
        for source, stream in CHANGES:
            if source in self.apis:
                yield self.resource(source, stream.__name__, "merge", self.some_pages(source, stream))

    def whole(self) -> "Iterator[DltResource]":
        """What is read whole, in place of what was there."""
        for source, stream in WHOLE:
            if source in self.apis:
                yield self.resource(source, stream.__name__, "replace", self.all_pages(source, stream))
        for table in TABLES if self.folder else ():
            yield self.resource(table.source, table.name, "merge", self.lines(table))

    def resource(self, source: str, name: str, write: Any, items: Iterator[Any]) -> "DltResource":
        """dlt's view of a stream. Of a record that comes twice in one load the one that changed last is kept."""
        import dlt

        changed = BY_NAME[f"{source}__{name}"].changed
        newest: Any = {changed: {"dedup_sort": "desc"}} if changed else None
        return dlt.resource(items, name=f"{source}__{name}", write_disposition=write, primary_key="id", columns=newest)

    def some_pages(self, source: str, stream: Stream) -> Iterator[Any]:
        import dlt

        state = dlt.current.resource_state(f"{source}__{stream.__name__}")
        for count, page in enumerate(stream(self.apis[source], state), start=1):
            yield from self.page_items(source, page)
            if count == PAGES:
                self.more = True
                return

    def all_pages(self, source: str, stream: Stream) -> Iterator[Any]:
        for page in stream(self.apis[source], {}):
            yield from self.page_items(source, page)

    def page_items(self, source: str, page: zendesk.Page) -> Iterator[Any]:
        """A page whole, whatever tables it has: the state has moved behind it."""
        for name, records in page.items():
            yield from self.items(BY_NAME[f"{source}__{name}"], [(None, record) for record in records])

    def lines(self, table: Table) -> Iterator[Any]:
        assert self.folder
        for batch in files.batches(self.folder, table):
            yield from self.items(table, list(batch))

    def items(self, table: Table, records: list[tuple[int | None, Any]]) -> Iterator[Any]:
        """Arrow tables for dlt: the rows of `records`, and those that cannot be read with the reason."""
        import dlt

        rows, rejects = [], []
        for line, record in records:
            try:
                rows.append(read(table, record))
            except Unreadable as error:
                rejects.append(rejected(table, line, record, str(error)))
        name = f"{table.source}__{table.name}"
        self.pulled[name] = self.pulled.get(name, 0) + len(rows)
        self.bar.update(sum(self.pulled.values()), None)
        if rows:
            yield dlt.mark.with_table_name(pa.Table.from_pylist(rows, schema=arrow_schema(table)), name)
        if rejects:
            yield dlt.mark.with_table_name(pa.Table.from_pylist(rejects, schema=REJECTS), f"{name}__rejects")


def rejected(table: Table, line: int | None, record: Any, reason: str) -> dict[str, Any]:
    """A row of the rejects. Its id is made of what it is: the same reject twice is one."""
    text = record if isinstance(record, bytes) else json.dumps(record, ensure_ascii=False).encode()
    digest = hashlib.sha256(f"{table.source} {table.name} {line} ".encode() + text).hexdigest()
    shown = text[:REJECTED_TEXT].decode("utf-8", "replace").rstrip("\n")
    return {
        "id": digest[:32],
        "source": table.source,
        "table": table.name,
        "line": line,
        "reason": reason,
        "record": shown,
    }


def explained(error: BaseException) -> ConfigError | StageFailed:
    """What a student can do about a failed extract."""
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, RequestException):
        cause = cause.__cause__ or cause.__context__
    response = getattr(cause, "response", None)
    if response is not None and response.status_code in (401, 403):
        desk = "ZENDESK" if "/api/v2/" in response.url else "INTERCOM"
        return ConfigError(
            f"{response.url.split('?')[0]} refuses the credentials ({response.status_code}).",
            next_step=f"check LAB_{desk}_URL and LAB_{desk}_TOKEN",
        )
    what = f"{type(cause or error).__name__}: {str(cause or error)[:300]}"
    return StageFailed(f"The extract stopped: {what}", next_step="make landing, which goes on where it stopped")

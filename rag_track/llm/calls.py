"""Calls: the log of every call of a model, with its tokens, its cost and what came of it.

Twin: the ETL track's dbt artifacts, which say what each model of a run did. A call costs money, so it is kept longer.
"""

import hashlib
import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from threading import Condition
from typing import TYPE_CHECKING, Any, Literal

from langchain_core.messages import BaseMessage

from lab.errors import StageFailed
from rag_track.llm.cost import Prices, read_prices

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# ok: at the first try; repaired: the second answer had the asked form; fallback: another model had failed before;
# refused: the model declined, or gave no answer of the asked form twice; failed: no answer.
Outcome = Literal["ok", "repaired", "fallback", "refused", "failed"]
LONGEST_WAIT = 30  # seconds for the file
TABLE = """
create table if not exists calls (
    call_id text primary key, sequence integer, purpose text, model text, prompt_hash text,
    input_tokens bigint, output_tokens bigint, is_estimated boolean, cost_usd decimal(18, 9),
    seconds double, attempts integer, outcome text, error text, logged_at timestamptz,
    prompt text, answer text
)"""


@dataclass(frozen=True)
class Call:
    """One call of one model: retries and a repair are part of it, the call of a fallback is another one.

    `error` must be free of keys and of what customers wrote. `is_estimated`: the provider did not report its tokens.
    """

    purpose: str
    model: str
    messages: Sequence[BaseMessage]
    answer: str
    input_tokens: int
    output_tokens: int
    is_estimated: bool
    seconds: float
    attempts: int
    outcome: Outcome
    error: str = ""


@dataclass(frozen=True)
class Spent:
    """All calls of one purpose and model. `cost_usd` is None when one of them had no price."""

    purpose: str
    model: str
    calls: int
    estimated: int  # calls whose tokens are estimated
    failed: int  # calls without an answer that could be used
    input_tokens: int
    output_tokens: int
    seconds: float
    cost_usd: Decimal | None


class CallLog:
    """A DuckDB file that many threads and processes append to.

    DuckDB lets one process write at a time and keeps others from reading meanwhile. So each append takes a file
    lock, opens, inserts, closes: some 50 ms. The threads of a process share it: who has its turn writes for all
    that wait. A Parquet file for each call would need no lock, and after a month no query would be quick: a
    million small files.

    Texts are kept only when `redact` is given, and as it leaves them. The default keeps none: a prompt holds
    whole conversations, and a log of prompts is one more copy that must be found when somebody is to be forgotten.
    """

    def __init__(self, file: Path, *, redact: Callable[[str], str] | None = None, prices: Prices | None = None) -> None:
        self.file = file
        self.redact = redact
        self.prices = prices or read_prices()
        self.waiting: list[list[Any]] = []
        self.turn = Condition()
        self.is_writing = False
        self.given = self.written = 0  # rows

    def write(self, call: Call) -> None:
        """Append one call; it is on disk on return. Raises StageFailed when a program does not let go of the file."""
        row = self.row(call)
        with self.turn:
            self.waiting.append(row)
            self.given += 1
            mine = self.given
            self.turn.wait_for(lambda: self.written >= mine or not self.is_writing)
            if self.written >= mine:  # another thread has written ours
                return
            self.is_writing = True
            rows = list(self.waiting)
        done = 0
        try:
            with self.opened() as log:
                for waiting in rows:
                    insert(log, waiting)
            done = len(rows)
        finally:
            with self.turn:
                del self.waiting[:done]  # what could not be written waits for the next attempt
                self.written += done
                self.is_writing = False
                self.turn.notify_all()

    def row(self, call: Call) -> list[Any]:
        """The columns of a call, from purpose to answer; its sequence and its id are known when it is inserted."""
        prompt = storable(prompt_text(call.messages))
        prompt_hash = hashlib.sha256(prompt.encode()).hexdigest()[:16]
        known = self.prices.find(call.model)  # a missing price must not stop a call
        cost = self.prices.cost(call.model, call.input_tokens, call.output_tokens) if known else None
        row: list[Any] = [
            call.purpose,
            call.model,
            prompt_hash,
            call.input_tokens,
            call.output_tokens,
            call.is_estimated,
            cost,
        ]
        row += [round(call.seconds, 4), call.attempts, call.outcome, call.error, datetime.now(UTC)]
        if self.redact is None:
            return [*row, None, None]
        return [*row, self.redact(prompt), self.redact(storable(call.answer))]

    def spent(self) -> list[Spent]:
        """What was spent, by purpose and model. Holds the file for one query, some milliseconds."""
        if not self.file.exists():
            return []
        with self.opened() as log:
            rows = log.execute(
                "select purpose, model, count(*), count(*) filter (is_estimated),"
                " count(*) filter (outcome in ('refused', 'failed')), sum(input_tokens)::bigint,"
                " sum(output_tokens)::bigint, sum(seconds), if(count(*) = count(cost_usd), sum(cost_usd), null)"
                " from calls group by purpose, model order by purpose, model"
            ).fetchall()
        return [Spent(*row) for row in rows]

    @contextmanager
    def opened(self) -> Iterator["DuckDBPyConnection"]:
        """The file for one transaction, with nobody else at it."""
        import duckdb
        from filelock import FileLock, Timeout

        self.file.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(f"{self.file}.lock", timeout=LONGEST_WAIT, poll_interval=0.005)
        try:
            with lock:
                log = connect(self.file)
                try:
                    log.execute("begin")
                    log.execute(TABLE)
                    yield log
                    log.execute("commit")
                finally:
                    log.close()
        except (Timeout, duckdb.IOException) as error:
            raise StageFailed(
                f"{self.file} is in use or cannot be written: {' '.join(str(error).split())[:200]}",
                next_step="close the program that has it open, then run it again",
            ) from None


def insert(log: "DuckDBPyConnection", row: list[Any]) -> None:
    """Insert a row with its id, which is made of purpose, model, prompt and how often that was asked before."""
    asked = "select coalesce(max(sequence) + 1, 0) from calls where purpose = ? and model = ? and prompt_hash = ?"
    (sequence,) = log.execute(asked, row[:3]).fetchone() or (0,)
    call_id = hashlib.sha256("|".join([*row[:3], str(sequence)]).encode()).hexdigest()[:16]
    log.execute(f"insert into calls values ({', '.join('?' * (len(row) + 2))})", [call_id, sequence, *row])


def connect(file: Path) -> "DuckDBPyConnection":
    """The database; waits for programs that do not know the lock, such as DuckDB's own shell."""
    import duckdb

    give_up = time.monotonic() + LONGEST_WAIT
    while True:
        try:
            return duckdb.connect(str(file))
        except duckdb.IOException:
            if time.monotonic() > give_up:
                raise
            time.sleep(0.1)


def prompt_text(messages: Sequence[BaseMessage]) -> str:
    """Messages as one text, the same for the same messages."""
    return json.dumps([[message.type, message.content] for message in messages], ensure_ascii=False)


def storable(text: str) -> str:
    """Text that can be written as UTF-8: half a character, as a model may leave it, becomes a question mark."""
    return text.encode(errors="replace").decode()

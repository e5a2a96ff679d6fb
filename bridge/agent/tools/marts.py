"""The marts as the agent's SQL finds them: a copy in memory without personal data, on a connection that can do nothing.

The parser in sql.py refuses first. This is the second wall, and it does not trust the first: the warehouse file is let
go of before any SQL of the agent is run, files, networks and extensions are switched off, the switches are locked, and
every statement runs in a transaction that cannot write.
"""

import secrets
import threading
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import yaml

from bridge.agent.tools.refused import Refused
from etl_track.warehouse import open_warehouse
from lab.settings import Settings

MARTS = Path(__file__).parent / "marts.yml"
MEMORY = "256MB"  # the copy of the sample company's marts takes some 20
LOCKED = (
    "set memory_limit = '{memory}'",
    "set threads = 2",
    "set max_temp_directory_size = '0KB'",
    "set autoinstall_known_extensions = false",
    "set autoload_known_extensions = false",
    "set allow_community_extensions = false",
    "set enable_external_access = false",
    "set lock_configuration = true",
)


@dataclass(frozen=True)
class Mart:
    """The columns of one table: those to see, those that may only join or be counted, and why the others are hidden."""

    visible: tuple[str, ...]
    joins: tuple[str, ...]
    hidden: dict[str, str]


@cache
def marts() -> dict[str, Mart]:
    """Every table of the marts by its name."""
    content = yaml.safe_load(MARTS.read_text(encoding="utf-8"))
    return {
        name: Mart(tuple(of["visible"]), tuple(of.get("joins", ())), of.get("hidden", {}))
        for name, of in content.items()
    }


@dataclass(frozen=True)
class Rows:
    """The answer to a query. `is_cut`: there were more rows than the limit."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    is_cut: bool


class LockedMarts:
    """Opened once, one statement at a time. Close it with `close`. Raises MissingStep without a warehouse."""

    def __init__(self, settings: Settings, memory: str = MEMORY) -> None:
        self.lock = threading.Lock()
        self.connection = open_warehouse(settings)
        execute = self.connection.execute
        salt = secrets.token_hex()  # ids of accounts become numbers that mean nothing outside of this connection
        execute("create schema memory.marts")
        for name, mart in marts().items():
            joins = (f"case when {key} is not null then hash({key} || '{salt}') end as {key}" for key in mart.joins)
            columns = ", ".join((*mart.visible, *joins))
            execute(f"create table memory.marts.{name} as select {columns} from warehouse.marts.{name}")
        execute("use memory")
        execute("detach warehouse")
        for switch in LOCKED:
            execute(switch.format(memory=memory))

    def run(self, sql: str, rows: int, seconds: float) -> Rows:
        """At most so many rows of one SELECT. Raises Refused for anything else, for errors and when time is over."""
        with self.lock:
            timer = threading.Timer(seconds, self.connection.interrupt)
            try:
                statements = self.connection.extract_statements(sql)
                if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
                    raise Refused("Exactly one SELECT is run, nothing else.")
                self.connection.execute("begin transaction read only")
                timer.start()
                answer = self.connection.execute(sql)
                found = answer.fetchmany(rows + 1)
                columns = tuple(column[0] for column in answer.description or ())
            except duckdb.InterruptException:
                raise Refused(f"The query took more than {seconds:g} seconds and was stopped.") from None
            except duckdb.Error as error:
                raise Refused(" ".join(str(error).split())[:300]) from None
            finally:
                timer.cancel()
                self.roll_back()
        return Rows(columns, tuple(found[:rows]), len(found) > rows)

    def roll_back(self) -> None:
        with suppress(duckdb.Error):  # no transaction was begun
            self.connection.execute("rollback")

    def close(self) -> None:
        self.connection.close()

"""Read the warehouse while a build may swap it at any moment."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import streamlit as st

from etl_track.metrics import Table, describe_metric, query_metric
from etl_track.overview import Metrics
from etl_track.warehouse import Stamp, open_snapshot


@contextmanager
def reading(warehouse: Path) -> Iterator[Metrics]:
    """The metrics, all of them from one warehouse, even when a build swaps in the next one meanwhile.

    Answers are kept until the file changes. Raises MissingStep without a warehouse or its marts, and StageFailed
    while another program has it open for writing.
    """
    connection, stamp = open_snapshot(warehouse)
    try:

        def ask(
            metric: str,
            by: tuple[str, ...] = (),
            where: Mapping[str, str | tuple[str, ...]] | None = None,
            since: date | None = None,
            until: date | None = None,
        ) -> Table:
            table: Table = answer(connection, str(warehouse), stamp, metric, by, dict(where or {}), since, until)
            return table

        yield Metrics(ask, partial(describe_metric, connection))
    finally:
        connection.close()


def query(
    _connection: Any,
    warehouse: str,
    stamp: Stamp,
    metric: str,
    by: tuple[str, ...],
    where: dict[str, str | tuple[str, ...]],
    since: date | None,
    until: date | None,
) -> Table:
    """The metric from the file with that stamp. Streamlit keys its cache by every argument but `_connection`."""
    return query_metric(_connection, metric, by, where or None, since, until)


answer = st.cache_data(max_entries=2000, show_spinner=False)(query)

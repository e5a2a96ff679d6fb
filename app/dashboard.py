"""The dashboard: the metrics of the semantic layer, filtered, drawn, each with its definition, SQL and numbers.

A Streamlit page: Streamlit runs this file from the top at every click.
"""

from datetime import timedelta
from typing import Literal

import streamlit as st

from app.reading import reading
from etl_track.overview import FILTERS, INDICATORS, Ask, Filters, Metrics, Panel, panels_of
from etl_track.period import LENGTHS, Period
from etl_track.readings import (
    as_csv,
    describe_comparison,
    describe_freshness,
    describe_incidents,
    read_indicator,
    whole_period,
)
from lab.errors import LabError
from lab.settings import Settings, read_settings

COLUMNS = 2  # charts beside each other
SIDEBAR = 240  # pixels
# Streamlit leaves much room at the page's edges, which a laptop's screen does not have.
STYLE = """<style>
[data-testid="stMainBlockContainer"] { padding: 2.2rem 2.2rem 4rem; }
h1 { font-size: 1.9rem !important; padding-top: 0 !important; } h3 { font-size: 1.15rem !important; }
</style>"""


def show() -> None:
    """The whole page."""
    st.set_page_config(page_title="Support overview", layout="wide", initial_sidebar_state=SIDEBAR)
    st.html(STYLE)
    try:
        settings = read_settings()
        with st.spinner("Reading the warehouse"), reading(settings.warehouse) as metrics:
            show_overview(metrics, settings)
    except LabError as error:
        st.title("Support overview")
        st.warning(error.message)
        st.markdown("Next, then reload the page:")
        st.code(error.next_step, language="bash")


def show_overview(metrics: Metrics, settings: Settings) -> None:
    st.title("Support overview")
    st.caption(describe_freshness(settings))
    whole = whole_period(metrics.ask, settings)
    with st.sidebar:
        period = choose_period(whole)
        where = choose_filters(metrics.ask)
    if period is None:
        st.info("Choose the last day of the period too.")
        return
    count = metrics.ask("ticket_count", (), where, period.since, period.until).rows
    if not count or not count[0][-1]:
        st.info("No ticket matches these filters. Choose a longer period, or clear a filter.")
        return
    st.markdown(describe_comparison(period, whole))
    show_indicators(metrics, period, whole, where)
    panels = panels_of(metrics.ask)
    narrow = [panel for panel in panels if not panel.is_wide]
    for panel in panels:
        if panel.is_wide:
            show_panel(metrics, panel, period, where)
    for first in range(0, len(narrow), COLUMNS):
        for column, panel in zip(st.columns(COLUMNS, gap="medium"), narrow[first : first + COLUMNS], strict=False):
            with column:
                show_panel(metrics, panel, period, where)


def choose_period(whole: Period) -> Period | None:
    """What the sidebar says; None while only one day of the two is chosen."""
    own, everything = "Own dates", "Everything"
    length = st.selectbox("Period", [*LENGTHS, everything, own], key="period")
    if length in LENGTHS:
        return whole.last(LENGTHS[length])
    if length == everything:
        return whole
    last = whole.until - timedelta(1)
    start = whole.last(LENGTHS["Last 13 weeks"]).since
    chosen = st.date_input("Days", (start, last), whole.since, last, key="days")
    days = chosen if isinstance(chosen, tuple) else (chosen,)
    return Period(days[0], days[1] + timedelta(1)) if len(days) == 2 else None


def choose_filters(ask: Ask) -> Filters:
    """The values chosen for each dimension; nothing chosen means all."""
    where: dict[str, tuple[str, ...]] = {}
    for dimension, label in FILTERS.items():
        values = sorted(str(row[0]) for row in ask("ticket_count", (dimension,)).rows if row[0] is not None)
        chosen = st.multiselect(label, values, placeholder="all", key=dimension)
        if chosen:
            where[dimension] = tuple(chosen)
    return where


def show_indicators(metrics: Metrics, period: Period, whole: Period, where: Filters) -> None:
    for column, indicator in zip(st.columns(len(INDICATORS)), INDICATORS, strict=True):
        read = read_indicator(metrics.ask, indicator, period, whole, where)
        # Streamlit's "normal" is green when it goes up: say which way is better, it finds the sign itself.
        colour: Literal["off", "normal", "inverse"]
        colour = "off" if read.is_better is None else "normal" if indicator.better == "up" else "inverse"
        column.metric(
            indicator.label,
            read.value,
            read.change or None,
            delta_color=colour,
            delta_arrow="off" if read.change == "no change" else "auto",
            delta_description=indicator.note or None,
            help=metrics.describe(indicator.metric),
            border=True,
        )


def show_panel(metrics: Metrics, panel: Panel, period: Period, where: Filters) -> None:
    """A chart with its metric's definition, and on request its SQL and its numbers."""
    st.subheader(panel.title, anchor=False)
    try:
        table = metrics.ask(panel.metric, panel.by, where, period.since, period.until)
    except LabError as error:  # a filter that this metric does not have
        st.info(str(error))
        return
    if all(row[-1] is None for row in table.rows):
        st.info("Nothing was measured in this period with these filters.")
        return
    st.altair_chart(panel.draw(table), width="stretch", key=f"chart_{panel.name}")
    if panel.is_wide:
        for sentence in describe_incidents(metrics.ask, table, where):
            st.markdown(f":material/warning: {sentence}")
    st.caption(f"`{panel.metric}` · {metrics.describe(panel.metric)}")
    with st.expander("SQL and CSV"):
        name = f"{panel.name}_{period.since}_{period.until - timedelta(1)}.csv"
        key = f"csv_{panel.name}"
        st.download_button("Download as CSV", as_csv(table), name, "text/csv", on_click="ignore", key=key)
        st.code(table.sql, language="sql", height=320)


if __name__ == "__main__":
    show()

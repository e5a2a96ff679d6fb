"""The dashboard: what it computes, says and draws, and that it reads whole warehouses only and no SQL of its own."""

import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import urlparse
from urllib.request import urlopen

import pytest
from conftest import ROOT
from hypothesis import given
from hypothesis import strategies as st

from app.reading import open_snapshot, reading
from etl_track.charts import TIERS, records
from etl_track.dashboard_page import write_overview
from etl_track.incidents import find_incidents
from etl_track.metrics import Table
from etl_track.overview import INDICATORS, PANELS, Indicator, Panel
from etl_track.period import Period
from etl_track.readings import as_csv, describe_freshness, read_indicator
from lab.aside import write_json
from lab.errors import MissingStep, StageFailed
from lab.settings import Settings, read_settings

PAGE = ROOT / "app" / "dashboard.py"
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
SOURCES = ["app", *(f"etl_track/{name}.py" for name in ("charts", "overview", "period", "readings", "dashboard_page"))]
MONDAY = date(2026, 1, 5)


def year(low: int = 0) -> dict[date, float]:
    """Ten tickets on each working day of a year, `low` on Saturdays, none on Sundays."""
    days = [MONDAY + timedelta(n) for n in range(364)]
    return {day: 10 if day.weekday() < 5 else low for day in days if day.weekday() < 5 or low}


# What is computed ------------------------------------------------------------


def test_an_incident_over_two_days_is_one() -> None:
    """Two days in a row far above their weekday's usual are one incident; its peak is the higher."""
    first, second = MONDAY + timedelta(57), MONDAY + timedelta(58)
    (one,) = find_incidents(year() | {first: 40, second: 60})
    assert (one.first, one.last, one.peak, one.tickets, one.usual) == (first, second, second, 100, 20)


@pytest.mark.parametrize("count", [11, 15, 20])
def test_a_busy_day_is_no_incident(count: int) -> None:
    """Where every day has ten, counts vary by about three from chance alone: 20 is no alarm, nor are quiet Sundays."""
    assert find_incidents(year() | {MONDAY + timedelta(57): count}) == []


def test_a_handful_on_a_sunday_is_no_incident() -> None:
    """Where Sundays have none, nine tickets on one of them are no incident yet, and thirty are."""
    sunday = MONDAY + timedelta(62)
    assert sunday.weekday() == 6
    assert find_incidents(year() | {sunday: 9}) == []
    assert [one.first for one in find_incidents(year() | {sunday: 30})] == [sunday]


@given(st.dictionaries(st.dates(MONDAY, MONDAY + timedelta(60)), st.integers(0, 500), max_size=40))
def test_incidents_are_apart_and_within_the_counts(counts: dict[date, int]) -> None:
    """Whatever the counts, incidents do not overlap or touch, and their tickets are days' sums above the usual."""
    found = find_incidents(counts)  # type: ignore[arg-type]
    for before, after in pairwise(found):
        assert after.first - before.last > timedelta(1)
    for one in found:
        assert one.first <= one.peak <= one.last
        assert one.tickets == sum(count for day, count in counts.items() if one.first <= day <= one.last) > one.usual


def test_a_change_is_told_against_the_period_before() -> None:
    """March is compared with as many days before it, where there are so many; else its halves are compared."""
    march = Period(date(2026, 3, 1), date(2026, 3, 31))
    assert march.compared(Period(date(2026, 1, 30), march.until)) == (Period(date(2026, 1, 30), march.since), march)
    halves = (Period(date(2026, 3, 1), date(2026, 3, 16)), Period(date(2026, 3, 16), date(2026, 3, 31)))
    assert march.compared(Period(date(2026, 1, 31), march.until)) == halves
    assert Period(march.since, march.since + timedelta(1)).compared(march) is None


@pytest.mark.parametrize(
    ("kind", "better", "before", "after", "said", "is_better"),
    [
        ("count", "neither", 100, 112, "+12%", None),
        ("count", "down", 100, 80, "-20%", True),
        ("minutes", "down", 120, 150, "+30 min", False),
        ("share", "up", 0.8, 0.823, "+2.3 pp", True),
        ("share", "up", 0.8, 0.80001, "no change", None),
        ("count", "down", 0, 5, "", None),
        ("share", "up", None, 0.5, "", None),
    ],
)
def test_what_an_indicator_says(
    kind: str, better: str, before: float | None, after: float, said: str, is_better: bool | None
) -> None:
    """Counts change by percent, minutes by hours, shares by percentage points; and each knows which way is better."""
    now = Period(date(2026, 6, 1), date(2026, 7, 1))

    def ask(metric: str, by: object = (), where: object = None, since: object = None, until: object = None) -> Table:
        return Table((metric,), ((after if since == now.since else before,),), "")

    read = read_indicator(ask, Indicator("", "", "any", kind, better), now, Period(date(2026, 1, 1), now.until), {})
    assert (read.change, read.is_better) == (said, is_better)


# What is drawn ---------------------------------------------------------------


def example(panel: Panel) -> Table:
    """A table such as the panel's metric gives: three days, weeks or months, each value of a dimension, one missing."""
    values: dict[str, list[object]] = {
        "metric_time__day": [datetime(2026, 1, day) for day in (1, 2, 3)],
        "metric_time__week": [datetime(2026, 1, day) for day in (5, 12, 19)],
        "metric_time__month": [datetime(2026, month, 1) for month in (1, 2, 3)],
        "customer_tier": ["enterprise", "free", "pro", None],
        "resolution_bucket": ["1-4 h", "> 7 d", "unsolved"],
        "product_category": ["access", "billing"],
    }
    rows: list[tuple[object, ...]] = [()]
    for name in panel.by:
        rows = [(*row, value) for row in rows for value in values[name]]
    measured = [(*row, None if n == len(rows) - 1 else 0.25 + n) for n, row in enumerate(rows)]
    return Table((*panel.by, panel.metric), tuple(measured), "")


@pytest.mark.parametrize("panel", PANELS, ids=lambda panel: panel.name)
def test_every_chart_names_its_units(panel: Panel) -> None:
    """Each chart is valid Vega-Lite, has axes with a title, and tooltips; a row without a value is left out."""
    table = example(panel)
    spec = panel.draw(table).to_json(validate=True)
    assert '"tooltip"' in spec
    assert re.search(r'"title": "[a-z(]', spec)
    assert len(records(table)) == len(table.rows) - 1


@pytest.mark.parametrize("panel", [p for p in PANELS if "customer_tier" in p.by], ids=lambda panel: panel.name)
def test_a_tier_always_looks_the_same(panel: Panel) -> None:
    """The tiers come in one order and each in its own colour, whichever of them are there."""
    table = example(panel)
    for gone in TIERS:
        left = Table(table.columns, tuple(row for row in table.rows if (row[1] or "unknown") != gone), "")
        encoding = panel.draw(left).to_dict()
        encoding = encoding["layer"][0]["encoding"] if "layer" in encoding else encoding["encoding"]
        there = [tier for tier in TIERS if tier != gone]
        assert encoding["color"]["scale"] == {"domain": there, "range": [TIERS[tier] for tier in there]}


def test_a_day_is_that_day_in_every_time_zone() -> None:
    """Days carry a time without a zone: a browser takes a bare date as UTC, which is the day before in America."""
    table = Table(("metric_time__day", "ticket_count"), ((date(2026, 1, 1), 5), (datetime(2026, 1, 2), 6)), "")
    assert [row["time"] for row in records(table)] == ["2026-01-01T00:00:00", "2026-01-02T00:00:00"]


def test_the_numbers_as_csv() -> None:
    """A download holds the table's columns and rows, dates in ISO form, text quoted where it must be."""
    table = Table(("metric_time__day", "agent_team", "csat"), ((datetime(2026, 1, 1), 'a "b", c', None),), "")
    assert as_csv(table) == 'metric_time__day,agent_team,csat\n2026-01-01,"a ""b"", c",\n'


def test_the_dashboard_has_no_sql_of_its_own() -> None:
    """Numbers come through metrics only: neither page names a table's rows, and nothing but the file is attached."""
    files = [
        file for place in SOURCES for file in ([ROOT / place] if place.endswith(".py") else (ROOT / place).glob("*.py"))
    ]
    for file in files:
        code = file.read_text(encoding="utf-8")
        assert not re.search(
            r"\bselect\b|\bgroup by\b|\.sql\(\s*f?[\"']|\bfrom (marts|staging)\b", code, re.IGNORECASE
        ), file
        assert set(re.findall(r"\.execute\(f?[\"'](\w+)", code)) <= {"attach", "use"}, file


# What is read ----------------------------------------------------------------


def make_warehouse(file: Path, generation: int) -> None:
    """A warehouse whose fact table has as many rows as its generation, each with that number."""
    import duckdb

    file.unlink(missing_ok=True)
    with duckdb.connect(str(file)) as connection:
        connection.execute("create schema marts")
        rows = f"select {generation} as generation from range({generation})"
        connection.execute(f"create table marts.fct_support_tickets as {rows}")


def test_a_reader_meets_whole_warehouses_only(tmp_path: Path) -> None:
    """While builds swap in one warehouse after another, readers never fail, see whole ones, and soon the newest."""
    warehouse, building = tmp_path / "warehouse.duckdb", tmp_path / "building" / "warehouse.duckdb"
    building.parent.mkdir()
    make_warehouse(warehouse, 1)
    problems: list[str] = []
    seen: dict[object, set[int]] = {}
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            try:
                connection, stamp = open_snapshot(warehouse)
                rows = connection.table("marts.fct_support_tickets").fetchall()
                connection.close()
            except Exception as error:
                problems.append(repr(error))
                return
            if {row[0] for row in rows} != {len(rows)}:
                problems.append(f"half a warehouse: {rows}")
            seen.setdefault(stamp, set()).add(len(rows))

    readers = [threading.Thread(target=read) for _ in range(3)]
    held, _ = open_snapshot(warehouse)  # somebody who keeps the first one open for the whole time
    for reader in readers:
        reader.start()
    for generation in range(2, 30):
        make_warehouse(building, generation)
        building.replace(warehouse)
    newest, _ = open_snapshot(warehouse)
    done.set()
    for reader in readers:
        reader.join()
    assert problems == []
    assert all(len(generations) == 1 for generations in seen.values())
    assert len(newest.table("marts.fct_support_tickets").fetchall()) == 29
    assert len(held.table("marts.fct_support_tickets").fetchall()) == 1
    newest.close()
    held.close()


def test_without_marts_the_next_command_is_named(tmp_path: Path) -> None:
    """No warehouse, and one of which only the staging was built, are told apart from a broken one."""
    import duckdb

    with pytest.raises(MissingStep, match=r"no warehouse.*make etl"), reading(tmp_path / "warehouse.duckdb"):
        pass
    duckdb.connect(str(tmp_path / "it's.duckdb")).close()
    with pytest.raises(MissingStep, match=r"no marts.*make etl"), reading(tmp_path / "it's.duckdb"):
        pass


def test_a_file_that_somebody_writes_is_a_message(tmp_path: Path) -> None:
    """Where another program has the warehouse open for writing, the message says so, and what to do."""
    warehouse = tmp_path / "warehouse.duckdb"
    make_warehouse(warehouse, 1)
    code = f"import duckdb; held = duckdb.connect({str(warehouse)!r}); print('held', flush=True); input()"
    command = [sys.executable, "-c", code]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(StageFailed, match="close what has it open"), reading(warehouse):
            pass
        holder.communicate("\n")


def test_freshness_says_what_is_known(tmp_path: Path) -> None:
    """Without a manifest and a report nothing is said; what a partial build leaves behind is said alone."""
    settings = read_settings(home=tmp_path)
    assert describe_freshness(settings) == ""
    newest = {"zendesk": "2026-07-01T03:37:45+00:00"}
    write_json(settings.landing / "manifest.json", {"clock": "2026-07-01T06:00:00+00:00", "newest_record_at": newest})
    said = "Extracted 1 Jul 2026 06:00 UTC · newest records: zendesk 1 Jul 2026 03:37"
    assert describe_freshness(settings) == said


# What a person sees ----------------------------------------------------------


def open_page(monkeypatch: pytest.MonkeyPatch, home: Path) -> Any:
    from streamlit.testing.v1 import AppTest

    monkeypatch.setenv("LAB_HOME", str(home))
    return AppTest.from_file(str(PAGE), default_timeout=120).run()


def test_no_warehouse_is_a_message(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before the first build the page says what is missing and what to type, without a traceback."""
    page = open_page(monkeypatch, tmp_path)
    assert not page.exception
    assert "There is no warehouse" in page.warning[0].value
    assert page.code[0].value == "make etl"


def test_a_wrong_setting_is_a_message(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What read_settings objects to is said on the page too."""
    monkeypatch.setenv("LAB_TICKETS", "few")
    page = open_page(monkeypatch, tmp_path)
    assert not page.exception
    assert "LAB_TICKETS" in page.warning[0].value


@pytest.mark.slow
def test_filters_reach_every_number(warehouse: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page has all indicators and charts; a filter changes the count to that of the metric with that filter."""
    page = open_page(monkeypatch, warehouse.home)
    assert not page.exception
    assert [metric.label for metric in page.metric] == [indicator.label for indicator in INDICATORS]
    assert [one.value for one in page.subheader] == [panel.title for panel in PANELS]
    assert len(page.get("vega_lite_chart") or page.get("arrow_vega_lite_chart")) == len(PANELS)
    assert len(page.get("download_button")) == len(PANELS)
    assert len(page.code) == len(PANELS)
    assert all("select" in code.value.lower() for code in page.code)
    assert not page.info
    all_tickets = page.metric[0].value

    page.multiselect(key="customer_tier").set_value(["pro"])
    page.multiselect(key="source").set_value(["zendesk"]).run()
    with reading(warehouse.warehouse) as metrics:
        (row,) = metrics.ask("ticket_count", (), {"customer_tier": ("pro",), "source": ("zendesk",)}).rows
    assert not page.exception
    assert page.metric[0].value == f"{row[0]:,}" != all_tickets


@pytest.mark.slow
def test_nothing_found_is_a_sentence(warehouse: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Days without a ticket give a sentence in place of numbers, and half a choice of days asks for the other half."""
    with reading(warehouse.warehouse) as metrics:
        days = {str(row[0])[:10] for row in metrics.ask("ticket_count", ("metric_time__day",)).rows}
    first = date.fromisoformat(min(days))
    empty = next(day for n in range(365) if (day := first + timedelta(n)).isoformat() not in days)
    page = open_page(monkeypatch, warehouse.home)
    page.selectbox(key="period").set_value("Own dates").run()
    page.date_input(key="days").set_value((empty, empty)).run()
    assert not page.exception
    assert "No ticket matches" in page.info[0].value
    assert not page.metric
    page.date_input(key="days").set_value((empty,)).run()
    assert not page.exception
    assert "last day" in page.info[0].value


@pytest.mark.slow
def test_the_static_page_needs_nothing(warehouse: Settings) -> None:
    """etl.html holds every chart as a drawing, no script, nothing to load; written twice it is the same file."""
    target = warehouse.reports / "etl.html"
    write_overview(warehouse)
    page = target.read_text(encoding="utf-8")
    assert page.count("<svg") == len(PANELS)
    assert all(panel.title in page and panel.metric in page for panel in PANELS)
    assert "<script" not in page
    assert not re.search(r"(src|href)=[\"'](?!data:|#)|url\((?!#)|@import", page)
    write_overview(warehouse)
    assert target.read_text(encoding="utf-8") == page


# In a browser ----------------------------------------------------------------


@pytest.fixture(scope="session")
def chromium() -> str:
    """Debian's Chromium, installed where that is possible."""
    if not shutil.which("chromium") and shutil.which("apt-get") and os.geteuid() == 0:
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for words in (["update"], ["install", "-y", "--no-install-recommends", "chromium"]):
            subprocess.run(["apt-get", "-q", *words], env=quiet, capture_output=True, check=False)
    found = shutil.which("chromium")
    if not found:
        pytest.skip("there is no chromium, and it could not be installed: apt-get install chromium")
    return found


@dataclass(frozen=True)
class Server:
    url: str
    attempts: Path  # where the guard writes what Python tried to reach elsewhere


@pytest.fixture(scope="module")
def server(warehouse: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The dashboard on a free port, as `make dashboard` starts it, with the guard of tests/no_network."""
    tmp_path = tmp_path_factory.mktemp("server")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    attempts = tmp_path / "attempts.log"
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("LAB_")},
        "HOME": str(tmp_path),  # nobody's own Streamlit settings
        "LAB_HOME": str(warehouse.home),
        "PYTHONPATH": str(ROOT / "tests" / "no_network"),
        "NO_NETWORK_LOG": str(attempts),
    }
    command = [sys.executable, "-m", "app", "dashboard", "--port", str(port), "--no-browser"]
    with (tmp_path / "server.log").open("w") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT)
    try:
        wait_for(f"http://localhost:{port}/_stcore/health", process, tmp_path / "server.log")
        yield Server(f"http://localhost:{port}", attempts)
    finally:
        process.terminate()
        process.wait(timeout=30)


def wait_for(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        assert process.poll() is None, log.read_text()
        try:
            with urlopen(url, timeout=5) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.2)
    pytest.fail(f"the server did not start: {log.read_text()}")


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_in_a_browser(server: Server, chromium: str, scheme: str) -> None:
    """At laptop width every chart is drawn, nothing is broken or runs over the edge, nothing leaves this machine."""
    from playwright.sync_api import expect, sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        page = browser.new_page(viewport={"width": 1366, "height": 900}, color_scheme=scheme)
        asked: list[str] = []
        errors: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.on("websocket", lambda socket: asked.append(socket.url))
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
        page.goto(server.url)
        charts = page.locator("[data-testid=stVegaLiteChart] canvas, [data-testid=stVegaLiteChart] svg.marks")
        expect(charts).to_have_count(len(PANELS), timeout=60_000)
        expect(page.get_by_role("heading", name=PANELS[-1].title)).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        page.get_by_text("SQL and CSV").first.click()
        with page.expect_download() as downloading:
            page.get_by_role("button", name="Download as CSV").first.click()
        assert downloading.value.path().read_text().startswith("metric_time__day,ticket_count\n")
        browser.close()
    assert errors == []
    assert {urlparse(url).hostname for url in asked if not url.startswith(("data:", "blob:"))} == {"localhost"}
    assert not server.attempts.exists(), server.attempts.read_text()

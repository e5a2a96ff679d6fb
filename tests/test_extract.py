"""The extract: any cut, any page size, any repetition gives the same landing; a bad day only takes longer."""

import json
import os
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import requests
from conftest import ROOT, land_exports
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from lab.errors import ConfigError
from lab.landing import api, intercom, land, origin, pull, zendesk
from lab.settings import Settings, read_settings
from sample_data.extract import extract
from sample_data.generate import generate
from sample_data.misbehave import Misbehaviour
from sample_data.serve import served


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A small company, landed once by one clean extract."""
    settings = read_settings(home=tmp_path_factory.mktemp("company"), tickets=100)
    generate(settings)
    extract(settings)
    return settings


def elsewhere(company: Settings, home: Path) -> Settings:
    """The same company, extracted to another home."""
    home.mkdir(parents=True, exist_ok=True)
    (home / "source").symlink_to(company.source.resolve())
    return company.model_copy(update={"home": home})


def landed(settings: Settings) -> str:
    """A digest of every landed byte."""
    digest: str = land.read_manifest(settings)["extracted_from"]
    return digest


def rows(settings: Settings, table: str, *but: str) -> list[dict[str, Any]]:
    """The landed rows of a table, without the columns `but`."""
    found: list[dict[str, Any]] = pq.read_table(settings.landing / table).drop_columns(list(but)).to_pylist()
    return found


@pytest.mark.slow
@hypothesis_settings(max_examples=5, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
@given(
    page=st.integers(40, 1000),
    chats=st.integers(5, 150),
    pages=st.integers(3, 40),
    seed=st.integers(0, 1000),
    times=st.integers(1, 2),
)
def test_any_cut_any_page_size_any_repetition(
    company: Settings, tmp_path_factory: pytest.TempPathFactory, **drawn: int
) -> None:
    """However it is cut into pages and loads, repeated, and disturbed, the landing has the same bytes."""
    bad_day = Misbehaviour(0.05, 0.05, 0.02, 0.05, 0.05, seed=drawn["seed"], retry_after=0, delay=0.05)
    settings = elsewhere(company, tmp_path_factory.mktemp("cut"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(zendesk, "PAGE", drawn["page"])
        patch.setattr(intercom, "PAGE", drawn["chats"])
        patch.setattr(pull, "PAGES", drawn["pages"])
        patch.setattr(api, "FIRST_PAUSE", 0.01)
        for _ in range(drawn["times"]):
            (settings.landing / "manifest.json").unlink(missing_ok=True)  # so that it is extracted again
            extract(settings, misbehaviour=bad_day)
    assert landed(settings) == landed(company)


def test_a_bad_day_only_takes_longer(company: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Refused, failing, half and broken answers are asked for again, and nothing is missing or double."""
    monkeypatch.setattr(api, "FIRST_PAUSE", 0.01)
    settings = elsewhere(company, tmp_path)
    extract(settings, misbehaviour=Misbehaviour(0.1, 0.1, 0.0, 0.1, 0.1, seed=2, retry_after=0))
    assert landed(settings) == landed(company)


KILL = """
import os, sys
from lab.quiet import be_quiet; be_quiet()
import dlt
from lab.landing import api, pull
from lab.settings import read_settings
from sample_data.extract import extract
pull.PAGES = 2
when, left = sys.argv[1], int(sys.argv[2])
def dying(function):
    def wrapped(*arguments, **named):
        global left
        left -= 1
        if left < 0:
            os._exit(9)
        return function(*arguments, **named)
    return wrapped
if when == "answer":
    api.content = dying(api.content)
else:
    setattr(dlt.Pipeline, when, dying(getattr(dlt.Pipeline, when)))
extract(read_settings())
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("when", "left"),
    [("answer", 0), ("answer", 4), ("answer", 40), ("normalize", 0), ("load", 0), ("normalize", 1), ("load", 1)],
)
def test_a_killed_extract_is_gone_on_with(company: Settings, tmp_path: Path, when: str, left: int) -> None:
    """Killed while it asks, before what was extracted is normalized, before it is loaded: the next run completes it."""
    settings = elsewhere(company, tmp_path)
    variables = {**os.environ, "LAB_HOME": str(tmp_path), "LAB_TICKETS": "100", "PYTHONWARNINGS": "ignore"}
    command = [sys.executable, "-c", KILL, when, str(left)]
    done = subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, text=True, check=False)
    assert done.returncode == 9, done.stderr
    assert not settings.landing.exists()
    extract(settings)
    assert landed(settings) == landed(company)


def test_only_what_changed_is_pulled(company: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A day later the extract goes on where it ended, and lands what a fresh extract of that day lands."""
    settings = company.model_copy(update={"home": tmp_path / "on"})
    generate(settings)
    first = extract(settings)
    generate(settings, days=1)
    pulled: dict[str, int] = {}
    monkeypatch.setattr(land, "pull", lambda *given: pulled.update(pull.pull(*given)) or pulled)
    second = extract(settings)
    monkeypatch.undo()
    fresh = company.model_copy(update={"home": tmp_path / "fresh"})
    generate(fresh, days=1)
    extract(fresh)
    for table in second["rows"]:
        assert rows(settings, table, "_loaded_at") == rows(fresh, table, "_loaded_at"), table
    assert rows(settings, "lab/rejects") == rows(fresh, "lab/rejects")
    assert rows(settings, "lab/loads") == rows(fresh, "lab/loads")
    assert 0 < pulled["zendesk__tickets"] < first["rows"]["zendesk/tickets"] / 3
    assert 0 < pulled["intercom__conversations"] < first["rows"]["intercom/conversations"] / 3
    assert second["extracted_from"] != first["extracted_from"]


def test_a_row_keeps_its_time_until_it_changes(company: Settings, tmp_path: Path) -> None:
    """A day later what is new or has changed has that day's clock, everything else the time that it had."""
    settings = company.model_copy(update={"home": tmp_path})
    generate(settings)
    clock = datetime.fromisoformat(extract(settings)["clock"])
    before = {table: rows(settings, table) for table in land.read_manifest(settings)["rows"]}
    assert {row["_loaded_at"] for table in before.values() for row in table} == {clock}
    generate(settings, days=1)
    extract(settings)
    changed = 0
    for table, old in before.items():
        there = {row["id"]: row for row in old}
        for row in rows(settings, table):
            is_same = {**row, "_loaded_at": clock} == there.get(row["id"])
            changed += not is_same
            assert row["_loaded_at"] == (clock if is_same else clock + timedelta(days=1)), table
    assert 0 < changed < sum(map(len, before.values())) / 3
    [load] = rows(settings, "lab/loads")
    assert (load["loaded_at"], load["clock"]) == (clock + timedelta(days=1), clock + timedelta(days=1))
    assert load["origin"].startswith("quillstone ")


def test_an_extract_that_failed_changes_no_times(
    company: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It leaves the landing as it was; the next one at the same clock, asked for anew, writes the same bytes."""
    settings = company.model_copy(update={"home": tmp_path})
    generate(settings)
    extract(settings)
    generate(settings, days=1)
    with monkeypatch.context() as broken:
        broken.setattr(land, "write_rejects", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            extract(settings)
    assert {row["_loaded_at"].day for row in rows(settings, "zendesk/tickets")} == {1}  # of July, the first clock
    first = extract(settings)
    manifest = settings.landing / "manifest.json"
    manifest.write_text(json.dumps({**first, "state": "unknown"}))
    assert extract(settings) == first


@pytest.mark.parametrize("odd", ["gone", "not Parquet", "other columns", "another origin"])
def test_without_a_landing_to_compare_with_everything_is_new(company: Settings, tmp_path: Path, odd: str) -> None:
    """An earlier file that is missing, broken, of another shape or of another origin is not asked about times."""
    settings = company.model_copy(update={"home": tmp_path})
    generate(settings)
    extract(settings)
    generate(settings, days=1)
    users, manifest = settings.landing / "zendesk/users/part-0.parquet", settings.landing / "manifest.json"
    if odd == "gone":
        users.unlink()
    elif odd == "not Parquet":
        users.write_text("no bytes of Parquet")
    elif odd == "other columns":
        pq.write_table(pq.read_table(users).drop_columns(["role"]), users)
    else:
        manifest.write_text(manifest.read_text().replace('"origin": "', '"origin": "another '))
    extract(settings)
    [load] = rows(settings, "lab/loads")
    assert {row["_loaded_at"] for row in rows(settings, "zendesk/users")} == {load["loaded_at"]}


def test_what_the_help_desk_deleted_is_gone(company: Settings, tmp_path: Path) -> None:
    """A deleted ticket keeps its record without comments, a deleted conversation leaves nothing."""
    settings = company.model_copy(update={"home": tmp_path})
    generate(settings)
    extract(settings)
    tickets = settings.source / "zendesk" / "tickets.jsonl"
    records = [json.loads(line) for line in tickets.read_text().splitlines()]
    ticket = next(r for r in records if r.get("status") == "closed")
    ticket |= {"status": "deleted", "generated_timestamp": newest_change(records) + 1}
    tickets.write_text("".join(json.dumps(record) + "\n" for record in records))
    chats = settings.source / "intercom" / "conversations.jsonl"
    gone, *kept = chats.read_text().splitlines()
    chats.write_text("\n".join(kept) + "\n")
    extract(settings)
    comments = pq.read_table(settings.landing / "zendesk" / "ticket_comments").to_pylist()
    assert ticket["id"] not in {comment["ticket_id"] for comment in comments}
    landed_tickets = pq.read_table(settings.landing / "zendesk" / "tickets").to_pylist()
    assert [row["status"] for row in landed_tickets if row["id"] == ticket["id"]] == ["deleted"]
    ids = {row["id"] for row in pq.read_table(settings.landing / "intercom" / "conversations").to_pylist()}
    assert json.loads(gone)["id"] not in ids
    assert len(ids) > 10


def newest_change(records: list[dict[str, Any]]) -> int:
    return max(record.get("generated_timestamp", 0) for record in records)


def test_the_same_code_extracts_an_account(company: Settings, tmp_path: Path) -> None:
    """Settings that name a URL and a token pull the same rows; asked once more, an account in which nothing happened
    leaves the tracks nothing to do; another origin begins anew."""
    with served(company.source) as desks:
        account: dict[str, Any] = {
            "zendesk_url": desks.url,
            "zendesk_email": desks.zendesk_email,
            "zendesk_token": desks.zendesk_token,
            "intercom_url": desks.url,
            "intercom_token": desks.intercom_token,
        }
        settings = read_settings(home=tmp_path, **account)
        manifest = extract(settings)
        assert manifest["rows"] == land.read_manifest(company)["rows"]
        [load] = rows(settings, "lab/loads")
        assert extract(settings) == manifest
        [later] = rows(settings, "lab/loads")
        assert later["loaded_at"] > load["loaded_at"]
        assert {row["_loaded_at"] for row in rows(settings, "zendesk/tickets")} == {load["loaded_at"]}
        zendesk_only = read_settings(home=tmp_path, **{k: v for k, v in account.items() if k.startswith("zendesk")})
        assert extract(zendesk_only)["rows"]["intercom/conversations"] == 0
        assert desks.zendesk_token not in repr(settings) + repr(origin.own_origin(settings))


@pytest.mark.parametrize("status", [403, 404])
def test_an_account_whose_plan_has_less_is_extracted(
    company: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    """Schedules, promises, a help centre: not every plan has them. Their tables are empty then, the rest is there."""
    get = requests.Session.get

    def refuse(session: requests.Session, url: str, **given: Any) -> requests.Response:
        answer = get(session, url, **given)
        if any(part in url for part in ("/business_hours/", "/slas/", "/help_center/")):
            answer.status_code = status
        return answer

    monkeypatch.setattr(requests.Session, "get", refuse)
    rows = extract(elsewhere(company, tmp_path))["rows"]
    assert [rows[f"zendesk/{table}"] for table in ("schedules", "sla_policies", "articles")] == [0, 0, 0]
    assert rows["zendesk/tickets"] == land.read_manifest(company)["rows"]["zendesk/tickets"]


def test_a_refused_token_is_no_traceback(company: Settings, tmp_path: Path) -> None:
    """A wrong token says which setting to check, and leaves no landing."""
    with served(company.source) as desks:
        settings = read_settings(home=tmp_path, intercom_url=desks.url, intercom_token="wrong")
        with pytest.raises(ConfigError, match="refuses the credentials") as refused:
            extract(settings)
    assert "LAB_INTERCOM_TOKEN" in refused.value.next_step
    assert not settings.landing.exists()


def test_files_and_apis_land_the_same(company: Settings, tmp_path: Path) -> None:
    """The company's own files, read as exports, give the rows that its APIs give; a deletion only the APIs tell."""
    settings = land_exports(company.source, tmp_path)
    over_http, from_files = (land.read_manifest(s)["rows"] for s in (company, settings))
    assert over_http == from_files
    for table in over_http:
        assert rows(company, table, "_loaded_at") == rows(settings, table, "_loaded_at"), table

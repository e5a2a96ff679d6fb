"""The warehouse: right to the last value, swapped in whole, and built only when something changed."""

import json
import shutil
from pathlib import Path

import duckdb
import pytest
from conftest import land_exports

import etl_track.build as etl_build
from etl_track.build import build
from lab.errors import ConfigError, MissingStep, StageFailed
from lab.report import read_report
from lab.settings import Settings, read_settings


def test_every_value_agrees_with_the_truth(warehouse: Settings) -> None:
    """Thirty values of every ticket, its promises, its days in the backlog and every customer's plans are right."""
    report = read_report(warehouse.reports / "etl.json", make="etl")
    assert report["truth"]["disagreements"] == 0
    assert report["truth"]["compared"] > 30 * kept_tickets(warehouse)
    assert report["tests"]["failed"] == 0
    assert report["tests"]["passed"] > 150


def test_a_wrong_value_would_be_noticed(warehouse: Settings, tmp_path: Path) -> None:
    """The comparison with the truth counts a changed value and a missing ticket."""
    from etl_track.verify import compare_with_truth

    lines = (warehouse.source / "truth" / "tickets.jsonl").read_text().splitlines()
    first = {**json.loads(lines[0]), "region": "nowhere"}
    truth = tmp_path / "tickets.jsonl"
    truth.write_text("\n".join([json.dumps(first), *lines[2:]]) + "\n")
    found = compare_with_truth(warehouse.warehouse, truth)
    assert found.by_column["region"] >= 2
    assert found.disagreements >= 1 + 6  # the region, and at least the six values of a ticket that is never null


def test_the_report_counts_rejects_and_freshness(warehouse: Settings) -> None:
    """etl.json has the rejects of each table and how fresh each help desk is."""
    report = read_report(warehouse.reports / "etl.json", make="etl")
    assert report["rejects"] == {"zendesk/tickets": 3, "zendesk/ticket_comments": 1, "intercom/conversations": 3}
    assert {entry["source"] for entry in report["freshness"]} == {"zendesk", "intercom"}
    with duckdb.connect(str(warehouse.warehouse), read_only=True) as connection:
        assert connection.sql("select count(*) from staging.stg_lab__rejects").fetchall() == [(7,)]


def test_an_unchanged_landing_is_not_built_again(
    warehouse: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The second build does not start dbt, and says so."""
    monkeypatch.setattr(etl_build, "run_dbt", None)
    build(warehouse)
    assert "unchanged" in capsys.readouterr().out


def test_one_help_desk_is_enough(landed: Settings, tmp_path: Path) -> None:
    """Without Intercom the warehouse is built from Zendesk alone, and all tests pass."""
    shutil.copytree(landed.source / "zendesk", tmp_path / "exports" / "zendesk")
    settings = land_exports(tmp_path / "exports", tmp_path / "out")
    report = build(settings)
    assert report["truth"]["compared"] == 0
    with duckdb.connect(str(settings.warehouse), read_only=True) as connection:
        sources = connection.sql("select source_name, count(*) from marts.fct_support_tickets group by all").fetchall()
    [(source, count)] = sources
    assert source == "zendesk"
    assert count > 100


def test_a_failing_test_leaves_the_old_warehouse(landed: Settings, tmp_path: Path) -> None:
    """A test that finds rows stops the build; the error names the test and how to see the rows."""
    shutil.copytree(landed.source / "zendesk", tmp_path / "exports" / "zendesk")
    comments = tmp_path / "exports" / "zendesk" / "ticket_comments.jsonl"
    orphan = {"id": 1, "ticket_id": 999, "author_id": 1, "created_at": "2026-01-01T00:00:00Z", "public": True}
    comments.write_text(comments.read_text() + json.dumps(orphan) + "\n")
    settings = land_exports(tmp_path / "exports", tmp_path / "out")
    settings.warehouse.write_bytes(b"the old one")
    with pytest.raises(StageFailed, match="found 1 rows that must not be there") as failed:
        build(settings)
    assert settings.warehouse.read_bytes() == b"the old one"
    table = failed.value.next_step.split()[-1]
    with duckdb.connect(str(settings.home / "building" / "warehouse.duckdb"), read_only=True) as connection:
        assert len(connection.sql(f'select * from test_failures."{table}"').fetchall()) == 1


def test_without_a_landing_the_step_before_is_named(tmp_path: Path) -> None:
    """The error says to land first."""
    with pytest.raises(MissingStep, match="make landing"):
        build(read_settings(home=tmp_path))


def test_each_stage_can_be_run_alone(landed: Settings, tmp_path: Path) -> None:
    """clean, shape, store and verify, one after the other, make the same warehouse as the whole build."""
    from etl_track.build import CLEAN, SHAPE, STORE, build_part

    settings = landed.model_copy(update={"home": tmp_path})
    shutil.copytree(landed.landing, settings.landing)
    for selection in (CLEAN, SHAPE, STORE):
        build_part(settings, "build", *selection)
    build_part(settings, "test")
    from etl_track.verify import compare_with_truth

    found = compare_with_truth(settings.warehouse, landed.source / "truth" / "tickets.jsonl")
    assert found.compared > 30 * kept_tickets(landed)
    assert found.disagreements == 0
    assert not (settings.reports / "etl.json").exists()


def test_a_selection_of_nothing_is_an_error(landed: Settings, tmp_path: Path) -> None:
    """A typo in a selector says so instead of building nothing."""
    from etl_track.build import build_part

    settings = landed.model_copy(update={"home": tmp_path})
    shutil.copytree(landed.landing, settings.landing)
    with pytest.raises(ConfigError, match="fct_suport"):
        build_part(settings, "build", "--select", "fct_suport")


def test_a_part_does_not_pass_for_the_whole(warehouse: Settings, tmp_path: Path) -> None:
    """After one stage alone the next whole build builds, and asking in between says that the marts are missing."""
    from etl_track.build import build_part
    from etl_track.metrics import open_warehouse

    settings = warehouse.model_copy(update={"home": tmp_path})
    shutil.copytree(warehouse.landing, settings.landing)
    shutil.copytree(warehouse.reports, settings.reports)
    build_part(settings, "build", "--select", "staging")
    with pytest.raises(MissingStep, match="no marts yet"):
        open_warehouse(settings)
    assert not (settings.reports / "etl.json").exists()


def test_a_disagreement_with_the_truth_stops_the_build(landed: Settings, tmp_path: Path) -> None:
    """A warehouse that is wrong is not swapped in, and the error names the column."""
    settings = landed.model_copy(update={"home": tmp_path})
    shutil.copytree(landed.landing, settings.landing)
    lines = (landed.source / "truth" / "tickets.jsonl").read_text().splitlines()
    wrong = {**json.loads(lines[0]), "region": "nowhere"}
    truth = settings.source / "truth" / "tickets.jsonl"
    truth.parent.mkdir(parents=True)
    truth.write_text("\n".join([json.dumps(wrong), *lines[1:]]))
    with pytest.raises(StageFailed, match="disagree with the truth: region 1"):
        build(settings)
    assert not settings.warehouse.exists()


def kept_tickets(settings: Settings) -> int:
    truth = (settings.source / "truth" / "tickets.jsonl").read_text().splitlines()
    return sum(json.loads(line)["status"] != "deleted" for line in truth)

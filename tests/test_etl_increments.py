"""What changed is enough: a warehouse that is kept up to date day by day equals one that is built anew."""

import shutil
from collections import Counter
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest
from draft_verdicts import give_verdicts

from etl_track.build import begin, rules_of
from etl_track.run_dbt import run_dbt
from lab.report import Report, read_report
from lab.settings import Settings, read_settings
from sample_data.extract import extract
from sample_data.generate import generate
from sample_data.tomorrow import tomorrow

WITHOUT_TESTS = ("--exclude-resource-type", "test", "--exclude-resource-type", "unit_test")


@pytest.mark.slow
def test_seven_days_of_increments_equal_a_full_refresh(tmp_path: Path) -> None:
    """Late comments, reopenings, deletions and plan changes arrive in every table that is stored, row for row."""
    settings = read_settings(home=tmp_path / "out", tickets=150)
    generate(settings)
    give_verdicts(settings)
    extract(settings)
    build_models(settings, keep=False).replace(settings.warehouse)
    happened: Counter[str] = Counter()
    for day in range(7):
        happened += tomorrow(settings)
        extract(settings)
        build_models(settings, keep=True).replace(settings.warehouse)
        assert differences(settings.warehouse, build_models(settings, keep=False)) == {}, f"on day {day + 1}"
    for kind in ("new tickets", "late comments", "reopenings", "deletions", "plan changes"):
        assert happened[kind], kind


@pytest.mark.slow
def test_an_increment_touches_only_what_changed(tmp_path: Path) -> None:
    """A day later most rows keep the time of their load, and only tickets with something new have a newer one."""
    settings = read_settings(home=tmp_path / "out", tickets=150)
    generate(settings)
    extract(settings)
    build_models(settings, keep=False).replace(settings.warehouse)
    tomorrow(settings)
    extract(settings)
    with duckdb.connect(str(build_models(settings, keep=True)), read_only=True) as warehouse:
        [(old, new)] = warehouse.sql("""
            select count(*) filter (loaded_at < (select clock from staging.stg_lab__loads)), count(*)
            from marts.fct_support_tickets
        """).fetchall()
    assert new > old > 0.8 * new


def test_other_business_hours_are_another_warehouse(landed: Settings, tmp_path: Path) -> None:
    """The minutes of every ticket hang on the schedule: when it changes, what was built by the old one is not kept."""
    settings = landed.model_copy(update={"home": tmp_path})
    shutil.copytree(landed.landing, settings.landing)
    manifest = read_report(settings.landing / "manifest.json", make="landing")
    before = rules_of(settings, manifest)
    assert rules_of(landed, manifest) == before
    schedules = settings.landing / "zendesk" / "schedules" / "part-0.parquet"
    pq.write_table(pq.read_table(schedules).slice(1), schedules)
    assert rules_of(settings, manifest) != before


def build_models(settings: Settings, keep: bool) -> Path:
    """Every model without its tests, in a file of its own: on top of what is there, or anew with the snapshots."""
    building = begin(settings, keep=keep)
    run_dbt(settings, building, Report(), 0, "build", *WITHOUT_TESTS)
    return building


def differences(one: Path, other: Path) -> dict[str, int]:
    """Tables in which rows differ, and how many."""
    with duckdb.connect() as connection:
        connection.execute(f"attach '{one}' as one (read_only)")
        connection.execute(f"attach '{other}' as other (read_only)")
        tables = connection.execute("""
            select schema_name || '.' || table_name from duckdb_tables()
            where database_name = 'other' and schema_name in ('intermediate', 'marts', 'snapshots')
        """).fetchall()
        assert len(tables) > 10
        counts = {}
        for (table,) in tables:
            [(count,)] = connection.execute(f"""
                select count(*) from (
                    (from one.{table} except all from other.{table})
                    union all (from other.{table} except all from one.{table})
                )
            """).fetchall()
            if count:
                counts[table] = count
    return counts

"""The benchmark: it compares like with like, and keeps what it did not measure."""

from pathlib import Path

import duckdb
import pytest

from etl_track.bench import measure, run_models, run_plainly
from lab.errors import StageFailed
from lab.report import read_report, write_runs
from lab.settings import Settings, read_settings


def test_the_plain_script_makes_the_same_rows_as_dbt(landed: Settings) -> None:
    """What dbt's time is compared with makes every mart with the same rows."""
    _, statements, by_dbt = run_models(landed)
    run_plainly(landed, statements, by_dbt)
    marts = [statement.name for statement in statements if statement.schema == "marts"]
    assert {"fct_support_tickets", "fct_sla_outcomes", "dim_customers"} <= set(marts)
    with duckdb.connect() as connection:
        connection.execute(f"attach '{by_dbt}' as by_dbt (read_only)")
        connection.execute(f"attach '{landed.home / 'compared' / 'plain' / by_dbt.name}' as plainly (read_only)")
        for mart in marts:
            query = f"(from by_dbt.marts.{mart} except all from plainly.marts.{mart})"
            assert connection.sql(f"select count(*) from {query}").fetchall() == [(0,)], mart
            assert connection.table(f"by_dbt.marts.{mart}").shape == connection.table(f"plainly.marts.{mart}").shape


def test_a_command_is_measured_and_its_failure_told(tmp_path: Path) -> None:
    """A command that fails stops the benchmark, and the error names the file with what it said."""
    company = read_settings(home=tmp_path, tickets=100)
    took = measure(company, "sample_data", "--help")
    assert took.seconds > 0
    assert took.peak_mb > 5
    with pytest.raises(StageFailed, match="etl_track build failed") as failed:
        measure(company, "etl_track", "build")
    assert "make landing" in Path(failed.value.next_step.removeprefix("read ")).read_text()


def test_a_measurement_replaces_only_its_own_line(tmp_path: Path) -> None:
    """bench.json keeps the lines of other stages and other sizes."""
    settings = read_settings(home=tmp_path)
    write_runs(settings.reports, [{"stage": "rag embed", "size": 100, "seconds": 1.0}])
    write_runs(settings.reports, [{"stage": "etl build", "size": 100, "seconds": 2.0}])
    write_runs(settings.reports, [{"stage": "etl build", "size": 200, "seconds": 3.0}])
    write_runs(settings.reports, [{"stage": "etl build", "size": 100, "seconds": 4.0}])
    runs = read_report(settings.reports / "bench.json", make="bench")["runs"]
    assert {(run["stage"], run["size"]): run["seconds"] for run in runs} == {
        ("rag embed", 100): 1.0,
        ("etl build", 100): 4.0,
        ("etl build", 200): 3.0,
    }

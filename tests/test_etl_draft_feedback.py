"""The warehouse measures the AI: what its metrics say of drafts is what the store holds, worked out anew in Python."""

import json
import shutil
import statistics
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from draft_verdicts import draft_of, give
from rapidfuzz.distance import Levenshtein

import etl_track.build as etl_build
from etl_track.build import build
from etl_track.edit_distance import edit_distance
from etl_track.metrics import open_warehouse, query_metric
from lab.errors import MissingStep
from lab.settings import Settings
from rag_track.draft import without_citations
from rag_track.service.requests import Edited
from rag_track.service.store import Given, Store
from sample_data.extract import extract


@dataclass(frozen=True)
class Judged:
    """The newest verdict on a draft, and what the draft was about."""

    verdict: str
    distance: int | None
    share: float | None
    product_category: str
    customer_tier: str
    week: date


@pytest.fixture(scope="module")
def connection(warehouse: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    """The small company's warehouse, read-only."""
    with open_warehouse(warehouse) as opened:
        yield opened


@pytest.fixture(scope="module")
def judged(warehouse: Settings) -> list[Judged]:
    """Told from the store and the company's truth, without the landing and without SQL."""
    lines = (warehouse.source / "truth" / "tickets.jsonl").read_text(encoding="utf-8").splitlines()
    told = {ticket["ticket_key"]: ticket for ticket in map(json.loads, lines) if ticket["status"] != "deleted"}
    newest: dict[str, Given] = {}
    for given in Store(warehouse.feedback).given():
        if given.draft.id not in newest or given.at >= newest[given.draft.id].at:
            newest[given.draft.id] = given
    return [
        judged_of(given, told.get(given.draft.ticket_id or "")) for given in newest.values() if not given.draft.declined
    ]


def judged_of(given: Given, ticket: dict[str, Any] | None) -> Judged:
    drafted = without_citations(given.draft.text)
    sent = without_citations(given.feedback.text) if isinstance(given.feedback, Edited) else drafted
    distance = None if given.feedback.verdict == "rejected" else characters_apart(drafted, sent)
    about = ticket or given.draft.filters.model_dump()
    return Judged(
        given.feedback.verdict,
        distance,
        None if distance is None else distance / max(len(drafted), len(sent)),
        about["product_category"] or "unknown",
        about["customer_tier"] or "unknown",
        given.at.date() - timedelta(days=given.at.weekday()),
    )


def characters_apart(one: str, other: str) -> int:
    """The edit distance as the textbook has it: a table, row by row."""
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, start=1):
        before, row = row, [i]
        for j, b in enumerate(other, start=1):
            row.append(min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b)))
    return row[-1]


def metrics_of(found: list[Judged]) -> dict[str, float | None]:
    """The metrics of some drafts."""

    def mean(values: list[Any]) -> float | None:
        return statistics.fmean(values) if values else None

    sent = [one for one in found if one.verdict != "rejected"]
    return {
        "judged_draft_count": len(found),
        "draft_acceptance_rate": mean([one.verdict == "accepted" for one in found]),
        "draft_rejection_rate": mean([one.verdict == "rejected" for one in found]),
        "average_edit_distance": mean([one.distance for one in sent]),
        "average_edit_share": mean([one.share for one in sent]),
    }


METRICS = tuple(metrics_of([]))


def test_the_feedback_is_as_varied_as_it_comes(judged: list[Judged], warehouse: Settings) -> None:
    """What the tests below compare has every verdict, second thoughts, declined drafts, tickets and none."""
    given = Store(warehouse.feedback).given()
    assert {one.verdict for one in judged} == {"accepted", "edited", "rejected"}
    assert len(given) > len({one.draft.id for one in given}) > len(judged) > 40
    assert {"exports", "billing", "unknown"} < {one.product_category for one in judged}
    assert {"free", "pro", "enterprise", "unknown"} == {one.customer_tier for one in judged}
    assert len({one.distance for one in judged}) > 4


@pytest.mark.parametrize("metric", METRICS)
def test_a_metric_equals_what_the_store_holds(
    connection: duckdb.DuckDBPyConnection, judged: list[Judged], metric: str
) -> None:
    """In all, by product, by tier and by week of the verdict."""
    assert query_metric(connection, metric).rows[0][0] == pytest.approx(metrics_of(judged)[metric])
    for by, attribute in (
        ("product_category", "product_category"),
        ("customer_tier", "customer_tier"),
        ("metric_time__week", "week"),
    ):
        groups: defaultdict[Any, list[Judged]] = defaultdict(list)
        for one in judged:
            groups[getattr(one, attribute)].append(one)
        found = dict(query_metric(connection, metric, (by,)).rows)
        assert found == {key: pytest.approx(metrics_of(group)[metric]) for key, group in groups.items()}


@pytest.mark.parametrize("pair", [("", "ü"), ("drück🌻", "druck🌼"), ("שלום", "שבת"), ("same", "same")])
def test_characters_are_counted_and_not_bytes(pair: tuple[str, str]) -> None:
    """The function that the models use, the library behind it, and the textbook agree."""
    assert edit_distance(*pair) == Levenshtein.distance(*pair) == characters_apart(*pair)


def test_new_feedback_is_something_to_build(
    warehouse: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A verdict more, and the build begins with what changed; without one it is unchanged. An old landing is told."""
    settings = warehouse.model_copy(update={"home": tmp_path})
    for name in ("source", "landing", "extract", "reports", "feedback"):
        shutil.copytree(warehouse.home / name, tmp_path / name)
    shutil.copy(warehouse.warehouse, settings.warehouse)
    monkeypatch.setattr(etl_build, "run_dbt", None)
    extract(settings)
    build(settings)
    assert capsys.readouterr().out.count("unchanged") == 2
    store, draft = Store(settings.feedback), draft_of(5000, None, "Press Retry.", False)
    store.add_draft(draft)
    give(store, draft, "accepted", datetime(2026, 6, 30, tzinfo=UTC), 0)
    extract(settings)
    with pytest.raises(TypeError):  # there is no dbt here
        build(settings)
    assert "dbt builds what changed" in capsys.readouterr().out
    manifest = settings.landing / "manifest.json"
    manifest.write_text(manifest.read_text().replace('"feedback_from"', '"something_else"'))
    with pytest.raises(MissingStep, match="make landing"):
        build(settings)


def test_without_any_feedback_a_count_is_zero_and_a_rate_is_none(warehouse: Settings, tmp_path: Path) -> None:
    """Nobody has judged a draft yet: that is no error, and no group."""
    shutil.copy(warehouse.warehouse, tmp_path / "empty.duckdb")
    with duckdb.connect(str(tmp_path / "empty.duckdb")) as opened:
        opened.execute("delete from marts.fct_draft_feedback")
        assert query_metric(opened, "judged_draft_count").rows == ((0,),)
        assert query_metric(opened, "draft_acceptance_rate").rows == ((None,),)
        assert query_metric(opened, "draft_acceptance_rate", ("product_category",)).rows == ()

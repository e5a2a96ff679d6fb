"""Whatever the help desks send: nothing crashes the landing and nothing vanishes uncounted."""

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.errors import MissingStep
from lab.landing.land import land
from lab.landing.read import Unreadable, read
from lab.landing.tables import TABLES
from lab.settings import Settings, read_settings

TICKETS = next(table for table in TABLES if table.name == "tickets")
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text(), children, max_size=3),
    max_leaves=8,
)


@given(line=st.binary(max_size=200))
def test_any_bytes_are_a_row_or_a_reason(line: bytes) -> None:
    """Arbitrary bytes never raise anything but Unreadable."""
    for table in TABLES:
        try:
            row = read(table, line)
        except Unreadable:
            continue
        assert set(row) == {*table.columns, "_more"}


@settings(deadline=None)  # the first example imports pyarrow
@given(data=st.data())
def test_any_values_in_the_right_fields(data: st.DataObject) -> None:
    """Any JSON value in any field gives a row that Parquet can hold, or a reason."""
    import pyarrow as pa

    from lab.landing.land import ARROW

    table = data.draw(st.sampled_from(TABLES))
    record = {name: data.draw(json_values, label=name) for name in table.columns}
    try:
        row = read(table, json.dumps(record).encode())
    except Unreadable:
        return
    schema = pa.schema([*((name, ARROW[kind]) for name, kind in table.columns.items()), ("_more", pa.string())])
    pa.RecordBatch.from_pylist([row], schema=schema)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'{"id": 1, "subject": "cut of', "not JSON"),
        (b"[1, 2]", "not a JSON object"),
        (b'{"id": ' + b"9" * 5_000 + b"}", "not JSON"),
        (b'{"created_at": "2026-01-01T00:00:00Z"}', "id is missing"),
        (b'{"id": 1, "created_at": "soon"}', "created_at is no time"),
        (b'{"id": 1, "created_at": "0001-01-01T00:00:00Z"}', "created_at is no time"),
        (b'{"id": "x", "created_at": "2026-01-01T00:00:00Z"}', "id is no whole number"),
        (
            b'{"id": 1, "created_at": "2026-01-02T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z"}',
            "ends before it begins",
        ),
    ],
)
def test_the_reason_is_said(line: bytes, reason: str) -> None:
    """Each kind of broken record has its own reason."""
    with pytest.raises(Unreadable, match=reason):
        read(TICKETS, line)


def test_emoji_right_to_left_and_two_megabytes_are_kept() -> None:
    """Text is text, however long and in whatever direction; half an emoji becomes a question mark."""
    subject = "שירה 🌻 أمين" + "x" * 2_000_000
    assert read(TICKETS, ticket(subject=subject))["subject"] == subject
    assert read(TICKETS, ticket(subject="\ud83c"))["subject"] == "?"
    assert "half ? emoji" in read(TICKETS, ticket(via={"text": "half \ud83d emoji"}))["via"]


def test_unknown_fields_are_kept_together() -> None:
    """A field that the lab does not know is not lost."""
    assert json.loads(read(TICKETS, ticket(brand_new=[1, 2]))["_more"]) == {"brand_new": [1, 2]}


def test_an_offset_becomes_utc() -> None:
    """ISO times with another zone are landed in UTC."""
    assert read(TICKETS, ticket(created_at="2026-01-01T01:00:00+02:00"))["created_at"] == "2025-12-31T23:00:00Z"


def ticket(**fields: object) -> bytes:
    return json.dumps({"id": 1, "created_at": "2026-01-01T00:00:00Z", **fields}).encode()


def test_every_line_is_landed_or_rejected(landed: Settings) -> None:
    """Rows and rejects together are the lines of the source, and the rejects are the planted ones."""
    manifest = json.loads((landed.landing / "manifest.json").read_text())
    planted = json.loads((landed.source / "truth" / "rejects.json").read_text())
    assert manifest["rejects"] == planted
    for table, rows in manifest["rows"].items():
        count = (landed.source / f"{table}.jsonl").read_bytes().count(b"\n")
        assert count == rows + sum(planted.get(table, {}).values())
        assert pq.read_metadata(landed.landing / table / "part-0.parquet").num_rows == rows
    kept = pq.read_table(landed.landing / "lab" / "rejects").to_pylist()
    assert len(kept) == sum(sum(reasons.values()) for reasons in planted.values())
    assert any(reject["record"].startswith('{"id": 499001') for reject in kept)


def test_one_help_desk_is_enough(tmp_path: Path) -> None:
    """With Intercom absent, its tables are there and empty."""
    home = read_settings(home=tmp_path)
    (home.source / "zendesk").mkdir(parents=True)
    (home.source / "zendesk" / "tickets.jsonl").write_bytes(ticket(updated_at="2026-02-01T00:00:00Z") + b"\n")
    manifest = land(home)
    assert manifest["clock"] == "2026-02-01T00:00:00+00:00"
    assert pq.read_table(home.landing / "intercom" / "conversations").num_rows == 0
    [row] = pq.read_table(home.landing / "zendesk" / "tickets").to_pylist()
    assert row["_source"] == "zendesk"
    assert row["_loaded_at"] is not None


def test_nothing_to_land_names_the_step_before(tmp_path: Path) -> None:
    """Without a source the error says which command makes one."""
    with pytest.raises(MissingStep, match="make data"):
        land(read_settings(home=tmp_path))


def test_an_unchanged_source_is_not_landed_again(landed: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    """The second run says that nothing changed and rewrites nothing."""
    before = (landed.landing / "manifest.json").stat().st_mtime_ns
    land(landed)
    assert (landed.landing / "manifest.json").stat().st_mtime_ns == before
    assert "unchanged" in capsys.readouterr().out

"""Whatever the help desks send: nothing crashes the landing and nothing vanishes uncounted."""

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from conftest import land_exports
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.errors import ConfigError, MissingStep
from lab.landing.origin import own_origin
from lab.landing.read import Unreadable, read
from lab.landing.tables import TABLES, arrow_schema
from lab.settings import Settings, read_settings
from sample_data.extract import extract

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

    table = data.draw(st.sampled_from(TABLES))
    record = {name: data.draw(json_values, label=name) for name in table.columns}
    try:
        row = read(table, json.dumps(record).encode())
    except Unreadable:
        return
    pa.RecordBatch.from_pylist([row], schema=arrow_schema(table))


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


def test_every_record_is_landed_or_rejected(landed: Settings) -> None:
    """Rows and rejects are what the help desks hold, less repeated states of a ticket; rejects are the planted ones."""
    manifest = json.loads((landed.landing / "manifest.json").read_text())
    planted = json.loads((landed.source / "truth" / "rejects.json").read_text())
    assert manifest["rejects"] == planted
    for table, rows in manifest["rows"].items():
        if table.startswith("lab/"):
            continue  # no help desk holds it
        records = (landed.source / f"{table}.jsonl").read_bytes().splitlines()
        if table == "zendesk/tickets":
            records = list({json.loads(record).get("id"): record for record in records}.values())
        assert len(records) == rows + sum(planted.get(table, {}).values())
        assert pq.read_metadata(landed.landing / table / "part-0.parquet").num_rows == rows
    kept = pq.read_table(landed.landing / "lab" / "rejects").to_pylist()
    assert len(kept) == sum(sum(reasons.values()) for reasons in planted.values())
    assert any("last Tuesday" in reject["record"] for reject in kept)


def test_one_help_desk_is_enough(tmp_path: Path) -> None:
    """Without Intercom its tables are there and empty; lines that are no records are rejected by their number."""
    (tmp_path / "exports" / "zendesk").mkdir(parents=True)
    lines = ticket(updated_at="2026-02-01T00:00:00Z") + b"\nnull\n{'single': 'quotes'}\n"
    (tmp_path / "exports" / "zendesk" / "tickets.jsonl").write_bytes(lines)
    home = land_exports(tmp_path / "exports", tmp_path / "out")
    manifest = json.loads((home.landing / "manifest.json").read_text())
    assert manifest["clock"] == "2026-02-01T00:00:00+00:00"
    assert manifest["rejects"] == {"zendesk/tickets": {"not a JSON object": 1, "not JSON": 1}}
    assert [r["line"] for r in pq.read_table(home.landing / "lab" / "rejects").to_pylist()] == [2, 3]
    assert pq.read_table(home.landing / "intercom" / "conversations").num_rows == 0
    [row] = pq.read_table(home.landing / "zendesk" / "tickets").to_pylist()
    assert row["_source"] == "zendesk"
    [load] = pq.read_table(home.landing / "lab" / "loads").to_pylist()
    assert row["_loaded_at"] == load["loaded_at"]
    assert load["clock"].isoformat() == manifest["clock"]
    assert load["origin"] == f"exports {(tmp_path / 'exports').resolve()}"


def test_a_repeated_record_is_one_row_the_newest(tmp_path: Path) -> None:
    """Live exports repeat a ticket at each change, in any order, and a comment may be in twice."""
    zendesk = tmp_path / "exports" / "zendesk"
    zendesk.mkdir(parents=True)
    states = [ticket(status=s, generated_timestamp=1767225600 + n) for n, s in ((1, "open"), (2, "solved"), (0, "new"))]
    (zendesk / "tickets.jsonl").write_bytes(b"\n".join(states))
    comment = json.dumps({"id": 7, "ticket_id": 1, "created_at": "2026-01-01T00:00:00Z"}).encode()
    (zendesk / "ticket_comments.jsonl").write_bytes(comment + b"\n" + comment)
    home = land_exports(tmp_path / "exports", tmp_path / "out")
    assert [row["status"] for row in pq.read_table(home.landing / "zendesk" / "tickets").to_pylist()] == ["solved"]
    assert pq.read_table(home.landing / "zendesk" / "ticket_comments").num_rows == 1


def test_new_and_lost_fields_are_reported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A field that appears or vanishes between two extracts is said, and stops nothing."""
    zendesk = tmp_path / "exports" / "zendesk"
    zendesk.mkdir(parents=True)
    (zendesk / "tickets.jsonl").write_bytes(ticket(priority="high"))
    land_exports(tmp_path / "exports", tmp_path / "out")
    (zendesk / "tickets.jsonl").write_bytes(ticket(sentiment="angry"))
    land_exports(tmp_path / "exports", tmp_path / "out")
    said = capsys.readouterr().out
    assert "zendesk/tickets has new fields, kept in _more: sentiment" in said
    assert "zendesk/tickets no longer has priority" in said


def test_nothing_to_extract_names_the_next_step(tmp_path: Path) -> None:
    """No company, no exports, half an account: each error says what to do."""
    with pytest.raises(MissingStep, match="make data"):
        extract(read_settings(home=tmp_path))
    with pytest.raises(MissingStep, match="make landing"):
        own_origin(read_settings(home=tmp_path))
    with pytest.raises(ConfigError, match="neither a folder zendesk nor"):
        own_origin(read_settings(home=tmp_path, exports=tmp_path))
    with pytest.raises(ConfigError, match="LAB_ZENDESK_EMAIL and LAB_ZENDESK_TOKEN"):
        own_origin(read_settings(home=tmp_path, zendesk_url="https://you.zendesk.example"))


def test_an_unchanged_company_is_not_extracted_again(landed: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    """The second run says that nothing changed and rewrites nothing."""
    before = (landed.landing / "manifest.json").stat().st_mtime_ns
    extract(landed)
    assert (landed.landing / "manifest.json").stat().st_mtime_ns == before
    assert "unchanged" in capsys.readouterr().out

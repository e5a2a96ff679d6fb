"""Whoever asks to be forgotten is gone from every file, and does not come back."""

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest
from conftest import land_exports
from draft_verdicts import draft_of, give, give_verdicts

from lab.errors import ConfigError, MissingStep, StageFailed
from lab.forgotten import STORE, People, erase, erase_drafts, forget, mark_of, read_forgotten
from lab.landing.feedback import read_feedback
from lab.proof import prove
from lab.settings import Settings, read_settings
from rag_track.service.requests import Edited
from rag_track.service.responses import FoundTicket, StoredFeedback
from rag_track.service.store import Store
from sample_data.extract import extract
from sample_data.generate import generate


def company(home: Path) -> Settings:
    settings = read_settings(home=home, tickets=100)
    generate(settings)
    extract(settings)
    return settings


def busiest_contact(settings: Settings) -> str:
    """The address of a contact who has written on both help desks."""
    addresses = [
        [json.loads(line)["email"].lower() for line in (settings.source / table).read_text().splitlines()]
        for table in ("zendesk/users.jsonl", "intercom/contacts.jsonl")
    ]
    text = (settings.source / "truth" / "personal_data.jsonl").read_text()
    return max(set(addresses[0]) & set(addresses[1]), key=lambda address: (text.count(address), address))


def test_a_forgotten_person_is_in_no_file(tmp_path: Path) -> None:
    """Source, extract and landing are searched for address and ids; the truth no longer counts their tickets."""
    settings = company(tmp_path)
    address = busiest_contact(settings)
    before = len((settings.source / "truth" / "tickets.jsonl").read_text().splitlines())
    assert any(address in file.read_text() for file in settings.source.rglob("*.jsonl"))
    tickets = forget(settings, address.upper())
    assert tickets > 0
    generate(settings)
    extract(settings)
    assert prove(settings) > 20
    assert len((settings.source / "truth" / "tickets.jsonl").read_text().splitlines()) <= before - tickets


def test_a_forgotten_person_does_not_come_back(tmp_path: Path) -> None:
    """A help desk that still knows the person is extracted without them; what others wrote keeps its words."""
    settings = company(tmp_path / "company")
    address = busiest_contact(settings)
    note = {"id": 1, "ticket_id": 2, "author_id": 3, "created_at": "2026-01-01T00:00:00Z", "public": True}
    comments = settings.source / "zendesk" / "ticket_comments.jsonl"
    comments.write_text(comments.read_text() + json.dumps({**note, "body": f"Ask {address.title()} about it"}) + "\n")
    home = tmp_path / "own"
    home.mkdir()
    (home / "forgotten.json").write_text(json.dumps([mark_of(address)]))
    own = land_exports(settings.source, home)
    users = pq.read_table(own.landing / "zendesk" / "users").to_pylist()
    contacts = pq.read_table(own.landing / "intercom" / "contacts").to_pylist()
    assert address not in {str(person["email"]).lower() for person in users + contacts}
    [kept] = [row for row in pq.read_table(own.landing / "zendesk" / "ticket_comments").to_pylist() if row["id"] == 1]
    assert kept["body"] == "Ask [forgotten] about it"
    landed = pq.read_table(own.landing / "zendesk" / "tickets").num_rows
    assert 0 < landed < pq.read_table(settings.landing / "zendesk" / "tickets").num_rows


def test_drafts_that_name_their_tickets_are_forgotten_with_their_feedback(tmp_path: Path) -> None:
    """A draft for the person's ticket, one that cites it and one that was shown it are gone; others stay, as landed."""
    settings = company(tmp_path)
    address, store = busiest_contact(settings), Store(settings.feedback)
    with duckdb.connect(str(settings.extract / STORE), read_only=True) as extracted:
        key = f"zendesk-{People(extracted, frozenset({mark_of(address)})).tickets[0]}"
    hit = FoundTicket(ticket=key, score=1, similarity=1, passage="Press.", reason="", is_outdated=False)
    drafts = [draft_of(n, None, "Press Retry. [intercom-1]", False) for n in range(5)]
    changes = ({"ticket_id": key}, {"text": f"Press Retry. [{key}]"}, {"hits": [hit]}, {}, {})
    for n, (draft, change) in enumerate(zip(drafts, changes, strict=True)):
        store.add_draft(draft.model_copy(update=change))
        give(store, draft, "rejected", datetime(2026, 6, 30, tzinfo=UTC), n)
    note = Edited(verdict="edited", agent_id="agent-1", text=f"As in {key}.")
    store.add_feedback(StoredFeedback(id="f" * 16, draft_id=drafts[4].id, feedback=note))
    assert len(store.given()) == 6
    forget(settings, address)
    assert store.draft_ids() == {drafts[3].id, drafts[4].id}
    landed = read_feedback(settings.feedback)
    assert [row["draft_id"] for row in landed.rows] == [drafts[3].id, drafts[4].id]
    assert landed.rejects == []


def test_what_the_store_still_holds_is_found(tmp_path: Path) -> None:
    """A word that the store's file cuts in two, because a page of it ends there, is found, and then erased."""
    settings, value = read_settings(home=tmp_path), "ada.lovelace@example.org"
    (tmp_path / "forgetting.json").write_text(json.dumps([value]))
    for length in range(20_000, 24_100, len(value) // 2):  # a page has 4,096 bytes
        settings.feedback.unlink(missing_ok=True)
        Store(settings.feedback).add_draft(draft_of(1, None, "x" * length + f" {value} " + "x" * 20_000, False))
        if value.encode() not in settings.feedback.read_bytes():
            break
    assert value.encode() not in settings.feedback.read_bytes()
    with pytest.raises(StageFailed, match=r"service\.sqlite"):
        prove(settings)
    assert erase_drafts(settings.feedback, [value]) == 1
    assert prove(settings) == 1


def test_an_old_ticket_that_changes_does_not_bring_its_author_back(tmp_path: Path) -> None:
    """Tickets are pulled again when they change, unchanged users are not: the ids are known without the address."""
    settings = company(tmp_path)
    address = busiest_contact(settings)
    with duckdb.connect(str(settings.extract / STORE)) as store:
        before = People(store, frozenset({mark_of(address)}))
    assert before.tickets
    assert before.talks
    forget(settings, address)
    marks = read_forgotten(settings)
    with duckdb.connect(str(settings.extract / STORE)) as store:
        store.execute("delete from landing.zendesk__users")
        store.execute("delete from landing.intercom__contacts")
        again = People(store, marks)
    assert (again.tickets, again.talks) == (before.tickets, before.talks)
    assert erase(settings.extract / STORE, marks) == len(before.tickets) + len(before.talks)
    with duckdb.connect(str(settings.extract / STORE)) as store:
        assert People(store, marks).values() == set()


def test_what_is_left_is_found(tmp_path: Path) -> None:
    """The proof reads text, Parquet and DuckDB, and names the file; it does not stop at part of a longer number."""
    settings = company(tmp_path)
    forget(settings, busiest_contact(settings))
    with pytest.raises(StageFailed, match=r"extract/newest\.duckdb") as left:
        prove(settings)
    assert "part-0.parquet" in left.value.message
    generate(settings)
    extract(settings)
    wanted = json.loads((tmp_path / "forgetting.json").read_text())
    (tmp_path / "notes.txt").write_text(f"1{wanted[0]}9")
    prove(settings)


def test_a_wrong_address_names_a_near_one(tmp_path: Path) -> None:
    """Nobody has the address: the error says which command would work; before the first extract nobody is known."""
    with pytest.raises(MissingStep, match="make landing"):
        forget(read_settings(home=tmp_path / "empty"), "ada@example.org")
    settings = company(tmp_path)
    address = busiest_contact(settings)
    with pytest.raises(ConfigError) as wrong:
        forget(settings, address.replace(".example", ".exmaple"))
    assert address in wrong.value.next_step
    with pytest.raises(MissingStep, match="make forget"):
        prove(settings)


@pytest.mark.slow
def test_every_stage_forgets(tmp_path: Path) -> None:
    """After warehouse, index, drafts, feedback and experiments were made, the same holds for all of them."""
    from etl_track.build import build as build_warehouse
    from rag_track.build import build as build_index

    settings = company(tmp_path)
    give_verdicts(settings)
    extract(settings)
    build_warehouse(settings)
    build_index(settings)
    shutil.copytree(settings.index, settings.home / "experiments" / "index-1")  # as an experiment leaves it
    forget(settings, busiest_contact(settings))
    generate(settings)
    extract(settings)
    build_warehouse(settings)
    build_index(settings)
    assert prove(settings) > 25

"""The sample company: deterministic, in order of time, true to its own records."""

import json
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from lab.aside import fingerprint
from lab.settings import Settings, read_settings
from sample_data import intercom, zendesk
from sample_data.calendar import company_clock
from sample_data.catalogue import read_catalogue
from sample_data.company import read_company
from sample_data.conversations import make_conversations
from sample_data.generate import preview, write_source
from sample_data.held_out import word_overlap
from sample_data.people import make_people
from sample_data.truth import ticket_truth

LIGHT = hypothesis_settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def lines(file: Path) -> list[dict]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def test_same_seed_same_bytes(tmp_path: Path) -> None:
    """Two runs with one seed are byte-identical; another seed differs."""
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        (tmp_path / name / "x").mkdir(parents=True)
        write_source(tmp_path / name / "x", seed, 120)
    first, again, other = (fingerprint(tmp_path / name / "x") for name in "abc")
    assert first == again
    assert first != other


@LIGHT
@given(seed=st.integers(0, 10_000))
def test_conversations_hold_together(seed: int) -> None:
    """Whatever the seed: time runs forward, nothing happens after the clock, a reply follows its question."""
    company = read_company()
    people = make_people(company, seed, 120)
    now = company_clock(company)
    talks = list(make_conversations(company, read_catalogue(), people, seed, 120))
    assert [talk.created_at for talk in talks] == sorted(talk.created_at for talk in talks)
    for talk in talks:
        times = [message.at for message in talk.messages]
        assert times == sorted(times)
        assert times[0] == talk.created_at
        assert times[-1] < now
        assert talk.messages[0].kind == "customer"
        assert talk.contact in people.contacts
        assert talk.agent in people.agents
        assert talk.contact.account.tier in talk.problem.tiers
        truth = ticket_truth(talk, talk.status)
        if truth.first_resolution_minutes is not None:
            assert truth.full_resolution_minutes is not None
            assert 0 <= truth.first_resolution_minutes <= truth.full_resolution_minutes
        if truth.first_reply_minutes is not None:
            assert truth.first_reply_minutes > 0


@LIGHT
@given(seed=st.integers(0, 10_000))
def test_every_reference_is_known(seed: int) -> None:
    """Whatever the seed: authors, requesters and organizations of tickets and parts exist in their tables."""
    company = read_company()
    people = make_people(company, seed, 120)
    now = company_clock(company)
    users = {record["id"] for record in zendesk.user_records(people, now)}
    organizations = {record["id"] for record in zendesk.organization_records(people, now)}
    contacts = {record["id"] for record in intercom.contact_records(people, now)}
    admins = {record["id"] for record in intercom.admin_records(people)}
    for talk in make_conversations(company, read_catalogue(), people, seed, 120):
        if talk.help_desk == "zendesk":
            records = zendesk.ticket_records(talk, now)
            for ticket in records["tickets"]:
                assert ticket["requester_id"] in users
                assert ticket["organization_id"] in organizations
            assert {c["author_id"] for c in records["ticket_comments"]} <= users | {zendesk.SYSTEM_AUTHOR}
        else:
            conversation = intercom.conversation_record(talk)
            authors = [part["author"] for part in conversation["conversation_parts"]["conversation_parts"]]
            known = contacts | admins | {intercom.BOT["id"]}
            assert {author["id"] for author in [*authors, conversation["source"]["author"]]} <= known


def test_golden_queries_never_occur_in_the_corpus(source: Settings) -> None:
    """No golden query longer than a bare code stands in any conversation, whole or nearly."""
    texts = [document["text"].lower() for document in lines(source.source / "golden" / "corpus.jsonl")]
    for query in lines(source.source / "golden" / "queries.jsonl"):
        text = query["text"].lower()
        assert len(text.split()) < 3 or not any(text in document for document in texts)
        assert not any(word_overlap(text, document) > 0.5 for document in texts)


def test_splits_share_no_problem(source: Settings) -> None:
    """No problem has queries in dev and in test."""
    queries = lines(source.source / "golden" / "queries.jsonl")
    sides = {(query["problem_id"], query["split"]) for query in queries if query["problem_id"]}
    assert max(Counter(problem for problem, _ in sides).values()) == 1


def test_truth_agrees_with_the_text(source: Settings) -> None:
    """The resolution that the truth names is what an agent wrote in the ticket."""
    problems = {problem.id: problem for _, problem in read_catalogue().problems()}
    texts = {document["_id"]: document["text"] for document in lines(source.source / "golden" / "corpus.jsonl")}
    checked = 0
    for truth in lines(source.source / "truth" / "tickets.jsonl"):
        if truth["is_answered"]:
            resolutions = {r.id: r for r in problems[truth["problem_id"]].resolutions}
            wordings = resolutions[truth["resolution_id"]].wordings
            assert any(wording in texts[truth["ticket_key"]] for wording in wordings)
            checked += 1
    assert checked > 100


def test_the_committed_preview_is_what_the_generator_makes(tmp_path: Path) -> None:
    """sample_data/preview is renewed with `python -m sample_data preview`."""
    preview(tmp_path)
    committed = Path(__file__).parent.parent / "sample_data" / "preview"
    for name in ("zendesk.json", "intercom.json"):
        assert (tmp_path / name).read_text() == (committed / name).read_text()
        assert len(json.loads((committed / name).read_text())) == 20


def test_a_second_run_does_nothing(source: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    """With nothing changed the source is left alone, and the run says so."""
    from sample_data.generate import generate

    before = (source.source / "manifest.json").stat().st_mtime_ns
    generate(source)
    assert (source.source / "manifest.json").stat().st_mtime_ns == before
    assert "unchanged" in capsys.readouterr().out


def test_two_thirds_are_zendesk(source: Settings) -> None:
    """Every third conversation is Intercom's."""
    truths = lines(source.source / "truth" / "tickets.jsonl")
    assert Counter(t["help_desk"] for t in truths) == {"zendesk": 160, "intercom": 80}
    assert len(truths) == read_settings(tickets=240).tickets

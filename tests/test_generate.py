"""The sample company: deterministic, in order of time, true to its own records."""

import json
import random
import re
import statistics
from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from lab.aside import fingerprint
from lab.settings import Settings, read_settings
from sample_data import intercom, zendesk
from sample_data.calendar import arrivals, company_clock
from sample_data.catalogue import read_catalogue
from sample_data.company import read_company
from sample_data.conversations import make_conversations
from sample_data.generate import preview, write_source
from sample_data.held_out import word_overlap
from sample_data.people import Agent, make_people
from sample_data.personal_data import card, iban, is_iban, is_luhn
from sample_data.story import Conversation
from sample_data.truth import answers, instructions, personal_data, said, ticket_truth

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


def talks_of(seed: int, days: int = 0) -> list[Conversation]:
    company = read_company()
    return list(make_conversations(company, read_catalogue(), make_people(company, seed, 120, days), seed, 120, days))


@LIGHT
@given(seed=st.integers(0, 10_000), days=st.integers(0, 3))
def test_conversations_hold_together(seed: int, days: int) -> None:
    """Whatever the seed: time runs forward, nothing happens after the clock, a reply follows its question."""
    now = company_clock(read_company(), days)
    talks = talks_of(seed, days)
    created = [talk.head.created_at for talk in talks]
    assert created == sorted(created)
    for talk in talks:
        times = [message.at for message in talk.messages]
        assert times == sorted(times)
        assert times[0] == talk.head.created_at
        assert times[-1] < now
        assert talk.messages[0].speaker == ("agent" if talk.head.kind == "phoned" else "customer")
        account = talk.head.contact.account
        for question in talk.head.questions:
            assert account is not None
            assert account.plan_at(talk.head.created_at).tier == talk.head.tier
            assert talk.head.tier in question.problem.tiers
            assert talk.head.tier in question.resolution.tiers
        truth = ticket_truth(talk, talk.status)
        if truth.first_resolution_minutes is not None:
            assert truth.full_resolution_minutes is not None
            assert 0 <= truth.first_resolution_minutes <= truth.full_resolution_minutes
        if truth.first_reply_minutes is not None:
            assert truth.first_reply_minutes > 0


@LIGHT
@given(seed=st.integers(0, 10_000))
def test_tomorrow_changes_nothing_before_today(seed: int) -> None:
    """Whatever the seed: with the clock a day later every ticket has the messages it had, and perhaps more."""
    today, tomorrow = talks_of(seed), talks_of(seed, days=1)
    clock = company_clock(read_company())
    for before, after in zip(today, tomorrow, strict=False):
        said_before = [(m.at, m.speaker, m.text) for m in after.messages if m.at < clock]
        assert said_before == [(m.at, m.speaker, m.text) for m in before.messages]
    assert len(tomorrow) > len(today)
    assert all(talk.head.created_at >= clock for talk in tomorrow[len(today) :])


@LIGHT
@given(seed=st.integers(0, 10_000))
def test_every_reference_is_known(seed: int) -> None:
    """Whatever the seed: authors, requesters and organizations of tickets and parts exist in their tables."""
    company = read_company()
    people = make_people(company, seed, 120)
    now = company_clock(company)
    users = {record["id"] for record in zendesk.user_records(people, now, now)}
    organizations = {record["id"] for record in zendesk.organization_records(people, now)}
    contacts = {record["id"] for record in intercom.contact_records(people, now)}
    admins = {record["id"] for record in intercom.admin_records(people)}
    for talk in talks_of(seed):
        if talk.head.help_desk == "zendesk":
            records = zendesk.ticket_records(talk, now)
            for ticket in records["tickets"]:
                assert {ticket["requester_id"], ticket["submitter_id"]} <= users
                assert ticket["organization_id"] in organizations | {None}
            comments = records.get("ticket_comments", [])
            assert {comment["author_id"] for comment in comments} <= users | {zendesk.SYSTEM_AUTHOR}
        elif talk.status != "deleted":
            conversation = intercom.conversation_record(talk)
            authors = [part["author"] for part in conversation["conversation_parts"]["conversation_parts"]]
            known = contacts | admins | {intercom.BOT["id"]}
            assert {author["id"] for author in [*authors, conversation["source"]["author"]]} <= known


def zendesk_records(seed: int, days: int = 0) -> list[tuple[Conversation, dict]]:
    """The Zendesk tickets that were not deleted, each with its records."""
    now = company_clock(read_company(), days)
    kept = (t for t in talks_of(seed, days) if t.head.help_desk == "zendesk" and t.status != "deleted")
    return [(talk, zendesk.ticket_records(talk, now)) for talk in kept]


@LIGHT
@given(seed=st.integers(0, 10_000), days=st.integers(0, 3))
def test_a_history_ends_where_the_ticket_stands(seed: int, days: int) -> None:
    """Whatever the seed: status and priority of the first event, changed one by one, are those of the ticket."""
    for talk, records in zendesk_records(seed, days):
        ticket, events = records["tickets"][-1], records["ticket_events"]
        times = [event["timestamp"] for event in events]
        assert times == sorted(times)
        first, *later = [child for event in events for child in event["child_events"]]
        assert {child["event_type"] for child in events[0]["child_events"]} == {"Create"}
        shown = {"status": first["status"], "priority": None}
        for child in later:
            for name in shown.keys() & child.keys():
                assert child["event_type"] == "Create" or child["previous_value"] == shown[name]
                shown[name] = child[name]
        assert shown["priority"] == ticket["priority"] == talk.priority
        assert shown["status"] == ticket["status"]
        assert events[0]["child_events"][1] == {**events[0]["child_events"][1], "priority": talk.head.priority}


def test_some_priorities_are_raised() -> None:
    """One Zendesk ticket in 25 or so, by an agent and after it came; on Intercom none."""
    talks = list(make_conversations(read_company(), read_catalogue(), make_people(read_company(), 7, 1200), 7, 1200))
    raised = [talk for talk in talks if talk.priority != talk.head.priority]
    assert {talk.head.help_desk for talk in raised} == {"zendesk"}
    assert 600 / 35 < len(raised) < 600 / 18
    for talk in raised:
        message = talk.raise_of_priority
        assert message is not None
        assert isinstance(message.author, Agent)
        assert message.at > talk.head.created_at


@LIGHT
@given(seed=st.integers(0, 10_000))
def test_a_merge_points_both_ways(seed: int) -> None:
    """Whatever the seed: a ticket that was merged away names the one that is left, which names it."""
    sources: dict[int, dict] = {}
    losers: set[int] = set()
    for talk, records in zendesk_records(seed):
        if "closed_by_merge" in records["tickets"][-1]["tags"]:
            losers.add(talk.head.ticket_id)
        for comment in records["ticket_comments"]:
            if comment["via"]["source"]["rel"] == "merge":
                sources[talk.head.ticket_id] = comment["via"]["source"]["from"]
    assert losers == {ticket for ticket, told in sources.items() if "ticket_id" in told}
    for loser in losers:
        winner = sources[loser]["ticket_id"]
        assert sources[winner] == {"ticket_ids": [loser]}


def test_an_agent_left(source: Settings) -> None:
    """They get no tickets in their last two weeks and write nothing afterwards; on Zendesk they are an end-user."""
    company = read_company()
    people = make_people(company, 7, 1200)
    [gone] = [agent for agent in people.agents if agent.left_on]
    assert (gone.team, gone.left_on) == ("Frontline", date(2026, 3, 31))
    talks = list(make_conversations(company, read_catalogue(), people, 7, 1200))
    assert max(talk.head.created_at for talk in talks if talk.head.agent == gone).date() <= date(2026, 3, 17)
    assert max(m.at for talk in talks for m in talk.messages if m.author == gone).date() <= gone.left_on
    assert sum(m.author == gone for talk in talks for m in talk.messages) > 50
    since = people.accounts[0].plans[0].since
    for now, role in ((datetime(2026, 3, 31, 23, tzinfo=UTC), "agent"), (datetime(2026, 4, 1, tzinfo=UTC), "end-user")):
        records = {record["id"]: record for record in zendesk.user_records(people, since, now)}
        assert records[zendesk.user_id(gone)]["role"] == role
        assert sum(record["role"] == "agent" for record in records.values()) == len(people.agents) + (role == "agent")
    assert max(record["updated_at"] for record in records.values()) == "2026-03-31T18:00:00Z"


EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
KEY = re.compile(r"qs_live_[0-9a-f]+")
IBAN = re.compile(r"\b(?:NL|GB)\d\d ?QUIL[\d ]+\d")
CARD = re.compile(r"\b4000(?: ?\d){12}\b")
ROLES = {"support@quillstone.example"}  # addresses that belong to nobody


@LIGHT
@given(seed=st.integers(0, 10_000))
def test_the_truth_about_personal_data_agrees_with_the_text(seed: int) -> None:
    """Every listed place holds its value, and nothing that looks like such a value is unlisted."""
    for talk in talks_of(seed):
        texts = dict(said(talk))
        listed = list(personal_data(talk))
        for entry in listed:
            assert texts[entry["message_id"]].text[entry["start"] : entry["end"]] == entry["value"]
        for message_id, message in texts.items():
            values = {entry["value"] for entry in listed if entry["message_id"] == message_id}
            for pattern in (EMAIL, KEY, IBAN, CARD):
                assert set(pattern.findall(message.text)) <= values | ROLES
        for entry in instructions(talk):
            assert texts[entry["message_id"]].text[entry["start"] :].startswith(entry["text"])


@LIGHT
@given(seed=st.integers(0, 10_000))
def test_every_answer_is_known_with_its_place(seed: int) -> None:
    """Whatever the seed: the listed places hold their texts, and they are all the answers that agents gave."""
    problems = {problem.id: problem for _, problem in read_catalogue().problems()}
    wordings = {w: r.id for problem in problems.values() for r in problem.resolutions for w in r.wordings}
    for talk in talks_of(seed):
        texts = dict(said(talk))
        listed = list(answers(talk, problems))
        for entry in listed:
            assert texts[entry["message_id"]].speaker == "agent"
            assert texts[entry["message_id"]].text[entry["start"] : entry["end"]] == entry["text"]
            assert wordings[entry["text"]] == entry["resolution_id"]
        for message_id, message in texts.items():
            lines = message.text.splitlines() if message.speaker == "agent" else []
            stated = [w for line in lines for w in wordings if line.startswith(w)]
            assert [entry["text"] for entry in listed if entry["message_id"] == message_id] == stated
        if talk.is_answered and talk.head.kind == "usual":
            right = [question.resolution.id for question in talk.head.questions]
            assert [entry["resolution_id"] for entry in listed][-len(right) :] == right


def test_wrong_answers_are_listed_too(source: Settings) -> None:
    """A first answer that was wrong, and its correction, are two places with two resolutions."""
    rights = {t["ticket_key"]: t["resolution_ids"] for t in lines(source.source / "truth" / "tickets.jsonl")}
    listed = lines(source.source / "truth" / "answers.jsonl")
    wrong = {entry["ticket_key"] for entry in listed if entry["resolution_id"] not in rights[entry["ticket_key"]]}
    assert len(wrong) >= 5
    assert any({e["resolution_id"] for e in listed if e["ticket_key"] == key} & set(rights[key]) for key in wrong)


def test_planted_numbers_pass_the_usual_checks() -> None:
    """Cards pass Luhn, IBANs have right check digits, one wrong digit is seen."""
    rng = random.Random(3)
    for _ in range(200):
        assert is_luhn(card(rng))
        assert is_iban(iban(rng))
    assert not is_luhn("4000 0000 0000 0003")
    assert not is_iban("GB83 WEST 1234 5698 7654 32")


def test_the_mess_of_a_real_help_desk_is_there(source: Settings) -> None:
    """Two hundred tickets and more hold each kind of trouble at least once."""
    talks = list(make_conversations(read_company(), read_catalogue(), make_people(read_company(), 7, 1200), 7, 1200))
    kinds = Counter(talk.head.kind for talk in talks)
    statuses = Counter(talk.status for talk in talks)
    everything = [message for talk in talks for message in talk.messages]
    assert min(kinds[kind] for kind in ("phoned", "unanswered", "spam", "twin")) >= 5
    assert min(statuses[status] for status in ("new", "open", "pending", "deleted")) >= 5
    assert sum(len(talk.head.questions) == 2 for talk in talks) >= 10
    assert sum(ticket_truth(talk, talk.status).reopen_count > 0 for talk in talks) >= 30
    assert sum(talk.rating == "bad" and not talk.is_right for talk in talks) >= 10
    assert {kind for talk in talks for kind in talk.personal.values()} == {
        "email", "phone", "card", "iban", "address", "api_key",
    }  # fmt: skip
    assert sum(bool(talk.instructions) for talk in talks) >= 4
    for words in ("Forwarded message", "\n> ", "automatic reply", "out of the office"):
        assert sum(words in message.text for message in everything) >= 5
    assert sum(bool(message.attachments) for message in everything) >= 10
    writers: dict[str, set[str]] = {}
    for talk in talks:
        writers.setdefault(talk.head.contact.email, set()).add(talk.head.help_desk)
    assert sum(len(desks) == 2 for desks in writers.values()) >= 10


def test_two_incidents_stand_out(source: Settings) -> None:
    """The two busiest days of the year are those after the two releases that broke something."""
    company = read_company()
    days = Counter(at.date() for at, _ in arrivals(company, 7, 1200))
    started = {incident.starts.date() for incident in company.incidents}
    assert {day for day, _ in days.most_common(2)} == started
    assert min(days[day] for day in started) > 3 * statistics.median(days.values())


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
    sides = {(problem, query["split"]) for query in queries for problem in query["problem_ids"]}
    assert max(Counter(problem for problem, _ in sides).values()) == 1


def test_truth_agrees_with_the_text(source: Settings) -> None:
    """The resolution that the truth names is what an agent wrote in the ticket."""
    problems = {problem.id: problem for _, problem in read_catalogue().problems()}
    texts = {document["_id"]: document["text"] for document in lines(source.source / "golden" / "corpus.jsonl")}
    checked = 0
    for truth in lines(source.source / "truth" / "tickets.jsonl"):
        if truth["is_answered"]:
            for problem_id, resolution_id in zip(truth["problem_ids"], truth["resolution_ids"], strict=True):
                [right] = [r for r in problems[problem_id].resolutions if r.id == resolution_id]
                assert any(wording in texts[truth["ticket_key"]] for wording in right.wordings)
                checked += 1
    assert checked > 100


def test_the_committed_preview_is_what_the_generator_makes(tmp_path: Path) -> None:
    """sample_data/preview is renewed with `python -m sample_data preview`."""
    preview(tmp_path)
    committed = Path(__file__).parent.parent / "sample_data" / "preview"
    for name in ("zendesk.json", "intercom.json"):
        assert (tmp_path / name).read_text() == (committed / name).read_text()
        assert len(json.loads((committed / name).read_text())) == 20
    assert (tmp_path / "article.json").read_text() == (committed / "article.json").read_text()


def test_a_second_run_does_nothing(source: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    """With nothing changed the source is left alone, and the run says so."""
    from sample_data.generate import generate

    before = (source.source / "manifest.json").stat().st_mtime_ns
    generate(source)
    assert (source.source / "manifest.json").stat().st_mtime_ns == before
    assert "unchanged" in capsys.readouterr().out


def test_half_are_zendesk(source: Settings) -> None:
    """The help desks share the tickets; each has its truth, deleted ones too."""
    truths = lines(source.source / "truth" / "tickets.jsonl")
    assert abs(Counter(t["help_desk"] for t in truths)["zendesk"] - 120) < 12
    assert len(truths) == read_settings(tickets=240).tickets

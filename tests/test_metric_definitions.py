"""Every definition of a metric has a dbt unit test, and every test of the dbt project says why it matters."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from etl_track.run_dbt import PROJECT

ZENDESK, INTERCOM = "zendesk", "intercom"
BOTH = (ZENDESK, INTERCOM)


class Definition(NamedTuple):
    """A case that decides what a metric means; the unit tests name it in `config.meta.case`."""

    case: str
    sentence: str
    sources: tuple[str, ...] = BOTH  # whose tickets must be in the answers


DEFINITIONS = [
    Definition("first_reply", "Created to the first public comment by a human agent; null until it happens."),
    Definition("note_before_reply", "An internal note before the reply is ignored."),
    Definition("agent_created_opening", "Of an agent's ticket the second public comment is the first reply."),
    Definition("agent_created_nothing_after", "Of an agent's ticket with nothing after, all reply times are null."),
    Definition("agent_created_private_note", "After a private opening the first public comment counts.", (ZENDESK,)),
    Definition("reply_same_second", "A reply in the same second as the customer's message counts, with 0 minutes."),
    Definition("description_not_a_comment", "A description that is no comment is the customer's.", (ZENDESK,)),
    Definition("bots", "Bots, automatic answers and the system never reply."),
    Definition("role_at_the_time", "The author's role at the time counts; former agents stay agents.", (ZENDESK,)),
    Definition("customer_writes_twice", "A customer who writes twice does not restart the wait."),
    Definition("total_reply_time", "The sum over every customer burst until the next public human reply."),
    Definition("reopened", "First reply unchanged; transitions out of solved are counted, not repeated rows."),
    Definition("resolution", "Created to the first or last solve, closed if never solved; null while open again."),
    Definition("one_touch", "Solved with exactly one public human comment; none is a class of its own."),
    Definition("waits", "Minutes in new, open and hold; in pending; in hold."),
    Definition("business_minutes", "The one schedule in force, with time zone, daylight saving and holidays."),
    Definition("deleted", "Kept in staging, left out of every metric, counted apart.", (ZENDESK,)),
    Definition("merged", "The loser has no reply and no resolution and points to its winner.", (ZENDESK,)),
    Definition("sla_first_reply", "From creation; broken when passed, null while running, kept by a solve."),
    Definition("sla_full_resolution", "Business minutes in new, open and hold until the last solve."),
    Definition("sla_priority_at_creation", "The target is that of the priority at creation.", (ZENDESK,)),
    Definition("csat", "Good and bad are answers, offered and unoffered none; 4-5 good, 1-2 bad, 3 neither."),
    Definition("backlog", "Once per business day, by the status at the day's end in the company's time zone."),
    Definition("handoffs", "Distinct human agents who wrote, notes included."),
    Definition("intercom_first_message", "Is `source`, not a part; alone it has a time to close.", (INTERCOM,)),
    Definition("intercom_first_reply", "The first comment, or assignment with a body, by an admin.", (INTERCOM,)),
    Definition("intercom_times", "Seconds since the epoch, from the parts and not `statistics`.", (INTERCOM,)),
    Definition("export_oddities", "Empty arrays, ids over 2^31, and tickets that come again at each change."),
    Definition("customer_versions", "The tier is that of the day on which the ticket came."),
    Definition("contacts", "One address on both help desks is one person."),
    Definition("draft_sent", "Accepted is sent as it is, edited is what the agent wrote, rejected is not sent.", ()),
    Definition("draft_citations", "Marks of citations are no text; [Save] is.", ()),
    Definition("draft_verdicts", "The newest verdict on a draft counts; a draft that declined does not.", ()),
    Definition("draft_edit_distance", "Levenshtein in characters; 0 accepted, none when nothing was sent.", ()),
    Definition("draft_context", "About what its ticket is about, else its filters, else unknown."),
    Definition("draft_minutes", "From the draft to the verdict; none where two clocks disagree.", ()),
]

UnitTest = dict[str, Any]


@cache
def unit_tests() -> list[UnitTest]:
    """All that are enabled."""
    files = sorted((PROJECT / "models").rglob("*_unit_tests.yml"))
    found = [test for file in files for test in yaml.safe_load(file.read_text())["unit_tests"]]
    return [test for test in found if test["config"].get("enabled", True)]


def sources_of(test: UnitTest) -> Iterator[str]:
    """The help desks whose records a unit test has an answer about."""
    answers = [str(value) for row in test["expect"]["rows"] for value in row.values()]
    for source in BOTH:
        if f"_{source}_" in test["model"] or any(answer.startswith(f"{source}-") for answer in answers):
            yield source


@pytest.mark.parametrize("definition", DEFINITIONS, ids=lambda definition: definition.case)
def test_each_definition_has_a_unit_test(definition: Definition) -> None:
    """The case is tested, with tickets of each help desk to which it applies."""
    tests = [test for test in unit_tests() if test["config"]["meta"]["case"] == definition.case]
    tested = {source for test in tests for source in sources_of(test)}
    assert tested >= set(definition.sources), f"not tested: {definition.sentence}"


def test_each_unit_test_belongs_to_a_definition() -> None:
    """Its case is one of the list, it stands beside its model, and it says in words and numbers what must come out."""
    cases = {definition.case for definition in DEFINITIONS}
    for test in unit_tests():
        assert test["config"]["meta"]["case"] in cases, test["name"]
        assert len(test["description"]) > 40, test["name"]
        [model] = (PROJECT / "models").rglob(f"{test['model']}.sql")
        assert model.with_name(f"{test['model']}_unit_tests.yml").exists()


def test_each_data_test_says_why_it_matters() -> None:
    """A student whose build fails reads the description: every test of ours has one, and none is left over."""
    described = yaml.safe_load((PROJECT / "tests" / "_tests.yml").read_text())["data_tests"]
    files: list[Path] = sorted((PROJECT / "tests").glob("*.sql"))
    assert sorted(test["name"] for test in described) == [file.stem for file in files]
    assert all(len(test["description"]) > 40 for test in described)

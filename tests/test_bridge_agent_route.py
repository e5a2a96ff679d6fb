"""Routing: the forms that settle a route alone, clauses, and that problems are read."""

import json
from typing import TYPE_CHECKING

import pytest

from bridge.agent.router.asking import CHANGE, is_personal, sql_in
from bridge.agent.router.clauses import parts, understood
from bridge.agent.router.facts import with_facts
from bridge.agent.router.measure import Measure
from bridge.agent.router.plan import Planner
from bridge.agent.router.read import Read
from bridge.agent.router.steps import Say
from bridge.agent.router.wording import bare
from etl_track.vocabulary import Vocabulary, read_vocabulary
from etl_track.warehouse import open_warehouse
from lab.settings import Settings

if TYPE_CHECKING:
    from bridge.agent.agent import Agent


@pytest.fixture(scope="module")
def vocabulary(warehouse: Settings) -> Vocabulary:
    """What the small company's warehouse can be asked."""
    with open_warehouse(warehouse) as connection:
        return with_facts(read_vocabulary(connection))


def test_the_vocabulary_survives_being_text(vocabulary: Vocabulary) -> None:
    """The router reads it from a tool's result: nothing of it is lost on the way."""
    assert Vocabulary.model_validate_json(vocabulary.model_dump_json()) == vocabulary


@pytest.mark.parametrize(
    ("text", "sql"),
    [
        ("drop table marts.dim_dates", "drop table marts.dim_dates"),
        ("Run this SQL: select count(*) from marts.dim_dates", "select count(*) from marts.dim_dates"),
        ("install httpfs", "install httpfs"),
        ("delete all tickets from March", ""),
        ("Set up the export for a new client", ""),
        ("How do I select several rows from the list?", ""),
        ("With which plan can I export more?", ""),
    ],
)
def test_sql_is_told_from_sentences(text: str, sql: str) -> None:
    """A statement goes to the tool that refuses or runs it; a sentence that begins alike does not."""
    assert sql_in(text) == sql


@pytest.mark.parametrize(
    ("text", "personal"),
    [
        ("Give me the phone numbers of our customers", True),
        ("List all emails", True),
        ("What did <EMAIL> write?", True),
        ("Show me the tickets of Larkspur Law", True),
        ("How can a customer change their e-mail address?", False),
        ("Hello, this is <PERSON>, my export stops at 10,000 rows", False),
        ("What do I tell a customer whose e-mail is not delivered?", False),
    ],
)
def test_data_of_people_is_told_from_problems_with_it(text: str, personal: bool) -> None:
    """Whoever asks for an address is refused; whoever has a problem with one is helped."""
    assert is_personal(text, counts=False, understood=False) is personal


def test_an_order_to_change_something_is_told_from_a_question() -> None:
    """ "Close it" is an order, "how do I close it" is none."""
    assert CHANGE.match("Please close all spam tickets.")
    assert not CHANGE.match("How do I close a project?")


def test_a_message_is_cut_where_a_new_request_begins(vocabulary: Vocabulary) -> None:
    """Counting and reading come apart; a problem told in several sentences stays whole."""
    both = "How many integrations tickets did we get in May, and what helps when a webhook signature is rejected?"
    assert [bool(clause.slots.metrics) for clause in understood(both, [], vocabulary)] == [True, False]
    problem = "Our endpoint was down. Since then no events reach us. How do we switch them on?"
    assert parts(problem, vocabulary) == [problem]


def test_problems_are_read_and_not_counted(agent: "Agent", source: Settings, vocabulary: Vocabulary) -> None:
    """Of the golden queries for tuning that past tickets answer, at least 95% are read, whatever words they hold."""
    lines = (source.source / "golden" / "queries.jsonl").read_text(encoding="utf-8").splitlines()
    golden = [json.loads(line) for line in lines]
    texts = [one["text"] for one in golden if one["split"] == "dev" and one["problem_ids"]][:120]
    planner = Planner(vocabulary, agent.retriever.embeddings, "", 0.4)
    agent.retriever.embeddings.vectors(texts)
    read = [all(isinstance(task, Read) for task in planner.plan(text, [])) for text in texts]
    assert sum(read) / len(read) >= 0.95


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        (
            "hiya! oh and my lead wants to know how many tickets we had :)",
            "and how many tickets we had",
        ),
        ("Our head of support asks how many tickets came in May", "how many tickets came in May"),
        ("Before my renewal call with a pro customer: how happy are they?", "how happy are they?"),
        (
            "is mobile our worst product, I mean which product has the lowest CSAT?",
            "which product has the lowest CSAT?",
        ),
        ("First reply time for pro", "First reply time for pro"),
        ("The report fails before our call: what helps?", "The report fails before our call: what helps?"),
    ],
)
def test_what_is_said_around_a_question_is_taken_off(said: str, kept: str) -> None:
    """Greetings, who wants to know and what for change nothing about what is asked; all else stays."""
    assert bare(said) == kept


@pytest.mark.parametrize(
    ("message", "kept"),
    [
        ("Pro plan. Median first response, one number per quarter.", 1),
        ("How many tickets in May, and how many in June?", 1),
        ("How many tickets from free, pro, and enterprise?", 1),
        ("How many tickets came in May and what do I tell a pro customer whose import is stuck?", 2),
        ("CSAT for mobile plus the fix for slow imports", 2),
        ("Exports went wrong: the file is empty, the mail never came. How happy are people with exports?", 2),
    ],
)
def test_a_message_is_cut_where_it_turns_to_something_else(message: str, kept: int, vocabulary: Vocabulary) -> None:
    """A number with its details is one part, however it is said; a problem is another."""
    assert len(parts(message, vocabulary)) == kept


@pytest.mark.parametrize(
    ("message", "where"),
    [
        (
            "The report shows the wrong month, about exports. How long do those tickets wait?",
            {"product_category": "exports"},
        ),
        (
            "They are on enterprise and locked out. How much ARR do we have on that plan?",
            {"customer_tier": "enterprise"},
        ),
        ("I need two things about imports. What share of tickets was reopened?", {"product_category": "imports"}),
        ("A pro customer cannot sign in. How many tickets have there been in May?", {}),
    ],
)
def test_words_that_point_back_are_filled_from_the_message(
    message: str, where: dict[str, str], vocabulary: Vocabulary
) -> None:
    """What "those tickets", "that plan" or a first sentence name filters the number; what merely exists does not."""
    [slots] = [clause.slots for clause in understood(message, [], vocabulary) if clause.slots.metrics]
    assert slots.where == {name: (value,) for name, value in where.items()}
    assert not slots.left


def test_a_follow_up_may_name_the_period_beside(vocabulary: Vocabulary) -> None:
    """ "The month before that" is next to the one that was asked for."""
    [clause] = understood("And the month before that?", ["CSAT of pro customers in April 2026"], vocabulary)
    assert clause.slots.where == {"customer_tier": ("pro",)}
    assert [span.said for span in clause.slots.spans] == ["in March 2026"]


def test_all_that_is_told_of_a_problem_is_searched(agent: "Agent", vocabulary: Vocabulary) -> None:
    """A number asked in between does not cut a problem in two, and its words are not searched."""
    planner = Planner(vocabulary, agent.retriever.embeddings, "pro", 0.4)
    message = (
        "The webhook is rejected since yesterday. How many tickets came in May? And what helps with the signature?"
    )
    tasks = planner.plan(message, [])
    assert [type(task) for task in tasks] == [Read, Measure]
    [read] = [task for task in tasks if isinstance(task, Read)]
    assert "webhook" in read.question
    assert "signature" in read.question
    assert "May" not in read.question


def test_what_will_be_is_declined(agent: "Agent", vocabulary: Vocabulary) -> None:
    """A metric that is asked for what is to come is not read up in past tickets."""
    planner = Planner(vocabulary, agent.retriever.embeddings, "", 0.4)
    [task] = planner.plan("What will our SLA breach rate be if we hire two more agents?", [])
    assert isinstance(task, Say)
    assert task.outcome == "declined"

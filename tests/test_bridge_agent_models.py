"""The same graph on a provider's model: tool calls, errors that it can mend, limits, citations that are checked."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from model_servers import NAMES, ModelServer, Reply, every_provider

from bridge.agent.agent import Agent, open_agent
from bridge.agent.limits import Limits
from lab.settings import Settings

CSAT = Reply(tool="query_metric", arguments={"metric": "csat"})


@contextmanager
def served(settings: Settings, server: ModelServer, provider: str, limits: Limits, *replies: Reply) -> Iterator[Agent]:
    """The agent on a model of `provider` that will give these replies."""
    server.replies += replies
    given = {"llm": NAMES[provider], "llm_url": server.url(provider)}
    with open_agent(settings.model_copy(update=given), limits) as opened:
        yield opened


@every_provider
def test_a_real_client_runs_through_the_same_graph(
    warehouse: Settings, indexed: Settings, server: ModelServer, provider: str
) -> None:
    """The model calls a tool, reads its result, and its answer comes back with calls and tokens."""
    final = Reply(text="The CSAT was good.")
    with served(indexed, server, provider, Limits(), CSAT, final) as agent:
        answer = agent.ask("What is our CSAT?", "")
    assert (answer.text, answer.outcome) == ("The CSAT was good.", "answered")
    assert [call.tool for call in answer.calls] == ["query_metric"]
    assert json.loads(answer.calls[0].result)["columns"] == ["csat"]
    assert answer.tokens == 2 * (11 + 7)
    assert answer.calls[0].result.split('"rows"')[1][:8] in json.dumps(server.asked[-1]).replace("\\", "")


def test_a_tools_error_reaches_the_model_as_text(warehouse: Settings, indexed: Settings, server: ModelServer) -> None:
    """A wrong name comes back with the closest right one; the model can mend its call."""
    wrong = Reply(tool="query_metric", arguments={"metric": "csatt"})
    with served(indexed, server, "openai", Limits(), wrong, CSAT, Reply(text="ok")) as agent:
        answer = agent.ask("What is our CSAT?", "")
    assert [call.is_error for call in answer.calls] == [True, False]
    assert "use csat" in answer.calls[0].result
    assert "use csat" in json.dumps(server.asked[1])


def test_arguments_of_the_wrong_form_reach_the_model_as_text(
    warehouse: Settings, indexed: Settings, server: ModelServer
) -> None:
    """Arguments that do not fit the schema, and tools that do not exist, are no crash."""
    nonsense = (Reply(tool="query_metric", arguments={"metrics": 3}), Reply(tool="drop_table", arguments={}))
    with served(indexed, server, "openai", Limits(), *nonsense, Reply(text="ok")) as agent:
        answer = agent.ask("What is our CSAT?", "")
    assert [call.is_error for call in answer.calls] == [True, True]
    assert answer.outcome == "answered"


@pytest.mark.parametrize(
    ("limits", "says"),
    [
        (Limits(steps=2), "2 steps"),
        (Limits(tokens=20), "20 tokens"),
        (Limits(dollars=0.000_003), "0.00 dollars"),
        (Limits(seconds=1.0), "1 seconds"),
    ],
)
def test_each_limit_holds_and_is_told(
    warehouse: Settings, indexed: Settings, server: ModelServer, limits: Limits, says: str
) -> None:
    """A model that never ends is stopped with a sentence that names the limit."""
    slow = Reply(tool="query_metric", arguments={"metric": "csat"}, delay=0.6 if limits.seconds == 1 else 0)
    with served(indexed, server, "openai", limits, *[slow] * 10) as agent:
        answer = agent.ask("What is our CSAT?", "")
    assert answer.outcome == "stopped"
    assert says in answer.text
    assert len(answer.calls) <= 3


def test_a_call_that_hangs_is_not_waited_for(warehouse: Settings, indexed: Settings, server: ModelServer) -> None:
    """The time limit holds inside of a call of the model, too."""
    with served(indexed, server, "openai", Limits(seconds=0.5), Reply(text="late", delay=3)) as agent:
        answer = agent.ask("What is our CSAT?", "")
    assert answer.outcome == "stopped"
    assert answer.milliseconds < 2_500


def test_what_the_tickets_do_not_say_is_left_out(warehouse: Settings, indexed: Settings, server: ModelServer) -> None:
    """A sentence that cites a ticket which nobody read, or which does not say so, does not reach the person."""
    search = Reply(tool="search_resolutions", arguments={"question": "Excel breaks the accents in our CSV"})
    said = "Reinstall Windows 95 twice. [zendesk-1] The CSAT is fine."
    with served(indexed, server, "openai", Limits(), search, Reply(text=said)) as agent:
        answer = agent.ask("Excel breaks the accents in our CSV", "")
    assert "Windows" not in answer.text
    assert "The CSAT is fine." in answer.text
    assert "1 sentence was left out" in answer.text


@pytest.mark.parametrize(("text", "outcome"), [("ASK BACK: Which one?", "asked_back"), ("DECLINED: No.", "declined")])
def test_a_models_outcome_is_read_from_its_first_word(
    warehouse: Settings, indexed: Settings, server: ModelServer, text: str, outcome: str
) -> None:
    """Every model marks questions back and refusals the same way; the mark is not shown."""
    with served(indexed, server, "openai", Limits(), Reply(text=text)) as agent:
        answer = agent.ask("How long?", "")
    assert answer.outcome == outcome
    assert ":" not in answer.text


def test_the_router_answers_when_the_provider_cannot(
    warehouse: Settings, indexed: Settings, server: ModelServer
) -> None:
    """LAB_LLM_FALLBACK=offline: a provider that is down costs no answer."""
    down = indexed.model_copy(
        update={"llm_fallback": "offline", "llm": NAMES["openai"], "llm_url": "http://127.0.0.1:9/v1"}
    )
    with open_agent(down, Limits(seconds=120)) as agent:
        answer = agent.ask("What is our CSAT?", "")
    assert [call.tool for call in answer.calls] == ["list_metrics", "query_metric"]
    assert "CSAT was" in answer.text

"""Dependable models: the real clients of three providers, over HTTP, against a server that misbehaves when told."""

from typing import Any

import pytest
from langchain_core.tools import tool
from model_servers import (
    GOOD,
    INPUT,
    KEY,
    NAMES,
    OUTPUT,
    QUESTION,
    ModelServer,
    Reply,
    Short,
    called,
    every_provider,
    serving,
)

from rag_track.llm.calls import CallLog
from rag_track.llm.providers import chat_model
from rag_track.llm.retries import ATTEMPTS


@tool
def count_tickets(product: str) -> int:
    """Count the tickets of a product."""
    return len(product)


@every_provider
def test_a_plain_answer(server: ModelServer, provider: str) -> None:
    """The text arrives, with the tokens that the provider reports, and the key is sent to it."""
    model, _ = called(server, provider, Reply("Press Retry."))
    answer = model.reply(QUESTION, "draft")
    assert answer.value.text == "Press Retry."
    assert (answer.input_tokens, answer.output_tokens, answer.is_estimated) == (INPUT, OUTPUT, False)
    assert (answer.model, answer.attempts, answer.is_repaired, answer.instead_of) == (NAMES[provider], 1, False, "")
    assert KEY in server.keys[0]


@every_provider
def test_a_stream(server: ModelServer, provider: str, tmp_path: Any) -> None:
    """The text comes in more than one piece, after a retry, and its tokens are logged."""
    log = CallLog(tmp_path / "calls.duckdb")
    model, pauses = called(server, provider, Reply(status=500), Reply("Press Retry twice."), log=log)
    pieces = list(model.stream(QUESTION, "chat"))
    assert "".join(pieces) == "Press Retry twice."
    assert len(pieces) > 1
    assert len(pauses) == 1
    (row,) = log.spent()
    assert (row.purpose, row.model, row.calls, row.failed) == ("chat", NAMES[provider], 1, 0)
    assert (row.input_tokens, row.output_tokens) == (INPUT, OUTPUT)


@every_provider
def test_a_tool_call(server: ModelServer, provider: str) -> None:
    """A model that is given tools may answer with a call of one."""
    model, _ = called(server, provider, Reply(tool="count_tickets", arguments={"product": "exports"}))
    answer = model.reply(QUESTION, "agent", tools=[count_tickets])
    (call,) = answer.value.tool_calls
    assert (call["name"], call["args"]) == ("count_tickets", {"product": "exports"})
    assert "count_tickets" in str(server.asked[0]["tools"])


@every_provider
@pytest.mark.parametrize("failing", [[Reply(status=503)] * ATTEMPTS, [Reply("no JSON")] * 2])
def test_the_fallback_answers(server: ModelServer, provider: str, failing: list[Reply], tmp_path: Any) -> None:
    """When the first model is down or unusable the fallback answers, is named, and both calls are logged."""
    log = CallLog(tmp_path / "calls.duckdb")
    with serving(Reply(GOOD)) as other:
        spare = chat_model("ollama:spare", url=other.url("ollama"), log=log)
        model, _ = called(server, provider, *failing, fallback=spare, log=log)
        answer = model.ask(QUESTION, Short, "draft")
    assert (answer.model, answer.instead_of) == ("ollama:spare", NAMES[provider])
    assert answer.attempts == len(failing) + 1
    with log.opened() as held:
        logged = set(held.execute("select model, outcome from calls").fetchall())
    assert logged == {("ollama:spare", "fallback"), (NAMES[provider], "failed" if len(failing) > 2 else "refused")}


def test_a_stream_falls_back_before_its_first_piece(server: ModelServer) -> None:
    """The fallback streams when the first model did not begin."""
    with serving(Reply("From the spare one.")) as other:
        spare = chat_model(NAMES["ollama"], url=other.url("ollama"))
        model, _ = called(server, "openai", *[Reply(status=500)] * ATTEMPTS, fallback=spare)
        assert "".join(model.stream(QUESTION, "chat")) == "From the spare one."

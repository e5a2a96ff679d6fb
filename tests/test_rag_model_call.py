"""One call of one model: a malformed answer is repaired once, and all that it took is counted."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from model_servers import (
    GOOD,
    INPUT,
    OUTPUT,
    QUESTION,
    ModelServer,
    Reply,
    Short,
    called,
    every_provider,
)

from lab.errors import ModelError
from rag_track.llm.providers import chat_model


@every_provider
def test_a_malformed_answer_is_repaired(server: ModelServer, provider: str) -> None:
    """The problem and the schema go back to the model; the tokens of both answers are counted."""
    model, _ = called(server, provider, Reply('{"text": "Press Retry."}'), Reply(f"Sure:\n```json\n{GOOD}\n```"))
    answer = model.ask(QUESTION, Short, "draft")
    assert answer.value.text == "Press Retry."
    assert answer.is_repaired
    assert (answer.input_tokens, answer.output_tokens, answer.attempts) == (2 * INPUT, 2 * OUTPUT, 2)
    returned = str(server.asked[1]["messages"][-1])
    assert "sources: Field required" in returned
    assert "JSON schema" in returned


@every_provider
def test_twice_malformed_is_refused(server: ModelServer, provider: str) -> None:
    """Malformed again: an error that says what is missing, and does not repeat what the model wrote."""
    model, _ = called(server, provider, Reply("private words"), Reply('{"sources": [], "name": "private words"}'))
    with pytest.raises(ModelError, match="text: Field required") as error:
        model.ask(QUESTION, Short, "draft")
    assert "private" not in str(error.value)
    assert len(server.asked) == 2


@pytest.mark.parametrize("provider", ["openai", "anthropic"])
def test_a_refusal_is_not_repaired(server: ModelServer, provider: str) -> None:
    """A model that declines is not asked to mend its form."""
    model, _ = called(server, provider, Reply(refuses=True))
    with pytest.raises(ModelError, match="declines"):
        model.ask(QUESTION, Short, "draft")
    assert len(server.asked) == 1


def test_a_model_without_temperature(server: ModelServer) -> None:
    """A model that accepts no temperature is asked without one."""
    server.replies += [Reply("Hello.")] * 8
    model = chat_model("anthropic:claude-sonnet-5-5", url=server.url("anthropic"))
    model.sleep = lambda _: None
    with ThreadPoolExecutor(8) as pool:  # also when all its first calls are rejected at once
        answers = list(pool.map(lambda _: model.reply(QUESTION, "draft"), range(8)))
    assert {answer.value.text for answer in answers} == {"Hello."}
    assert not any("temperature" in asked for asked in server.asked)


@pytest.mark.parametrize("provider", ["openai", "ollama"])
def test_tokens_are_estimated_when_not_reported(server: ModelServer, provider: str) -> None:
    """Without reported tokens a quarter of the characters is counted, and marked as an estimate."""
    model, _ = called(server, provider, Reply("x" * 400, reports_usage=False))
    answer = model.reply(QUESTION, "draft")
    assert answer.is_estimated
    assert answer.output_tokens == 100
    assert answer.input_tokens > 5

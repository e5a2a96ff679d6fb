"""Retries: what may pass is tried again after a pause, what cannot pass is given up at once."""

from email.utils import formatdate
from typing import Any

import pytest
from langchain_core.language_models import BaseChatModel, FakeListChatModel
from model_servers import GOOD, NAMES, QUESTION, ModelServer, Reply, Short, called, every_provider, serving, set_keys

from lab.errors import ModelError
from rag_track.llm.models import ChatModel
from rag_track.llm.providers import chat_model
from rag_track.llm.retries import ATTEMPTS, LONGEST_PAUSE, asked_pause


class Failing(Exception):
    """A provider's error with a header."""

    def __init__(self, value: str) -> None:
        self.response = type("Response", (), {"headers": {"retry-after": value}})


def test_retry_after_is_a_number_or_a_date() -> None:
    """Both forms of the header are seconds from now; anything else counts for nothing."""
    assert asked_pause(Failing("2.5")) == 2.5
    assert asked_pause(Failing(formatdate(0, usegmt=True))) == 0
    soon = asked_pause(Failing("Fri, 01 Jan 2100 00:00:00 GMT"))
    assert soon is not None
    assert soon > 1e8
    assert asked_pause(Failing("soon")) is asked_pause(Failing("")) is asked_pause(ValueError()) is None


def test_pauses_are_repeatable_with_a_seed() -> None:
    """Two models with one seed make the same pauses; without a seed they do not return together."""

    class Down(FakeListChatModel):
        def _call(self, *args: Any, **more: Any) -> str:
            raise ConnectionError("down")

    def pauses(seed: int | None) -> list[float]:
        made: list[float] = []
        down: BaseChatModel = Down(responses=[])
        with pytest.raises(ModelError, match="down"):
            ChatModel(down, "offline", sleep=made.append, seed=seed).reply(QUESTION, "draft")
        return made

    assert pauses(1) == pauses(1)
    assert pauses(None) != pauses(None)


@every_provider
def test_a_busy_provider_is_asked_again(server: ModelServer, provider: str) -> None:
    """After 429 the model waits as long as Retry-After says; Ollama's client hides it: there, about a second."""
    model, pauses = called(server, provider, Reply(status=429, headers={"Retry-After": "7"}), Reply(GOOD))
    assert model.ask(QUESTION, Short, "draft").attempts == 2
    assert 0.5 <= pauses[0] <= 1 if provider == "ollama" else pauses == [7]


@every_provider
def test_a_broken_provider_is_asked_again(server: ModelServer, provider: str) -> None:
    """After 500 and 503 the model tries again, with growing pauses."""
    model, pauses = called(server, provider, Reply(status=500), Reply(status=503), Reply(GOOD))
    assert model.ask(QUESTION, Short, "draft").attempts == 3
    assert 0.5 <= pauses[0] <= 1 <= pauses[1] <= 2


@every_provider
def test_a_slow_provider_is_asked_again(server: ModelServer, provider: str) -> None:
    """A provider that says nothing within the time-out is tried again."""
    model, pauses = called(server, provider, Reply(GOOD, delay=0.6), Reply(GOOD), timeout=0.2)
    answer = model.ask(QUESTION, Short, "draft")
    assert answer.attempts == 2
    assert len(pauses) == 1


@every_provider
def test_a_gone_provider_is_given_up(provider: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody listens there: after all attempts the error names the setting of the address."""
    set_keys(monkeypatch)
    with serving() as gone:
        url = gone.url(provider)
    model = chat_model(NAMES[provider], url=url)
    pauses: list[float] = []
    model.sleep = pauses.append
    with pytest.raises(ModelError, match=f"LAB_LLM={NAMES[provider]} did not answer") as error:
        model.reply(QUESTION, "draft")
    assert len(pauses) == ATTEMPTS - 1
    assert "LAB_LLM_URL" in error.value.next_step


@every_provider
def test_a_long_pause_is_not_waited_for(server: ModelServer, provider: str) -> None:
    """A provider that asks for an hour is given up at once, where its client says so."""
    model, pauses = called(server, provider, *[Reply(status=429, headers={"Retry-After": "3600"})] * ATTEMPTS)
    with pytest.raises(ModelError, match="429"):
        model.reply(QUESTION, "draft")
    assert len(server.asked) == (ATTEMPTS if provider == "ollama" else 1)
    assert all(pause < LONGEST_PAUSE for pause in pauses)

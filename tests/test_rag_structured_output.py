"""Answers of a given form: whatever a provider can enforce, what the model wrote is read the same way."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from langchain_core.language_models import FakeListChatModel
from langchain_core.messages import BaseMessage
from model_servers import GOOD, QUESTION, ModelServer, Reply, Short, Source, called, every_provider

from rag_track.llm.models import ChatModel
from rag_track.llm.structured_output import Unusable, parsed, with_form


@given(st.text())
def test_any_text_is_parsed_or_unusable(text: str) -> None:
    """Whatever a model writes, parsing gives the form or says that it cannot; what it wrote round-trips."""
    written = Short(text=text, sources=[])
    for wrapped in (written.model_dump_json(), f"```json\n{written.model_dump_json(indent=1)}\n```"):
        assert parsed(wrapped, Short) == written
    with pytest.raises(Unusable):
        parsed(text, Short)


def test_a_model_of_text_is_asked_in_words() -> None:
    """A chat model without structured output gets the schema as a message, and its JSON is read the same way."""
    model = ChatModel(FakeListChatModel(responses=["no", GOOD]), "offline")
    answer = model.ask(QUESTION, Short, "draft")
    assert answer.value.text == "Press Retry."
    assert (answer.is_repaired, answer.is_estimated, answer.attempts) == (True, True, 2)
    assert with_form(model.model, Short.model_json_schema()) is model.model


def test_form_in_words_reaches_the_model() -> None:
    """What a model of text reads first is the schema, and last what it was asked."""
    seen: list[list[BaseMessage]] = []

    class Reading(FakeListChatModel):
        def _call(self, messages: list[BaseMessage], *args: Any, **more: Any) -> str:
            seen.append(messages)
            return GOOD

    ChatModel(Reading(responses=[]), "offline").ask(QUESTION, Short, "draft")
    assert '"sources"' in str(seen[0][0].content)
    assert seen[0][1:] == QUESTION


@every_provider
def test_a_structured_answer(server: ModelServer, provider: str) -> None:
    """The provider is given the schema in its own field, and its JSON becomes the asked form."""
    model, _ = called(server, provider, Reply(GOOD))
    answer = model.ask(QUESTION, Short, "draft")
    assert answer.value == Short(text="Press Retry.", sources=[Source(ticket="zendesk-1")])
    body = server.asked[0]
    schema = {
        "openai": lambda: body["response_format"]["json_schema"]["schema"],
        "anthropic": lambda: body["output_config"]["format"]["schema"],
        "ollama": lambda: body["format"],
    }[provider]()
    assert set(schema["properties"]) == {"text", "sources"}
    if provider == "openai":
        assert body["response_format"]["json_schema"]["strict"] is True

"""Serve: a language model whose calls are dependable.

Twin: nothing in the ETL track. A warehouse answers or fails; a model's provider may be busy, slow or gone, and
what it answers may not have the form that was asked for. So a call here has a time-out, retries with growing
pauses, one repair of a malformed answer, a fallback model, and a line in the log of calls.
"""

import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any, Generic, TypeVar

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.runnables import Runnable
from langchain_core.tools import BaseTool

from lab.errors import ModelError
from rag_track.llm.calls import CallLog
from rag_track.llm.model_call import ModelCall
from rag_track.llm.provider_errors import explained
from rag_track.llm.retries import may_fall_back
from rag_track.llm.structured_output import Form

T = TypeVar("T")


@dataclass(frozen=True)
class Answer(Generic[T]):
    """What a model answered, and what it took: tokens and attempts include a repair, seconds all pauses.

    `model` is the one that answered; `instead_of` the one that should have, when that was its fallback.
    `is_estimated`: the provider did not report the tokens.
    """

    value: T
    model: str
    input_tokens: int
    output_tokens: int
    is_estimated: bool
    seconds: float
    attempts: int
    is_repaired: bool
    instead_of: str = ""


class ChatModel:
    """A chat model that is called dependably. One object serves many threads.

    `model` is any chat model of LangChain that does not retry by itself; one that answers in text only is asked
    for JSON in words. `setting` is the one that names the model, for errors. `fallback` answers when this model
    is unreachable or unusable, not when its key or the request is wrong: that must be mended, not hidden.
    """

    def __init__(
        self,
        model: BaseChatModel,
        name: str,
        *,
        setting: str = "LAB_LLM",
        fallback: "ChatModel | None" = None,
        log: CallLog | None = None,
        sleep: Callable[[float], None] = time.sleep,
        seed: int | None = None,
    ) -> None:
        self.model = model
        self.name = name
        self.setting = setting
        self.fallback = fallback
        self.log = log
        self.sleep = sleep
        self.jitter = random.Random(seed)  # without a seed: processes that failed together must not return together

    def ask(self, messages: Sequence[BaseMessage], form: type[Form], purpose: str) -> Answer[Form]:
        """An answer of the given form. Raises ModelError when there is none, also after one repair."""
        return self.accounted(lambda call: call.formed(messages, form), messages, purpose)

    def reply(
        self, messages: Sequence[BaseMessage], purpose: str, tools: Sequence[BaseTool | Callable[..., Any]] = ()
    ) -> Answer[AIMessage]:
        """An answer in text, or with calls of the `tools`. Raises ModelError when there is none."""

        def work(call: ModelCall) -> AIMessage:
            able: Runnable[Any, AIMessage] = call.model.bind_tools(tools) if tools else call.model
            return call.send(able, messages)

        return self.accounted(work, messages, purpose)

    def stream(self, messages: Sequence[BaseMessage], purpose: str, instead_of: str = "") -> Iterator[str]:
        """An answer in text, piece by piece. Retries and falls back only until the first piece has come.

        Raises ModelError; what has come by then stays with the caller.
        """
        call, failure, whole = self.begin(), None, None

        def begun() -> Iterator[AIMessageChunk]:
            pieces = self.model.stream(list(messages))
            return chain([next(pieces)], pieces)

        try:
            for piece in call.retrying()(begun):
                whole = piece if whole is None else whole + piece
                if piece.text:
                    yield piece.text
        except Exception as error:
            failure = error
        finally:  # also when the caller has read enough
            call.add(messages, whole)
            self.note(call, purpose, messages, failure, instead_of)
        if failure and whole is None and self.fallback and may_fall_back(failure):
            yield from self.fallback.stream(messages, purpose, instead_of=self.name)
        elif failure:
            raise self.explained(failure) from None

    def accounted(
        self, work: Callable[[ModelCall], T], messages: Sequence[BaseMessage], purpose: str, instead_of: str = ""
    ) -> Answer[T]:
        """Do `work` with this model, else with its fallback, and log each of the two. Raises ModelError."""
        call = self.begin()
        try:
            value = work(call)
        except Exception as error:
            self.note(call, purpose, messages, error, instead_of)
            if self.fallback and may_fall_back(error):
                answer = self.fallback.accounted(work, messages, purpose, instead_of=self.name)
                return replace(answer, seconds=call.seconds, attempts=call.attempts + answer.attempts)
            raise self.explained(error) from None  # the provider's error may hold the request, and with it the key
        self.note(call, purpose, messages, None, instead_of)
        used = (call.input_tokens, call.output_tokens, call.is_estimated, call.seconds, call.attempts)
        return Answer(value, self.name, *used, call.is_repaired, instead_of)

    def begin(self) -> ModelCall:
        return ModelCall(self.model, self.sleep, self.jitter)

    def note(
        self,
        call: ModelCall,
        purpose: str,
        messages: Sequence[BaseMessage],
        error: Exception | None,
        instead_of: str,
    ) -> None:
        """Log a call, where there is a log."""
        if self.log is not None:
            self.log.write(call.to_log(purpose, self.name, messages, error, instead_of))

    def explained(self, error: Exception) -> ModelError:
        return explained(error, self.model, self.name, self.setting)

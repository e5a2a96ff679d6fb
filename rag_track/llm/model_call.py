"""Serve: one call of one model: the attempts, at most one repair, and what they use.

Twin: dbt's run_results.json, which says what each model of a run took and what came of it.
"""

import json
import time
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage
from langchain_core.runnables import Runnable
from tenacity import RetryCallState, Retrying

from rag_track.llm.calls import Call, Outcome, prompt_text
from rag_track.llm.cost import estimated_tokens
from rag_track.llm.provider_errors import masked
from rag_track.llm.retries import is_temporary, retrying, status
from rag_track.llm.structured_output import FORM, REPAIR, Form, Unusable, parsed, with_form


class ModelCall:
    """Sends prompts to a model and counts: tokens and attempts include a repair, seconds all pauses.

    `answer` is the last one in text. `is_estimated`: the provider did not report the tokens.
    """

    def __init__(self, model: BaseChatModel, sleep: Callable[[float], None], jitter: Random) -> None:
        self.model = model
        self.sleep = sleep
        self.jitter = jitter
        self.started = time.perf_counter()
        self.attempts = self.input_tokens = self.output_tokens = 0
        self.is_estimated = self.is_repaired = False
        self.answer = ""

    @property
    def seconds(self) -> float:
        """Seconds since the call began."""
        return time.perf_counter() - self.started

    def formed(self, messages: Sequence[BaseMessage], form: type[Form]) -> Form:
        """Ask; give a malformed answer back once, with what is wrong with it. Raises Unusable the second time."""
        schema = form.model_json_schema()
        able = with_form(self.model, schema)
        if able is self.model:
            messages = [SystemMessage(FORM.format(schema=json.dumps(schema))), *messages]
        raw = self.send(able, messages)
        try:
            return parsed(raw.text, form)
        except Unusable as error:
            self.is_repaired = True
            problem = REPAIR.format(problem=error, schema=json.dumps(schema))
            messages = [*messages, AIMessage(raw.text or "(nothing)"), HumanMessage(problem)]
            return parsed(self.send(able, messages).text, form)

    def send(self, able: Runnable[Any, AIMessage], messages: Sequence[BaseMessage]) -> AIMessage:
        """One prompt, one message, with retries. Raises the provider's error, or Unusable when the model declines."""
        raw: AIMessage = self.retrying()(able.invoke, list(messages))
        self.add(messages, raw)
        if raw.additional_kwargs.get("refusal") or raw.response_metadata.get("stop_reason") == "refusal":
            raise Unusable("the model declines to answer this")
        return raw

    def add(self, messages: Sequence[BaseMessage], raw: AIMessage | None) -> None:
        """Count the tokens of a prompt and its answer: as reported, else estimated. None: nothing came back."""
        if raw is None:
            return
        self.answer = raw.text or json.dumps(raw.tool_calls, default=str)
        if raw.usage_metadata:
            self.input_tokens += raw.usage_metadata["input_tokens"]
            self.output_tokens += raw.usage_metadata["output_tokens"]
        else:
            self.input_tokens += estimated_tokens(prompt_text(messages))
            self.output_tokens += estimated_tokens(self.answer)
            self.is_estimated = True

    def retrying(self) -> Retrying:
        """The policy of retries; each attempt is counted."""

        def count(_: RetryCallState) -> None:
            self.attempts += 1

        def is_worth_repeating(error: BaseException) -> bool:
            rejected = status(error) == 400 or isinstance(error, ValueError)
            if rejected and self.attempts == 1 and "temperature" in str(error) and hasattr(self.model, "temperature"):
                self.model.temperature = None  # some models accept none: it is asked again without one
                return True
            return is_temporary(error)

        return retrying(is_worth_repeating, count, self.sleep, self.jitter)

    def to_log(
        self, purpose: str, name: str, messages: Sequence[BaseMessage], error: Exception | None, instead_of: str
    ) -> Call:
        """The call for the log, without keys. Of an error only kind and status: its text may repeat the prompt."""
        outcome: Outcome = "repaired" if self.is_repaired else "fallback" if instead_of else "ok"
        kind = ""
        if error:
            outcome = "refused" if isinstance(error, Unusable) else "failed"
            kind = str(error) if outcome == "refused" else f"{type(error).__name__} {status(error) or ''}".strip()
        used = (self.input_tokens, self.output_tokens, self.is_estimated, self.seconds, self.attempts)
        answer, why = (masked(text, self.model) for text in (self.answer, kind))
        return Call(purpose, name, messages, answer, *used, outcome, why)

"""The offline model: LangChain's chat-model interface over the plan. It has no weights, and says so.

It reads the same messages as any model and answers with the same tool calls, so the graph around it does not know the
difference. Texts that tools give back are numbers to tell and sentences to quote; no call is ever made of them.
"""

from collections.abc import Callable, Sequence
from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel, LanguageModelInput
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from langchain_core.runnables import Runnable
from langchain_core.tools import BaseTool
from pydantic import ConfigDict

from bridge.agent.marks import marked
from bridge.agent.router.conversation import read
from bridge.agent.router.facts import with_facts
from bridge.agent.router.plan import Planner
from bridge.agent.router.steps import Step, Told
from etl_track.vocabulary import Vocabulary

LIST = Step("list_metrics", {})


class Router(BaseChatModel):
    """Routes by words and by nearness, fills slots from what list_metrics says, and never guesses."""

    model_config = ConfigDict(arbitrary_types_allowed=True)
    embeddings: Any
    least: float

    @property
    def _llm_type(self) -> str:
        return "offline router"

    def bind_tools(
        self, tools: Sequence[dict[str, Any] | type | Callable[..., Any] | BaseTool], **kwargs: Any
    ) -> Runnable[LanguageModelInput, AIMessage]:
        """The tools are known by their names; nothing has to be bound."""
        return self

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        return ChatResult(generations=[ChatGeneration(message=self.reply(messages))])

    def reply(self, messages: Sequence[BaseMessage]) -> AIMessage:
        """The next tool call, or the answer when no call is left."""
        talk = read(messages)
        listed = talk.done.of(LIST)
        if listed is None:
            return call(LIST, made=0)
        if listed.is_error:
            return answer([Told(listed.text, "declined")])
        vocabulary = with_facts(Vocabulary.model_validate_json(listed.text))
        planner = Planner(vocabulary, self.embeddings, talk.tier, self.least)
        tasks = planner.plan(talk.question, list(talk.earlier))
        steps = {step.key: step for task in tasks if (step := task.next(talk.done))}
        if steps:
            return call(*steps.values(), made=len(talk.done.results))
        return answer([task.tell(talk.done) for task in tasks])


def answer(told: list[Told]) -> AIMessage:
    """What all tasks tell, each thing once. Where one of them is answered, the whole is."""
    texts = list(dict.fromkeys(one.text for one in told))
    outcomes = {one.outcome for one in told}
    outcome = "answered" if "answered" in outcomes else "asked_back" if "asked_back" in outcomes else "declined"
    return AIMessage(marked("\n\n".join(texts), outcome))  # type: ignore[arg-type]


def call(*steps: Step, made: int) -> AIMessage:
    """A message that makes tool calls, numbered after those that were `made`."""
    requests = [
        {"name": step.tool, "args": step.arguments, "id": f"call_{number}", "type": "tool_call"}
        for number, step in enumerate(steps, start=made + 1)
    ]
    return AIMessage(content="", tool_calls=requests)

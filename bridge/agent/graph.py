"""The graph: the model is asked, its tool calls are made, it is asked again, until it answers or a limit is reached.

    START ► model ─┬► tools ─┐
              ▲    └► END    │
              └──────────────┘

The same graph runs on the offline router and on any chat model of LangChain. The state is kept by conversation.
"""

import threading
import time
from collections.abc import Callable, Sequence
from contextvars import copy_context
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, TypedDict

from langchain_core.messages import AIMessage, AnyMessage, BaseMessage, HumanMessage, SystemMessage
from langchain_core.tools import BaseTool
from langgraph.graph import END, START, StateGraph
from langgraph.graph.message import add_messages
from langgraph.prebuilt import ToolNode
from langgraph.prebuilt.tool_node import ToolCallRequest
from langgraph.runtime import Runtime

from bridge.agent.limits import Limits
from bridge.agent.marks import marked
from rag_track.llm.cost import Prices
from rag_track.llm.models import Answer, ChatModel

PROMPT = Path(__file__).parent / "prompt.txt"
REMEMBERED = 10  # questions of a conversation that the model gets to read again


class State(TypedDict):
    """The conversation, and what the present question has taken so far."""

    messages: Annotated[list[AnyMessage], add_messages]
    steps: int
    tokens: int
    dollars: float


@dataclass(frozen=True)
class Run:
    """When the present question began, by time.monotonic, and what each of its tool calls took, by id."""

    started: float
    milliseconds: dict[str, float] = field(default_factory=dict)


def build_graph(model: ChatModel, tools: Sequence[BaseTool], limits: Limits, prices: Prices, checkpointer: Any) -> Any:
    """The compiled graph."""

    def ask_model(state: State, runtime: Runtime[Run]) -> dict[str, Any]:
        seconds = time.monotonic() - runtime.context.started
        if reason := limits.reached(state["steps"], seconds, state["tokens"], state["dollars"]):
            return stopped(reason)
        messages = [SystemMessage(PROMPT.read_text(encoding="utf-8")), *window(state["messages"])]
        answer = within(limits.seconds - seconds, lambda: model.reply(messages, "agent", tools))
        if answer is None:
            return stopped(limits.reached(0, limits.seconds, 0, 0))
        tokens = 0 if model.name == "offline" else answer.input_tokens + answer.output_tokens  # rules read no tokens
        return {
            "messages": [answer.value],
            "steps": state["steps"] + 1,
            "tokens": state["tokens"] + tokens,
            "dollars": state["dollars"] + cost(prices, answer),
        }

    def after_model(state: State) -> str:
        last = state["messages"][-1]
        return "tools" if isinstance(last, AIMessage) and last.tool_calls else END

    graph = StateGraph(State, context_schema=Run)
    graph.add_node("model", ask_model)
    graph.add_node("tools", ToolNode(list(tools), wrap_tool_call=timed))
    graph.add_edge(START, "model")
    graph.add_conditional_edges("model", after_model, ["tools", END])
    graph.add_edge("tools", "model")
    return graph.compile(checkpointer=checkpointer, name="agent")


def timed(request: ToolCallRequest, call: Callable[[ToolCallRequest], Any]) -> Any:
    """Make a tool call and note what it took."""
    began = time.perf_counter()
    result = call(request)
    run: Run = request.runtime.context  # type: ignore[assignment]
    run.milliseconds[str(request.tool_call["id"])] = 1000 * (time.perf_counter() - began)
    return result


def stopped(reason: str) -> dict[str, Any]:
    return {"messages": [AIMessage(marked(reason, "stopped"))]}


def cost(prices: Prices, answer: Answer[AIMessage]) -> float:
    """US dollars of a call, 0 for a model that the price table does not have."""
    known = prices.find(answer.model)
    return float(prices.cost(answer.model, answer.input_tokens, answer.output_tokens)) if known else 0.0


def window(messages: Sequence[BaseMessage]) -> list[BaseMessage]:
    """What the model reads: of earlier questions what was asked and answered, of this one all calls and results."""
    asked = [place for place, one in enumerate(messages) if isinstance(one, HumanMessage)]
    begin = asked[-REMEMBERED:][0] if asked else 0
    earlier = [
        one
        for one in messages[begin : asked[-1] if asked else 0]
        if isinstance(one, HumanMessage) or (isinstance(one, AIMessage) and not one.tool_calls)
    ]
    return [*earlier, *messages[asked[-1] if asked else 0 :]]


def within(seconds: float, work: Callable[[], Answer[AIMessage]]) -> Answer[AIMessage] | None:
    """What `work` gives back, None when time is over first; then nobody waits for it any more."""
    box: list[Answer[AIMessage] | BaseException] = []

    def run() -> None:
        try:
            box.append(work())
        except BaseException as error:  # raised again in the thread that waits
            box.append(error)

    thread = threading.Thread(target=copy_context().run, args=(run,), daemon=True)
    thread.start()
    thread.join(max(seconds, 0))
    if not box:
        return None
    if isinstance(box[0], BaseException):
        raise box[0]
    return box[0]

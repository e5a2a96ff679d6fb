"""The agent: one assistant that counts with the warehouse and reads with the index.

Twin: none, here both banks meet. What is asked is redacted first; what is answered is checked last.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from langchain_core.messages import AIMessage, AnyMessage, HumanMessage, ToolMessage

from bridge.agent.answer import AgentAnswer, Call
from bridge.agent.citations import supported
from bridge.agent.graph import Run, build_graph
from bridge.agent.limits import Limits
from bridge.agent.marks import unmarked
from bridge.agent.memory import Memory, open_memory, since_question, without_calls
from bridge.agent.router.conversation import message
from bridge.agent.router.model import Router
from bridge.agent.tools.toolbox import Toolbox
from lab.settings import Settings
from rag_track.draft import LONGEST_QUESTION, MARGIN
from rag_track.llm.calls import CallLog
from rag_track.llm.cost import read_prices
from rag_track.llm.models import ChatModel
from rag_track.llm.providers import chat_model
from rag_track.redact import Redactor, people_in
from rag_track.retrieve import Retriever

ALONE = "alone"  # the conversation of questions that were asked without one
OFFLINE = Limits()
ONLINE = Limits(seconds=120)  # a model over a network thinks longer


class Agent:
    """Opened once for many questions, see open_agent. `name` says which model answers."""

    def __init__(self, settings: Settings, retriever: Retriever, graph: Any, memory: Memory, name: str) -> None:
        self.redactor = Redactor(people_in(settings.landing))
        self.retriever, self.graph, self.memory, self.name = retriever, graph, memory, name

    def ask(self, question: str, conversation: str, tier: str | None = None) -> AgentAnswer:
        """Answer a question in its conversation. `tier` is the plan of the customer of the open ticket, when known.

        An empty conversation is one of its own, of which nothing is remembered.

        Raises ModelError when the model does not answer.
        """
        started = time.perf_counter()
        asked = self.redactor.redact(question[: LONGEST_QUESTION + MARGIN]).text[:LONGEST_QUESTION]
        thread = conversation or ALONE
        if not conversation:
            self.memory.delete_thread(ALONE)
        config = {"configurable": {"thread_id": thread}, "recursion_limit": 100}
        before = without_calls(self.graph.get_state(config).values.get("messages", []))
        new = HumanMessage(message(asked, tier))
        given = {"messages": [*before, new], "steps": 0, "tokens": 0, "dollars": 0.0}
        run = Run(time.monotonic())
        state = self.graph.invoke(given, config, context=run, durability="exit")
        self.memory.keep_newest(thread)
        turn = since_question(state["messages"])
        text, outcome = unmarked(turn[-1].text)
        text = supported(text, asked, turn, self.redactor, self.retriever.embeddings.vectors)
        milliseconds = 1000 * (time.perf_counter() - started)
        calls = calls_in(turn, run.milliseconds)
        return AgentAnswer(text, outcome, calls, state["tokens"], round(state["dollars"], 6), round(milliseconds, 1))

    def forget(self, conversation: str) -> None:
        """Drop what was said in a conversation: the next question in it is the first."""
        self.graph.checkpointer.delete_thread(conversation)


def calls_in(turn: Sequence[AnyMessage], times: dict[str, float]) -> tuple[Call, ...]:
    """The tool calls of a turn with their results, in their order. `times` has the milliseconds by id of the call.

    Not every model gives ids that are unique: a result belongs to the newest call of its id.
    """
    asked: dict[str, dict[str, Any]] = {}
    found = []
    for one in turn:
        if isinstance(one, AIMessage):
            asked |= {str(call["id"]): {"tool": call["name"], "arguments": call["args"]} for call in one.tool_calls}
        if isinstance(one, ToolMessage):
            took = round(times.get(one.tool_call_id, 0.0), 1)
            call = asked[one.tool_call_id]
            found.append(Call(**call, result=one.text, is_error=one.status == "error", milliseconds=took))
    return tuple(found)


@contextmanager
def open_agent(settings: Settings, limits: Limits | None = None) -> Iterator[Agent]:
    """The agent with its tools, on the model that LAB_LLM names.

    Raises MissingStep when a track was not built, ModelError when the model cannot be used.
    """
    retriever = Retriever(settings)
    model = open_model(settings, retriever)
    limits = limits or (OFFLINE if settings.llm == "offline" else ONLINE)
    toolbox = Toolbox(settings, retriever)
    with open_memory(settings.home / "agent" / "conversations.sqlite") as memory:
        try:
            graph = build_graph(model, toolbox.tools(), limits, read_prices(), memory)
            yield Agent(settings, retriever, graph, memory, model.name)
        finally:
            toolbox.close()


def open_model(settings: Settings, retriever: Retriever) -> ChatModel:
    """The offline router, or the chat model of LAB_LLM with its fallback; each call of that one is logged."""
    router = ChatModel(Router(embeddings=retriever.embeddings, least=retriever.decline_below), "offline")
    if settings.llm == "offline":
        return router
    log = CallLog(settings.calls)
    fallback = router if settings.llm_fallback == "offline" else None
    if settings.llm_fallback and not fallback:
        url, name = settings.llm_fallback_url, settings.llm_fallback
        fallback = chat_model(name, url=url, timeout=settings.llm_timeout, setting="LAB_LLM_FALLBACK", log=log)
    return chat_model(settings.llm, url=settings.llm_url, timeout=settings.llm_timeout, fallback=fallback, log=log)

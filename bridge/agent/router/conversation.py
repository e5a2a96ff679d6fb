"""A conversation as the router reads it: the question, what was asked before, and what the tools gave back since."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, ToolMessage

from bridge.agent.router.steps import Done, Result, Step

DESK = re.compile(r"\n*<desk>.*?(?:plan (\w+))?\.</desk>\s*$", re.DOTALL)


@dataclass(frozen=True)
class Conversation:
    """`tier`: the plan of the customer whose ticket the person has before them, when it is known."""

    question: str
    earlier: tuple[str, ...]
    tier: str
    done: Done


def message(question: str, tier: str | None) -> str:
    """A question with what the help desk knows of the open ticket."""
    return f"{question}\n\n<desk>The customer of the open ticket is on the plan {tier}.</desk>" if tier else question


def read(messages: Sequence[BaseMessage]) -> Conversation:
    """The conversation in messages. Of a tool's result only the tool it came from and its text are taken."""
    asked = [place for place, one in enumerate(messages) if isinstance(one, HumanMessage)]
    texts = [str(messages[place].text) for place in asked]
    match = DESK.search(texts[-1])
    calls: dict[str, Step] = {}
    results: dict[str, Result] = {}
    for one in messages[asked[-1] :]:
        if isinstance(one, AIMessage):
            calls |= {str(call["id"]): Step(call["name"], call["args"]) for call in one.tool_calls}
        if isinstance(one, ToolMessage) and one.tool_call_id in calls:
            results[calls[one.tool_call_id].key] = Result(one.text, one.status == "error")
    questions = [DESK.sub("", text) for text in texts]
    return Conversation(questions[-1], tuple(questions[:-1]), (match[1] or "") if match else "", Done(results))

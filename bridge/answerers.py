"""Bridge, the three who are asked: the ETL track, the RAG track, and the agent, each opened once for all questions."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from bridge.agent.agent import Agent, open_agent
from bridge.truth import Question
from etl_track.ask import Answer, ask
from etl_track.metrics import open_warehouse
from lab.settings import Settings
from rag_track.draft import Drafter, without_citations
from rag_track.filters import Filters

SIDES = ("etl", "rag", "agent")
SHOWN = 1_500  # characters of a tool's result that the report keeps; the trace has all of it


@dataclass(frozen=True)
class Answered:
    """What somebody said. `held_back`: it is a refusal or a question, no answer. Who calls no tools has no `calls`."""

    text: str
    held_back: bool
    tokens: int = 0
    dollars: float = 0.0
    calls: list[dict[str, Any]] = field(default_factory=list)


Answerer = Callable[[Question, str], Answered]  # a question and the conversation in which it is asked


@contextmanager
def open_answerers(settings: Settings, questions: list[Question]) -> Iterator[dict[str, Answerer]]:
    """All three, ready: the model is loaded and the questions are embedded, so that nobody pays for it alone.

    The tracks remember no conversation. The customer's tier is told to who reads, as a help desk would tell it.
    Raises MissingStep when a track was not built.
    """
    with ExitStack() as stack:
        warehouse = stack.enter_context(open_warehouse(settings))
        drafter = Drafter(settings)
        drafter.retriever.embeddings.embed_documents([question.text for question in questions])
        agent = stack.enter_context(open_agent(settings))
        yield {
            "etl": lambda question, _: counted(ask(warehouse, question.text)),
            "rag": lambda question, _: read(drafter, question),
            "agent": lambda question, conversation: both(agent, question, conversation),
        }


def counted(answer: Answer) -> Answered:
    return Answered(answer.text, held_back=answer.table is None)


def read(drafter: Drafter, question: Question) -> Answered:
    draft = drafter.draft(question.text, Filters(customer_tier=question.tier))
    tokens = draft.input_tokens + draft.output_tokens
    return Answered(without_citations(draft.text), draft.declined, tokens, draft.usd)


def both(agent: Agent, question: Question, conversation: str) -> Answered:
    if not question.after:
        agent.forget(conversation)  # of the last comparison
    answer = agent.ask(question.text, conversation, question.tier)
    calls = [asdict(replace(call, result=call.result[:SHOWN])) for call in answer.calls]
    held_back = answer.outcome in ("declined", "asked_back")  # who was stopped has not decided to
    return Answered(without_citations(answer.text), held_back, answer.tokens, answer.dollars, calls)

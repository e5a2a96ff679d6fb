"""Bridge, practice: the practice questions asked of the agent, to see what it does not answer rightly, and why.

For who builds an answerer: neither half of the bank is asked, so the comparison's figures are not learned by heart.
"""

from collections import Counter
from pathlib import Path

from rich.markup import escape

from bridge.agent.agent import Agent, open_agent
from bridge.answerers import both
from bridge.bank import BANK
from bridge.compare import Said, conversation_of, put
from bridge.truth import Question, read_questions
from lab.console import say
from lab.settings import Settings


def practise(settings: Settings, bank: Path = BANK) -> None:
    """Ask the practice questions, and print those that are not answered rightly."""
    questions, _ = read_questions(settings.source, bank, ("practice",))
    with open_agent(settings) as agent:
        asked = ask(agent, questions)
    for question, said in asked:
        if not said.correct:
            say(f"[bold]{question.id}[/] ({question.kind}): {escape(question.text)}")
            say(f"[dim]right:[/]   {escape(question.truth)}")
            say(f"[dim]said:[/]    {escape(said.answer)}")
            say(f"[dim]because:[/] {escape(said.why)}\n")
    right = Counter(question.kind for question, said in asked if said.correct)
    kinds = Counter(question.kind for question, _ in asked)
    told = ", ".join(f"{kind} {right[kind]} of {count}" for kind, count in kinds.items())
    say(f"{sum(right.values())} of {len(asked)} right: {told}")


def ask(agent: Agent, questions: list[Question]) -> list[tuple[Question, Said]]:
    """Each question with what the agent says, and whether it is right."""
    begun: dict[tuple[str, str], str] = {}

    def answer(question: Question) -> Said:
        return put(
            lambda asked, conversation: both(agent, asked, conversation), question, conversation_of(question, begun)
        )

    return [(question, answer(question)) for question in questions]

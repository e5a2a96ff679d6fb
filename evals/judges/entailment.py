"""Ask a judge whether a context supports statements, in the words by which RAGAS's faithfulness asks."""

from dataclasses import dataclass

from evals.judges.judge import Judge
from rag_track.llm.provider_errors import brief


@dataclass(frozen=True)
class Entailed:
    """What a judge said of one statement: supported or not, or None when it gave no verdict; and why."""

    statement: str
    supported: bool | None
    reason: str


async def entailment(judge: Judge, context: str, statements: list[str]) -> list[Entailed]:
    """A verdict for each statement, in their order; all None when the judge's answer is of no use.

    Raises ModelError when the judge is out of reach.
    """
    from ragas.metrics.collections.faithfulness.util import NLIStatementInput, NLIStatementOutput, NLIStatementPrompt

    prompt = NLIStatementPrompt().to_string(NLIStatementInput(context=context, statements=statements))
    try:
        answers = (await judge.llm.agenerate(prompt, NLIStatementOutput)).statements
    except Exception as error:
        judge.stop_if_unreachable(error)
        return [Entailed(one, None, f"{type(error).__name__}: {brief(error)}") for one in statements]
    verdicts = [answer.verdict for answer in answers]
    if len(answers) != len(statements) or not set(verdicts) <= {0, 1}:
        why = f"not {len(statements)} verdicts of 0 or 1, but {verdicts}"
        return [Entailed(one, None, why) for one in statements]
    return [Entailed(one, bool(answer.verdict), answer.reason) for one, answer in zip(statements, answers, strict=True)]

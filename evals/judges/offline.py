"""A judge without a language model: it gets RAGAS's own prompts, and answers in RAGAS's own forms, by evidence.

It is the default so that CI needs no key. It is not the model that drafts, and shares no code with it. What it is worth
is measured (calibration.py): numbers, names and half-truths it judges well; a contrary that is said without a "not", or
in other words, it mostly takes for support.
"""

import json
import re
from typing import Any

from ragas.llms.base import InstructorBaseRagasLLM

from evals.judges.evidence import Embed, Evidence, Verdict
from evals.judges.passage import sentences
from lab.errors import ModelError

# RAGAS's prompts end in the input as JSON, in which a line feed is written as \n: no text can imitate this line.
INPUT = re.compile(r"^Now perform the same with the following input\ninput: ", re.MULTILINE)
CANNOT = {"answer_relevancy": "it needs a judge that writes questions, and the offline judge only compares texts"}
FULLY, PARTLY, NOT = 2, 1, 0  # the ratings of RAGAS's groundedness prompts


class OfflineJudge(InstructorBaseRagasLLM):  # type: ignore[misc]
    """RAGAS's interface to a language model, over the search for evidence. The same question, the same answer."""

    def __init__(self, embed: Embed) -> None:
        self.evidence = Evidence(embed)

    def prepare(self, texts: list[str]) -> None:
        """Read the texts that will be judged in one go, which is faster than one by one."""
        self.evidence.read(texts)

    def generate(self, prompt: str, response_model: Any) -> Any:
        """The answer to a prompt, in the form that is wanted. Raises ModelError for a form it does not know."""
        given = input_of(prompt)
        asked = response_model.__name__
        if asked == "StatementGeneratorOutput":
            return response_model(statements=statements(given["answer"]))
        if asked == "ClaimDecompositionOutput":
            return response_model(claims=statements(given["response"]))
        if asked in ("NLIStatementOutput", "StatementFaithfulnessOutput"):
            return response_model.model_validate({"statements": self.verdicts(given["statements"], given["context"])})
        if asked == "ContextRecallOutput":
            found = self.verdicts(statements(given["answer"]), given["context"])
            return response_model.model_validate(
                {"classifications": [{**one, "attributed": one["verdict"]} for one in found]}
            )
        if asked == "ContextPrecisionOutput":
            return response_model(**self.usefulness(given["answer"], given["context"]))
        if asked == "ResponseGroundednessOutput":
            return response_model(rating=self.rating(given["response"], given["context"]))
        raise ModelError(
            f"The offline judge has no answer of the form {asked}.",
            next_step="name a language model as the judge: LAB_JUDGE=provider:model",
        )

    async def agenerate(self, prompt: str, response_model: Any) -> Any:
        """The same; nothing is waited for."""
        return self.generate(prompt, response_model)

    def verdicts(self, said: list[str], context: str) -> list[dict[str, Any]]:
        """For each statement whether the context supports it, as RAGAS's entailment prompt asks."""
        found = [self.evidence.verdict(statement, context) for statement in said]
        return [
            {"statement": statement, "reason": verdict.reason, "verdict": int(verdict.supported)}
            for statement, verdict in zip(said, found, strict=True)
        ]

    def usefulness(self, answer: str, context: str) -> dict[str, Any]:
        """A context is of use for an answer when it supports one of its statements."""
        found = [self.evidence.verdict(statement, context) for statement in statements(answer)]
        best = max(
            found, key=lambda verdict: (verdict.supported, verdict.score), default=Verdict(False, 0, "no answer")
        )
        return {"reason": best.reason, "verdict": int(best.supported)}

    def rating(self, response: str, context: str) -> int:
        """How much of a response the context supports: all of it, some, or nothing."""
        found = [self.evidence.verdict(statement, context).supported for statement in statements(response)]
        return NOT if not any(found) else FULLY if all(found) else PARTLY


def input_of(prompt: str) -> dict[str, Any]:
    """The input at the end of one of RAGAS's prompts. Raises ModelError for a prompt of another shape."""
    begin = INPUT.search(prompt)
    if begin is None:
        raise ModelError(
            "The offline judge cannot read this prompt: it has no input in JSON.",
            next_step="pin ragas to the version in requirements.lock, or name a language model as the judge",
        )
    given, _ = json.JSONDecoder().raw_decode(prompt, begin.end())
    return dict(given)


def statements(text: str) -> list[str]:
    """The statements of a text: its sentences, but no questions and no calls such as "Hello Ana,". At least one."""
    found = [one for one in sentences(text) if not one.endswith(("?", ",")) and len(one.split()) > 2]
    return found or sentences(text)[:1]

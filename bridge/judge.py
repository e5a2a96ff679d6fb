"""Bridge, judging: whether an answer is right, by its text alone and by the same rules whoever wrote it.

Strict on purpose: what is right by luck, or beside something wrong, is wrong. Each rule has a test with an answer that
must fail (tests/test_bridge_judge.py).
"""

import re

from bridge.figures import Groups, Number
from bridge.judge_figures import Verdict, judge_groups, judge_number, judge_winner
from bridge.quantities import WORDS, plain, quantities
from bridge.truth import Question, Solution

NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
DIGITS = {word: str(number) for number, word in enumerate(NUMBERS, start=1)}
NOTHING = re.compile(
    r"\bno (?:\w+ ){0,2}(?:tickets?|customers?|accounts?) (?:match|came|arrived|are|were)\b|\bnothing matches\b", re.I
)


def judge(question: Question, answer: str, held_back: bool) -> Verdict:
    """`held_back`: whoever answered says that this is no answer, but a refusal or a question.

    Where nothing is right, holding back without any quantity is; elsewhere it is not.
    """
    text = plain(answer)
    if question.kind == "neither":
        return judge_nothing(text, held_back)
    if held_back and not is_empty(question.figure):
        return Verdict(False, "holds back")
    verdicts = []
    if question.figure:
        verdicts.append(judge_figure(question.figure, text, question.solution.wordings if question.solution else ()))
    if question.solution:
        verdicts.append(judge_solution(question.solution, text))
    return next((verdict for verdict in verdicts if not verdict.correct), verdicts[0])


def judge_nothing(text: str, held_back: bool) -> Verdict:
    """Where there is no right answer, a refusal or a question back is right, if it states no number beside it."""
    if not held_back:
        return Verdict(False, "answers what nobody can")
    if any(quantities(text, unit) for unit in WORDS):
        return Verdict(False, "holds back, and states a number all the same")
    return Verdict(True, "holds back")


def judge_figure(figure: Number | Groups, text: str, wordings: tuple[str, ...]) -> Verdict:
    if is_empty(figure) and NOTHING.search(text):
        return Verdict(True, "says that nothing matches")
    if isinstance(figure, Number):
        return judge_number(figure, text, wordings)
    return judge_winner(figure, text) if figure.winner else judge_groups(figure, text)


def is_empty(figure: Number | Groups | None) -> bool:
    """Whether no record matches, as can be in a small company."""
    if isinstance(figure, Number):
        return not figure.value and not figure.beside
    return figure is not None and not figure.values


def judge_solution(wanted: Solution, text: str) -> Verdict:
    """Every fact is stated word for word, and none that held before a release or holds on another plan."""
    lacking = [fact for fact in wanted.facts if not states(text, fact)]
    outdated = [fact for fact in wanted.forbidden if states(text, fact)]
    if outdated:
        return Verdict(False, f"states {', '.join(outdated)}: outdated, or of another plan")
    return Verdict(False, f"lacks {', '.join(lacking)}") if lacking else Verdict(True, "states every fact")


def states(text: str, fact: str) -> bool:
    """Whether a fact stands in a text, whatever its capitals and line breaks; numbers up to ten in words or digits.

    >>> states("Within 7  days", "seven days"), states("Within 17 days", "seven days"), states("110 MB", "10 MB")
    (True, False, False)
    """
    said, wanted = folded(text), folded(fact)
    whole = r"(?<![\d.,])" if wanted[0].isdigit() else ""  # 10 MB is no part of 110 MB
    return re.search(whole + re.escape(wanted) + (r"(?!\d)" if wanted[-1].isdigit() else ""), said) is not None


def folded(text: str) -> str:
    digits = re.sub(rf"\b(?:{'|'.join(DIGITS)})\b", lambda word: DIGITS[word[0]], text.lower())
    return " ".join(digits.split())

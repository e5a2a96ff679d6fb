"""Bridge, judging: whether a text states the right number, the right number for each group, or the right winner.

The right number beside a wrong one, or hidden in a list, is wrong: it would be right by luck.
"""

import math
import re
from dataclasses import dataclass
from itertools import combinations

from bridge.figures import Groups, Number, stated
from bridge.quantities import by_group, mentions, quantities

TOLERANCE = 0.005  # a measured number is right within half a percent; what is counted must be exact
CUES = {  # the words by which a sentence says that it names the winner
    "highest": "most highest largest biggest busiest greatest longest slowest top more higher larger longer slower",
    "lowest": "least lowest fewest smallest shortest fastest quietest bottom less lower fewer shorter faster",
}
EITHER = "worst best worse better"  # which of the two they mean depends on what is counted
RUNNERS_UP = re.compile(r"(?:the )?(?:next|second|third|then|after)\b", re.IGNORECASE)
SHORT = 6  # words: an answer that names its winner and says nothing else


@dataclass(frozen=True)
class Verdict:
    """Whether an answer is right, and what decided it."""

    correct: bool
    reason: str


def judge_number(wanted: Number, text: str, wordings: tuple[str, ...] = ()) -> Verdict:
    """The number is there, and no other of its unit: neither a second guess nor a list in which it hides.

    Others may be what a difference is taken of, and what a solution's own `wordings` say, such as "10 minutes".
    """
    if wanted.value is None:
        return Verdict(False, "does not say that nothing matches")
    said = quantities(text, wanted.unit)
    value = abs(wanted.value) if wanted.beside else wanted.value  # "6.4 points less" is how people say -6.4
    right = [number for number in said if is_close(abs(number) if wanted.beside else number, value, wanted.unit)]
    own = [number for wording in wordings for number in quantities(wording, wanted.unit)]
    others = [number for number in said if number not in right and number not in own]
    wrong = [number for number in others if not any(is_close(number, one, wanted.unit) for one in wanted.beside)]
    if wrong or not right:
        return Verdict(False, f"states {shown(wrong or said, wanted.unit)}, not {stated(wanted.value, wanted.unit)}")
    return Verdict(True, f"states {stated(wanted.value, wanted.unit)}")


def judge_groups(wanted: Groups, text: str) -> Verdict:
    """Every group has its number, and no group another one. "unknown" may be left out, but not be wrong.

    Beside its own number a group may have what it is ahead of another one by.
    """
    why = "names no group with a number"
    ahead = [abs(one - other) for one, other in combinations(wanted.values.values(), 2)]
    for behind in (True, False):
        pairs = by_group(text, {*wanted.values, "unknown"}, wanted.unit, behind)
        right = {group for group, value in pairs if is_close(value, wanted.values.get(group, math.inf), wanted.unit)}
        wrong = [
            f"{group} with {shown([value], wanted.unit)}"
            for group, value in pairs
            if not is_close(value, wanted.values.get(group, math.inf), wanted.unit)
            and not (group in right and any(is_close(value, one, wanted.unit) for one in ahead))
        ]
        lacking = sorted(set(wanted.values) - {"unknown"} - right)
        if pairs and not wrong and not lacking:
            return Verdict(True, f"states all {len(wanted.values)} groups")
        if behind and pairs:
            why = f"states {', '.join(wrong)}" if wrong else f"lacks {', '.join(lacking)}"
    return Verdict(False, why)


def judge_winner(wanted: Groups, text: str) -> Verdict:
    """The winner is named in a sentence that says what it wins, and nobody else is; a list names nobody."""
    winner, numbers = str(wanted.winner), quantities(text, wanted.unit)
    value = wanted.values[winner]
    named = {group for _, _, group in mentions(text, wanted.values)}
    found = claims(wanted, text)
    if not found and named == {winner} and (len(text.split()) <= SHORT or numbers):
        found = [(winner, numbers)]
    for group, said in found:
        if group != winner:
            return Verdict(False, f"names {group}, not {winner}")
        if said and not any(is_close(number, value, wanted.unit) for number in said):
            return Verdict(False, f"states {shown(said, wanted.unit)}, not {stated(value, wanted.unit)}")
    if found:
        return Verdict(True, f"names {winner}")
    return Verdict(
        False, f"names no winner, only a list with {winner}" if winner in named else f"does not name {winner}"
    )


def claims(wanted: Groups, text: str) -> list[tuple[str, list[float]]]:
    """The first group in each sentence that names a winner, with the quantities that the sentence states."""
    words = f"{CUES[wanted.direction or 'highest']} {EITHER}".split()
    cue = re.compile(rf"\b(?:{'|'.join(words)})\b", re.IGNORECASE)
    found = []
    for sentence in re.split(r"(?<=[.!?])\s+|\n+|;\s", text):
        groups = [group for _, _, group in mentions(sentence, wanted.values)]
        if groups and cue.search(sentence) and not RUNNERS_UP.match(sentence.strip()):
            found.append((groups[0], quantities(sentence, wanted.unit)))
    return found


def is_close(said: float, wanted: float, unit: str) -> bool:
    """`said` as a text states it, a share in per cent; a twentieth is what rounding to one decimal may take."""
    if unit in ("tickets", "customers"):
        return said == wanted
    wanted = 100 * wanted if unit == "share" else wanted
    return abs(said - wanted) <= max(TOLERANCE * abs(wanted), 0.05 + 1e-9)


def shown(numbers: list[float], unit: str) -> str:
    if not numbers:
        return "no percentage" if unit == "share" else f"no number of {unit}"
    return ", ".join(stated(number / 100 if unit == "share" else number, unit) for number in numbers[:3])

"""Parts: a message is cut where it turns from a number to a problem or back, and what belongs together is joined.

People ask in fragments ("Pro plan. Median first reply, please."), in one breath ("…, and what helps with IMP-5208?")
and with a story around it. A part is of one kind: it asks for a number, gives details of one, tells a problem, or says
nothing that matters.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from bridge.agent.router.asking import CODE
from bridge.agent.router.wording import ANNOUNCES, ASKING, bare
from etl_track.slots import Slots, fill
from etl_track.vocabulary import Vocabulary

SENTENCE_ENDS = re.compile(
    rf"(?<=[?!;])\s+|(?<=[a-z0-9%)\"'][.])\s+(?=[A-Z\"'(]|(?:and |also |oh )?(?:{ASKING})\b)|\s+(?=\(\d\)\s)"
    r"|(?<=\w):\s+(?=[a-z]+\b)"
)
PIECE_ENDS = re.compile(
    r"\s*(?:[,;:\u2013\u2014]|\((?!\d\))|(?<!\(\d)\))+\s*|\s+-\s+"
    r"|(?<=[\w%]) (?=(?:and|plus|but|while|as well as|along with|together with)\b)"
)
REQUESTS = re.compile(
    rf"\s*[,;]\s*(?=(?:and|plus|but|also|as well as)\s)|\s+(?=(?:and|plus|but)\s+(?:also\s+)?(?:{ASKING})\b)",
    re.IGNORECASE,
)
HELPS = re.compile(  # what is asked for a problem, and never for a number
    r"\b(?:fix|remedy|cure|workaround|way out|steps|(?:solution|answer|advice) (?:for|to)|what(?:'s| is) the solution"
    r"|what (?:to|helps|now)|what (?:can|do|should|must) (?:i|we|they|he|she|you) (?:tell|say|do|answer|advise)"
    r"|how (?:to|a|an|someone|somebody)\b|how (?:can|could|do|does|should) \w+ (?:\w+ ){0,3}"
    r"(?:get|fix|solve|stop|help|repair|make|set|change|turn|bring|find)\b)",
    re.IGNORECASE,
)
MIXED = 3  # words that nothing explains, beyond which a sentence with a number may hold a problem as well
STORY = 4  # words that nothing explains, from which on a part tells a problem although a metric is named
REMARK = 2  # the same for a part that asks nothing
WANTS = re.compile(
    r"\?\s*$|^\W*(?:median|average|total|share|(?:the )?(?:count|number))\b|\b(?:what|how|which|whose?|why|when|where"
    r"|tell|give|show|list|needs?|want|send|know|please|put|add)\b",
    re.IGNORECASE,
)
ASKS = re.compile(rf"\b(?:{ASKING})\b", re.IGNORECASE)
Kind = Literal["number", "detail", "problem", "talk", "announcement"]


@dataclass(frozen=True)
class Part:
    """Letters `start` to `end` of a message, as the semantic layer understands them."""

    start: int
    end: int
    slots: Slots
    announces: bool = False
    helps: bool = False
    asks: bool = True

    @property
    def kind(self) -> Kind:
        slots, cues = self.slots, self.slots.cues
        says_how = cues.way or cues.rank or cues.is_difference or slots.by or slots.spans
        if (slots.metrics or slots.why_none) and (
            (says_how and self.asks) or len(slots.unknown) < (STORY if self.asks else REMARK)
        ):
            return "number"
        if self.announces:
            return "announcement"
        if slots.unknown or self.helps:
            return "problem"
        says = slots.where or slots.by or slots.spans or slots.doubtful or cues.way or cues.rank or cues.is_business
        return "detail" if says or cues.is_difference else "talk"


def parts(message: str, vocabulary: Vocabulary) -> list[str]:
    """The parts of a message, in its order.

    Neighbours that tell a problem stay together, and so do details and the number they belong to.
    """

    def part(start: int, end: int) -> Part:
        text = bare(message[start:end])
        return Part(
            start,
            end,
            fill(text, vocabulary),
            bool(ANNOUNCES.match(text)),
            bool(HELPS.search(text)),
            bool(WANTS.search(text)),
        )

    def cut(expression: "re.Pattern[str]", whole: Part) -> list[Part]:
        ends = [found.span() for found in expression.finditer(message, whole.start, whole.end)]
        starts = [whole.start, *(end for _, end in ends)]
        return [
            part(a, b) for a, b in zip(starts, [*(a for a, _ in ends), whole.end], strict=True) if message[a:b].strip()
        ]

    found: list[Part] = []
    for sentence in cut(SENTENCE_ENDS, part(0, len(message))):
        pieces: list[Part] = []
        for request in cut(REQUESTS, sentence):
            is_mixed = bool(request.slots.metrics) and (len(request.slots.unknown) > MIXED or request.helps)
            pieces += joined(cut(PIECE_ENDS, request), part, True) if is_mixed else [request]
        found += joined(pieces, part, True)
    found = joined(found, part, False)
    if is_one_number(found, message):
        found = [part(0, len(message))]
    return [message[one.start : one.end].strip() for one in found]


def joined(cut: Iterable[Part], part: Callable[[int, int], Part], in_sentence: bool) -> list[Part]:
    """Parts with those of their neighbours that belong to them; within a sentence they may be a list of values."""
    found: list[Part] = []
    for one in cut:
        if found and belong(found[-1], one, in_sentence):
            found[-1] = part(found[-1].start, one.end)
        else:
            found.append(one)
    return found


def belong(one: Part, other: Part, in_sentence: bool) -> bool:
    """Whether two neighbours are one part. What is said behind a problem is said of it; a number takes its details."""
    kinds = (one.kind, other.kind)
    if "announcement" in kinds:
        return False
    if "number" not in kinds:
        return True
    if "problem" in kinds:
        return False
    if kinds == ("number", "number") and one.slots.metrics[:1] != other.slots.metrics[:1]:
        return False
    return (in_sentence and other.kind != "number") or not contradict(one.slots, other.slots)


def contradict(one: Slots, other: Slots) -> bool:
    """Whether two parts name different values of the same: then they are two requests."""
    differs = any(values != one.where[name] for name, values in other.where.items() if name in one.where)
    return differs or bool(one.spans and other.spans) or bool(one.by and other.by)


def is_one_number(found: list[Part], message: str) -> bool:
    """Whether a message asks for one number only, in several parts none of which tells a problem."""
    metrics = {tuple(metric.name for metric in one.slots.metrics) for one in found if one.kind == "number"}
    if len(found) == 1 or len(metrics) != 1 or any(one.kind == "announcement" for one in found):
        return False
    is_story = CODE.search(message) or any(tells_story(one, message) for one in found)
    pairs = [(one.slots, other.slots) for place, one in enumerate(found) for other in found[:place]]
    return not is_story and not any(contradict(one, other) for one, other in pairs)


def tells_story(part: Part, message: str) -> bool:
    """Whether a part is a problem of its own, and no remark about the number."""
    asks = ASKS.search(message, part.start, part.end)
    return part.kind == "problem" and (part.helps or len(part.slots.unknown) >= (1 if asks else 2))

"""Wording: what people say around a question is taken off, and words that point back are filled from what was named."""

import re
from dataclasses import replace

from etl_track.cues import either
from etl_track.periods import Span
from etl_track.slots import Slots, fill
from etl_track.vocabulary import Vocabulary

ASKING = either(
    """what, what's, how, how's, which, who, whose, why, when, where, tell, give, show, is, are, was, were, do, does,
    did, can, could, should, i need, i want, we need, let me know, please"""
)
TALK = either(
    r"""hi, hey, hiya, hello, sorry, so+, oh, well, ok, okay, um+, folks, quick (?:one|question), by the way, btw,
    one (?:more|last)(?: thing| question)?, another (?:one|thing|question), my other question(?: is)?, separately,
    finally"""
)
COUNTED = r"(?:first|second|third)(?:ly)?(?=\s*,)|\d(?=[).] )"  # "First, …", but not "First reply time"
LEADERS = "lead|boss|manager|head|director|ceo|coo|cfo|vp|board|chief|colleagues?|management|finance|team"
WANTS = r"(?:asks?|asked|is asking|wants?|wanted|needs?|needed|wonders?|would like)"
OCCASION = "call|meeting|review|slides?|deck|board|qbr|mail|report|newsletter|presentation|stand-?up"
BEFORE = re.compile(rf"^\W*(?:(?:{TALK}|{COUNTED})\b[\s,:!.)]*)+", re.IGNORECASE)
ASKED_BY = re.compile(
    rf"^(\W*(?:and |but |also )?)(?:my|our|the) (?:\w+ ){{0,2}}(?:{LEADERS})(?: of \w+)? {WANTS}(?: me| us)?"
    r"(?: to know| to see)?\b\W*",
    re.IGNORECASE,
)
PURPOSE = re.compile(
    r"^\W*(?:and,? )?(?:before|for|ahead of|in) (?:my|our|the|a|tomorrow's|monday's) "
    rf"[^.?!:]*\b(?:{OCCASION})\b[^.?!:,]*[:,]\s*(?=(?:{ASKING}|our|the)\b)",
    re.IGNORECASE,
)
CORRECTED = re.compile(
    rf"^.*[,.-]\s*(?:i mean|or rather)[\s,]+(?=(?:{ASKING})\b)(?!.*\b(?:there|those|these)\b)",
    re.IGNORECASE | re.DOTALL,
)
BEHIND = re.compile(
    r"\W*\b(?:(?:can|could|would) you (?:please )?(?:look (?:that|it) up|check(?: that| it)?)"
    r"|thanks?(?: you)?(?: in advance| a lot)?|cheers|thx)\W*$|\s*[:;]-?[()D]+\s*$",
    re.IGNORECASE,
)
ANNOUNCES = re.compile(  # what the message is about, before anything is asked
    r"^\W*(?:(?:(?:i am|i'm|we are|we're) )?(?:just |currently |busy )?(?:preparing|planning|working on"
    r"|putting together|looking (?:at|into)|reviewing|writing(?: up)?|drafting|building|compiling|presenting|visiting"
    r"|meeting|off to|(?:going|about) to (?:visit|meet|see|present|call))"
    r"|(?:i(?:'ve got| have| need| want| would like|'d like)(?: to know)? )?(?:two|three|a few|a couple of|some"
    r"|several) (?:things|questions|numbers|figures))\b[^?]*$",
    re.IGNORECASE,
)

THIS = "(?:that|this|the same)"
PLACE = r"(?<!is )(?<!are )(?<!was )(?<!were )(?<!have )(?<!has )there(?! (?:is|are|was|were|have|has|been|came)\b)"
OF_TICKETS = re.compile(rf"\b(?:{PLACE}|those|these|such|{THIS} (?:product|area|topic|channel|team))\b", re.IGNORECASE)
OF_CUSTOMERS = re.compile(
    r"\b(?:they|them|(?:those|these|such) (?:customer|client|account|user)s"
    rf"|{THIS} (?:plan|tier|region|group|industry))\b",
    re.IGNORECASE,
)
THEN = re.compile(rf"\b(?:in|during|over|for) {THIS} (?:day|week|month|quarter|year|period|time)\b", re.I)
CUSTOMER = ("customer_tier", "region", "industry")  # what a customer is; all else is said of a ticket


def bare(text: str) -> str:
    """The text without what is said around it; as it is when nothing else is said.

    >>> bare("oh and my lead wants to know how many exports tickets we had :)")
    'and how many exports tickets we had'
    >>> bare("First reply time for pro, please"), bare("Hello!")
    ('First reply time for pro, please', 'Hello!')
    """
    found = text
    for expression, kept in ((BEFORE, ""), (ASKED_BY, r"\1"), (PURPOSE, ""), (CORRECTED, ""), (BEHIND, "")):
        found = expression.sub(kept, found, count=1)
    return found if re.search(r"\w", found) else text


def referred(
    text: str, slots: Slots, named: dict[str, tuple[str, ...]], spans: tuple[Span, ...], known: Vocabulary
) -> Slots:
    """A clause's slots; what "there", "those", "on that plan" or "in that month" point to is what the message named."""
    plain = THEN.sub(" ", OF_CUSTOMERS.sub(" ", OF_TICKETS.sub(" ", text)))
    customers, tickets = bool(OF_CUSTOMERS.search(text)), bool(OF_TICKETS.search(OF_CUSTOMERS.sub(" ", text)))
    if plain == text or (not named and not spans):
        return slots
    filled = fill(plain, known)
    meant = {n: v for n, v in named.items() if (n in CUSTOMER and customers) or (n not in CUSTOMER and tickets)}
    if tickets and not meant and not filled.where:
        meant = named
    if not filled.metrics:
        return slots
    return replace(topical(filled, meant), spans=filled.spans or (spans if THEN.search(text) else ()))


def topical(slots: Slots, topic: dict[str, tuple[str, ...]]) -> Slots:
    """Slots with the values that the message is about, where the clause itself says nothing of that dimension."""
    [metric, *_] = slots.metrics
    fits = {n: v for n, v in topic.items() if n in metric.dimensions and n not in slots.where and n not in slots.by}
    return replace(slots, where=fits | slots.where)

"""Serve, in words: the days that a question names, by the company's calendar.

Twin: `since` and `until` in rag_track/filters.py.
"""

import re
from collections.abc import Callable
from datetime import date

from etl_track.periods import PERIOD, RANGE, Span, day_of, period
from etl_track.words import Words

VERBS = ("march", "may", "mar")  # months only where one can stand: tickets may be late
BEFORE_MONTH = re.compile(
    r" (?:in|during|of|for|since|from|to|until|till|through|and|before|after|than|with|versus|vs|by|last|this|end) $"
)
AT = (
    r"(?:(?:at|by|on|in|during|within|over|for|of)? ?(?:end|close|course|month|year|whole) of "
    r"|(?:in|during|on|within|over|for|of|between|from) )?"
)


def spans(words: Words, last_day: date, today: date) -> list[Span]:
    """The periods that the question names, in its order; their words count as understood.

    `last_day` is the day of the newest ticket, `today` the company's.
    """
    text, found = words.text, []
    for expression, make in FORMS:
        for match in list(re.finditer(rf"(?<= )(?:{expression})(?= )", text)):
            if is_verb(text, match):
                continue
            found.append((match.start(), make([period(part, last_day, today) for part in match.groups()])))
            words.taken.update(range(match.start(), match.end()))
            text = text[: match.start()] + " " * (match.end() - match.start()) + text[match.end() :]
    return [span for _, span in sorted(found, key=lambda pair: pair[0])]


def is_verb(text: str, match: "re.Match[str]") -> bool:
    return match[0] in VERBS and not BEFORE_MONTH.search(text[: match.start()])


def between(parts: list[Span]) -> Span:
    first, last = parts
    begin = first.since
    if begin and last.since and begin > last.since:  # "from November to February": the November before
        begin = begin.replace(year=begin.year - 1)
    return Span(begin, last.until, f"from {bare(first)} to {bare(last)}", (first, last))


def since(parts: list[Span]) -> Span:
    return Span(parts[0].since, None, f"since {day_of(parts[0].since)}")


def after(parts: list[Span]) -> Span:
    return Span(parts[0].until, None, f"after {bare(parts[0])}")


def before(parts: list[Span]) -> Span:
    return Span(None, parts[0].since, f"before {bare(parts[0])}")


def until(parts: list[Span]) -> Span:
    return Span(None, parts[0].until, f"until {bare(parts[0])}")


def itself(parts: list[Span]) -> Span:
    return parts[0]


FORMS: tuple[tuple[str, Callable[[list[Span]], Span]], ...] = (
    (rf"(?:between|from) ({RANGE})", itself),
    (rf"(?:between|from) ({PERIOD}) (?:and|to|until|till|through|up to) ({PERIOD})", between),
    (rf"(?:from )?({PERIOD}) (?:to|until|till|through|up to) ({PERIOD})", between),
    (
        rf"(?:start|begin)\w* (?:with |in |on |from )?({PERIOD})"
        rf" (?:and )?(?:end|finish)\w* (?:with |in |on )?({PERIOD})",
        between,
    ),
    (rf"(?:since|starting|as of) (?:beginning of |start of )?({PERIOD})(?: on| onward)?", since),
    (rf"from (?:beginning of |start of )?({PERIOD}) (?:on|onward|up to now|until now|until today|to date)", since),
    (rf"after ({PERIOD})", after),
    (rf"before ({PERIOD})", before),
    (rf"(?:until|till|up to) (?:end of )?({PERIOD})", until),
    (rf"{AT}({PERIOD})(?: monday (?:to|through) sunday)?", itself),
)


def bare(span: Span) -> str:
    """Its words without their preposition."""
    return span.said.partition(" ")[2]

"""Serve, in words: the days that a question names, by the company's calendar.

Twin: `since` and `until` in rag_track/filters.py. What has no year is the newest of its name in which tickets came.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from etl_track.words import Words

MONTHS = tuple(["january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"])
SHORT = {name[:3]: number for number, name in enumerate(MONTHS, start=1)} | {"sept": 9}
ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4}
DAYS = {"day": 1, "week": 7}
MONTH = rf"(?:{'|'.join(MONTHS)}|{'|'.join(SHORT)})"
YEAR = r"(?:19|20)\d\d"
OF = r"(?:of )?"
DAY = rf"(?:{YEAR}-\d\d-\d\d|\d{{1,2}}(?:st|nd|rd|th)? {OF}{MONTH}(?: {YEAR})?|{MONTH} \d{{1,2}}(?:st|nd|rd|th)?(?: {YEAR})?)"
ONE = (  # the forms of a period, the narrow ones first
    rf"week {OF}(?:starting |beginning )?{DAY}",
    DAY,
    rf"{YEAR}-(?:0[1-9]|1[0-2])",
    rf"{MONTH} {OF}{YEAR}",
    rf"(?:q[1-4]|(?:{'|'.join(ORDINALS)}) quarter) {OF}(?:{YEAR}|this year|last year)",
    rf"{YEAR}-?q[1-4]|{YEAR} q[1-4]",
    r"q[1-4]|(?:first|second|third|fourth) quarter",
    rf"(?:h[12]|(?:first|second) half) {OF}(?:{YEAR}|this year|last year|year)",
    r"h[12]",
    r"(?:last|past|previous) \d+ (?:day|week|month|quarter|year)",
    r"(?:last|past|previous|this|current) (?:day|week|month|quarter|year)",
    r"today|yesterday|year to date|so far this year|(?:start|beginning) of (?:this )?year",
    MONTH,
    YEAR,
)
PERIOD = "|".join(f"(?:{form})" for form in ONE)
VERBS = ("march", "may", "mar")  # months only where one can stand
BEFORE_MONTH = r"(?:in|during|of|for|since|from|to|until|till|through|and|before|after|than|with|versus|vs|by|last|this|late|early|end) "


@dataclass(frozen=True)
class Span:
    """Days from `since` up to and without `until`; None: from the beginning, or up to now. `said` is for a sentence."""

    since: date | None
    until: date | None
    said: str
    parts: tuple["Span", ...] = ()  # "from Q1 to Q2": what a change is told between


def spans(words: Words, last_day: date, today: date) -> list[Span]:
    """The periods that the question names, in its order; their words count as understood."""
    text, found = words.text, []
    for expression, make in FORMS:
        for match in list(re.finditer(rf"(?<= )(?:{expression})(?= )", text)):
            if not text[match.start() : match.end()].strip() or is_verb(text, match):
                continue
            span = make([whole(part, last_day, today) for part in match.groups()])
            if span is not None:
                found.append((match.start(), span))
                words.taken.update(range(match.start(), match.end()))
                text = text[: match.start()] + " " * (match.end() - match.start()) + text[match.end() :]
    return [span for _, span in sorted(found, key=lambda pair: pair[0])]


def is_verb(text: str, match: "re.Match[str]") -> bool:
    """Whether "may" or "march" stands alone where no month can: tickets that may be late."""
    return match[0] in VERBS and not re.search(rf" {BEFORE_MONTH}$", text[: match.start()])


def between(parts: list[Span]) -> Span | None:
    first, last = parts
    since = first.since
    if since and last.since and since > last.since:  # "from November to February": the November before
        since = since.replace(year=since.year - 1)
    return Span(since, last.until, f"from {bare(first)} to {bare(last)}", (first, last))


def since(parts: list[Span]) -> Span:
    return Span(parts[0].since, None, f"since {day_of(parts[0].since)}")


FORMS: tuple[tuple[str, Callable[[list[Span]], Span | None]], ...] = (
    (rf"(?:between|from) ({PERIOD}) (?:and|to|until|till|through) ({PERIOD})", between),
    (rf"(?:since|from) (?:beginning of |start of )?({PERIOD})(?: on| onward)?(?! vs| versus| than)", since),
    (rf"(?:after) ({PERIOD})", lambda parts: Span(parts[0].until, None, f"after {bare(parts[0])}")),
    (rf"(?:before) ({PERIOD})", lambda parts: Span(None, parts[0].since, f"before {bare(parts[0])}")),
    (rf"(?:until|till|up to) (?:end of )?({PERIOD})", lambda parts: Span(None, parts[0].until, f"until {bare(parts[0])}")),
    (rf"(?:(?:at|by|on|in|during|within|over|for|of)? ?(?:end|close|course|month|year|whole) of |(?:in|during|on|within|over|for|of) )?({PERIOD})", lambda parts: parts[0]),
)


def whole(text: str, last_day: date, today: date) -> Span:
    """The period that a form names."""
    text = text.strip()
    for reading in (named_day, rolling, calendar):
        if span := reading(text, last_day, today):
            return span
    raise ValueError(text)  # a form of ONE that nothing reads


def named_day(text: str, last_day: date, today: date) -> Span | None:
    """A day, or the week in which it is."""
    iso = re.search(rf"({YEAR})-(\d\d)-(\d\d)", text)
    spoken = re.search(rf"(\d{{1,2}})(?:st|nd|rd|th)? {OF}({MONTH})(?: ({YEAR}))?", text)
    spoken = spoken or re.search(rf"(?P<m>{MONTH}) (?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?![\d-])(?: (?P<y>{YEAR}))?$", text)
    try:
        if iso:
            day = date(int(iso[1]), int(iso[2]), int(iso[3]))
        elif spoken:
            named = spoken.groupdict()
            number, month, year = (named["d"], named["m"], named["y"]) if named else spoken.groups()
            day = newest(lambda y: date(y, SHORT[month[:3]], int(number)), year, last_day)
        else:
            return None
    except ValueError:
        return Span(today, today, "on a day that does not exist")
    if text.startswith("week"):
        return weekly(day - timedelta(day.weekday()))
    return Span(day, day + timedelta(1), f"on {day_of(day)}")


def rolling(text: str, last_day: date, today: date) -> Span | None:
    """Today, yesterday, this and last week, month, quarter, year, and the last so many of them; today is not over."""
    if text in ("year to date", "so far this year") or re.match("start|beginning", text):
        text = "this year"
    if text in ("today", "this day", "current day"):
        return Span(today, today + timedelta(1), f"on {day_of(today)}")
    if text == "yesterday":
        text = "last day"
    match = re.fullmatch(r"(last|past|previous|this|current) (?:(\d+) )?(day|week|month|quarter|year)", text)
    if not match:
        return None
    which, count, unit = match.groups()
    if unit in DAYS and count:
        begin = today - timedelta(DAYS[unit] * min(int(count), 10_000))
        return Span(begin, today, f"from {day_of(begin)} to {day_of(today - timedelta(1))}")
    if unit == "day":
        return Span(today - timedelta(1), today, f"on {day_of(today - timedelta(1))}")
    begin = start_of(unit, today)
    if which in ("this", "current"):
        return Span(begin, after(unit, begin), f"since {day_of(begin)}")
    end = begin
    for _ in range(min(int(count or 1), 1_000)):
        begin = start_of(unit, begin - timedelta(1))
    return weekly(begin) if unit == "week" and not count else Span(begin, end, said(begin, end))


def calendar(text: str, last_day: date, today: date) -> Span | None:
    """A month, a quarter, half a year or a year."""
    years = re.findall(rf"(?<!\d){YEAR}(?!\d)", text)
    year = years[0] if years else None
    if "this year" in text or (text.endswith(" year") and "last" not in text):
        year = str(today.year)
    elif "last year" in text:
        year = str(today.year - 1)
    if text == year:
        return months(lambda y: date(y, 1, 1), 12, year, last_day)
    if found := re.fullmatch(rf"{YEAR}-(\d\d)", text) or re.match(rf"({MONTH})\b", text):
        month = int(found[1]) if found[1].isdigit() else SHORT[found[1][:3]]
        return months(lambda y: date(y, month, 1), 1, year, last_day)
    half = re.search(r"h([12])\b|(first|second) half", text)
    if half:
        number = int(half[1] or ORDINALS[half[2]])
        return months(lambda y: date(y, 6 * number - 5, 1), 6, year, last_day)
    quarter = re.search(r"q([1-4])|(first|second|third|fourth)", text)
    if quarter:
        number = int(quarter[1] or ORDINALS[quarter[2]])
        return months(lambda y: date(y, 3 * number - 2, 1), 3, year, last_day)
    return None


def months(begin: Callable[[int], date], count: int, year: str | None, last_day: date) -> Span:
    first = newest(begin, year, last_day)
    end = first
    for _ in range(count):
        end = after("month", end)
    return Span(first, end, said(first, end))


def newest(begin: Callable[[int], date], year: str | None, last_day: date) -> date:
    """In the year that was said, else in the newest one in which it is not after the newest ticket."""
    if year:
        return begin(int(year))
    return begin(last_day.year) if begin(last_day.year) <= last_day else begin(last_day.year - 1)


def start_of(unit: str, day: date) -> date:
    if unit == "week":
        return day - timedelta(day.weekday())
    month = {"month": day.month, "quarter": 3 * ((day.month - 1) // 3) + 1, "year": 1}[unit]
    return date(day.year, month, 1)


def after(unit: str, begin: date) -> date:
    """The first day of the next one."""
    return start_of(unit, begin + timedelta({"week": 7, "month": 31, "quarter": 93, "year": 366}[unit]))


def weekly(monday: date) -> Span:
    return Span(monday, monday + timedelta(7), f"in the week of {day_of(monday)}")


def said(begin: date, end: date) -> str:
    """Whole months as people say them.

    >>> said(date(2026, 3, 1), date(2026, 4, 1)), said(date(2026, 1, 1), date(2026, 4, 1))
    ('in March 2026', 'in Q1 2026')
    """
    count = 12 * (end.year - begin.year) + end.month - begin.month
    if count == 1:
        return f"in {begin:%B %Y}"
    if count == 3 and begin.month % 3 == 1:
        return f"in Q{begin.month // 3 + 1} {begin.year}"
    if count == 12 and begin.month == 1:
        return f"in {begin.year}"
    return f"from {begin:%B %Y} to {end - timedelta(1):%B %Y}"


def day_of(day: date | None) -> str:
    return f"{day:%-d %B %Y}" if day else "the beginning"


def bare(span: Span) -> str:
    """Its words without their preposition."""
    return span.said.partition(" ")[2]

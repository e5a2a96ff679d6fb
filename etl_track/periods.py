"""Serve, in words: one period as people name it: a day, a week, a month, Q1, the last 30 days, this year.

What has no year is the newest of its name in which tickets came. Days that are not over do not belong to "the last".
"""

import re
from dataclasses import dataclass
from datetime import date, timedelta

MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
SHORT = {name[:3]: number for number, name in enumerate(MONTHS, start=1)}
ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "last": 0}
MONTH = rf"(?:{'|'.join(MONTHS)}|sept|{'|'.join(SHORT)})"
YEAR = r"(?:19|20)\d\d"
NUMBER = r"\d{1,2}(?:st|nd|rd|th)?"
DAY = rf"(?:{YEAR}-\d\d-\d\d|{NUMBER} (?:of )?{MONTH}(?: {YEAR})?|{MONTH} {NUMBER}(?: {YEAR})?)"
RANGE = rf"{NUMBER} (?:and|to|until|till) {NUMBER} (?:of )?{MONTH}(?: {YEAR})?"
FORMS = (  # the narrow ones first
    RANGE,
    rf"week (?:of |starting |beginning )*{DAY}",
    rf"(?:first|second|third|fourth|last) week (?:of )?{MONTH}(?: {YEAR})?",
    DAY,
    rf"{YEAR}-(?:0[1-9]|1[0-2])",
    rf"{MONTH} (?:of )?(?:{YEAR}|this year|last year)",
    rf"(?:first|last|final) \d+ month (?:of )?(?:{YEAR}|this year|last year|year)",
    rf"new year(?: {YEAR})?",
    rf"(?:q[1-4]|(?:first|second|third|fourth|last) quarter) (?:of )?(?:{YEAR}|this year|last year)",
    rf"{YEAR}-?q[1-4]|{YEAR} q[1-4]",
    r"q[1-4]|(?:first|second|third|fourth) quarter",
    rf"(?:h[12]|(?:first|second) half) (?:of )?(?:{YEAR}|this year|last year|year)",
    r"h[12]",
    r"(?:last|past|previous) \d+ (?:day|week|month|quarter|year)",
    r"(?:last|past|previous|this|current) (?:day|week|month|quarter|year)",
    r"today|yesterday|year to date|so far this year|(?:start|beginning) of (?:this )?year",
    MONTH,
    YEAR,
)
PERIOD = "|".join(f"(?:{form})" for form in FORMS)


@dataclass(frozen=True)
class Span:
    """Days from `since` up to and without `until`; None: from the beginning, or up to now. `said` is for a sentence."""

    since: date | None
    until: date | None
    said: str
    parts: tuple["Span", ...] = ()  # "from Q1 to Q2": what a change is told between


def period(text: str, last_day: date, today: date) -> Span:
    """The days of a period in one of FORMS. Raises ValueError for any other text."""
    for reading in (named_days, rolling, calendar):
        if span := reading(text.strip(), last_day, today):
            return span
    raise ValueError(text)


def named_days(text: str, last_day: date, today: date) -> Span | None:
    """A day, the days from one to another, or a week by one of its days or by its number in a month."""
    iso = re.search(rf"({YEAR})-(\d\d)-(\d\d)", text)
    spoken = re.search(rf"(\d{{1,2}})(?:st|nd|rd|th)? (?:of )?({MONTH})(?: ({YEAR}))?$", text)
    turned = re.search(rf"({MONTH}) (\d{{1,2}})(?:st|nd|rd|th)?(?: ({YEAR}))?$", text)
    nth = re.search(rf"(first|second|third|fourth|last) week (?:of )?({MONTH})(?: ({YEAR}))?", text)
    try:
        if nth:
            return week_of_month(ORDINALS[nth[1]], newest(SHORT[nth[2][:3]], 1, nth[3], last_day))
        if iso:
            day = date(int(iso[1]), int(iso[2]), int(iso[3]))
        elif spoken:
            day = newest(SHORT[spoken[2][:3]], int(spoken[1]), spoken[3], last_day)
        elif turned:
            day = newest(SHORT[turned[1][:3]], int(turned[2]), turned[3], last_day)
        else:
            return None
        if several := re.match(rf"(\d{{1,2}})\w* (?:and|to|until|till) {NUMBER} ", text):
            return span_of(day.replace(day=int(several[1])), day + timedelta(1))
    except ValueError:
        return Span(today, today, "on a day that does not exist")
    if text.startswith("week"):
        return weekly(day - timedelta(day.weekday()))
    return Span(day, day + timedelta(1), f"on {day_of(day)}")


def week_of_month(number: int, month: date) -> Span:
    """The days 1 to 7, 8 to 14 and so on; the last seven days."""
    end = after("month", month)
    begin = month + timedelta(7 * (number - 1)) if number else end - timedelta(7)
    return span_of(begin, begin + timedelta(7))


def rolling(text: str, last_day: date, today: date) -> Span | None:
    """Today, yesterday, this and last week, month, quarter, year, and the last so many of them."""
    if re.match(r"year to date|so far this year|(?:start|beginning) of", text):
        text = "this year"
    text = {"today": "this day", "yesterday": "last day"}.get(text, text)
    match = re.fullmatch(r"(last|past|previous|this|current) (?:(\d+) )?(day|week|month|quarter|year)", text)
    if not match:
        return None
    which, count, unit = match.groups()
    if unit == "day" and which in ("this", "current"):
        return Span(today, today + timedelta(1), f"on {day_of(today)}")
    if unit == "day" or (unit == "week" and count):
        begin = today - timedelta({"day": 1, "week": 7}[unit] * min(int(count or 1), 10_000))
        return span_of(begin, today) if count else Span(begin, today, f"on {day_of(begin)}")
    begin = start_of(unit, today)
    if which in ("this", "current"):
        return Span(begin, after(unit, begin), f"since {day_of(begin)}")
    end = begin
    for _ in range(min(int(count or 1), 1_000)):
        begin = start_of(unit, begin - timedelta(1))
    return weekly(begin) if unit == "week" else Span(begin, end, said(begin, end))


def calendar(text: str, last_day: date, today: date) -> Span | None:
    """A month, a quarter, half a year, a year, or the first or last months of one."""
    years = re.findall(rf"(?<!\d){YEAR}(?!\d)", text)
    year = years[0] if years else str(today.year - 1) if "last year" in text else None
    if not year and (text.endswith(" year") or text.startswith("new year")):
        year = str(today.year)
    if some := re.match(r"(first|last|final) (\d+) month", text):
        count = min(max(int(some[2]), 1), 12)
        return months(1 if some[1] == "first" else 13 - count, count, year, last_day)
    for expression, length in ((r"(?:q|quarter)", 3), (r"(?:h[12]\b|half)", 6)):
        if re.search(expression, text):
            digit = re.search(r"[qh]([1-4])", text)
            number = int(digit[1]) if digit else ORDINALS[text.split()[0]] or 12 // length
            return months(length * (number - 1) + 1, length, year, last_day)
    if found := re.fullmatch(rf"{YEAR}-(\d\d)", text) or re.match(rf"({MONTH})\b", text):
        return months(int(found[1]) if found[1].isdigit() else SHORT[found[1][:3]], 1, year, last_day)
    return months(1, 12, year, last_day) if text == year or text.startswith("new year") else None


def months(month: int, count: int, year: str | None, last_day: date) -> Span:
    first = newest(month, 1, year, last_day)
    end = first
    for _ in range(count):
        end = after("month", end)
    return Span(first, end, said(first, end))


def newest(month: int, day: int, year: str | None, last_day: date) -> date:
    """In the year that was said, else in the newest one in which it is not after the newest ticket."""
    if year:
        return date(int(year), month, day)
    found = date(last_day.year, month, day)
    return found if found <= last_day else date(last_day.year - 1, month, day)


def start_of(unit: str, day: date) -> date:
    if unit == "week":
        return day - timedelta(day.weekday())
    return date(day.year, {"month": day.month, "quarter": 3 * ((day.month - 1) // 3) + 1, "year": 1}[unit], 1)


def after(unit: str, begin: date) -> date:
    """The first day of the next one."""
    return start_of(unit, begin + timedelta({"week": 7, "month": 31, "quarter": 93, "year": 366}[unit]))


def next_to(span: Span, unit: str, forward: bool) -> Span:
    """The week, month, quarter or year that ends where a period begins, or begins where it ends."""
    if forward:
        begin = span.until or start_of(unit, span.since or date.min)
    else:
        begin = start_of(unit, (span.since or date.min) - timedelta(1))
    return weekly(begin) if unit == "week" else Span(begin, after(unit, begin), said(begin, after(unit, begin)))


def weekly(monday: date) -> Span:
    return Span(monday, monday + timedelta(7), f"in the week of {day_of(monday)}")


def span_of(begin: date, end: date) -> Span:
    return Span(begin, end, f"from {day_of(begin)} to {day_of(end - timedelta(1))}")


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

"""Bridge, judging: which quantities a text states, each by its unit, and which of them belongs to which group.

Only what carries a unit is a quantity: "in 2026", "release 5.4" and "10-15 minutes" state none. Hours are read as
minutes, sixty each; days are not, because a day of support has 24 hours or ten.
"""

import calendar
import re
from collections.abc import Iterable, Iterator

NUMBER = re.compile(r"(?<![\w.,:/-])-?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?")
LINKS = "in|on|of|at|by|for|from|and|or|the|to|were|was|are|there|with"
DESCRIBED = rf"\s(?:(?!(?:{LINKS})\b)[a-z-]+ ){{0,2}}"  # of "12 new exports tickets", not of "12 in 3 tickets"
WORDS = {  # the words of each unit
    "tickets": r"(?:tickets?|conversations?|cases?)\b",
    "customers": r"(?:customers?|accounts?)\b",
    "share": r"(?:%|per ?cent\b|percentage points?\b|pp\b)",
    "euro": r"(?:€|(?:euros?|eur)\b)",
    "minutes": r"(?:minutes?|mins?)\b",
}
SCALE = r"\s?(?P<scale>k|thousand|mn?|million)?\b"
SCALES = {None: 1.0, "k": 1e3, "thousand": 1e3, "m": 1e6, "mn": 1e6, "million": 1e6}
BEHIND = {  # how a unit stands behind its number
    unit: re.compile((DESCRIBED if unit in ("tickets", "customers") else r"\s?") + words, re.IGNORECASE)
    for unit, words in WORDS.items()
} | {"euro": re.compile(rf"{SCALE}\s?{WORDS['euro']}", re.IGNORECASE)}
HOURS = re.compile(r"\s?(?:hours?|hrs?|h)\b(?:,? (?:and )?(?P<rest>\d\d?)\s?(?:minutes?|mins?|m)\b)?", re.IGNORECASE)
EURO_BEFORE = re.compile(r"(?:€|\beur)\s?$", re.IGNORECASE)


def plain(text: str) -> str:
    """The text without the marks of Markdown, with plain spaces and minus signs."""
    return re.sub(r"[*`]", "", text).replace("\u00a0", " ").replace("\u2212", "-")


def quantities(text: str, unit: str) -> list[float]:
    """Every quantity of a unit that a text states; a share is in per cent.

    >>> quantities("In 2026 it was 1,204.5 minutes (20 h 5 min), not 12 tickets.", "minutes")
    [1204.5, 1205.0]
    >>> quantities("12 new exports tickets, 8.5%", "tickets"), quantities("€3.2 million", "euro")
    ([12.0], [3200000.0])
    """
    return list(stated_in(text, unit))


def stated_in(text: str, unit: str) -> Iterator[float]:
    read_until = 0
    for number in NUMBER.finditer(text):
        if number.start() < read_until:  # the minutes of "20 h 5 min"
            continue
        value = float(number[0].replace(",", ""))
        if unit == "minutes" and (hours := HOURS.match(text, number.end())):
            read_until = hours.end()
            yield 60 * value + float(hours["rest"] or 0)
        elif behind := BEHIND[unit].match(text, number.end()):
            yield value * SCALES[(behind.groupdict().get("scale") or "").lower() or None]
        elif unit == "euro" and EURO_BEFORE.search(text[: number.start()]):
            scale = re.compile(SCALE, re.IGNORECASE).match(text, number.end())
            yield value * SCALES[scale["scale"].lower() if scale and scale["scale"] else None]


def mentions(text: str, groups: Iterable[str]) -> list[tuple[int, int, str]]:
    """Where a text names which group: from, to, group; of names that begin together the longest."""
    found: dict[int, tuple[int, int, str]] = {}
    for group in groups:
        for name in names(group):
            case = re.NOFLAG if name in calendar.month_name else re.IGNORECASE  # May is a month, may is none
            for at in re.finditer(rf"(?<![\w-]){re.escape(name)}(?!\w|-\d)", text, case):
                if at.start() not in found or found[at.start()][1] < at.end():
                    found[at.start()] = (at.start(), at.end(), group)
    return [found[start] for start in sorted(found)]


def names(group: str) -> list[str]:
    """How a group may be called.

    >>> names("2026-01"), names("2026-Q1"), names("apac")
    (['2026-01', '2026-01-01', 'January 2026', 'Jan 2026', 'January'], ['2026-Q1', '2026 Q1', 'Q1 2026'], ['apac'])
    """
    year, _, part = group.partition("-")
    if re.fullmatch(r"\d{4}-\d\d", group):
        month = calendar.month_name[int(part)]
        return [group, f"{group}-01", f"{month} {year}", f"{month[:3]} {year}", month]
    if re.fullmatch(r"\d{4}-Q\d", group):
        return [group, f"{year} {part}", f"{part} {year}"]
    return [group]


def by_group(text: str, groups: Iterable[str], unit: str, behind: bool) -> list[tuple[str, float]]:
    """Each group with the number nearest `behind` its name, or else before it, on the same line.

    A bare number counts when the text names its unit somewhere, as the head of a table does.

    >>> by_group("12 tickets from emea, 3 tickets from apac", ["emea", "apac"], "tickets", behind=False)
    [('emea', 12.0), ('apac', 3.0)]
    """
    named = list(groups)
    names_unit = re.search(rf"(?:(?<!\w)|(?<=\d)){WORDS[unit]}", text, re.IGNORECASE)
    pairs = []
    for line in text.splitlines():
        marks = mentions(line, named)
        starts, ends = [*(start for start, _, _ in marks), len(line)], [0, *(end for _, end, _ in marks)]
        for place, (_, _, group) in enumerate(marks):
            part = line[ends[place + behind] : starts[place + behind]]
            bare = [float(number[0].replace(",", "")) for number in NUMBER.finditer(part) if names_unit]
            numbers = quantities(part, unit) or bare
            if numbers:
                pairs.append((group, numbers[0] if behind else numbers[-1]))
    return pairs

"""Serve, in words: how a question wants its number: counted or averaged, ranked, compared, grouped.

Twin: nothing in the RAG track, which has one way to answer.
"""

import re
from dataclasses import dataclass

from etl_track.vocabulary import NamedMetric, Vocabulary
from etl_track.words import Words, normal

GRAINS = {"day": "daily", "week": "weekly", "month": "monthly", "quarter": "quarterly", "year": "yearly"}


def either(phrases: str) -> str:
    """One expression for several, separated by commas."""
    return "|".join(phrase.strip() for phrase in phrases.split(","))


WAYS = {  # the words that make one metric of a subject out of another
    "share": either(
        """how many percent, share, portion, percentage, percent, proportion, fraction, how often, how frequently,
        what part, which part, how big part, how large part"""
    ),
    "median": either("median, midpoint, middle value, middle one, one in middle") + "|(?<!first )(?<!second )half of",
    "average": either("on average, in average, average, mean, typical, typically, usually, normally"),
    "count": either("number of, total number of, count of, count, how big, size of, total, how many, how much")
    + r"(?! (?:more|less|faster|slower|longer|shorter|higher|lower|better|worse))",
}
MOST_OF = r"(?:most|fewest|more|fewer) (?:\w+ ){0,2}(?:ticket|sla|breach|rating|promise)"  # things to count, not a rate
LENGTHS = r"how many (?:minute|hour|day|point|percentage point)"  # asks for a time, not for a count
BUSINESS = (
    r"(?:in |during |counting |only |by |within )*(?:business|working|work|office|opening|service|desk|support) "
    r"(?:hour|time|minute)(?: clock)?(?: only)?"
    r"|(?:leaving out|without|excluding|not counting|ignoring) (?:night|weekend)(?: and (?:night|weekend))?"
)
CALENDAR = (  # the clock that all measures have that do not say otherwise
    r"(?:in |by |on |as |going by |and not |not |rather than |instead of )*(?:calendar|elapsed|clock|wall clock|real) "
    r"(?:time|hour|minute|day)|(?:rather than |not )?(?:around|round) clock|including night(?: and weekend)?"
    r"|night(?: and weekend)? (?:included|count)"
)
FILLERS = (  # which(?: one)? of them, a clock that runs, what is not meant
    r"(?:which|what) (?:one )?of \d+|(?:when |if )?clock (?:only |just )?(?:run|tick|count)\w*"
    r"|(?:not|rather than|instead of|no) (?:mean|average|median)"
)
ONLY = r"(?:nobody|nothing|none|no one)(?: \w+){0,3} (?:but|except)"
MORE = either(
    "most, highest, longest, biggest, largest, greatest, top, more, longer, higher, bigger, larger, above all,"
    " fullest, heaviest, strongest, tallest, peak"
)
LESS = either(
    "fewest, lowest, least, shortest, smallest, bottom, fewer, less, lower, shorter, smaller, weakest, lightest"
)
SLOW, FAST = either("slowest, slower"), either("fastest, faster, quickest, quicker, soonest, sooner")
GOOD = either("best, better, happiest, happier, most satisfied")
BAD = either("worst, worse, unhappiest, unhappier, least happy, least satisfied")
BUSY, QUIET = either("busiest, busier"), either("quietest, quieter")
CHANGES = either(
    """change, changed, changing, grow, grown, grew, growth, growing, increase, increased, increasing, rise, risen,
    rose, rising, drop, dropped, dropping, fall, fallen, fell, falling, decrease, decreased, decreasing,
    decline, declined, declining, improve, improved, improving, deteriorating, worsening,
    went up, gone up, went down, gone down, differ, differed"""
)
DIFFERENCE = (
    r"by how (?:many|much)|how (?:many|much) (?:more|fewer|less|longer|shorter|faster|slower|higher|lower|better|worse)"
    r"|difference|gap|minus|ahead|behind|lag behind|lag|apart|outnumber|exceed|surpass"
    r"|compared to|compared with|compare|comparison|versu|vs|against"
    r"|(?:more|less|fewer|longer|shorter|faster|slower|higher|lower|better|worse) .* than|"
) + CHANGES
RATIO = either("how many time, ratio, twice as, double")
EACH = either(
    r"""rank, ranking of, name, name me, row for every, point for every, by, per, for each, for every, each, every,
    across, split by, broken down by, breakdown by, break down by, grouped by, for all, between, in which, in what,
    from which, on which, which, what, top \d+, top"""
)
SUPERLATIVE = r"\w+est|best|worst|most \w+|least \w+"
TREND = either("trend, over time, development, develop, developed, evolved, evolve")
FORECAST = (
    r"forecast|predict|prediction|will|going to|expected?|projection|next (?:day|week|month|quarter|year)|tomorrow"
)


@dataclass(frozen=True)
class Cues:
    """What the wording asks of the metric. `rank` is highest or lowest; `top` how many of them."""

    way: str
    is_business: bool
    rank: str
    top: int
    is_difference: bool
    is_ratio: bool
    is_forecast: bool
    is_share_of_all: bool = False


def groups(words: Words, vocabulary: Vocabulary) -> tuple[str, ...]:
    """The dimensions and periods for each value of which the question asks for one row."""
    names = {d.name: tuple(normal(ask).strip() for ask in d.asks) for d in vocabulary.dimensions}
    found = [name for name, phrases in names.items() if asks_each(words, phrases)]
    for grain, adverb in GRAINS.items():
        adjective = rf"(?:from )?{grain} (?:by|to|on|over) {grain}|{adverb}|which {grain}|what {grain}"
        if asks_each(words, (grain,)) or words.take(adjective):
            found.append("month" if grain == "month" else f"metric_time__{grain}")
    if found:  # "by tier and month"
        joined = {**names, "month": ("month",), "metric_time__week": ("week",), "metric_time__quarter": ("quarter",)}
        found += [n for n, ps in joined.items() if n not in found and any(words.take(f"and (?:by )?{p}") for p in ps)]
    if words.take(TREND) and not found:
        found = ["month"]
    return tuple(found)


def asks_each(words: Words, phrases: tuple[str, ...]) -> bool:
    """Whether "by region", "which region", "region by region" or "region with the most" is asked."""
    found = [
        words.take(rf"(?:{EACH}|{SUPERLATIVE}) (?:{p})|{p} by {p}|{p} breakdown|which of {p}|(?:\d+ )?{p} side by side")
        for p in phrases
    ]
    return any(found)  # of a list: each that is there must be taken


def cues(words: Words) -> Cues:
    """What the words ask, of whatever metric."""
    words.take(LENGTHS)
    is_difference = words.take(DIFFERENCE)
    way = next((way for way, expression in WAYS.items() if asks_way(words, way, expression)), "")
    if not way and words.take(MOST_OF):
        way = "count"
    for expression in WAYS.values():
        words.take(expression)
    words.take("rate")
    words.take(CALENDAR)
    words.take(ONLY)
    words.take(FILLERS)
    top = re.search(r" (?:top|bottom) (\d+) ", words.text)
    words.take(r"(?:top|bottom) \d+")
    return Cues(
        way=way,
        is_business=words.take(BUSINESS),
        rank="",
        top=int(top[1]) if top else 0,
        is_difference=is_difference,
        is_ratio=words.take(RATIO),
        is_forecast=words.take(FORECAST),
    )


def asks_way(words: Words, way: str, expression: str) -> bool:
    """Whether the question wants that way; "how many minutes" wants no count."""
    if way == "count" and words.take(LENGTHS):
        return False
    return words.take(rf"(?<!not )(?<!rather than )(?<!instead of )(?:{expression})")


def rank(words: Words, metric: NamedMetric) -> str:
    """Whether the highest or the lowest value is asked for, which for "best" depends on the metric."""
    good, bad = ("highest", "lowest") if metric.better == "higher" else ("lowest", "highest")
    of_time = metric.unit == "minutes"
    for expression, wanted in (
        (BAD, bad if metric.better else ""),
        (GOOD, good if metric.better else ""),
        (SLOW, "highest" if of_time else bad),
        (FAST, "lowest" if of_time else good),
        (BUSY, "highest"),
        (QUIET, "lowest"),
        (r"most (?:un|dis)\w+", bad),
        (LESS, "lowest"),
        (MORE, "highest"),
        (r"rank|ranking", good),
    ):
        if words.take(expression):
            return wanted
    return ""

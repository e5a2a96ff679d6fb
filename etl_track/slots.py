"""Serve, in words: what a question asks of the semantic layer: metrics, filters, groups, period, and what is left over.

Twin: rag_track/filters.py. Nothing is guessed: words that nothing explains are handed back, so that one can ask.
"""

from dataclasses import dataclass, replace

from etl_track.cues import Cues, cues, groups, rank
from etl_track.periods import Span
from etl_track.unexplained import restricting, unexplained
from etl_track.vocabulary import NamedMetric, Vocabulary
from etl_track.when import spans
from etl_track.words import Found, Words

# No metric by themselves: something must ask for their number.
NOUNS = ("ticket", "case", "conversation", "inquiry", "enquiry", "issue", "seat", "license", "customer", "account")


@dataclass(frozen=True)
class Slots:
    """What was understood. `metrics` may be several; `why_none` says why a metric that was named is not the one.

    `where` has all values that were named, by dimension; `doubtful` values that two dimensions have; `left` the words
    that nothing explains and that may restrict what is counted, out of all that are `unknown`.
    """

    metrics: tuple[NamedMetric, ...]
    why_none: str
    where: dict[str, tuple[str, ...]]
    doubtful: dict[str, tuple[str, ...]]
    by: tuple[str, ...]
    spans: tuple[Span, ...]
    cues: Cues
    left: tuple[str, ...]
    unknown: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing was understood that a metric could use."""
        return not (self.metrics or self.where or self.by or self.spans)


def fill(question: str, vocabulary: Vocabulary, before: NamedMetric | None = None) -> Slots:
    """Read the slots from a question. `before` is the metric that was talked about, for "and the fastest?"."""
    words = Words(question)
    period = spans(words, vocabulary.last_day, vocabulary.today)
    asked = cues(words)
    by = groups(words, vocabulary)
    where, doubtful = filters(words, vocabulary)
    is_per_period = len(by) == 1 and (by[0] == "month" or by[0].startswith("metric_time"))
    found = words.find([(ask, metric) for metric in vocabulary.metrics for ask in metric.asks])
    by_pattern = [words.match(metric.pattern, metric) for metric in vocabulary.metrics if metric.pattern]
    found += [one for one in by_pattern if one]
    metrics, why_none = choose(vocabulary, named(found, asked, bool(by)), asked, is_per_period)
    if len(metrics) == 1 or before:
        metric = metrics[0] if metrics else before
        assert metric is not None
        asked = replace(asked, rank=rank(words, metric), is_share_of_all=is_share_of_all(metric, asked))
    by = tuple(name for name in by if len(where.get(name, ())) != 1)
    if (
        metrics and not any(m.has_time for m in metrics) and words.take("per year")
    ):  # what is paid per year, not by year
        by = tuple(name for name in by if name != "metric_time__year")
    is_bare_count = not metrics or any(metric.gives_way for metric in metrics)
    unknown = tuple(unexplained(words))
    left = unknown if is_bare_count else tuple(restricting(words))
    return Slots(metrics, why_none, where, doubtful, by, tuple(period), asked, left, unknown)


def named(found: list[Found[NamedMetric]], asked: Cues, is_grouped: bool) -> list[Found[NamedMetric]]:
    """The metrics that are meant of those that are named: the whole gives way to its part, a bare noun is none."""
    wants_number = (
        (asked.way == "average" and is_grouped)
        or asked.way in ("count", "share")
        or asked.is_difference
        or asked.is_ratio
        or is_grouped
    )
    found = [f for f in found if f.phrase not in NOUNS or wants_number]
    parts = [f for f in found if not f.what.gives_way]
    if parts:
        return parts
    return [f for f in found if f.what.pattern] or [f for f in found if "solved" in f.what.name] or found


def choose(
    vocabulary: Vocabulary, found: list[Found[NamedMetric]], asked: Cues, is_per_period: bool
) -> tuple[tuple[NamedMetric, ...], str]:
    """For each subject that is named the metric that measures it in the way that is asked, or why there is none."""
    chosen: list[NamedMetric] = []
    refused: list[str] = []  # "the share of broken promises of a first reply" names a time as well, which has no share
    for subject in dict.fromkeys(f.what.subject for f in found):
        owner = max((f for f in found if f.what.subject == subject), key=lambda f: len(f.phrase)).what
        pool = [m for m in vocabulary.metrics if m.subject == subject and m.is_business == asked.is_business]
        way = asked.way or owner.way
        fitting = [m for m in pool if m.way == way]
        if not fitting and way == "share":
            fitting = [m for m in pool if m.way == "count"]  # the share of these tickets in all
        if not fitting and way == "average":
            fitting = [m for m in pool if m.way == "share" or (is_per_period and m.way == "count" and m.has_time)]
        if fitting:
            chosen.append(min(fitting, key=lambda m: (m is not owner, not m.better)))
        else:
            refused.append(f"The {owner.reads} is not what this asks for, and no other metric is.")
    return tuple(chosen), "" if chosen else " ".join(refused[:1])


def is_share_of_all(metric: NamedMetric, asked: Cues) -> bool:
    return asked.way == "share" and metric.way == "count"


def filters(words: Words, vocabulary: Vocabulary) -> tuple[dict[str, tuple[str, ...]], dict[str, tuple[str, ...]]]:
    """The values that the question names, by dimension; and those that may be of one dimension or another."""
    found = words.find(vocabulary.value_phrases)
    where: dict[str, tuple[str, ...]] = {}
    doubtful: dict[str, tuple[str, ...]] = {}
    for one in found:
        name, value = one.what
        rivals = {f.what[0] for f in found if (f.start, f.end) == (one.start, one.end)}
        if len(rivals) > 1:
            doubtful[value] = tuple(sorted(rivals))
        elif value not in where.get(name, ()):
            where[name] = (*where.get(name, ()), value)
    return where, doubtful

"""Measuring: what a question needs of the semantic layer: a number, a table, a ranking, two numbers and their gap."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

from bridge.agent.router.asking import SUPERLATIVE, WHY, YES_NO
from bridge.agent.router.measure import How, Measure, Request
from bridge.agent.router.steps import Before, Say, Task
from etl_track.ask import no_tickets
from etl_track.cues import Cues
from etl_track.periods import Span, said, start_of
from etl_track.slots import Slots
from etl_track.vocabulary import NamedMetric, Vocabulary

NO_CUES = Cues("", False, "", 0, False, False, False)
TO_COME = "I do not forecast: the data end on {last:%-d %B %Y}. I can show how it was until then."
WHY_NOT = "The data do not say why. They say how it was:"
WHICH_SHARE = "The share of which tickets? Name a tier, a product, a region, a channel or a team."


def forecast(vocabulary: Vocabulary) -> Task:
    """What is to come is not in the data."""
    return Say(TO_COME.format(last=vocabulary.last_day), "declined")


def measuring(slots: Slots, text: str, vocabulary: Vocabulary) -> Task:
    """Requests to the semantic layer, when all that is named goes together; else what is asked back."""
    if slots.cues.is_forecast or any(s.since and s.since > vocabulary.today for s in slots.spans):
        return forecast(vocabulary)
    for value, dimensions in slots.doubtful.items():
        return Say(f"{value!r} may be the {' or '.join(dimensions)}. Which one?", "asked_back")
    if reason := no_tickets(slots.spans, vocabulary):
        return Say(reason, "answered")
    if len(slots.metrics) > 1:
        requests = tuple(request(vocabulary, slots, metric) for metric in slots.metrics)
        return Measure(requests, "table" if slots.by else "value", vocabulary, slots.cues)
    one = request(vocabulary, slots, slots.metrics[0])
    task = gap(one, slots, vocabulary) or table(one, slots, text, vocabulary)
    return Before(WHY_NOT, task) if WHY.match(text) else task


def gap(one: Request, slots: Slots, vocabulary: Vocabulary) -> Task | None:
    """Two numbers and what is between them, or a part and its whole; None when one request will do."""
    cues = slots.cues
    if cues.way == "average" and one.metric.way == "count":
        return per_period(one, vocabulary)
    if cues.is_share_of_all:
        return share(one, vocabulary)
    is_either = len(slots.spans) == 2 and bool(cues.rank)  # "more in May or in April?"
    if one.by or not (cues.is_difference or cues.is_ratio or is_either):
        return None
    how: How = "ratio" if cues.is_ratio else "difference"
    name, spans = several(one), two_spans(slots)
    if spans and (len(slots.spans) == 2 or not name):
        return Measure(each(one, spans), how, vocabulary, NO_CUES, tuple(span.said for span in spans))
    if name and len(one.where[name]) == 2:
        pair = tuple(replace(one, where=one.where | {name: (value,)}) for value in one.where[name])
        return Measure(pair, how, vocabulary, NO_CUES, tuple(f"for {value}" for value in one.where[name]))
    if not name and one.metric.has_time:
        return Measure((replace(one, by=("month",)),), "table", vocabulary, NO_CUES)
    return None


def table(one: Request, slots: Slots, text: str, vocabulary: Vocabulary) -> Task:
    """A value, a table or a ranking; the values of a dimension that were named are its rows."""
    cues = slots.cues
    if len(slots.spans) > 1:
        return Measure(each(one, slots.spans), "value", vocabulary, cues)
    name = several(one)
    if name and name not in one.by:
        one = replace(one, by=(*one.by, name))
    if cues.rank and one.by:
        is_yes_no = bool(name) and bool(YES_NO.match(text))
        return Measure((one,), "rank", vocabulary, cues, is_yes_no=is_yes_no)
    if cues.rank and SUPERLATIVE.search(text):
        return Say(f"The {cues.rank} {one.metric.reads} by what: tier, product, team, month?", "asked_back")
    adds_up = bool(name) and one.metric.way == "count"
    return Measure((one,), "total" if adds_up else "table", vocabulary, cues)


def per_period(one: Request, vocabulary: Vocabulary) -> Task:
    """So many per day, week or month on average, over the days of the period."""
    grain = one.by[0].removeprefix("metric_time__")
    span = one.span or Span(None, None, "")
    since = max(span.since or vocabulary.first_day, vocabulary.first_day)
    until = min(span.until or vocabulary.today, vocabulary.today)
    days = max((until - since).days, 1)
    months = 12 * (until.year - since.year) + until.month - since.month
    periods = {"day": days, "week": days / 7}.get(grain, months or 1)
    return Measure((replace(one, by=()),), "per", vocabulary, NO_CUES, (grain,), periods=periods)


def share(part: Request, vocabulary: Vocabulary) -> Task:
    """A part of all tickets: without the filter that was named last, or of a whole that the metric is a part of."""
    if part.by:
        return Measure((part,), "shares", vocabulary, NO_CUES)
    if part.metric.name == "solved_ticket_count":
        whole = replace(part, metric=vocabulary.metric("ticket_count"))
    elif part.where:
        last = list(part.where)[-1]
        whole = replace(part, where={name: values for name, values in part.where.items() if name != last})
    else:
        return Say(WHICH_SHARE, "asked_back")
    return Measure((part, whole), "share", vocabulary, NO_CUES)


def each(one: Request, spans: Iterable[Span]) -> tuple[Request, ...]:
    """The same in each of several periods."""
    return tuple(replace(one, span=span) for span in spans)


def several(one: Request) -> str:
    """The dimension of which several values are named; empty when there is none."""
    return next((name for name, values in one.where.items() if len(values) > 1), "")


def request(vocabulary: Vocabulary, slots: Slots, metric: NamedMetric) -> Request:
    """The request for a metric. As of today is today: a metric without time needs no "now"."""
    span = slots.spans[0] if slots.spans else None
    is_today = span is not None and span.since == vocabulary.today
    if is_today and (not metric.has_time or metric.name == "backlog"):
        span = None
    return Request(metric, slots.by, slots.where, span)


def two_spans(slots: Slots) -> tuple[Span, ...]:
    """The two periods that a change is told between: those named, later first, or the one named and the one before."""
    spans = slots.spans
    if len(spans) == 2:
        return spans
    if len(spans) == 1 and spans[0].parts:
        return spans[0].parts[::-1]
    if len(spans) == 1 and spans[0].since and spans[0].until and not any(len(v) > 1 for v in slots.where.values()):
        return spans[0], before(spans[0])
    return ()


def before(span: Span) -> Span:
    """The period of the same length that ends where this one begins."""
    assert span.since
    assert span.until
    if span.since.day == span.until.day == 1:
        begin, end = span.since, span.since
        count = 12 * (span.until.year - span.since.year) + span.until.month - span.since.month
        for _ in range(count):
            begin = start_of("month", begin - timedelta(1))
        return Span(begin, end, said(begin, end))
    begin = span.since - (span.until - span.since)
    return Span(begin, span.since, f"in the {(span.until - span.since).days} days before")

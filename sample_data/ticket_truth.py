"""What every metric of a ticket must be, told from the story itself while it is made.

etl_track/verify.py holds the warehouse to it, value by value.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import NamedTuple

from sample_data.business_time import BusinessTime, Moment
from sample_data.company import TIERS, Tier, read_company
from sample_data.observed import Observed, Span, observe
from sample_data.story import Conversation, Head

WAITS_FOR_AGENT = ("new", "open", "hold")  # the requester waits
UNSOLVED = ("new", "open", "pending", "hold")


@dataclass(frozen=True)
class Story:
    """What a ticket is: whose, where, what was wrong, and what helped."""

    ticket_key: str
    help_desk: str
    kind: str  # usual, phoned, unanswered, spam, twin
    merged_into: str | None
    problem_ids: tuple[str, ...]  # sometimes two, none for spam
    resolution_ids: tuple[str, ...]  # the right one for each problem, at that time and for that tier
    is_answered: bool  # a human gave the right answer and solved it: it is knowledge
    product_category: str
    customer_tier: str  # when the ticket came
    region: str
    channel: str
    contact: str  # who asks: the address in lower case, which both help desks know
    status: str
    created_at: str


@dataclass(frozen=True)
class TicketTruth(Story):
    """One ticket: its story, and its metrics by their definitions.

    Minutes are calendar minutes, seconds as a fraction; `*_business_minutes` are the same spans in the company's
    business hours. A reply is a public message of a human agent, other than the opening of a ticket that an agent
    created. The status history is the one that the help desk shows. Zendesk: new until an agent writes something
    (notes and merges too), then open. Intercom: open at once, and on hold is pending (snoozed). That Zendesk closes
    what is solved some days later changes nothing but `status`. A ticket that was merged away has no replies,
    resolutions, waits and promises: null, false or 0. Nothing is compared with a deleted ticket.
    """

    first_reply_minutes: float | None  # created to the first reply
    first_reply_business_minutes: float | None
    total_reply_minutes: float | None  # from each first customer message after a reply to the next reply, summed
    total_reply_business_minutes: float | None
    first_resolution_minutes: float | None  # created to the first solve; null unless it is solved now
    first_resolution_business_minutes: float | None
    full_resolution_minutes: float | None  # created to the last solve; null unless it is solved now
    full_resolution_business_minutes: float | None
    requester_wait_minutes: float | None  # in new, open and hold, in the spans that have ended
    requester_wait_business_minutes: float | None
    agent_wait_minutes: float | None  # in pending, likewise
    agent_wait_business_minutes: float | None
    on_hold_minutes: float | None  # in hold, likewise
    on_hold_business_minutes: float | None
    message_count: int  # of customers, agents and bots, notes included; the line of a merge is none
    reply_count: int
    agent_count: int  # human agents who wrote, notes included
    reopen_count: int  # changes from solved to something that is neither solved nor closed
    is_one_touch: bool  # solved with exactly one public message of a human agent, the opening included
    is_zero_reply: bool  # solved with none
    is_reopened: bool
    is_rated_good: bool | None  # null without a rating
    is_agent_created: bool
    first_reply_breached: bool | None  # see `breaches`
    resolution_breached: bool | None
    backlog_days: int  # business days at whose end, local midnight, it was unsolved; until the company's clock


class Minutes(NamedTuple):
    """One measure by both clocks; null when there was nothing to measure."""

    calendar: float | None
    business: float | None


def ticket_truth(talk: Conversation, status: str, now: datetime | None = None) -> TicketTruth:
    """The truth about one conversation. `status` is what the help desk shows.

    Promises and the backlog run until `now`, the company's clock; without it, until the last that happened.
    """
    seen = observe(talk, status, business_time())
    end = business_time().moment(now or talk.messages[-1].at)
    tier = customer_tier(talk.head)
    first_reply, total_reply = minutes(since_created(seen, seen.replies[:1])), minutes(seen.bursts)
    first_solve, last_solve = (minutes(since_created(seen, some)) for some in (seen.solves[:1], seen.solves[-1:]))
    requester, agent, hold = (waited(seen, wanted) for wanted in (WAITS_FOR_AGENT, ("pending",), ("hold",)))
    first_reply_breached, resolution_breached = breaches(seen, promised(talk.head, tier), end)
    return TicketTruth(
        **vars(story(talk, seen, tier)),
        first_reply_minutes=first_reply.calendar,
        first_reply_business_minutes=first_reply.business,
        total_reply_minutes=total_reply.calendar,
        total_reply_business_minutes=total_reply.business,
        first_resolution_minutes=first_solve.calendar,
        first_resolution_business_minutes=first_solve.business,
        full_resolution_minutes=last_solve.calendar,
        full_resolution_business_minutes=last_solve.business,
        requester_wait_minutes=requester.calendar,
        requester_wait_business_minutes=requester.business,
        agent_wait_minutes=agent.calendar,
        agent_wait_business_minutes=agent.business,
        on_hold_minutes=hold.calendar,
        on_hold_business_minutes=hold.business,
        message_count=seen.message_count,
        reply_count=len(seen.replies),
        agent_count=len(seen.writers),
        reopen_count=seen.reopen_count,
        is_one_touch=seen.is_solved and seen.comment_count == 1,
        is_zero_reply=seen.is_solved and seen.comment_count == 0,
        is_reopened=seen.reopen_count > 0 and not seen.is_merged,
        is_rated_good=talk.rating == "good" if talk.rating else None,
        is_agent_created=talk.head.kind == "phoned",
        first_reply_breached=first_reply_breached,
        resolution_breached=resolution_breached,
        backlog_days=0 if status == "deleted" else backlog_days(seen, end),
    )


def story(talk: Conversation, seen: Observed, tier: Tier | None) -> Story:
    """Whose ticket it is, where it came in, and what was wrong."""
    head, account = talk.head, talk.head.contact.account
    channel = "phone" if head.kind == "phoned" and head.help_desk == "zendesk" else head.channel
    return Story(
        ticket_key=talk.key,
        help_desk=head.help_desk,
        kind=head.kind,
        merged_into=f"zendesk-{head.twin_of.ticket_id}" if head.twin_of and seen.is_merged else None,
        problem_ids=tuple([question.problem.id for question in head.questions]),
        resolution_ids=tuple([question.resolution.id for question in head.questions]),
        is_answered=talk.is_answered,
        product_category=talk.recorded_category or "unknown",
        customer_tier=tier or "unknown",
        region=account.region if account else "unknown",
        channel="chat" if channel == "conversation" else channel,
        contact=head.contact.email.lower(),
        status=seen.status,
        created_at=head.created_at.isoformat(),
    )


def customer_tier(head: Head) -> Tier | None:
    """The tier that the help desks knew when the ticket came; none without an account or with a plan of old."""
    account = head.contact.account
    recorded = account.recorded_tier(account.plan_at(head.created_at)) if account else None
    return next((tier for tier in TIERS if tier == recorded), None)


def since_created(seen: Observed, moments: list[Moment]) -> list[Span]:
    return [Span(seen.created, at) for at in moments]


def minutes(spans: list[Span]) -> Minutes:
    """The length of some spans together; null for none."""
    return total(spans) if spans else Minutes(None, None)


def waited(seen: Observed, statuses: tuple[str, ...]) -> Minutes:
    """The time in some statuses, in the spans that have ended; 0 when there was none, null when merged away."""
    ended = [span for status, span in seen.waits if status in statuses]
    return Minutes(None, None) if seen.is_merged else total(ended)


def total(spans: list[Span]) -> Minutes:
    """The length of some spans; summed in whole seconds, so that a limit is met exactly."""
    calendar = business = 0.0
    for start, end in spans:
        calendar += end.calendar - start.calendar
        business += end.business - start.business
    return Minutes(calendar / 60, business / 60)


def promised(head: Head, tier: Tier | None) -> tuple[int, int] | None:
    """Business minutes to the first reply and to the resolution, by the tier and priority with which it came.

    Intercom knows only priority (high) and no priority (normal).
    """
    if tier is None:
        return None
    on_intercom = "high" if head.priority in ("urgent", "high") else "normal"
    priority = head.priority if head.help_desk == "zendesk" else on_intercom
    promise = read_company().sla[tier]
    return promise.first_reply[priority], promise.full_resolution[priority]


def breaches(seen: Observed, promise: tuple[int, int] | None, now: Moment) -> tuple[bool | None, bool | None]:
    """Whether the promises for the first reply and for the resolution were broken.

    A promise counts business minutes: to the first reply, or to the first solve where nobody replied before; and
    those in new, open and hold until the last solve. Longer than promised is broken, even while it still runs; what
    was fulfilled in time is not. Null: it still runs within the promise, or nothing was promised, because the tier
    is unknown, or the ticket was deleted or merged away.
    """
    if promise is None or seen.is_merged or seen.status == "deleted":
        return None, None
    ends = seen.replies[:1] + [at for at, status in seen.history if status == "solved"]
    to_reply = since_created(seen, [min(ends, default=now)])
    present = [("" if seen.is_solved else seen.history[-1].status, Span(seen.history[-1].at, now))]
    with_us = [span for status, span in seen.waits + present if status in WAITS_FOR_AGENT]
    return is_broken(to_reply, promise[0], bool(ends)), is_broken(with_us, promise[1], seen.is_solved)


def is_broken(spans: list[Span], target: int, is_fulfilled: bool) -> bool | None:
    """`target` in business minutes."""
    if (total(spans).business or 0) > target:
        return True
    return False if is_fulfilled else None


def backlog_days(seen: Observed, now: Moment) -> int:
    """At how many business days' ends it was unsolved. What happens at midnight itself has happened."""
    spans = [*seen.waits, (seen.history[-1].status, Span(seen.history[-1].at, now))]
    return sum([span.end.days_ended - span.start.days_ended for status, span in spans if status in UNSOLVED])


@cache
def business_time() -> BusinessTime:
    """The company's business hours, from its first day on."""
    company = read_company()
    return BusinessTime(company.business_hours, company.holidays, company.first_day)

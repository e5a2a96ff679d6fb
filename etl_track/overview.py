"""What the overview shows, on either page: its filters, indicators and charts, each over one named metric."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any, Protocol

from etl_track import charts
from etl_track.metrics import Table

Filters = Mapping[str, str | tuple[str, ...]]
FILTERS = {"product_category": "Product", "customer_tier": "Tier", "source": "Help desk", "agent_team": "Team"}


class Ask(Protocol):
    """How an overview asks for a metric: `query_metric` without its connection."""

    def __call__(
        self,
        metric: str,
        by: tuple[str, ...] = (),
        where: Filters | None = None,
        since: date | None = None,
        until: date | None = None,
    ) -> Table: ...


@dataclass(frozen=True)
class Metrics:
    """The one door to numbers: to ask for a metric's table, and for what the metric means."""

    ask: Ask
    describe: Callable[[str], str]


@dataclass(frozen=True)
class Indicator:
    """A number on top of the page; `note` says of what, `kind` how it is written, `better` when it improves."""

    label: str
    note: str
    metric: str
    kind: str  # count, minutes or share
    better: str = "neither"  # up, down or neither


@dataclass(frozen=True)
class Panel:
    """A chart: `metric` grouped by `by`, and what draws the table."""

    name: str
    title: str
    metric: str
    by: tuple[str, ...]
    draw: Callable[[Table], Any]
    is_wide: bool = False
    of_drafts: bool = False


INDICATORS = (
    Indicator("Tickets", "", "ticket_count", "count"),
    Indicator("Median first reply", "office hours", "median_first_reply_business_minutes", "minutes", "down"),
    Indicator("SLA breach rate", "of first replies", "sla_breach_rate", "share", "down"),
    Indicator("Backlog", "at the end", "backlog", "count", "down"),
    Indicator("CSAT", "", "csat", "share", "up"),
)

MONTH, WEEK, DAY, TIER = "metric_time__month", "metric_time__week", "metric_time__day", "customer_tier"
late = partial(charts.by_month, form="%", tooltip=".1%")
PANELS = (
    Panel("tickets", "Tickets by day", "ticket_count", (DAY,), charts.by_day, is_wide=True),
    Panel(
        "first_reply",
        "Average first reply by tier",
        "average_first_reply_minutes",
        (MONTH, TIER),
        partial(charts.by_month, unit="hours (calendar)", per=60, form="~r", tooltip=".1f"),
    ),
    Panel(
        "resolution",
        "Time to resolution",
        "ticket_count",
        ("resolution_bucket",),
        partial(charts.buckets, unit="tickets"),
    ),
    Panel(
        "sla_first_reply",
        "First replies that breach the SLA",
        "sla_breach_rate",
        (MONTH, TIER),
        partial(late, unit="share of promised first replies"),
    ),
    Panel(
        "sla_resolution",
        "Resolutions that breach the SLA",
        "sla_resolution_breach_rate",
        (MONTH, TIER),
        partial(late, unit="share of promised resolutions"),
    ),
    Panel("backlog", "Backlog by tier", "backlog", (DAY, TIER), partial(charts.stacked, unit="unsolved tickets")),
    Panel("csat", "Customer satisfaction", "csat", (MONTH,), partial(late, unit="share of ratings that are good")),
    Panel(
        "reopened",
        "Reopened, by product",
        "reopen_rate",
        ("product_category",),
        partial(charts.ranked, unit="share of solved tickets"),
    ),
    Panel(
        "one_touch",
        "Solved with one reply, by product",
        "one_touch_rate",
        ("product_category",),
        partial(charts.ranked, unit="share of solved tickets"),
    ),
    Panel(
        "drafts_accepted",
        "Drafts sent as they were, by product",
        "draft_acceptance_rate",
        ("product_category",),
        partial(charts.ranked, unit="share of judged drafts"),
        of_drafts=True,
    ),
    Panel(
        "drafts_edited",
        "How much of a draft agents change",
        "average_edit_share",
        (WEEK,),
        partial(late, unit="share of the text", period="week"),
        of_drafts=True,
    ),
)


def panels_of(ask: Ask) -> tuple[Panel, ...]:
    """The panels of a page; those about drafts only where an agent has ever judged one."""
    judged = ask("judged_draft_count").rows[0][0]
    return tuple(panel for panel in PANELS if judged or not panel.of_drafts)

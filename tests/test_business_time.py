"""Business time by another road: minute by minute, and by hand."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from sample_data.business_time import BusinessTime
from sample_data.company import BusinessHours, read_company
from sample_data.ticket_truth import business_time

FIRST = date(2025, 7, 1)
MINUTE = timedelta(minutes=1)
# The clocks change in Amsterdam on 26 October and 29 March, in Chicago on 2 November and 8 March; 25 December is off.
CHANGES = [
    datetime(2025, 10, 26),
    datetime(2025, 11, 2),
    datetime(2025, 12, 25),
    datetime(2026, 3, 8),
    datetime(2026, 3, 29),
]
HOURS = st.builds(
    BusinessHours,
    time_zone=st.sampled_from(["Europe/Amsterdam", "America/Chicago"]),
    days=st.sets(st.integers(1, 7), min_size=1).map(lambda days: tuple(sorted(days))),
    starts=st.sampled_from(["00:00", "00:30", "03:00", "08:00", "13:15"]),
    ends=st.sampled_from(["14:00", "17:45", "23:59"]),
)


@hypothesis_settings(max_examples=60, deadline=None)
@given(
    hours=HOURS,
    change=st.sampled_from(CHANGES),
    before=st.integers(0, 14 * 1440),
    length=st.integers(0, 14 * 1440),
)
def test_the_same_as_counting_every_minute(hours: BusinessHours, change: datetime, before: int, length: int) -> None:
    """Whatever the schedule and the span: as many minutes and ends of days as counting them one by one finds."""
    holidays = set(read_company().holidays)
    start = change.replace(tzinfo=UTC) - before * MINUTE
    zone = ZoneInfo(hours.time_zone)
    worked = ended = 0
    for n in range(length):
        local, earlier = (start + n * MINUTE).astimezone(zone), (start + (n - 1) * MINUTE).astimezone(zone)
        is_open = local.isoweekday() in hours.days and local.date() not in holidays
        worked += is_open and hours.starts <= f"{local:%H:%M}" < hours.ends
        was_open = earlier.isoweekday() in hours.days and earlier.date() not in holidays
        ended += was_open and local.date() != earlier.date()
    found = BusinessTime(hours, holidays, FIRST)
    end = start + length * MINUTE
    assert found.minutes(start, end) == worked
    assert found.moment(end).days_ended - found.moment(start).days_ended == ended


@pytest.mark.parametrize(
    ("start", "end", "minutes"),
    [
        ("2025-09-01T15:30:00", "2025-09-02T06:10:00", 40),  # summer: 08:00 to 18:00 is 06:00 to 16:00 UTC
        ("2025-09-05T15:59:30", "2025-09-08T06:00:15", 0.75),  # over a weekend, seconds count
        ("2025-09-06T10:00:00", "2025-09-07T10:00:00", 0),  # within a weekend
        ("2025-10-24T15:00:00", "2025-10-27T08:00:00", 120),  # the clocks went back: Monday opens at 07:00 UTC
        ("2026-03-27T16:00:00", "2026-03-30T07:00:00", 120),  # the clocks went forth: Monday opens at 06:00 UTC
        ("2025-12-24T16:00:00", "2025-12-29T08:00:00", 120),  # Christmas, Boxing Day and a weekend
        ("2025-12-25T09:00:00", "2025-12-25T10:00:00", 0),
        ("2025-09-01T06:00:00", "2025-09-15T06:00:00", 6000),  # two weeks of ten times ten hours
        ("2025-09-01T07:00:00", "2025-09-01T07:00:00", 0),
    ],
)
def test_hand_computed(start: str, end: str, minutes: float) -> None:
    """The company's own schedule, with the answers of a calendar and a pencil."""
    moments = (datetime.fromisoformat(moment).replace(tzinfo=UTC) for moment in (start, end))
    assert business_time().minutes(*moments) == minutes


def test_a_business_day_ends_at_the_local_midnight() -> None:
    """Monday has ended at 22:00 UTC in summer and 23:00 in winter; what happens then happens on Tuesday's side."""
    for midnight in (datetime(2025, 9, 1, 22, tzinfo=UTC), datetime(2026, 1, 12, 23, tzinfo=UTC)):
        before, at, after = (business_time().moment(midnight + n * MINUTE).days_ended for n in (-1, 0, 1))
        assert (at - before, after - at) == (0, 1)


def test_nothing_is_known_before_the_first_day() -> None:
    """A moment before the schedule's first day is a mistake of the caller."""
    with pytest.raises(AssertionError, match="begins after 2025-01-01"):
        business_time().moment(datetime(2025, 1, 1, tzinfo=UTC))

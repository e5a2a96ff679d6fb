"""Business time in plain Python: what a schedule counts between two moments, told by its local days.

The warehouse counts the same in SQL, by other means. Neither knows of the other, so that each can catch the other out.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Container
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from itertools import count
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sample_data.company import BusinessHours

DAY = timedelta(days=1)


class Moment(NamedTuple):
    """A moment by three clocks. What lies between two moments is the difference."""

    calendar: float  # seconds since the epoch
    business: float  # business seconds since the schedule's first day
    days_ended: int  # business days that ended before it


class BusinessTime:
    """The openings of one schedule from the day `since` on, for as long as somebody asks.

    A business day is open from `hours.starts` to `hours.ends` by the local clock; a change of the clocks makes that
    shorter or longer. It ends at the next local midnight. A holiday is no business day. Hours that begin or end
    inside a change of the clocks are not foreseen.
    """

    def __init__(self, hours: BusinessHours, holidays: Container[date], since: date) -> None:
        self.hours, self.zone = hours, ZoneInfo(hours.time_zone)
        self.since = self._seconds(since)
        self._days = (day for n in count() if is_business_day(day := since + n * DAY, hours, holidays))
        self._opens: list[float] = []  # in seconds since the epoch, as are the next two
        self._closes: list[float] = []
        self._ends: list[float] = []
        self._before: list[float] = []  # seconds worked before each opening
        self.moment = lru_cache(maxsize=64)(self._moment)  # a ticket asks for the same few moments again and again

    def minutes(self, start: datetime, end: datetime) -> float:
        """Business minutes between two moments."""
        return (self.moment(end).business - self.moment(start).business) / 60

    def _moment(self, at: datetime) -> Moment:
        seconds = at.timestamp()
        assert seconds >= self.since, f"the schedule begins after {at}"
        while not self._opens or self._opens[-1] <= seconds:
            self._know_one_more_day()
        n = bisect_right(self._opens, seconds) - 1
        worked = self._before[n] + min(seconds, self._closes[n]) - self._opens[n] if n >= 0 else 0.0
        return Moment(seconds, worked, bisect_left(self._ends, seconds))

    def _know_one_more_day(self) -> None:
        day = next(self._days)
        self._before.append(self._before[-1] + self._closes[-1] - self._opens[-1] if self._opens else 0.0)
        self._opens.append(self._seconds(day, self.hours.starts))
        self._closes.append(self._seconds(day, self.hours.ends))
        self._ends.append(self._seconds(day + DAY))

    def _seconds(self, day: date, at: str = "00:00") -> float:
        """The seconds since the epoch at which the local clock shows `at` on a day."""
        return datetime.combine(day, time.fromisoformat(at), self.zone).timestamp()


def is_business_day(day: date, hours: BusinessHours, holidays: Container[date]) -> bool:
    return day.isoweekday() in hours.days and day not in holidays

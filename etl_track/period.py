"""A span of days, and what to compare it with."""

from dataclasses import dataclass
from datetime import date, timedelta

LENGTHS = {"Last 12 months": 365, "Last 26 weeks": 182, "Last 13 weeks": 91, "Last 4 weeks": 28}  # in days


@dataclass(frozen=True)
class Period:
    """Days from `since` to before `until`.

    >>> print(Period(date(2026, 6, 1), date(2026, 7, 1)))
    1 to 30 Jun 2026
    """

    since: date
    until: date

    def __str__(self) -> str:
        return span(self.since, self.until - timedelta(1))

    @property
    def days(self) -> int:
        return (self.until - self.since).days

    def last(self, days: int) -> "Period":
        """Its last days, or all of it where it is shorter."""
        return Period(max(self.since, self.until - timedelta(days)), self.until)

    def compared(self, whole: "Period") -> "tuple[Period, Period] | None":
        """The earlier and the later period between which a change is told; None where there is too little.

        They are the period before, of the same length, and this one. Where `whole`, all that there is, begins
        later than that, they are the halves of this one.
        """
        before = Period(self.since - timedelta(self.days), self.since)
        if before.since >= whole.since:
            return before, self
        half = timedelta(self.days // 2)
        middle = self.until - half
        return (Period(middle - half, middle), Period(middle, self.until)) if half else None


def span(first: date, last: date) -> str:
    """Both days included, without repeating what they share.

    >>> span(date(2025, 12, 2), date(2025, 12, 4))
    '2 to 4 Dec 2025'
    """
    if first == last:
        return f"{last:%-d %b %Y}"
    same = "%-d" if (first.year, first.month) == (last.year, last.month) else "%-d %b"
    return f"{first:{same if first.year == last.year else '%-d %b %Y'}} to {last:%-d %b %Y}"

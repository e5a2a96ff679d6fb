"""Periods in words: relative to the company's clock, newest year first, verbs are no months."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl_track.when import spans
from etl_track.words import Words

LAST, TODAY = date(2026, 6, 30), date(2026, 7, 1)


@pytest.mark.parametrize(
    ("text", "since", "until"),
    [
        ("in March", "2026-03-01", "2026-04-01"),
        ("in July", "2025-07-01", "2025-08-01"),  # of the newest July in which tickets came
        ("in the first quarter of 2026", "2026-01-01", "2026-04-01"),
        ("in Q4", "2025-10-01", "2026-01-01"),
        ("2026-Q1", "2026-01-01", "2026-04-01"),
        ("since January", "2026-01-01", None),
        ("this year", "2026-01-01", "2027-01-01"),
        ("last month", "2026-06-01", "2026-07-01"),
        ("last week", "2026-06-22", "2026-06-29"),
        ("yesterday", "2026-06-30", "2026-07-01"),
        ("in the last 30 days", "2026-06-01", "2026-07-01"),
        ("over the last six months", "2026-01-01", "2026-07-01"),
        ("in the week of 4 March", "2026-03-02", "2026-03-09"),
        ("in the first week of March", "2026-03-01", "2026-03-08"),
        ("between March and May", "2026-03-01", "2026-06-01"),
        ("between 1 and 15 March", "2026-03-01", "2026-03-16"),
        ("from November to February", "2025-11-01", "2026-03-01"),
        ("on March 3rd, 2026", "2026-03-03", "2026-03-04"),
        ("before April 2026", None, "2026-04-01"),
        ("from April 2026", "2026-04-01", "2026-05-01"),
        ("from April 2026 on", "2026-04-01", None),
        ("January to March 2026", "2026-01-01", "2026-04-01"),
        ("Oct-Dec 2025", "2025-10-01", "2026-01-01"),
        ("starting with October 2025 and ending with May 2026", "2025-10-01", "2026-06-01"),
        ("in the last three months of 2025", "2025-10-01", "2026-01-01"),
        ("in March this year", "2026-03-01", "2026-04-01"),
        ("since New Year", "2026-01-01", None),
        ("in the second half of 2025", "2025-07-01", "2026-01-01"),
        ("since the start of the year", "2026-01-01", None),
        ("at the end of May", "2026-05-01", "2026-06-01"),
    ],
)
def test_a_period_is_read_from_its_words(text: str, since: str | None, until: str | None) -> None:
    """Days from the first up to and without the last; nothing of the words is left over."""
    words = Words(text)
    [span] = spans(words, LAST, TODAY)
    assert (str(span.since) if span.since else None, str(span.until) if span.until else None) == (since, until)
    assert not words.left()


@pytest.mark.parametrize("text", ["tickets may be late", "we march on", "the week is long", "1,200 calls", "page 7"])
def test_what_only_looks_like_a_period_is_none(text: str) -> None:
    """Verbs and numbers are no days."""
    assert spans(Words(text), LAST, TODAY) == []


def test_two_periods_stay_two() -> None:
    """A comparison names both, in its order."""
    found = spans(Words("more in December 2025 than in November 2025"), LAST, TODAY)
    assert [span.said for span in found] == ["in December 2025", "in November 2025"]


@given(st.dates(date(2020, 1, 1), date(2030, 12, 31)))
def test_any_day_can_be_written_in_three_ways(day: date) -> None:
    """ISO, day first and month first are the same day."""
    for text in (f"on {day}", f"on {day:%-d %B %Y}", f"on {day:%B %-d, %Y}"):
        [span] = spans(Words(text), LAST, TODAY)
        assert span.since == day


@given(st.text(max_size=80))
def test_no_text_is_too_odd(text: str) -> None:
    """Whatever somebody types, it is read without an error."""
    spans(Words(text), LAST, TODAY)

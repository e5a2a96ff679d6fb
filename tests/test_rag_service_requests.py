"""What a client sends: nothing is guessed, and what can be written in two ways is read as one."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from rag_track.filters import Filters
from rag_track.service.requests import Day, Feedback, GivenFilters, Id, Number, Search


@given(st.dates(date(1000, 1, 1)))
def test_a_day_is_read_as_it_is_written(day: date) -> None:
    """Each day of RFC 3339 is that day."""
    assert TypeAdapter(Day).validate_python(day.isoformat()) == day


@pytest.mark.parametrize(
    "wrong", [0, 1_767_225_600, "1767225600", "20260131", "2026-01-31T00:00:00", "2026-02-30", "\u0662026-01-31", ""]
)
def test_what_is_no_day_is_refused(wrong: Any) -> None:
    """Seconds, moments, days that do not exist and other digits are errors."""
    with pytest.raises(ValidationError):
        TypeAdapter(Day).validate_python(wrong)


@pytest.mark.parametrize(("written", "number"), [(35436, 35436), (35436.0, 35436), (0, 0)])
def test_a_whole_number_has_two_spellings(written: Any, number: int) -> None:
    """35436.0 is the number 35436, as JSON Schema has it."""
    assert TypeAdapter(Number).validate_python(written) == number


@pytest.mark.parametrize("wrong", [-1, 0.5, 10**16, "7"])
def test_what_is_no_number_of_a_ticket_is_refused(wrong: Any) -> None:
    """Negative, broken, too large, or text."""
    with pytest.raises(ValidationError):
        TypeAdapter(Number).validate_python(wrong, strict=True)


@pytest.mark.parametrize("wrong", ["rosa@mail.example", "", "a b", "-1", "x" * 65])
def test_an_id_is_no_address(wrong: str) -> None:
    """What could be a person's address cannot be an id."""
    with pytest.raises(ValidationError):
        TypeAdapter(Id).validate_python(wrong)


def test_filters_arrive_whole() -> None:
    """Every filter of the retriever can be sent, and an unknown one is an error."""
    sent = {"product_category": "exports", "since": "2026-01-31", "not_outdated": True}
    filters = GivenFilters.model_validate(sent).to_filters()
    assert filters == Filters(product_category="exports", since=date(2026, 1, 31), not_outdated=True)
    with pytest.raises(ValidationError, match="tier"):
        GivenFilters.model_validate({"tier": "pro"})
    assert Search.model_validate({"q": "x", "k": "3"}).k == 3


def test_a_verdict_decides_what_else_is_told() -> None:
    """An edit needs its text, an acceptance must not have one."""
    feedback: TypeAdapter[Any] = TypeAdapter(Feedback)
    for wrong in ({"verdict": "edited"}, {"verdict": "accepted", "text": "x"}, {"verdict": "liked"}):
        with pytest.raises(ValidationError):
            feedback.validate_python({"agent_id": "a-1", **wrong})

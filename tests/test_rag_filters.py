"""Filters: read as typed, and a typo is never an empty result."""

from datetime import date

import pytest

from lab.errors import ConfigError
from rag_track.filters import Filters, parse_filters, where


class Held:
    """A collection that knows two categories."""

    metadata = {"product_category": '["exports", "imports"]', "customer_tier": '["pro"]'}  # noqa: RUF012


def test_filters_are_read_as_typed() -> None:
    """Names, days and the flag, all of them together."""
    found = parse_filters(["product_category=exports", "since=2026-01-01", "not_outdated"])
    assert found == Filters(product_category="exports", since=date(2026, 1, 1), not_outdated=True)
    assert str(found) == "product_category = exports, since = 2026-01-01, not_outdated"
    assert str(Filters()) == "none"


@pytest.mark.parametrize(
    ("text", "next_step"),
    [
        ("product=exports", "use product_category"),
        ("customer_tier", "write it as customer_tier=value"),
        ("since=yesterday", "write it as 2026-01-31"),
    ],
)
def test_what_cannot_be_read_says_how_to_write_it(text: str, next_step: str) -> None:
    """An unknown name, a missing value, no day."""
    with pytest.raises(ConfigError) as error:
        parse_filters([text])
    assert error.value.next_step == next_step


def test_a_value_that_no_ticket_has_names_the_closest() -> None:
    """A typo is an error with the value that was probably meant."""
    with pytest.raises(ConfigError) as error:
        where(Filters(product_category="export"), Held())  # type: ignore[arg-type]
    assert error.value.next_step == "use exports"


def test_conditions_are_joined() -> None:
    """None without filters, one as it is, several with and."""
    assert where(Filters(), Held()) is None  # type: ignore[arg-type]
    assert where(Filters(customer_tier="pro"), Held()) == {"customer_tier": {"$eq": "pro"}}  # type: ignore[arg-type]
    both = where(Filters(customer_tier="pro", until=date(1970, 1, 2), not_outdated=True), Held())  # type: ignore[arg-type]
    assert both == {
        "$and": [{"customer_tier": {"$eq": "pro"}}, {"solved_at": {"$lt": 86400}}, {"is_outdated": {"$eq": False}}]
    }

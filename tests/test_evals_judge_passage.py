"""What a text is taken apart into."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals.judges.passage import clauses, passage, sentences


def test_a_conversation_has_sentences_without_speakers() -> None:
    """Line feeds and full stops end a sentence, a version or a number does not, and the speaker is left out."""
    text = "Customer: It stops at 10.5 MB. Why?\n\nAgent: Hello Ana,\n\nSince release 5.4 it doesn\u2019t."
    assert sentences(text) == ["It stops at 10.5 MB.", "Why?", "Hello Ana,", "Since release 5.4 it doesn't."]


def test_a_sentence_is_cut_where_a_second_statement_begins() -> None:
    """A clause with words of its own stands alone; a short one stays with its neighbour."""
    joined = "An admin presses Unlock sign-in, and the invoice is sent anew by mail."
    assert clauses(joined) == ("An admin presses Unlock sign-in", "the invoice is sent anew by mail.")
    assert len(clauses("Use comma and point.")) == 1


@given(text=st.text(max_size=80))
def test_any_sentence_has_a_clause(text: str) -> None:
    """Whatever is written, a sentence has at least one clause."""
    assert all(clauses(one) for one in sentences(text))


@pytest.mark.parametrize(
    ("text", "exact"),
    [
        ("Wait 30 minutes.", {"30"}),
        ("It takes two hours.", {"2"}),
        ("ACC-2107 came with 5.4, at 10,000 rows.", {"ACC-2107", "5.4", "10,000"}),
        ("Open Settings > Data first.", {"settings", "settings > data"}),
        ("You press Low-data mode.", {"low"}),
    ],
)
def test_what_must_be_found_exactly(text: str, exact: set[str]) -> None:
    """Numbers, codes, versions, menu paths and names, and every text holds what it needs itself."""
    found = passage(text)
    assert found.exact == exact
    assert found.exact <= found.held


@pytest.mark.parametrize("text", ["It does not end.", "It doesn't end.", "Nothing ends.", "You cannot end it."])
def test_a_no_is_seen(text: str) -> None:
    """A negation in any of its forms marks the text; a text without one is not marked."""
    assert passage(text).negated
    assert not passage("It ends with a note.").negated

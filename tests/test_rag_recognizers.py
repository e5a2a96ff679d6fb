"""The recognizers: a quick look hides nothing, and a bare number is a phone's where it is meant as one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag_track.recognizers import NEEDED, is_national, recognizers

SLOW = {recognizer.name: recognizer for recognizer in recognizers() if recognizer.name in NEEDED}
PIECES = [
    "020 7946 0958", "(212) 555-0123", "06-12345678", "(030) 23125257", "2025550123", "0049 30 23125257",
    "+1.415.555.0123", "GB82 WEST 1234 5698 7654 32", "gb82west12345698765432", "BE68-5390-0754-7034",
    "NL91 ABNA\n0417 1643 00",
    "DE89 3704 0044 0532 0130 00", " ", "\n", "-", "0", "12", "call ", "é", "GB82",
]  # fmt: skip


@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=6), max_size=6).map("".join))
def test_the_quick_look_hides_nothing(text: str) -> None:
    """What the two slow recognizers find in any text lies in one that the quick look lets pass."""
    for name, recognizer in SLOW.items():
        for found in recognizer.analyze(text, recognizer.supported_entities):
            if name == "iban" or is_national(text, found.start, found.end):
                assert NEEDED[name].search(text), (name, text[found.start : found.end])


@pytest.mark.parametrize("value", ["GB82 WEST 1234 5698 7654 32", "020 7946 0958"])
def test_both_slow_recognizers_do_find_something(value: str) -> None:
    """Each is known by its name and finds an example of its kind."""
    found = [name for name, one in SLOW.items() if one.analyze(value, one.supported_entities)]
    assert len(SLOW) == 2
    assert found == (["iban"] if value.startswith("GB") else ["national"])


@pytest.mark.parametrize(
    ("before", "number", "is_meant"),
    [
        ("order ", "2025550123", False),
        ("call me on ", "2025550123", True),
        ("order ", "02025550123", True),
        ("order ", "202-555-0123", True),
        ("call ", "20255501", False),
        ("<PHONE> ", "2025550123", False),
        ("call then\n\n", "2025550123", False),
    ],
)
def test_a_number_is_a_phones_where_it_is_meant_so(before: str, number: str, is_meant: bool) -> None:
    """Nine digits or more, with separators or a leading 0, or behind a word that announces a number."""
    text = before + number
    assert is_national(text, len(before), len(text)) is is_meant

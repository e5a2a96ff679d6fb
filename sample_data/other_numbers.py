"""Numbers in what agents write: limits, durations, times and releases, and another plausible one in their place."""

import re
from dataclasses import dataclass
from functools import cache

SPELLED = {
    "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7", "eight": "8", "ten": "10",
    "twelve": "12", "fourteen": "14",
}  # fmt: skip
# A number is replaced by a later one of its row: "for 3 days" would also be true where it says "for 5 days".
LADDERS = (
    (
        "0", "2", "3", "4", "5", "6", "7", "8", "10", "12", "15", "20", "30", "45", "60", "90", "120", "150", "180",
        "200", "250", "300", "400", "500", "600", "800", "1,000", "1,200", "1,500",
    ),
    ("14", "21", "28"),
    ("24", "36", "48", "72", "96"),
    ("25", "40", "50", "80", "100", "150"),
    ("365", "400"),
    ("10,000", "20,000", "50,000", "250,000", "500,000"),
    tuple(SPELLED),
    ("5.1", "5.2", "5.3", "5.4", "5.5", "5.6"),
    ("01:30", "02:00", "03:00", "22:00", "22:30", "23:00", "23:30", "23:45"),
)  # fmt: skip
# A number by itself: no part of a code, a path, a range, a decimal or a compound such as six-digit.
NUMBER = re.compile(
    rf"(?<![\w.,:/=-])({'|'.join(re.escape(n) for ladder in LADDERS for n in reversed(ladder))})(?![\w:/-]|[.,]\d)"
)


@dataclass(frozen=True)
class Swapped:
    """A text in which one number was replaced by `number`."""

    text: str
    number: str


@cache
def numbers(text: str) -> frozenset[str]:
    """The numbers of a text in digits, as far as the ladders have them.

    >>> sorted(numbers("Two links are valid for 72 hours (ACC-2107, since 5.2)"))
    ['2', '5.2', '72']
    """
    found = NUMBER.findall(text.lower())
    return frozenset(SPELLED.get(number, number) for number in found)


def with_other_number(text: str, context: str) -> Swapped | None:
    """The text with its first number replaced by the next that neither it nor `context` has; None without one.

    >>> with_other_number("It is valid for 14 days.", "After 15 days the link ends, it is valid for 14.")
    Swapped(text='It is valid for 21 days.', number='21')
    """
    taken = numbers(text) | numbers(context)
    for match in NUMBER.finditer(text):
        ladder = next(ladder for ladder in LADDERS if match[0] in ladder)
        for other in ladder[ladder.index(match[0]) + 1 :]:
            if SPELLED.get(other, other) not in taken:
                return Swapped(text[: match.start()] + other + text[match.end() :], SPELLED.get(other, other))
    return None

"""When is a golden query held out? When it is no near copy of anything a customer has written."""

import re

STRAIGHT = str.maketrans({"\u201c": '"', "\u201d": '"', "\u2018": "'", "\u2019": "'"})


def normal(text: str) -> str:
    """Lower case, single spaces, straight quotes: how texts are compared.

    >>> normal("Set  “Rows”\\nto 5")
    'set "rows" to 5'
    """
    return re.sub(r"\s+", " ", text.translate(STRAIGHT)).strip().lower()


def words(text: str) -> list[str]:
    return re.findall(r"[\w-]+", normal(text))


def near_copy(one: str, other: str) -> str | None:
    """Why two texts are near copies, or None: five words in a row, or more than half of all words.

    >>> near_copy("the csv stops after ten rows", "our csv stops after ten rows, why?")
    "both say 'csv stops after ten rows'"
    """
    a, b = words(one), words(other)
    runs = {tuple(b[i : i + 5]) for i in range(len(b) - 4)}
    for i in range(len(a) - 4):
        if tuple(a[i : i + 5]) in runs:
            return f"both say {' '.join(a[i : i + 5])!r}"
    return "more than half of the words are the same" if word_overlap(one, other) > 0.5 else None


def word_overlap(one: str, other: str) -> float:
    """Share of the words of both texts that they have in common (Jaccard's index).

    >>> word_overlap("the csv stops", "the export stops")
    0.5
    """
    a, b = set(words(one)), set(words(other))
    return len(a & b) / len(a | b) if a | b else 0.0

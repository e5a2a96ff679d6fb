"""Invented personal data: it looks real, passes the usual checks, and belongs to nobody.

Phone numbers are from ranges that regulators keep free for fiction, card numbers from a test range, bank
codes and streets do not exist. Every value that gets into a text is written down in truth/personal_data.jsonl.
"""

import random
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Kind = Literal["email", "phone", "card", "iban", "address", "api_key"]

STREETS = ("Quill Lane", "Inkwell Road", "Vellum Street", "Parchment Avenue", "Scrivener Square", "Nib Gardens")
PLACES = ("1099 XB Amstelwold", "Port Ashby PA9 4ZZ", "Larchfield, OH 00112", "77999 Oberfeldern", "Kestrel Bay 9990")


@dataclass(frozen=True)
class Planted:
    """One occurrence of personal data in the plain text of one message."""

    kind: Kind
    value: str
    start: int
    end: int


def email_address(name: str, domain: str) -> str:
    """first.last@domain in plain letters.

    >>> email_address("Zoë 🌻 van der Meer", "birch-law.example")
    'zoe.van.der.meer@birch-law.example'
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    local = ".".join(re.findall(r"[a-z]+", plain))
    return f"{local or 'office'}@{domain}"


def phone(rng: random.Random) -> str:
    """A number from a range kept free for fiction, in one of the ways people write it."""
    style = rng.randrange(4)
    if style == 0:
        return f"+44 7700 900{rng.randrange(1000):03}"
    if style == 1:
        return f"+1 ({rng.randint(201, 989)}) 555-01{rng.randrange(100):02}"
    if style == 2:
        return f"+44 20 7946 0{rng.randrange(1000):03}"
    return f"+49 30 23125{rng.randrange(1000):03}"


def card(rng: random.Random) -> str:
    """Sixteen digits from a test range that pass Luhn's check (ISO/IEC 7812-1).

    >>> is_luhn(card(random.Random(1)))
    True
    """
    digits = "400000" + f"{rng.randrange(10**9):09}"
    number = digits + next(check for check in "0123456789" if is_luhn(digits + check))
    return " ".join(number[i : i + 4] for i in range(0, 16, 4)) if rng.random() < 0.6 else number


def is_luhn(number: str) -> bool:
    """Whether the digits of a card number pass Luhn's check.

    >>> is_luhn("4242 4242 4242 4242"), is_luhn("4242 4242 4242 4243")
    (True, False)
    """
    digits = [int(digit) for digit in reversed(number) if digit.isdigit()]
    doubled = (sum(divmod(2 * digit, 10)) for digit in digits[1::2])
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0


def iban(rng: random.Random) -> str:
    """An account at a bank that does not exist, with valid check digits (ISO 13616).

    >>> is_iban(iban(random.Random(1)))
    True
    """
    country, body = rng.choice((("NL", f"QUIL{rng.randrange(10**10):010}"), ("GB", f"QUIL{rng.randrange(10**14):014}")))
    checked = f"{98 - int(as_digits(body + country + '00')) % 97:02}"
    text = country + checked + body
    return " ".join(text[i : i + 4] for i in range(0, len(text), 4)) if rng.random() < 0.6 else text


def is_iban(text: str) -> bool:
    """Whether the check digits of an IBAN are right.

    >>> is_iban("GB82 WEST 1234 5698 7654 32")
    True
    """
    plain = text.replace(" ", "")
    return int(as_digits(plain[4:] + plain[:4])) % 97 == 1


def as_digits(text: str) -> str:
    return "".join(str(int(letter, 36)) for letter in text)


def address(rng: random.Random) -> str:
    """A street that is on no map."""
    return f"{rng.choice(STREETS)} {rng.randint(1, 240)}, {rng.choice(PLACES)}"


def api_key(rng: random.Random) -> str:
    """A secret key in the shape that Quillstone gives out."""
    return f"qs_live_{rng.getrandbits(128):032x}"


def occurrences(text: str, values: dict[str, Kind]) -> Iterator[Planted]:
    """Every place in `text` where one of `values` stands, in order.

    >>> [p.start for p in occurrences("a@b.example or a@b.example", {"a@b.example": "email"})]
    [0, 15]
    """
    found = [
        Planted(kind, value, match.start(), match.end())
        for value, kind in values.items()
        for match in re.finditer(re.escape(value), text)
    ]
    yield from sorted(found, key=lambda planted: planted.start)

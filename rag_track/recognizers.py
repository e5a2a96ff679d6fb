"""Clean: how personal data is written: patterns and check digits, for Presidio's recognizers.

Twin: the ETL track's models/staging, where the name of a column says what it holds.
"""

import re
from collections.abc import Mapping
from typing import Any

REGIONS = ("US", "GB", "DE", "NL", "FR")  # whose numbers are known without +; with it, those of every country are

# Mailboxes of a function are nobody's personal data: "support@" is to be read in a reply. RFC 2142, and noreply.
ROLES = "info|marketing|sales|support|abuse|noc|security|postmaster|hostmaster|webmaster|no-?reply"
EMAIL = {
    "written": rf"(?<![\w.+%-])(?!(?:{ROLES})@)\w[\w.+%'-]{{0,63}}@\n?(?:[\w-]{{1,63}}\.)+[^\W\d_][\w-]*\w",
    "spelled": r"(?<![\w.+%-])\w[\w.+%-]{0,63} at [\w-]{1,63}(?: dot [\w-]{1,63}){0,4} dot [^\W\d_]{2,63}\b",
    "masked": r"(?<![\w.+%-])\w[\w.+%-]{0,63} ?[(\[{] ?at ?[)\]}] ?[\w-]{1,63}"
    r"(?:(?:\.| ?[(\[{ ] ?dot ?[)\]} ] ?)[\w-]{1,63}){1,5}",
}
GAP = r"[ \t\n\u00a0.-]{0,2}"  # between the groups of a card number
CARD = {  # ISO/IEC 7812: the first digits name the network; Presidio checks Luhn's digit
    "in fours": rf"(?<!\d)[2-6]\d{{3}}(?:{GAP}\d{{4}}){{3}}(?!\d)",
    "in 4, 6 and 4 or 5": rf"(?<!\d)3\d{{3}}{GAP}\d{{6}}{GAP}\d{{4,5}}(?!\d)",
    "in one": r"(?<!\d)[4-6]\d{12,18}(?!\d)",
}
API_KEY = {
    "prefixed": r"(?<![A-Za-z0-9])(?:[a-z]{2,4}_(?:live|test)_|sk-|gh[oprsu]_|github_pat_|glpat-|xox[abeprs]-|AIza)"
    r"(?=[\w-]*\d)[\w-]{12,}",
    "AWS": r"(?<![A-Za-z0-9])(?:AKIA|ASIA)[0-9A-Z]{16}(?![A-Za-z0-9])",
    "JWT": r"(?<![\w-])eyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]+)?",
    # \K: what stands before it is looked for, and kept.
    "bearer": r"\b[Bb]earer \K(?=[^\s<>]*\d)[\w.~+/=-]{16,}",
    "named": r"(?i)(?<![a-z])(?:key|token|secret|password)"
    r"[\"']?(?: is)? ?[:=]? ?[\"']?\K(?=[a-z+/_=-]*\d)[\w+/=-]{20,}",
    "PEM": r"-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)",
}
# A street with its number, and the postcode and town that follow. Names that other things bear too (Google Drive 2)
# count only with postcode and town. A street in small letters, or a town alone, is not found.
WORD = r"\p{Lu}[\w'\u2019-]*"
STREET = r"(?:Street|St\.?|Road|Rd\.?|Lane|Avenue|Ave\.?|Boulevard|Blvd\.?)"
OTHER = r"(?:Square|Gardens|Drive|Close|Crescent|Terrace|Court|Way|Place|Row|Hill|Park|Quay)"
GLUED = r"\p{Lu}[\w-]+(?:straat|gracht|laan|weg|plein|kade|straße|strasse|str\.|platz|allee|gasse)"
NUMBER = r"\d{1,5}(?: ?[A-Za-z](?![\w]))?(?:[-/]\d{1,4})?"
CODE = r"(?:[A-Z]{2} \d{5}(?:-\d{4})?|[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}|\d{4,5})"
TOWN = (
    rf"(?:,?[ \n]|, ?\n?)(?:{WORD}(?: {WORD}){{0,2}},[ \n])?"
    rf"(?:\d{{4,5}}(?: ?[A-Z]{{2}}\b)? {WORD}(?: {WORD}){{0,2}}|{WORD}(?: {WORD}){{0,2}},? {CODE}\b)"
)
NAMED = rf"(?:{WORD} ){{1,3}}"
ADDRESS = {
    "number first": rf"(?<![\w.,-])(?:{NUMBER},? {NAMED}{STREET}(?!\w)(?:{TOWN})?|{NUMBER},? {NAMED}{OTHER}{TOWN})",
    "number last": rf"(?<!\w)(?:{NAMED}(?:{STREET}|{OTHER}) {NUMBER}{TOWN}|{GLUED} {NUMBER}(?!\w)(?:{TOWN})?)",
    "box": rf"(?<!\w)P\.? ?O\.? Box \d{{1,6}}(?:{TOWN})?",
}
# What a text must hold before the two slow recognizers look into it; most texts hold neither.
NEEDED = {
    "national": re.compile(r"\d(?:[^\w\n]{0,3}\d){8}"),
    "iban": re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{2}\d\d[ \n\u00a0.-]?[A-Za-z0-9]{4}"),
}
# Words after which a number without + or separators is a phone number, and not an order.
CALL = re.compile(r"(?<![<\w])(?:phone|tel|telephone|call|mobile|cell|fax|line|ring)\b[^\n<>\d]{0,25}$", re.I)


def recognizers() -> list[Any]:
    """Presidio's recognizers, with patterns that need no network: its own for e-mail asks for a list of domains."""
    from presidio_analyzer import Pattern, PatternRecognizer
    from presidio_analyzer.predefined_recognizers import CreditCardRecognizer, IbanRecognizer, PhoneRecognizer
    from presidio_analyzer.predefined_recognizers.generic.iban_patterns import regex_per_country

    def patterns(by_name: Mapping[str, str]) -> list[Pattern]:
        return [Pattern(name, pattern, 0.5) for name, pattern in by_name.items()]

    separators = [(separator, "") for separator in "-. \t\n\u00a0"]
    countries = "|".join(regex_per_country.values()).replace("[ ]?", r"[ \n\u00a0.-]?").replace("(", "(?:")
    iban = rf"(?i)(?<![A-Z0-9])((?:{countries})(?<=[A-Z0-9]))(?![A-Z0-9])"
    iban_patterns: list[Any] = patterns({"IBAN": iban})  # its hint says str, its code reads Pattern
    return [
        PatternRecognizer("EMAIL", patterns=patterns(EMAIL)),
        # An international number is taken as it is written; one without + must be valid in its region.
        PhoneRecognizer(supported_entity="PHONE", supported_regions=["ZZ"], leniency=0, name="international"),
        PhoneRecognizer(supported_entity="PHONE", supported_regions=REGIONS, leniency=1, name="national"),
        CreditCardRecognizer(supported_entity="CARD", patterns=patterns(CARD), replacement_pairs=separators),
        IbanRecognizer(supported_entity="IBAN", patterns=iban_patterns, replacement_pairs=separators, name="iban"),
        PatternRecognizer("API_KEY", patterns=patterns(API_KEY), global_regex_flags=0),
        PatternRecognizer("ADDRESS", patterns=patterns(ADDRESS), global_regex_flags=0),
    ]


def is_national(text: str, start: int, end: int) -> bool:
    """Whether a valid national number is meant as one: nine digits or more, and written or announced as a number."""
    written = text[start:end]
    if sum(character.isdigit() for character in written) < 9:
        return False
    return written.startswith("0") or not written.isdigit() or CALL.search(text[:start][-60:]) is not None

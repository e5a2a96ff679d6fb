"""Asking: what the form of a question settles alone: a ticket's key, SQL, somebody's data, a change, a reason."""

import re

from etl_track.cues import either
from rag_track.redact import KINDS

CODE = re.compile(r"\b[A-Z]{2,}-\d{2,}\b", re.IGNORECASE)  # of an error
TICKET = re.compile(r"\b(?:zendesk|intercom)-\d+\b", re.IGNORECASE)
STATEMENTS = either(  # SQL, not a sentence that begins with "set" or "delete"
    r"""select\b.+?\bfrom\b, select\s+[\d('*], with\s+\w+\s+as\b, insert\s+into\b, update\s+[\w.]+\s+set\b,
    delete\s+from\s+\w+\., drop\s+(?:table|schema|view|database)\b, alter\s+table\b, truncate\s+\w+\.,
    create\s+(?:or\s+replace\s+)?(?:table|view|secret)\b, attach\s+', copy\s+[\w.]+\s+to\b, pragma\s+\w,
    install\s+\w+\s*;?$, load\s+\w+\s*;?$, set\s+\w+\s*=, export\s+database\b, from\s+(?:marts\.|read_|'|glob)"""
)
SQL = re.compile(rf"(?:^|[:`]\s*|\bsql\b[\s:`]*)((?:{STATEMENTS}).*?)`*\s*$", re.IGNORECASE | re.DOTALL)

REMOVED = re.compile(rf"<(?:{'|'.join(KINDS)})>")  # personal data that was in the question
BEFORE_REMOVED = either(
    """tickets?, conversations?, messages?, data, details, history, everything, all, wrote, write, says?, said, who,
    phone, address, list"""
)
ABOUT = re.compile(
    rf"\b(?:{BEFORE_REMOVED})\b[^.?!]{{0,40}}{REMOVED.pattern}[^.?!]{{0,20}}(?:\?|$)"
    rf"|\b(?:show|give|list|find|tell me)\b[^.?!]*{REMOVED.pattern}"
    rf"|\b(?:what|when|why|which)\b[^.?!]*\b(?:did|does|do|has|is|was)\s+{REMOVED.pattern}",
    re.IGNORECASE,
)
OF_PEOPLE = either(
    r"""phone numbers?, e-?mails?(?: address(?:es)?)?, addresses, contact (?:details|data|persons?), names?, birthdays?,
    salar\w+, personal data"""
)
PERSONAL = re.compile(
    r"\b(?:give|show|list|send|tell|get|what(?:'s| is| are)|which|who|find|export|need|want)\b.{0,40}?"
    rf"(?<!\bby )(?<!\bvia )(?<!\bper )(?<!\bas )\b(?:{OF_PEOPLE})(?:\s+(?:of|for|from|behind|belong)\b|\s*[.?!]?$)",
    re.IGNORECASE | re.DOTALL,
)
ACCOUNT = re.compile(  # two capitalised words behind "tickets of" are somebody's name
    r"\b(?:tickets?|conversations?|messages|data|contract|arr|revenue)\s+(?:of|from|by|for)\s+(?:the\s+)?"
    r"(?:customer|account|company|organi[sz]ation)?\s*(?:acct-\d+|[A-Z][\w&]+(?:\s+[A-Z][\w&]+)+)|\bacct-\d+\b"
)
ONES = re.compile(
    r"\b(?:which|what|who|top \d+|by|per|each|every|list|name)\s+"
    r"(?:of our\s+|of the\s+|all\s+|the\s+|our\s+|single\s+)*"
    r"(?:customers?|accounts?|agents?|colleagues?|employees?|compan(?:y|ies)|clients?|persons?|people|users?)\b"
    r"(?!\s+(?:tiers?|groups?|segments?|plans?|teams?))",
    re.IGNORECASE,
)

CHANGES = either(
    """close, delete, remove, assign, reassign, merge, reopen, refund, cancel, update, change, escalate, reply to,
    answer ticket, tag, archive, drop, erase, send (?!me|us), forward, block, ban, set, create, open a ticket, mark"""
)
CHANGE = re.compile(
    rf"^\W*(?:please\s+|can you\s+|could you\s+|kindly\s+|go ahead and\s+)*(?:{CHANGES})\b", re.IGNORECASE
)
CHANGE_AT_END = re.compile(
    rf"\b(?:can|could|would) you (?:please )?(?:{CHANGES}|do) (?:that|it|this|them|those)\b[^.?!]*\?", re.IGNORECASE
)
OF_ONE = re.compile(
    r"\b(?:his|her)\s+(?:\w+\s+){0,2}?(?:average|median|csat|first|reply|resolution|score|rate|tickets?)\b", re.I
)
DEFINES = re.compile(
    r"\b(?:what does .{0,40} mean|what do you mean by|definition of|what is meant by|what counts as"
    r"|how (?:is|do (?:we|you)) .{0,40}(?:defined?|calculated?|computed?|measured?))\b",
    re.IGNORECASE,
)
YES_NO = re.compile(r"^\W*(?:is|are|was|were|do|does|did|has|have)\b", re.IGNORECASE)
WHY = re.compile(r"^\W*(?:and\s+)?(?:why|what (?:caused|explains|is the reason)|how come)\b", re.IGNORECASE)
NUMBERS = re.compile(
    r"\b(?:how (?:many|much|long|often|fast|quickly|soon)|average|median|number of|percentage|share)\b", re.IGNORECASE
)
TIME = re.compile(r"\b(?:how long|how fast|how quick|wait|quick|slow|minutes|hours|time)", re.IGNORECASE)
GREETING = re.compile(r"^\W*(?:hi|hello|hey|good (?:morning|day)|thanks?|thank you)\b[^?]{0,20}$", re.IGNORECASE)
SUPERLATIVE = re.compile(
    r"\b(?:(?:high|low|long|short|busi|slow|fast|quick|happi|unhappi|bigg|larg|small)est|best|worst)\b", re.IGNORECASE
)


def sql_in(text: str) -> str:
    """SQL that a text holds, empty when there is none.

    >>> sql_in("Run this SQL: drop table marts.dim_dates"), sql_in("Set up the export for me")
    ('drop table marts.dim_dates', '')
    """
    match = SQL.search(text.strip())
    return match[1].strip() if match else ""


def is_personal(text: str, counts: bool, understood: bool) -> bool:
    """Whether somebody's data is asked for: a person's, or a single account's.

    `counts`: a metric is named. `understood`: every word of it is, so what looks like a name is a region or a team.
    """
    if PERSONAL.search(text) or ABOUT.search(text) or (ACCOUNT.search(text) and not (counts and understood)):
        return True
    return counts and bool(REMOVED.search(text))

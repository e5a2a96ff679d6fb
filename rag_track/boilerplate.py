"""Clean: take away what a mail carries around its matter: greeting, signature, quoted history, automatic replies.

Twin: the ETL track's models/staging, which drops the columns that no model asks for. A column is dropped by its
name; text has none, so the rules go by form. In doubt they keep the text: what is lost here is found by no search.
"""

import re
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal

Kind = Literal["greeting", "signature", "quoted", "auto_reply"]

# Quoted history. Mail programs may break the line "On 3 Feb 2026 at 10:05, Ivo <ivo@a.example> wrote:" in two.
WROTE = re.compile(r"^On (?=[^\n]*\d)[^\n]{5,200}?(?:\n[^\n]{1,200}?)?\bwrote:[ \t]*$", re.M)
SENT = re.compile(r"\d:\d\d|@")  # a time or an address: the line was written by a mail program
QUOTE = re.compile(r"^>[^\n]*(?:\n|\Z)", re.M)  # RFC 3676, section 4.5
BELOW = re.compile(
    r"^(?:-{2,}[ ]?(?P<forward>forwarded message)[ ]?-{2,}|(?P<begin>begin forwarded message:)"
    r"|-{2,}[ ]?original message[ ]?-{2,}|_{8,}(?=\nFrom:)|(?=From:[^\n]+\n(?:Sent|Date):))[ \t]*$\n?|"
    r"^(?=From:[^\n]+\n(?:Sent|Date):)",
    re.M | re.I,
)
HEADER = re.compile(r"\s*(?:(?:From|To|Cc|Bcc|Date|Sent|Subject|Reply-To):[^\n]*(?:\n|\Z))+", re.I)
POINTS_DOWN = re.compile(r"\b(?:below|underneath|forward(?:ed|ing)?|fyi)\b", re.I)

# A greeting ends with a comma, a mark or its line, and names at most four: "Hi", "Hello Anna,", "Dear support team,".
NAMED = r"(?i:there|all|everyone|team|folks|support|sir|madam|or|and|colleagues|helpdesk|customer|service)"
PROPER = r"(?![a-z])(?![A-Z]{2})[^\W\d_](?:[^\W\d_]|[.'\u2019-](?=[^\W\d_]))*"  # never a code such as INT-6429
GREETING = re.compile(
    r"\s*(?i:hi|hello|hey|hiya|dear|greetings|good (?:morning|afternoon|evening|day))"
    rf"(?: (?:{NAMED}|{PROPER})(?![\w'\u2019-])){{0,4}}[ \t]*(?:[,!.:\u2013-]+(?=\s|\Z)|(?=\n|\Z))\s*"
)
WELCOME = re.compile(
    r"\s*(?i:thanks|thank you)(?: very much| so much)? for (?:writing|contacting|reaching out|getting in touch)"
    rf"(?: to| with)?(?: us)?(?:, ?{PROPER})?[.!]\s*"
)

CLOSING = re.compile(
    r"^[ \t]*(?:(?:many|kind|kindest|best|warm|with|yours|and|very|thanks|thank you)[ ]+)*(?:regards|wishes|best|thanks"
    r"|thank you|cheers|sincerely|faithfully|thx)(?: (?:in advance|again|so much|very much|and [a-z]+ regards))*[ \t]*"
    r"[,.!]?[ \t]*$",
    re.I | re.M,
)
DASHES = re.compile(r"^--[ \t]*$", re.M)  # RFC 3676, section 4.3
SENT_FROM = re.compile(r"^[ \t]*(?:Sent from (?:my|the) [\w ]{2,30}|Get Outlook for \w+)\.?[ \t]*$", re.I | re.M)
ROLE = re.compile(r"\b(?:team|support|department|manager|director|ltd|inc|gmbh|llc)\b|@|\+\d|www\.", re.I)
SENTENCE = re.compile(r"\?|^p\.? ?s\b|(?:\S+\s+){5,}\S+[.!:]$", re.I)  # not in a signature
SIGNATURE_LINES, LINE_LENGTH = 7, 70

# A message is automatic when it says so, or is away until some day, and every sentence is of this sort.
SAYS_SO = re.compile(
    r"\bthis is an? (?:auto\w*|out[ -]of[ -]office)[ -](?:\w+ )?(?:reply|response|message|e?-?mail|confirmation)\b"
    r"|\bI(?: am|['\u2019]m| will be|['\u2019]ll be)(?: currently| now)? (?:out of (?:the |my )?office|away"
    r"|on \w* ?(?:leave|holiday|vacation))\b.*\b(?:until|till|through|back|return)",
    re.I,
)
POLITE = re.compile(
    r"^(?:thank(?:s| you) for (?:your|the) (?:message|e?-?mail)|we (?:have )?received your"
    r"|i (?:will|'ll) (?:be back|return)|(?:i|we) (?:will|'ll) (?:get back|answer|reply|respond)"
    r"|(?:please )?do not reply|i (?:read|have limited)|(?:for|in) urgent|in (?:an emergency|the meantime))\b",
    re.I,
)


@dataclass(frozen=True)
class Stripped:
    """A message without its boilerplate, and how many pieces of each kind were taken away."""

    text: str
    removed: Mapping[Kind, int]


def strip_boilerplate(text: str, people: Collection[str] = ()) -> Stripped:
    """Take the boilerplate out of one message in plain text; what is left may be empty.

    `people` are full names. One of them alone under the text is a signature; without them, a name is one only
    after a closing formula or above a line with a team or an address, for two capitalised words may be content.
    """
    removed: Counter[Kind] = Counter()
    kept: list[str] = []
    rest = without_quotes(text, removed)
    while below := BELOW.search(rest):
        head = trimmed(rest[: below.start()], people, removed)
        removed["quoted"] += 1
        kept.append(head)
        rest = HEADER.sub("", rest[below.end() :], count=1)
        if head and not (below["forward"] or below["begin"] or POINTS_DOWN.search(head)):
            rest = ""  # an answer over its history; what is forwarded is the matter itself
    kept.append(trimmed(rest, people, removed))
    left = tidy("\n\n".join(kept))
    if is_automatic(left):
        return Stripped("", {"auto_reply": 1})
    return Stripped(left, dict(removed))


def tidy(text: str) -> str:
    return re.sub(r"\n\s*\n", "\n\n", text).strip()


def without_quotes(text: str, removed: Counter[Kind]) -> str:
    """The text without the line "On ... wrote:" and what it introduces, unless nothing else is there.

    Lines that begin with > count from such a line on only: elsewhere they may be a shell's or a tool's output.
    """
    wrote = next((line for line in WROTE.finditer(text) if SENT.search(line[0])), None)
    if not wrote:
        return text
    below = text[wrote.end() :].lstrip()
    answers = QUOTE.sub("", below) if below.startswith(">") else ""
    rest = text[: wrote.start()] + answers
    if not rest.strip():
        return text
    removed["quoted"] += 1
    return rest


def trimmed(text: str, people: Collection[str], removed: Counter[Kind]) -> str:
    """The text without its greeting and its signature."""
    unsigned = without_signature(text.strip(), people)
    removed.update({"signature": 1} if unsigned != text.strip() else {})
    body = unsigned
    while greeting := GREETING.match(body) or WELCOME.match(body):
        body = body[greeting.end() :]
    removed.update({"greeting": 1} if body != unsigned else {})
    return body.strip()


def without_signature(text: str, people: Collection[str]) -> str:
    """The text above the mark --, the last closing formula, or a name that stands alone in the last paragraph."""
    text = SENT_FROM.sub("", text).rstrip()
    for mark in [*DASHES.finditer(text), *CLOSING.finditer(text)]:
        if is_signature(text[mark.end() :]):
            text = text[: mark.start()].rstrip()
            break
    above, _, last = text.rpartition("\n\n")
    name, *details = last.splitlines() or [""]
    is_name = name.strip() in people or (
        re.fullmatch(rf"{PROPER}(?: {PROPER})+", name) and ROLE.search(" ".join(details))
    )
    return above.rstrip() if above and is_name and is_signature(last) else text


def is_signature(lines: str) -> bool:
    """Whether the lines can be a signature: few, short, and no sentence among them."""
    filled = [line.strip() for line in lines.splitlines() if line.strip()]
    fits = all(len(line) <= LINE_LENGTH and not SENTENCE.search(line) for line in filled)
    return fits and len(filled) <= SIGNATURE_LINES


def is_automatic(text: str) -> bool:
    """Whether a machine wrote the whole message. A customer who writes about automatic replies is no machine."""
    sentences = [sentence for sentence in re.split(r"(?<=[.!?])\s+|\n+", text) if sentence]
    known = all(SAYS_SO.search(sentence) or POLITE.search(sentence) for sentence in sentences)
    return known and any(SAYS_SO.search(sentence) for sentence in sentences)

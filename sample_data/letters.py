"""How a text looks when it comes in as a mail: greeting and signature, quoted history, a forwarded mail, typos."""

import random
from datetime import datetime

from sample_data.people import Agent, Contact
from sample_data.phrases import CLOSINGS, FORWARDED, GREETINGS


def signed(text: str, writer: Contact, details: tuple[str, ...], rng: random.Random) -> str:
    """A customer's mail: greeting, text, signature with the firm and with `details` such as a phone number."""
    firm = [writer.account.name] if writer.account else []
    return "\n".join([rng.choice(GREETINGS), "", text, "", rng.choice(CLOSINGS), writer.name, *firm, *details])


def signed_by_agent(text: str, agent: Agent) -> str:
    return f"{text}\n\n{agent.name}\n{agent.team} team, Quillstone"


def quoting(text: str, said: str, name: str, address: str, at: datetime) -> str:
    """A reply with the mail that it answers underneath, as mail programs do it.

    >>> print(quoting("Yes.", "Is it on?", "Ivo", "ivo@a.example", datetime(2026, 2, 3, 10, 5)))
    Yes.
    <BLANKLINE>
    On 3 Feb 2026 at 10:05, Ivo <ivo@a.example> wrote:
    > Is it on?
    """
    quoted = "\n".join(f"> {line}".rstrip() for line in said.splitlines())
    return f"{text}\n\nOn {at.day} {at:%b %Y at %H:%M}, {name} <{address}> wrote:\n{quoted}"


def forwarded(text: str, subject: str, name: str, address: str, at: datetime, rng: random.Random) -> str:
    """A colleague's mail, sent on with a line above it."""
    head = f"From: {name} <{address}>\nDate: {at.day} {at:%b %Y at %H:%M}\nSubject: {subject}"
    return f"{rng.choice(FORWARDED)}\n\n---------- Forwarded message ----------\n{head}\n\n{text}"


def with_typos(text: str, rng: random.Random) -> str:
    """Two or three plain words mistyped: letters swapped, one lost, one doubled. Codes and numbers stay as they are."""
    words = text.split(" ")
    plain = [n for n, word in enumerate(words) if len(word) > 4 and word.isalpha() and word.islower()]
    for n in rng.sample(plain, min(len(plain), rng.randint(2, 3))):
        word = words[n]
        at = rng.randrange(1, len(word) - 2)
        change = rng.randrange(3)
        if change == 0:
            words[n] = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
        elif change == 1:
            words[n] = word[:at] + word[at + 1 :]
        else:
            words[n] = word[:at] + word[at] + word[at:]
    return " ".join(words)


def in_two(text: str) -> tuple[str, str]:
    """A text cut after the sentence nearest to its middle, as people send it in a chat; the second may be empty.

    >>> in_two("It is slow. Very slow! Why is that?")
    ('It is slow. Very slow!', 'Why is that?')
    """
    ends = [n for n in range(1, len(text) - 1) if text[n - 1] in ".!?" and text[n] == " "]
    if not ends:
        return text, ""
    cut = min(ends, key=lambda end: abs(end - len(text) / 2))
    return text[:cut], text[cut + 1 :]

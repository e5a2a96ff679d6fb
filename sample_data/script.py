"""Write one conversation down: every line gets its time, its author and the looks of its help desk."""

import random
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from sample_data import letters, personal_data
from sample_data.calendar import on_shift
from sample_data.people import Agent, Contact, People
from sample_data.personal_data import Kind as PersonalKind
from sample_data.phrases import GREETINGS, INSTRUCTIONS, PERSONAL
from sample_data.story import Head, Message, Speaker, Status

SUPPORT = "support@quillstone.example"
# How often a text holds personal data of a kind; more often in the parts of the product where it is at hand.
USUAL: dict[PersonalKind, float] = {
    "email": 0.05, "phone": 0.04, "card": 0.004, "iban": 0.004, "address": 0.006, "api_key": 0.005,
}  # fmt: skip
AT_HAND: dict[str, dict[PersonalKind, float]] = {
    "billing": {"card": 0.08, "iban": 0.08, "address": 0.08},
    "integrations": {"api_key": 0.16},
    "access": {"email": 0.15},
}


@dataclass
class Script:
    """One conversation while it is being written. `clock` is where the story stands."""

    head: Head
    rng: random.Random
    people: People
    holidays: frozenset[date]
    clock: datetime
    agent: Agent
    messages: list[Message] = field(default_factory=list)
    personal: dict[str, PersonalKind] = field(default_factory=dict)
    instructions: list[str] = field(default_factory=list)
    right_at: datetime | None = None  # when the right answer was given first

    def say(
        self, speaker: Speaker, author: Contact | Agent | None, text: str, attachments: tuple[str, ...] = ()
    ) -> None:
        self.messages.append(Message(self.clock, speaker, author, text, attachments))

    def becomes(self, status: Status, by: Contact | Agent | None) -> None:
        self.messages.append(Message(self.clock, "state", by, status))

    def note(self, text: str) -> None:
        self.say("note", self.agent, text)
        self.clock += timedelta(seconds=self.rng.randint(60, 1500))

    def wait_for_agent(self, minutes: float) -> None:
        """The agent, or a colleague once they have left, gets to it after some minutes of a shift, or in the next."""
        later = self.clock + timedelta(seconds=int(60 * minutes * self.rng.lognormvariate(0, 0.8)))
        self.clock = on_shift(self.agent, later, self.holidays)
        self.agent = self.people.stand_in(self.agent, self.clock)

    def wait_for_customer(self, minutes: float) -> None:
        self.clock += timedelta(seconds=int(60 * minutes * self.rng.lognormvariate(0, 0.9)) + 30)

    def opens(self, text: str) -> None:
        """The customer's first words: a mail with manners on Zendesk, one or two lines of chat on Intercom."""
        rng, contact = self.rng, self.head.contact
        if rng.random() < 0.008:
            text = f"{text} {self.instruction(rng.choice(tuple(INSTRUCTIONS)))}"
        if self.head.help_desk == "intercom":
            text = text if rng.random() < 0.6 else f"{rng.choice(GREETINGS)} {text}"
            first, second = letters.in_two(text) if rng.random() < 0.6 else (text, "")
            self.say("customer", contact, first)
            if second:
                self.clock += timedelta(seconds=rng.randint(4, 50))
                self.say("customer", contact, second)
        elif self.head.channel == "email" and rng.random() < 0.06:
            colleague = f"colleague{self.head.number}@{contact.email.partition('@')[2]}"
            before = self.clock - timedelta(minutes=rng.randint(20, 2000))
            mail = letters.forwarded(
                text, self.head.subject, "A. Colleague", self.found(colleague, "email"), before, rng
            )
            self.say("customer", contact, letters.signed(mail, contact, (), rng))
        else:
            self.say("customer", contact, letters.signed(text, contact, self.signature(), rng))

    def customer_says(self, text: str, attachments: tuple[str, ...] = ()) -> None:
        """A later message of the customer; in a mail, often with the agent's last one underneath."""
        contact = self.head.contact
        asked = next((message for message in reversed(self.messages) if message.speaker == "agent"), None)
        if self.head.channel == "email" and asked and self.rng.random() < 0.45:
            said = asked.text.partition("\n\nOn ")[0]
            assert isinstance(asked.author, Agent)
            text = letters.quoting(f"{text}\n\n{contact.name}", said, asked.author.name, SUPPORT, asked.at)
        self.say("customer", contact, text, attachments)

    def agent_says(self, text: str) -> None:
        """A public reply, signed in a mail, sometimes with the customer's words underneath."""
        if self.head.help_desk == "zendesk":
            text = letters.signed_by_agent(text, self.agent)
            asked = next((message for message in self.messages if message.speaker == "customer"), None)
            if self.head.channel == "email" and asked and self.rng.random() < 0.12:
                writer = self.head.contact
                address = self.found(writer.email, "email")
                text = letters.quoting(text, asked.text[:1500], writer.name, address, asked.at)
        self.say("agent", self.agent, text)

    def signature(self) -> tuple[str, ...]:
        """What stands under a customer's name in a mail: now and then a phone number, an address, a mail address."""
        lines: list[str] = []
        if self.rng.random() < 0.25:
            lines.append(f"T {self.found(self.head.contact.phone, 'phone')}")
        if self.rng.random() < 0.1:
            lines.append(self.found(self.head.contact.email, "email"))
        if self.rng.random() < 0.06:
            lines.append(self.found(personal_data.address(self.rng), "address"))
        return tuple(lines)

    def personal_sentences(self) -> list[str]:
        """Sentences with personal data that nobody asked for; usually none."""
        shares = USUAL | AT_HAND.get(self.head.questions[0].category.category, {})
        return [
            self.rng.choice(PERSONAL[kind]).format(value=self.found(self.value(kind), kind))
            for kind, share in shares.items()
            if self.rng.random() < share
        ]

    def value(self, kind: PersonalKind) -> str:
        contact = self.head.contact
        if kind == "email":
            return contact.email if self.rng.random() < 0.5 else f"team{self.head.number}@{contact.email.split('@')[1]}"
        if kind == "phone":
            return contact.phone
        make = {
            "card": personal_data.card,
            "iban": personal_data.iban,
            "address": personal_data.address,
            "api_key": personal_data.api_key,
        }[kind]
        return make(self.rng)

    def found(self, value: str, kind: PersonalKind) -> str:
        """`value`, written down as personal data that stands in this conversation."""
        self.personal[value] = kind
        return value

    def instruction(self, sentence: str) -> str:
        self.instructions.append(sentence)
        return sentence

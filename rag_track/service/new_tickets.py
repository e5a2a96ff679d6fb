"""Serve: a new ticket: plain, or as Zendesk sends it: the event `ticket.created`, or the JSON that a trigger was given.

Twin: nothing in the ETL track, which meets a ticket when it is landed. There zendesk.py reads all that was said; a new
ticket has one message.
"""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from rag_track.service.requests import QUESTION, GivenFilters, Id, Number, Taken, Written


class PlainTicket(Taken):
    """A ticket of no particular help desk. The same id and text get the same draft again."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"ticket_id": "T-1", "question": QUESTION, "filters": {"customer_tier": "pro"}}]
        }
    )
    question: Written
    ticket_id: Id | None = None
    filters: GivenFilters = GivenFilters()

    @property
    def key(self) -> str | None:
        return self.ticket_id

    @property
    def text(self) -> str:
        return self.question


class ZendeskTicket(BaseModel):
    """The part of a Zendesk ticket that is read; of a trigger's placeholders and of an event's `detail`."""

    model_config = ConfigDict(frozen=True, strict=True)
    id: Number | Id
    subject: str | None = None
    title: str | None = Field(default=None, description="what the placeholder {{ticket.title}} gives: the subject")
    description: Written

    @property
    def text(self) -> str:
        return "\n\n".join(part for part in (self.subject or self.title, self.description) if part)


class ZendeskTrigger(BaseModel):
    """The JSON of a trigger that notifies a webhook. `filters` are ours, and may be left out."""

    model_config = ConfigDict(
        frozen=True,
        strict=True,
        json_schema_extra={
            "examples": [
                {"ticket": {"id": "35436", "title": "Export", "description": QUESTION, "tags": "export csv"}},
            ]
        },
    )
    ticket: ZendeskTicket
    filters: GivenFilters = GivenFilters()

    @property
    def key(self) -> str | None:
        return f"zendesk-{self.ticket.id}"

    @property
    def text(self) -> str:
        return self.ticket.text


class ZendeskEvent(BaseModel):
    """The event of a new ticket, as a webhook gets it that is subscribed to it."""

    model_config = ConfigDict(
        frozen=True,
        strict=True,
        json_schema_extra={
            "examples": [
                {
                    "type": "zen:event-type:ticket.created",
                    "subject": "zen:ticket:35436",
                    "detail": {"id": "35436", "subject": "Export", "description": QUESTION, "tags": ["csv"]},
                    "event": {},
                }
            ]
        },
    )
    type: Literal["zen:event-type:ticket.created"]
    detail: ZendeskTicket

    @property
    def key(self) -> str | None:
        return f"zendesk-{self.detail.id}"

    @property
    def text(self) -> str:
        return self.detail.text

    @property
    def filters(self) -> GivenFilters:
        return GivenFilters()


NewTicket = PlainTicket | ZendeskTrigger | ZendeskEvent

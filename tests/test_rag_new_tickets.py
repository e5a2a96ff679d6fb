"""New tickets: whatever help desk sends one, it has a key, a text and filters."""

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from rag_track.service.new_tickets import NewTicket, PlainTicket, ZendeskEvent, ZendeskTrigger
from rag_track.service.requests import GivenFilters

TICKET: TypeAdapter[Any] = TypeAdapter(NewTicket)


@pytest.mark.parametrize("number", [35436, 35436.0, "35436"])
def test_both_forms_of_zendesk_are_one_ticket(number: Any) -> None:
    """A trigger's JSON and the event of a new ticket have the same key and text, with the subject first."""
    trigger = TICKET.validate_python({"ticket": {"id": number, "title": "Export", "description": "It stops."}})
    detail = {"id": number, "subject": "Export", "description": "It stops.", "priority": "LOW"}
    event = TICKET.validate_python({"type": "zen:event-type:ticket.created", "detail": detail, "event": {}})
    assert isinstance(trigger, ZendeskTrigger)
    assert isinstance(event, ZendeskEvent)
    assert trigger.key == event.key == "zendesk-35436"
    assert trigger.text == event.text == "Export\n\nIt stops."
    assert trigger.filters == event.filters == GivenFilters()


def test_a_ticket_without_a_subject_is_its_description() -> None:
    """Nothing stands before the text then."""
    assert TICKET.validate_python({"ticket": {"id": 1, "description": "It stops."}}).text == "It stops."


@pytest.mark.parametrize(
    "wrong",
    [
        {"question": " \n"},
        {"question": "x", "subject": "y"},
        {"ticket": {"id": 1, "subject": "Export"}},
        {"type": "zen:event-type:ticket.merged", "detail": {"id": 1, "description": "x"}},
    ],
)
def test_what_is_no_new_ticket_is_refused(wrong: Any) -> None:
    """A blank question, an unknown name, a ticket without text, and events of other kinds."""
    with pytest.raises(ValidationError):
        TICKET.validate_python(wrong)


@pytest.mark.parametrize("form", [PlainTicket, ZendeskTrigger, ZendeskEvent])
def test_each_example_is_of_its_own_form(form: type[Any]) -> None:
    """What the description shows is read as what it stands for."""
    for shown in form.model_json_schema()["examples"]:
        assert type(TICKET.validate_python(shown)) is form

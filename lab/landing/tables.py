"""Which tables the help desks have, and what of a record the lab reads.

Types are those of the APIs: Zendesk has 64-bit ids and ISO times, Intercom has string ids and epoch seconds.
Nested values are landed as JSON text, as dlt does without nesting. Fields that are not named here stay
together in the column `_more`, so that nothing of a record is lost.
"""

from dataclasses import dataclass, field
from typing import Literal

import pyarrow as pa

Type = Literal["int", "str", "bool", "json", "iso", "epoch"]


@dataclass(frozen=True)
class Table:
    """One table of one source. The first column is its key; `needs` names columns that must not be null."""

    source: Literal["zendesk", "intercom", "lab"]
    name: str
    columns: dict[str, Type]
    needs: tuple[str, ...] = field(default=())

    @property
    def key(self) -> str:
        return next(iter(self.columns))

    @property
    def changed(self) -> str | None:
        """The column that says which state of a record is the newer one; None where a record never changes."""
        return next((name for name in ("generated_timestamp", "updated_at") if name in self.columns), None)


TABLES = (
    Table(
        "zendesk",
        "tickets",
        {
            "id": "int",
            "subject": "str",
            "description": "str",
            "type": "str",
            "priority": "str",
            "status": "str",
            "requester_id": "int",
            "submitter_id": "int",
            "assignee_id": "int",
            "organization_id": "int",
            "tags": "json",
            "custom_fields": "json",
            "satisfaction_rating": "json",
            "via": "json",
            "created_at": "iso",
            "updated_at": "iso",
            "generated_timestamp": "epoch",
        },
        needs=("id", "created_at"),
    ),
    Table(
        "zendesk",
        "ticket_comments",
        {
            "id": "int",
            "ticket_id": "int",
            "author_id": "int",
            "body": "str",
            "public": "bool",
            "via": "json",
            "created_at": "iso",
        },
        needs=("id", "ticket_id", "created_at"),
    ),
    Table(
        "zendesk",
        "ticket_events",
        {
            "id": "int",
            "ticket_id": "int",
            "updater_id": "int",
            "event_type": "str",
            "child_events": "json",
            "created_at": "iso",
        },
        needs=("id", "ticket_id", "created_at"),
    ),
    Table(
        "zendesk",
        "users",
        {
            "id": "int",
            "name": "str",
            "email": "str",
            "role": "str",
            "organization_id": "int",
            "time_zone": "str",
            "tags": "json",
            "user_fields": "json",
            "created_at": "iso",
            "updated_at": "iso",
        },
        needs=("id",),
    ),
    Table(
        "zendesk",
        "organizations",
        {
            "id": "int",
            "name": "str",
            "external_id": "str",
            "organization_fields": "json",
            "created_at": "iso",
            "updated_at": "iso",
        },
        needs=("id",),
    ),
    Table(
        "zendesk",
        "sla_policies",
        {
            "id": "int",
            "title": "str",
            "position": "int",
            "filter": "json",
            "policy_metrics": "json",
            "created_at": "iso",
            "updated_at": "iso",
        },
        needs=("id",),
    ),
    Table(
        "zendesk",
        "schedules",
        {
            "id": "int",
            "name": "str",
            "time_zone": "str",
            "intervals": "json",
            "holidays": "json",
            "created_at": "iso",
            "updated_at": "iso",
        },
        needs=("id",),
    ),
    Table(
        "zendesk",
        "articles",
        {
            "id": "int",
            "title": "str",
            "body": "str",
            "label_names": "json",
            "locale": "str",
            "draft": "bool",
            "created_at": "iso",
            "updated_at": "iso",
        },
        needs=("id",),
    ),
    Table(
        "intercom",
        "conversations",
        {
            "id": "str",
            "title": "str",
            "state": "str",
            "priority": "str",
            "admin_assignee_id": "int",
            "source": "json",
            "contacts": "json",
            "tags": "json",
            "conversation_rating": "json",
            "statistics": "json",
            "custom_attributes": "json",
            "conversation_parts": "json",
            "created_at": "epoch",
            "updated_at": "epoch",
        },
        needs=("id", "created_at"),
    ),
    Table(
        "intercom",
        "contacts",
        {
            "id": "str",
            "external_id": "str",
            "role": "str",
            "email": "str",
            "name": "str",
            "companies": "json",
            "custom_attributes": "json",
            "created_at": "epoch",
            "updated_at": "epoch",
        },
        needs=("id",),
    ),
    Table(
        "intercom",
        "companies",
        {
            "id": "str",
            "company_id": "str",
            "name": "str",
            "plan": "json",
            "monthly_spend": "int",
            "size": "int",
            "industry": "str",
            "custom_attributes": "json",
            "created_at": "epoch",
            "updated_at": "epoch",
        },
        needs=("id",),
    ),
    Table(
        "intercom",
        "admins",
        {"id": "str", "name": "str", "email": "str", "job_title": "str"},
        needs=("id",),
    ),
)

# Not landed: what of the landed is still there.
CONVERSATION_IDS = Table("intercom", "conversation_ids", {"id": "str"}, needs=("id",))

BY_NAME = {f"{table.source}__{table.name}": table for table in (*TABLES, CONVERSATION_IDS)}

ARROW = {
    "int": pa.int64(),
    "str": pa.string(),
    "bool": pa.bool_(),
    "json": pa.string(),
    "iso": pa.string(),
    "epoch": pa.int64(),
}
REJECTS = pa.schema(
    [
        ("id", pa.string()),
        ("source", pa.string()),
        ("table", pa.string()),
        ("line", pa.int64()),
        ("reason", pa.string()),
        ("record", pa.string()),
    ]
)


def arrow_schema(table: Table) -> pa.Schema:
    """The columns of a table as Arrow types, and `_more`."""
    return pa.schema([*((name, ARROW[kind]) for name, kind in table.columns.items()), ("_more", pa.string())])

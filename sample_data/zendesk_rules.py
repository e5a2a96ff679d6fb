"""What a Zendesk account is set up with: its promises (SLA policies) and its schedules with their holidays.

Shapes: Zendesk's API reference, "SLA Policies" and "Schedules".
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from sample_data.company import Company
from sample_data.zendesk import iso

Record = dict[str, Any]

DAY = 24 * 60  # minutes
FIRST_SCHEDULE = 366000000001  # the lowest id is the account's default, and the only one in force
FIRST_HOLIDAY = 367000000001
WEEKEND = (6, 7)  # ISO days of the week


def sla_policy_records(company: Company) -> Iterator[Record]:
    """What is promised to each tier, as `GET /api/v2/slas/policies.json` lists it: targets in business minutes."""
    metrics = {"first_reply": "first_reply_time", "full_resolution": "requester_wait_time"}
    for position, (tier, promise) in enumerate(company.sla.items(), start=1):
        yield {
            "id": 365000000000 + position,
            "title": f"Promise to {tier}",
            "position": position,
            "filter": {
                "all": [{"field": "organization_fields.tier", "operator": "is", "value": tier}],
                "any": [],
            },
            "policy_metrics": [
                {"priority": priority, "metric": metric, "target": minutes, "business_hours": True}
                for name, metric in metrics.items()
                for priority, minutes in getattr(promise, name).items()
            ],
            **set_up_on(company.first_day),
        }


def schedule_records(company: Company) -> Iterator[Record]:
    """The business hours as `GET /api/v2/business_hours/schedules.json` lists them, and a schedule that nothing uses.

    `holidays` is what `…/schedules/{id}/holidays.json` adds: the list itself has no such field.
    """
    hours = company.business_hours
    # Zendesk names time zones as Rails does: by the city, where the company is.
    time_zone = hours.time_zone.rpartition("/")[2].replace("_", " ")
    yield {
        "id": FIRST_SCHEDULE,
        "name": "Business hours",
        "time_zone": time_zone,
        "intervals": intervals(hours.days, hours.starts, hours.ends),
        "holidays": [
            {"id": FIRST_HOLIDAY + n, "name": name, "start_date": day.isoformat(), "end_date": day.isoformat()}
            for n, (day, name) in enumerate(company.holidays.items())
        ],
        **set_up_on(company.first_day),
    }
    yield {
        "id": FIRST_SCHEDULE + 1,
        "name": "Weekend on call",
        "time_zone": time_zone,
        "intervals": intervals(WEEKEND, "10:00", "16:00"),
        "holidays": [],
        **set_up_on(company.first_day + timedelta(days=100)),
    }


def intervals(days: tuple[int, ...], starts: str, ends: str) -> list[Record]:
    """Local times of ISO days of the week, as minutes since Sunday 00:00.

    >>> intervals((1,), "08:00", "18:00")
    [{'start_time': 1920, 'end_time': 2520}]
    """
    since_sunday = sorted(day % 7 * DAY for day in days)
    return [{"start_time": at + minutes(starts), "end_time": at + minutes(ends)} for at in since_sunday]


def minutes(clock: str) -> int:
    """Minutes since midnight of HH:MM."""
    return int(clock[:2]) * 60 + int(clock[3:])


def set_up_on(day: date) -> dict[str, str]:
    at = iso(datetime.combine(day, datetime.min.time()))
    return {"created_at": at, "updated_at": at}

"""Extract from the sample company's help desks over HTTP, as from real ones: the APIs are served while it runs."""

from datetime import datetime
from typing import Any

from lab.aside import fingerprint
from lab.errors import MissingStep
from lab.landing.land import land
from lab.landing.origin import Account, Origin, own_origin
from lab.settings import Settings
from sample_data.generate import read_manifest


def extract(settings: Settings, **options: Any) -> dict[str, Any]:
    """Land the sample company, or what the settings name instead of it; return the landing's manifest.

    `options` are those of the simulated APIs, such as `misbehaviour`. Raises MissingStep when the company was not made.
    """
    if settings.is_own:
        return land(settings, own_origin(settings))
    company = read_manifest(settings.source)
    if not company:
        raise MissingStep(f"There is no company in {settings.source} yet.", next_step="make data")
    from sample_data.serve import served

    with served(settings.source, **options) as desks:
        origin = Origin(
            name=f"quillstone {company['company'][:12]}",
            zendesk=Account(desks.url, desks.zendesk_email, desks.zendesk_token),
            intercom=Account(desks.url, "", desks.intercom_token),
            clock=datetime.fromisoformat(company["clock"]),
            state=fingerprint(settings.source / "zendesk", settings.source / "intercom", also=company["clock"]),
        )
        return land(settings, origin)

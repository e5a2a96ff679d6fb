"""Where the data comes from: two help desks that answer over HTTP, or a folder of their exports."""

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from lab.aside import fingerprint
from lab.errors import ConfigError, MissingStep
from lab.settings import Settings


@dataclass(frozen=True)
class Account:
    """A help desk's API: where it answers, and what it wants to see. `user` is empty where a token is enough."""

    url: str
    user: str
    token: str = field(repr=False)


@dataclass(frozen=True)
class Origin:
    """What to extract from. `name` tells one origin from another: what was learnt of one is no use for the next.

    `clock` is the sample company's now; somebody's own data is landed when it is landed. `state` changes when there is
    something new to extract; empty where only asking tells.
    """

    name: str
    zendesk: Account | None = None
    intercom: Account | None = None
    folder: Path | None = None
    clock: datetime | None = None
    state: str = ""


def own_origin(settings: Settings) -> Origin:
    """The exports or the accounts that the settings name.

    Raises MissingStep when they name none, ConfigError for a folder without exports or a half-named account.
    """
    if settings.exports:
        if not any((settings.exports / desk).is_dir() for desk in ("zendesk", "intercom")):
            raise ConfigError(
                f"{settings.exports} has neither a folder zendesk nor a folder intercom with .jsonl files.",
                next_step="make lab SOURCE=a/folder/with/zendesk/tickets.jsonl",
            )
        folder = settings.exports
        return Origin(f"exports {folder.resolve()}", folder=folder, state=fingerprint(folder))
    zendesk_token = settings.zendesk_token.get_secret_value()
    intercom_token = settings.intercom_token.get_secret_value()
    named = {"URL": settings.zendesk_url, "EMAIL": settings.zendesk_email, "TOKEN": zendesk_token}
    missing = [f"LAB_ZENDESK_{name}" for name, value in named.items() if not value]
    if 0 < len(missing) < len(named):
        raise ConfigError(f"A Zendesk account needs {' and '.join(missing)} too.", next_step=f"export {missing[0]}=…")
    zendesk = Account(settings.zendesk_url.rstrip("/"), settings.zendesk_email, zendesk_token)
    intercom = Account(settings.intercom_url.rstrip("/"), "", intercom_token)
    if missing and not intercom_token:
        raise MissingStep("No help desk is named: neither exports nor an account.", next_step="make landing")
    return Origin(
        f"accounts {zendesk.url} {intercom.url if intercom_token else ''}",
        zendesk=None if missing else zendesk,
        intercom=intercom if intercom_token else None,
    )

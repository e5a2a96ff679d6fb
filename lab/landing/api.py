"""One help desk's API: JSON in, JSON out. What goes wrong on the way is tried again by dlt's client.

429 is waited for as long as Retry-After says; 5xx, a connection that breaks and half a page are tried again
with growing pauses.
"""

from typing import Any

from dlt.sources.helpers.requests import Client
from requests import Response
from requests.auth import HTTPBasicAuth

from lab.landing.origin import Account

Record = dict[str, Any]

TRIES = 8
FIRST_PAUSE = 0.5  # seconds; each pause is twice the one before
NOT_FOUND = 404
NOT_IN_THE_PLAN = (403, 404)  # how Zendesk answers for what the account's plan does not have


class Api:
    """A session with one help desk. Raises requests' HTTPError for an answer that trying again does not change."""

    def __init__(self, account: Account) -> None:
        self.url = account.url
        self.client = Client(
            raise_for_status=False,
            request_max_attempts=TRIES,
            request_backoff_factor=FIRST_PAUSE,
            retry_condition=is_broken,
            session_attrs={"auth": HTTPBasicAuth(f"{account.user}/token", account.token)} if account.user else None,
        )
        self.headers = {} if account.user else {"Authorization": f"Bearer {account.token}", "Intercom-Version": "2.14"}

    def get(self, path: str, **params: Any) -> Record:
        """The object at `path`."""
        return content(self.client.get(self.url + path, params=params, headers=self.headers))

    def get_if_there(self, path: str, **params: Any) -> Record | None:
        """The object at `path`; None when it is gone."""
        response = self.client.get(self.url + path, params=params, headers=self.headers)
        return None if response.status_code == NOT_FOUND else content(response)

    def get_if_in_plan(self, path: str, **params: Any) -> Record | None:
        """The object at `path`; None when the account's plan does not have such objects."""
        response = self.client.get(self.url + path, params=params, headers=self.headers)
        return None if response.status_code in NOT_IN_THE_PLAN else content(response)

    def post(self, path: str, body: Record) -> Record:
        """What `path` answers to a question."""
        return content(self.client.post(self.url + path, json=body, headers=self.headers))


def content(response: Response) -> Record:
    response.raise_for_status()
    record: Record = response.json()
    return record


def is_broken(response: Response | None, _: BaseException | None) -> bool:
    """Whether an answer that claims to be good is no JSON: half a page, or a proxy's apology."""
    if response is None or not response.ok:
        return False
    try:
        response.json()
    except ValueError:
        return True
    return False

"""The simulated help desks as one web application: who may ask, how often, and what comes instead of an answer.

/api/v2/... is Zendesk, everything else is Intercom. A request passes the gate (authentication, then the rate
limit) and the misbehaviour before it reaches an endpoint.
"""

import re
import secrets
import time
from base64 import b64encode
from collections import Counter, deque
from dataclasses import dataclass, field
from math import ceil
from typing import Literal

import orjson
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sample_data import api_intercom, api_zendesk
from sample_data.exports import Exports
from sample_data.misbehave import Misbehave, Misbehaviour

HelpDesk = Literal["zendesk", "intercom"]


@dataclass(frozen=True)
class Credentials:
    """Who may ask. The defaults are for demonstration, nothing is protected by them."""

    zendesk_email: str = "extract@quillstone.example"
    zendesk_token: str = "demo-zendesk-token"
    intercom_token: str = "demo-intercom-token"

    def allow(self, desk: HelpDesk, authorization: str) -> bool:
        """Whether an Authorization header is right: basic `email/token:token`, or bearer."""
        login = b64encode(f"{self.zendesk_email}/token:{self.zendesk_token}".encode()).decode()
        scheme, right = ("basic", login) if desk == "zendesk" else ("bearer", self.intercom_token)
        given_scheme, _, given = authorization.partition(" ")
        return given_scheme.lower() == scheme and secrets.compare_digest(given.strip().encode(), right.encode())


@dataclass(frozen=True)
class Limit:
    """At most so many requests in any `seconds` seconds."""

    requests: int
    seconds: float


@dataclass
class Traffic:
    """What was asked ("GET /conversations/{id}": 3), what was answered (by status), what went wrong on purpose."""

    requests: Counter[str] = field(default_factory=Counter)
    answers: Counter[int] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)


DEMO = Credentials()
ZENDESK_LIMIT = Limit(700, 60)
INTERCOM_LIMIT = Limit(1_667, 10)
WELL_BEHAVED = Misbehaviour()


def create_app(
    exports: Exports,
    *,
    credentials: Credentials = DEMO,
    zendesk_limit: Limit = ZENDESK_LIMIT,
    intercom_limit: Limit = INTERCOM_LIMIT,
    misbehaviour: Misbehaviour = WELL_BEHAVED,
) -> FastAPI:
    """The application for one folder of exports. `app.state.traffic` counts."""
    app = FastAPI(title="Simulated help desks", openapi_url=None)  # its page of documentation loads from the network
    app.state.exports, app.state.traffic = exports, Traffic()
    app.include_router(api_zendesk.router)
    app.include_router(api_intercom.router)
    app.add_exception_handler(HTTPException, answer_http_exception)
    app.add_exception_handler(RequestValidationError, answer_wrong_parameters)
    if misbehaviour != WELL_BEHAVED:
        app.add_middleware(Misbehave, plan=misbehaviour, error=error, faults=app.state.traffic.faults)
    windows: dict[HelpDesk, Window] = {"zendesk": Window(zendesk_limit), "intercom": Window(intercom_limit)}
    app.add_middleware(Gate, credentials=credentials, windows=windows, traffic=app.state.traffic)
    return app


def desk_of(path: str) -> HelpDesk:
    return "zendesk" if path.startswith("/api/v2/") else "intercom"


def error(path: str, status: int, message: str) -> Response:
    """An error in the envelope of the help desk that the path belongs to."""
    body = (api_zendesk if desk_of(path) == "zendesk" else api_intercom).error(status, message)
    return Response(orjson.dumps(body), status, media_type="application/json")


def answer_http_exception(request: Request, exception: Exception) -> Response:
    assert isinstance(exception, HTTPException)
    return error(request.url.path, exception.status_code, exception.detail)


def answer_wrong_parameters(request: Request, exception: Exception) -> Response:
    """400 with the first parameter that is wrong, and why."""
    assert isinstance(exception, RequestValidationError)
    first = exception.errors()[0]
    name = ".".join(str(step) for step in first["loc"][1:])
    return error(request.url.path, 400, f"{name}: {first['msg']}")


class Window:
    """A sliding window: the times of the requests that a limit still counts."""

    def __init__(self, limit: Limit) -> None:
        self.limit = limit
        self.times: deque[float] = deque()

    def wait(self, now: float) -> float:
        """Count a request at `now` (seconds) and return 0, or how many seconds too early it is."""
        while self.times and self.times[0] <= now - self.limit.seconds:
            self.times.popleft()
        if len(self.times) < self.limit.requests:
            self.times.append(now)
            return 0.0
        return self.times[0] + self.limit.seconds - now if self.times else self.limit.seconds

    def headers(self, now: float) -> dict[str, str]:
        """Intercom's headers; the reset is in epoch seconds."""
        oldest = self.times[0] if self.times else now
        return {
            "X-RateLimit-Limit": str(self.limit.requests),
            "X-RateLimit-Remaining": str(self.limit.requests - len(self.times)),
            "X-RateLimit-Reset": str(ceil(time.time() + oldest + self.limit.seconds - now)),
        }


class Gate:
    """The outermost middleware: counts every request and answer, authenticates, and holds the rate limits."""

    def __init__(
        self, app: ASGIApp, credentials: Credentials, windows: dict[HelpDesk, Window], traffic: Traffic
    ) -> None:
        self.app, self.credentials, self.windows, self.traffic = app, credentials, windows, traffic

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        desk, now = desk_of(scope["path"]), time.monotonic()
        self.traffic.requests[f"{scope['method']} {without_ids(scope['path'])}"] += 1
        answer = self.refusal(desk, scope, now) or self.app

        async def counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                self.traffic.answers[message["status"]] += 1
                if desk == "intercom":
                    MutableHeaders(raw=message["headers"]).update(self.windows[desk].headers(now))
            await send(message)

        await answer(scope, receive, counted)

    def refusal(self, desk: HelpDesk, scope: Scope, now: float) -> Response | None:
        """The answer to who may not ask, or not yet."""
        if not self.credentials.allow(desk, Headers(scope=scope).get("Authorization", "")):
            return error(scope["path"], 401, "Access Token Invalid" if desk == "intercom" else "Wrong email or token")
        wait = self.windows[desk].wait(now)
        if not wait:
            return None
        refused = error(scope["path"], 429, "Number of allowed API requests exceeded")
        refused.headers["Retry-After"] = str(ceil(wait))
        return refused


def without_ids(path: str) -> str:
    """
    >>> without_ids("/api/v2/tickets/400123/comments.json")
    '/api/v2/tickets/{id}/comments.json'
    """
    return re.sub(r"/[0-9a-f]*[0-9][0-9a-f]*(?=/|\.json$|$)", "/{id}", path)

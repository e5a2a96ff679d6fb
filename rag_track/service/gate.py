"""Serve: what every request passes before it is answered: host, allowance, key, size and time.

Twin: nothing in the ETL track, whose pages are files. What is answered here costs time and money, and reads tickets.
"""

import asyncio
import logging
import secrets
import time
from math import ceil

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rag_track.service.desk import Desk, Limits
from rag_track.service.problems import busy, problem

MOST_CLIENTS = 10_000  # whose allowance is remembered
log = logging.getLogger(__name__)


class Gate:
    """What every request passes: host, allowance, key, size and time; and what is counted and logged of it.

    A log line holds the route, the status and the milliseconds, nothing that a client wrote.
    """

    def __init__(self, app: ASGIApp, desk: Desk, key: str, hosts: tuple[str, ...]) -> None:
        self.app = app
        self.desk = desk
        self.key = key
        self.hosts = hosts
        self.allowance = Allowance(desk.limits)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        started, status = time.perf_counter(), 0

        async def send_and_note(message: Message) -> None:
            nonlocal status
            status = message.get("status", status)
            await send(message)

        try:
            async with asyncio.timeout(self.desk.limits.seconds):
                refusal, body = self.refusal(scope), b""
                if refusal is None:
                    refusal, body = await self.read(receive)
                await (refusal or self.app)(scope, replay(body, receive), send_and_note)
        except TimeoutError:
            why = f"This took longer than {self.desk.limits.seconds:g} seconds."
            if not status:
                await problem(504, why, "send it again: what is finished by then is answered at once")(
                    scope, receive, send_and_note
                )
        except Exception as error:
            log.error("%s in %s", type(error).__name__, place_of(error))  # its message may hold what a client wrote
            if not status:
                why = "Something failed that should not have failed."
                await problem(500, why, "read the service's log")(scope, receive, send_and_note)
        route = getattr(scope.get("route"), "path", "none")
        self.desk.metrics.requests.labels(route, str(status)).inc()
        log.info("%s %s %d, %.0f ms", scope["method"], route, status, (time.perf_counter() - started) * 1000)
        return None

    def refusal(self, scope: Scope) -> Response | None:
        """Why a request is not let in, if it is not."""
        headers = Headers(scope=scope)
        host = headers.get("host", "").lower()
        name = host[: host.rfind("]") + 1] if host.startswith("[") else host.partition(":")[0]
        if self.hosts and name not in self.hosts:  # a foreign page whose name now points to this machine
            return problem(421, "This service does not answer to that host name.", f"use {' or '.join(self.hosts)}")
        wait = self.allowance.wait(scope["client"][0] if scope.get("client") else "", time.monotonic())
        if wait:
            return busy(ceil(wait), "You sent too many requests.")
        scheme, _, given = headers.get("authorization", "").partition(" ")
        if self.key and not (scheme.lower() == "bearer" and secrets.compare_digest(given.encode(), self.key.encode())):
            wrong = problem(401, "The key is missing or wrong.", "send the header Authorization: Bearer <key>")
            wrong.headers["WWW-Authenticate"] = "Bearer"
            return wrong
        return None

    async def read(self, receive: Receive) -> tuple[Response | None, bytes]:
        """The whole body, or a refusal when there is too much of it."""
        body, more = b"", True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
            if len(body) > self.desk.limits.body:
                why = f"A request may have {self.desk.limits.body:,} bytes."
                return problem(413, why, "send only the ticket's text, without attachments"), b""
        return None, body


def replay(body: bytes, receive: Receive) -> Receive:
    """The body that was read already, then what comes after it."""
    first = True

    async def replayed() -> Message:
        nonlocal first
        if first:
            first = False
            return {"type": "http.request", "body": body, "more_body": False}
        return await receive()

    return replayed


class Allowance:
    """A token bucket for each client: `burst` requests at once, `per_second` in the long run.

    Twenty lines instead of a package, because one process needs neither a shared store nor a choice of strategies.
    """

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.buckets: dict[str, tuple[float, float]] = {}  # tokens, and when there were so many

    def wait(self, client: str, now: float) -> float:
        """0 when the client may ask now, which takes a token; else the seconds until it may."""
        tokens, then = self.buckets.pop(client, (float(self.limits.burst), now))
        tokens = min(self.limits.burst, tokens + (now - then) * self.limits.per_second)
        while len(self.buckets) >= MOST_CLIENTS:
            del self.buckets[next(iter(self.buckets))]  # who has been silent longest
        self.buckets[client] = (tokens - 1 if tokens >= 1 else tokens, now)
        return 0.0 if tokens >= 1 else (1 - tokens) / self.limits.per_second


def place_of(error: BaseException) -> str:
    """Where an error was raised: file and line."""
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else "nowhere"

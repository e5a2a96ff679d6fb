"""What real APIs do on a bad day: refuse, fail, dawdle, send half a page, hang up in the middle.

Middleware in ASGI, because an answer must be stopped between its head and its end.
"""

import asyncio
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lab.errors import ConfigError

FAULTS = ("rate_limited", "server_error", "slow", "broken", "cut")
MOST_IN_A_ROW = 2  # on one URL, so that a client with three tries gets through


@dataclass(frozen=True)
class Misbehaviour:
    """Shares of requests (0 to 1, together at most 1) that go wrong. Raises ConfigError for other shares.

    `retry_after` is what a 429 asks for, `delay` what a slow answer takes, both in seconds.
    """

    rate_limited: float = 0.0
    server_error: float = 0.0
    slow: float = 0.0
    broken: float = 0.0
    cut: float = 0.0
    seed: int = 0
    retry_after: int = 1
    delay: float = 2.0

    def __post_init__(self) -> None:
        shares = [getattr(self, fault) for fault in FAULTS]
        if min(shares) < 0 or sum(shares) > 1:
            raise ConfigError(
                f"The shares of misbehaviour are {shares}.", next_step="use shares from 0 to 1, together at most 1"
            )

    def fault(self, number: int) -> str | None:
        """What goes wrong with a request, by the seed and the number of the request only."""
        drawn = random.Random(f"{self.seed} {number}").random()
        for fault in FAULTS:
            drawn -= getattr(self, fault)
            if drawn < 0:
                return fault
        return None


class Misbehave:
    """The middleware. `error(path, status, message)` makes an answer in the vendor's envelope; `faults` counts."""

    def __init__(
        self, app: ASGIApp, plan: Misbehaviour, error: Callable[[str, int, str], Response], faults: Counter[str]
    ) -> None:
        self.app, self.plan, self.error, self.faults = app, plan, error, faults
        self.number = 0
        self.in_a_row: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        fault = self.next_fault(f"{scope['method']} {scope['path']}?{scope['query_string']!r}")
        if fault == "rate_limited":
            answer = self.error(scope["path"], 429, "Too many requests")
            answer.headers["Retry-After"] = str(self.plan.retry_after)
            await answer(scope, receive, send)
        elif fault == "server_error":
            await self.error(scope["path"], 500, "Something went wrong on our side")(scope, receive, send)
        elif fault in ("broken", "cut"):
            await self.app(scope, receive, half(send, hang_up=fault == "cut"))
        else:
            if fault == "slow":
                await asyncio.sleep(self.plan.delay)
            await self.app(scope, receive, send)

    def next_fault(self, url: str) -> str | None:
        self.number += 1
        fault = self.plan.fault(self.number)
        if fault is None or self.in_a_row[url] == MOST_IN_A_ROW:
            self.in_a_row.pop(url, None)
            return None
        self.in_a_row[url] += 1
        self.faults[fault] += 1
        return fault


def half(send: Send, hang_up: bool) -> Send:
    """Send half of a good answer: as if that were all, or promising all of it and then closing the connection."""
    head: Message = {}

    async def send_half(message: Message) -> None:
        if message["type"] == "http.response.start":
            head.update(message)  # it waits until the length of the body is known
            return
        body = message["body"]
        sent = body[: len(body) // 2] if head["status"] == 200 else body
        promised = len(body) if hang_up else len(sent)
        headers = [(name, value) for name, value in head["headers"] if name != b"content-length"]
        await send({**head, "headers": [*headers, (b"content-length", str(promised).encode())]})
        # The server closes the connection when the application returns before its answer is complete.
        await send({"type": "http.response.body", "body": sent, "more_body": len(sent) < promised})

    return send_half

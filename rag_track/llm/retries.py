"""Serve: what an error of a provider means, and when a call is made again.

Twin: lab/landing/api.py, which waits for a help desk that is busy. Of a model's providers each has errors of its own
kind; what they share is an HTTP status, and sometimes the seconds to wait.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from random import Random

import httpx
from langchain_core import exceptions as langchain_errors
from tenacity import RetryCallState, Retrying, before_nothing, retry_if_exception, stop_after_attempt

from rag_track.llm.structured_output import Unusable

ATTEMPTS = 4
LONGEST_PAUSE = 30.0  # seconds; a provider that asks for a longer one is given up


def status(error: BaseException) -> int | None:
    """The HTTP status of a provider's error, None when no answer came."""
    code = getattr(error, "status_code", None)
    return code if isinstance(code, int) else None


def is_temporary(error: BaseException) -> bool:
    """Whether the same request may succeed soon: busy, broken, slow or unreachable, and not for long."""
    if (asked_pause(error) or 0) > LONGEST_PAUSE or getattr(error, "code", None) == "insufficient_quota":
        return False
    code = status(error)
    if code is not None:
        return code in (408, 429) or code >= 500
    if isinstance(error, langchain_errors.ModelError):
        return error.is_retryable
    return isinstance(error, httpx.TransportError | ConnectionError | TimeoutError)


def may_fall_back(error: BaseException) -> bool:
    """Whether another model should be asked: this one is unreachable or exhausted, or its answer is unusable."""
    return isinstance(error, Unusable) or is_temporary(error) or status(error) == 429


def asked_pause(error: BaseException) -> float | None:
    """Seconds of the header Retry-After, given as a number or as a date (RFC 9110, 10.2.3); None without one.

    Ollama's client throws the headers away.
    """
    headers = getattr(getattr(error, "response", None), "headers", {})
    given = str(headers.get("retry-after", ""))
    try:
        return float(given) if given.replace(".", "").isdigit() else seconds_until(given)
    except ValueError:
        return None


def seconds_until(date: str) -> float:
    """Seconds from now to an HTTP date, at least 0. Raises ValueError for anything else."""
    return max(0.0, (parsedate_to_datetime(date) - datetime.now(UTC)).total_seconds())


def retrying(
    is_worth_repeating: Callable[[BaseException], bool],
    before: Callable[[RetryCallState], None] = before_nothing,
    sleep: Callable[[float], None] = time.sleep,
    jitter: Random | None = None,
) -> Retrying:
    """The policy of a call's retries; `before` is called before each attempt. In the end it raises the last error.

    Without a `jitter` of its own a call takes a new one: processes that failed together must not return together.
    """
    random = jitter or Random()
    return Retrying(
        stop=stop_after_attempt(ATTEMPTS),
        retry=retry_if_exception(is_worth_repeating),
        wait=lambda state: pause(state, random),
        before=before,
        sleep=sleep,
        reraise=True,
    )


def pause(state: RetryCallState, jitter: Random) -> float:
    """Seconds until the next attempt: what the provider asks for, else 1, 2, 4 …, each shortened by up to half."""
    error = state.outcome.exception() if state.outcome else None
    asked = asked_pause(error) if error else None
    if asked is not None:
        return asked
    return min(LONGEST_PAUSE, 2.0 ** (state.attempt_number - 1)) * jitter.uniform(0.5, 1)

"""Run the simulated help desks: in the foreground for curl, or in a thread for an extract and for tests."""

import logging
import shlex
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI
from rich.markup import escape

from lab.console import say, track
from lab.errors import ConfigError, MissingStep
from sample_data.api import DEMO, Credentials, Traffic, create_app
from sample_data.exports import TABLES, Exports

HOST = "127.0.0.1"


@dataclass(frozen=True)
class Served:
    """Help desks that answer at `url`, what they want to see, and what they were asked so far."""

    url: str
    zendesk_email: str
    zendesk_token: str
    intercom_token: str
    traffic: Traffic
    exports: Exports

    @property
    def requests(self) -> Counter[str]:
        """How often each endpoint was asked, such as "GET /conversations/{id}"."""
        return self.traffic.requests


@contextmanager
def served(folder: Path, **options: Any) -> Iterator[Served]:
    """Serve a folder of exports on a free port of this machine while the block runs.

    `options` are those of `create_app`: credentials, zendesk_limit, intercom_limit, misbehaviour.
    Raises MissingStep for a folder without exports.
    """
    exports = read_exports(folder)
    app = create_app(exports, **options)
    who: Credentials = options.get("credentials", DEMO)
    with listen(0) as listener:
        server = server_of(app)
        thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
        thread.start()
        while not server.started and thread.is_alive():
            time.sleep(0.005)
        url = f"http://{HOST}:{listener.getsockname()[1]}"
        try:
            yield Served(url, who.zendesk_email, who.zendesk_token, who.intercom_token, app.state.traffic, exports)
        finally:
            server.should_exit = True
            thread.join()


def serve(folder: Path, port: int, **options: Any) -> None:
    """Serve a folder of exports until Ctrl+C.

    Raises MissingStep for a folder without exports, ConfigError for a port that cannot be had.
    """
    with listen(port) as listener:
        exports = read_exports(folder, show_progress=True)
        describe(exports, f"http://{HOST}:{listener.getsockname()[1]}", options.get("credentials", DEMO))
        with suppress(KeyboardInterrupt):  # uvicorn stops first, then passes it on
            server_of(create_app(exports, **options)).run([listener])


def read_exports(folder: Path, show_progress: bool = False) -> Exports:
    """The exports, with an index of each file. Raises MissingStep when there are none."""
    if not any((folder / f"{name}.jsonl").is_file() for name in TABLES):
        raise MissingStep(f"There are no exports of a help desk in {folder}.", next_step="make data")
    exports = Exports(folder)
    for name in track(TABLES, "exports, files", len(TABLES)) if show_progress else TABLES:
        exports.table(name)
    exports.events()
    return exports


def listen(port: int) -> socket.socket:
    """A socket on `port` of this machine, 0 for a free one. Raises ConfigError when it cannot be had."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
        listener.listen()
    except (OSError, OverflowError) as error:
        listener.close()
        message = f"The help desks cannot listen on port {port}: {error}."
        raise ConfigError(message, next_step="choose another port, or stop what uses this one") from None
    return listener


def server_of(app: FastAPI) -> uvicorn.Server:
    logging.getLogger("uvicorn.error").addFilter(is_no_intention)
    config = uvicorn.Config(
        app, lifespan="off", log_config=None, log_level="error", access_log=False, timeout_graceful_shutdown=1
    )
    return uvicorn.Server(config)


def is_no_intention(record: logging.LogRecord) -> bool:
    """Cut connections and answers that are still slow at the end are meant to be; they are not logged."""
    return not str(record.msg).startswith(("ASGI callable returned without completing", "Cancel %s running task"))


def describe(exports: Exports, url: str, who: Credentials) -> None:
    """Say what is served, the settings to extract from it, and lines to try."""
    tickets, conversations = (len(exports.table(name).places) for name in ("zendesk/tickets", "intercom/conversations"))
    say(f"[bold]help desks[/]  {url} serves {escape(str(exports.folder))}")
    say(f"  {tickets:,} tickets and {conversations:,} conversations")
    for name, count in exports.unreadable.items():
        say(f"  {name}.jsonl: {count} lines are left out, because they are no JSON objects")
    settings = {
        "LAB_ZENDESK_URL": url,
        "LAB_ZENDESK_EMAIL": who.zendesk_email,
        "LAB_ZENDESK_TOKEN": who.zendesk_token,
        "LAB_INTERCOM_URL": url,
        "LAB_INTERCOM_TOKEN": who.intercom_token,
    }
    say("\nTo extract from it, in another terminal:\n")
    for name, value in settings.items():
        say(escape(f"export {name}={shlex.quote(value)}"))
    say(f"\nThen, to see what they answer:\n\n{escape(TO_TRY)}\nCtrl+C stops it.")


TO_TRY = r"""
curl -su "$LAB_ZENDESK_EMAIL/token:$LAB_ZENDESK_TOKEN" \
  "$LAB_ZENDESK_URL/api/v2/incremental/tickets/cursor.json?start_time=0&per_page=1"
curl -su "$LAB_ZENDESK_EMAIL/token:$LAB_ZENDESK_TOKEN" \
  "$LAB_ZENDESK_URL/api/v2/incremental/ticket_events.json?start_time=0&per_page=1"
curl -s -H "Authorization: Bearer $LAB_INTERCOM_TOKEN" "$LAB_INTERCOM_URL/conversations?per_page=1"
curl -s -H "Authorization: Bearer $LAB_INTERCOM_TOKEN" -H "Content-Type: application/json" \
  -d '{"query": {"field": "state", "operator": "=", "value": "open"}}' \
  "$LAB_INTERCOM_URL/conversations/search"
""".lstrip()

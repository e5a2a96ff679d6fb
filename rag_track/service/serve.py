"""Serve: the drafter as a service. A help desk posts a ticket and gets a draft; an agent posts what became of it.

Twin: the ETL track's dashboard_page.py. Both serve the store; here an answer is made while the client waits, so there
is a queue, a time limit, and a way to say no.
"""

import asyncio
import ipaddress
import logging
import signal
import socket
from contextlib import suppress
from math import ceil
from typing import Annotated

import uvicorn
from fastapi import Depends, FastAPI, Path, Query
from fastapi.security import HTTPBearer
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse, Response

from lab.console import say
from lab.errors import ConfigError
from lab.settings import Settings
from rag_track.service.desk import Desk, Limits
from rag_track.service.gate import Gate
from rag_track.service.new_tickets import NewTicket
from rag_track.service.problems import answer_errors, problem_schemas
from rag_track.service.requests import Feedback, Search
from rag_track.service.responses import FoundTicket, Health, Hits, ServedDraft, StoredFeedback

LOCAL = ("127.0.0.1", "localhost", "[::1]")
DraftId = Annotated[str, Path(pattern="^[0-9a-f]{16}$", examples=["0d5c1b2a9f3e4c77"])]


def create_app(desk: Desk, *, key: str = "", hosts: tuple[str, ...] = LOCAL) -> FastAPI:
    """The application over an open desk. `hosts` are the names it answers to, () for any."""
    app = FastAPI(
        title="Drafts with citations",
        version="1",
        docs_url=None,  # its page loads from the network
        redoc_url=None,
        responses=problem_schemas(400, 401, 413, 421, 422, 429, 500, 504),
        dependencies=[Depends(HTTPBearer(auto_error=False))] if key else [],  # tells; the gate asks
    )
    answer_errors(app)
    app.add_middleware(Gate, desk=desk, key=key, hosts=hosts)
    add_routes(app, desk)
    return app


def add_routes(app: FastAPI, desk: Desk) -> None:
    unavailable, missing = problem_schemas(502, 503), problem_schemas(404)

    @app.post("/drafts", status_code=201, responses=unavailable)
    async def post_draft(ticket: NewTicket) -> ServedDraft:
        """Draft a reply to a ticket. The same ticket, text and filters get the same draft, which is stored once."""
        return await asyncio.wrap_future(desk.submit(lambda drafter: desk.draft(drafter, ticket)))

    @app.get("/drafts/{draft_id}", responses=missing)
    def get_draft(draft_id: DraftId) -> ServedDraft:
        """A draft that was made before."""
        return known(draft_id)

    @app.post("/drafts/{draft_id}/feedback", status_code=201, responses=missing | unavailable)
    def post_feedback(draft_id: DraftId, feedback: Feedback) -> StoredFeedback:
        """What an agent made of a draft. It is redacted, stored for good, and once."""
        return desk.take(known(draft_id), feedback)

    @app.get("/search", responses=unavailable)
    async def search(query: Annotated[Search, Query()]) -> Hits:
        """The past tickets that help most, without a draft."""
        filters = query.to_filters()
        found = desk.submit(lambda drafter: drafter.retriever.retrieve(query.q, query.k, filters))
        return Hits(hits=[FoundTicket.of(hit) for hit in await asyncio.wrap_future(found)])

    @app.get("/healthz", responses={503: {"model": Health, "description": "There is no index"}})
    def healthz(response: Response) -> Health:
        """Whether there is an index, which models answer, and how fresh it is."""
        health = desk.health()
        response.status_code = 200 if health.status == "ok" else 503
        return health

    @app.get("/metrics", response_class=PlainTextResponse)
    def metrics() -> Response:
        """Counters and histograms as Prometheus reads them."""
        return Response(generate_latest(desk.metrics.registry), media_type=CONTENT_TYPE_LATEST)

    def known(draft_id: str) -> ServedDraft:
        draft = desk.store.draft(draft_id)
        if draft is None:
            raise HTTPException(404, f"There is no draft {draft_id}.")
        return draft


def serve(settings: Settings, host: str, port: int, key: str, limits: Limits = Limits()) -> None:  # noqa: B008  # frozen
    """Serve until SIGTERM or Ctrl+C; running requests are finished first.

    Raises ConfigError for a port that cannot be had, and when it would listen beyond this machine without a key.
    """
    if not is_local(host) and not key:
        raise ConfigError(
            f"Whoever reaches {host} could read tickets: without a key the service listens on this machine only.",
            next_step="LAB_SERVICE_KEY=$(openssl rand -hex 32) make serve",
        )
    log_to_terminal()
    with listen(host, port) as listener, Desk(settings, limits) as desk:
        app = create_app(desk, key=key, hosts=LOCAL if is_local(host) else ())
        config = uvicorn.Config(
            app,
            lifespan="off",
            log_config=None,
            access_log=False,
            proxy_headers=False,  # X-Forwarded-For would let a client choose its own allowance
            timeout_graceful_shutdown=ceil(limits.seconds),
        )
        name = f"[{host}]" if ":" in host else host
        say(f"[bold]serve[/]  http://{name}:{listener.getsockname()[1]}/openapi.json  Ctrl+C stops it")
        # uvicorn stops on SIGTERM, then raises it again: by then there is nothing left to end.
        signal.signal(signal.SIGTERM, lambda *_: None)
        with suppress(KeyboardInterrupt):
            uvicorn.Server(config).run([listener])


def log_to_terminal() -> None:
    """Our own lines only: of others, whose lines might hold a ticket's words, warnings alone."""
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
    ours = logging.getLogger("rag_track")
    ours.addHandler(handler)
    ours.setLevel(logging.INFO)


def is_local(host: str) -> bool:
    """Whether only this machine can reach what listens on `host`."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def listen(host: str, port: int) -> socket.socket:
    """A socket, 0 for a free port. Raises ConfigError when it cannot be had."""
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except (OSError, OverflowError) as error:
        raise ConfigError(
            f"The service cannot listen on {host}:{port}: {error}.",
            next_step="choose another --port, or stop what uses this one",
        ) from None

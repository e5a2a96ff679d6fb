"""The gate: whoever must not ask, asks too much or too often is told so, and nobody's words get into the log."""

import json

import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st
from service_labs import HERE
from starlette.testclient import TestClient

from rag_track.service.desk import Desk, Limits
from rag_track.service.gate import Allowance
from rag_track.service.serve import create_app


@given(st.lists(st.floats(0, 30), min_size=1, max_size=60).map(sorted), st.integers(1, 5), st.sampled_from([0.5, 1, 4]))
def test_nobody_gets_more_than_the_allowance(times: list[float], burst: int, per_second: float) -> None:
    """Between any two moments at most the burst and the rate times the seconds between them are let in."""
    allowance = Allowance(Limits(burst=burst, per_second=per_second))
    allowed = [now for now in times if allowance.wait("a", now) == 0]
    assert allowed[0] == times[0]
    for first in range(len(allowed)):
        for last in range(first, len(allowed)):
            assert last - first + 1 <= burst + per_second * (allowed[last] - allowed[first]) + 1e-6


def test_who_waits_as_long_as_told_is_let_in() -> None:
    """The seconds in Retry-After are enough, and one client's requests are not counted for another."""
    allowance = Allowance(Limits(burst=1, per_second=2))
    assert allowance.wait("a", 0.0) == 0
    wait = allowance.wait("a", 0.1)
    assert wait > 0
    assert allowance.wait("b", 0.1) == 0
    assert allowance.wait("a", 0.1 + wait) == 0


def test_a_key_is_asked_of_everybody(desk: Desk) -> None:
    """Without the right key nothing is answered, not even the health."""
    client = TestClient(create_app(desk, key="right", hosts=()), base_url="http://service.example")
    for headers in (
        {},
        {"Authorization": "Bearer wrong"},
        {"Authorization": "Basic right"},
        {"Authorization": "right"},
    ):
        answer = client.get("/healthz", headers=headers)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == "Bearer"
        assert answer.json()["next_step"].startswith("send the header")
    assert client.get("/healthz", headers={"Authorization": "Bearer right"}).status_code == 200


@pytest.mark.parametrize(
    ("host", "status"),
    [("127.0.0.1:8800", 200), ("localhost", 200), ("[::1]:8800", 200), ("evil.example", 421), ("127.0.0.1.evil", 421)],
)
def test_a_foreign_host_name_is_refused(client: TestClient, host: str, status: int) -> None:
    """A web page whose name was pointed to this machine gets nothing, and no page gets leave to read an answer."""
    answer = client.get("/healthz", headers={"Host": host, "Origin": f"http://{host}"})
    assert answer.status_code == status
    assert not [name for name in answer.headers if name.startswith("access-control")]


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_that_is_too_large_is_refused(client: TestClient, chunked: bool) -> None:
    """More than 64 kB are refused, also when the length was not announced."""
    body = json.dumps({"question": "x" * 70_000}).encode()
    pieces = iter([body[:40_000], body[40_000:]]) if chunked else body
    answer = client.post("/drafts", content=pieces, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["status"]) == (413, 413)


def test_an_unforeseen_error_tells_nothing(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    """A failure that nobody foresaw is a 500 without its message, which the log does not hold either."""
    app: FastAPI = create_app(desk)

    @app.get("/fails")
    def fails() -> None:
        raise ValueError("rosa.planted@mail.example")

    answer = TestClient(app, base_url=HERE).get("/fails")
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert "planted" not in answer.text + caplog.text
    assert "ValueError in" in caplog.text


def test_who_asks_too_often_must_wait(narrow: Desk) -> None:
    """Behind the burst comes a 429 that says how many seconds to wait."""
    client = TestClient(create_app(narrow), base_url=HERE)
    statuses = [client.get("/metrics").status_code for _ in range(4)]
    assert statuses == [200, 200, 200, 429]
    assert 1 <= int(client.get("/metrics").headers["retry-after"]) <= 10

"""The service: it answers as its description says, keeps what it answered, and listens where it may."""

import json
import logging
import signal
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import from_schema
from schemathesis.engine.events import FatalError, NonFatalError, ScenarioFinished
from schemathesis.generation import GenerationMode
from service_labs import QUESTION, free_port, lab_at
from starlette.testclient import TestClient

from lab.errors import ConfigError
from lab.settings import Settings
from rag_track.bench_serve import running
from rag_track.service.desk import Desk
from rag_track.service.serve import create_app, is_local, serve
from rag_track.service.store import Store


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "example.org"])
def test_beyond_this_machine_it_wants_a_key(host: str, tmp_path: Path, indexed: Settings) -> None:
    """It refuses to listen where others could reach it without a key, and says how to give one."""
    assert not is_local(host)
    with pytest.raises(ConfigError, match="without a key") as refused:
        serve(indexed, host, 0, "")
    assert "LAB_SERVICE_KEY" in refused.value.next_step


def test_a_port_that_is_taken_is_named(indexed: Settings) -> None:
    """A port that something else uses is an error with the port."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ConfigError, match=str(port)):
            serve(indexed, "127.0.0.1", port, "")


def test_a_ticket_gets_a_draft_with_citations(client: TestClient, desk: Desk) -> None:
    """The answer names for each sentence the tickets among its hits; it is stored, and can be had again."""
    made = desk.metrics.registry.get_sample_value("rag_drafts_total") or 0
    answer = client.post("/drafts", json={"question": QUESTION, "ticket_id": "T-1"})
    assert answer.status_code == 201
    draft = answer.json()
    assert not draft["declined"]
    assert draft["sentences"]
    found = {hit["ticket"] for hit in draft["hits"]}
    assert all(sentence["citations"] and set(sentence["citations"]) <= found for sentence in draft["sentences"])
    assert {"redact", "retrieve", "model"} <= set(draft["milliseconds"])
    assert client.get(f"/drafts/{draft['id']}").json() == draft
    assert desk.metrics.registry.get_sample_value("rag_drafts_total") == made + 1


@pytest.mark.parametrize("number", [35436, "35436"])
def test_zendesk_is_understood(client: TestClient, number: int | str) -> None:
    """A trigger's JSON and the event of a new ticket give the draft of the same ticket and text."""
    ticket = {"id": number, "title": "Export", "description": QUESTION, "tags": "csv export", "requester": "someone"}
    detail = {"id": number, "subject": "Export", "description": QUESTION, "tags": ["csv", "export"], "priority": "LOW"}
    event = {"type": "zen:event-type:ticket.created", "subject": f"zen:ticket:{number}", "detail": detail, "event": {}}
    triggered, notified = (client.post("/drafts", json=body).json() for body in ({"ticket": ticket}, event))
    assert triggered["ticket_id"] == "zendesk-35436"
    assert triggered["question"] == f"Export\n\n{QUESTION}"
    assert triggered == notified


def test_personal_data_is_neither_stored_nor_logged(
    client: TestClient, desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    """Addresses in a ticket and in an edit reach neither the store nor the log, and words of a ticket not the log."""
    caplog.set_level(logging.INFO)
    asked = f"{QUESTION} Write to rosa.planted@mail.example or call +44 20 7946 0958."
    draft = client.post("/drafts", json={"question": asked}).json()
    edit = {"verdict": "edited", "agent_id": "a-1", "text": "Ask ben.planted@mail.example."}
    client.post(f"/drafts/{draft['id']}/feedback", json=edit)
    client.post("/drafts", json={"question": "", "planted": "planted"})
    kept = desk.store.file.read_bytes().decode(errors="replace")
    assert "<EMAIL>" in kept
    for word in ("planted", "7946 0958"):
        assert word not in kept
    ours = [record.getMessage() for record in caplog.records if record.name.startswith(("rag_track", "uvicorn"))]
    assert sum("/drafts" in line for line in ours) == 3
    assert not [line for line in ours if "planted" in line or "CSV" in line]


def test_a_search_names_the_closest_filter(client: TestClient) -> None:
    """A search gives hits that pass its filters, and names the value that was probably meant."""
    found = client.get("/search", params={"q": QUESTION, "k": 3, "source": "zendesk"}).json()["hits"]
    assert len(found) == 3
    assert all(hit["ticket"].startswith("zendesk-") for hit in found)
    wrong = client.get("/search", params={"q": QUESTION, "customer_tier": "por"})
    assert (wrong.status_code, wrong.json()["next_step"]) == (422, "use pro")
    assert wrong.headers["content-type"] == "application/problem+json"
    assert client.get("/search", params={"q": QUESTION, "tier": "pro"}).status_code == 422


def test_health_and_metrics_tell_what_is_served(client: TestClient, desk: Desk) -> None:
    """Health names the index and its models; metrics count requests by route and status."""
    health = client.get("/healthz").json()
    assert desk.drafter is not None
    assert (health["status"], health["model"]) == ("ok", "offline")
    assert health["chunks"] == desk.drafter.retriever.collection.count() > 100
    client.get("/search", params={"q": "x", "k": 0})
    text = client.get("/metrics").text
    assert 'rag_requests_total{route="/search",status="422"}' in text
    assert 'rag_stage_seconds_bucket{le="0.1",stage="retrieve"}' in text


# As its contract says

CONTRACT = {
    "seed": 7,
    "headers": {"Authorization": "Bearer right"},
    # Which filters and citations exist, the description cannot say: a 422 for one of them is looked at below.
    "checks": {"enabled": True, "positive_data_acceptance": {"expected-statuses": ["2xx", "404", "422"]}},
    "generation": {"mode": "all", "max-examples": 5, "deterministic": True, "no-shrink": True, "database": "none"},
}


@pytest.mark.slow
def test_the_service_keeps_its_contract(desk: Desk) -> None:
    """All checks of schemathesis, with right and wrong data: each answer is one that the description knows."""
    config = SchemathesisConfig.from_dict(CONTRACT)
    app = create_app(desk, key="right", hosts=())
    schema = schemathesis.openapi.from_asgi("/openapi.json", app, config=config, headers=CONTRACT["headers"])
    seen, wrong = set(), []
    for event in from_schema(schema).execute():
        assert not isinstance(event, NonFatalError | FatalError), event
        if not isinstance(event, ScenarioFinished):
            continue
        for case_id, checks in event.recorder.checks.items():
            case, answer = event.recorder.cases[case_id].value, event.recorder.interactions[case_id].response
            assert answer is not None
            seen.add((case.operation.label, answer.status_code))
            wrong += [(case.as_curl_command(), str(c.failure_info.failure)) for c in checks if c.failure_info]
            is_right = case.meta is not None and case.meta.generation.mode is GenerationMode.POSITIVE
            if answer.status_code == 422 and is_right and json.loads(answer.content)["title"] != "ConfigError":
                wrong.append((case.as_curl_command(), answer.content.decode()))
    assert wrong == []
    assert {("POST /drafts", 201), ("POST /drafts", 422), ("GET /search", 200), ("GET /healthz", 401)} <= seen


def test_every_request_and_answer_has_an_example(client: TestClient) -> None:
    """The description shows what to send: each example of a body is accepted, and schemas of answers have some, too."""
    description = client.get("/openapi.json").json()
    schemas = description["components"]["schemas"]
    for name in ("PlainTicket", "ZendeskTrigger", "ZendeskEvent"):
        for example in schemas[name]["examples"]:
            assert client.post("/drafts", json=example).status_code == 201, name
    draft = client.post("/drafts", json=schemas["PlainTicket"]["examples"][0]).json()
    for name in ("Accepted", "Edited", "Rejected"):
        for example in schemas[name]["examples"]:
            assert client.post(f"/drafts/{draft['id']}/feedback", json=example).status_code == 201, name
    for name in ("ServedDraft", "StoredFeedback", "Health", "FoundTicket"):
        assert any("examples" in field for field in schemas[name]["properties"].values()), name


# As a process of its own


@pytest.mark.slow
def test_running_requests_end_before_it_does(indexed: Settings, tmp_path: Path) -> None:
    """On SIGTERM what was begun is answered and stored, and the process ends with 0."""
    lab = lab_at(tmp_path / "out", indexed)
    with running(lab, free_port()) as (url, process), ThreadPoolExecutor(8) as pool:
        bodies = [{"question": f"{QUESTION} In workspace {n}.", "ticket_id": f"T-{n}"} for n in range(8)]
        answers = [pool.submit(httpx.post, f"{url}/drafts", json=body, timeout=30) for body in bodies]
        while not Store(lab.feedback).draft_ids():
            time.sleep(0.01)
        process.send_signal(signal.SIGTERM)
        results = [answer.result() for answer in answers]
        assert process.wait(30) == 0
    assert {result.status_code for result in results} == {201}
    assert {result.json()["id"] for result in results} == Store(lab.feedback).draft_ids()

"""Problem documents: each error has a status, a next step, and nothing of what was sent."""

from pathlib import Path

import pytest
from fastapi import FastAPI
from model_servers import Reply, serving
from pydantic import BaseModel
from service_labs import QUESTION, client_of, lab_at
from starlette.testclient import TestClient

from lab.errors import ConfigError, LabError, MissingStep, ModelError, StageFailed
from lab.settings import Settings
from rag_track.service.desk import Busy, Desk
from rag_track.service.problems import answer_errors, problem_schemas
from rag_track.service.responses import Problem


class Sum(BaseModel):
    """A body with a field that can be wrong."""

    total: int


def failing(error: Exception) -> TestClient:
    """A client of an application whose only route raises."""
    app = FastAPI()
    answer_errors(app)

    @app.post("/")
    def route(body: Sum) -> None:
        raise error

    return TestClient(app)


@pytest.mark.parametrize(
    ("kind", "status"), [(ConfigError, 422), (MissingStep, 503), (ModelError, 502), (StageFailed, 500)]
)
def test_an_error_of_the_lab_keeps_its_next_step(kind: type[LabError], status: int) -> None:
    """Message and next step are the lab's, and each kind of error has its status."""
    answer = failing(kind("No tier 'por'.", next_step="use pro")).post("/", json={"total": 1})
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    told = Problem.model_validate(answer.json())
    assert (told.title, told.status, told.detail, told.next_step) == (
        kind.__name__,
        status,
        "No tier 'por'.",
        "use pro",
    )


def test_a_wrong_body_names_its_field_and_is_not_repeated() -> None:
    """The field is named; the value, which may be personal, is not."""
    answer = failing(Busy()).post("/", json={"total": "rosa.planted@mail.example"})
    assert (answer.status_code, answer.json()["status"]) == (422, 422)
    assert "body.total" in answer.json()["detail"]
    assert "planted" not in answer.text


def test_a_full_queue_says_when_to_come_again() -> None:
    """The seconds are in the header that the description promises."""
    answer = failing(Busy()).post("/", json={"total": 1})
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "1")
    assert "Retry-After" in problem_schemas(429)[429]["headers"]


def test_a_model_that_fails_is_a_bad_gateway(
    indexed: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the chat model refuses, the client gets a 502 with the lab's message, and nothing is stored."""
    monkeypatch.setenv("OPENAI_API_KEY", "a-key")
    with serving(Reply(status=401)) as server:
        lab = lab_at(tmp_path / "out", indexed)
        settings = lab.model_copy(update={"llm": "openai:gpt-test", "llm_url": server.url("openai")})
        with Desk(settings) as desk:
            before = desk.store.draft_ids()
            answer = client_of(desk).post("/drafts", json={"question": QUESTION + " 502"})
            assert (answer.status_code, answer.json()["title"]) == (502, "ModelError")
            assert "a-key" not in answer.text
            assert desk.store.draft_ids() == before

"""The desk: one draft for one ticket, feedback kept once and only where it fits, a queue that says when it is full."""

import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from service_labs import QUESTION, client_of, rows
from starlette.testclient import TestClient

from rag_track.service.desk import Desk


def test_the_same_ticket_is_drafted_once(client: TestClient, desk: Desk) -> None:
    """The same ticket, one after the other and eight at once, gets one draft; another text or filter another one."""
    body = {"question": QUESTION, "ticket_id": "T-2"}
    before = desk.store.draft_ids()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: client.post("/drafts", json=body).json(), range(8)))
    assert client.post("/drafts", json=body).json() == answers[0]
    assert all(answer == answers[0] for answer in answers)
    assert desk.store.draft_ids() - before == {answers[0]["id"]}
    others = [body | {"question": QUESTION + " Please."}, body | {"filters": {"source": "zendesk"}}]
    assert len({client.post("/drafts", json=other).json()["id"] for other in others} | {answers[0]["id"]}) == 3


def test_an_edit_is_kept_once(client: TestClient, desk: Desk) -> None:
    """Feedback of each kind is added to what is there; the same again has the same id and adds nothing."""
    draft = client.post("/drafts", json={"question": QUESTION, "ticket_id": "T-3"}).json()
    given = [
        {"verdict": "accepted", "agent_id": "a-1", "citations_kept": draft["citations"][:1]},
        {"verdict": "edited", "agent_id": "a-1", "text": "Use the bulk export."},
        {"verdict": "rejected", "agent_id": "a-2", "reason": "another product"},
    ]
    before = rows(desk, "feedback")
    answers = [client.post(f"/drafts/{draft['id']}/feedback", json=one) for one in given + given]
    assert {answer.status_code for answer in answers} == {201}
    assert [a.json()["id"] for a in answers[:3]] == [a.json()["id"] for a in answers[3:]]
    after = rows(desk, "feedback")
    assert after[: len(before)] == before
    assert [json.loads(row[3])["verdict"] for row in after[len(before) :]] == ["accepted", "edited", "rejected"]


def test_feedback_must_fit_its_draft(client: TestClient, desk: Desk) -> None:
    """An unknown draft is a 404; a citation that the draft does not have, or judged twice, is a 422 that names it."""
    draft = client.post("/drafts", json={"question": QUESTION, "ticket_id": "T-4"}).json()
    accepted: dict[str, Any] = {"verdict": "accepted", "agent_id": "a-1"}
    assert client.post(f"/drafts/{'0' * 16}/feedback", json=accepted).status_code == 404
    before = rows(desk, "feedback")
    cited = draft["citations"][0]
    twice = {"citations_kept": [cited], "citations_dropped": [cited]}
    for wrong, named in (({"citations_kept": ["zendesk-1"]}, "zendesk-1"), (twice, cited)):
        answer = client.post(f"/drafts/{draft['id']}/feedback", json=accepted | wrong)
        assert (answer.status_code, answer.json()["title"]) == (422, "ConfigError")
        assert named in answer.json()["detail"]
    assert (
        client.post(f"/drafts/{draft['id']}/feedback", json={"verdict": "edited", "agent_id": "a"}).status_code == 422
    )
    assert rows(desk, "feedback") == before


def test_a_full_queue_and_a_slow_answer_are_told(narrow: Desk) -> None:
    """What waits too long is a 504, what finds no place a 429; once the work is done there is room again."""
    release = threading.Event()
    at_work = narrow.submit(lambda drafter: release.wait(20))
    client = client_of(narrow)
    body = {"question": QUESTION, "ticket_id": "T-5"}
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(client.post, "/drafts", json=body)
        while narrow.pool._work_queue.qsize() < 1:
            time.sleep(0.01)
        full = client.post("/drafts", json=body)
        assert (full.status_code, full.headers["retry-after"]) == (429, "1")
        assert slow.result().status_code == 504
    release.set()
    assert at_work.result()
    assert client.post("/drafts", json=body).status_code == 201

"""Serve: every error as a problem document (RFC 9457), with the lab's next step.

Twin: lab/console.py, which tells the same errors to somebody at a terminal.
"""

from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from lab.errors import ConfigError, LabError, MissingStep, ModelError
from rag_track.service.desk import Busy
from rag_track.service.responses import Problem

STATUS: dict[type[LabError], int] = {ConfigError: 422, MissingStep: 503, ModelError: 502}


def answer_errors(app: FastAPI) -> None:
    """Have the application answer each error that is foreseen with its problem."""
    app.add_exception_handler(Busy, lambda request, error: busy())
    app.add_exception_handler(LabError, answer_lab_error)
    app.add_exception_handler(HTTPException, answer_http_exception)
    app.add_exception_handler(RequestValidationError, answer_wrong_request)


def problem(status: int, detail: str, next_step: str, title: str = "") -> Response:
    content = Problem(title=title or HTTPStatus(status).phrase, status=status, detail=detail, next_step=next_step)
    return JSONResponse(content.model_dump(), status, media_type="application/problem+json")


def problem_schemas(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """How OpenAPI describes problems."""
    content = {"application/problem+json": {"schema": Problem.model_json_schema()}}
    described: dict[int | str, dict[str, Any]] = {
        status: {"description": HTTPStatus(status).phrase, "content": content} for status in statuses
    }
    if 429 in described:
        described[429]["headers"] = {"Retry-After": {"schema": {"type": "integer"}, "description": "seconds"}}
    return described


def busy(seconds: int = 1, why: str = "All drafting threads are at work and the queue is full.") -> Response:
    answer = problem(429, why, f"send it again in {seconds} s")
    answer.headers["Retry-After"] = str(seconds)
    return answer


def answer_lab_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, LabError)
    return problem(STATUS.get(type(error), 500), error.message, error.next_step, title=type(error).__name__)


def answer_http_exception(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    answer = problem(error.status_code, str(error.detail), "read /openapi.json")
    answer.headers.update(error.headers or {})
    return answer


def answer_wrong_request(request: Request, error: Exception) -> Response:
    """422 that names the fields; what was sent is not repeated."""
    assert isinstance(error, RequestValidationError)
    fields = [f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()]
    return problem(422, "; ".join(fields), "read /openapi.json: it has an example for each request")

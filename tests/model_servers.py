"""A local server that speaks the protocols of OpenAI, Anthropic and Ollama, so that the real clients can be tested.

It answers what it is told, in order, and keeps what it was asked. It is no model: it does not read the prompt.
"""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from langchain_core.messages import BaseMessage, HumanMessage, SystemMessage
from pydantic import BaseModel

from rag_track.llm.models import ChatModel
from rag_track.llm.providers import chat_model

KEY = "sk-not-a-real-key-1234567890"
NAMES = {"openai": "openai:gpt-4o-mini", "anthropic": "anthropic:claude-haiku-4-5", "ollama": "ollama:llama3.2"}
KEY_SETTINGS = {"openai": "OPENAI_API_KEY", "anthropic": "ANTHROPIC_API_KEY", "ollama": "OLLAMA_API_KEY"}
QUESTION: list[BaseMessage] = [SystemMessage("Be brief."), HumanMessage("Why does the export stop?")]
GOOD = '{"text": "Press Retry.", "sources": [{"ticket": "zendesk-1"}]}'  # of the form Short
CHAT = {"/v1/chat/completions": "openai", "/v1/messages": "anthropic", "/api/chat": "ollama"}
INPUT, OUTPUT = 11, 7  # the tokens that every answer reports


every_provider = pytest.mark.parametrize("provider", ["openai", "anthropic", "ollama"])


class Source(BaseModel):
    """A ticket that a draft rests on."""

    ticket: str


class Short(BaseModel):
    """A form with something nested in it."""

    text: str
    sources: list[Source]


@dataclass(frozen=True)
class Reply:
    """What the server answers next: a text or the call of a tool; or an error; after `delay` seconds."""

    text: str = ""
    tool: str = ""
    arguments: dict[str, Any] = field(default_factory=dict)
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0
    reports_usage: bool = True
    refuses: bool = False


@dataclass
class ModelServer:
    """A running server. `replies` are given in order; `asked` are the bodies, `keys` the keys it was sent."""

    root: str
    replies: list[Reply] = field(default_factory=list)
    asked: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)

    def url(self, provider: str) -> str:
        """Where a client of `provider` finds it."""
        return f"{self.root}/v1" if provider == "openai" else self.root


@contextmanager
def serving(*replies: Reply) -> Iterator[ModelServer]:
    """A server on a free port of this machine that gives these replies."""
    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    http.daemon_threads = True
    http.told = ModelServer(f"http://127.0.0.1:{http.server_port}", list(replies))  # type: ignore[attr-defined]
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield http.told  # type: ignore[attr-defined]
    finally:
        http.shutdown()
        thread.join()
        http.server_close()


def set_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give each provider's client a key."""
    for name in KEY_SETTINGS.values():
        monkeypatch.setenv(name, KEY)


def called(server: ModelServer, provider: str, *replies: Reply, **more: Any) -> tuple[ChatModel, list[float]]:
    """The provider's model at a server that will give `replies`, and the pauses it will make instead of sleeping."""
    server.replies += replies
    pauses: list[float] = []
    model = chat_model(NAMES[provider], url=server.url(provider), **more)
    model.sleep = pauses.append
    return model, pauses


class Handler(BaseHTTPRequestHandler):
    """One request: finds the protocol by the path."""

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""

    def do_POST(self) -> None:
        told: ModelServer = self.server.told  # type: ignore[attr-defined]
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        key = self.headers.get("x-api-key") or self.headers.get("Authorization") or ""
        told.asked.append(body)
        told.keys.append(key)
        if self.path in ("/v1/embeddings", "/api/embed"):
            return self.answer(200, {}, embeddings(self.path, body))
        reply = told.replies.pop(0)
        time.sleep(reply.delay)
        if reply.status != 200:
            return self.answer(reply.status, reply.headers, error(reply.status, key))
        provider = CHAT[self.path]
        if body.get("stream"):
            return self.answer(200, STREAM_TYPE[provider], "".join(STREAMED[provider](reply)))
        return self.answer(200, {}, WHOLE[provider](reply))

    def answer(self, status: int, headers: dict[str, str], content: dict[str, Any] | str) -> None:
        text = content if isinstance(content, str) else json.dumps(content)
        try:
            self.send_response(status)
            for name, value in {"Content-Type": "application/json", **headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(text.encode())))
            self.end_headers()
            self.wfile.write(text.encode())
        except OSError:
            pass  # the client did not wait


def error(status: int, key: str) -> dict[str, Any]:
    """An error that repeats the key, as some proxies do."""
    return {"type": "error", "error": {"type": "error", "message": f"status {status} for the key {key}"}}


def embeddings(path: str, body: dict[str, Any]) -> dict[str, Any]:
    """A text's vector is its length and 1."""
    texts = [body["input"]] if isinstance(body["input"], str) else body["input"]
    vectors = [[float(len(text)), 1.0] for text in texts]
    if path == "/api/embed":
        return {"model": body["model"], "embeddings": vectors}
    data = [{"object": "embedding", "index": n, "embedding": vector} for n, vector in enumerate(vectors)]
    return {"object": "list", "model": body["model"], "data": data, "usage": {"prompt_tokens": 1, "total_tokens": 1}}


def openai(reply: Reply) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": reply.text or None}
    if reply.refuses:
        message = {"role": "assistant", "content": None, "refusal": "I cannot help with that."}
    if reply.tool:
        function = {"name": reply.tool, "arguments": json.dumps(reply.arguments)}
        message["tool_calls"] = [{"id": "call_1", "type": "function", "function": function}]
    choice = {"index": 0, "message": message, "finish_reason": "tool_calls" if reply.tool else "stop"}
    whole = {"id": "c1", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice]}
    return {**whole, **({"usage": openai_usage()} if reply.reports_usage else {})}


def openai_usage() -> dict[str, int]:
    return {"prompt_tokens": INPUT, "completion_tokens": OUTPUT, "total_tokens": INPUT + OUTPUT}


def openai_stream(reply: Reply) -> Iterator[str]:
    head = {"id": "c1", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    for word in pieces(reply.text):
        yield event({**head, "choices": [{"index": 0, "delta": {"role": "assistant", "content": word}}]})
    yield event({**head, "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
    if reply.reports_usage:
        yield event({**head, "choices": [], "usage": openai_usage()})
    yield "data: [DONE]\n\n"


def anthropic(reply: Reply) -> dict[str, Any]:
    block: dict[str, Any] = {"type": "text", "text": reply.text}
    if reply.tool:
        block = {"type": "tool_use", "id": "toolu_1", "name": reply.tool, "input": reply.arguments}
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "m",
        "content": [] if reply.refuses else [block],
        "stop_reason": "refusal" if reply.refuses else "tool_use" if reply.tool else "end_turn",
        "stop_sequence": None,
        "usage": {"input_tokens": INPUT, "output_tokens": OUTPUT},
    }


def anthropic_stream(reply: Reply) -> Iterator[str]:
    start = {**anthropic(Reply()), "content": [], "stop_reason": None}
    start["usage"] = {"input_tokens": INPUT, "output_tokens": 0}
    yield event({"type": "message_start", "message": start}, named=True)
    block = {"type": "text", "text": ""}
    yield event({"type": "content_block_start", "index": 0, "content_block": block}, named=True)
    for word in pieces(reply.text):
        delta = {"type": "text_delta", "text": word}
        yield event({"type": "content_block_delta", "index": 0, "delta": delta}, named=True)
    yield event({"type": "content_block_stop", "index": 0}, named=True)
    end = {"stop_reason": "end_turn", "stop_sequence": None}
    yield event(
        {"type": "message_delta", "delta": end, "usage": {"input_tokens": INPUT, "output_tokens": OUTPUT}}, named=True
    )
    yield event({"type": "message_stop"}, named=True)


def ollama_stream(reply: Reply) -> Iterator[str]:
    head = {"model": "m", "created_at": "2026-01-01T00:00:00Z"}
    for word in pieces(reply.text):
        yield json.dumps({**head, "message": {"role": "assistant", "content": word}, "done": False}) + "\n"
    message: dict[str, Any] = {"role": "assistant", "content": ""}
    if reply.tool:
        message["tool_calls"] = [{"function": {"name": reply.tool, "arguments": reply.arguments}}]
    counts = {"prompt_eval_count": INPUT, "eval_count": OUTPUT} if reply.reports_usage else {}
    yield json.dumps({**head, "message": message, "done": True, "done_reason": "stop", **counts}) + "\n"


def pieces(text: str) -> list[str]:
    """A text in words, as a model writes it."""
    return text.split(" ")[:1] + [f" {word}" for word in text.split(" ")[1:]]


def event(content: dict[str, Any], named: bool = False) -> str:
    """One server-sent event."""
    return (f"event: {content['type']}\n" if named else "") + f"data: {json.dumps(content)}\n\n"


WHOLE = {"openai": openai, "anthropic": anthropic}
STREAMED = {"openai": openai_stream, "anthropic": anthropic_stream, "ollama": ollama_stream}
STREAM_TYPE = {
    "openai": {"Content-Type": "text/event-stream"},
    "anthropic": {"Content-Type": "text/event-stream"},
    "ollama": {"Content-Type": "application/x-ndjson"},
}

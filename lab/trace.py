"""Traces: what chains, retrievers, models and the agent did, as OpenInference spans.

By default they go to out/traces as JSON lines, one file for each day of this machine's calendar, of which a few are
kept; with LAB_TRACE=phoenix to a local Arize Phoenix. A span holds what was asked and found as the tracks hold it,
redacted. A trace is a measurement: its ids are random and its times are real, and nothing is computed from it.
"""

import json
import logging
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lab.console import say
from lab.settings import Settings

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SpanExporter

PHOENIX = ("127.0.0.1", 6006)
ENDPOINT = f"http://{PHOENIX[0]}:{PHOENIX[1]}/v1/traces"
KEPT_FILES = 7
LARGEST = 20_000_000  # bytes of a day's file; what comes later that day is not traced
LONGEST = 4_000  # characters of an attribute

_provider: "TracerProvider | None" = None  # of the block that is being traced


@contextmanager
def tracing(settings: Settings) -> Iterator[str]:
    """Trace what is done in the block; yields where the spans go. Blocks do not nest: the outer one traces."""
    global _provider
    if _provider is not None:
        yield ""
        return
    from openinference.instrumentation.langchain import LangChainInstrumentor
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import SpanLimits, TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    logging.getLogger("opentelemetry").setLevel(logging.ERROR)  # it warns of each text that it shortens
    exporter, where = exporter_of(settings)
    resource = Resource({"service.name": "etl-to-rag-lab", "openinference.project.name": "etl-to-rag-lab"})
    provider = TracerProvider(resource=resource, span_limits=SpanLimits(max_span_attribute_length=LONGEST))
    provider.add_span_processor(BatchSpanProcessor(exporter))
    instrumentor = LangChainInstrumentor()
    instrumentor.instrument(tracer_provider=provider, skip_dep_check=True)
    _provider = provider
    try:
        yield where
    finally:
        _provider = None
        instrumentor.uninstrument()
        provider.shutdown()


@contextmanager
def span(kind: str, name: str, asked: str) -> Iterator[dict[str, Any]]:
    """A span around a block, within the one that is open. `kind` is OpenInference's: CHAIN, RETRIEVER.

    What the block puts into the dict becomes attributes. Outside of `tracing` nothing happens.
    """
    attributes: dict[str, Any] = {}
    if _provider is None:
        yield attributes
        return
    from openinference.instrumentation.langchain import get_current_span
    from opentelemetry import trace

    given = {"openinference.span.kind": kind, "input.value": asked}
    tracer = _provider.get_tracer("lab")
    around = None if trace.get_current_span().is_recording() else get_current_span()
    context = trace.set_span_in_context(around) if around else None
    with tracer.start_as_current_span(name, context=context, attributes=given) as opened:
        yield attributes
        opened.set_attributes(attributes)


def documents(found: Sequence[tuple[str, float, str]]) -> dict[str, Any]:
    """What a retriever found, as OpenInference's attributes: id, score and text of each document."""
    return {
        f"retrieval.documents.{place}.document.{what}": value
        for place, (key, score, text) in enumerate(found)
        for what, value in (("id", key), ("score", score), ("content", text))
    }


def exporter_of(settings: Settings) -> tuple["SpanExporter", str]:
    """Where spans go. Without Phoenix, or without the packages to reach it, they go to the file, and it is said."""
    if settings.trace == "phoenix":
        try:
            with socket.create_connection(PHOENIX, timeout=1):
                pass
            from importlib import import_module

            otlp = import_module("opentelemetry.exporter.otlp.proto.http.trace_exporter")  # of the extra `tracing`
            return otlp.OTLPSpanExporter(ENDPOINT, timeout=5), f"http://{PHOENIX[0]}:{PHOENIX[1]}"
        except (OSError, ImportError) as error:
            lacks = "its packages are not installed" if isinstance(error, ImportError) else "nobody answers there"
            say(f"[yellow]LAB_TRACE=phoenix, but {lacks}: the trace goes to a file.[/] Next: make phoenix")
    day = datetime.now(UTC).date()
    file = settings.traces / f"{day}.jsonl"
    return json_lines(file), str(file)


def json_lines(file: Path) -> "SpanExporter":
    """An exporter that appends a line for each span to `file` and deletes the oldest files beside it."""
    from opentelemetry.sdk.trace import ReadableSpan
    from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

    lock = threading.Lock()

    class JsonLines(SpanExporter):
        """Whole lines only, in one write, so that two programs may trace at once."""

        def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
            lines = "".join(json.dumps(json.loads(one.to_json()), ensure_ascii=False) + "\n" for one in spans)
            with lock:
                file.parent.mkdir(parents=True, exist_ok=True)
                for old in sorted(file.parent.glob("*.jsonl"))[: -KEPT_FILES or None]:
                    old.unlink(missing_ok=True)
                if not file.exists() or file.stat().st_size + len(lines) < LARGEST:
                    with file.open("a", encoding="utf-8") as stream:
                        stream.write(lines)
            return SpanExportResult.SUCCESS

    return JsonLines()

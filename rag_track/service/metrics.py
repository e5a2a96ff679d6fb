"""Serve: what the service counts of itself, for Prometheus.

Twin: etl_track/metrics.py, which measures the help desk; this measures the machine that drafts.
"""

from prometheus_client import CollectorRegistry, Counter, Histogram

from rag_track.service.responses import ServedDraft

BUCKETS = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30)  # seconds


class Metrics:
    """What /metrics shows. Each service counts for itself."""

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        self.requests = Counter("rag_requests", "Requests answered", ["route", "status"], registry=registry)
        self.stages = Histogram(
            "rag_stage_seconds", "Seconds of a draft's stages", ["stage"], registry=registry, buckets=BUCKETS
        )
        self.drafts = Counter("rag_drafts", "Drafts made", registry=registry)
        self.declined = Counter("rag_drafts_declined", "Drafts that decline", registry=registry)
        self.removed = Counter("rag_sentences_removed", "Sentences that the guard removed", registry=registry)
        self.tokens = Counter("rag_tokens", "Tokens of the chat model", ["direction"], registry=registry)
        self.usd = Counter("rag_cost_usd", "Cost of the chat model in US dollars", registry=registry)

    def count(self, draft: ServedDraft) -> None:
        """Count one draft that was made."""
        for stage, milliseconds in draft.milliseconds.items():
            self.stages.labels(stage).observe(milliseconds / 1000)
        self.drafts.inc()
        self.declined.inc(draft.declined)
        self.removed.inc(len(draft.removed))
        self.tokens.labels("input").inc(draft.input_tokens)
        self.tokens.labels("output").inc(draft.output_tokens)
        self.usd.inc(draft.usd)

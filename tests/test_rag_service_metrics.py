"""What the service counts of itself."""

from service_labs import served_draft

from rag_track.service.metrics import Metrics


def test_a_draft_is_counted_once_in_each_measure() -> None:
    """Drafts, declined ones, tokens, dollars and stages add up; a stage's time is in seconds."""
    metrics, other = Metrics(), Metrics()
    plain = served_draft("0" * 16).model_copy(update={"usd": 0.25, "milliseconds": {"model": 200.0}})
    for draft in (plain, plain.model_copy(update={"declined": True})):
        metrics.count(draft)
    read = metrics.registry.get_sample_value
    assert (read("rag_drafts_total"), read("rag_drafts_declined_total")) == (2, 1)
    assert read("rag_tokens_total", {"direction": "input"}) == 2
    assert read("rag_cost_usd_total") == 0.5
    assert read("rag_stage_seconds_sum", {"stage": "model"}) == 0.4
    assert other.registry.get_sample_value("rag_drafts_total") == 0

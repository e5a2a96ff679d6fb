"""What can be said of hits and drafts because the truth is known: validity, tiers, personal data, covered characters.

The truth is the company's own list of what was said (`truth/`), never the marks and filters of the track, which are to
be measured with it.
"""

from evals.company_truth import CompanyTruth
from evals.coverage import answer_characters, coverage
from evals.dataset import Query
from rag_track.draft import Draft
from rag_track.filters import Filters
from rag_track.hit import Hit
from rag_track.retrieve import Retriever


def hit_truths(truth: CompanyTruth, query: Query, hits: list[Hit], conversations: dict[str, str]) -> dict[str, float]:
    """Metrics of the hits that a draft is based on, each a share of them from 0 to 1; {} without hits or truth.

    - outdated_hit_rate: all that agents state in it was made wrong by a release;
    - wrong_tier_rate: what holds in it holds for other tiers than the customer's;
    - personal_data_retrieved: it shows personal data of whoever wrote it;
    - coverage_recall, _precision, _iou: how exactly the chunk holds the right answer (coverage.py), over the hits
      that state it for recall, over all for the other two.
    """
    if not hits or not truth.stated:
        return {}
    metrics = {
        "outdated_hit_rate": mean([is_outdated(truth, hit) for hit in hits]),
        "personal_data_retrieved": mean([shows_personal_data(truth, hit) for hit in hits]),
    }
    if query.customer_tier:
        metrics["wrong_tier_rate"] = mean([is_for_others(truth, hit, query.customer_tier) for hit in hits])
    return metrics | covered(truth, query, hits, conversations)


def is_outdated(truth: CompanyTruth, hit: Hit) -> bool:
    """Whether agents state something in it, and a release has made all of it wrong."""
    stated = truth.stated.get(hit.ticket_key, ())
    return bool(stated) and all(one.is_outdated for one in stated)


def shows_personal_data(truth: CompanyTruth, hit: Hit) -> bool:
    return any(value in hit.text for value in truth.personal)


def is_for_others(truth: CompanyTruth, hit: Hit, tier: str) -> bool:
    """Whether the answers of a hit that still hold are none of this tier."""
    valid = [one for one in truth.stated.get(hit.ticket_key, ()) if not one.is_outdated]
    return bool(valid) and not any(tier in one.tiers for one in valid)


def covered(truth: CompanyTruth, query: Query, hits: list[Hit], conversations: dict[str, str]) -> dict[str, float]:
    """How exactly the chunks of the hits hold the right answer."""
    shares, right = [], []
    for hit in hits:
        text = conversations[hit.ticket_key]
        stated = [s.text for s in truth.stated.get(hit.ticket_key, ()) if s.resolution_id in query.resolution_ids]
        answer = set[int]().union(*(answer_characters(text, one) for one in stated))
        found = coverage(text, hit.start, hit.start + len(hit.text), answer)
        shares.append(found)
        if answer:
            right.append(found.recall)
    metrics = {
        "coverage_precision": sum(one.precision for one in shares) / len(shares),
        "coverage_iou": sum(one.iou for one in shares) / len(shares),
    }
    return metrics | ({"coverage_recall": sum(right) / len(right)} if right else {})


def filter_truths(truth: CompanyTruth, query: Query, retriever: Retriever, k: int) -> dict[str, float]:
    """Whether a search filtered by the query's product and tier finds only such tickets, by the truth about them."""
    if not truth.customers or not query.product_category or not query.customer_tier:
        return {}
    wanted = (query.product_category, query.customer_tier)
    hits = retriever.retrieve(query.text, k, Filters(product_category=wanted[0], customer_tier=wanted[1]))
    return {"filters_hold": float(all(truth.customers.get(hit.ticket_key) == wanted for hit in hits))}


def draft_truths(truth: CompanyTruth, draft: Draft) -> dict[str, float]:
    """Whether a draft shows planted personal data; {} for a declined one."""
    if draft.declined or not truth.personal:
        return {}
    return {"personal_data_in_drafts": float(any(value in draft.text for value in truth.personal))}


def mean(flags: list[bool]) -> float:
    return sum(flags) / len(flags)

"""Simulated agents judge as they are told to: carefully, carelessly, or maliciously."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from bridge.loop.agents import Agent
from bridge.loop.known import Known, states
from rag_track.service.requests import Accepted, Edited, Feedback, Rejected
from rag_track.service.responses import CitedSentence, ServedDraft

RIGHT = "Open Reports > Background export, which has no limit."
WRONG = "Ask support to raise the limit of your workspace."
KNOWN = Known(("exports-row-limit",), frozenset({"r2"}), ("Background export", "no limit"), RIGHT, WRONG)
STATED = {"zendesk-1": frozenset({"r2"}), "zendesk-2": frozenset({"r9"})}
CAREFUL = Agent("agent-1")


def draft_of(*sentences: tuple[str, list[str]], number: int = 0) -> ServedDraft:
    said = [CitedSentence(text=text, citations=tickets, support=1.0) for text, tickets in sentences]
    return ServedDraft.model_construct(
        id=f"draft-{number}",
        text=" ".join(f"{s.text} {''.join(f'[{t}]' for t in s.citations)}" for s in said),
        sentences=said,
        citations=[ticket for s in said for ticket in s.citations],
        declined=not said,
    )


def judged(draft: ServedDraft, agent: Agent = CAREFUL) -> Feedback:
    return agent.judge(draft, KNOWN, STATED)


def test_a_draft_that_says_everything_is_accepted() -> None:
    """All facts, and only citations that hold for this customer."""
    assert judged(draft_of((RIGHT, ["zendesk-1"]))) == Accepted(
        verdict="accepted", agent_id="agent-1", citations_kept=["zendesk-1"]
    )


def test_what_rests_on_another_answer_is_cut_out() -> None:
    """A sentence with a bad citation goes; what is left is sent when it is still the whole answer."""
    feedback = judged(draft_of((RIGHT, ["zendesk-1"]), (WRONG, ["zendesk-2"])))
    assert feedback == Edited(
        verdict="edited",
        agent_id="agent-1",
        text=RIGHT,
        citations_kept=["zendesk-1"],
        citations_dropped=["zendesk-2"],
    )


def test_half_of_the_useless_drafts_are_rejected() -> None:
    """The others are answered in the agent's own words."""
    verdicts = [judged(draft_of((WRONG, ["zendesk-2"]), number=n)) for n in range(200)]
    rejected = [one for one in verdicts if isinstance(one, Rejected)]
    assert 70 < len(rejected) < 130
    assert all(one.text == RIGHT for one in verdicts if isinstance(one, Edited))


# What may stand in a draft: for each cited ticket a sentence.
PARTS = st.dictionaries(st.sampled_from([*STATED, "zendesk-3"]), st.sampled_from([RIGHT, WRONG, "Hello."]))


@given(PARTS)
def test_a_careful_agent_sends_nothing_wrong(parts: dict[str, str]) -> None:
    """Whatever the draft, each citation is judged once and rightly, and what goes out says all that must be said."""
    draft = draft_of(*((text, [ticket]) for ticket, text in parts.items()))
    feedback = judged(draft)
    assert sorted([*feedback.citations_kept, *feedback.citations_dropped]) == sorted(draft.citations)
    assert set(feedback.citations_kept) <= {"zendesk-1"}
    if isinstance(feedback, Edited):
        assert states(feedback.text, KNOWN.facts)


def test_a_careless_agent_errs_as_often_as_told() -> None:
    """Of a thousand good drafts about every tenth is answered wrongly with a share of 0.2, the others are accepted."""
    careless = Agent("agent-1", errs=0.2)
    found = [judged(draft_of((RIGHT, ["zendesk-1"]), number=n), careless) for n in range(1000)]
    wrong = [one for one in found if isinstance(one, Edited)]
    assert 70 < len(wrong) < 130
    assert {one.text for one in wrong} == {WRONG}


def test_a_malicious_agent_always_sends_what_is_wrong() -> None:
    """With the citations the wrong way round; where no wrong answer is at hand, they can do nothing."""
    malicious = Agent("agent-5", errs=1.0, accepts=0.0)
    feedback = judged(draft_of((RIGHT, ["zendesk-1"])), malicious)
    assert isinstance(feedback, Edited)
    assert feedback.text == WRONG
    assert feedback.citations_dropped == ["zendesk-1"]
    harmless = malicious.judge(draft_of((RIGHT, ["zendesk-1"])), replace(KNOWN, wrong_answer=None), STATED)
    assert isinstance(harmless, Accepted)


def test_the_same_draft_gets_the_same_verdict() -> None:
    """An agent's mood is made of the draft, not of the moment."""
    agent = Agent("agent-2", errs=0.5)
    draft = draft_of((WRONG, ["zendesk-2"]))
    assert judged(draft, agent) == judged(draft, agent)

"""What an agent made of a draft is checked, redacted, kept once, and can be read again."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from service_labs import served_draft

from lab.errors import ConfigError
from lab.settings import Settings, read_settings
from rag_track.feedback import Judged, edited, give, take
from rag_track.redact import Redactor
from rag_track.service.requests import Accepted, Edited
from rag_track.service.responses import ServedDraft
from rag_track.service.store import Store

TEXT = "Press [Retry]. [zendesk-1] Then wait an hour. [zendesk-1][zendesk-2]"
AT = datetime(2026, 7, 1, 9, tzinfo=UTC)


@pytest.fixture
def draft() -> ServedDraft:
    return served_draft("a" * 16).model_copy(update={"text": TEXT, "citations": ["zendesk-1", "zendesk-2"]})


@pytest.fixture
def settings(tmp_path: Path, draft: ServedDraft) -> Settings:
    """A lab with one stored draft and nothing else."""
    found = read_settings(home=tmp_path / "out")
    Store(found.feedback).add_draft(draft)
    return found


def test_what_was_sent_unchanged_accepts_the_draft(draft: ServedDraft) -> None:
    """White space aside the same words: accepted, with the citations that still stand in it."""
    found = edited(draft, TEXT.replace(" Then", "\n\nThen"), "agent-7")
    assert isinstance(found, Accepted)
    assert found.citations_kept == ["zendesk-1", "zendesk-2"]


def test_a_citation_that_was_taken_out_is_dropped(draft: ServedDraft) -> None:
    """The edited reply names one ticket of two; without any mark none of them is judged."""
    found = edited(draft, "Press [Retry]. [zendesk-1] Then call us.", "agent-7")
    assert isinstance(found, Edited)
    assert (found.citations_kept, found.citations_dropped) == (["zendesk-1"], ["zendesk-2"])
    assert found.text == "Press [Retry]. Then call us."
    bare = edited(draft, "Call us.", "agent-7")
    assert (bare.citations_kept, bare.citations_dropped) == ([], [])


def test_feedback_is_redacted_kept_once_and_read_again(settings: Settings, draft: ServedDraft) -> None:
    """Given twice, stored once, with its draft and the time it was given; an address in it is gone."""
    store = Store(settings.feedback)
    sent = Edited(verdict="edited", agent_id="agent-7", text="Write to ada@example.org.", citations_kept=["zendesk-1"])
    first = take(store, Redactor(), draft, sent, AT)
    assert take(store, Redactor(), draft, sent) == first
    [given] = store.given()
    assert (given.id, given.draft, given.at) == (first.id, draft, AT)
    assert isinstance(given.feedback, Edited)
    assert given.feedback.text == "Write to <EMAIL>."


@pytest.mark.parametrize(
    ("kept", "says"), [(["zendesk-9"], "is none of the draft's citations"), (["zendesk-1"] * 2, "is judged twice")]
)
def test_a_citation_must_be_the_drafts_own(settings: Settings, draft: ServedDraft, kept: list[str], says: str) -> None:
    """A ticket that the draft does not cite, or twice the same, is refused, and nothing is stored."""
    store = Store(settings.feedback)
    with pytest.raises(ConfigError, match=says):
        take(store, Redactor(), draft, Accepted(verdict="accepted", agent_id="a", citations_kept=kept))
    assert store.given() == []


def test_feedback_is_given_by_hand(settings: Settings, draft: ServedDraft, tmp_path: Path) -> None:
    """Without a file it accepts, with one it edits, with a reason it rejects."""
    file = tmp_path / "reply.txt"
    file.write_text("Press [Retry]. [zendesk-1]\n", encoding="utf-8")
    for judged in (Judged("agent-1"), Judged("agent-1", file), Judged("agent-1", rejected="another product")):
        give(settings, draft.id, judged)
    found = Store(settings.feedback).given()
    assert [one.feedback.verdict for one in found] == ["accepted", "edited", "rejected"]
    assert found[2].feedback.citations_dropped == draft.citations


def test_what_cannot_be_feedback_is_named(settings: Settings, draft: ServedDraft, tmp_path: Path) -> None:
    """An unknown draft names the closest, an empty or missing file itself."""
    empty = tmp_path / "empty.txt"
    empty.write_text(" \n", encoding="utf-8")
    with pytest.raises(ConfigError, match="no draft") as wrong:
        give(settings, "a" * 15 + "b", Judged("agent-1"))
    assert draft.id in wrong.value.next_step
    with pytest.raises(ConfigError, match=r"empty\.txt is empty"):
        give(settings, draft.id, Judged("agent-1", empty))
    with pytest.raises(ConfigError, match="cannot be read"):
        give(settings, draft.id, Judged("agent-1", tmp_path / "none.txt"))


def test_feedback_is_dated_by_the_company_s_clock(settings: Settings, draft: ServedDraft) -> None:
    """Given today, it counts on the day at which all other numbers of the sample company stand."""
    settings.landing.mkdir(parents=True)
    (settings.landing / "manifest.json").write_text('{"clock": "2026-07-01T06:00:00+00:00"}', encoding="utf-8")
    give(settings, draft.id, Judged("agent-7"))
    (given,) = Store(settings.feedback).given()
    assert given.at == datetime(2026, 7, 1, 6, tzinfo=UTC)

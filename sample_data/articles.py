"""The help centre's articles as Zendesk's Help Center API returns them: what is new in each release, and two guides.

The release notes say in public what the catalogue knows by `since` and `until`: which answers a release made wrong,
for which plans, and what is right now. Shape: Zendesk's API reference, "Articles".
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from html import escape
from typing import Any

from sample_data.catalogue import Catalogue
from sample_data.company import Company
from sample_data.people import People
from sample_data.zendesk import API, iso, user_id

Record = dict[str, Any]

RELEASE_NOTES = "release-notes"  # the label of the articles about releases
PUBLISHED_AT = time(7, tzinfo=UTC)
HELP_CENTER = API.removesuffix("/api/v2") + "/hc"
FIRST_NOTE, FIRST_GUIDE = 368000000001, 368000000901
NOTES_SECTION, GUIDES_SECTION = 364000000001, 364000000002


@dataclass(frozen=True)
class Change:
    """What a release changed for some tiers: the answer that was right until then, and the one that is now."""

    title: str
    category: str
    tiers: tuple[str, ...]
    until_now: str
    now: str


@dataclass(frozen=True)
class Guide:
    """An article that belongs to no release."""

    title: str
    label: str
    body: str


GUIDES = (
    Guide(
        "What to put into a message to support",
        "getting-started",
        "<p>One message for each matter is easiest to answer. Please write:</p><ul>"
        "<li>what you wanted to do, and on which page</li>"
        "<li>the code of the error, if one was shown</li>"
        "<li>whether a colleague sees the same</li></ul>"
        "<p>Never send passwords, card numbers or API keys. Nobody at Quillstone will ask for them.</p>",
    ),
    Guide(
        "Quillstone in ten words",
        "glossary",
        "<p>A <b>workspace</b> holds <b>clients</b>, their <b>projects</b> and <b>tasks</b>. The <b>time entries</b> "
        "of a week make a <b>timesheet</b>. What a manager approved goes on a <b>client invoice</b>, and "
        "<b>reports</b> read all of it. What you pay to Quillstone is the <b>subscription</b>, and each person in it "
        "takes a <b>seat</b>.</p>",
    ),
)


def article_records(company: Company, catalogue: Catalogue, people: People, now: datetime) -> Iterator[Record]:
    """The articles published before `now`: one for each release, on its date, and the guides of the first day."""
    author = user_id(next(agent for agent in people.agents if agent.left_on is None))
    for position, (release, on) in enumerate(company.releases.items()):
        told = {"title": f"What is new in {release}", "body": release_note(release, on, catalogue)}
        place = {"section_id": NOTES_SECTION, "position": position, "label_names": [RELEASE_NOTES]}
        if published(on) < now:
            yield article(FIRST_NOTE + position, {**told, **place}, author, published(on))
    for position, guide in enumerate(GUIDES):
        told = {"title": guide.title, "body": guide.body}
        place = {"section_id": GUIDES_SECTION, "position": position, "label_names": [guide.label]}
        yield article(FIRST_GUIDE + position, {**told, **place}, author, published(company.first_day))


def published(on: date) -> datetime:
    return datetime.combine(on, PUBLISHED_AT)


def release_note(release: str, on: date, catalogue: Catalogue) -> str:
    """The body of the article about one release, as HTML: a heading and three paragraphs for each change."""
    changes = list(changes_of(release, catalogue))
    begins = f"Quillstone {release} is available from {on.day} {on:%B %Y}, on the web, on computers and on phones."
    if not changes:
        return paragraph(f"{begins} It brings fixes only: everything works as you know it.")
    about = "The ways described below have changed. Earlier replies of our support may still name the old ones."
    return paragraph(f"{begins} {about}") + "".join(
        f"<h3>{as_html(change.title)}</h3>"
        + paragraph(f"Until now: {change.until_now}")
        + paragraph(f"Now: {change.now}")
        + paragraph(f"For: {', '.join(change.tiers)} ({change.category})")
        for change in changes
    )


def changes_of(release: str, catalogue: Catalogue) -> Iterator[Change]:
    """What a release changed, in the catalogue's order: each answer that ended with each that took its place."""
    for category, problem in catalogue.problems():
        ended = [resolution for resolution in problem.resolutions if resolution.until == release]
        begun = [resolution for resolution in problem.resolutions if resolution.since == release]
        for old in ended:
            for new in begun:
                tiers = tuple(tier for tier in problem.tiers if tier in old.tiers and tier in new.tiers)
                if tiers:
                    yield Change(problem.title, category.name, tiers, old.wordings[0], new.wordings[0])


def paragraph(text: str) -> str:
    return f"<p>{as_html(text)}</p>"


def as_html(text: str) -> str:
    return escape(text, quote=False).replace("\n", "<br>")


def article(article_id: int, told: Record, author: int, at: datetime) -> Record:
    """One article with all the fields that the API gives it; `told` are those that differ."""
    slug = told["title"].replace(" ", "-").replace(".", "-")
    return {
        "id": article_id,
        "url": f"{API}/help_center/en-us/articles/{article_id}.json",
        "html_url": f"{HELP_CENTER}/en-us/articles/{article_id}-{slug}",
        "name": told["title"],
        "author_id": author,
        "locale": "en-us",
        "source_locale": "en-us",
        "comments_disabled": True,
        "content_tag_ids": [],
        "draft": False,
        "outdated": False,
        "outdated_locales": [],
        "promoted": False,
        "permission_group_id": 362000000001,
        "user_segment_id": None,
        "user_segment_ids": [],
        "vote_sum": 0,
        "vote_count": 0,
        **told,
        "created_at": iso(at),
        "updated_at": iso(at),
        "edited_at": iso(at),
    }

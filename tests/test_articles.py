"""The help centre: its release notes say what the catalogue knows, and every article is landed."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest
from conftest import land_exports

from lab.forgotten import mark_of
from lab.landing import zendesk
from lab.landing.api import Api
from lab.landing.origin import Account
from lab.settings import Settings
from sample_data.articles import GUIDES, RELEASE_NOTES, article_records, published
from sample_data.calendar import company_clock
from sample_data.catalogue import read_catalogue, read_unanswered
from sample_data.company import Company, read_company
from sample_data.held_out import words
from sample_data.people import make_people
from sample_data.serve import Served, served

Record = dict[str, Any]
COMPANY = read_company()
AT = 1_780_000_000


class Blocks(HTMLParser):
    """The text of each block of an article with its tag, in order."""

    def __init__(self, body: str) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []
        self.feed(body)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("p", "h3", "li"):
            self.found.append((tag, ""))

    def handle_data(self, data: str) -> None:
        tag, text = self.found[-1]
        self.found[-1] = tag, text + data


def articles_of(company: Company, days: int = 0) -> list[Record]:
    people = make_people(company, 7, 240)
    return list(article_records(company, read_catalogue(), people, company_clock(company, days)))


def notes_of(company: Company, days: int = 0) -> dict[str, Record]:
    """The release notes by release."""
    notes = [record for record in articles_of(company, days) if record["label_names"] == [RELEASE_NOTES]]
    return {record["title"].removeprefix("What is new in "): record for record in notes}


def changes_told(body: str) -> Iterator[tuple[str, str, str, str, str]]:
    """Of each heading: itself, what was right, what is right now, one tier that it is for, the category's name."""
    blocks = Blocks(body).found[1:]
    for heading, before, now, concerned in zip(*[iter(blocks)] * 4, strict=True):
        assert [tag for tag, _ in (heading, before, now, concerned)] == ["h3", "p", "p", "p"]
        tiers, _, category = concerned[1].removeprefix("For: ").removesuffix(")").partition(" (")
        for tier in tiers.split(", "):
            yield heading[1], before[1].removeprefix("Until now: "), now[1].removeprefix("Now: "), tier, category


def test_each_release_has_an_article_on_its_day() -> None:
    """All releases until the clock have one, in public since the release's date, by an agent who is still there."""
    notes = notes_of(COMPANY)
    assert list(notes) == list(COMPANY.releases)
    agents = {390000000000 + agent.number for agent in make_people(COMPANY, 7, 240).agents if not agent.left_on}
    for release, day in COMPANY.releases.items():
        assert notes[release]["created_at"] == notes[release]["updated_at"] == f"{day}T07:00:00Z"
        assert not notes[release]["draft"]
        assert notes[release]["author_id"] in agents
    assert len({record["id"] for record in articles_of(COMPANY)}) == len(notes) + len(GUIDES)


def test_every_answer_that_a_release_replaced_is_told_once() -> None:
    """Of each problem and plan: where the right answer is another than a release before, the note has old and new."""
    releases = tuple(COMPANY.releases)
    expected: dict[str, set[tuple[str, ...]]] = {release: set() for release in releases}
    for category, problem in read_catalogue().problems():
        for tier in problem.tiers:
            for before, release in pairwise(releases):
                old, new = (problem.resolution_for(tier, name, releases) for name in (before, release))
                if old.id != new.id:
                    told = (problem.title, old.wordings[0], new.wordings[0], tier, category.name)
                    expected[release].add(told)
    assert sum(len(changes) for changes in expected.values()) > 60
    for release, note in notes_of(COMPANY).items():
        found = list(changes_told(note["body"]))
        assert set(found) == expected[release]
        assert len(found) == len(expected[release])
        assert ("fixes only" in note["body"]) == (not found)


def test_two_answers_for_two_plans_are_two_changes() -> None:
    """Where one answer for pro and enterprise became one for each, the note says which is whose."""
    told = [told for told in changes_told(notes_of(COMPANY)["5.4"]["body"]) if told[0].startswith("CSV export ends at")]
    assert [tier for *_, tier, _ in told] == ["pro", "enterprise"]
    assert len({now for _, _, now, *_ in told}) == 2
    assert len({before for _, before, *_ in told}) == 1


def test_a_release_of_tomorrow_is_told_tomorrow() -> None:
    """An article comes with the day of its release, and no other changes by it."""
    tomorrow = COMPANY.last_day + timedelta(days=1)
    company = COMPANY.model_copy(update={"releases": {**COMPANY.releases, "5.7": tomorrow}})
    today, later = articles_of(company), articles_of(company, days=1)
    assert today == articles_of(COMPANY)
    [new] = [record for record in later if record not in today]
    assert (new["title"], new["created_at"]) == ("What is new in 5.7", f"{tomorrow}T07:00:00Z")
    assert [record for record in later if record != new] == today
    assert company_clock(company) < published(tomorrow) < company_clock(company, 1)


def test_no_article_holds_a_golden_query_or_answers_an_unanswered_one() -> None:
    """No heading, paragraph or title shares half of its words, nor eight in a row, with a query."""
    records = articles_of(COMPANY)
    said = [text for record in records for _, text in Blocks(record["body"]).found]
    said += [record["title"] for record in records]
    golden = [golden.text for _, problem in read_catalogue().problems() for golden in problem.golden]
    bags, runs = [set(words(text)) for text in said], {run for text in said for run in runs_of_eight(text)}
    for query in (*golden, *read_unanswered()):
        bag = set(words(query))
        assert not runs & runs_of_eight(query), query
        # A bare code has to stand somewhere.
        assert len(bag) < 4 or max(len(bag & other) / len(bag | other) for other in bags) <= 0.5, query


def runs_of_eight(text: str) -> set[tuple[str, ...]]:
    said = words(text)
    return {tuple(said[n : n + 8]) for n in range(len(said) - 7)}


# --- pulled ---


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A help centre whose articles the tests write."""
    folder = tmp_path_factory.mktemp("centre")
    write(folder, [])
    with served(folder) as desks:
        yield desks


def write(folder: Path, times: list[int]) -> None:
    """Articles with the ids 1, 2, 3 and so on, which changed so many seconds after AT."""
    (folder / "zendesk").mkdir(exist_ok=True)
    records = [{"id": n, "updated_at": iso(AT + at)} for n, at in enumerate(times, start=1)]
    (folder / "zendesk/articles.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records))


def iso(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def pull(desk: Served, state: Record) -> list[int]:
    """The ids of the articles that come."""
    api = Api(Account(desk.url, desk.zendesk_email, desk.zendesk_token))
    return [record["id"] for page in zendesk.articles(api, state) for record in page["articles"]]


@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_every_article_is_pulled_and_then_only_what_changed(
    desk: Served, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    """However small the pages, also when several changed in one second; the next pull goes on at the last second."""
    monkeypatch.setattr(zendesk, "ARTICLES", f"{zendesk.ARTICLES}?per_page={size}")
    write(desk.exports.folder, [0, 10, 10, 10, 20, 30, 30])
    state: Record = {}
    assert pull(desk, state) == [1, 2, 3, 4, 5, 6, 7]
    assert pull(desk, state) == [6, 7]
    write(desk.exports.folder, [0, 50, 10, 10, 20, 30, 30, 30, 40])
    assert pull(desk, state) == [6, 7, 8, 9, 2]
    assert state == {"end_time": AT + 50}


def test_an_empty_page_does_not_begin_anew(desk: Served) -> None:
    """It says that it ends at the beginning of time; how far the pull got stays."""
    write(desk.exports.folder, [0, 10])
    state: Record = {"end_time": AT + 60}
    assert pull(desk, state) == []
    assert state == {"end_time": AT + 60}


def test_articles_are_landed_whole(landed: Settings) -> None:
    """Title, body and labels as the help centre has them, everything else in `_more`."""
    rows = {row["id"]: row for row in pq.read_table(landed.landing / "zendesk" / "articles").to_pylist()}
    records = articles_of(COMPANY)
    assert set(rows) == {record["id"] for record in records}
    for record in records:
        row = rows[record["id"]]
        more = json.loads(row.pop("_more"))
        assert (row.pop("_source"), json.loads(row.pop("label_names"))) == ("zendesk", record["label_names"])
        row.pop("_loaded_at")
        assert {**row, **more, "label_names": record["label_names"]} == record


def test_own_exports_may_have_articles_or_not(tmp_path: Path) -> None:
    """The table is there either way; an article that cannot be read is rejected with its line."""
    (tmp_path / "exports" / "zendesk").mkdir(parents=True)
    (tmp_path / "exports" / "zendesk" / "tickets.jsonl").write_text("")
    home = land_exports(tmp_path / "exports", tmp_path / "out")
    without = pq.read_table(home.landing / "zendesk" / "articles")
    assert without.num_rows == 0
    article = {"id": 5, "title": "Hello", "label_names": None, "draft": True}
    lines = [json.dumps(article), json.dumps({**article, "id": 6, "draft": "no"})]
    (tmp_path / "exports" / "zendesk" / "articles.jsonl").write_text("\n".join(lines))
    home = land_exports(tmp_path / "exports", tmp_path / "out")
    table = pq.read_table(home.landing / "zendesk" / "articles")
    assert table.schema == without.schema
    assert [(row["id"], row["title"], row["draft"]) for row in table.to_pylist()] == [(5, "Hello", True)]
    [reject] = pq.read_table(home.landing / "lab" / "rejects").to_pylist()
    assert (reject["table"], reject["line"], reject["reason"]) == ("articles", 2, "draft is neither true nor false")


def test_the_address_of_a_forgotten_person_is_in_no_article(tmp_path: Path) -> None:
    """Whoever is forgotten is taken out of the help centre's words too, wherever they stand."""
    folder = tmp_path / "exports" / "zendesk"
    folder.mkdir(parents=True)
    (folder / "users.jsonl").write_text(json.dumps({"id": 31, "email": "ada@firm.example"}))
    article = {"id": 5, "title": "Thanks to Ada@firm.example", "body": "<p>Ask ada@firm.example</p>", "name": "by ada"}
    (folder / "articles.jsonl").write_text(json.dumps({**article, "note": "ADA@firm.example"}))
    home = tmp_path / "out"
    home.mkdir()
    (home / "forgotten.json").write_text(json.dumps([mark_of("ada@firm.example")]))
    [row] = pq.read_table(land_exports(folder.parent, home).landing / "zendesk" / "articles").to_pylist()
    assert (row["title"], row["body"]) == ("Thanks to [forgotten]", "<p>Ask [forgotten]</p>")
    assert json.loads(row["_more"]) == {"name": "by ada", "note": "[forgotten]"}


def test_the_warehouse_knows_the_days_of_the_releases(warehouse: Settings) -> None:
    """The label tells release notes from guides; their days are those of the releases."""
    with duckdb.connect(str(warehouse.warehouse), read_only=True) as connection:
        found = connection.sql(
            "select title, created_at::date from staging.stg_zendesk__articles where is_release_note order by title"
        ).fetchall()
        others = connection.sql("select count(*) from staging.stg_zendesk__articles where not is_release_note")
        assert others.fetchall() == [(len(GUIDES),)]
    assert found == [(f"What is new in {release}", day) for release, day in COMPANY.releases.items()]

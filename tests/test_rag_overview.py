"""The report page of the index: its numbers are rag.json's, its pictures are there, nobody's words get there."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from lab.report import read_report
from lab.settings import Settings
from rag_track.charts import OTHER, PRODUCTS
from rag_track.chunk import Chunk, chunk
from rag_track.documents import Document
from rag_track.knowledge import REASONS
from rag_track.overview import WHY, write_overview
from rag_track.redact import people_in
from rag_track.retrieve import Retriever


def test_every_reason_is_explained() -> None:
    """The table of what was left out knows each reason that there is, and no other."""
    assert set(WHY) == set(REASONS)


@pytest.fixture(scope="module")
def retriever(indexed: Settings) -> Retriever:
    return Retriever(indexed)


@pytest.fixture(scope="module")
def knowledge(cleaned: list[Document]) -> list[Document]:
    return [document for document in cleaned if document.why_not is None]


@pytest.fixture(scope="module")
def chunks(indexed: Settings, knowledge: list[Document], retriever: Retriever) -> list[Chunk]:
    counter = retriever.embeddings.token_counter
    assert counter is not None
    return list(chunk(knowledge, indexed.chunk_size, indexed.chunk_overlap, indexed.chunker, counter.count))


@pytest.fixture(scope="module")
def page(indexed: Settings, chunks: list[Chunk], knowledge: list[Document], retriever: Retriever) -> str:
    """The page of the small river."""
    report = read_report(indexed.reports / "rag.json", make="rag")
    write_overview(indexed, report, chunks, knowledge, retriever)
    return (indexed.reports / "rag.html").read_text(encoding="utf-8")


@pytest.mark.slow
def test_the_page_says_what_the_report_says(indexed: Settings, page: str) -> None:
    """The counts of rag.json stand in the cards, the tables and the sentence about lengths."""
    report = read_report(indexed.reports / "rag.json", make="rag")
    for name in ("documents", "chunks", "added", "reused", "removed", "outdated"):
        assert f"{name.capitalize()}<b>{report[name]:,}</b>" in page
    for count in (*report["left_out"].values(), *report["boilerplate"].values()):
        assert f'<td class="number">{count:,}</td>' in page
    for kind, counts in report["redaction"].items():
        cells = "".join(rf'\s*<td class="number[ bad]*">{counts[of]:,}</td>' for of in ("planted", "found", "missed"))
        assert re.search(rf'<td>{kind}</td><td class="number">[\d,]+</td>{cells}', page)
    assert f"{report['chunks_cut']:,} of {report['chunks']:,} cross the line" in page


@pytest.mark.slow
def test_the_static_page_needs_nothing(
    indexed: Settings, chunks: list[Chunk], knowledge: list[Document], retriever: Retriever, page: str
) -> None:
    """Three drawings, no script, nothing to load; written twice it is the same file."""
    assert (page.count("<svg"), page.count("Not drawn")) == (3, 0)
    assert "<script" not in page
    assert not re.search(r"(src|href)=[\"'](?!data:|#)|url\((?!#)|@import", page)
    report = read_report(indexed.reports / "rag.json", make="rag")
    write_overview(indexed, report, chunks, knowledge, retriever)
    assert (indexed.reports / "rag.html").read_text(encoding="utf-8") == page


@pytest.mark.slow
def test_nobodys_words_are_on_the_page(
    indexed: Settings, chunks: list[Chunk], knowledge: list[Document], page: str
) -> None:
    """No planted personal data, no person, no subject, no line of a chunk and no key of a ticket."""
    truth = (indexed.source / "truth" / "personal_data.jsonl").read_text(encoding="utf-8").splitlines()
    told = {json.loads(line)["value"] for line in truth} | people_in(indexed.landing)
    told |= {line for piece in chunks for line in piece.text.splitlines() if len(line) > 30}
    told |= {document.subject for document in knowledge if document.subject} | {piece.ticket_key for piece in chunks}
    assert len(told) > 1_000
    assert [text for text in told if text in page] == []


@pytest.mark.slow
def test_of_ones_own_tickets_only_what_is_known_is_told(
    indexed: Settings, tmp_path: Path, chunks: list[Chunk], knowledge: list[Document], retriever: Retriever
) -> None:
    """Without truth and golden set: what was replaced by kind, no recall, a sentence instead of the third picture."""
    report = read_report(indexed.reports / "rag.json", make="rag") | {"redaction": {}, "left_out": {}}
    settings = indexed.model_copy(update={"home": tmp_path, "exports": tmp_path / "exports"})
    write_overview(settings, report, chunks, knowledge, retriever)
    page = (tmp_path / "reports" / "rag.html").read_text(encoding="utf-8")
    emails = sum(document.redactions["EMAIL"] for document in knowledge)
    assert re.search(rf'<td>EMAIL</td><td class="number">{emails:,}</td></tr>', page)
    assert "Recall" not in page
    assert page.count("<svg") == 2
    assert "without a golden set" in page


@pytest.mark.slow
def test_an_empty_index_has_a_page(indexed: Settings, tmp_path: Path, retriever: Retriever) -> None:
    """Where no conversation is knowledge, three sentences stand instead of pictures."""
    settings = indexed.model_copy(update={"home": tmp_path, "exports": tmp_path / "exports"})
    freshness = {"newest_record_at": None, "newest_indexed_at": None, "lag_minutes": None}
    nothing = {"documents": 0, "chunks": 0, "added": 0, "redaction": {}, "boilerplate": {}, "freshness": freshness}
    report = read_report(indexed.reports / "rag.json", make="rag") | nothing
    write_overview(settings, report, [], [], retriever)
    page = (tmp_path / "reports" / "rag.html").read_text(encoding="utf-8")
    assert "Nothing is indexed yet." in page
    assert (page.count("Not drawn"), page.count("<svg")) == (3, 0)


@pytest.mark.slow
def test_a_large_index_is_drawn_in_part_and_says_so(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    indexed: Settings,
    chunks: list[Chunk],
    knowledge: list[Document],
    retriever: Retriever,
) -> None:
    """Beyond the most points the sentence names the sample, and products beyond the colours become one."""
    monkeypatch.setattr("rag_track.figures.POINTS", 50)
    many = [replace(piece, product_category=f"product {n % 9}") for n, piece in enumerate(chunks)]
    report = read_report(indexed.reports / "rag.json", make="rag")
    write_overview(indexed.model_copy(update={"home": tmp_path}), report, many, knowledge, retriever)
    page = (tmp_path / "reports" / "rag.html").read_text(encoding="utf-8")
    assert f"(50 of {len(chunks):,}, at equal distances by id)" in page
    drawn = {colour: len(re.findall(rf'fill="{colour}" [^>]*opacity="0.8"', page)) for colour in (*PRODUCTS, OTHER)}
    assert sum(drawn.values()) == 50
    assert all(drawn.values())

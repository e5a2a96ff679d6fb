"""One small river, built once for all tests that need one: 240 tickets, both tracks."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from lab.quiet import be_quiet
from lab.settings import Settings, read_settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapi.testclient import TestClient
    from model_servers import ModelServer

    from bridge.agent.agent import Agent
    from rag_track.documents import Document
    from rag_track.service.desk import Desk

be_quiet()

ROOT = Path(__file__).parent.parent


@pytest.fixture(autouse=True)
def _own_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """A developer's own LAB_ settings do not reach the tests."""
    import os

    for name in os.environ:
        if name.startswith("LAB_"):
            monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def source(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings of a small company whose help desks are filled."""
    from sample_data.generate import generate

    settings = read_settings(home=tmp_path_factory.mktemp("river") / "out", tickets=240)
    generate(settings)
    return settings


@pytest.fixture(scope="session")
def landed(source: Settings) -> Settings:
    """The same, landed as Parquet, with what agents made of some drafts."""
    from draft_verdicts import give_verdicts

    from sample_data.extract import extract

    give_verdicts(source)
    extract(source)
    return source


@pytest.fixture(scope="session")
def cleaned(landed: Settings) -> "list[Document]":
    """Its conversations as documents, knowledge or not."""
    from rag_track.documents import conversations, documents
    from rag_track.redact import Redactor, people_in

    return documents(conversations(landed.landing), Redactor(people_in(landed.landing)))


def land_exports(folder: Path, home: Path) -> Settings:
    """Settings of a lab at `home` that has landed somebody's own exports."""
    from lab.landing.land import land
    from lab.landing.origin import own_origin

    settings = read_settings(home=home, exports=folder)
    land(settings, own_origin(settings))
    return settings


@pytest.fixture(scope="session")
def warehouse(landed: Settings) -> Settings:
    """The same, with a tested warehouse."""
    from etl_track.build import build

    build(landed)
    return landed


@pytest.fixture(scope="session")
def indexed(landed: Settings) -> Settings:
    """The same, with an index of past solutions."""
    from rag_track.build import build

    build(landed)
    return landed


@pytest.fixture(scope="session")
def agent(warehouse: Settings, indexed: Settings) -> "Iterator[Agent]":
    """The agent over both tracks of the small company, on its offline router."""
    from bridge.agent.agent import open_agent

    with open_agent(indexed) as opened:
        yield opened


@pytest.fixture(scope="module")
def thin(indexed: Settings, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A copy of it with every eighth golden query: what is to be seen of an evaluation, is seen of sixty."""
    import shutil

    home = tmp_path_factory.mktemp("thin") / "out"
    for folder in ("source", "landing", "index"):
        shutil.copytree(indexed.home / folder, home / folder)
    file = home / "source" / "golden" / "queries.jsonl"
    queries = file.read_text(encoding="utf-8").splitlines(keepends=True)
    file.write_text("".join(queries[::8]), encoding="utf-8")
    return indexed.model_copy(update={"home": home})


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> "Iterator[ModelServer]":
    """A local server that speaks the protocols of the models' providers, and a key for each of them."""
    from model_servers import serving, set_keys

    set_keys(monkeypatch)
    with serving() as running:
        yield running


@pytest.fixture(scope="module")
def desk(indexed: Settings, tmp_path_factory: pytest.TempPathFactory) -> "Iterator[Desk]":
    """An open drafting desk over a lab with an index, with room for everybody."""
    from service_labs import lab_at

    from rag_track.service.desk import Desk, Limits

    with Desk(
        lab_at(tmp_path_factory.mktemp("serve") / "out", indexed), Limits(burst=10_000, per_second=10_000)
    ) as opened:
        yield opened


@pytest.fixture(scope="module")
def narrow(indexed: Settings, tmp_path_factory: pytest.TempPathFactory) -> "Iterator[Desk]":
    """A desk with one thread, one place to wait, and little time."""
    from service_labs import lab_at

    from rag_track.service.desk import Desk, Limits

    lab = lab_at(tmp_path_factory.mktemp("narrow") / "out", indexed)
    with Desk(lab, Limits(threads=1, waiting=1, seconds=1.0, burst=3, per_second=0.1)) as opened:
        yield opened


@pytest.fixture
def client(desk: "Desk") -> "TestClient":
    """A client of the service over that desk."""
    from service_labs import client_of

    return client_of(desk)

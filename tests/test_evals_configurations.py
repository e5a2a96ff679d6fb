"""An experiment is read whole before anything runs: rungs build on each other, a grid has every combination."""

from itertools import pairwise
from pathlib import Path

import pytest

from evals.configurations import LADDER, read_experiment
from evals.dataset import Query
from lab.errors import ConfigError
from lab.settings import Settings, read_settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return read_settings(home=tmp_path)


def written(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "experiment.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_the_ladder_ends_at_the_labs_own_settings(settings: Settings) -> None:
    """Each rung changes one thing, and the last one is what the lab runs, but for the filter on the way."""
    found = read_experiment(LADDER, settings)
    assert found.is_ladder
    assert found.split == "dev"
    rungs = found.configurations
    for below, above in pairwise(rungs):
        changed = [name for name, value in above.settings if value != getattr(below.settings, name)]
        assert len(changed) + (above.filters != below.filters) == 1, above.name
    assert rungs[-1].settings == settings


def test_a_rung_keeps_what_the_one_below_changed(tmp_path: Path, settings: Settings) -> None:
    """Settings and filters go on until a rung changes them."""
    file = written(
        tmp_path,
        '[[rung]]\nname = "a"\nsettings = {retriever = "dense"}\nfilters = ["customer_tier"]\n'
        '[[rung]]\nname = "b"\nsettings = {top_k = 3}\n',
    )
    rung = read_experiment(file, settings).configurations[1]
    assert (rung.name, rung.settings.retriever, rung.settings.top_k, rung.filters) == (
        "b",
        "dense",
        3,
        ("customer_tier",),
    )
    query = Query("q", "why?", customer_tier="pro", product_category="exports")
    assert str(rung.of(query)) == "customer_tier = pro"


def test_a_grid_has_every_combination(tmp_path: Path, settings: Settings) -> None:
    """Two retrievers, two sizes, with and without a filter: eight configurations with names that tell them apart."""
    file = written(
        tmp_path,
        '[grid]\nretriever = ["dense", "bm25"]\nchunk_size = [400, 800]\nfilters = [[], ["product_category"]]\n',
    )
    found = read_experiment(file, settings).configurations
    assert len({(c.settings.retriever, c.settings.chunk_size, c.filters) for c in found}) == 8
    assert len({c.name for c in found}) == 8


@pytest.mark.parametrize(
    ("text", "says", "use"),
    [
        ("[[rung", "is not TOML", "mend"),
        ("split = 'dev'", "either", "mend"),
        ("[[rung]]\n[grid]\ntop_k = [1]", "either", "mend"),
        ("[[rung]]\nsettings = {chunk_sise = 3}", "no setting 'chunk_sise'", "use chunk_size"),
        ("[[rung]]\nfilters = ['tier']", "no filter 'tier'", "use product_category, customer_tier"),
        ("[[rung]]\nsettings = {top_k = 0}", "top_k", "mend"),
    ],
)
def test_a_wrong_file_is_named(tmp_path: Path, settings: Settings, text: str, says: str, use: str) -> None:
    """What is wrong is said with the file, and what to write instead."""
    with pytest.raises(ConfigError, match=r"experiment\.toml") as error:
        read_experiment(written(tmp_path, text), settings)
    assert says in error.value.message
    assert use in error.value.next_step


def test_a_file_that_is_not_there(tmp_path: Path, settings: Settings) -> None:
    """The error says which, and what to type for the ladder."""
    with pytest.raises(ConfigError, match="There is no"):
        read_experiment(tmp_path / "none.toml", settings)


def test_the_grid_in_the_repository_can_be_run(settings: Settings) -> None:
    """Every combination of its values, each with settings that there are."""
    found = read_experiment(LADDER.with_name("grid.toml"), settings)
    assert len({one.name for one in found.configurations}) == 16
    assert not found.is_ladder

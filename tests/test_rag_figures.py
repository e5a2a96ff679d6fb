"""The pictures of the report page: their numbers are true, and what cannot be drawn says why."""

import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lab.errors import ConfigError
from lab.settings import Settings
from rag_track.charts import RIGHT, space_chart
from rag_track.figures import (
    DEPTH,
    Judged,
    judged_hits,
    length_bins,
    length_figure,
    project,
    similarity_bins,
    similarity_figure,
    spaced,
)
from rag_track.retrieve import Retriever

ASKED = "The CSV export stops at 10,000 rows, how do we get the rest?"


@given(st.lists(st.integers(), max_size=60), st.integers(1, 70))
def test_a_sample_is_even(items: list[int], most: int) -> None:
    """At most so many, in order, from the first on, and no gap is wider than another by more than one."""
    places = list(spaced(range(len(items)), most))
    assert len(places) == min(len(items), most)
    gaps = {after - before for before, after in pairwise(places)}
    assert min(gaps, default=1) >= 1
    assert max(gaps, default=1) - min(gaps, default=1) <= 1
    assert places[:1] == list(range(len(items)))[:1]


@given(st.integers(0, 2**32 - 1), st.integers(3, 40))
def test_a_flat_cloud_is_drawn_as_it_is(seed: int, count: int) -> None:
    """Points of a plane in 20 dimensions keep their distances, and all of the variance; their order does not matter."""
    random = np.random.default_rng(seed)
    plane, _ = np.linalg.qr(random.normal(size=(20, 2)))
    flat = random.normal(size=(count, 2)) * (3, 1)
    vectors = flat @ plane.T + random.normal(size=20)
    points, kept = project(vectors)
    assert kept == pytest.approx(1)
    apart = np.linalg.norm(points[:, None] - points[None], axis=2)
    assert np.allclose(apart, np.linalg.norm(flat[:, None] - flat[None], axis=2), atol=1e-8)
    assert points[:, 0].var() >= points[:, 1].var()
    mixed = random.permutation(count)
    assert np.allclose(project(vectors[mixed])[0], points[mixed], atol=1e-6)


def test_equal_vectors_are_one_point() -> None:
    """Where nothing differs there is no variance to keep, and the chart can still be drawn."""
    points, kept = project(np.ones((5, 384), dtype=np.float32))
    assert kept == 0
    assert np.allclose(points, 0)
    assert space_chart(points, ["exports"] * 5).to_dict()


@example([256, 257])
@given(st.lists(st.integers(2, 5_000), min_size=1, max_size=200))
def test_columns_of_lengths_hold_every_chunk(tokens: list[int]) -> None:
    """Each length lies in one column, and what lies behind a limit is what the model does not read whole."""
    bins = length_bins(tokens)
    assert sum(one.value for one in bins) == len(tokens)
    assert len(bins) <= 61
    assert len({one.high - one.low for one in bins}) == 1
    assert sum(one.value for one in bins if one.low >= 256) == sum(number > 256 for number in tokens)


def test_the_sentence_counts_what_is_not_read() -> None:
    """A chunk as long as the limit is read whole, one token more is not."""
    figure = length_figure([10, 20, 256, 257, 1_300], 256)
    assert "2 of 5 cross the line at 256" in figure.sentence
    assert "have 256 tokens or fewer" in figure.sentence
    assert figure.svg.count("<svg") == 1
    assert "the model's limit, 256" in figure.svg


@pytest.mark.parametrize(("tokens", "limit"), [([], 256), ([], None), ([100], None)])
def test_lengths_that_nobody_counted_are_not_drawn(tokens: list[int], limit: int | None) -> None:
    """A model behind an API, or no chunks: a sentence instead of a picture."""
    figure = length_figure(tokens, limit)
    assert not figure.svg
    assert figure.sentence.startswith("Not drawn")


@given(st.lists(st.floats(-1.001, 1.001), min_size=1, max_size=100))
def test_columns_of_similarities_are_shares(similarities: list[float]) -> None:
    """Shares add up to one, also where rounding left a cosine a little above 1."""
    bins = similarity_bins(similarities)
    assert sum(one.value for one in bins) == pytest.approx(1)
    assert all(one.high - one.low == pytest.approx(0.02) for one in bins)
    assert -1 <= bins[0].low <= max(min(similarities), -1)
    assert max(min(max(similarities), 1), -1) <= bins[-1].high <= 1


def test_the_sentence_tells_what_the_line_parts() -> None:
    """Right and wrong hits below the line, each as a share of their kind."""
    right, wrong = (
        [Judged(similarity, kind) for similarity in of]
        for kind, of in ((True, (0.3, 0.5, 0.6, 0.7)), (False, (0.1, 0.3, 0.38, 0.5)))
    )
    figure = similarity_figure(right + wrong, 0.38)
    assert "Of 4 right and 4 wrong hits of the golden set's dev queries, 25.0% and 50.0% lie left" in figure.sentence
    assert "LAB_DECLINE_BELOW, 0.38" in figure.svg
    assert RIGHT.lower() in figure.svg.lower()
    assert not similarity_figure(right, 0.38).svg


@pytest.fixture(scope="module")
def retriever(indexed: Settings) -> Retriever:
    return Retriever(indexed)


def golden_set(folder: Path, queries: list[dict[str, str]], qrels: list[str]) -> Path:
    folder.mkdir(parents=True)
    (folder / "queries.jsonl").write_text("".join(json.dumps(query) + "\n" for query in queries))
    (folder / "qrels.tsv").write_text("query-id\tcorpus-id\tscore\n" + "".join(f"{line}\n" for line in qrels))
    return folder


@pytest.mark.slow
def test_hits_are_judged_by_the_golden_set(tmp_path: Path, retriever: Retriever) -> None:
    """Only dev queries are asked, and a hit is right when its grade for that query is above 0."""
    hits = retriever.retrieve(ASKED, DEPTH)
    queries = [{"_id": f"q-{split}", "text": ASKED, "split": split} for split in ("dev", "test")]
    grades = {"q-dev": (0, 1, 2), "q-test": (2, 2, 0)}
    qrels = [f"{query}\t{hits[n].ticket_key}\t{grade}" for query, of in grades.items() for n, grade in enumerate(of)]
    judged = judged_hits(golden_set(tmp_path / "golden", queries, qrels), retriever)
    assert [one.is_right for one in judged] == [n in (1, 2) for n in range(DEPTH)]
    assert [one.similarity for one in judged] == [hit.similarity for hit in hits]


@pytest.mark.slow
def test_a_golden_set_that_cannot_be_read_is_named(tmp_path: Path, retriever: Retriever) -> None:
    """A query without a text, and a grade that is no number: the error names the folder."""
    with pytest.raises(ConfigError, match=r"one.*cannot be read.*text"):
        judged_hits(golden_set(tmp_path / "one", [{"_id": "q1", "split": "dev"}], []), retriever)
    queries = [{"_id": "q1", "text": "x", "split": "dev"}]
    with pytest.raises(ConfigError, match=r"two.*cannot be read.*high"):
        judged_hits(golden_set(tmp_path / "two", queries, ["q1\tzendesk-1\thigh"]), retriever)

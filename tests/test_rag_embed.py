"""Embeddings: a model from its package or a folder, vectors of length 1, nothing embedded twice."""

import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from langchain_core.embeddings import Embeddings
from model_servers import KEY, serving, set_keys

import rag_track.local_model as local_model
from lab.errors import ModelError
from lab.settings import read_settings
from rag_track.bench import bench_embedding
from rag_track.embed import SLICE, CachedEmbeddings, embeddings, hash_of
from rag_track.local_model import BATCH, LocalModel, MiniLM, minilm_folder, processor


class Counting(Embeddings):
    """Embeds a text as its length, and counts the texts that reach it."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        self.seen += texts
        return [[float(len(text)), 1.0] for text in texts]

    def embed_query(self, text: str) -> list[float]:
        return self.embed_documents([text])[0]


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_the_model_knows_what_is_near(precision: str) -> None:
    """Two ways to say one thing are nearer than two things; vectors have length 1, in the order of the texts."""
    texts = ["The export stops early", "My download is cut off after some rows", "The weather is fine today"]
    vectors = np.array(MiniLM(precision).embed_documents(texts))
    assert vectors.shape == (3, 384)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2] + 0.1
    alone = np.array(MiniLM(precision).embed_query(texts[1]))
    assert alone @ vectors[1] > 0.99


def test_other_weights_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Weights with another digest than the published one are an error that says what to do."""
    monkeypatch.setattr(MiniLM, "digest", "0" * 64)
    with pytest.raises(ModelError, match="not the published") as error:
        MiniLM("fp32").embed_query("x")
    assert "make setup" in error.value.next_step


def test_nothing_is_embedded_twice(tmp_path: Path) -> None:
    """A text that was seen in this or an earlier run does not reach the model; the vectors are the same."""
    inner = Counting()
    first = CachedEmbeddings(inner, "m", tmp_path / "v.sqlite")
    vectors = first.embed_documents(["one", "three", "one"])
    assert vectors == [[3.0, 1.0], [5.0, 1.0], [3.0, 1.0]]
    again = CachedEmbeddings(inner, "m", tmp_path / "v.sqlite")
    assert again.embed_documents(["three", "four"]) == [[5.0, 1.0], [4.0, 1.0]]
    assert sorted(inner.seen) == ["four", "one", "three"]
    assert (again.embedded, again.reused) == (1, 1)


def test_models_do_not_share_vectors(tmp_path: Path) -> None:
    """The same text under another model's name is embedded anew."""
    inner = Counting()
    for name in ("m", "n"):
        CachedEmbeddings(inner, name, tmp_path / "v.sqlite").embed_query("one")
    assert inner.seen == ["one", "one"]


def test_an_unknown_provider_is_named(tmp_path: Path) -> None:
    """LAB_EMBEDDINGS with a provider that LangChain does not know is an error, not a traceback."""
    with pytest.raises(ModelError, match="LAB_EMBEDDINGS=nobody:model"):
        embeddings(read_settings(home=tmp_path, embeddings="nobody:model"))


class Interrupted(Counting):
    """Is interrupted when it has embedded two slices."""

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        if len(self.seen) >= 2 * SLICE:
            raise KeyboardInterrupt
        return super().embed_documents(texts)


def test_what_was_embedded_before_an_interruption_is_kept(tmp_path: Path) -> None:
    """The next run embeds only the rest, in the same slices as a run that was not interrupted."""
    texts = [f"{n} " * (n % 7 + 1) for n in range(4 * SLICE)]
    interrupted, rest, whole = Interrupted(), Counting(), Counting()
    with pytest.raises(KeyboardInterrupt):
        CachedEmbeddings(interrupted, "m", tmp_path / "v.sqlite").vectors(texts)
    CachedEmbeddings(rest, "m", tmp_path / "v.sqlite").vectors(texts)
    CachedEmbeddings(whole, "m", tmp_path / "w.sqlite").vectors(texts)
    assert len(interrupted.seen) == 2 * SLICE
    assert interrupted.seen + rest.seen == whole.seen


def test_batches_depend_on_nothing_but_the_texts(tmp_path: Path) -> None:
    """The order in which texts come does not change what is embedded together, so that vectors are the same."""
    texts = [f"{n} " * (n % 7 + 1) for n in range(2 * SLICE)]
    one, other = Counting(), Counting()
    CachedEmbeddings(one, "m", tmp_path / "v.sqlite").vectors(texts)
    CachedEmbeddings(other, "m", tmp_path / "w.sqlite").vectors([*reversed(texts), *texts])
    assert one.seen == other.seen
    assert SLICE % BATCH == 0
    assert MiniLM("fp32").order(["b", "a", "two words", "word " * 300, "word " * 299]) == [4, 3, 2, 1, 0]


def test_writers_wait_for_each_other(tmp_path: Path) -> None:
    """Several that embed into one new cache at the same time all succeed, and every vector is kept."""

    def fill(number: int) -> None:
        texts = [f"{number if n % 2 else 'same'}-{n}" for n in range(3 * SLICE)]
        CachedEmbeddings(Counting(), "m", tmp_path / "v.sqlite").vectors(texts)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(fill, range(8)))
    everything = [f"{number}-{n}" for number in range(8) for n in range(1, 3 * SLICE, 2)]
    again = CachedEmbeddings(Counting(), "m", tmp_path / "v.sqlite")
    assert again.vectors(everything)[:, 0].tolist() == [len(text) for text in everything]
    assert (again.embedded, again.reused) == (0, len(everything))


def test_only_what_is_wanted_stays(tmp_path: Path) -> None:
    """The vectors of all other texts are gone from the file, those of the wanted ones are still known."""
    cache = CachedEmbeddings(Counting(), "m", tmp_path / "v.sqlite")
    cache.vectors(["one", "three"])
    cache.keep_only(["three", "never seen"])
    assert cache.read({hash_of("one"), hash_of("three")}).keys() == {hash_of("three")}


def test_no_texts_no_vectors(tmp_path: Path) -> None:
    """Nothing to embed is an empty list, and the dimension of a model is known from any vector or from a new one."""
    cache = CachedEmbeddings(Counting(), "m", tmp_path / "v.sqlite")
    assert cache.embed_documents([]) == []
    assert cache.dimension == 2
    again = CachedEmbeddings(Counting(), "m", tmp_path / "v.sqlite")
    assert (again.dimension, again.embedded) == (2, 0)


def test_a_folder_is_a_model(tmp_path: Path) -> None:
    """A folder of a sentence-transformers model gives the vectors of its weights, under their digest."""
    folder = tmp_path / "our model"
    shutil.copytree(minilm_folder(), folder)
    settings = read_settings(home=tmp_path, embeddings=str(folder), precision="fp32")
    ours = embeddings(settings)
    title, digest, arithmetic = ours.name.split()
    assert (title, digest, arithmetic) == ("our-model", ours.digest, "fp32")
    assert ours.token_counter is not None
    assert np.allclose(ours.vector("The export stops"), MiniLM("fp32").embed_query("The export stops"), atol=1e-6)
    with (folder / "model.safetensors").open("ab") as weights:
        weights.write(b" ")
    assert embeddings(settings).digest != digest


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    """A path that is no folder, a folder that is no model, and a model without weights each say what is wrong."""
    with pytest.raises(ModelError, match="neither minilm"):
        embeddings(read_settings(home=tmp_path, embeddings=str(tmp_path / "nothing")))
    with pytest.raises(ModelError, match=r"no modules\.json"):
        embeddings(read_settings(home=tmp_path, embeddings=str(tmp_path)))
    (tmp_path / "modules.json").write_text("[]")
    with pytest.raises(ModelError, match="no weights"):
        embeddings(read_settings(home=tmp_path, embeddings=str(tmp_path)))


@pytest.mark.parametrize(("bf16", "chosen"), [(0.5, "bf16"), (0.95, "fp32"), (2.0, "fp32")])
def test_the_faster_arithmetic_is_chosen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bf16: float, chosen: str
) -> None:
    """On auto, bf16 is taken only where the probe found it clearly faster; where there is none it is not tried."""
    probes = tmp_path / "precision.json"
    probes.write_text(json.dumps({f"{MiniLM.digest[:12]} {processor()}": {"fp32": 1.0, "bf16": bf16}}))
    monkeypatch.setattr(local_model, "has_bf16", lambda: True)
    assert MiniLM("auto", probes).arithmetic == chosen
    monkeypatch.setattr(local_model, "has_bf16", lambda: False)
    assert MiniLM("auto", probes).arithmetic == "fp32"
    assert MiniLM("bf16", probes).arithmetic == "bf16"


def test_the_probe_runs_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both arithmetics are timed the first time; the file that keeps the times is enough from then on."""
    monkeypatch.setattr(local_model, "has_bf16", lambda: True)
    monkeypatch.setattr(local_model, "ROUNDS", 1)
    probes = tmp_path / "index" / "precision.json"
    chosen = MiniLM("auto", probes).arithmetic
    [times] = json.loads(probes.read_text()).values()
    assert chosen == ("bf16" if times["bf16"] < 0.9 * times["fp32"] else "fp32")
    assert min(times.values()) > 0
    monkeypatch.setattr(LocalModel, "probed", lambda self: pytest.fail("probed again"))
    assert MiniLM("auto", probes).arithmetic == chosen


def test_the_benchmark_compares_the_same_texts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The stage and `encode` are both timed on all texts, and the lab's own cache is left alone."""
    monkeypatch.setattr("rag_track.bench.ROUNDS", 1)
    settings = read_settings(home=tmp_path, precision="fp32")
    found = bench_embedding(settings, ["The export stops", "The invoice is wrong"])
    assert found.texts == 2
    assert found.ratio == pytest.approx(found.seconds / found.plain_seconds, rel=0.2)
    assert found.precision == "fp32"
    assert not (settings.index / "vectors.sqlite").exists()


def test_a_provider_that_does_not_answer_is_an_error_with_a_next_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where nobody answers, the error names the setting and what to do, without the key; nothing is kept."""
    set_keys(monkeypatch)
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    with serving() as server:
        url = server.url("openai")
        settings = read_settings(home=tmp_path, embeddings="openai:some", embeddings_url=url)
        assert embeddings(settings).vectors(["four"]).tolist() == [[4.0, 1.0]]
    with pytest.raises(ModelError, match="LAB_EMBEDDINGS=openai:some") as error:
        embeddings(settings).vectors(["four", "other"])
    assert KEY not in error.value.message
    assert "LAB_EMBEDDINGS_URL" in error.value.next_step
    assert embeddings(settings).vectors(["four"]).tolist() == [[4.0, 1.0]]

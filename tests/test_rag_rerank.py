"""Rerankers order the same hits by what they read, and say when they cannot."""

import dataclasses
from pathlib import Path

import pytest

from lab.errors import ConfigError, ModelError
from lab.settings import read_settings
from rag_track.embed import CachedEmbeddings, embeddings
from rag_track.hit import Hit
from rag_track.local_model import MiniLM, minilm_folder
from rag_track.rerank import CrossEncoder, MaxSim, reranker

TEXTS = {
    "export": "Customer: The CSV export stops after 10,000 rows. Agent: Use the new export, it has no limit.",
    "login": "Customer: I cannot sign in. Agent: Reset your password on the sign-in page.",
    "invoice": "Customer: The invoice has the wrong address. Agent: Change it under Billing.",
}


def hits() -> list[Hit]:
    base = Hit("", 0.5, 0.5, 0.5, "", 0, "", "exports", "pro", 0, False, "dense 1.")
    return [dataclasses.replace(base, ticket_key=key, text=text) for key, text in TEXTS.items()]


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cross-encoder of one small layer with random weights: it judges badly, and it is a real one."""
    import torch
    from transformers import AutoTokenizer, BertConfig, BertForSequenceClassification

    folder = tmp_path_factory.mktemp("cross")
    tokenizer = AutoTokenizer.from_pretrained(str(minilm_folder()))
    torch.manual_seed(1)
    small = {"hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 64}
    config = BertConfig(vocab_size=tokenizer.vocab_size, num_labels=1, **small)
    BertForSequenceClassification(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


@pytest.mark.parametrize("first", list(TEXTS))
def test_maxsim_puts_first_what_shares_the_meaning(first: str) -> None:
    """The passage whose words are nearest to the question's comes first; all hits stay, with score and reason."""
    question = {"export": "rows missing in the csv", "login": "password forgotten", "invoice": "our bill"}[first]
    ranked = MaxSim(MiniLM("fp32")).rerank(question, hits())
    assert ranked[0].ticket_key == first
    assert sorted(hit.ticket_key for hit in ranked) == sorted(TEXTS)
    assert all(0 <= hit.score <= 1 and hit.reason.startswith("dense 1., maxsim ") for hit in ranked)


def test_a_passage_is_as_near_as_can_be_to_itself() -> None:
    """The score of a text with itself is 1: every token finds itself."""
    text = TEXTS["login"]
    assert MaxSim(MiniLM("fp32")).scores(text, [text])[0] == pytest.approx(1, abs=1e-5)


def test_a_cross_encoder_from_a_folder(tiny: Path) -> None:
    """Its scores lie between 0 and 1, decide the order, and are the same each time."""
    ranked = CrossEncoder(tiny).rerank("rows missing", hits())
    scores = [hit.score for hit in ranked]
    assert scores == sorted(scores, reverse=True)
    assert len(set(scores)) == 3
    assert all(0 < score < 1 for score in scores)
    assert ranked == CrossEncoder(tiny).rerank("rows missing", hits())


def test_no_hits_are_no_work(tiny: Path) -> None:
    """Nothing found stays nothing."""
    assert CrossEncoder(tiny).rerank("rows", []) == []


def test_by_name(tiny: Path, tmp_path: Path) -> None:
    """Empty is none; maxsim and a folder are rerankers; anything else is an error that says what to use."""
    model = embeddings(read_settings(home=tmp_path))
    assert reranker("", model) is None
    assert isinstance(reranker("maxsim", model), MaxSim)
    assert isinstance(reranker(str(tiny), model), CrossEncoder)
    with pytest.raises(ConfigError, match="neither maxsim nor a folder"):
        reranker("maxsin", model)
    with pytest.raises(ModelError, match="no cross-encoder"):
        reranker(str(tmp_path), model)


def test_maxsim_needs_a_local_model(tmp_path: Path) -> None:
    """Behind an API there are no vectors of words: an error says so before anything is searched."""
    from langchain_core.embeddings import DeterministicFakeEmbedding

    remote = CachedEmbeddings(DeterministicFakeEmbedding(size=8), "openai:some", tmp_path / "vectors.sqlite")
    with pytest.raises(ConfigError, match="maxsim needs the vectors of words"):
        reranker("maxsim", remote)

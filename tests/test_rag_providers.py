"""Models by name: they are set up as LangChain names them, or an error says what is missing."""

import pytest
from model_servers import NAMES, ModelServer

from lab.errors import ModelError
from rag_track.llm.providers import chat_model, embedding_model


@pytest.mark.parametrize("name", ["nobody:model", "mistralai:mistral-small"])
def test_a_model_that_cannot_be_set_up(name: str) -> None:
    """An unknown provider or a missing package is an error with a next step."""
    with pytest.raises(ModelError, match=f"LAB_JUDGE={name} cannot be used") as error:
        chat_model(name, setting="LAB_JUDGE")
    assert "LAB_JUDGE" in error.value.next_step


def test_a_missing_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """A provider that cannot be opened without its key names it."""
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(ModelError) as error:
        chat_model(NAMES["openai"])
    assert error.value.next_step == "set OPENAI_API_KEY, or unset LAB_LLM"


@pytest.mark.parametrize("name", ["openai:text-embedding-3-small", "ollama:all-minilm"])
def test_vectors_arrive_in_order(server: ModelServer, name: str) -> None:
    """Texts of an embedding provider get their own vectors, across the provider's batches."""
    texts = ["x" * (n % 97 + 1) for n in range(1_500)]
    vectors = embedding_model(name, url=server.url(name.split(":")[0])).embed_documents(texts)
    assert [vector[0] for vector in vectors] == [len(text) for text in texts]

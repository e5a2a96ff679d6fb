"""Serve: chat and embedding models by name, as LangChain names them: provider:model.

Twin: the ETL track's profiles.yml, which names the warehouse that dbt runs on.
"""

from collections.abc import Callable
from typing import Any

from langchain_core.embeddings import Embeddings
from langchain_core.language_models import BaseChatModel

from rag_track.llm.calls import CallLog
from rag_track.llm.models import ChatModel
from rag_track.llm.provider_errors import not_set_up

TIMEOUT = 60.0  # seconds without a sign of the provider


def chat_model(
    name: str,
    *,
    url: str = "",
    timeout: float = TIMEOUT,
    setting: str = "LAB_LLM",
    fallback: ChatModel | None = None,
    log: CallLog | None = None,
) -> ChatModel:
    """The chat model `provider:model`. Raises ModelError when its provider, package or key is missing.

    `url` is where it answers when that is not the provider's own address: OpenAI's ends in /v1. A fallback is a model
    of its own: it has its own url, and its `setting` is the one that names it.
    """
    from langchain.chat_models import init_chat_model

    # ChatModel retries and counts the attempts, so the provider's client does not. Ollama's has no retries.
    model: BaseChatModel = opened(init_chat_model, name, url, timeout, setting, temperature=0, max_retries=0)
    return ChatModel(model, name, setting=setting, fallback=fallback, log=log)


def embedding_model(name: str, *, url: str = "", timeout: float = TIMEOUT) -> Embeddings:
    """The embedding model `provider:model`. Raises ModelError when its provider, package or key is missing."""
    from langchain.embeddings import init_embeddings

    # OpenAI's texts would be cut by a tokenizer that has to be downloaded; a chunk is always short enough.
    # embed.py retries, so its client does not. Ollama's has no retries.
    more = {"check_embedding_ctx_length": False, "max_retries": 0} if name.startswith("openai:") else {}
    model: Embeddings = opened(init_embeddings, name, url, timeout, "LAB_EMBEDDINGS", **more)
    return model


def opened(init: Callable[..., Any], name: str, url: str, timeout: float, setting: str, **more: Any) -> Any:
    """A model of LangChain by name. Raises ModelError when it cannot be set up."""
    options: dict[str, Any] = {"timeout": timeout}
    if name.startswith("ollama:"):  # LangChain's part for Ollama drops `timeout` without a word
        options = {"client_kwargs": {"timeout": timeout}}
    if url:
        options["base_url"] = url
    try:
        return init(name, **options, **more)
    except Exception as error:
        raise not_set_up(error, name, setting) from None

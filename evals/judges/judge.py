"""A judge by name: `offline`, or `provider:model` through RAGAS's own way to a language model.

Twin: nothing in the ETL track. A dbt test needs nobody's opinion.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from lab.errors import ModelError
from lab.settings import Settings
from rag_track.embed import embeddings
from rag_track.llm.provider_errors import explained, not_set_up
from rag_track.llm.retries import status

if TYPE_CHECKING:
    from ragas.llms.base import InstructorBaseRagasLLM

OLLAMA = "http://localhost:11434"
ANSWER_TOKENS = 4096  # RAGAS's own 1,024 cut the verdicts on a long answer in the middle
REPEATS = 3  # a language model may answer otherwise when it is asked again


@dataclass(frozen=True)
class Judge:
    """Somebody who answers RAGAS's prompts.

    `cannot` names the metrics that it does not serve, each with the reason. `repeats` is how often a calibration asks
    the same. `prepare` is told which texts will be judged, so that they can be read in one go.
    """

    name: str
    llm: "InstructorBaseRagasLLM"
    cannot: dict[str, str] = field(default_factory=dict)
    repeats: int = REPEATS
    prepare: Callable[[list[str]], None] = lambda texts: None

    def stop_if_unreachable(self, error: BaseException) -> None:
        """Raise ModelError when no case can succeed: a wrong key, an unknown model, or nobody at the address."""
        cause: BaseException | None = error
        while cause is not None:
            if isinstance(cause, Exception) and (status(cause) in (401, 403, 404) or is_connection_error(cause)):
                raise explained(cause, None, self.name, "LAB_JUDGE") from None  # its own text may hold the key
            cause = cause.__cause__


def is_connection_error(error: BaseException) -> bool:
    """Whether nobody is there: in OpenAI's and Anthropic's clients a class of this name, which a time-out is not."""
    return type(error).__name__ == "APIConnectionError"


def judge(name: str, settings: Settings, url: str = "") -> Judge:
    """The judge `offline`, or `provider:model` of openai, anthropic or ollama.

    `url` is where it answers when that is not the provider's own address: OpenAI's ends in /v1. Raises ModelError for
    another provider, and when its package or key is missing.
    """
    if name == "offline":
        from evals.judges.offline import CANNOT, OfflineJudge

        offline = OfflineJudge(embeddings(settings).vectors)
        return Judge(name, offline, CANNOT, repeats=1, prepare=offline.prepare)
    provider, _, model = name.partition(":")
    if provider not in CLIENTS or not model:
        raise ModelError(
            f"LAB_JUDGE={name} is neither offline nor provider:model of {', '.join(CLIENTS)}.",
            next_step="unset LAB_JUDGE, or use such as openai:gpt-4o-mini",
        )
    try:
        return Judge(name, language_model(provider, model, url, settings.llm_timeout))
    except Exception as error:
        raise not_set_up(error, name, "LAB_JUDGE") from None


def language_model(provider: str, model: str, url: str, timeout: float) -> Any:
    """RAGAS's interface to a provider's model."""
    from ragas.llms import llm_factory

    protocol = "anthropic" if provider == "anthropic" else "openai"
    llm = llm_factory(model, protocol, client=CLIENTS[provider](url, timeout), max_tokens=ANSWER_TOKENS)
    if protocol == "anthropic":  # whose client knows neither
        del llm.model_args["temperature"], llm.model_args["top_p"]
    logging.getLogger("instructor").setLevel(logging.CRITICAL)  # a failure is counted and told with its pair
    return llm


def openai_client(url: str, timeout: float) -> Any:
    from openai import AsyncOpenAI

    return AsyncOpenAI(base_url=url or None, timeout=timeout)


def anthropic_client(url: str, timeout: float) -> Any:
    from anthropic import AsyncAnthropic

    return AsyncAnthropic(base_url=url or None, timeout=timeout)


def ollama_client(url: str, timeout: float) -> Any:
    """Ollama speaks OpenAI's protocol under /v1, and wants no key."""
    from openai import AsyncOpenAI

    return AsyncOpenAI(base_url=f"{(url or OLLAMA).rstrip('/')}/v1", api_key="none", timeout=timeout)


CLIENTS: dict[str, Callable[[str, float], Any]] = {
    "openai": openai_client,
    "anthropic": anthropic_client,
    "ollama": ollama_client,
}

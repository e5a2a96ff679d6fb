"""Serve: errors of a provider as a student can use them: without the key, and with the next step.

Twin: nothing in the ETL track, which has no provider. What an error means for the program is in retries.py.
"""

import re

from pydantic import SecretStr

from lab.errors import ModelError
from rag_track.llm.retries import status
from rag_track.llm.structured_output import Unusable

KEYS = {"openai": "OPENAI_API_KEY", "anthropic": "ANTHROPIC_API_KEY", "ollama": "OLLAMA_API_KEY"}
SECRET = re.compile(r"(?<=Bearer )\S+|\bsk-[\w*-]{6,}|(?<=://)[^/\s@]+(?=@)", re.IGNORECASE)


def explained(error: Exception, model: object, name: str, setting: str) -> ModelError:
    """Why the model `name`, which `setting` names, did not answer; without its key."""
    provider, _, model_name = name.partition(":")
    message = f"{setting}={name} did not answer: {type(error).__name__}: {brief(error, model)}"
    if status(error) in (401, 403):
        key = KEYS.get(provider, "the provider's key")
        return ModelError(message, next_step=f"set {key} to a valid key, or unset {setting}")
    if status(error) == 404:
        pull = f"ollama pull {model_name}" if provider == "ollama" else f"check the name in {setting}"
        return ModelError(message, next_step=pull)
    if isinstance(error, Unusable):
        return ModelError(message, next_step=f"try again, or set {setting} to a more capable model")
    return ModelError(message, next_step=f"check {setting}_URL and the provider, or unset {setting}")


def not_set_up(error: Exception, name: str, setting: str) -> ModelError:
    """Why the model `name`, which `setting` names, could not be made."""
    key = KEYS.get(name.partition(":")[0])
    return ModelError(
        f"{setting}={name} cannot be used: {brief(error)}",
        next_step=f"set {key}, or unset {setting}" if key else f"unset {setting}, or use provider:model",
    )


def brief(error: Exception, model: object | None = None) -> str:
    """The beginning of an error's text, in one line and masked."""
    return masked(" ".join(str(error).split()), model)[:300]


def masked(text: str, model: object | None = None) -> str:
    """Text without the model's own keys and without whatever looks like one.

    >>> masked("the key sk-abcdef123 is wrong")
    'the key *** is wrong'
    """
    for value in vars(model).values() if model else ():
        secret = value.get_secret_value() if isinstance(value, SecretStr) else ""
        text = text.replace(secret, "***") if secret else text
    return SECRET.sub("***", text)

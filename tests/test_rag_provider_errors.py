"""Errors of a provider: they name the setting and the next step, and never the key."""

from typing import Any

import pytest
from model_servers import (
    KEY,
    KEY_SETTINGS,
    NAMES,
    QUESTION,
    ModelServer,
    Reply,
    called,
    every_provider,
    serving,
)

from lab.errors import ModelError
from rag_track.llm.calls import CallLog
from rag_track.llm.providers import chat_model


@every_provider
@pytest.mark.parametrize("status", [401, 400])
def test_a_wrong_request_is_not_repeated(server: ModelServer, provider: str, status: int, tmp_path: Any) -> None:
    """A wrong key or request fails at once, with no fallback; 401 names the key's setting; the key is nowhere."""
    log = CallLog(tmp_path / "calls.duckdb", redact=str)
    spare = chat_model(NAMES["ollama"], url=server.url("ollama"))
    model, pauses = called(server, provider, Reply(status=status), fallback=spare, log=log)
    with pytest.raises(ModelError, match=f"LAB_LLM={NAMES[provider]}") as error:
        model.reply(QUESTION, "draft")
    assert (len(server.asked), pauses) == (1, [])
    if status == 401:
        assert KEY_SETTINGS[provider] in error.value.next_step
    assert f"status {status} for the key" in error.value.message  # the server repeated the key: it was masked
    assert KEY not in str(error.value)
    with log.opened() as held:
        assert KEY not in str(held.execute("from calls").fetchall())
        assert str(status) in held.execute("select error from calls").fetchone()[0]


def test_a_fallback_is_named_by_its_own_setting(server: ModelServer) -> None:
    """A fallback is asked at its own address, and when it fails, too, the error names its own setting."""
    with serving(Reply(status=401)) as other:
        spare = chat_model(NAMES["ollama"], url=other.url("ollama"), setting="LAB_LLM_FALLBACK")
        model, _ = called(server, "openai", *[Reply("no JSON", refuses=True)], fallback=spare)
        with pytest.raises(ModelError, match=f"LAB_LLM_FALLBACK={NAMES['ollama']}") as error:
            model.reply(QUESTION, "draft")
        assert (len(server.asked), len(other.asked)) == (1, 1)
    assert error.value.next_step == "set OLLAMA_API_KEY to a valid key, or unset LAB_LLM_FALLBACK"

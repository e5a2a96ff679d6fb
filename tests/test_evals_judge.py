"""Judges by name: the offline one, and language models over real HTTP."""

import json
from pathlib import Path

import pytest
from judge_pairs import PAIRS, written
from model_servers import KEY, NAMES, ModelServer, Reply, every_provider, serving, set_keys

from evals.calibration import Calibration, calibrate
from evals.judges.judge import judge
from evals.pairs import read_pairs
from lab.errors import ModelError
from lab.settings import Settings, read_settings

SERVED = {"openai": "openai", "anthropic": "anthropic", "ollama": "openai"}  # the protocol that RAGAS speaks to each


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    set_keys(monkeypatch)
    return read_settings(home=tmp_path, llm_timeout=10, precision="fp32")


def verdict(provider: str, supported: bool) -> Reply:
    """One verdict, as the provider's model is asked to write it."""
    answer = {"statements": [{"statement": "s", "reason": "because", "verdict": int(supported)}]}
    if SERVED[provider] == "anthropic":
        return Reply(tool="NLIStatementOutput", arguments=answer)
    return Reply(json.dumps(answer))


def asked(server: ModelServer, provider: str, settings: Settings) -> Calibration:
    url = f"{server.root}/v1" if provider == "openai" else server.root
    return calibrate(judge(NAMES[provider], settings, url), PAIRS[:4], "dev")


@every_provider
def test_a_language_model_is_asked_three_times(settings: Settings, provider: str) -> None:
    """A model that always says "supported" answers through its own protocol, and is worth as much as a coin."""
    with serving(*[verdict(provider, True)] * 12) as server:
        found = asked(server, provider, settings)
    assert len(server.asked) == 12
    assert found.judge == NAMES[provider]
    assert found.failed == 0
    assert found.balanced_accuracy.mean == 0.5
    assert found.repeats == (0.5, 0.5, 0.5)


@every_provider
def test_a_malformed_answer_is_a_failure(settings: Settings, provider: str) -> None:
    """A model that never answers in the form has failed on every pair, and failures are wrong."""
    nonsense = Reply("I would rather not say.")
    with serving(*[nonsense] * 100) as server:
        found = asked(server, provider, settings)
    assert len(server.asked) >= 12
    assert found.failed == 12
    assert found.accuracy.mean == found.balanced_accuracy.mean == 0
    assert all(kind.right.mean == 0 for kind in found.kinds)


def test_a_judge_that_changes_its_mind_shows(settings: Settings) -> None:
    """The spread of the three repeats is in the result."""
    rounds = [pair.supported for pair in PAIRS[:4]] * 2 + [True] * 4
    with serving() as server:
        model = judge(NAMES["openai"], settings, f"{server.root}/v1")
        server.replies += [verdict("openai", said) for said in rounds]
        found = calibrate(model, PAIRS[:4], "dev", at_once=1)
    assert found.repeats == (1.0, 1.0, 0.5)
    assert found.changed_its_mind == 2


def test_a_wrong_key_stops_at_once(settings: Settings) -> None:
    """A refused key is no verdict on any pair: it is an error that names the variable, and not the key."""
    with serving(*[Reply(status=401)] * 20) as server, pytest.raises(ModelError) as refused:
        asked(server, "openai", settings)
    assert "OPENAI_API_KEY" in refused.value.next_step
    assert KEY not in str(refused.value)


def test_nobody_at_the_address_stops_at_once(settings: Settings) -> None:
    """Where no server answers there is nothing to score: it is an error that says what to check."""
    with serving() as server:
        gone = server.root
    with pytest.raises(ModelError, match="ollama:llama3"):
        calibrate(judge(NAMES["ollama"], settings, gone), PAIRS[:4], "dev", at_once=1)


@every_provider
def test_one_judge_serves_several_runs(settings: Settings, provider: str) -> None:
    """A judge that was calibrated can be asked again: nothing of the first run is in the way."""
    with serving(*[verdict(provider, True)] * 24) as server:
        model = judge(NAMES[provider], settings, f"{server.root}/v1" if provider == "openai" else server.root)
        first, second = (calibrate(model, PAIRS[:4], "dev") for _ in range(2))
    assert first == second
    assert first.failed == 0


@pytest.mark.parametrize("name", ["gpt-4o-mini", "openai:", "acme:large"])
def test_an_unknown_judge_is_named(settings: Settings, name: str) -> None:
    """A name without provider or model, or of an unknown provider, is an error that says what there is."""
    with pytest.raises(ModelError, match="openai, anthropic, ollama"):
        judge(name, settings)


def test_a_missing_key_is_named(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without its key a provider cannot be a judge, and the error names the variable."""
    monkeypatch.delenv("OPENAI_API_KEY")
    with pytest.raises(ModelError) as missing:
        judge("openai:gpt-4o-mini", settings)
    assert "OPENAI_API_KEY" in missing.value.next_step


def test_the_offline_judge_is_asked_once(settings: Settings, tmp_path: Path) -> None:
    """It gives the same answer each time, so one repeat is enough; and it is better than a coin."""
    pairs = read_pairs(written(tmp_path), "all")
    first, second = (calibrate(judge("offline", settings), pairs, "all") for _ in range(2))
    assert first == second
    assert len(first.repeats) == 1
    assert first.balanced_accuracy.mean > 0.8

"""The log of calls: nothing lost, nothing said that should not be, and the cost of what was called."""

import subprocess
import sys
import time
from decimal import Decimal
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from langchain_core.messages import HumanMessage

import rag_track.llm.calls as calls
from lab.errors import StageFailed
from rag_track.llm.calls import Call, CallLog, Outcome

WRITER = """
import sys
from pathlib import Path
from langchain_core.messages import HumanMessage
from rag_track.llm.calls import Call, CallLog
log = CallLog(Path(sys.argv[1]))
for n in range(int(sys.argv[3])):
    log.write(Call("draft", sys.argv[2], [HumanMessage("same")], "", 1, 1, False, 0.1, 1, "ok"))
"""


def call(prompt: str = "q", model: str = "openai:gpt-4o-mini", outcome: Outcome = "ok", **more: Any) -> Call:
    given: dict[str, Any] = {"purpose": "draft", "is_estimated": False, "answer": "The answer.", **more}
    return Call(
        model=model,
        messages=[HumanMessage(prompt)],
        input_tokens=1_000,
        output_tokens=100,
        seconds=0.5,
        attempts=1,
        outcome=outcome,
        **given,
    )


def rows(log: CallLog, columns: str) -> list[tuple[Any, ...]]:
    with log.opened() as held:
        found: list[tuple[Any, ...]] = held.execute(f"select {columns} from calls order by all").fetchall()
    return found


@pytest.fixture
def log(tmp_path: Path) -> CallLog:
    return CallLog(tmp_path / "out" / "calls.duckdb")


def test_what_was_spent(log: CallLog) -> None:
    """Tokens, seconds and dollars by purpose and model; an unknown price is unknown, not nothing."""
    assert log.spent() == []
    for one in (call(), call(outcome="failed"), call(is_estimated=True), call(model="openai:new", purpose="judge")):
        log.write(one)
    draft, judge = log.spent()
    assert (draft.purpose, draft.model, draft.calls, draft.estimated, draft.failed) == (
        "draft",
        "openai:gpt-4o-mini",
        3,
        1,
        1,
    )
    assert (draft.input_tokens, draft.output_tokens, draft.seconds) == (3_000, 300, 1.5)
    assert draft.cost_usd == Decimal("0.00063")  # 3,000 * 0.15 + 300 * 0.60, for a million
    assert (judge.model, judge.cost_usd) == ("openai:new", None)


def test_ids_are_made_of_content(tmp_path: Path) -> None:
    """Two logs of the same calls have the same ids; a call that is repeated has another id."""
    ids = []
    for name in ("a", "b"):
        log = CallLog(tmp_path / name)
        for one in (call("q"), call("q"), call("r"), call("q", model="offline"), call("q", purpose="judge")):
            log.write(one)
        ids.append([row[0] for row in rows(log, "call_id")])
    assert ids[0] == ids[1]
    assert len(set(ids[0])) == 5


def test_texts_are_not_kept_unless_redacted(tmp_path: Path) -> None:
    """By default neither prompt nor answer is in the file; with a redaction both are, redacted."""
    plain = CallLog(tmp_path / "plain.duckdb")
    plain.write(call("Ann writes", answer="Dear Ann"))
    assert rows(plain, "prompt, answer") == [(None, None)]
    assert b"Ann" not in plain.file.read_bytes()
    kept = CallLog(tmp_path / "kept.duckdb", redact=lambda text: text.replace("Ann", "[NAME]"))
    kept.write(call("Ann writes", answer="Dear Ann"))
    ((prompt, answer),) = rows(kept, "prompt, answer")
    assert "[NAME] writes" in prompt
    assert answer == "Dear [NAME]"


def test_half_a_character_is_logged(tmp_path: Path) -> None:
    """Text that is no UTF-8 does not stop the log, nor what comes after it."""
    log = CallLog(tmp_path / "calls.duckdb", redact=str)
    log.write(call("\ud83d", answer="\ude00"))
    log.write(call())
    assert len(rows(log, "answer")) == 2


def test_threads_lose_nothing(log: CallLog) -> None:
    """Fifty threads write at once, some the same call, while the log is read: every row arrives, once."""

    def write(name: str) -> None:
        for n in range(4):
            log.write(call(f"{name}, {n}"))
            log.write(call("the same"))

    threads = [Thread(target=write, args=(str(n),)) for n in range(50)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        log.spent()
        time.sleep(0.2)
    assert log.spent()[0].calls == 400
    assert rows(log, "count(distinct call_id), count(distinct prompt_hash) ")[0] == (400, 201)


def test_processes_lose_nothing(log: CallLog) -> None:
    """Two other processes and this one write to one file: every row arrives."""
    command = [sys.executable, "-c", WRITER, str(log.file)]
    others = [subprocess.Popen([*command, name, "15"]) for name in ("offline", "minilm")]
    while any(other.poll() is None for other in others):
        log.write(call())
        time.sleep(0.05)
    assert [other.returncode for other in others] == [0, 0]
    spent = {row.model: row.calls for row in log.spent()}
    assert (spent["offline"], spent["minilm"]) == (15, 15)
    assert spent["openai:gpt-4o-mini"] == len(rows(log, "1")) - 30 > 0


def test_a_file_in_use_is_named(log: CallLog, monkeypatch: pytest.MonkeyPatch) -> None:
    """When another program holds the file too long the error says so; the row is written with the next one."""
    log.write(call("first"))
    holder = f"import duckdb, time; c = duckdb.connect({str(log.file)!r}); print('held', flush=True); time.sleep(60)"
    other = subprocess.Popen([sys.executable, "-c", holder], stdout=subprocess.PIPE, text=True)
    assert other.stdout is not None
    try:
        assert other.stdout.readline() == "held\n"
        monkeypatch.setattr(calls, "LONGEST_WAIT", 0.3)
        with pytest.raises(StageFailed, match=r"calls\.duckdb is in use"):
            log.write(call("second"))
    finally:
        other.kill()
        other.wait()
        other.stdout.close()
    log.write(call("third"))
    assert log.spent()[0].calls == 3

"""The promise: after set-up, a run reaches nothing but this machine."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT

STAGES = (
    ["sample_data", "generate"],
    ["sample_data", "extract"],
    ["etl_track", "build"],
    ["rag_track", "build"],
    ["rag_track", "ask", "the export stops at 10,000 rows"],
    ["evals", "--gates", "tests/no_network/no_gates.toml"],
    ["bridge", "compare"],
)


# In a new namespace even 127.0.0.1 is down, where the simulated help desks answer: set it up, then run the rest.
LOOPBACK_UP = """
import fcntl, os, socket, struct, sys
up = struct.pack("16sh", b"lo", 1)
fcntl.ioctl(socket.socket(socket.AF_INET, socket.SOCK_DGRAM), 0x8914, up)
os.execvp(sys.argv[1], sys.argv[1:])
"""


def run_all(environment: dict[str, str], *before: str, evals: tuple[str, ...] = ()) -> None:
    for stage in STAGES:
        command = [*before, sys.executable, "-m", *stage, *(evals if stage[0] == "evals" else ())]
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{' '.join(stage)}\n{done.stdout}\n{done.stderr}"


def environment(home: Path, **more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LAB_")}
    return {**kept, "LAB_HOME": str(home), "LAB_TICKETS": "120", "PYTHONWARNINGS": "ignore", **more}


def guarded(tmp_path: Path) -> tuple[dict[str, str], Path]:
    log = tmp_path / "attempts.log"
    return environment(tmp_path / "out", PYTHONPATH=str(ROOT / "tests" / "no_network"), NO_NETWORK_LOG=str(log)), log


def test_the_guard_sees_an_attempt(tmp_path: Path) -> None:
    """The guard itself works: a look-up and a connection elsewhere are refused and written down."""
    variables, log = guarded(tmp_path)
    look_up = "import urllib.request as u; u.urlopen('http://example.org')"
    connect = "import socket; socket.create_connection(('192.0.2.1', 9))"
    for code in (look_up, connect):
        done = subprocess.run([sys.executable, "-c", code], env=variables, capture_output=True, text=True, check=False)
        assert done.returncode != 0
    assert "example.org" in log.read_text()
    assert "192.0.2.1" in log.read_text()


@pytest.mark.slow
def test_no_stage_reaches_another_machine(tmp_path: Path) -> None:
    """Every stage from data to comparison, with every attempt of Python to look up or reach a host written down."""
    variables, log = guarded(tmp_path)
    run_all(variables)
    assert not log.exists(), log.read_text()


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("unshare"), reason="unshare, which cuts the network off, is Linux only")
def test_every_stage_runs_with_the_network_cut_off(tmp_path: Path) -> None:
    """The same in a network namespace with this machine alone in it: compiled code reaches no host either."""
    cut = ["unshare", "--net"] if os.geteuid() == 0 else ["unshare", "--net", "--map-root-user"]
    cut += [sys.executable, "-c", LOOPBACK_UP]
    if subprocess.run([*cut, "true"], capture_output=True, check=False).returncode:
        pytest.skip("this machine does not allow network namespaces")
    run_all(environment(tmp_path / "out"), *cut, evals=("--fast",))  # RAGAS is Python: the guard above has seen it

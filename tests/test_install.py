"""Set-up takes the small torch: a local wheel, else the CPU index on Linux, else whatever there is."""

import sys
from pathlib import Path

import pytest

from lab import install


@pytest.fixture(autouse=True)
def _no_pip_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(install, "pip_setting", lambda name: {}.get(name))


def test_on_linux_the_cpu_index_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a local wheel uv is asked for its CPU backend, and the plain index is the way out."""
    monkeypatch.setattr("platform.system", lambda: "Linux")
    assert install.torch_sources() == [["--torch-backend", "cpu"], []]


def test_on_a_mac_there_is_only_the_small_build(monkeypatch: pytest.MonkeyPatch) -> None:
    """macOS has no CUDA build to avoid."""
    monkeypatch.setattr("platform.system", lambda: "Darwin")
    assert install.torch_sources() == [[]]


def test_a_local_wheel_for_this_python_is_taken(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A find-links folder with a fitting wheel is enough; with one for another Python it is not."""
    monkeypatch.setattr("platform.system", lambda: "Linux")
    monkeypatch.setattr(install, "pip_setting", lambda name: str(tmp_path) if name == "find-links" else None)
    (tmp_path / "torch-2.13.0-cp30-cp30-linux_x86_64.whl").touch()
    links = ["--find-links", str(tmp_path)]
    assert install.torch_sources() == [[*links, "--torch-backend", "cpu"], links]
    python = f"cp{sys.version_info.major}{sys.version_info.minor}"
    (tmp_path / f"torch-2.13.0-{python}-{python}-linux_x86_64.whl").touch()
    assert install.torch_sources() == [links]


def test_the_next_source_is_tried_when_one_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    """When the CPU index cannot be reached, the plain index is used; when all fail, set-up stops and says so."""
    calls: list[list[str]] = []

    def fails_once(command: list[str], **_: object) -> object:
        calls.append(command)
        return type("Done", (), {"returncode": int("--torch-backend" in command)})

    monkeypatch.setattr("platform.system", lambda: "Linux")
    monkeypatch.setattr("subprocess.run", fails_once)
    install.install(["x"])
    assert ["--torch-backend" in command for command in calls] == [True, False]
    monkeypatch.setattr("subprocess.run", lambda *_, **__: type("Done", (), {"returncode": 1}))
    with pytest.raises(SystemExit, match="Next: check the network"):
        install.install(["x"])


def test_the_lock_names_no_host_and_no_local_version() -> None:
    """requirements.lock is pinned, works with any index, and holds no CUDA library."""
    lock = (Path(install.ROOT) / "requirements.lock").read_text()
    pinned = [line for line in lock.splitlines() if line and not line.startswith((" ", "#"))]
    assert len(pinned) > 150
    assert all("==" in line for line in pinned)
    assert "://" not in lock
    assert "+cpu" not in lock
    assert not [line for line in pinned if line.startswith(("nvidia", "triton", "cuda"))]

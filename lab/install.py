"""Fill the virtual environment it runs in: `python lab/install.py [--unlocked]`.

Run by `make setup` before anything is installed but pip, so it imports the standard library only.
uv does the work, in seconds. torch comes as its small CPU build: a student must not download
gigabytes of CUDA libraries for a model of 22 million parameters.
"""

import os
import platform
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def pip_setting(name: str) -> str | None:
    """What pip is told by its environment or configuration, such as `find-links`; uv does not read that."""
    if value := os.environ.get(f"PIP_{name.replace('-', '_').upper()}"):
        return value
    for section in ("install", "global"):
        answer = subprocess.run(
            [sys.executable, "-m", "pip", "config", "get", f"{section}.{name}"], capture_output=True, text=True
        )
        if answer.returncode == 0:
            return answer.stdout.strip()
    return None


def torch_sources() -> list[list[str]]:
    """Ways to get torch, the best first: a local wheel, the CPU index on Linux, the plain index."""
    plain: list[str] = ["--index-url", index] if (index := pip_setting("index-url")) else []
    links = (pip_setting("find-links") or "").split()
    python = f"cp{sys.version_info.major}{sys.version_info.minor}"
    given = [option for link in links for option in ("--find-links", link)]
    local = any(
        python in wheel.name for link in links if Path(link).is_dir() for wheel in Path(link).glob("torch-*.whl")
    )
    if local:
        return [[*plain, *given]]
    if platform.system() == "Linux":
        return [[*plain, *given, "--torch-backend", "cpu"], [*plain, *given]]
    return [[*plain, *given]]


def install(what: list[str]) -> None:
    """Install `what` with uv, trying one source of torch after the other. Exits with status 1 when all fail."""
    uv = [sys.executable, "-m", "uv", "pip", "install", "--python", sys.executable, "--compile-bytecode"]
    for source in torch_sources():
        if subprocess.run([*uv, *source, *what], cwd=ROOT).returncode == 0:
            return
    sys.exit("The packages could not be installed; uv says above why. Next: check the network, then make setup")


if __name__ == "__main__":
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    if subprocess.run([*pip, "uv>=0.8"]).returncode:
        sys.exit("pip could not install uv, see above. Next: check the network, then rm -rf .venv && make setup")
    if "--unlocked" in sys.argv:
        install(["--editable", ".", "--group", "dev"])
    else:
        install(["--requirements", "requirements.lock"])
        install(["--no-deps", "--editable", "."])

"""`make phoenix`: Arize Phoenix on this machine, to look at traces in the browser.

It is an extra, because it brings many packages. Its telemetry is off; what it is sent stays in LAB_HOME/traces/phoenix.
"""

import importlib.util
import os
import subprocess
import sys

from lab.console import say
from lab.errors import StageFailed
from lab.settings import Settings
from lab.trace import PHOENIX

OFF = {"PHOENIX_TELEMETRY_ENABLED": "false", "PHOENIX_ALLOW_EXTERNAL_RESOURCES": "false"}


def phoenix(settings: Settings) -> None:
    """Install the extra when it is lacking, and serve until Ctrl-C. Raises StageFailed when either does not work."""
    if importlib.util.find_spec("phoenix") is None:
        say("[bold]phoenix[/]  installing the extra `tracing`, this takes some minutes")
        installed = subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", "-e", ".[tracing]"], check=False)
        if installed.returncode:
            raise StageFailed("Phoenix could not be installed.", next_step="leave LAB_TRACE unset: traces go to a file")
    folder = (settings.traces / "phoenix").resolve()
    folder.mkdir(parents=True, exist_ok=True)
    host, port = PHOENIX
    say(f"[bold]phoenix[/]  http://{host}:{port} until Ctrl-C; in another terminal: LAB_TRACE=phoenix make agent Q=…")
    environment = (
        os.environ | OFF | {"PHOENIX_WORKING_DIR": str(folder), "PHOENIX_HOST": host, "PHOENIX_PORT": str(port)}
    )
    try:
        ended = subprocess.run([sys.executable, "-m", "phoenix.server.main", "serve"], env=environment, check=False)
    except KeyboardInterrupt:
        return
    if ended.returncode:
        raise StageFailed(
            f"Phoenix ended with status {ended.returncode}.", next_step=f"free port {port}, then make phoenix"
        )

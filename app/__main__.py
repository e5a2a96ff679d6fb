"""`python -m app dashboard`."""

from pathlib import Path
from typing import Annotated

import typer

from lab.console import run, say
from lab.errors import ConfigError

app = typer.Typer(help="The lab in a browser.", no_args_is_help=True, add_completion=False)

# Nothing leaves this machine: no usage statistics, no question for an e-mail address, no look-up of the own address.
OPTIONS = {
    "browser.gatherUsageStats": False,
    "browser.serverAddress": "localhost",
    "client.toolbarMode": "minimal",
    "logger.hideWelcomeMessage": True,
    "server.address": "localhost",
    "server.fileWatcherType": "none",
    "server.showEmailPrompt": False,
    # lab/base.html's --etl. Both are named: with one colour for all, Streamlit would be light in a dark browser.
    "theme.light.primaryColor": "#1f6feb",
    "theme.dark.primaryColor": "#4d8df0",
}


@app.callback()
def main() -> None:
    """The lab in a browser."""


@app.command()
def dashboard(
    port: Annotated[int, typer.Option(help="of this machine", min=1, max=65535)] = 8501,
    browser: Annotated[bool, typer.Option(help="open the page, where there is a screen")] = True,
) -> None:
    """The metrics of the warehouse as a page."""
    import socket
    import sys

    from streamlit.web import cli

    with socket.socket() as probe:
        if probe.connect_ex(("localhost", port)) == 0:
            raise ConfigError(f"Port {port} is taken, perhaps by a dashboard.", next_step=f"use --port {port + 1}")
    options = OPTIONS | {"server.port": port}
    # Without a screen Streamlit does not open a browser by itself.
    options |= {} if browser else {"server.headless": True}
    say(f"[bold]dashboard[/]  http://localhost:{port}  (Ctrl-C ends it)")
    words = [word for name, value in options.items() for word in (f"--{name}", str(value).lower())]
    sys.argv = ["streamlit", "run", str(Path(__file__).with_name("dashboard.py")), *words]
    cli.main()


if __name__ == "__main__":
    run(app, "app")

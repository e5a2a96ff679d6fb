"""`python -m bridge compare | practice | agent | week | learn | phoenix`."""

from typing import Annotated

import typer

from lab.console import run
from lab.errors import ConfigError
from lab.settings import read_settings

app = typer.Typer(help="Where the tracks meet.", no_args_is_help=True, add_completion=False)


@app.callback()
def bridge() -> None:
    """Where the tracks meet."""


@app.command()
def compare() -> None:
    """Both tracks side by side, stage by stage and question by question."""
    from bridge.compare import compare as compare_all

    compare_all(read_settings())


@app.command()
def practice() -> None:
    """The practice questions that the agent does not answer rightly, and why."""
    from bridge.practice import practise

    practise(read_settings())


@app.command()
def week(
    careless: Annotated[
        float, typer.Option(help="share of drafts that an agent does not read properly", min=0, max=1)
    ] = 0.03,
    poison: Annotated[bool, typer.Option(help="one of the five agents sends wrong answers on purpose")] = False,
) -> None:
    """A week at the desk: tickets, drafts, simulated agents' edits, learning; the report grows by a line."""
    from bridge.loop.week import week as work

    work(read_settings(), careless, poison)


@app.command()
def learn(
    fast: Annotated[bool, typer.Option("--fast", help="without fine-tuning, which takes minutes")] = False,
    without: Annotated[list[str] | None, typer.Option(help="an agent whose feedback is left out")] = None,
) -> None:
    """Learn from all feedback in three steps; the best version serves, if it is surely better."""
    from bridge.loop.learn import FAST, STEPS
    from bridge.loop.learn import learn as learn_all
    from bridge.loop.report import report_learned
    from bridge.loop.show import show_learned

    settings = read_settings()
    learned = learn_all(settings, FAST if fast else STEPS, without or ())
    show_learned(learned)
    report_learned(settings, learned, without or ())


@app.command()
def agent(
    question: str,
    conversation: Annotated[str, typer.Option(help="the name of a conversation, to follow up in it")] = "",
    tier: Annotated[str, typer.Option(help="the plan of the customer of the open ticket: free, pro, enterprise")] = "",
) -> None:
    """One assistant that counts with the warehouse and reads with the index; prints its tool calls."""
    if not question.strip():
        raise ConfigError("There is no question.", next_step='make agent Q="Which product has the lowest CSAT?"')
    from bridge.agent.agent import open_agent
    from bridge.agent.show import show, show_model
    from lab.trace import tracing

    settings = read_settings()
    with open_agent(settings) as opened, tracing(settings) as traces:
        show_model(opened.name)
        answer = opened.ask(question, conversation, tier or None)
        show(answer, conversation, traces)


@app.command()
def phoenix() -> None:
    """Arize Phoenix on this machine, where LAB_TRACE=phoenix sends the traces. Installs it first when it is lacking."""
    from bridge.phoenix import phoenix as serve

    serve(read_settings())


if __name__ == "__main__":
    run(app, "bridge")

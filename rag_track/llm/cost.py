"""Cost: what indexing, drafting and judging would cost at any size, beside what was really spent.

Twin: nothing in the ETL track. A query costs nothing but time there; here every answer has a price in tokens.
"""

import difflib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from rich.table import Table

from lab.console import console, say
from lab.errors import ConfigError

if TYPE_CHECKING:
    from rag_track.llm.calls import Spent

PRICES = Path(__file__).parent / "prices.yml"
MILLION = 1_000_000
SIZES = (1_000, 100_000, 10_000_000)  # tickets
# A rule of thumb for English. On the sample company it gives 2% fewer tokens than MiniLM's WordPiece tokenizer
# for conversations, 3% fewer for prompts and 15% fewer for replies, which are full of ids. The providers' own
# tokenizers differ by as much, and have to be downloaded.
CHARACTERS_PER_TOKEN = 4


@dataclass(frozen=True)
class Price:
    """US dollars for a million tokens; `output` is None for an embedding model."""

    input: Decimal
    output: Decimal | None


@dataclass(frozen=True)
class Prices:
    """The price table: prices by model name, and the day on which they were true."""

    as_of: str
    models: dict[str, Price]
    file: Path

    def find(self, model: str) -> Price | None:
        """The price of `model`, else of all models of its provider, else None."""
        return self.models.get(model) or self.models.get(f"{model.split(':')[0]}:*")

    def of(self, model: str) -> Price:
        """The price of `model`. Raises ConfigError with the closest name when the table does not have it."""
        price = self.find(model)
        if price is None:
            close = difflib.get_close_matches(model, self.models, n=1, cutoff=0)[0]
            raise ConfigError(
                f"There is no price for the model {model!r}; the closest name is {close!r}.",
                next_step=f"add {model!r} to {self.file}",
            )
        return price

    def cost(self, model: str, input_tokens: float, output_tokens: float = 0) -> Decimal:
        """US dollars for so many tokens. Raises ConfigError for an unknown model."""
        price = self.of(model)
        output = price.output or Decimal(0)
        return (Decimal(str(input_tokens)) * price.input + Decimal(str(output_tokens)) * output) / MILLION


def read_prices(file: Path = PRICES) -> Prices:
    """The price table. Raises ConfigError that names the entry that cannot be read."""
    entry = "the file"
    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
        models = {}
        for entry, price in content["models"].items():
            models[entry] = Price(amount(price["input"]), amount(price["output"]) if "output" in price else None)
        return Prices(str(content["as_of"]), models, file)
    except (OSError, yaml.YAMLError, ArithmeticError, LookupError, TypeError, AttributeError, ValueError) as error:
        problem = " ".join(str(error).split())
        raise ConfigError(
            f"{file} cannot be read at {entry}: {problem}.", next_step=f"mend {file}: {{input: 0.15, output: 0.60}}"
        ) from None


def amount(value: Any) -> Decimal:
    """A price as the table writes it, exactly. Raises ValueError for less than nothing."""
    price = Decimal(str(value))  # by way of its digits: the float 0.15 is a little more than 0.15
    if not price.is_finite() or price < 0:
        raise ValueError(f"{value} is no price")
    return price


def estimated_tokens(*texts: str) -> int:
    """About how many tokens texts have, without any model's tokenizer."""
    return round(sum(map(len, texts)) / CHARACTERS_PER_TOKEN)


@dataclass(frozen=True)
class Averages:
    """Means for one ticket, in tokens unless it says otherwise.

    The defaults were measured on the sample company of 1,192 conversations with MiniLM's tokenizer, except those
    of the judge: it reads what the drafter read, the draft and a rubric, and gives its reasons with a verdict.
    """

    chunks_per_ticket: float = 2.22  # of all conversations: those that are still open have no chunk
    tokens_per_chunk: float = 153
    draft_prompt: float = 2_453
    draft_reply: float = 112
    judge_prompt: float = 2_865
    judge_reply: float = 150
    judge_calls: float = 1  # for each draft; 0.1 when one draft in ten is judged


def averages(report: dict[str, Any]) -> Averages:
    """The averages of the reader's own company from rag.json, the defaults for what its `text` does not hold.

    Reads `text` = {conversations, chunks, chunk_characters, drafts, prompt_characters, reply_characters}: counts,
    and sums of characters.
    """
    text = report.get("text", {})
    measured: dict[str, float] = {}
    if text.get("conversations") and text.get("chunks"):
        measured["chunks_per_ticket"] = text["chunks"] / text["conversations"]
        measured["tokens_per_chunk"] = text["chunk_characters"] / text["chunks"] / CHARACTERS_PER_TOKEN
    if text.get("drafts"):
        measured["draft_prompt"] = text["prompt_characters"] / text["drafts"] / CHARACTERS_PER_TOKEN
        measured["draft_reply"] = text["reply_characters"] / text["drafts"] / CHARACTERS_PER_TOKEN
        rubric = Averages.judge_prompt - Averages.draft_prompt - Averages.draft_reply
        measured["judge_prompt"] = measured["draft_prompt"] + measured["draft_reply"] + rubric
    return Averages(**measured)


@dataclass(frozen=True)
class Estimate:
    """What one purpose would cost with one model: tokens for one ticket, US dollars for each number of tickets."""

    purpose: str
    model: str
    input_tokens: float
    output_tokens: float
    usd: tuple[Decimal, ...]


def estimate(prices: Prices, mean: Averages, sizes: Sequence[int] = SIZES) -> list[Estimate]:
    """Index with each embedding model; draft and judge with each chat model; all tickets, once.

    No discount for cached prompts or batches is taken off; no retry, no repair and nothing for what a reasoning
    model thinks before it writes, which is charged as output, is added.
    """
    index = ("index", mean.chunks_per_ticket * mean.tokens_per_chunk, 0.0)
    draft = ("draft", mean.draft_prompt, mean.draft_reply)
    judge = ("judge", mean.judge_calls * mean.judge_prompt, mean.judge_calls * mean.judge_reply)
    return [
        Estimate(purpose, model, given, written, tuple(prices.cost(model, n * given, n * written) for n in sizes))
        for purpose, given, written in (index, draft, judge)
        for model, price in prices.models.items()
        if (price.output is None) == (purpose == "index")
    ]


def show_cost(prices: Prices, mean: Averages, spent: Sequence["Spent"], sizes: Sequence[int] = SIZES) -> None:
    """Print what it would cost and what was spent, at 100 columns."""
    say(f"\n[bold]What it would cost[/]  US dollars for so many tickets, at the list prices of {prices.as_of}\n")
    right: dict[str, Any] = {"justify": "right", "no_wrap": True}
    table = Table("purpose", "model", box=None, header_style="bold")
    for title in ("tokens in", "out", *(f"{size:,}" for size in sizes)):
        table.add_column(title, **right)
    for one in estimate(prices, mean, sizes):
        tokens = (f"{one.input_tokens:,.0f}", f"{one.output_tokens:,.0f}")
        table.add_row(one.purpose, one.model, *tokens, *map(dollars, one.usd))
    console.print(table)
    say("\n[bold]What was spent[/]  by the log of calls\n")
    if not spent:
        say("No model has been called yet.")
        return
    table = Table("purpose", "model", box=None, header_style="bold")
    for title in ("calls", "tokens in", "out", "seconds", "not answered", "US dollars"):
        table.add_column(title, **right)
    for row in spent:
        about = "~" if row.estimated else ""  # some of the tokens were counted by us, not by the provider
        tokens = (f"{about}{row.input_tokens:,}", f"{about}{row.output_tokens:,}")
        cost = "no price" if row.cost_usd is None else about + dollars(row.cost_usd)
        table.add_row(row.purpose, row.model, f"{row.calls:,}", *tokens, f"{row.seconds:,.1f}", f"{row.failed:,}", cost)
    console.print(table)
    say(f"\n[dim]~ tokens estimated where the provider reports none. Prices: {os.path.relpath(prices.file)}[/]")


def dollars(value: Decimal) -> str:
    """Two decimals, or as many as a small amount needs.

    >>> dollars(Decimal("1234.5")), dollars(Decimal("0.00034")), dollars(Decimal(0))
    ('1,234.50', '0.00034', '0')
    """
    if value == 0:
        return "0"
    return f"{value:,.2f}" if value >= 1 else f"{value:.2g}" if value >= Decimal("0.00001") else "<0.00001"

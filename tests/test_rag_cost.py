"""Cost: every figure here is worked out by hand."""

from decimal import Decimal
from pathlib import Path

import pytest

from lab.console import console
from lab.errors import ConfigError
from rag_track.llm.calls import Spent
from rag_track.llm.cost import Averages, averages, dollars, estimate, estimated_tokens, read_prices, show_cost

TABLE = """
as_of: 2025-01-31
models:
  "local": {input: 0, output: 0}
  "ollama:*": {input: 0, output: 0}
  "a:chat": {input: 0.15, output: 0.60}
  "a:embed": {input: 0.02}
"""
MEAN = Averages(
    chunks_per_ticket=2,
    tokens_per_chunk=100,
    draft_prompt=2_000,
    draft_reply=100,
    judge_prompt=3_000,
    judge_reply=50,
    judge_calls=0.1,
)


@pytest.fixture
def table(tmp_path: Path) -> Path:
    file = tmp_path / "prices.yml"
    file.write_text(TABLE, encoding="utf-8")
    return file


def test_the_cost_of_tokens_is_exact(table: Path) -> None:
    """A million of each costs the two prices; three tokens cost three millionths, to the last digit."""
    prices = read_prices(table)
    assert prices.cost("a:chat", 1_000_000, 1_000_000) == Decimal("0.75")
    assert prices.cost("a:chat", 3, 0) == Decimal("0.00000045")
    assert prices.cost("a:embed", 1_000_000, 5) == Decimal("0.02")
    assert prices.cost("ollama:anything", 10**9, 10**9) == 0


def test_estimates_at_three_sizes(table: Path) -> None:
    """Tokens for one ticket, times tickets, times prices."""
    found = {(row.purpose, row.model): row for row in estimate(read_prices(table), MEAN, (1_000, 100_000, 10_000_000))}
    # index: 2 * 100 tokens * 1,000 tickets = 0.2 million * $0.02
    assert found["index", "a:embed"].usd == (Decimal("0.004"), Decimal("0.4"), Decimal("40"))
    # draft: 2 million * $0.15 + 0.1 million * $0.60 = $0.30 + $0.06
    assert found["draft", "a:chat"].usd == (Decimal("0.36"), Decimal("36"), Decimal("3600"))
    # judge, one draft in ten: 0.3 million * $0.15 + 0.005 million * $0.60 = $0.045 + $0.003
    assert found["judge", "a:chat"].usd == (Decimal("0.048"), Decimal("4.8"), Decimal("480"))
    assert found["draft", "local"].usd == (0, 0, 0)
    assert ("index", "a:chat") not in found
    assert ("draft", "a:embed") not in found


def test_an_unknown_model_is_named(table: Path) -> None:
    """A model without a price is an error with the closest name and the file to edit."""
    with pytest.raises(ConfigError, match="'a:chatt'; the closest name is 'a:chat'") as error:
        read_prices(table).of("a:chatt")
    assert str(table) in error.value.next_step


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ('"a:bad": {output: 1}', "a:bad: 'input'"),
        ('"a:bad": {input: -1}', "a:bad: -1 is no price"),
        ('"a:bad": {input: cheap}', "a:bad"),
        ('"a:bad": {input: .nan}', "a:bad: nan is no price"),
        ('"a:bad": 3', "a:bad"),
        ('"a:bad": [', "the file"),
    ],
)
def test_a_wrong_price_is_named(table: Path, line: str, complaint: str) -> None:
    """An entry that is no price is an error that names it."""
    table.write_text(TABLE + f"  {line}\n", encoding="utf-8")
    with pytest.raises(ConfigError) as error:
        read_prices(table)
    assert complaint in error.value.message


def test_the_table_of_the_lab() -> None:
    """The lab's own table is dated, has prices for its default models, and both kinds of model."""
    prices = read_prices()
    assert len(prices.as_of) == len("2025-01-31")
    assert prices.cost("offline", 10**6, 10**6) == prices.cost("minilm", 10**6) == 0
    assert {row.purpose for row in estimate(prices, Averages())} == {"index", "draft", "judge"}
    for name, price in prices.models.items():
        assert price.output is None or price.output >= price.input, name


def test_averages_are_measured() -> None:
    """Sums of characters become mean tokens, four characters each; what was not measured keeps its default."""
    text = {
        "conversations": 100,
        "chunks": 250,
        "chunk_characters": 150_000,
        "drafts": 10,
        "prompt_characters": 80_000,
        "reply_characters": 4_000,
    }
    mean = averages({"text": text})
    assert (mean.chunks_per_ticket, mean.tokens_per_chunk) == (2.5, 150)
    assert (mean.draft_prompt, mean.draft_reply) == (2_000, 100)
    assert mean.judge_prompt == 2_400  # prompt, reply and a rubric of 300
    assert mean.judge_reply == Averages.judge_reply
    assert averages({}) == Averages()


def test_tokens_are_a_quarter_of_the_characters() -> None:
    """Eight characters in two texts are two tokens."""
    assert estimated_tokens("four", "four") == 2
    assert estimated_tokens() == 0


def test_small_amounts_are_not_nothing() -> None:
    """Less than a cent is shown, however small; only nothing is 0."""
    assert dollars(Decimal("0.00002")) == "0.00002"
    assert dollars(Decimal("0.0000001")) == "<0.00001"
    assert dollars(Decimal("12345678.9")) == "12,345,678.90"


def test_it_is_shown_at_100_columns(table: Path) -> None:
    """The estimate and what was spent, by purpose and model; estimated tokens are marked, unknown prices said."""
    spent = [
        Spent("draft", "a:chat", 20, 0, 1, 49_060, 2_240, 61.5, Decimal("0.008703")),
        Spent("judge", "a:new", 4, 4, 0, 9_000, 300, 8.0, None),
    ]
    with console.capture() as capture:
        show_cost(read_prices(table), MEAN, spent)
    lines = capture.get().splitlines()
    assert all(len(line.rstrip()) <= 100 for line in lines)
    assert any(line.split() == ["draft", "a:chat", "2,000", "100", "0.36", "36.00", "3,600.00"] for line in lines)
    assert any(line.split() == ["draft", "a:chat", "20", "49,060", "2,240", "61.5", "1", "0.0087"] for line in lines)
    assert any("~9,000" in line and "no price" in line for line in lines)
    assert "2025-01-31" in capture.get()


def test_nothing_spent_is_said(table: Path) -> None:
    """Without a call there is no table of them, but a sentence."""
    with console.capture() as capture:
        show_cost(read_prices(table), MEAN, [])
    assert "No model has been called yet" in capture.get()

"""python: arithmetic and small tables, and nothing else."""

from collections.abc import Iterator

import pytest

from bridge.agent.tools.calculate import Calculator, check
from bridge.agent.tools.refused import Refused


@pytest.fixture(scope="module")
def calculator() -> Iterator[Calculator]:
    """One worker for all tests."""
    opened = Calculator()
    yield opened
    opened.close()


@pytest.mark.parametrize(
    ("code", "result"),
    [
        ("154 - 86", "68"),
        ("rows = [('pro', 3), ('free', 1)]\nsorted(rows, key=lambda row: row[1])", "[('free', 1), ('pro', 3)]"),
        ("numbers = [1, 3]\n[number / sum(numbers) for number in numbers]", "[0.25, 0.75]"),
        ("def mean(values):\n    return sum(values) / len(values)\nround(mean([1, 2, 4]), 2)", "2.33"),
    ],
)
def test_it_computes(calculator: Calculator, code: str, result: str) -> None:
    """The value of the last line comes back as text."""
    assert calculator.run(code) == result


@pytest.mark.parametrize(
    "code",
    [
        "import os\n1",
        "from os import path\n1",
        "__import__('os')",
        "().__class__.__bases__",
        "(1).real",
        "open('/etc/passwd')",
        "eval('1')",
        "getattr(1, 'real')",
        "class A:\n    pass\n1",
        "x = 1",
        "",
        "1 +",
        "(" * 5_000,
        "1 # " + "x" * 5_000,
    ],
)
def test_code_that_is_more_than_arithmetic_is_refused_unread(code: str) -> None:
    """Imports, attributes, dunder names and files never reach the interpreter."""
    with pytest.raises(Refused):
        check(code)


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("while True:\n    pass\n1", "time limit"),
        ("[0] * 10**10", "memory limit"),
        ("10 ** 10 ** 8", "memory limit"),
        ("'x' * 10**9", "memory limit"),
        ("2 ** 10 ** 6", "4300 digits"),
        ("def f(n):\n    return f(n + 1)\nf(0)", "recursion"),
        ("1 / 0", "division by zero"),
        ("list(range(5000))", "longer than"),
    ],
)
def test_limits_hold_and_the_next_calculation_runs(calculator: Calculator, code: str, says: str) -> None:
    """Time, memory, depth and length are limited; the worker, or a new one, serves on."""
    with pytest.raises(Refused, match=says):
        calculator.run(code)
    assert calculator.run("1 + 1") == "2"


def test_the_interpreter_itself_has_no_files(calculator: Calculator, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second wall holds without the first: unread code finds no file and no attribute to climb."""
    monkeypatch.setattr("bridge.agent.tools.calculate.check", lambda code: None)
    for code in ("open('/etc/passwd').read()", "().__class__", "__import__('os').system('id')"):
        with pytest.raises(Refused):
            calculator.run(code)


def test_the_worker_is_gone_after_closing() -> None:
    """No process is left behind."""
    opened = Calculator()
    assert opened.run("1") == "1"
    opened.close()
    assert opened.pool is None

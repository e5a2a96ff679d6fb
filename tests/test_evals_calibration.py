"""The judge is judged: a constant is worth nothing, failures are wrong, the set is read whole."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from judge_pairs import PAIRS, written

from evals.calibration import calibrate
from evals.calibration_report import show
from evals.judges.judge import Judge
from evals.pairs import read_pairs
from lab.aside import write_json
from lab.errors import ConfigError, MissingStep


class Fixed:
    """A judge that answers every prompt with the same verdict."""

    def __init__(self, verdict: int) -> None:
        self.verdict = verdict

    async def agenerate(self, prompt: str, response_model: Any) -> Any:
        one = {"statement": "s", "reason": "r", "verdict": self.verdict}
        return response_model.model_validate({"statements": [one]})


def fixed(verdict: int) -> Judge:
    return Judge("fixed", Fixed(verdict), repeats=1)


@pytest.mark.parametrize("verdict", [0, 1])
def test_a_constant_is_worth_a_coin(verdict: int) -> None:
    """A judge replaced by a constant has balanced accuracy 0.5 and kappa 0, below any bar worth the name."""
    found = calibrate(fixed(verdict), PAIRS, "all")
    assert found.balanced_accuracy.mean == 0.5
    assert found.kappa.mean == pytest.approx(0)
    assert found.balanced_accuracy.mean < 0.8


def test_a_verdict_that_is_none_is_wrong() -> None:
    """A verdict that is neither 0 nor 1 is a failure, and counts as wrong."""
    found = calibrate(fixed(7), PAIRS, "all")
    assert found.failed == len(PAIRS)
    assert found.accuracy.mean == 0


def test_the_kinds_add_up(capsys: pytest.CaptureFixture[str]) -> None:
    """Every pair is in the confusion of its kind, supported kinds first, and the table has a line for each."""
    found = calibrate(fixed(1), PAIRS, "all")
    assert sum(kind.right.n for kind in found.kinds) == len(PAIRS)
    assert found.kinds[0].kind == "paraphrase"
    assert all((kind.right.mean == 1) == kind.supported for kind in found.kinds)
    show(found)
    printed = capsys.readouterr().out
    assert all(kind.kind in printed for kind in found.kinds)
    assert max(map(len, printed.splitlines())) <= 100


def test_the_result_can_be_written(tmp_path: Path) -> None:
    """What goes into evals.json is JSON, with the judge's name and the intervals."""
    content = asdict(calibrate(fixed(1), PAIRS, "all"))
    write_json(tmp_path / "judge.json", content)
    assert content["judge"] == "fixed"
    assert set(content["balanced_accuracy"]) == {"mean", "low", "high", "n"}


def test_the_set_is_read_by_split(tmp_path: Path) -> None:
    """The pairs of a split are read back as they were written."""
    file = written(tmp_path)
    assert read_pairs(file, "dev") == PAIRS[:4]
    assert read_pairs(file) == PAIRS


def test_a_broken_set_is_named(tmp_path: Path) -> None:
    """No file, a line that is no pair, and a split without both sorts are errors that say where."""
    with pytest.raises(MissingStep, match=r"calibration\.jsonl"):
        read_pairs(tmp_path / "calibration.jsonl")
    file = written(tmp_path)
    with pytest.raises(ConfigError, match="supported and unsupported"):
        read_pairs(file, "holdout")
    with file.open("a") as stream:
        stream.write('{"id": "x"}\n')
    with pytest.raises(ConfigError, match="line 9"):
        read_pairs(file)

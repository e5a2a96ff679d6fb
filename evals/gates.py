"""Gates: which scores must hold, and what is printed when they do not."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evals.judged_metrics import JUDGED
from evals.paired import Comparison
from lab.errors import ConfigError

BOUNDS = ("at_least", "at_most", "above", "not_below_baseline", "not_above_baseline")
JUDGE = "judge_balanced_accuracy"  # what the judge is worth; see calibration.py
FILE = Path(__file__).parent / "gates.toml"
ROUNDING = 0.005  # processors round differently: a smaller difference from the baseline is none


@dataclass(frozen=True)
class Gate:
    """One bound on one metric's mean, over all queries or over those of one tag.

    `threshold` is a number, for `above` the name of another metric of the same queries. The two bounds that name the
    baseline have none: they fail when the difference is surely on the wrong side, its whole 95% interval beyond 0.
    """

    metric: str
    bound: str  # one of BOUNDS
    threshold: float | str | None
    reason: str
    tag: str | None = None

    def verdict(self, metrics: dict[str, Any], compared: dict[str, Comparison]) -> "Verdict | None":
        """The gate held against the metrics of evals.json, and what they were in the baseline.

        What was not measured does not pass. None when there is no baseline to compare with.
        """
        value = mean_of(metrics, self.metric)
        if self.threshold is None:
            found = compared.get(self.metric)
            if found is None:
                return None
            surely = found.difference.high if self.bound == "not_below_baseline" else -found.difference.low
            return Verdict(self.name, self.metric, value, found.before, surely >= -ROUNDING, self.reason)
        bound = mean_of(metrics, self.threshold) if isinstance(self.threshold, str) else self.threshold
        if value is None or bound is None:
            return Verdict(self.name, self.metric, value, bound, False, self.reason)
        passed = {"at_least": value >= bound, "at_most": value <= bound, "above": value > bound}[self.bound]
        return Verdict(self.name, self.metric, value, bound, passed, self.reason)

    @property
    def name(self) -> str:
        """Such as "ndcg@10 at least 0.45"."""
        threshold = f"{self.threshold:g}" if isinstance(self.threshold, float) else self.threshold or ""
        return f"{self.metric} {self.bound.replace('_', ' ')} {threshold}".strip() + (
            f" on {self.tag}" if self.tag else ""
        )


def mean_of(metrics: dict[str, Any], name: str) -> float | None:
    return metrics[name]["mean"] if name in metrics else None


@dataclass(frozen=True)
class Verdict:
    """A gate with the value it was held against; a metric that was not run has no value and does not pass."""

    name: str
    metric: str
    value: float | None
    threshold: float | None
    passed: bool
    reason: str


def read_gates(file: Path = FILE) -> list[Gate]:
    """The gates of a TOML file. Raises ConfigError for a gate without a metric, a reason and exactly one bound."""
    try:
        entries = tomllib.loads(file.read_text(encoding="utf-8")).get("gate", [])
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{file} is not TOML: {error}.", next_step=f"mend {file.name}") from None
    gates = []
    for number, entry in enumerate(entries, start=1):
        bounds = [name for name in BOUNDS if name in entry]
        if len(bounds) != 1 or not entry.get("metric") or not entry.get("reason"):
            raise ConfigError(
                f"{file}, gate {number}: it needs a metric, a reason, and one of {', '.join(BOUNDS)}.",
                next_step=f"mend {file.name}",
            )
        threshold = threshold_of(bounds[0], entry[bounds[0]])
        gates.append(Gate(entry["metric"], bounds[0], threshold, entry["reason"], entry.get("tag")))
    return gates


def threshold_of(bound: str, given: Any) -> float | str | None:
    if bound.endswith("baseline"):
        return None
    return str(given) if bound == "above" else float(given)


def hold(gates: list[Gate], content: dict[str, Any], compared: dict[str, Comparison]) -> list[Verdict]:
    """Every gate against the metrics and slices of evals.json; those that need a baseline only where there is one.

    What a judge says gates nothing when the judge itself does not pass.
    """
    held = (
        gate.verdict(content["slices"].get(gate.tag, {}) if gate.tag else content["metrics"], compared)
        for gate in gates
    )
    verdicts = [verdict for verdict in held if verdict]
    is_trusted = all(verdict.passed for verdict in verdicts if verdict.metric == JUDGE)
    return [verdict for verdict in verdicts if is_trusted or verdict.metric not in JUDGED]


def is_advisory(content: dict[str, Any]) -> bool:
    """Whether what the judge says is only shown: the judge itself did not pass, or was never judged."""
    return JUDGE not in content["metrics"] or any(g["metric"] == JUDGE and not g["passed"] for g in content["gates"])

"""Gates: which scores must hold, and what is printed when they do not."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lab.errors import ConfigError

BOUNDS = ("at_least", "at_most", "above")
FILE = Path(__file__).parent / "gates.toml"


@dataclass(frozen=True)
class Gate:
    """One bound on one metric's mean, over all queries or over those of one tag.

    `threshold` is a number, or for `above` the name of another metric of the same queries.
    """

    metric: str
    bound: str  # at_least, at_most or above
    threshold: float | str
    reason: str
    tag: str | None = None

    def verdict(self, metrics: dict[str, Any]) -> "Verdict":
        """The gate held against the metrics of evals.json; what was not measured does not pass."""
        value = mean_of(metrics, self.metric)
        bound = mean_of(metrics, self.threshold) if isinstance(self.threshold, str) else self.threshold
        if value is None or bound is None:
            return Verdict(self.name, value, bound, False, self.reason)
        passed = {"at_least": value >= bound, "at_most": value <= bound, "above": value > bound}[self.bound]
        return Verdict(self.name, value, bound, passed, self.reason)

    @property
    def name(self) -> str:
        """Such as "ndcg@10 at least 0.45"."""
        threshold = self.threshold if isinstance(self.threshold, str) else f"{self.threshold:g}"
        return f"{self.metric} {self.bound.replace('_', ' ')} {threshold}" + (f" on {self.tag}" if self.tag else "")


def mean_of(metrics: dict[str, Any], name: str) -> float | None:
    return metrics[name]["mean"] if name in metrics else None


@dataclass(frozen=True)
class Verdict:
    """A gate with the value it was held against; a metric that was not run has no value and does not pass."""

    name: str
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
        threshold = str(entry["above"]) if bounds == ["above"] else float(entry[bounds[0]])
        gates.append(Gate(entry["metric"], bounds[0], threshold, entry["reason"], entry.get("tag")))
    return gates


def hold(gates: list[Gate], content: dict[str, Any]) -> list[Verdict]:
    """Every gate against the metrics and slices of evals.json."""
    return [gate.verdict(content["slices"].get(gate.tag, {}) if gate.tag else content["metrics"]) for gate in gates]

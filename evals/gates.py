"""Gates: which scores must hold, and what is printed when they do not."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lab.errors import ConfigError

FILE = Path(__file__).parent / "gates.toml"


@dataclass(frozen=True)
class Gate:
    """One bound on one metric's mean."""

    metric: str
    bound: str  # at_least or at_most
    threshold: float
    reason: str

    def holds(self, value: float) -> bool:
        """Whether the gate lets `value` pass."""
        return value >= self.threshold if self.bound == "at_least" else value <= self.threshold

    @property
    def name(self) -> str:
        """Such as "ndcg@10 at least 0.45"."""
        return f"{self.metric} {self.bound.replace('_', ' ')} {self.threshold:g}"


@dataclass(frozen=True)
class Verdict:
    """A gate with the value it was held against; a metric that was not run has no value and does not pass."""

    name: str
    value: float | None
    threshold: float
    passed: bool
    reason: str


def read_gates(file: Path = FILE) -> list[Gate]:
    """The gates of a TOML file. Raises ConfigError for a gate without exactly one bound, a metric and a reason."""
    try:
        entries = tomllib.loads(file.read_text(encoding="utf-8")).get("gate", [])
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{file} is not TOML: {error}.", next_step=f"mend {file.name}") from None
    gates = []
    for number, entry in enumerate(entries, start=1):
        bounds = [name for name in ("at_least", "at_most") if name in entry]
        if len(bounds) != 1 or not entry.get("metric") or not entry.get("reason"):
            raise ConfigError(
                f"{file}, gate {number}: it needs a metric, a reason, and one of at_least and at_most.",
                next_step=f"mend {file.name}",
            )
        gates.append(Gate(entry["metric"], bounds[0], float(entry[bounds[0]]), entry["reason"]))
    return gates


def hold(gates: list[Gate], metrics: dict[str, Any]) -> list[Verdict]:
    """Every gate against the metrics of evals.json."""
    verdicts = []
    for gate in gates:
        value = metrics[gate.metric]["mean"] if gate.metric in metrics else None
        passed = value is not None and gate.holds(value)
        verdicts.append(Verdict(gate.name, value, gate.threshold, passed, gate.reason))
    return verdicts

"""Read an experiment: a ladder of rungs, or a grid of all combinations, from one TOML file."""

import itertools
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lab.errors import ConfigError, closest
from lab.settings import Settings
from rag_track.filters import Filters

LADDER = Path(__file__).parent / "ladder.toml"
FILTERS = ("product_category", "customer_tier")  # what is known of a new ticket before anybody has read it
INDEXED = ("chunker", "chunk_size", "chunk_overlap", "boilerplate", "notes", "embeddings")  # what makes another index


@dataclass(frozen=True)
class Configuration:
    """One way to run the track: its name, its settings, and the fields of a question that hits must share."""

    name: str
    settings: Settings
    filters: tuple[str, ...]

    def of(self, query: Any) -> Filters:
        """The filters for one query; a field that it does not have filters nothing."""
        return Filters(**{name: getattr(query, name) for name in self.filters if getattr(query, name)})


@dataclass(frozen=True)
class Experiment:
    """Configurations to compare, on one split; on a ladder each one with the one before."""

    split: str
    is_ladder: bool
    configurations: tuple[Configuration, ...]


def read_experiment(file: Path, settings: Settings) -> Experiment:
    """The configurations of a file, on top of `settings`. Raises ConfigError that names what is wrong with it.

    `[[rung]]` tables are a ladder: each has the settings of the one before and its own. A `[grid]` table has a list
    for each setting, and every combination is one configuration.
    """
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigError(f"There is no {file}.", next_step="make experiment, for the ladder in evals/") from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{file} is not TOML: {error}.", next_step=f"mend {file.name}") from None
    rungs, grid = content.get("rung", []), content.get("grid", {})
    if bool(rungs) == bool(grid):
        raise ConfigError(f"{file} needs either [[rung]] tables or one [grid].", next_step=f"mend {file.name}")
    given = ladder(rungs) if rungs else combinations(grid)
    configurations = tuple(configuration(file, settings, *one) for one in given)
    return Experiment(content.get("split", "dev"), bool(rungs), configurations)


def ladder(rungs: list[dict[str, Any]]) -> list[tuple[str, dict[str, Any], list[str]]]:
    """Name, settings and filters of each rung, with those of the rungs before."""
    changed: dict[str, Any] = {}
    filters: list[str] = []
    found = []
    for number, rung in enumerate(rungs, start=1):
        changed = changed | rung.get("settings", {})
        filters = rung.get("filters", filters)
        found.append((rung.get("name", f"rung {number}"), changed, filters))
    return found


def combinations(grid: dict[str, list[Any]]) -> list[tuple[str, dict[str, Any], list[str]]]:
    """Name, settings and filters of every combination.

    >>> [name for name, *_ in combinations({"retriever": ["dense", "bm25"], "top_k": [5]})]
    ['retriever=dense top_k=5', 'retriever=bm25 top_k=5']
    """
    names = [name for name in grid if name != "filters"]
    found = []
    for values in itertools.product(*(grid[name] for name in names)):
        for filters in grid.get("filters", [[]]):
            changed = dict(zip(names, values, strict=True))
            words = [f"{name}={value}" for name, value in changed.items()]
            found.append((" ".join([*words, *(f"same {name}" for name in filters)]), changed, filters))
    return found


def configuration(
    file: Path, settings: Settings, name: str, changed: dict[str, Any], filters: list[str]
) -> Configuration:
    for setting in changed:
        if setting not in Settings.model_fields:
            use = closest(setting, list(Settings.model_fields))
            raise ConfigError(f"{file}, {name!r}: there is no setting {setting!r}.", next_step=f"use {use}")
    for field in filters:
        if field not in FILTERS:
            raise ConfigError(f"{file}, {name!r}: no filter {field!r}.", next_step=f"use {', '.join(FILTERS)}")
    try:
        return Configuration(name, Settings.model_validate(settings.model_dump() | changed), tuple(filters))
    except ValueError as error:
        raise ConfigError(f"{file}, {name!r}: {error}", next_step=f"mend {file.name}") from None

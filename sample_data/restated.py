"""Read what was written by hand to wordings of the catalogue: each says one again in other words, and contradicts it.

The files are `calibration/<product category>.yaml`. Every paraphrase follows from its wording alone, every
negation is against something that the wording says. calibration.py makes labelled pairs from them.
"""

from dataclasses import dataclass
from pathlib import Path

from pydantic import Field

from lab.errors import ConfigError
from sample_data.catalogue import Catalogue, Problem, Resolution
from sample_data.other_numbers import numbers
from sample_data.strict_yaml import Strict, read
from sample_data.truth import splits

FOLDER = Path(__file__).parent / "calibration"


class Restated(Strict):
    """One wording, said again. Paraphrases begin with a word that may be written small, and end with a full stop."""

    resolution: str
    wording: int = Field(ge=1)  # its number in the catalogue, from 1
    paraphrases: tuple[str, ...] = Field(min_length=1, max_length=2)
    negation: str


class Sheet(Strict):
    """One file: the restated wordings of a product category."""

    category: str
    restated: tuple[Restated, ...] = Field(min_length=12)


@dataclass(frozen=True)
class Source:
    """A wording with its place in the catalogue and what was written to it."""

    category: str
    split: str
    problem: Problem
    resolution: Resolution
    wording: str
    paraphrases: tuple[str, ...]
    negation: str


def read_sources(catalogue: Catalogue, folder: Path = FOLDER) -> list[Source]:
    """All restated wordings, in the order of the files. Raises ConfigError for what does not fit the catalogue."""
    sides = splits(catalogue)
    known = {r.id: (category, problem, r) for category, problem in catalogue.problems() for r in problem.resolutions}
    sources = []
    for file in sorted(folder.glob("*.yaml")):
        for one in read(file, Sheet).restated:
            if one.resolution not in known or one.wording > len(known[one.resolution][2].wordings):
                raise fault(file, one, f"there is no wording {one.wording} of {one.resolution}")
            category, problem, resolution = known[one.resolution]
            wording = resolution.wordings[one.wording - 1]
            for paraphrase in one.paraphrases:
                if unsaid := numbers(paraphrase) - numbers(wording):
                    raise fault(file, one, f"wording {one.wording} of {one.resolution} does not say {min(unsaid)}")
            written = one.paraphrases, one.negation
            sources.append(Source(category.category, sides[problem.id], problem, resolution, wording, *written))
    return sources


def fault(file: Path, one: Restated, message: str) -> ConfigError:
    lines = file.read_text(encoding="utf-8").splitlines()
    line = next(n for n, text in enumerate(lines, start=1) if text.strip() == f"- resolution: {one.resolution}")
    return ConfigError(f"{file.name}, line {line}: {message}.", next_step="mend that line, then make data")

"""Route: which way of answering a clause needs. Words of the semantic layer first; what they leave open, by nearness.

The examples of each route and the metrics' own descriptions are embedded with the lab's embedding model.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import yaml

from etl_track.vocabulary import NamedMetric, Vocabulary

ROUTES = Path(__file__).parent / "routes.yml"
# A clause is taken from the reader only when it is near to another route's examples and nearer by a margin. Of the 475
# answerable queries in the golden set's dev split 472 are read so.
NEAR = 0.45
MARGIN = 0.1


class Embeds(Protocol):
    """What gives a vector of length 1 for each text."""

    def vectors(self, texts: list[str]) -> Any: ...


@dataclass(frozen=True)
class Nearness:
    """How near a text is to each route, and to the metrics: cosines."""

    routes: dict[str, float]
    metrics: tuple[tuple[NamedMetric, float], ...]

    @property
    def route(self) -> str:
        """The route, which is reading unless another one is clearly nearer."""
        best = max(self.routes, key=lambda name: self.routes[name])
        is_clear = self.routes[best] >= NEAR and self.routes[best] - self.routes["reading"] >= MARGIN
        return best if is_clear else "reading"


@cache
def examples() -> dict[str, list[str]]:
    """The example questions of each route."""
    content: dict[str, list[str]] = yaml.safe_load(ROUTES.read_text(encoding="utf-8"))
    return content


def nearness(text: str, embeddings: Embeds, vocabulary: Vocabulary) -> Nearness:
    """How near a text is to each route (the mean of its two nearest examples) and to each metric, the nearest first."""
    named = [(route, example) for route, of in examples().items() for example in of]
    described = [f"{metric.reads}: {metric.description}" for metric in vocabulary.metrics]
    vectors = embeddings.vectors([text, *(example for _, example in named), *described])
    cosines = vectors[1:] @ vectors[0]
    routes = {
        route: float(np.sort([c for (name, _), c in zip(named, cosines, strict=False) if name == route])[-2:].mean())
        for route in examples()
    }
    ranked = sorted(zip(vocabulary.metrics, cosines[len(named) :].tolist(), strict=True), key=lambda pair: -pair[1])
    return Nearness(routes, tuple(ranked))

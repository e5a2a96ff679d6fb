"""The charts: true to scale, and seen on both papers."""

import re

import numpy as np
import pytest
from conftest import ROOT

from rag_track.charts import OTHER, PRODUCTS, RIGHT, WRONG, space_chart


def test_both_directions_have_one_scale() -> None:
    """Twice as far to the right is drawn as far as twice as far up, whatever shape the cloud has."""
    cloud = space_chart(np.array([[0.0, 0.0], [10.0, 1.0], [5.0, 2.0]]), ["exports"] * 3).to_dict()["layer"][0]
    (left, right), (low, high) = (cloud["encoding"][axis]["scale"]["domain"] for axis in "xy")
    assert right - left == pytest.approx(high - low)
    assert left < 0 < 10 < right
    assert low < 0 < 2 < high


@pytest.mark.parametrize("colour", [*PRODUCTS, OTHER, RIGHT, WRONG])
def test_colours_are_seen_in_both_modes(colour: str) -> None:
    """A contrast of 3 or more with the page's paper, light and dark, as lab/base.html has it (WCAG 2.2, 1.4.11)."""
    papers = re.findall(r"--paper: (#\w+)", (ROOT / "lab" / "base.html").read_text(encoding="utf-8"))
    assert len(papers) == 2
    for paper in papers:
        low, high = sorted((luminance(colour), luminance(paper)))
        assert (high + 0.05) / (low + 0.05) >= 3


def luminance(colour: str) -> float:
    """The relative luminance of WCAG 2.2."""
    digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
    parts = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return float(np.dot(linear, (0.2126, 0.7152, 0.0722)))

"""The catalogue is the truth of the lab, so it is checked strictly."""

from pathlib import Path

import pytest

from lab.errors import ConfigError
from sample_data.catalogue import read_catalogue
from sample_data.company import read_company
from sample_data.held_out import near_copy, word_overlap

CATALOGUE = Path(__file__).parent.parent / "sample_data" / "catalogue"


def test_the_catalogue_is_large_enough() -> None:
    """At least 24 problems in at least six categories, no two of them with the same resolution."""
    problems = [problem for _, problem in read_catalogue().problems()]
    assert len(problems) >= 24
    assert len(read_catalogue().categories) >= 6
    stated = [tuple(sorted(resolution.facts)) for problem in problems for resolution in problem.resolutions]
    assert len(stated) == len(set(stated))


def test_exactly_one_answer_is_right_at_any_time() -> None:
    """For every problem, plan and release there is one resolution."""
    releases = tuple(read_company().releases)
    for _, problem in read_catalogue().problems():
        for tier in problem.tiers:
            assert all(problem.resolution_for(tier, release, releases) for release in releases)


def test_no_golden_query_stands_in_the_catalogue() -> None:
    """No golden query is a near copy of a phrasing of its problem, nor shares half its words with any other."""
    problems = [problem for _, problem in read_catalogue().problems()]
    phrasings = [phrasing for problem in problems for phrasing in problem.phrasings]
    for problem in problems:
        for golden in problem.golden:
            assert not [phrasing for phrasing in problem.phrasings if near_copy(golden.text, phrasing)]
            assert not [phrasing for phrasing in phrasings if word_overlap(golden.text, phrasing) > 0.5]


def broken(tmp_path: Path, old: str, new: str) -> Path:
    text = (CATALOGUE / "exports.yaml").read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "exports.yaml").write_text(text.replace(old, new, 1), encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("    weight: 1.6", "    weight: heavy", r"exports\.yaml, line 25: problems\.0\.weight"),
        (
            "    tags: [by_tier, outdated, same_symptom]",
            "    tags: [hard]",
            r"line 24: problems\.0\.tags",
        ),
        ('facts: ["bulk export flag", "More > Bulk export"]', 'facts: ["bulk flag", "x"]', "does not contain the fact"),
        ("        tiers: [free]\n", "", "2 resolutions are valid for tier pro at release 5.0"),
        ("confused_with: [exports-archived-projects]", "confused_with: [exports-unknown]", "which no file has"),
        ("category: exports", "category: [exports", "is not YAML"),
    ],
)
def test_an_error_names_file_and_line(tmp_path: Path, old: str, new: str, says: str) -> None:
    """A wrong type, an unknown tag, a wording without its fact, overlapping answers, a dead reference."""
    with pytest.raises(ConfigError, match=says):
        read_catalogue(broken(tmp_path, old, new))

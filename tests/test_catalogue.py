"""The catalogue is the truth of the lab, so it is checked strictly."""

from collections import Counter
from itertools import combinations
from pathlib import Path
from typing import get_args

import pytest

from lab.errors import ConfigError
from sample_data.catalogue import Tag, read_catalogue, read_unanswered
from sample_data.company import read_company
from sample_data.held_out import near_copy, word_overlap, words

CATALOGUE = Path(__file__).parent.parent / "sample_data" / "catalogue"


def test_the_catalogue_is_large_enough() -> None:
    """At least 84 problems, twelve and more in each of seven categories, 400 golden queries, 40 without an answer."""
    catalogue = read_catalogue()
    assert len(catalogue.categories) == 7
    assert all(len(category.problems) >= 12 for category in catalogue.categories)
    assert sum(len(problem.golden) for _, problem in catalogue.problems()) >= 400
    assert len(set(read_unanswered())) >= 40


def test_what_makes_it_hard_is_there_and_marked() -> None:
    """Codes, pairs of one symptom, answers by tier and release, vague and double questions, workarounds replaced."""
    problems = [problem for _, problem in read_catalogue().problems()]
    marks = Counter(tag for problem in problems for tag in problem.tags)
    queries = Counter(tag for problem in problems for golden in problem.golden for tag in golden.tags)
    assert all(marks[tag] >= 7 for tag in ("exact_code", "same_symptom", "by_tier", "outdated", "vague", "workaround"))
    assert all(queries[tag] >= 20 for tag in get_args(Tag))
    assert sum(resolution.until is not None for problem in problems for resolution in problem.resolutions) >= 10
    for problem in problems:
        assert ("same_symptom" not in problem.tags) or problem.confused_with
        assert "exact_code" not in problem.tags or problem.error_codes
    codes = [code for problem in problems for code in problem.error_codes]
    assert len(codes) == len(set(codes)) >= 14


def test_no_two_problems_share_a_resolution() -> None:
    """No two answers state the same facts, and no two of different problems share half of their words."""
    problems = [problem for _, problem in read_catalogue().problems()]
    stated = [tuple(sorted(resolution.facts)) for problem in problems for resolution in problem.resolutions]
    assert len(stated) == len(set(stated))
    answers = [(problem.id, r.wordings[0]) for problem in problems for r in problem.resolutions]
    for (one, text), (other, another) in combinations(answers, 2):
        assert one == other or word_overlap(text, another) < 0.5, (one, other)


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


def test_no_golden_query_is_a_near_copy_of_anything_said() -> None:
    """What customers and agents say, paste or note shares no half of its words, nor eight in a row, with a query."""
    said = [text for category in read_catalogue().categories for text in category.details]
    for _, problem in read_catalogue().problems():
        said += [*problem.phrasings, *problem.agent_questions, *problem.customer_answers, *problem.evidence]
        said += [*problem.private_notes, *(w for resolution in problem.resolutions for w in resolution.wordings)]
    bags = [set(words(text)) for text in said]
    runs = {run for text in said for run in runs_of_eight(text)}
    for _, problem in read_catalogue().problems():
        for golden in problem.golden:
            bag = set(words(golden.text))
            assert not runs & set(runs_of_eight(golden.text)), golden.text
            # A bare code has to stand in the tickets, or lexical search would not find it.
            assert len(bag) < 4 or max(len(bag & other) / len(bag | other) for other in bags) <= 0.5, golden.text


def runs_of_eight(text: str) -> list[tuple[str, ...]]:
    said = words(text)
    return [tuple(said[n : n + 8]) for n in range(len(said) - 7)]


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

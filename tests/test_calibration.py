"""The calibration set for judges: every label holds by construction, and no sentence gives its label away."""

import re
import statistics
from collections import Counter
from pathlib import Path

import pytest

from lab.errors import ConfigError
from sample_data.calibration import SIZES, Pair, calibration_pairs, claims, in_conversation
from sample_data.catalogue import read_catalogue
from sample_data.held_out import normal, word_overlap
from sample_data.other_numbers import LADDERS, SPELLED, numbers, with_other_number
from sample_data.restated import FOLDER, read_sources
from sample_data.truth import splits


@pytest.fixture(scope="module")
def pairs() -> list[Pair]:
    return list(calibration_pairs(read_catalogue()))


def facts_of(problems: set[str]) -> set[str]:
    found = (problem for _, problem in read_catalogue().problems() if problem.id in problems)
    return {fact for problem in found for r in problem.resolutions for fact in r.facts}


def sentences(text: str) -> list[str]:
    return re.split(r"(?<=[.:;!?])\s+", text)


def said_only_by(statement: str, context: str, facts: set[str]) -> list[str]:
    """Facts that stand in the statement and not in the context."""
    return [fact for fact in facts if normal(fact) in normal(statement) and normal(fact) not in normal(context)]


def test_every_kind_is_there_in_both_splits(pairs: list[Pair]) -> None:
    """At least 420 pairs; of each kind at least 40, and 15 in each split; 40 to 50 % are supported."""
    counts = Counter((pair.kind, pair.split) for pair in pairs)
    assert len(pairs) >= 420
    for kind, size in SIZES.items():
        assert counts[kind, "dev"] == counts[kind, "test"] == size >= 20
    for split in ("dev", "test"):
        assert 0.4 < sum(pair.supported for pair in pairs if pair.split == split) / (len(pairs) / 2) < 0.5


def test_no_pair_twice_and_ids_are_stable(pairs: list[Pair]) -> None:
    """Ids and contents are unique, a second run gives the same pairs, and another category changes none of them."""
    assert len({pair.id for pair in pairs}) == len({(p.context, p.statement) for p in pairs}) == len(pairs)
    assert list(calibration_pairs(read_catalogue())) == pairs
    sources = read_sources(read_catalogue())
    access = [source for source in sources if source.category == "access"]
    for source in access:
        alone = [in_conversation(claim, access) for claim in claims(source, access)]
        assert alone == [in_conversation(claim, sources) for claim in claims(source, sources)]


def test_splits_are_those_of_the_golden_queries(pairs: list[Pair]) -> None:
    """No problem is in both splits, and nothing in a context or a statement is from a problem of the other one."""
    sides = splits(read_catalogue())
    assert all(pair.split == sides[pair.problem_id] for pair in pairs)
    wordings = {w: p.id for _, p in read_catalogue().problems() for r in p.resolutions for w in r.wordings}
    for pair in pairs:
        assert {sides[problem] for wording, problem in wordings.items() if wording in pair.context} == {pair.split}


def test_a_context_is_an_agents_answer(pairs: list[Pair]) -> None:
    """Greeting, wording, closing; in about half of the pairs of either label another answer stands before it."""
    wordings = [w for _, p in read_catalogue().problems() for r in p.resolutions for w in r.wordings]
    own = {p.id: [w for r in p.resolutions for w in r.wordings] for _, p in read_catalogue().problems()}
    for label in (True, False):
        found = [sum(w in pair.context for w in wordings) for pair in pairs if pair.supported == label]
        assert set(found) == {1, 2}
        assert 0.4 < found.count(2) / len(found) < 0.6
    for pair in pairs:
        hello, *_, last = pair.context.split("\n\n")
        assert len(hello.split()) < 7
        [wording] = [w for w in own[pair.problem_id] if last.startswith(w)]
        assert last != wording


def test_no_statement_stands_in_its_context(pairs: list[Pair]) -> None:
    """A statement is one sentence, and neither it nor nearly the same is a sentence of the context."""
    for pair in pairs:
        assert pair.statement.endswith(".")
        assert not re.search(r"[.!?] [A-Z]", pair.statement)
        assert normal(pair.statement).rstrip(".") not in normal(pair.context)
        assert max(word_overlap(pair.statement, sentence) for sentence in sentences(pair.context)) < 0.6, pair


def test_a_paraphrase_says_no_more_than_its_context(pairs: list[Pair]) -> None:
    """Its numbers, codes, menu paths and the facts of its problem stand in the context."""
    for pair in pairs:
        if pair.supported:
            assert pair.kind == "paraphrase"
            assert numbers(pair.statement) <= numbers(pair.context)
            names = re.findall(r"[A-Z]{3}-\d{4}|\S+/\S+|(?:[A-Z]\w+ )+> (?:[A-Z]\w+ )*(?:> )?[A-Z]\w+", pair.statement)
            assert all(name in pair.context for name in names), pair
            assert not said_only_by(pair.statement, pair.context, facts_of({pair.problem_id}))


def test_a_swapped_number_is_not_in_the_context(pairs: list[Pair]) -> None:
    """A hand-written paraphrase has exactly one number changed, and the new one stands nowhere in the context."""
    written = {p for source in read_sources(read_catalogue()) for p in source.paraphrases}
    every_number = {number for ladder in LADDERS for number in ladder}
    for pair in (pair for pair in pairs if pair.kind == "swapped_number"):
        [wrong] = numbers(pair.statement) - numbers(pair.context)
        spellings = {wrong} | {word for word, number in SPELLED.items() if number == wrong}
        assert not re.search(rf"(?<![\w.,:])({'|'.join(spellings)})(?![\w:])", pair.context.lower())
        [new] = [spelling for spelling in spellings if re.search(rf"(?<!\w){spelling}(?!\w)", pair.statement)]
        assert any(pair.statement.replace(new, old, 1) in written for old in every_number)


def test_an_unsupported_fact_is_not_in_the_context(pairs: list[Pair]) -> None:
    """Another tier, an earlier release and another problem are told by a fact that no sentence of the context has."""
    categories = {p.id: {q.id for q in category.problems} for category, p in read_catalogue().problems()}
    for pair in pairs:
        if pair.kind in ("other_tier", "outdated_step"):
            assert said_only_by(pair.statement, pair.context, facts_of({pair.problem_id})), pair
        if pair.kind in ("absent", "half_supported"):
            others = categories[pair.problem_id] - {pair.problem_id}
            assert said_only_by(pair.statement, pair.context, facts_of(others)), pair


def test_another_tier_is_at_the_same_time_and_an_outdated_step_was_before(pairs: list[Pair]) -> None:
    """The answer that a sentence is from shares a release and no tier with the context's, or a tier and no release."""
    releases = ["5.0", "5.1", "5.2", "5.3", "5.4", "5.5", "5.6", None]
    sources = read_sources(read_catalogue())
    for pair in (pair for pair in pairs if pair.kind in ("other_tier", "outdated_step")):
        [wrong] = {s.resolution.id: s.resolution for s in sources if pair.statement in s.paraphrases}.values()
        [right] = [s.resolution for s in sources if s.problem.id == pair.problem_id and s.wording in pair.context]
        together = max(map(releases.index, (right.since, wrong.since))) < min(
            releases.index(right.until), releases.index(wrong.until)
        )
        assert together == (pair.kind == "other_tier")
        assert bool(set(right.tiers) & set(wrong.tiers)) == (pair.kind == "outdated_step")
        assert together or releases.index(wrong.until) <= releases.index(right.since)


def test_half_of_it_is_supported(pairs: list[Pair]) -> None:
    """A half-supported statement begins with a paraphrase of the context's wording and goes on with another answer."""
    sources = read_sources(read_catalogue())
    for pair in (pair for pair in pairs if pair.kind == "half_supported"):
        first = [
            p for s in sources if s.problem.id == pair.problem_id and s.wording in pair.context for p in s.paraphrases
        ]
        assert any(pair.statement.startswith(p.removesuffix(".") + ", and ") for p in first)


def test_a_sentence_does_not_tell_its_label(pairs: list[Pair]) -> None:
    """Many sentences are supported by one context and not by another, and the labels do not differ by length."""
    supported = {pair.statement for pair in pairs if pair.supported}
    both = [pair for pair in pairs if not pair.supported and pair.statement in supported]
    assert len(both) >= 40
    lengths = [len(pair.statement.split()) for pair in pairs if pair.supported]
    wrong = ("other_tier", "outdated_step", "absent", "swapped_number")
    others = [len(pair.statement.split()) for pair in pairs if pair.kind in wrong]
    assert 0.87 < statistics.mean(lengths) / statistics.mean(others) < 1.15


def test_each_category_has_twelve_resolutions_of_both_splits() -> None:
    """Every category restates at least twelve resolutions, with dev and test, several tiers and outdated answers."""
    sources = read_sources(read_catalogue())
    for category in {source.category for source in sources}:
        own = [source for source in sources if source.category == category]
        assert len({source.resolution.id for source in own}) == len(own) >= 12
        assert {source.split for source in own} == {"dev", "test"}
        assert any(source.resolution.until for source in own)
        assert any(len(source.resolution.tiers) < len(source.problem.tiers) for source in own)
    assert len({source.category for source in sources}) == 7


def test_sentences_are_written_anew() -> None:
    """No paraphrase or negation shares more than half of its words with a sentence of its wording, none comes twice."""
    sources = read_sources(read_catalogue())
    written = [text for source in sources for text in (*source.paraphrases, source.negation)]
    assert len(written) == len(set(written))
    for source in sources:
        for text in (*source.paraphrases, source.negation):
            assert max(word_overlap(text, sentence) for sentence in sentences(source.wording)) <= 0.5, text


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("resolution: exports-row-limit-r1", "resolution: exports-row-limit-r9", r"line 3: there is no wording 1 of"),
        ("wording: 1", "wording: 9", r"line 3: there is no wording 9 of exports-row-limit-r1"),
        ("ends at 10,000 rows", "ends at 20,000 rows", r"exports-row-limit-r1 does not say 20,000"),
        ("negation:", "contrary:", r"restated\.0\.negation"),
    ],
)
def test_an_error_names_file_and_line(tmp_path: Path, old: str, new: str, says: str) -> None:
    """A resolution or wording that is not there, a number that the wording does not say, a missing field."""
    text = (FOLDER / "exports.yaml").read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "exports.yaml").write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ConfigError, match=r"exports\.yaml") as error:
        read_sources(read_catalogue(), tmp_path)
    assert re.search(says, error.value.message)


@pytest.mark.parametrize(
    ("text", "context", "swapped"),
    [
        ("It takes five days.", "", "It takes six days."),
        ("It takes five days.", "not 6 days", "It takes seven days."),
        ("The limit is 10,000 rows.", "", "The limit is 20,000 rows."),
        ("The job runs at 02:00 UTC.", "", "The job runs at 03:00 UTC."),
        ("It came with 5.2.", "", "It came with 5.3."),
    ],
)
def test_a_number_gives_way_to_a_later_one(text: str, context: str, swapped: str) -> None:
    """A limit, a duration, a time of day or a release is replaced by the next one that the context does not have."""
    found = with_other_number(text, context)
    assert found is not None
    assert found.text == swapped


@pytest.mark.parametrize(
    "text", ["ACC-2107 at /v2/events", "the six-digit code", "1.234,56", "08:00-10:00 UTC", "page_size=200", "5.4.1"]
)
def test_codes_are_no_numbers(text: str) -> None:
    """Codes, paths, compounds, ranges and longer versions are left alone."""
    assert numbers(text) == set()
    assert with_other_number(text, "") is None

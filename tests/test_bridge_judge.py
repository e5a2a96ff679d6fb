"""Judging: the truth passes in whatever words it is said, and nothing passes by luck."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.bank import Kind
from bridge.figures import Groups, Number, stated
from bridge.judge import judge
from bridge.quantities import quantities
from bridge.truth import Question, Solution

UNITS = st.sampled_from(["tickets", "customers", "minutes", "share", "euro"])


def question(
    figure: Number | Groups | None = None, solution: Solution | None = None, kind: Kind = "counting"
) -> Question:
    return Question("q", "dev", kind, "?", None, None, figure, solution, "")


def is_right(answer: str, asked: Question, held_back: bool = False) -> bool:
    return judge(asked, answer, held_back).correct


def number(value: float | None, unit: str, *beside: float) -> Question:
    return question(Number(value, unit, beside))


def value_in(draw: st.DrawFn, unit: str) -> float:
    """A number as the unit has it: whole things, per mille, seconds of an hour."""
    whole = draw(st.integers(1, 5_000_000))
    return {"share": whole % 1000 / 1000, "minutes": whole / 60}.get(unit, float(whole))


@st.composite
def numbers(draw: st.DrawFn) -> tuple[float, str]:
    unit = draw(UNITS)
    return value_in(draw, unit), unit


@given(
    numbers(),
    st.sampled_from(["{}", "It is {}.", "**{}** in March 2026", "mean where month = 2026-03: {}", "| all | {} |"]),
)
def test_the_truth_passes_in_any_sentence(truth: tuple[float, str], sentence: str) -> None:
    """A right number in its unit is right, whatever stands around it, dates included."""
    value, unit = truth
    assert is_right(sentence.format(stated(value, unit)), number(value, unit))


@pytest.mark.parametrize(
    ("said", "value", "unit"),
    [
        ("1417.5 minutes", 1417.5, "minutes"),
        ("1,420 min", 1417.5, "minutes"),  # within half a percent
        ("23.6 hours", 1417.5, "minutes"),
        ("23 h 38 min", 1417.5, "minutes"),
        ("23 hours and 38 minutes", 1417.5, "minutes"),
        ("1,417.5 minutes (23.6 hours)", 1417.5, "minutes"),
        ("12 exports tickets came in during February 2026", 12, "tickets"),
        ("12 more tickets", 12, "tickets"),
        ("82 percent", 0.8199, "share"),
        ("82.0 per cent", 0.82, "share"),
        ("€3,167,800", 3_167_800, "euro"),
        ("EUR 3.17 million", 3_167_800, "euro"),
        ("3168k euro", 3_167_800, "euro"),
        ("22 enterprise accounts", 22, "customers"),
        ("-24.7 minutes", -24.7, "minutes"),
    ],
)
def test_a_number_may_be_said_in_many_ways(said: str, value: float, unit: str) -> None:
    """Hours are minutes, a million is a million; half a percent is allowed for what is measured."""
    assert is_right(f"That makes {said}.", number(value, unit))


@given(numbers(), st.floats(0.3, 3).filter(lambda factor: abs(factor - 1) > 0.02), st.floats(1, 9))
def test_a_wrong_number_never_passes(truth: tuple[float, str], factor: float, more: float) -> None:
    """Neither a number that is too high or too low, nor a wrong one beside the right one, nor another unit."""
    value, unit = truth
    wrong = value * factor + more if unit != "share" else (value + 0.1 + factor / 10) % 1
    right, other = stated(value, unit), stated(wrong, unit)
    if abs(wrong - value) <= 0.01 * abs(value) or right == other:
        return
    assert not is_right(f"It is {other}.", number(value, unit))
    assert not is_right(f"It is {right}, or {other}.", number(value, unit))
    assert not is_right(f"It is {other}.\nThat is, {right}.", number(value, unit))
    assert not is_right(f"It is {right.split()[0].rstrip('%')} of something.", number(value, unit))


@pytest.mark.parametrize(
    ("answer", "value", "unit"),
    [
        ("1,450 minutes", 1417.5, "minutes"),
        ("1417.5 tickets or so, 12 minutes", 1417.5, "minutes"),
        ("1,417.5", 1417.5, "minutes"),  # of what?
        ("from 1,400 to 1,417.5 minutes, or 1,500 minutes", 1417.5, "minutes"),
        ("1410-1420 minutes", 1417.5, "minutes"),  # a range
        ("24 hours", 1417.5, "minutes"),
        ("24.7 minutes", -24.7, "minutes"),  # the other one is slower
        ("116 tickets", 115, "tickets"),  # what is counted must be exact
        ("12 tickets of 116 tickets", 12, "tickets"),
        ("In 2026 there were tickets", 2026, "tickets"),
        ("Release 5.4 minutes", 4, "minutes"),
        ("No metric measures this.", 12, "tickets"),
    ],
)
def test_what_is_no_right_number(answer: str, value: float, unit: str) -> None:
    """Near, unmarked, hidden among others, a range, of another unit: none is right."""
    assert not is_right(answer, number(value, unit))


def test_a_difference_may_name_what_it_is_of() -> None:
    """Both operands may stand beside the difference, not instead of it, and nothing else may."""
    asked = number(68, "tickets", 155, 87)
    assert is_right("68 tickets more: 155 tickets in December, 87 tickets in November.", asked)
    assert not is_right("155 tickets in December, 87 tickets in November.", asked)
    assert not is_right("68 tickets more: 155 tickets in December, 88 tickets in November.", asked)


def test_nothing_matches_has_to_be_said() -> None:
    """Without a matching ticket the right answer says so; a decline does not."""
    for value in (0.0, None):
        asked = number(value, "tickets" if value is not None else "minutes")
        assert is_right("average where region = apac: no tickets match", asked)
        assert is_right("No tickets match: there are none in month 2026-05.", asked, held_back=True)
        assert not is_right("No metric measures this.", asked, held_back=True)
    assert is_right("0 tickets", number(0.0, "tickets"))
    assert not is_right("12 minutes", number(None, "minutes"))
    assert not is_right("no tickets match", number(12, "tickets"))


REGIONS = question(Groups({"amer": 1_256_400, "apac": 485_000, "emea": 3_167_800, "unknown": 100}, "euro"))
MONTHS = question(Groups({"2026-01": 99, "2026-02": 116}, "tickets"))


@pytest.mark.parametrize(
    ("answer", "asked"),
    [
        ("amer: 1,256,400 euro\napac: 485,000 euro\nemea: 3,167,800 euro\nunknown: 100 euro", REGIONS),
        ("ARR is €1,256,400 in AMER, €485,000 in APAC and €3,167,800 in EMEA.", REGIONS),
        (
            "| Region | ARR in euro |\n|---|---|\n| amer | 1,256,400 |\n| apac | 485,000 |\n| emea | 3,167,800 |",
            REGIONS,
        ),
        ("1.256 million euro from amer, 485k euro from apac, 3.17 million euro from emea", REGIONS),
        ("2026-01  99 tickets\n2026-02  116 tickets", MONTHS),
        ("Tickets since 2026-01:\n2026-01-01: 99\n2026-02-01: 116\nTotal: 215", MONTHS),
        ("99 tickets came in January, 116 tickets in February.", MONTHS),
        ("January 2026: **99 tickets**; February 2026: **116 tickets**", MONTHS),
        ("It was 116 tickets in February and 99 tickets in January: 17 tickets more in February.", MONTHS),
    ],
)
def test_a_table_may_be_said_in_many_ways(answer: str, asked: Question) -> None:
    """Lines, a sentence, a Markdown table, months in words, the number before or after its group."""
    assert is_right(answer, asked)


@pytest.mark.parametrize(
    ("answer", "asked"),
    [
        ("arr: 3 rows", REGIONS),
        ("amer: 1,256,400 euro\napac: 485,000 euro", REGIONS),  # emea is lacking
        ("amer: 485,000 euro\napac: 1,256,400 euro\nemea: 3,167,800 euro", REGIONS),  # exchanged
        ("amer: 1,256,400 euro\napac: 485,000 euro\nemea: 3,167,800 euro\nunknown: 7 euro", REGIONS),
        ("amer: 1,256,400 euro\napac: 485,000 euro\nemea: 3,167,800 euro\nemea: 2 euro", REGIONS),
        ("amer: 1,256,400\napac: 485,000\nemea: 3,167,800", REGIONS),  # of what?
        ("1,256,400 euro, 485,000 euro, 3,167,800 euro", REGIONS),  # whose?
        ("2026-01: 99 tickets\n2026-02: 115 tickets", MONTHS),
        ("January: 116 tickets, February: 99 tickets", MONTHS),
        ("It was 116 tickets in February and 99 tickets in January: 18 tickets more in February.", MONTHS),
        ("It was 17 tickets in February and 99 tickets in January.", MONTHS),
    ],
)
def test_every_group_of_a_table_must_be_right(answer: str, asked: Question) -> None:
    """One group that lacks, is exchanged, said twice, without a unit or a little wrong makes a table wrong."""
    assert not is_right(answer, asked)


@given(st.lists(st.integers(1, 10_000), min_size=4, max_size=4, unique=True), st.permutations(range(4)))
def test_a_table_is_right_only_with_each_number_at_its_group(values: list[int], order: list[int]) -> None:
    """Of all ways to give four numbers to four groups one is right, before and behind the group's name."""
    groups = ["access", "billing", "exports", "mobile"]
    asked = question(Groups(dict(zip(groups, map(float, values), strict=True)), "tickets"))
    given = [values[place] for place in order]
    lines = "\n".join(f"{group} {value:,} tickets" for group, value in zip(groups, given, strict=True))
    sentence = ", ".join(f"{value} tickets on {group}" for group, value in zip(groups, given, strict=True))
    for answer in (lines, sentence):
        assert is_right(answer, asked) is (given == values)


BUSIEST = question(Groups({"integrations": 62, "mobile": 50, "access": 41}, "tickets", "integrations", "highest"))
QUIETEST = question(Groups({"emea": 152, "amer": 60, "apac": 22}, "tickets", "apac", "lowest"))


@pytest.mark.parametrize(
    ("answer", "asked"),
    [
        ("Integrations.", BUSIEST),
        ("integrations: 62 tickets", BUSIEST),
        ("Integrations kept us busiest, with 62 tickets.", BUSIEST),
        ("Highest: integrations with 62 tickets, then mobile with 50 tickets.", BUSIEST),
        ("access 41 tickets\nintegrations 62 tickets\nmobile 50 tickets\nThe most is integrations.", BUSIEST),
        ("The fewest came from APAC: 22 tickets.", QUIETEST),
    ],
)
def test_a_winner_may_be_named_in_many_ways(answer: str, asked: Question) -> None:
    """Alone, with its number, in a sentence, under a list."""
    assert is_right(answer, asked)


@pytest.mark.parametrize(
    ("answer", "asked"),
    [
        ("access: 41 tickets\nintegrations: 62 tickets\nmobile: 50 tickets", BUSIEST),  # a list names nobody
        ("integrations 62 tickets, mobile 50 tickets, access 41 tickets", BUSIEST),
        ("Mobile kept us busiest, with 50 tickets; integrations had 62 tickets.", BUSIEST),
        ("Integrations is highest. Mobile is highest.", BUSIEST),
        ("Integrations kept us busiest, with 50 tickets.", BUSIEST),  # with another one's number
        ("62 tickets", BUSIEST),
        ("The most came from EMEA, the least from APAC.", QUIETEST),
        ("Go to Settings, choose the integrations page, and press the button beside it.", BUSIEST),
    ],
)
def test_a_winner_must_be_named_as_the_answer(answer: str, asked: Question) -> None:
    """Listed, named beside another winner, or with another one's number is not enough."""
    assert not is_right(answer, asked)


INVITE = Solution(("seven days", "Resend all"), ("48 hours",), "", ("It is valid for 90 minutes.",))


def test_a_reading_answer_states_every_fact_and_none_that_is_outdated() -> None:
    """One missing fact makes the answer wrong, and so does one that a release has changed; a decline is not right."""
    asked = question(solution=INVITE, kind="reading")
    assert is_right("Links live for **seven days**: press Resend\nall.", asked)
    assert is_right("Links live for 7 days: press Resend all.", asked)
    assert not is_right("Links live for 17 days: press Resend all.", asked)
    assert not is_right("Links live for seven days.", asked)
    assert not is_right("Links live for seven days, press Resend all. They used to live for 48 hours.", asked)
    assert not is_right("Links live for seven days, press Resend all.", asked, held_back=True)


def test_both_halves_of_a_double_question_must_be_right() -> None:
    """The number and the facts; a number of the solution's own wordings is no second number, any other is."""
    asked = question(Number(12.5, "minutes"), INVITE, "both")
    facts = "Links live for seven days: press Resend all."
    assert is_right(f"12.5 minutes. {facts}", asked)
    assert is_right(f"12.5 minutes. {facts} It is valid for 90 minutes.", asked)
    assert not is_right("12.5 minutes.", asked)
    assert not is_right(facts, asked)
    assert not is_right(f"13.5 minutes. {facts}", asked)
    assert not is_right(f"12.5 minutes. {facts} It is valid for 91 minutes.", asked)


def test_where_nothing_is_right_only_holding_back_is() -> None:
    """A draft or a number is wrong, and so is a refusal that states a number all the same."""
    asked = question(kind="neither")
    assert is_right("I cannot look into the future; the data end on 30 June 2026.", asked, held_back=True)
    assert is_right("Do you mean the first reply or the resolution?", asked, held_back=True)
    assert not is_right("Go to Settings and close them.", asked)
    assert not is_right("I cannot know, but I would say 120 tickets.", asked, held_back=True)


@given(st.text(max_size=200), UNITS)
def test_any_text_can_be_judged(answer: str, unit: str) -> None:
    """No text makes the judge fail, and no text without a digit states a quantity."""
    judge(number(12.0, unit), answer, False)
    if not any(letter.isdigit() for letter in answer):
        assert not quantities(answer, unit)


def test_a_difference_may_be_told_without_its_sign() -> None:
    """Between two stated shares "6.4 percentage points less" is minus 6.4 per cent; another gap is wrong."""
    wanted = number(-0.064, "share", 0.782, 0.846)
    assert judge(wanted, "The CSAT was 78.2% and 84.6%: 6.4 percentage points less.", False).correct
    assert not judge(wanted, "The CSAT was 78.2% and 84.6%: 4.6 percentage points less.", False).correct
    assert not judge(number(-0.064, "share"), "It was 6.4%.", False).correct

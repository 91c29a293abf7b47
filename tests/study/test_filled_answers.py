"""Answers as people give them: one of two codes, values by name and in order, the only choice."""

from __future__ import annotations

import pytest

from oncohort.study.answering import answered
from oncohort.study.filled_answers import WrongAnswer, filled
from oncohort.study.questions import open_questions

SEX = """[tables.patients]
# QUESTION 1 sex:
#   "Sex" holds 1 (9 rows) and 2 (6 rows). Which one means male? (The other one means female.)
# codes.sex = { "1" = ???, "2" = ??? }   # one of: "male" | "female" | ""
"""
ENDPOINT = """[study]
# QUESTION 1 endpoint (waiting for it: survival):
#   "time" and "status" are those of which endpoint?
# codes.status = { "0" = ???, "1" = ???, "2" = ??? }   # one of: "event" | "censored" | ""
# [endpoints.???]   # one of: os | pfs
# time = "time"
# event_value = "event"
# time_unit = ???   # one of: "months" | "days"
"""


@pytest.mark.parametrize(
    ("value", "codes"),
    [
        ("1", '{ "1" = "male", "2" = "female" }'),
        ("2", '{ "1" = "female", "2" = "male" }'),
        ('"2"', '{ "1" = "female", "2" = "male" }'),
        ("1 = male, 2 = female", '{ "1" = "male", "2" = "female" }'),
        ("male, female", '{ "1" = "male", "2" = "female" }'),
        ("1 = male", '{ "1" = "male", "2" = "female" }'),
        ("2 = male", '{ "1" = "female", "2" = "male" }'),
        ('"2" = female', '{ "1" = "male", "2" = "female" }'),
    ],
)
def test_one_of_two_codes_says_what_the_other_means(value: str, codes: str) -> None:
    (question,) = open_questions(SEX)
    assert filled(question, value) == [f"codes.sex = {codes}"]


@pytest.mark.parametrize("value", ["3", "", "male", "1 = man"])
def test_what_is_no_code_is_refused(value: str) -> None:
    (question,) = open_questions(SEX)
    if value == "":
        assert filled(question, value) == ['codes.sex = { "1" = "", "2" = "" }']
        return
    with pytest.raises(WrongAnswer):
        filled(question, value)


@pytest.mark.parametrize(
    "value",
    [
        "censored, event, event, os, days",
        "0 = censored, 1 = event, 2 = event, os, days",
        "os, 0 = censored, 1 = event, 2 = event, days",
        "time_unit = days, 0 = censored, 1 = event, 2 = event, name = os",
    ],
)
def test_values_are_given_by_name_or_in_order_or_both(value: str) -> None:
    (question,) = open_questions(ENDPOINT)
    lines = filled(question, value)
    assert lines[0] == 'codes.status = { "0" = "censored", "1" = "event", "2" = "event" }'
    assert lines[1] == "[endpoints.os]"
    assert lines[-1] == 'time_unit = "days"'


def test_more_values_than_places_are_refused() -> None:
    (question,) = open_questions(ENDPOINT)
    with pytest.raises(WrongAnswer, match="weeks"):
        filled(question, "0 = censored, 1 = event, 2 = event, os, days, weeks")


def test_the_only_choice_is_taken_by_yes() -> None:
    text = (
        "[tables.patients]\n# QUESTION 1 deaths:\n#   Which?\n"
        '# columns.last_contact = ???   # one of: "Seen"\n'
    )
    (question,) = open_questions(text)
    assert filled(question, "yes") == ['columns.last_contact = "Seen"']
    assert "yes" in question.answers()


MISSING = """[tables.patients]
# QUESTION 1 missing_words:
#   "ND" in MYCN (16 rows), "?" in Site (2 rows): do they mean missing?
# codes.MYCN."ND" = ???   # one of: "" | a text
# codes.Site."?" = ???   # one of: "" | a text
"""


@pytest.mark.parametrize(
    ("value", "words"),
    [("yes", ("", "")), ("missing", ("", "")), ("no", ("ND", "?")), ("ND = , ? = lung", None)],
)
def test_yes_and_no_answer_whether_words_mean_missing(
    value: str, words: tuple[str, str] | None
) -> None:
    (question,) = open_questions(MISSING)
    first, second = words or ("", "lung")
    assert filled(question, value) == [
        f'codes.MYCN."ND" = "{first}"',
        f'codes.Site."?" = "{second}"',
    ]


def test_a_word_among_numbers_that_is_not_missing_needs_its_number() -> None:
    (question,) = open_questions(MISSING.replace('"" | a text', '"" | a number'))
    with pytest.raises(WrongAnswer, match="which value does it mean"):
        filled(question, "no")


PAIR = """[study]
# QUESTION 1 os (waiting for it: survival.os):
#   "Death" holds 0 (10 rows) and 1 (10 rows). Which one means that the event happened?
# [endpoints.os]
# time = "OS"
# event_value = ???   # one of: 0 | 1
# time_unit = ???   # one of: "months" | "days"
"""


@pytest.mark.parametrize(
    ("value", "event", "unit"),
    [
        ("1, months", "1", "months"),
        ("1 = event, months", "1", "months"),
        ("days, 0 = dead, 1 = alive", "0", "days"),
        ("0 = censored, 1 = event, time_unit = days", "1", "days"),
        ("event_value = 0, months", "0", "months"),
    ],
)
def test_a_code_that_means_the_event_is_told_with_the_unit(
    value: str, event: str, unit: str
) -> None:
    (question,) = open_questions(PAIR)
    lines = filled(question, value)
    assert lines[-2:] == [f"event_value = {event}", f'time_unit = "{unit}"']


@pytest.mark.parametrize("value", ["1 = event, 0 = event, months", "2 = event, months"])
def test_codes_that_say_nothing_of_the_event_are_refused(value: str) -> None:
    (question,) = open_questions(PAIR)
    with pytest.raises(WrongAnswer):
        filled(question, value)


def test_the_order_of_dates_is_told_by_its_own_name() -> None:
    text = (
        "[tables.patients]\n# QUESTION 1 dates:\n#   Day or month first?\n"
        '# dates = ???   # one of: "mixed-day-first" | "mixed-month-first" | "mixed-by-row"\n'
    )
    (question,) = open_questions(text)
    assert filled(question, "Day-first") == ['dates = "mixed-day-first"']
    with pytest.raises(WrongAnswer):
        filled(question, "first")


def test_no_declines_what_is_proposed() -> None:
    text = (
        '[study]\nschema = 1\ntitle = "T"\ndata = "c.csv"\n\n[tables.patients]\n'
        "# QUESTION 1 deaths:\n#   Is it the date of death?\n"
        '# columns.death_date = "Died"\n#   Or nothing of the kind: none\n'
    )
    (question,) = open_questions(text)
    new, written = answered(text, question, "no")
    assert not written and not open_questions(new)


OF_DAYS = ENDPOINT.replace(
    '# time_unit = ???   # one of: "months" | "days"',
    '# time_unit = "days"   # its largest value, 2659, can be nothing else',
)


@pytest.mark.parametrize("more", [", days", ", time_unit = days", ", time = time"])
def test_what_is_settled_may_be_said_again(more: str) -> None:
    [question] = open_questions(OF_DAYS)
    given = "os, 0 = censored, 1 = event, 2 = censored"
    assert filled(question, given + more) == filled(question, given)


@pytest.mark.parametrize("more", [", months", ", time_unit = months", ", time = other"])
def test_what_contradicts_what_is_settled_is_refused(more: str) -> None:
    [question] = open_questions(OF_DAYS)
    with pytest.raises(WrongAnswer, match="is not asked"):
        filled(question, "os, 0 = censored, 1 = event, 2 = censored" + more)

"""The grammar of formulas: what is read, what is refused and where, and that nothing is run."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncohort.problems import ProtocolError
from oncohort.protocol import parse_protocol
from oncohort.protocol.formula import FormulaError, operands, parse
from oncohort.protocol.formula.tree import (
    Call,
    Comparison,
    Either,
    InUnit,
    Minus,
    Number,
    Operand,
    Power,
    Product,
    Sum,
    Text,
)

HEAD = '[study]\nschema = 1\ntitle = "A study"\ndata = "data.xlsx"\n'


def test_products_bind_closer_than_sums_and_units_closest() -> None:
    assert parse("1 + 2 * lab.crp [mg/L] ^ 2") == Sum(
        Number(1), "+", Product(Number(2), "*", Power(InUnit(Operand("crp", True), "mg/L"), 2))
    )
    assert parse("-a ^ 2") == Minus(Power(Operand("a"), 2))
    assert parse("a - b - c") == Sum(Sum(Operand("a"), "-", Operand("b")), "-", Operand("c"))
    assert parse("a / b / c") == Product(
        Product(Operand("a"), "/", Operand("b")), "/", Operand("c")
    )


def test_names_with_blanks_stand_in_quotes() -> None:
    assert operands(parse('lab."C-reactive protein" / "Body weight"')) == (
        Operand("C-reactive protein", True),
        Operand("Body weight"),
    )


def test_conditions_know_and_before_or() -> None:
    found = parse("sex = 'male' or a > 1 and b <= 2", condition=True)
    assert isinstance(found, Either)
    assert found.left == Comparison(Operand("sex"), "=", Text("male"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "a value is wanted at the end"),
        ("1 +", "a value is wanted at the end"),
        ("a b", 'something is missing before "b" (character 3'),
        ("(a", '")" is wanted at the end'),
        ("a ^ b", "an exponent is wanted"),
        ("system(a)", 'no function "system"'),
        ("log(a, b)", "log() takes 1, not 2"),
        ("max(a)", "max() takes two or more"),
        ("a; b", '";" at character 2'),
        ("__import__('os')", 'no function "__import__"'),
        ("a.b", 'something is missing before "."'),
        ("a > 1", "a formula gives a number"),
        ("'word' + 1", "a condition or a word is no number"),
        ("(a > 1) + 1", "a condition or a word is no number"),
        ("(" * 40 + "a" + ")" * 40, "more than 25 brackets"),
        ("a" * 2000, "at most 1000"),
    ],
)
def test_what_is_no_formula_is_refused_with_its_place(text: str, said: str) -> None:
    with pytest.raises(FormulaError) as error:
        parse(text)
    assert said in str(error.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a", "a level needs a condition"),
        ("a > 1 and b", 'both sides of "and"'),
        ("a > 'high'", "a word is compared with = or !="),
        ("a = 1 or otherwise", 'a value is wanted before "otherwise"'),
        ("not a", '"not" goes with a condition'),
    ],
)
def test_what_is_no_condition_is_refused(text: str, said: str) -> None:
    with pytest.raises(FormulaError) as error:
        parse(text, condition=True)
    assert said in str(error.value)


@given(st.text(alphabet="ab1.+-*/^()[]'\"<>=! lognd,", max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    for condition in (False, True):
        try:
            parse(text, condition=condition)
        except FormulaError as error:
            assert str(error)


def test_functions_take_their_arguments() -> None:
    assert parse("max(a, 2)") == Call("max", (Operand("a"), Number(2)))


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ('derive = "formula"', "needs formula"),
        ('derive = "ratio"\nof = ["a"]', "of names two values, not 1"),
        ('derive = "category"', "needs when"),
        ('derive = "duration"\nsince = "a"', "needs until"),
        ('formula = "a"', "formula goes with derive"),
        ('derive = "nlr"\ninputs = { crp = "x" }', "crp: no input of nlr"),
        ('derive = "formula"\nformula = "a +"', "a value is wanted at the end"),
        ("per = 10\nlog = 2", "exclude each other"),
        ("knots = [3, 1, 2]", "knots must rise"),
        ("per = 10\ncut = [1]", "per is for a number"),
        ('derive = "category"\nwhen = { a = "x > 1" }\nlevels = { b = "B" }', "different levels"),
    ],
)
def test_keys_that_do_not_go_together_are_named(keys: str, said: str) -> None:
    with pytest.raises(ProtocolError) as error:
        parse_protocol(f"{HEAD}[variables.x]\n{keys}\n")
    [problem] = error.value.problems
    assert said in problem.what
    assert problem.place.key == "variables.x"

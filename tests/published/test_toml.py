"""Published figures as TOML: both shapes, and what is wrong with a file."""

from __future__ import annotations

import pytest

from conftest import shared_file
from oncohort.problems import ReadError
from oncohort.published import Published, parse_published, read_published, to_toml
from oncohort.published.model import (
    AdverseEvent,
    Categorical,
    Grade,
    Level,
    Population,
    Ratio,
    TwoByTwo,
    Where,
    count_figures,
)

PAPER = Published(
    title="A cohort",
    populations=(Population("cohort", "all", "42", Where("abstract", quote="42 patients")),),
    variables=(Categorical("Sex", (Level("Male", "30", "71.4"), Level("Female", "12", "28.6"))),),
    ratios=(Ratio("Sex", estimate="1.44", p="0.42", binary=True, where=Where(page=3)),),
    adverse_events=(AdverseEvent("Rash", (Grade("any", "12", "28.6"), Grade(">=3", "1", "2.4"))),),
    cross_tables=(TwoByTwo("Sex", (("1", "2"), ("3", "4")), "0.5"),),
    abbreviations=(("os", "overall survival"),),
)


def test_written_and_read_again() -> None:
    assert parse_published(to_toml(PAPER)) == PAPER


def test_figures_are_counted_once() -> None:
    assert count_figures(PAPER) == 1 + 4 + 2 + 4 + 5


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("schema = 2", "schema 2 is not known"),
        ("[other]\na = 1", "neither"),
        ("schema = 1\n[[ratios]]\nestimat = '1.2'", "unknown key 'estimat'"),
        ("schema = 1\n[[ratios]]\nestimate = '1.2'", "'variable' is missing"),
        ("schema = 1\n[[ratios]]\nvariable = 'a'\nestimate = 1.20", "its digits are data"),
        ("schema = 1\nratios = 3", "expected an array"),
        ("not toml at all", "no TOML"),
        ("", "holds no key"),
        ("[study]\nn = 42\n[table3]\nrash = [1, '2']", "expected"),
        ("[study]\nn = 42.5", "its digits are data"),
    ],
)
def test_wrong_files_say_what_is_wrong(text: str, message: str) -> None:
    with pytest.raises(ReadError, match=message):
        parse_published(text)


def test_the_short_shape() -> None:
    published = read_published(shared_file("paper", "published.toml"))
    assert published.n == 42
    assert len(published.variables) == 9
    assert len(published.ratios) == 25
    sex = next(v for v in published.variables if v.name == "sex")
    assert [(x.label, x.count, x.percent) for x in sex.levels] == [
        ("Male", "32", "71.4"),
        ("Female", "12", "28.6"),
    ]
    crp = [r for r in published.ratios if r.variable == "crp mg dl" and r.model == "multivariable"]
    assert {(r.endpoint, r.estimate, r.p) for r in crp} == {
        ("PFS", "3.19", "0.024"),
        ("OS", "3.38", "0.022"),
    }
    assert parse_published(to_toml(published)) == published


@pytest.mark.parametrize(
    ("text", "key", "said"),
    [
        ("schema = 1\n[[ratio]]\n", "ratio", "Did you mean 'ratios'?"),
        (
            "schema = 1\n[[ratios]]\nestimat = '1'\n",
            "ratios[0].estimat",
            "Did you mean 'estimate'?",
        ),
        ("schema = 1\n[[times]]\nendpoint='OS'\nzzz = '1'\n", "times[0].zzz", "Known: confidence,"),
        ("[study]\nn = 9\n[tabel1]\n", "tabel1", "Did you mean 'table1'?"),
        ("[study]\nn = 9\n[table1]\nage_medain = '5'\n", "table1.age_medain", "'age_median'"),
        ("[study]\nn = 9\n[[table2]]\nvariabel = 'x'\n", "table2[0].variabel", "'variable'"),
    ],
)
def test_an_unknown_key_names_the_nearest_and_all(text: str, key: str, said: str) -> None:
    with pytest.raises(ReadError) as error:
        parse_published(text, source="f.toml")
    found = {p.place.key: p for p in error.value.problems}
    assert key in found
    assert found[key].place.file == "f.toml"
    assert said in found[key].what
    assert "Known: " in found[key].what

"""Figures that are none are refused, with their place and the nearest word."""

from __future__ import annotations

from pathlib import Path

import pytest

from oncohort.problems import ReadError
from oncohort.published import parse_published
from oncohort.published.values import read_checked, value_problems

COHORT = 'schema = 1\n[[populations]]\nkey = "cohort"\nn = "42"\n'


@pytest.mark.parametrize(
    ("text", "key", "said"),
    [
        ('[[variables]]\nname = "Sex"\nlevels = [{label = "M", count = "abc"}]', "count", "abc"),
        ('[[variables]]\nname = "Sex"\nlevels = [{label = "M", count = "NaN"}]', "count", "NaN"),
        ('[[variables]]\nname = "Sex"\nlevels = [{label = "M", count = "inf"}]', "count", "inf"),
        ('[[variables]]\nname = "Sex"\nlevels = [{label = "M", count = "-3"}]', "count", "-3"),
        (
            '[[variables]]\nname = "Sex"\nlevels = [{label = "M", percent = "130"}]',
            "percent",
            "130",
        ),
        ('[[summaries]]\nname = "Age"\nmedian = "old"', "median", "old"),
        ('[[times]]\nendpoint = "OS"\nmedian = "-2"', "median", "-2"),
        ('[[times]]\nendpoint = "OS"\nmedian = "12"\nunit = "month"', "unit", "'months'"),
        ('[[landmarks]]\nendpoint = "OS"\ntime = "12"\npercent = "x"', "percent", "x"),
        ('[[ratios]]\nvariable = "Sex"\nestimate = "-1.3"', "estimate", "-1.3"),
        ('[[ratios]]\nvariable = "Sex"\nestimate = "1.3"\np = "1.7"', "p", "1.7"),
        ('[[treated]]\nkind = "reducd"\ncount = "3"', "kind", "'reduced'"),
        ('[[adverse_events]]\nterm = "Rash"\ngrades = [{grade = "bad"}]', "grade", "bad"),
        ('[[curves]]\nendpoint = "OS"\npoints = [["1", "90", "3"]]', "points[0]", "two values"),
        ('[[curves]]\nendpoint = "OS"\npoints = [["1", "x"]]', "points[0]", "x"),
        ('[[curves]]\nendpoint = "OS"\nat_risk = [["6", "-3"]]', "at_risk[0]", "-3"),
    ],
)
def test_what_is_no_figure_is_named_with_its_key(text: str, key: str, said: str) -> None:
    problems = value_problems(parse_published(COHORT + text))
    assert len(problems) == 1
    assert problems[0].place.key is not None and problems[0].place.key.endswith(key)
    assert said in problems[0].what


def test_words_for_no_figure_and_relations_are_figures() -> None:
    text = (
        '[[times]]\nendpoint = "OS"\nmedian = "NR"\nlow = "12.1"\nhigh = "not reached"\n'
        '[[ratios]]\nvariable = "Sex"\nestimate = "1.30"\np = "<0.001"\n'
        '[[ratios]]\nvariable = "Age"\nestimate = "1.1"\np = "NS"\n'
    )
    assert value_problems(parse_published(COHORT + text)) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "the file holds no key"),
        ('title = "x"', "not published figures"),
        (COHORT.replace('"42"', "nan"), "as a string"),
        (COHORT.replace('"42"', '"-42"'), "-42"),
        ('[study]\nn = "42"\n[table1.counts]\nsex = "abc"', "[label, count, percent]"),
        ('[study]\nn = "42"\n[table1.counts]\nsex = [["Male", 32]]', "[label, count, percent]"),
        ('table2 = 3\n[study]\nn = "42"', "array of tables"),
        ('[study]\nn = "42"\n[response]\nCR = 3', "[count, percent]"),
        ('[study]\nn = "42"\n[table3]\nrash = "x"', "[any n, any %"),
        ('[study]\nn = "42"\n[table1]\nage_median = "62"\nage_range = ["41"]', "two values"),
    ],
)
def test_a_file_with_them_is_refused_by_its_name(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "figures.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ReadError) as caught:
        read_checked(path)
    assert said in caught.value.problems[0].what
    assert caught.value.problems[0].place.file == str(path)

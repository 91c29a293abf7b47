"""Declared variables: cut, grouped, levels by key or label; what can't be told is a problem."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oncohort.endpoints.building import build_cohort
from oncohort.endpoints.variables import derive_variable, in_order, side_of
from oncohort.problems import Problem
from oncohort.problems.model import Wrong
from oncohort.protocol import parse_protocol
from oncohort.protocol.data import Variable
from oncohort.records import read_records


def raw(values: list[Any], dtype: Any = None) -> pl.DataFrame:
    return pl.DataFrame(
        {"patient": [str(i) for i in range(len(values))], "value": pl.Series(values, dtype=dtype)}
    )


def test_a_number_stays_a_number() -> None:
    done = derive_variable("age", Variable(unit="years"), raw([62, None, 41]))
    assert (done.info.kind, done.info.label, done.info.unit) == ("continuous", "Age", "years")
    assert done.values["value"].to_list() == [62, None, 41]


def test_cut_puts_the_cut_point_into_the_upper_level() -> None:
    done = derive_variable("crp", Variable(cut=[0.8], unit="mg/dL"), raw([0.79, 0.8, 5.0, None]))
    assert done.values["value"].to_list() == ["lt0.8", "ge0.8", "ge0.8", None]
    assert list(done.info.levels.values()) == ["<0.8 mg/dL", "≥0.8 mg/dL"]
    assert done.info.reference == "lt0.8"


@given(
    st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=30),
    st.lists(st.floats(-100, 100), min_size=1, max_size=4, unique=True),
)
@settings(max_examples=60, deadline=None)
def test_cut_levels_follow_the_order_of_the_numbers(values: list[float], cuts: list[float]) -> None:
    cuts = sorted(cuts)
    if len({f"{c:g}" for c in cuts}) < len(cuts):
        return
    done = derive_variable("x", Variable(cut=cuts), raw(values, pl.Float64))
    order = list(done.info.levels)
    ranks = [order.index(v) for v in done.values["value"].to_list()]
    assert ranks == [sum(v >= c for c in cuts) for v in values]


def test_levels_are_matched_by_key_and_by_label() -> None:
    variable = Variable(levels={"clear_cell": "Clear cell", "other": "Non-clear cell"})
    done = derive_variable(
        "histology", variable, raw(["clear_cell", "Clear Cell", "Non-clear cell"])
    )
    assert done.values["value"].to_list() == ["clear_cell", "clear_cell", "other"]
    assert done.problems == ()


def test_a_value_outside_the_levels_is_an_error_that_blocks_the_variable() -> None:
    variable = Variable(levels={"yes": "Yes", "no": "No"})
    done = derive_variable("nephrectomy", variable, raw(["yes", "unknown", "no"]))
    [problem] = done.problems
    assert problem.id == "variables.unknown-level"
    assert '"unknown" (1 row: patient ' in problem.what
    assert problem.blocks == ("variables.nephrectomy",)


def test_groups_join_levels_and_miss_none() -> None:
    variable = Variable(group={"poor": ["poor"], "others": ["favorable", "intermediate"]})
    done = derive_variable("imdc2", variable, raw(["poor", "favorable", "intermediate"]))
    assert done.values["value"].to_list() == ["poor", "others", "others"]
    half = Variable(group={"poor": ["poor"], "others": ["favorable"]})
    assert derive_variable("x", half, raw(["intermediate"])).problems[0].id == (
        "variables.level-not-grouped"
    )


def test_text_without_declared_levels_gets_ascii_keys() -> None:
    done = derive_variable("site", Variable(), raw(["Lung ≥4", "Bone"]))
    assert dict(done.info.levels) == {"bone": "Bone", "lung_ge4": "Lung ≥4"}


def test_cutting_text_is_an_error() -> None:
    done = derive_variable("crp", Variable(cut=[0.8]), raw(["high", "low"]))
    assert done.problems[0].id == "variables.cut-of-text"


def test_booleans_are_yes_and_no() -> None:
    done = derive_variable("prior", Variable(), raw([True, False, None]))
    assert done.values["value"].to_list() == ["yes", "no", None]


def test_circles_are_named() -> None:
    circle = {
        "a": Variable.model_validate({"from": "b"}),
        "b": Variable.model_validate({"from": "a"}),
        "c": Variable(),
    }
    names, problems = in_order(circle)
    assert names == ["c"]
    assert [p.id for p in problems] == ["variables.circle"]


@pytest.mark.parametrize(
    ("sides", "call"),
    [
        (["left", "right"], "bilateral"),
        (["Left", "left"], "unilateral"),
        (["bilateral"], "bilateral"),
        ([None], None),
        (["midline"], None),
    ],
)
def test_side(sides: list[str | None], call: str | None) -> None:
    assert side_of(sides) == call


SITES = "patient,organ,side,count\n1,lung,left,1\n1,lung,{side},1\n2,lung,right,1\n"


def of_sites(folder: Path, side: str, organ: str) -> list[Problem]:
    text = (
        '[study]\nschema = 1\ntitle = "A"\ndata = "data"\n[variables.side]\nderive = "sites"\n'
        f'organ = "{organ}"\nwhat = "side"\nlevels = {{ unilateral = "U", bilateral = "B" }}\n'
    )
    (folder / "data").mkdir()
    (folder / "data" / "patients.csv").write_text("patient\n1\n2\n")
    (folder / "data" / "sites.csv").write_text(SITES.format(side=side))
    protocol = parse_protocol(text)
    return list(build_cohort(read_records(protocol, folder).tables, protocol).problems)


def test_a_word_that_is_no_side_makes_nobody_unilateral(tmp_path: Path) -> None:
    (one,) = of_sites(tmp_path, "rigth", "lung")
    assert (one.id, one.patient) == ("values.unknown-level", "1")
    assert one.wrong == (Wrong("sites", ("side",), 3),)


def test_a_side_may_be_the_middle(tmp_path: Path) -> None:
    assert of_sites(tmp_path, "midline", "Lung") == []


def test_an_organ_that_nobody_has_is_an_error_with_the_nearest(tmp_path: Path) -> None:
    (one,) = of_sites(tmp_path, "right", "lungg")
    assert (one.id, one.blocks) == ("variables.no-records", ("variables.side",))
    assert 'Did you mean "lung"?' in one.todo


def test_words_of_other_scripts_stay_apart() -> None:
    words = ["エストロゲン受容体陽性", "エストロゲン受容体陰性", "陽性 A", "陰性 A", "Köln"]
    done = derive_variable("er", Variable(), raw(words))
    assert not done.problems
    assert len(done.info.levels) == 5
    assert done.values["value"].to_list()[-1] == "koln"
    assert [done.info.levels[v] for v in done.values["value"].to_list()] == words


def test_values_too_alike_for_a_key_are_an_error_and_spellings_a_warning() -> None:
    done = derive_variable("group", Variable(), raw(["A", "A-", "B"]))
    [problem] = done.problems
    assert (problem.id, problem.severity.value) == ("variables.same-key", "error")
    assert '"A" and "A-"' in problem.what
    assert problem.blocks == ("variables.group",)
    done = derive_variable("group", Variable(), raw(["Yes", "yes", "No"]))
    [problem] = done.problems
    assert (problem.id, problem.severity.value) == ("variables.spellings", "warning")
    assert len(done.info.levels) == 2

"""What a careful biostatistician looks for: each rule tells its slip, and is quiet without it."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oncohort.checks import CHECKS, Data
from oncohort.checks.ranges import looks
from oncohort.checks.relations import relations
from oncohort.checks.rule import numbered
from oncohort.problems import Problem
from oncohort.protocol import parse_protocol
from oncohort.records import Records
from oncohort.records.frames import empty_table
from oncohort.study.study import read_study
from oncohort.vocabulary.tables import TABLES

HEAD = '[study]\nschema = 1\ntitle = "A study"\ndata = "x.csv"\n'
N = 40


def told(id_: str, protocol: str = "", **columns: list[Any]) -> list[Problem]:
    """What a rule says of a table of patients."""
    height = len(next(iter(columns.values())))
    bare = empty_table(TABLES["patients"])
    own = pl.DataFrame(
        {"patient": [f"P{i:02d}" for i in range(height)], **columns}, strict=False
    ).with_columns(source_row=pl.int_range(2, height + 2))
    frame = pl.concat([bare, own], how="diagonal_relaxed")
    records = numbered(Records({"patients": frame}))
    return list(CHECKS[id_](Data(records, parse_protocol(HEAD + protocol))))


def variables(*names: str) -> str:
    return "".join(f"[variables.{n}]\n" for n in names)


def with_(values: list[Any], **at: Any) -> list[Any]:
    """The values with others at some places: ``_3 = 7``."""
    return [at.get(f"_{i}", v) for i, v in enumerate(values)]


SEX = ["male", "female"] * 20
TUMOUR = ["prostate", "ovary", "lung", "breast"] * 10


@pytest.mark.parametrize(
    ("sex", "tumour", "patients"),
    [
        (SEX, TUMOUR, []),
        (with_(SEX, _0="female"), TUMOUR, ["P00"]),
        (SEX, with_(TUMOUR, _4="Eierstockkrebs"), ["P04"]),
        (with_(SEX, _0=None), TUMOUR, []),
        (list(reversed(SEX)), TUMOUR, [None]),  # all of them: the codes are read the other way
    ],
)
def test_tumours_of_the_other_sex(
    sex: list[str], tumour: list[str], patients: list[str | None]
) -> None:
    found = told("patients.sex-of-tumour", variables("tumour"), sex=sex, tumour=tumour)
    assert [p.patient for p in found] == patients
    assert [p.severity.value for p in found] == ["warning" if p else "question" for p in patients]


M = ["M0", "M1"] * 20
SITES = [0.0, 2.0] * 20


@pytest.mark.parametrize(
    ("m", "sites", "n"),
    [
        (M, SITES, 0),
        (with_(M, _1="M0"), SITES, 1),
        (M, with_(SITES, _3=0.0), 1),
        (M, [3.0, 2.0] * 20, 0),  # M at diagnosis, metastases at treatment: no rule to break
        (["M1"] * 4, [0.0, 1.0, 1.0, 1.0], 0),
    ],
)
def test_m_against_the_number_of_metastases(m: list[str], sites: list[float], n: int) -> None:
    columns = {"m": m, "metastatic sites": sites}
    protocol = variables("m") + '[variables.s]\ncolumn = "metastatic sites"\n'
    assert len(told("patients.stage-contradicts", protocol, **columns)) == n


def test_m1_below_stage_iv_is_told_where_the_others_keep_to_it() -> None:
    stages = ["Stage II", "Stage IVA"] * 20
    one = told(
        "patients.stage-contradicts", variables("stage", "m"), m=M, stage=with_(stages, _5="IIIB")
    )
    assert [p.patient for p in one] == ["P05"]
    # In tumours of which M1 is stage III nobody is told.
    assert not told("patients.stage-contradicts", variables("stage", "m"), m=M, stage=["III"] * 40)


def test_more_nodes_with_tumour_than_examined() -> None:
    positive, examined = [2.0] * N, [12.0] * N
    names = {"nodes positive": positive, "nodes examined": examined}
    assert not told("patients.nodes", **names)
    names["nodes positive"] = with_(positive, _7=14.0)
    (one,) = told("patients.nodes", **names)
    assert (one.patient, one.what) == ("P07", "nodes positive 14, but nodes examined 12.")


@pytest.mark.parametrize(
    ("values", "n"),
    [
        ([float(20 + i) for i in range(N)], 0),
        (with_([float(20 + i) for i in range(N)], _3=0.0), 1),
        (with_([float(1 + i % 4) for i in range(N)], _3=0.0), 0),  # one more of a count
        ([float(i % 9) for i in range(N)], 0),
        (with_([0.3 + i for i in range(N)], _3=0.0), 0),  # below the limit of detection
    ],
)
def test_a_zero_among_values_that_are_all_something(values: list[float], n: int) -> None:
    assert len(told("values.zero", variables("x"), x=values)) == n


def test_body_mass_and_surface_against_weight_and_height() -> None:
    weight = [60.0 + i for i in range(N)]
    height = [160.0 + i % 20 for i in range(N)]
    index = [w / (h / 100) ** 2 for w, h in zip(weight, height, strict=True)]
    surface = [0.007184 * w**0.425 * h**0.725 for w, h in zip(weight, height, strict=True)]
    protocol = '[variables.weight]\nunit = "kg"\n[variables.height]\nunit = "cm"\n' + variables(
        "bmi", "bsa"
    )
    held = {"weight": weight, "height": height, "bmi": index, "bsa": surface}
    assert not told("values.body-index", protocol, **held)
    found = told("values.body-index", protocol, **held | {"weight": with_(weight, _8=101.0)})
    assert {(p.patient, p.what.split()[0]) for p in found} == {("P08", "bmi"), ("P08", "bsa")}


def test_age_against_the_year_of_birth() -> None:
    start = [date(2015 + i % 4, 5, 1) for i in range(N)]
    age = [50.0 + i % 20 for i in range(N)]
    born = [float(s.year - a) for s, a in zip(start, age, strict=True)]
    held = {"treatment_start": start, "age": age, "year of birth": born}
    assert not told("values.age-against-birth-year", **held)
    (one,) = told("values.age-against-birth-year", **held | {"age": with_(age, _9=87.0)})
    assert one.patient == "P09"


@settings(deadline=None)
@given(st.integers(0, 39), st.sampled_from(["sum", "product"]), st.integers(0, 2**31))
def test_a_slip_in_a_column_that_is_made_of_two_others(row: int, how: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    a, b = rng.uniform(2, 9, N).round(1), rng.uniform(20, 90, N).round(1)
    made = a + b if how == "sum" else a * b
    held = {"a": a.tolist(), "b": b.tolist(), "c": made.tolist()}
    assert not told("values.relation", variables("a", "b", "c"), **held)
    held["c"][row] *= 1.4
    (one,) = told("values.relation", variables("a", "b", "c"), **held)
    assert (one.patient, one.what.split()[0]) == (f"P{row:02d}", "c")


@given(st.integers(0, 2**31))
def test_columns_that_are_not_made_of_each_other_have_no_relation(seed: int) -> None:
    values = np.random.default_rng(seed).lognormal(3, 0.6, (30, 5))
    assert list(relations(values)) == []


def test_a_small_number_added_to_a_large_one_makes_nothing() -> None:
    numbered = np.arange(1.0, 401)
    code = 1.0 + np.arange(400) % 9 // 8
    assert list(relations(np.column_stack([numbered, numbered, code]))) == []


def test_a_long_tail_is_no_slip_and_a_value_beyond_its_end_is() -> None:
    values = np.exp(np.random.default_rng(5).normal(0, 0.45, 3000)).tolist()
    protocol = variables("x")
    assert len(told("values.outlier", protocol, x=values)) <= 3
    assert len(told("values.outlier", protocol, x=[*values, *[99.0] * 6])) == 6


STEADY = [float(50 + (i * 37) % 41) for i in range(N)]


@pytest.mark.parametrize(
    ("values", "case"),
    [
        (STEADY, None),
        (STEADY[:10] + [66.0] * 7 + STEADY[17:], "is 66 in"),
        (STEADY[:10] + [66.0 + k for k in range(8)] + STEADY[18:], "goes up by one"),
        ([float(i // 3) for i in range(N)], None),  # a sorted column
        ([float(i) for i in range(N)], None),  # a number of each row
        ([1.0] * 30 + [2.0] * 10, None),  # a code
        (STEADY[:10] + [0.0] * 9 + STEADY[19:], None),  # zeros are told elsewhere, or true
    ],
)
def test_cells_that_were_dragged_down(values: list[float], case: str | None) -> None:
    found = told("values.filled-down", variables("x"), x=values)
    assert [case is not None and case in p.what for p in found] == ([True] if case else [])


def test_days_that_were_dragged_down() -> None:
    days = [date(2015, 1, 3) + timedelta(days=(i * 997) % 1500) for i in range(N)]
    assert not told("values.filled-down", treatment_start=days)
    assert not told("dates.same-day", treatment_start=days)
    dragged = days[:20] + [days[20] + timedelta(days=k) for k in range(8)] + days[28:]
    (one,) = told("values.filled-down", treatment_start=dragged)
    assert one.what.startswith("treatment_start goes up by one in 8 rows")
    assert not told("dates.same-day", treatment_start=[date(2000, 1, 1)] * N)  # day zero
    same = with_(days, **{f"_{i}": date(2020, 1, 1) for i in range(0, 24, 4)})
    (one,) = told("dates.same-day", treatment_start=same)
    assert "2020-01-01 for 6 patients" in one.what


def test_one_number_for_many() -> None:
    assert not told("values.same-value", variables("x"), x=STEADY)
    many = with_(STEADY, **{f"_{i}": 65.5 for i in range(22)})
    (one,) = told("values.same-value", variables("x"), x=many)
    assert "is 65.5 for 22 patients" in one.what
    below = with_(STEADY, **{f"_{i}": 5.0 for i in range(22)})
    assert not told("values.same-value", variables("x"), x=below)  # a limit of detection


CENTRE = ["North", "South", "West", "East"] * 10


def test_one_hospital_that_writes_another_unit() -> None:
    values = [3.1 + (i * 7) % 17 / 10 for i in range(N)]
    held = {"centre": CENTRE, "albumin": values}
    protocol = variables("albumin")
    assert not told("values.unit-of-one-centre", protocol, **held)
    held["albumin"] = [v * 10 if i % 4 == 1 else v for i, v in enumerate(values)]
    (one,) = told("values.unit-of-one-centre", protocol, **held)
    assert "10 patients of South" in one.what
    higher = [v * 1.2 if i % 4 == 1 else v for i, v in enumerate(values)]
    assert not told("values.unit-of-one-centre", protocol, centre=CENTRE, albumin=higher)


@pytest.mark.parametrize(
    ("text", "n"), [("North", 0), ("Nroth", 1), ("Northern hospital", 0), ("NORTH ", 0)]
)
def test_words_that_are_spelt_nearly_so(text: str, n: int) -> None:
    found = told("values.near-level", variables("centre"), centre=with_(CENTRE, _3=text))
    assert len(found) == n


@given(st.text("IVX", min_size=2, max_size=4))
def test_letters_that_look_alike_are_one(text: str) -> None:
    assert looks(text) == looks(text.replace("I", "l")) == looks(text.replace("Х", "X"))


def test_other_words_keep_their_letters() -> None:
    assert looks("lung") != looks("Iung")
    assert looks("Tl") != looks("TI")


DATED = "[endpoints.os]\n"


def test_dates_of_a_month_alone() -> None:
    days = [date(2015, 3, 1 + i % 28) for i in range(N)]
    exact = ["day"] * N
    held = {"last_contact": days, "last_contact_precision": exact}
    assert not told("dates.month-alone", DATED, **held)
    held["last_contact_precision"] = with_(exact, _4="month")
    (one,) = told("dates.month-alone", DATED, **held)
    assert one.patient == "P04"


@pytest.mark.parametrize(
    ("line", "n"),
    [
        ('column = "best_response"\nis_not = "PD"', 1),
        ('column = "number of cycles"\nmin = 3', 1),
        ('column = "death_date"\npresent = true', 1),
        ('column = "last_contact"\npresent = true', 0),
        ('column = "age"\nmin = 18', 0),
        ('column = "prior cycles"\nmax = 2', 0),
    ],
)
def test_criteria_that_ask_for_what_comes_later(line: str, n: int) -> None:
    protocol = f'[[eligibility.criteria]]\nkey = "c"\nlabel = "C"\n{line}\n'
    assert len(told("eligibility.later", protocol, age=[50.0] * 3)) == n


REDUCED = (
    '[endpoints.rfs]\ntime = "rfs"\nevent = "relapse"\nevent_value = 1\n'
    '[endpoints.os]\ntime = "os"\nevent = "death"\nevent_value = 1\n'
)


def course() -> dict[str, list[Any]]:
    """40 patients: 20 relapse, 12 of these die; 6 die without a relapse; 14 are alive and well."""
    rfs, os, relapse, death = [], [], [], []
    for i in range(N):
        free = 8.0 + (i * 7) % 40
        relapsed, died = i < 20, i < 12 or 20 <= i < 26
        rfs.append(free)
        os.append(free + 9 + i % 5 if relapsed else free)
        relapse.append(int(relapsed or died))
        death.append(int(died))
    return {"rfs": rfs, "os": os, "relapse": relapse, "death": death}


def test_flags_that_are_exchanged() -> None:
    held = course()
    assert not told("survival.flags-exchanged", REDUCED, **held)
    assert not told("endpoints.copied", REDUCED, **held)
    held["relapse"], held["death"] = held["death"], held["relapse"]
    (one,) = told("survival.flags-exchanged", REDUCED, **held)
    assert one.severity.value == "question"
    assert "P12" in one.what + one.todo


def test_a_cohort_of_whom_nearly_all_die_has_no_exchanged_flags() -> None:
    held = course()
    held["death"] = [1] * N
    held["relapse"] = [int(i % 3 > 0) for i in range(N)]  # censored at the next therapy
    assert not told("survival.flags-exchanged", REDUCED, **held)


def test_one_column_copied_into_another() -> None:
    held = course()
    (one,) = told("endpoints.copied", REDUCED, **held | {"rfs": held["os"]})
    assert '"rfs" and "os"' in one.what
    (one,) = told("endpoints.copied", REDUCED, **held | {"death": held["relapse"]})
    assert '"relapse" and "death"' in one.what


@pytest.mark.parametrize(
    ("factor", "unit", "severity"),
    [
        (1.0, "months", []),
        (1 / 12, "months", ["warning"]),
        (1.0, "days", ["question"]),
        (30.4, "days", []),
        (1 / 12, "years", []),
    ],
)
def test_survival_that_ends_too_soon(factor: float, unit: str, severity: list[str]) -> None:
    held = course()
    held["os"] = [t * factor for t in held["os"]]
    protocol = REDUCED + f'time_unit = "{unit}"\n'
    found = told("survival.brief", protocol, **held)
    assert [p.severity.value for p in found] == severity


def test_a_cutoff_far_behind_or_before_everything(tmp_path: Path) -> None:
    rows = ["patient,treatment_start,last_contact,vital_status,death_date"]
    rows += [f"{i},2015-03-{i + 1:02d},2018-{1 + i % 9:02d}-11,alive," for i in range(20)]
    for year, id_ in ((2018, None), (2030, "follow-up.gap"), (2005, "dates.after-cutoff")):
        folder = tmp_path / str(year)
        folder.mkdir()
        (folder / "x.csv").write_text("\n".join(rows) + "\n", "utf-8")
        (folder / "study.toml").write_text(
            HEAD.replace('data = "x.csv"', f'data = "x.csv"\ncutoff = {year}-12-31')
            + "[endpoints.os]\n",
            "utf-8",
        )
        found = [p for p in read_study(folder).problems if p.place.key == "study.cutoff"]
        assert [p.id for p in found] == ([id_] if id_ else [])


def test_a_patient_who_was_never_seen_again() -> None:
    start = [date(2015, 3, 1 + i % 28) for i in range(N)]
    later = [d + timedelta(days=300) for d in start]
    assert not told("follow-up.none", treatment_start=start, last_contact=later)
    seen = with_(later, _6=start[6])
    (one,) = told("follow-up.none", treatment_start=start, last_contact=seen)
    assert one.patient == "P06"


def visits(calls: dict[int, str], more: str = "") -> tuple[str, str]:
    """12 patients with three visits each, and the calls of some."""
    who = ["patient,treatment_start,treatment_end,last_contact"]
    seen = ["patient,date,overall"]
    for i in range(12):
        start = date(2016, 1, 4) + timedelta(days=20 * i)
        who.append(f"P{i},{start},{more},2019-03-01")
        for k, call in enumerate(calls.get(i, "SD SD PD").split(), 1):
            seen.append(f"P{i},{start + timedelta(days=56 * k)},{call}")
    return "\n".join(who) + "\n", "\n".join(seen) + "\n"


@pytest.mark.parametrize(
    ("calls", "end", "therapy", "patients"),
    [
        ({}, "", False, []),
        ({3: "SD PD PR"}, "", False, ["P3"]),
        ({3: "PD CR CR", 5: "PR PD PD"}, "", False, ["P3", "P3"]),
        ({3: "SD PD SD"}, "", False, []),  # the search for a response is over
        ({3: "SD PD PR"}, "2016-03-11", False, []),  # months after the end of treatment
        ({3: "SD PD PR"}, "", True, []),  # under the next treatment
    ],
)
def test_a_response_after_a_progression(
    tmp_path: Path, calls: dict[int, str], end: str, therapy: bool, patients: list[str]
) -> None:
    (tmp_path / "data").mkdir()
    for name, text in zip(("patients", "assessments"), visits(calls, end), strict=True):
        (tmp_path / "data" / f"{name}.csv").write_text(text, "utf-8")
    if therapy:
        rows = "patient,line,start\nP3,2,2016-07-01\n"
        (tmp_path / "data" / "therapies.csv").write_text(rows, "utf-8")
    protocol = HEAD.replace("x.csv", "data") + '[response]\nsource = "assessments"\n'
    (tmp_path / "study.toml").write_text(protocol, "utf-8")
    found = [p for p in read_study(tmp_path).problems if p.id == "response.after-progression"]
    assert [p.patient for p in found] == patients


@pytest.mark.parametrize(
    ("label", "n"), [("scan 1", 0), ("sacn 1", 1), ("scan 7", 0), ("unscheduled", 0)]
)
def test_labels_of_visits_that_are_misspelt(tmp_path: Path, label: str, n: int) -> None:
    (tmp_path / "data").mkdir()
    for name, text in zip(("patients", "assessments"), visits({}), strict=True):
        (tmp_path / "data" / f"{name}.csv").write_text(text, "utf-8")
    head, *rows = visits({})[1].strip().split("\n")
    rows = [f"{r},scan {1 + i % 3}" for i, r in enumerate(rows)]
    rows[3] = rows[3].rpartition(",")[0] + f",{label}"
    text = "\n".join([f"{head},visit", *rows]) + "\n"
    (tmp_path / "data" / "assessments.csv").write_text(text, "utf-8")
    protocol = HEAD.replace("x.csv", "data") + '[response]\nsource = "assessments"\n'
    (tmp_path / "study.toml").write_text(protocol, "utf-8")
    assert sum(p.id == "rows.misspelt" for p in read_study(tmp_path).problems) == n

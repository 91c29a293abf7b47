"""Levels beside numbers, scores and ages beyond their ends, units of a few, events of the dead."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from test_careful import N, told, variables, with_
from test_usual import Row, moved, patients
from test_usual import told as told_of

from oncohort.checks import CHECKS, Data
from oncohort.checks.numbers import decimals_below
from oncohort.checks.ranges import fences
from oncohort.checks.rule import numbered
from oncohort.problems import Problem
from oncohort.protocol import parse_protocol
from oncohort.records import Records
from oncohort.records.frames import empty_table
from oncohort.vocabulary.tables import TABLES

ER = ["negative" if i % 3 == 0 else "positive" for i in range(N)]
PERCENT = [0 if i % 3 == 0 else 20 + i for i in range(N)]
MM = [8 + (i * 7) % 13 if i % 2 else 21 + (i * 5) % 19 for i in range(N)]
SIZE = ["T1" if i % 2 else "T2" for i in range(N)]


@pytest.mark.parametrize(
    ("level", "number", "who"),
    [
        (ER, PERCENT, []),
        (ER, with_(PERCENT, _0=80), ["P00"]),
        (ER, with_(PERCENT, _1=0), ["P01"]),
        (with_(ER, _4="negative"), PERCENT, ["P04"]),
        (SIZE, MM, []),
        (SIZE, with_(MM, _1=45), ["P01"]),
        (SIZE, with_(MM, _0=2), ["P00"]),
        (SIZE, with_(MM, _1=22), []),  # beside the limit
        (["T1", "T2"] * 20, [10 + (i * 7) % 31 for i in range(N)], []),  # not separated
        (["T1"] * 35 + ["T4"] * 5, [*range(10, 45), 80, 81, 82, 83, 12], []),  # too few of them
    ],
)
def test_a_level_beside_a_number_of_the_others(
    level: list[Any], number: list[Any], who: list[str]
) -> None:
    found = told("values.level-against-number", variables("er", "pct"), er=level, pct=number)
    assert [p.patient for p in found] == who


def test_levels_in_digits_and_outcomes() -> None:
    digits = [1 if e == "negative" else 2 for e in ER]
    protocol = '[variables.er]\nlevels = { "1" = "no", "2" = "yes" }\n[variables.pct]\n'
    found = told("values.level-against-number", protocol, er=digits, pct=with_(PERCENT, _3=90))
    assert [p.patient for p in found] == ["P03"]
    ends = protocol + '[endpoints.os]\ntime = "pct"\nevent = "er"\nevent_value = 2\n'
    assert not told("values.level-against-number", ends, er=digits, pct=with_(PERCENT, _3=90))


@pytest.mark.parametrize(
    ("name", "values", "who"),
    [
        ("gleason", [7, 8, 9, 6] * 10, []),
        ("gleason", with_([7, 8, 9, 6] * 10, _5=11), ["P05"]),
        ("gleason", [70, 80, 90, 60] * 10, []),  # something else
        ("asa", with_([1, 2, 3, 2] * 10, _2=9), ["P02"]),
        ("child_pugh", with_([5, 6, 7, 9] * 10, _1=1), ["P01"]),
    ],
)
def test_a_score_beyond_its_ends(name: str, values: list[Any], who: list[str]) -> None:
    found = told("values.score", variables(name), **{name: values})
    assert [p.patient for p in found] == who


@pytest.mark.parametrize(
    ("value", "unit", "who"), [(188, "years", ["P03"]), (60, "years", []), (188, "months", [])]
)
def test_ages_of_donors(value: int, unit: str, who: list[str]) -> None:
    protocol = f'[variables.donor_age]\nunit = "{unit}"\n'
    ages = with_([20 + i for i in range(N)], _3=value)
    assert [p.patient for p in told("values.age", protocol, donor_age=ages)] == who


@pytest.mark.parametrize(
    ("ages", "who"),
    [
        ([1.0 + i / 4 for i in range(N)], []),
        (with_([1.0 + i / 4 for i in range(N)], _2=86.0), ["P02"]),
        (with_([1.0 + i / 4 for i in range(N)], _2=20.0), []),  # a grown-up patient
        ([15.0 + i for i in range(N)], []),
    ],
)
def test_an_adult_among_children(ages: list[float], who: list[str]) -> None:
    assert [p.patient for p in told("values.age-of-child", age=ages)] == who


def test_weights_of_children_are_no_other_unit() -> None:
    protocol = '[variables.weight]\nkind = "continuous"\nunit = "kg"\n'
    weight = [9.0 + i / 2 for i in range(N)]
    young = told(
        "values.median-unlikely", protocol, weight=weight, age=[1.0 + i / 4 for i in range(N)]
    )
    grown = told(
        "values.median-unlikely", protocol, weight=weight, age=[40.0 + i for i in range(N)]
    )
    assert (len(young), len(grown)) == (0, 1)


def test_body_size_of_doses_is_looked_at() -> None:
    protocol = (
        '[exposure.docetaxel]\namount = 75\nunit = "mg/m2"\ntimes_per_day = 1\n'
        "days_on = 1\ndays_off = 20\n"
    )
    height = with_([165.0 + i % 20 for i in range(N)], _4=1.75)
    weight = with_([70.0 + i % 20 for i in range(N)], _7=7.7)
    sizes = {"height_cm": height, "weight_kg": weight}
    assert [p.patient for p in told("values.implausible", protocol, **sizes)] == ["P04"]
    assert [p.patient for p in told("values.body", protocol, **sizes)] == ["P04", "P07"]
    assert not told("values.implausible", protocol.replace("mg/m2", "mg"), **sizes)


@pytest.mark.parametrize(
    ("values", "n"),
    [
        ([8, 9, *range(10, 60)], 0),
        ([2.4, *range(10, 60)], 1),
        ([1.9, 2.4, 3.0, *range(10, 70)], 3),
        ([2.4, 12.5, 13.5, 20.5, *range(10, 60)], 0),  # decimals are usual
        ([9.5, *range(10, 60)], 0),  # beside the others
    ],
)
def test_centimetres_among_millimetres(values: list[float], n: int) -> None:
    assert decimals_below(pl.Series(values, dtype=pl.Float64).sort()) == n
    found = told("values.decimals-apart", variables("size"), size=[float(v) for v in values])
    assert len(found) == (n > 0)


def test_ninety_nine_percent_is_no_code_beside_ninety_eight() -> None:
    percent = [float(60 + i) for i in range(N)]
    assert not told("values.missing-code", variables("er"), er=with_(percent, _0=99.0, _1=99.0))
    low = [float(20 + i) for i in range(N)]
    assert told("values.missing-code", variables("er"), er=with_(low, _0=99.0, _1=99.0))


def test_counts_that_are_mostly_zero_have_a_long_tail() -> None:
    counts = [0.0] * 30 + [1.0] * 20 + [2.0, 3.0, 4.0, 5.0, 6.0, 9.0]
    found = fences(pl.Series(counts))
    assert found is not None and found[1][1] > 9
    assert not told("values.outlier", variables("nodes"), nodes=counts)
    assert told("values.outlier", variables("nodes"), nodes=[*counts, 400.0])


def test_what_is_measured_is_not_the_same_in_all() -> None:
    protocol = '[variables.hb]\nkind = "continuous"\nunit = "g/dL"\n[variables.line]\n'
    found = told("values.constant", protocol, hb=[12.0] * N, line=[1] * N)
    assert [(p.place.key or p.what.split()[0], p.severity.value) for p in found] == [
        ("hb", "warning"),
        ("line", "note"),
    ]


def test_one_woman_in_a_study_of_prostate_cancer() -> None:
    def found(disease: str, *women: int) -> list[str | None]:
        sex = ["female" if i in women else "male" for i in range(N)]
        bare = empty_table(TABLES["patients"])
        own = pl.DataFrame({"patient": [f"P{i:02d}" for i in range(N)], "sex": sex}).with_columns(
            source_row=pl.int_range(2, N + 2)
        )
        records = numbered(Records({"patients": pl.concat([bare, own], how="diagonal_relaxed")}))
        text = f'[study]\nschema = 1\ntitle = "A"\ndata = "x.csv"\ndisease = "{disease}"\n'
        data = Data(records, parse_protocol(text))
        return [p.patient for p in CHECKS["patients.sex-of-tumour"](data)]

    assert found("metastatic prostate cancer", 4) == ["P04"]
    assert found("metastatic prostate cancer") == []
    assert found("bladder cancer", 4) == []
    assert found("prostate cancer and ovarian cancer", 4) == []


def test_columns_of_nodes_that_are_exchanged() -> None:
    columns = {
        "nodes_removed": [i % 4 for i in range(N)],
        "nodes_positive": [9 + i for i in range(N)],
    }
    (one,) = told("patients.nodes", variables(*columns), **columns)
    assert one.patient is None and "40 of 40" in one.what


# ---- dates and records

EVENTS = """[endpoints.os]
events = ["death"]
[endpoints.rfs]
events = ["relapse_date", "death"]
censoring = "last_contact"
"""


def transplanted(n: int = 48) -> list[Row]:
    out = []
    for i, row in enumerate(patients(n)):
        relapse = i % 3 > 0
        day = moved(row["treatment_start"], 100 + i) if relapse else ""
        out.append(
            {k: row[k] for k in ("patient", "treatment_start", "last_contact", "death_date")}
            | {"vital_status": row["vital_status"], "relapse_date": day}
            | {"death_cause": "relapse" if row["death_date"] else ""}
        )
    return out


def test_events_under_names_of_the_chart(tmp_path: Path) -> None:
    rows = transplanted()
    for i, id_ in enumerate(("dates.event-after-death", "endpoints.event-after-contact")):
        assert not told_of(tmp_path / f"clean{i}", id_, {"patients": rows}, EVENTS)
    late = [dict(r) for r in rows]
    late[1]["relapse_date"] = moved(late[1]["death_date"], 20)
    late[0]["relapse_date"] = moved(late[0]["last_contact"], 20)
    (dead,) = told_of(tmp_path / "dead", "dates.event-after-death", {"patients": late}, EVENTS)
    (alive,) = told_of(
        tmp_path / "alive", "endpoints.event-after-contact", {"patients": late}, EVENTS
    )
    assert (dead.patient, dead.place.column) == ("2", "relapse_date")
    assert (alive.patient, alive.place.column) == ("1", "last_contact")


def test_dead_of_relapse_without_one(tmp_path: Path) -> None:
    rows = transplanted()
    id_ = "survival.cause-without-event"
    assert not told_of(tmp_path / "clean", id_, {"patients": rows}, EVENTS)
    rows[1]["relapse_date"] = ""
    (one,) = told_of(tmp_path / "one", id_, {"patients": rows}, EVENTS)
    assert one.patient == "2"
    for row in rows[::2]:  # where many have none, relapses are not dated in this chart
        row["relapse_date"] = ""
    assert not told_of(tmp_path / "many", id_, {"patients": rows}, EVENTS)


def test_a_response_before_the_treatment(tmp_path: Path) -> None:
    rows = [{k: r[k] for k in ("patient", "treatment_start", "last_contact")} for r in patients()]
    visits = [
        {"patient": r["patient"], "date": moved(r["treatment_start"], 60), "overall": "SD"}
        for r in rows
    ]
    protocol = '[response]\nsource = "assessments"\n'
    tables = {"patients": rows, "assessments": visits}
    id_ = "response.before-treatment"
    assert not told_of(tmp_path / "clean", id_, tables, protocol)
    visits[3]["date"] = moved(visits[3]["date"], -365)
    (one,) = told_of(tmp_path / "one", id_, tables, protocol)
    assert one.patient == "4"


def labs(change: dict[int, float] | None = None, test: str = "PSA") -> list[Problem]:
    def found(id_: str) -> list[Problem]:
        n = 3 * N
        values = [20.0 + (i * 7) % 61 for i in range(n)]
        for i, value in (change or {}).items():
            values[i] = value
        own = pl.DataFrame(
            {
                "patient": [f"P{i // 3:02d}" for i in range(n)],
                "test": [test] * n,
                "unit": ["ng/mL"] * n,
                "value": values,
                "date": [date(2020, 1, 1) + timedelta(days=i % 3) for i in range(n)],
                "source_row": list(range(2, n + 2)),
            }
        )
        who = pl.DataFrame({"patient": [f"P{i:02d}" for i in range(N)]}).with_columns(
            source_row=pl.int_range(2, N + 2)
        )
        tables = {
            name: pl.concat([empty_table(TABLES[name]), frame], how="diagonal_relaxed")
            for name, frame in (("patients", who), ("labs", own))
        }
        data = Data(
            numbered(Records(tables)),
            parse_protocol('[study]\nschema = 1\ntitle = "A"\ndata = "x.csv"\n'),
        )
        return list(CHECKS[id_](data))

    ids = ("labs.missing-code", "labs.constant", "labs.outlier", "labs.median-unlikely")
    return [p for id_ in ids for p in found(id_)]


def test_values_of_a_sheet_of_laboratory_tests() -> None:
    assert not labs()
    assert {p.id for p in labs(dict.fromkeys((3, 17, 40, 90), 999.0))} == {"labs.missing-code"}
    assert {p.id for p in labs(dict.fromkeys(range(3 * N), 12.0))} == {"labs.constant"}
    patient = {i: 1000 * (20.0 + i) for i in (9, 10, 11)}
    assert {(p.id, p.patient) for p in labs(patient)} == {("labs.outlier", "P03")}
    all_ = {i: 1000 * (20.0 + (i * 7) % 61) for i in range(3 * N)}
    assert {p.id for p in labs(all_)} == {"labs.median-unlikely"}
    assert not labs(all_, test="AFP")


@pytest.mark.parametrize(
    ("ends", "n"),
    [([], 0), ([62.0], 0), ([62.0, 75.0], 2), ([62.0, 75.5], 0), ([31.0, 75.0], 0)],
)
def test_whole_times_beyond_all_others(ends: list[float], n: int) -> None:
    months = [*(k + 0.3 for k in range(30)), *ends]
    protocol = '[endpoints.os]\ntime = "os"\nevent = "dead"\nevent_value = 1\n'
    found = told(
        "survival.times-apart", protocol, os=months, dead=[k % 2 for k in range(len(months))]
    )
    assert [len(p.what.split("patients ")[1].split(")")[0].split(", ")) for p in found] == [n][
        : n > 0
    ]

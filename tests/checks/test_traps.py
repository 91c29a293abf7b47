"""Rules on what a careful biostatistician looks for: each finds its case, and only it."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from oncohort.problems import Problem
from oncohort.study.study import read_study

HEAD = '[study]\nschema = 1\ntitle = "A study"\ndata = "data"\nsynthetic = true\n'
START = date(2018, 3, 1)
N = 20


def day(offset: int) -> str:
    return (START + timedelta(days=offset)).isoformat()


def study(folder: Path, protocol: str, **tables: str) -> list[Problem]:
    """All problems of a study of these CSV files."""
    (folder / "data").mkdir(parents=True)
    (folder / "study.toml").write_text(HEAD + protocol, "utf-8")
    for name, text in tables.items():
        (folder / "data" / f"{name}.csv").write_text(text, "utf-8")
    return list(read_study(folder).data_problems)


def told(problems: list[Problem], id_: str) -> list[tuple[str | None, str | None]]:
    """Patient and cell, or key, of the problems of one id."""
    return [(p.patient, p.place.cell or p.place.key) for p in problems if p.id == id_]


def who(change: dict[int, str]) -> str:
    rows = [change.get(i, f"{i},2018-03-01,2017-11-02,61") for i in range(8)]
    return "patient,treatment_start,diagnosis_date,age\n" + "\n".join(rows) + "\n"


@pytest.mark.parametrize(
    ("row", "ids"),
    [
        ("3,2018-03-01,2017-11-02,61", set()),
        ("3,2018-03-01,1971-11-02,61", {"dates.long-ago"}),
        ("3,2018-03-01,1917-11-02,61", {"dates.long-ago", "dates.before-birth"}),
        ("3,2018-03-01,1952-11-02,61", {"dates.long-ago", "dates.before-birth"}),
    ],
)
def test_dates_of_another_century(tmp_path: Path, row: str, ids: set[str]) -> None:
    found = study(tmp_path, "", patients=who({3: row}))
    mine = [p for p in found if p.id in ("dates.long-ago", "dates.before-birth")]
    assert {p.id for p in mine} == ids
    assert all((p.patient, p.place.cell) == ("3", "C5") for p in mine)


def test_where_most_records_are_far_the_start_is_told(tmp_path: Path) -> None:
    rows = "".join(f"3,2018-0{k}-01,Hb,12,g/dL\n" for k in range(1, 8))
    found = study(
        tmp_path,
        "",
        patients=who({3: "3,1918-03-01,1917-11-02,61"}),
        labs=f"patient,date,test,value,unit\n4,1999-01-01,Hb,12,g/dL\n{rows}",
    )
    assert told(found, "dates.long-ago") == [("4", "B2"), ("3", "B5")]


MEASURED = """[variables.weight]
unit = "kg"
[variables.height]
unit = "cm"
[variables.crp]
unit = "{crp}"
[variables.pdl1]
unit = "%"
[variables.stage]
"""


def measured(change: dict[int, str], crp: str = "mg/L") -> tuple[str, str]:
    rows = [
        change.get(
            i, f"{i},{62 + i},{160 + i},{3 + 2 * i},{5 * (i % 9)},{'III' if i % 3 else 'IV'}"
        )
        for i in range(N)
    ]
    head = "patient,weight,height,crp,pdl1,stage\n"
    return MEASURED.format(crp=crp), head + "\n".join(rows) + "\n"


@pytest.mark.parametrize(
    ("row", "id_", "cell"),
    [
        ("5,67,1.65,13,25,III", "values.implausible", "C7"),
        ("5,148,165,13,25,III", None, None),
        ("5,158,165,13,25,III", "values.body", "B7"),
        ("5,67,165,13,0.8,III", "values.percent-scale", "E7"),
        ("5,67,165,13,140,III", "values.percent-scale", "E7"),
        ("5,67,165,13,25,2019-04-03", "values.odd-level", "F7"),
        ("5,67,165,13,25,3", "values.odd-level", "F7"),
        ("5,67,165,13,25,III", None, None),
    ],
)
def test_measurements_of_the_patients_sheet(
    tmp_path: Path, row: str, id_: str | None, cell: str | None
) -> None:
    protocol, sheet = measured({5: row})
    found = study(tmp_path, protocol, patients=sheet)
    rules = {"values.implausible", "values.body", "values.percent-scale", "values.odd-level"}
    mine = {p.id: p for p in found if p.id in rules | {"values.median-unlikely", "values.spread"}}
    if id_ is None:
        assert mine == {}
    else:
        assert mine[id_].patient == "5"
        assert mine[id_].place.cell == cell


def test_a_column_in_another_unit_than_its_label(tmp_path: Path) -> None:
    protocol, sheet = measured({}, crp="mg/dL")
    found = study(tmp_path, protocol, patients=sheet)
    assert told(found, "values.median-unlikely") == [(None, "variables.crp.unit")]


def test_half_of_a_column_in_pounds(tmp_path: Path) -> None:
    change = {i: f"{i},{(62 + i) * 2.2:.0f},,{3 + 2 * i},5,III" for i in range(0, N, 2)}
    protocol, sheet = measured(change)
    found = study(tmp_path, protocol, patients=sheet)
    assert [p.place.column for p in found if p.id == "values.two-units"] == ["weight"]


def labs(change: dict[int, str]) -> str:
    rows = [change.get(i, f"{i},2018-02-28,CRP,{4 + i}.5,mg/L,0,5") for i in range(N)]
    return "patient,date,test,value,unit,lower_limit,upper_limit\n" + "\n".join(rows) + "\n"


@pytest.mark.parametrize(
    ("change", "ids"),
    [
        ({}, set()),
        ({5: "5,2018-02-28,CRP,9.5,mg/dL,,"}, {"labs.unit-contradicts"}),
        ({5: "5,2018-02-28,CRP,0.9,mg/dL,,"}, set()),
        ({5: "5,2018-02-28,CRP,9.5,mg/dL,0,5"}, {"labs.unit-contradicts", "labs.upper-limit"}),
        ({5: "5,2018-02-28,CRP,9.5,mg/L,0,0"}, {"labs.upper-limit"}),
        ({i: f"{i},2018-02-28,CRP,{9 + i},mg/dL,," for i in range(N)}, {"labs.median-unlikely"}),
        ({5: "5,2018-02-28,ANC,0,10^9/L,,"}, {"labs.zero"}),
        ({i: f"{i},2018-02-28,PSA,{4**i % 977}.1,ng/mL,,4" for i in range(N)}, set()),
        ({5: "5,2018-02-28,PSA,0,ng/mL,,4"}, set()),
        ({5: "5,2018-02-28,CEA,4.5,µg/mL,,5"}, {"labs.upper-limit"}),
        ({5: "5,2018-02-28,CA 19-9,45,kU/L,,37"}, set()),
        ({5: "5,2018-02-28,CA 125,45,U/L,,35"}, {"labs.upper-limit"}),
        (
            {5: "5,2018-02-28,WBC,5,10^9/L,,\n5,2018-02-28,ANC,62,10^9/L,,"},
            {"labs.differential"},
        ),
    ],
)
def test_laboratory_values_against_their_units(
    tmp_path: Path, change: dict[int, str], ids: set[str]
) -> None:
    sheet = "patient,treatment_start\n" + "".join(f"{i},2018-03-01\n" for i in range(N))
    found = study(tmp_path, "", patients=sheet, labs=labs(change))
    rules = ("unit-contradicts", "upper-limit", "median-unlikely", "zero", "differential")
    mine = [p for p in found if p.id in {f"labs.{r}" for r in rules}]
    assert {p.id for p in mine} == ids
    assert all(p.place.cell and p.place.cell.endswith(("2", "7", "8")) for p in mine)


COURSE = (
    "patient,treatment_start,treatment_end,treatment_end_reason,last_contact,"
    "vital_status,death_date,death_cause,progression_date\n"
)


def lesions(**later: str) -> str:
    """Patient 1: stable, then progression on 2018-07-01; patient 2: stable; or sizes as given."""
    rows = ["patient,lesion,date,role,diameter_mm,status"]
    sizes = {"1": ("30", "31", "45"), "2": ("30", "31", "29")}
    for who_, (a, b, c) in sizes.items():
        for when, size in (("2018-02-25", a), ("2018-05-01", b), ("2018-07-01", c)):
            rows.append(f"{who_},T1,{when},target,{later.get('t1', size)},measured")
            rows.append(f"{who_},T2,{when},target,20,measured")
    return "\n".join(rows) + "\n"


@pytest.mark.parametrize(
    ("one", "two", "ids"),
    [
        ("2018-07-05", "", set()),
        ("2018-12-24", "", {("1", "")}),
        ("", "2018-06-01", {("1", "uncharted"), ("2", "unseen")}),
    ],
)
def test_progression_is_told_in_two_places(
    tmp_path: Path, one: str, two: str, ids: set[tuple[str, str]]
) -> None:
    rows = (
        f"1,2018-03-01,2018-07-08,progression,2019-06-01,alive,,,{one}\n"
        f"2,2018-03-01,,,2019-06-01,alive,,,{two}\n"
    )
    found = study(
        tmp_path,
        '[response]\nsource = "lesions"\n[endpoints.pfs]\n',
        patients=COURSE + rows,
        lesions=lesions(),
    )
    cases = {"": "the scans show it on", "unseen": "the scans show none", "uncharted": "is charted"}
    mine = [p for p in found if p.id == "response.progression-differs"]
    assert {p.patient for p in mine} == {who_ for who_, _ in ids}
    for who_, case in ids:
        assert any(p.patient == who_ and cases[case] in p.what for p in mine)


@pytest.mark.parametrize(
    ("row", "id_", "cell"),
    [
        ("2018-07-08,progression,2019-06-01,alive,,,", "survival.stopped-for-progression", "D3"),
        ("2018-07-08,other,2019-06-01,dead,2019-06-01,progression,", None, "H3"),
        ("2018-07-08,other,2019-06-01,alive,,carcinoma,", "survival.cause-of-the-living", "H3"),
        ("2018-07-08,other,2019-06-01,dead,2019-06-01,carcinoma,", "", None),
    ],
)
def test_reasons_and_causes_fit_the_course(
    tmp_path: Path, row: str, id_: str | None, cell: str | None
) -> None:
    rows = "1,2018-03-01,2018-07-08,progression,2019-06-01,alive,,,2018-07-05\n"
    found = study(
        tmp_path,
        '[response]\nsource = "lesions"\n[endpoints.pfs]\n',
        patients=COURSE + rows + f"2,2018-03-01,{row}\n",
        lesions=lesions(),
    )
    wanted = "survival.stopped-for-progression" if id_ is None else id_
    rules = ("survival.stopped-for-progression", "survival.cause-of-the-living")
    mine = [(p.id, p.patient, p.place.cell) for p in found if p.id in rules]
    assert mine == ([(wanted, "2", cell)] if wanted else [])


LINES = "patient,line,drugs,start,end,stop_reason\n"


@pytest.mark.parametrize(
    ("rows", "id_", "cell"),
    [
        ("1,1,a,2017-01-01,,\n1,2,b,2018-03-01,,\n", None, None),
        ("1,3,a,2017-01-01,,\n1,2,b,2018-03-01,,\n", "therapies.order", "B3"),
        (
            "1,1,a,2017-01-01,2018-01-01,progression\n1,1,b,2018-03-01,,\n",
            "therapies.order",
            "B3",
        ),
        ("1,1,a,2017-01-01,2018-01-01,completed\n1,1,b,2018-03-01,,\n", None, None),
        ("1,2,b,2018-03-01,,\n1,3,c,2018-07-03,,\n", None, None),
        ("1,2,b,2018-03-01,,\n1,3,c,2018-05-10,,\n", "therapies.before-progression", "D3"),
    ],
)
def test_lines_of_therapy(tmp_path: Path, rows: str, id_: str | None, cell: str | None) -> None:
    one = "1,2018-03-01,2018-07-08,progression,2019-06-01,alive,,,2018-07-01\n"
    found = study(
        tmp_path,
        '[response]\nsource = "lesions"\n[endpoints.pfs]\n',
        patients=COURSE + one,
        lesions=lesions(),
        therapies=LINES + rows,
    )
    mine = [(p.id, p.patient, p.place.cell) for p in found if p.id.startswith("therapies.")]
    assert mine == ([(id_, "1", cell)] if id_ else [])


@pytest.mark.parametrize(
    ("sizes", "cases"),
    [
        ("30 31 29", 0),
        ("30 92 29", 1),
        ("30 3 29", 1),
        ("30 20 55", 0),
        ("30 31 99", 1),
        ("60 31 16", 0),
        ("30 30 140", 1),
    ],
)
def test_jumps_of_one_lesion(tmp_path: Path, sizes: str, cases: int) -> None:
    days = ("2018-02-25", "2018-05-01", "2018-07-01")
    rows = "".join(
        f"1,T1,{d},target,{s},measured\n" for d, s in zip(days, sizes.split(), strict=True)
    )
    found = study(
        tmp_path,
        '[response]\nsource = "lesions"\n',
        patients="patient,treatment_start\n1,2018-03-01\n",
        lesions=f"patient,lesion,date,role,diameter_mm,status\n{rows}",
    )
    assert len(told(found, "lesions.jump")) == cases


def test_a_target_that_was_left_out_at_a_visit(tmp_path: Path) -> None:
    text = lesions().replace("1,T2,2018-05-01,target,20,measured\n", "")
    found = study(
        tmp_path,
        '[response]\nsource = "lesions"\n',
        patients="patient,treatment_start\n1,2018-03-01\n2,2018-03-01\n",
        lesions=text,
    )
    (one,) = [p for p in found if p.id == "lesions.not-measured"]
    assert one.patient == "1"
    assert "T2 has no row on 2018-05-01" in one.what


def test_a_target_that_was_measured_on_another_day_of_the_visit_is_there(tmp_path: Path) -> None:
    there, later = "1,T2,2018-05-01,target,20,measured\n", "1,T2,2018-05-02,target,20,measured\n"
    found = study(
        tmp_path,
        '[response]\nsource = "lesions"\n[schedule]\nvisit_days = 7\n',
        patients="patient,treatment_start\n1,2018-03-01\n2,2018-03-01\n",
        lesions=lesions().replace(there, later),
    )
    assert not told(found, "lesions.not-measured")


@pytest.mark.parametrize(
    ("row", "ids"),
    [
        ("rash,2018-04-01,2,recovered", set()),
        ("rash,2018-04-01,2,fatal", {"safety.outcome"}),
        ("rash,2019-04-01,2,recovered", {"safety.late"}),
        ("nausea,2018-03-20,3,recovered", {"safety.twice"}),
    ],
)
def test_adverse_events_that_contradict(tmp_path: Path, row: str, ids: set[str]) -> None:
    found = study(
        tmp_path,
        "",
        patients="patient,treatment_start,treatment_end\n1,2018-03-01,2018-07-08\n",
        adverse_events=f"patient,term,start,grade,outcome\n1,nausea,2018-03-20,1,recovered\n1,{row}\n",
    )
    mine = [p for p in found if p.id in ("safety.outcome", "safety.late", "safety.twice")]
    assert {p.id for p in mine} == ids
    assert all(p.patient == "1" for p in mine)
    assert all(p.place.cell and p.place.cell.endswith("3") for p in mine)


DOSED = "[exposure.x]\namount = 80\ntimes_per_day = 1\nlevels = [80, 40]\n"


@pytest.mark.parametrize(
    ("row", "id_"),
    [
        ("80,mg", None),
        ("160,mg", "doses.unlikely"),
        ("80,g", "doses.drug"),
        ("0.08,g", None),
        ("0,mg", "doses.none"),
        ("135,mg/m2", None),
    ],
)
def test_doses_in_the_unit_of_the_plan(tmp_path: Path, row: str, id_: str | None) -> None:
    found = study(
        tmp_path,
        DOSED,
        patients="patient,treatment_start\n1,2018-03-01\n",
        doses=f"patient,drug,start,amount,unit\n1,x,2018-03-01,{row}\n",
    )
    mine = [p.id for p in found if p.id in ("doses.unlikely", "doses.drug", "doses.none")]
    assert mine == ([id_] if id_ else [])


def test_sites_and_performance(tmp_path: Path) -> None:
    found = study(
        tmp_path,
        "",
        patients="patient,treatment_start,kps\n1,2018-03-01,90\n2,2018-03-01,80\n",
        sites="patient,organ,count\n1,lung,-2\n2,lung,400\n1,liver,2\n1,liver,5\n",
        performance="patient,date,scale,value\n1,2018-02-27,Karnofsky,50\n2,2018-02-27,Karnofsky,80\n"
        "2,2018-06-01,Karnofsky,60\n",
    )
    assert sorted(told(found, "sites.count")) == [("1", "C2"), ("1", "C5"), ("2", "C3")]
    assert told(found, "performance.sheets-disagree") == [("1", "D2")]


REDUCED = (
    '[endpoints.pfs]\ntime = "p"\nevent = "pe"\nevent_value = 1\n'
    '[endpoints.os]\ntime = "o"\nevent = "oe"\nevent_value = 1\n'
)


def reduced(change: dict[int, str]) -> str:
    status = ("alive", "dead")
    rows = [
        change.get(i, f"{i},{5 + i},{i % 2},{9 + i if i % 2 else 5 + i},{i % 2},PR,{status[i % 2]}")
        for i in range(N)
    ]
    return "patient,p,pe,o,oe,best_response,vital_status\n" + "\n".join(rows) + "\n"


@pytest.mark.parametrize(
    ("row", "id_", "cell"),
    [
        ("4,9,0,9,0,PR,alive", None, None),
        ("4,9,0,9,1,PR,alive", "survival.event-against-status", "E6"),
        ("4,9,0,60,0,PR,alive", "survival.censored-apart", "D6"),
        ("4,0.7,1,9,0,PR,alive", "response.before-first-scan", "B6"),
    ],
)
def test_reduced_endpoints(tmp_path: Path, row: str, id_: str | None, cell: str | None) -> None:
    found = study(tmp_path, REDUCED, patients=reduced({4: row}))
    rules = {"survival.event-against-status", "survival.censored-apart"}
    mine = [p for p in found if p.id in rules | {"response.before-first-scan"}]
    assert [(p.id, p.patient, p.place.cell) for p in mine] == ([(id_, "4", cell)] if id_ else [])


def test_one_flag_for_progression_and_death(tmp_path: Path) -> None:
    protocol = REDUCED.replace('event = "oe"', 'event = "pe"')
    found = study(tmp_path, protocol, patients=reduced({}))
    assert told(found, "endpoints.same-columns") == [(None, "endpoints.os.event")]


def test_a_clock_that_starts_at_diagnosis(tmp_path: Path) -> None:
    head = "patient,diagnosis_date,treatment_start,last_contact,o,oe\n"
    rows = "".join(
        f"{i},{day(-400 - 20 * i)},{day(0)},{day(300 + i)},{(700 + 21 * i) / 30.4375:.1f},0\n"
        for i in range(10)
    )
    os = '[endpoints.os]\ntime = "o"\nevent = "oe"\nevent_value = 1\n'
    found = study(tmp_path / "a", os, patients=head + rows)
    assert [p.place.column for p in found if p.id == "survival.other-clock"] == ["o"]
    dated = head.removesuffix(",o,oe\n") + ",vital_status\n"
    rows = "".join(f"{i},{day(-400 - 20 * i)},{day(0)},{day(300 + i)},alive\n" for i in range(10))
    protocol = '[endpoints.os]\nfrom = "diagnosis_date"\n'
    found = study(tmp_path / "b", protocol, patients=dated + rows)
    assert told(found, "endpoints.delayed-entry") == [(None, "endpoints.os.from")]


def test_a_clock_that_starts_where_it_ends(tmp_path: Path) -> None:
    head = "patient,treatment_start,last_contact,vital_status,death_date\n"
    rows = "".join(
        f"{i},{day(0)},{day(300 + i)},dead,{day(300 + i)}\n"
        if i % 2
        else f"{i},{day(0)},{day(300 + i)},alive,\n"
        for i in range(10)
    )
    found = study(tmp_path / "a", '[endpoints.os]\nfrom = "last_contact"\n', patients=head + rows)
    assert told(found, "survival.event-at-zero") == [(None, "endpoints.os.from")]
    rows += f"77,{day(5)},{day(5)},dead,{day(5)}\n"
    found = study(tmp_path / "b", "[endpoints.os]\n", patients=head + rows)
    assert told(found, "survival.event-at-zero") == [("77", "B12")]


def codes(value: str, n: int) -> str:
    rows = [f"{i},{value if i < n else 200 + 31 * (i % 17)}" for i in range(N)]
    return "patient,ldh\n" + "\n".join(rows) + "\n"


@pytest.mark.parametrize(
    ("value", "n", "is_told"),
    [("999", 1, True), ("999", 3, True), ("450", 3, False), ("600", 1, False)],
)
def test_codes_for_missing(tmp_path: Path, value: str, n: int, is_told: bool) -> None:
    found = study(tmp_path, "[variables.ldh]\n", patients=codes(value, n))
    assert (told(found, "values.missing-code") != []) == is_told


@pytest.mark.parametrize(
    ("header", "second", "is_told"),
    [("LDH", "210", True), ("ldh (2)", "210", True), ("LDH", "200.0", False), ("alp", "9", False)],
)
def test_two_columns_of_one_name(tmp_path: Path, header: str, second: str, is_told: bool) -> None:
    rows = "".join(f"{i},200,{second if i == 3 else 200}\n" for i in range(8))
    found = study(tmp_path, "[variables.ldh]\n", patients=f"patient,ldh,{header}\n{rows}")
    assert told(found, "columns.same-name") == ([("3", "C5")] if is_told else [])

"""Rules about values and about the tables beside patients, one small study each."""

from __future__ import annotations

from pathlib import Path

import pytest

from oncohort.checks import check
from oncohort.problems import Problem
from oncohort.protocol import parse_protocol
from oncohort.records import read_records

HEAD = '[study]\nschema = 1\ntitle = "A study"\ndata = "data"\n'


def found(folder: Path, rest: str = "", **tables: str) -> list[Problem]:
    data = folder / "data"
    data.mkdir(exist_ok=True)
    tables.setdefault("patients", "patient\n1\n2\n")
    for name, text in tables.items():
        (data / f"{name}.csv").write_text(text)
    protocol = parse_protocol(HEAD + rest)
    return check(read_records(protocol, folder), protocol)


def ids(problems: list[Problem]) -> set[tuple[str, str | None]]:
    return {(p.id, p.place.cell) for p in problems}


@pytest.mark.parametrize(
    ("tables", "expected"),
    [
        ({"patients": "patient,age\n1,60\n2,999\n"}, ("values.age", "B3")),
        ({"patients": "patient,kps\n1,90\n2,75\n"}, ("values.kps", "B3")),
        ({"patients": "patient,ecog\n1,1\n2,80\n"}, ("values.ecog", "B3")),
        (
            {"performance": "patient,scale,value\n1,KPS,90\n2,ECOG,90\n"},
            ("values.ecog", "C3"),
        ),
        (
            {"patients": "patient,age,birth_date,treatment_start\n1,60,1940-01-01,2015-01-01\n"},
            ("values.age-against-birth", "B2"),
        ),
        (
            {"labs": "patient,test,value,unit\n1,Hb,131,g/dL\n2,Hb,131,g/L\n"},
            ("labs.implausible", "C2"),
        ),
        (
            {"labs": "patient,test,value,unit,lower_limit,upper_limit\n1,LDH,200,U/L,250,120\n"},
            ("labs.limits", "E2"),
        ),
        (
            {
                "lesions": "patient,lesion,date,role,diameter_mm\n1,a,2015-01-01,target,20\n"
                "1,a,2015-01-01,target,22\n"
            },
            ("lesions.twice", "B3"),
        ),
        (
            {"lesions": "patient,lesion,date,role,diameter_mm\n1,a,2015-01-01,target,-20\n"},
            ("lesions.negative", "E2"),
        ),
        (
            {"adverse_events": "patient,term,grade\n1,Rash,2\n2,Rash,6\n"},
            ("safety.grade", "C3"),
        ),
        (
            {
                "patients": "patient,vital_status\n1,alive\n2,dead\n",
                "adverse_events": "patient,term,grade\n1,Sepsis,5\n2,Sepsis,5\n",
            },
            ("safety.fatal-event", "C2"),
        ),
        (
            {
                "patients": "patient,death_date\n1,2015-01-01\n2,\n",
                "labs": "patient,date,test,value,unit\n1,2015-02-01,Hb,12,g/dL\n",
            },
            ("dates.after-death", "B2"),
        ),
        (
            {"doses": "patient,drug,start,amount\n1,X,2015-01-01,-5\n"},
            ("doses.negative", "D2"),
        ),
        (
            {"doses": "patient,drug,start,amount,times_per_day\n1,x,2015-01-01,4,-2\n"},
            ("doses.negative", "E2"),
        ),
        (
            {"labs": "patient,test,value,unit\n1,Hb,13,g/dL\n2,,12,g/dL\n"},
            ("rows.unnamed", "B3"),
        ),
        (
            {"doses": "patient,drug,start,amount\n1,x,2015-01-01,4\n1,,2015-02-01,2\n"},
            ("rows.unnamed", "B3"),
        ),
        (
            {
                "patients": "patient,treatment_start\n1,2015-03-01\n2,2015-01-01\n",
                "doses": "patient,drug,start,amount\n1,X,2015-01-01,5\n2,X,2015-01-03,5\n",
            },
            ("doses.first", "B2"),
        ),
    ],
)
def test_each_rule_finds_its_case_and_only_it(
    tmp_path: Path, tables: dict[str, str], expected: tuple[str, str]
) -> None:
    assert ids(found(tmp_path, **tables)) == {expected}


def test_lesions_in_centimetres_are_suspected(tmp_path: Path) -> None:
    rows = "".join(f"1,l{i},2015-01-01,target,{i + 1}.5\n" for i in range(6))
    problems = found(tmp_path, lesions="patient,lesion,date,role,diameter_mm\n" + rows)
    assert [p.id for p in problems] == ["lesions.size"]


def test_terms_that_ctcae_does_not_have(tmp_path: Path) -> None:
    problems = found(
        tmp_path,
        '[safety]\ncriteria = "CTCAE 3.0"\n',
        adverse_events="patient,term,grade\n1,Alopecia,3\n",
    )
    assert {p.id for p in problems} == {"ctcae.impossible-grade"}
    assert problems[0].place.row == 2


def test_doses_are_held_against_the_plan(tmp_path: Path) -> None:
    problems = found(
        tmp_path,
        '[exposure.sorafenib]\nlabel = "Sorafenib"\namount = 400\ntimes_per_day = 2\n',
        doses="patient,drug,start,amount,unit\n1,Sorafenib,2015-01-01,4000,mg\n"
        "2,Sorafinib,2015-01-01,400,mg\n",
    )
    assert ids(problems) == {("doses.drug", "D2"), ("doses.drug", "B3")}


def test_patients_lost_to_follow_up(tmp_path: Path) -> None:
    problems = found(
        tmp_path,
        "",
        patients="patient,last_contact,vital_status\n1,2015-01-01,alive\n2,2018-01-01,alive\n"
        "3,2014-01-01,dead\n",
    )
    gap = [p for p in problems if p.id == "follow-up.gap"]
    assert [p.severity.value for p in gap] == ["note"]
    assert "1 of 2 patients" in gap[0].what


def test_nobody_is_lost_where_the_chart_does_not_say_here_who_died(tmp_path: Path) -> None:
    # Deaths stand in the event of an endpoint: those last seen long ago may be the dead.
    problems = found(tmp_path, "", patients="patient,last_contact\n1,2015-01-01\n2,2018-01-01\n")
    assert not problems


REDUCED = """[endpoints.pfs]
time = "pfs"
event = "pfs_event"
event_value = 1
[endpoints.os]
time = "os"
event = "os_event"
event_value = {value}
"""


def test_times_that_contradict_each_other(tmp_path: Path) -> None:
    problems = found(
        tmp_path,
        REDUCED.format(value=1),
        patients="patient,pfs,pfs_event,os,os_event\n1,12,1,8,1\n2,5,0,5,1\n3,6,0,6,1\n",
    )
    assert ids(problems) == {
        ("survival.pfs-beyond-os", "B2"),
        ("survival.death-without-pfs-event", "C3"),
    }


def test_flags_named_alike_but_read_the_opposite_way(tmp_path: Path) -> None:
    problems = found(
        tmp_path,
        REDUCED.format(value=0),
        patients="patient,pfs,pfs_event,os,os_event\n1,5,1,8,1\n2,5,0,9,0\n",
    )
    assert "survival.flags-disagree" in {p.id for p in problems}


@pytest.mark.parametrize(
    ("first", "second", "held", "disagree"),
    [
        ("1:DECEASED", "1:Recurred/Progressed", "0:CENSORED", False),
        ("1:DECEASED", "0:Recurred/Progressed", "1:CENSORED", True),
        ("1 = dead", "1", "0", False),
        ("dead", "progressed", "censored", False),
        ("dead", "alive", "dead", True),
        ("yes", "Yes", "no", False),
        ("yes", "no", "ja", True),
        ("1", "yes", "no", False),
        ("1", "2", "1", True),
        ("-1:x", "-1:y", "0:z", False),
    ],
)
def test_flags_are_compared_by_their_codes(
    tmp_path: Path, first: str, second: str, held: str, disagree: bool
) -> None:
    text = "".join(
        f'[endpoints.{key}]\ntime = "{key}"\nevent = "{key}_event"\nevent_value = "{value}"\n'
        for key, value in (("pfs", first), ("os", second))
    )
    rows = f"1,5,{first},8,{second}\n2,5,{held},9,{held}\n"
    problems = found(tmp_path, text, patients=f"patient,pfs,pfs_event,os,os_event\n{rows}")
    assert ("survival.flags-disagree" in {p.id for p in problems}) == disagree


def test_outliers_and_constants(tmp_path: Path) -> None:
    rows = "".join(f"{i},{4 + i % 5},same\n" for i in range(30))
    problems = found(
        tmp_path,
        '[variables.crp]\nkind = "continuous"\n[variables.arm]\n',
        patients=f"patient,crp,arm\n{rows}99,999,same\n",
    )
    assert ids(problems) == {("values.outlier", "B32"), ("values.constant", None)}
    outlier = next(p for p in problems if p.id == "values.outlier")
    assert "missing_in = { crp = [999] }" in outlier.todo

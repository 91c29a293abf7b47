"""Slips of a name, of a plan, and dates of which too little is known."""

from __future__ import annotations

from pathlib import Path

import pytest

from oncohort.problems import Problem
from oncohort.study.study import read_study

HEAD = '[study]\nschema = 1\ntitle = "A study"\ndata = "data"\nsynthetic = true\n'
WHO = "patient,treatment_start,treatment_end,treatment_end_reason,last_contact\n"


def told(folder: Path, id_: str, protocol: str = "", **tables: str) -> list[Problem]:
    (folder / "data").mkdir(parents=True)
    (folder / "study.toml").write_text(HEAD + protocol, "utf-8")
    for name, text in {"patients": who({}), **tables}.items():
        (folder / "data" / f"{name}.csv").write_text(text, "utf-8")
    return [p for p in read_study(folder).data_problems if p.id == id_]


def who(change: dict[int, str]) -> str:
    rows = [
        change.get(i, f"{i},2018-03-0{1 + i % 9},2018-09-11,toxicity,2019-12-01") for i in range(12)
    ]
    return WHO + "\n".join(rows) + "\n"


def sites(change: dict[int, str]) -> str:
    organs = [change.get(i, ("lung", "liver", "lymph node")[i % 3]) for i in range(36)]
    return "patient,organ,count\n" + "".join(f"{i // 3},{o},2\n" for i, o in enumerate(organs))


@pytest.mark.parametrize(
    ("change", "pairs"),
    [
        ({}, []),
        ({3: "lnug"}, [("lnug", "lung")]),
        ({4: "livr", 8: "lymph nodee"}, [("livr", "liver"), ("lymph nodee", "lymph node")]),
        ({3: "brain", 6: "bone"}, []),
        ({2: "lymph node 2"}, []),  # a name of its own
    ],
)
def test_organs_that_are_spelt_nearly_as_others(
    tmp_path: Path, change: dict[int, str], pairs: list[tuple[str, str]]
) -> None:
    found = told(tmp_path, "rows.misspelt", sites=sites(change))
    assert [tuple(p.what.split('"')[1::2]) for p in found] == pairs
    assert [p.place.cell for p in found] == [f"B{i + 2}" for i in change][: len(pairs)]


def test_a_known_test_is_no_slip_of_another(tmp_path: Path) -> None:
    rows = [f"{i % 12},2018-02-27,{'AST' if i else 'ALT'},30,U/L" for i in range(24)]
    rows += [f"{i % 12},2018-02-27,Creatinine,0.9,mg/dL" for i in range(12)]
    rows += ["3,2018-02-26,Creatinina,0.9,mg/dL", "4,2018-02-26,Creatinjne,0.9,mg/dL"]
    labs = "patient,date,test,value,unit\n" + "\n".join(rows) + "\n"
    (found,) = told(tmp_path, "rows.misspelt", labs=labs)
    assert (found.patient, '"Creatinjne"' in found.what) == ("4", True)


@pytest.mark.parametrize(
    ("drug", "severity"),
    [("Sunitnib", "question"), ("sunitinip", "question"), ("Sutent", "warning"), ("SUNITINIB", "")],
)
def test_a_dose_of_a_drug_that_is_not_planned(tmp_path: Path, drug: str, severity: str) -> None:
    table = doses(["50"] * 12).replace("3,Sunitinib", f"3,{drug}", 1)
    found = told(tmp_path, "doses.drug", PLAN.format(1), doses=table)
    assert [(p.severity.value, p.place.cell) for p in found] == [(severity, "B5")][: len(severity)]
    if severity == "question":
        line = f'[tables.doses]\ncodes.drug = {{ "{drug}" = "sunitinib" }}\n'
        assert line.split("\n")[1].removesuffix(" }") in found[0].todo
        assert told(tmp_path / "b", "doses.drug", PLAN.format(1) + line, doses=table) == []


PLAN = "[exposure.sunitinib]\namount = 50\nunit = 'mg'\ntimes_per_day = {}\n"


def doses(first: list[str]) -> str:
    return "patient,drug,start,end,amount,unit,times_per_day\n" + "".join(
        f"{i},Sunitinib,2018-03-0{1 + i % 9},2018-09-11,{a},mg,1\n" for i, a in enumerate(first)
    )


@pytest.mark.parametrize(
    ("times", "first", "n"),
    [
        (1, ["50"] * 12, 0),
        (2, ["50"] * 12, 1),  # the plan says twice a day
        (1, ["37.5"] * 12, 0),  # a lower dose for all is a dose like others
        (1, ["25", "50"] * 6, 0),  # half begin lower
        (1, ["100"] * 11 + ["50"], 1),
    ],
)
def test_the_plan_against_first_doses(tmp_path: Path, times: int, first: list[str], n: int) -> None:
    found = told(tmp_path, "doses.plan", PLAN.format(times), doses=doses(first))
    assert [p.place.key for p in found] == ["exposure.sunitinib"] * n


def test_a_reason_of_the_end_without_its_day(tmp_path: Path) -> None:
    rows = {4: "4,2018-03-05,,progression,2019-12-01", 5: "5,2018-03-05,,,2019-12-01"}
    found = told(tmp_path, "survival.end-without-date", patients=who(rows))
    assert [(p.patient, p.place.cell) for p in found] == [("4", "C6")]


@pytest.mark.parametrize(("day", "n"), [("2019", 1), ("2019-11", 0), ("2019-11-30", 0)])
def test_a_last_contact_of_which_the_year_is_known(tmp_path: Path, day: str, n: int) -> None:
    rows = who({4: f"4,2018-03-05,2018-09-11,toxicity,{day}"})
    found = told(tmp_path, "dates.year-alone", "[endpoints.os]\n", patients=rows)
    assert [p.patient for p in found] == ["4"] * n

"""Labels that say another thing than what they stand for, and doses against the treatment."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "mutations"))

import clean_study
from clean_study import Row, Tables, write_study

from oncohort.checks import CHECKS, Data
from oncohort.problems import Problem
from oncohort.protocol import parse_protocol
from oncohort.records import Records
from oncohort.study.study import read_study

NEW = (
    "variables.label-of-another",
    "variables.label-against-cut",
    "endpoints.same-label",
    "survival.late-landmark",
    "safety.stopped-but-treated",
    "doses.ends-early",
    "doses.body",
)


def told(
    folder: Path, id_: str, old: str = "", new: str = "", tables: Tables | None = None
) -> list[Problem]:
    assert old in clean_study.PROTOCOL
    text = clean_study.PROTOCOL.replace(old, new, 1)
    study = read_study(write_study(folder, tables or clean_study.clean_tables(), text))
    return [p for p in study.data_problems if p.id == id_]


def test_the_clean_study_has_none_of_them(tmp_path: Path) -> None:
    study = read_study(write_study(tmp_path / "s", clean_study.clean_tables()))
    assert [p for p in study.data_problems if p.id in NEW] == []


HEAD = '[study]\nschema = 1\ntitle = "A"\ndata = "x.csv"\n'


def said(id_: str, protocol: str) -> list[str | None]:
    """The keys of the protocol of which a rule tells that looks at nothing else."""
    data = Data(Records({}), parse_protocol(HEAD + protocol))
    return [p.place.key for p in CHECKS[id_](data) if p.id == id_]


@pytest.mark.parametrize(
    ("levels", "n"),
    [
        ('a = "B", b = "A"', 2),
        ('a = "b", b = "Other"', 1),
        ('a = "A", b = "B"', 0),
        ('a = "Arm A", b = "Arm B"', 0),
        ('"0" = "1", "1" = "2"', 0),
        ('male = "Female", female = "Male"', 2),
        ('male = "weiblich", female = "männlich"', 2),
        ('male = "männlich", female = "weiblich"', 0),
    ],
)
def test_a_label_that_is_the_name_of_another_level(levels: str, n: int) -> None:
    found = said("variables.label-of-another", f"[variables.v]\nlevels = {{ {levels} }}\n")
    assert found == ["variables.v.levels"] * n


@pytest.mark.parametrize(
    ("cut", "labels", "wrong"),
    [
        ("[10]", ("< 10", "10 or more"), 0),
        ("[10]", ("10 or more", "< 10"), 2),
        ("[10]", ("≤ 9", "≥ 10"), 0),
        ("[10]", ("< 8", "8+"), 2),
        ("[10]", ("Low", "High (> 10 mg/L)"), 0),
        ("[10]", ("Low", "High (> 100 mg/L)"), 1),
        ("[0.8]", ("< 0.8", "≥ 0,8"), 0),
        ("[0.8]", ("< 0.6", "≥ 0.8"), 1),
        ("[5, 10]", ("< 5", "≥ 5 and < 10", "at least 10"), 0),
        ("[5, 10]", ("< 10", "5 to 10", "≥ 10"), 1),
    ],
)
def test_a_label_against_the_cut_point(cut: str, labels: tuple[str, ...], wrong: int) -> None:
    levels = ", ".join(f'l{i} = "{label}"' for i, label in enumerate(labels))
    protocol = f"[variables.v]\ncut = {cut}\nlevels = {{ {levels} }}\n"
    assert said("variables.label-against-cut", protocol) == ["variables.v.levels"] * wrong


@pytest.mark.parametrize(
    ("labels", "n"),
    [
        ({"rfs": "Overall survival"}, 1),
        ({"rfs": "overall  SURVIVAL"}, 1),
        ({"rfs": "RFS"}, 0),
        ({"ours": "Overall survival"}, 0),
        ({"ours": "Overall survival", "os": "Overall survival"}, 1),
    ],
)
def test_an_endpoint_under_the_name_of_another(labels: dict[str, str], n: int) -> None:
    protocol = "".join(
        f'[endpoints.{key}]\nlabel = "{label}"\ntime = "{key}_t"\nevent = "{key}_e"\n'
        "event_value = 1\n"
        for key, label in labels.items()
    )
    assert len(said("endpoints.same-label", protocol)) == n


@pytest.mark.parametrize(("at", "n"), [(12, 0), (365, 1)])
def test_a_proportion_behind_all_follow_up(at: int, n: int, tmp_path: Path) -> None:
    new = f"[endpoints.os]\nlandmarks = [{at}]\n"
    found = told(tmp_path / "s", "survival.late-landmark", "[endpoints.os]\n", new)
    assert len(found) == n


def test_where_everybody_had_the_event_the_proportion_is_known(tmp_path: Path) -> None:
    tables = clean_study.clean_tables()
    for row in tables["patients"]:
        row["rfs_event"] = "1"
    new = "event_value = 1\nlandmarks = [365]"
    assert told(tmp_path / "s", "survival.late-landmark", "event_value = 1", new, tables) == []


def own(tables: Tables, name: str, patient: str) -> list[Row]:
    return [r for r in tables[name] if r["patient"] == patient]


@pytest.mark.parametrize(
    ("action", "n"),
    [("drug withdrawn", 1), ("temporarily stopped", 0), ("dose reduced", 0), ("none", 0)],
)
def test_a_drug_that_is_given_after_its_stop(action: str, n: int, tmp_path: Path) -> None:
    tables = clean_study.clean_tables()
    event = own(tables, "adverse_events", "S02")[0]
    event["action"] = action
    found = told(tmp_path / "s", "safety.stopped-but-treated", tables=tables)
    assert [p.patient for p in found] == ["S02"] * n


def test_a_drug_that_ends_with_its_stop(tmp_path: Path) -> None:
    tables = clean_study.clean_tables()
    event = own(tables, "adverse_events", "S02")[0]
    event["action"] = "drug withdrawn"
    for dose in own(tables, "doses", "S02"):
        dose["end"] = event["start"]
    assert told(tmp_path / "s", "safety.stopped-but-treated", tables=tables) == []


def test_doses_that_end_long_before_the_treatment(tmp_path: Path) -> None:
    tables = clean_study.clean_tables()
    [dose] = own(tables, "doses", "S02")
    dose["end"] = dose["start"]
    [found] = told(tmp_path / "one", "doses.ends-early", tables=tables)
    assert found.patient == "S02"
    for other in tables["doses"]:
        other["end"] = other["start"]  # infusions: nobody's last dose is the end of treatment
    assert told(tmp_path / "all", "doses.ends-early", tables=tables) == []


@pytest.mark.parametrize(("planned", "n"), [(400, 1), (6, 0)])
def test_doses_of_no_body(planned: int, n: int, tmp_path: Path) -> None:
    old = 'amount = 400\nunit = "mg"\ntimes_per_day = 2\nlevels = [800, 400, 200]'
    new = f'amount = {planned}\nunit = "mg/kg"\ntimes_per_day = 2'
    assert len(told(tmp_path / "s", "doses.body", old, new)) == n


@pytest.mark.parametrize(("often", "n"), [("0.2", 1), ("0.5", 0)])
def test_a_daily_dose_far_below_all_levels(often: str, n: int, tmp_path: Path) -> None:
    tables = clean_study.clean_tables()
    [dose] = own(tables, "doses", "S02")
    dose["times_per_day"] = often
    assert len(told(tmp_path / "s", "doses.unlikely", tables=tables)) == n


def test_where_nobody_has_a_time_nothing_is_said(tmp_path: Path) -> None:
    tables = clean_study.clean_tables()
    for row in tables["patients"]:
        row["rfs_months"] = ""
    new = "event_value = 1\nlandmarks = [365]"
    assert told(tmp_path / "s", "survival.late-landmark", "event_value = 1", new, tables) == []

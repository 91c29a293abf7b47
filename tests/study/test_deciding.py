"""Decisions about problems of single patients: what each does, and what is said of it."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parents[1] / "mutations"))

from clean_study import PROTOCOL, Tables, clean_tables, write_study

from oncohort.problems import Problem, ProtocolError, Severity, Wrong, errors
from oncohort.study.deciding import pasteable
from oncohort.study.study import Study, read_study

CONTACT = 'column = "last_contact"'


def decided(rule: str, do: str, patients: str = '["S04"]', more: str = CONTACT) -> str:
    return (
        f'\n[[decisions]]\nrule = "{rule}"\npatients = {patients}\ndo = "{do}"\n{more}\n'
        'by = "A. Author"\nwhy = "The letter of the family doctor says so."\n'
    )


def study(folder: Path, tables: Tables, decisions: str = "") -> Study:
    return read_study(write_study(folder, tables, PROTOCOL + decisions))


def of(opened: Study, rule: str) -> list[Problem]:
    return [p for p in opened.problems if p.id == rule]


def with_contact(value: str) -> Tables:
    """S04 is alive; its last contact is this."""
    tables = clean_tables()
    next(r for r in tables["patients"] if r["patient"] == "S04")["last_contact"] = value
    return tables


BEFORE = "dates.last-contact-before-start"


def test_undecided_the_problem_leaves_out_what_rests_on_it(tmp_path: Path) -> None:
    opened = study(tmp_path / "s", with_contact("2001-01-01"))
    [wrong] = of(opened, BEFORE)
    assert wrong.severity is Severity.ERROR
    assert any(b.startswith("survival.os") for b in wrong.blocks)


def test_a_value_is_set_and_told(tmp_path: Path) -> None:
    tables = with_contact("2001-01-01")
    more = f"{CONTACT}\nvalue = 2019-12-04"
    opened = study(tmp_path / "s", tables, decided(BEFORE, "value", more=more))
    assert not errors(opened.problems)
    clean = study(tmp_path / "clean", with_contact("2019-12-04"))
    assert opened.cohort.frame.equals(clean.cohort.frame)
    [decision] = [d for d in opened.records.decisions if d.rule == BEFORE]
    assert "A. Author" in decision.what
    assert "family doctor" in decision.what
    assert decision.place.cell is not None


def test_a_value_that_means_missing(tmp_path: Path) -> None:
    opened = study(tmp_path / "s", with_contact("2001-01-01"), decided(BEFORE, "missing"))
    clean = study(tmp_path / "clean", with_contact(""))
    assert opened.cohort.frame.equals(clean.cohort.frame)
    assert not of(opened, BEFORE)


def test_an_unreadable_cell_can_be_decided(tmp_path: Path) -> None:
    rule = "values.unreadable"
    undecided = study(tmp_path / "u", with_contact("banana"))
    assert errors(undecided.problems)
    opened = study(
        tmp_path / "s", with_contact("banana"), decided(rule, "value", more="value = 2019-12-04")
    )
    assert not errors(opened.problems)
    clean = study(tmp_path / "clean", with_contact("2019-12-04"))
    assert opened.cohort.frame.equals(clean.cohort.frame)


def test_patients_leave_what_rests_on_it_and_nothing_else(tmp_path: Path) -> None:
    opened = study(tmp_path / "s", with_contact("2001-01-01"), decided(BEFORE, "leave out"))
    assert not errors(opened.problems)
    frame = opened.cohort.frame
    [row] = frame.filter(frame["patient"] == "S04").iter_rows(named=True)
    assert row["os_time"] is None
    assert row["os_event"] is None
    assert row["rfs_time"] is not None
    results = opened.run()
    assert results["survival.os.n"].value == 23
    assert sum(dict(results["survival.os.median"].excluded).values()) == 1
    assert not results.left_out
    clean = study(tmp_path / "clean", clean_tables()).run()
    same = [i for i in clean.numbers if i.startswith(("baseline.", "safety.", "survival.rfs"))]
    assert len(same) > 50
    assert all(results[i].value == clean[i].value for i in same)


def test_accepted_as_it_is(tmp_path: Path) -> None:
    tables = clean_tables()
    next(r for r in tables["patients"] if r["patient"] == "S04")["kps"] = "85"
    undecided = study(tmp_path / "u", tables)
    [wrong] = of(undecided, "values.kps")
    opened = study(tmp_path / "s", tables, decided("values.kps", "accept", more=""))
    [note] = of(opened, "values.kps")
    assert wrong.severity is Severity.ERROR
    assert (note.severity, note.blocks) == (Severity.NOTE, ())
    assert "A. Author" in note.todo
    row = opened.cohort.frame.filter(opened.cohort.frame["patient"] == "S04")
    assert row["kps"].to_list() == [85.0]


def test_a_decision_by_cell(tmp_path: Path) -> None:
    tables = with_contact("2001-01-01")
    [wrong] = of(study(tmp_path / "u", tables), BEFORE)
    cell = wrong.place.cell
    text = decided(BEFORE, "accept").replace('patients = ["S04"]', f'cells = ["{cell}"]')
    assert not of(study(tmp_path / "s", tables, text), "decisions.nothing")
    other = text.replace(str(cell), "A1")
    assert of(study(tmp_path / "t", tables, other), "decisions.nothing")


def test_of_two_values_one_has_to_be_named(tmp_path: Path) -> None:
    rule = "dates.death-before-start"
    tables = clean_tables()
    row = next(r for r in tables["patients"] if r["patient"] == "S04")
    row |= {"death_date": "2001-01-01", "vital_status": "dead"}
    opened = study(tmp_path / "s", tables, decided(rule, "missing", more=""))
    [one] = of(opened, "decisions.no-cell")
    assert "death_date" in one.what
    assert errors(of(opened, rule))


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        (decided(BEFORE, "accept", '["S05"]'), "decisions.nothing"),
        (decided(BEFORE, "value", more=f'{CONTACT}\nvalue = "soon"'), "decisions.value"),
    ],
)
def test_decisions_that_do_nothing_are_said(tmp_path: Path, text: str, rule: str) -> None:
    opened = study(tmp_path / "s", with_contact("2001-01-01"), text)
    [one] = of(opened, rule)
    assert one.place.key == "decisions[0]"
    assert errors(of(opened, BEFORE))


@pytest.mark.parametrize(
    "text",
    [
        decided(BEFORE, "value"),
        decided(BEFORE, "accept", more="value = 3"),
        decided(BEFORE, "forget"),
        decided(BEFORE, "leave out", "[]"),
        decided(BEFORE, "accept").replace('"A. Author"', '""'),
    ],
)
def test_decisions_are_whole(tmp_path: Path, text: str) -> None:
    with pytest.raises(ProtocolError):
        study(tmp_path / "s", clean_tables(), text)


def test_what_is_offered_can_be_pasted(tmp_path: Path) -> None:
    from oncohort.study.deciding import pasteable

    tables = with_contact("2001-01-01")
    found = study(tmp_path / "u", tables).problems
    ready = pasteable(errors(found))
    assert pasteable(found).startswith(ready)  # warnings stand below
    answered = (
        ready.replace('treatment_start"   # or last_contact', 'last_contact"')
        .replace('do = ""', 'do = "missing"')
        .replace('by = ""', 'by = "A"')
        .replace('why = ""', 'why = "B"')
    )
    opened = study(tmp_path / "s", tables, "\n" + answered + "\n")
    assert not errors(opened.problems)


WIDE = """
[study]
schema = 1
title = "A study"
data = "chart.csv"
[tables.lesions]
file = "chart.csv"
shape = "wide"
columns = { patient = "patient" }
repeat = { date = "scan{n}_date", diameter_mm = "scan{n}_ld" }
constants = { lesion = "T1", role = "target" }
[[decisions]]
rule = "RULE"
patients = ["2"]
do = "value"
value = 41
by = "A. Author"
why = "Measured again."
"""


@pytest.mark.parametrize(
    ("written", "rule"), [("-41", "lesions.negative"), ("41!?", "values.unreadable")]
)
def test_of_several_records_in_one_row_only_the_one_in_the_cell_is_set(
    tmp_path: Path, written: str, rule: str
) -> None:
    (tmp_path / "chart.csv").write_text(
        "patient,treatment_start,last_contact,scan1_date,scan1_ld,scan2_date,scan2_ld\n"
        "1,2014-01-06,2015-01-06,2014-01-01,40,2014-03-01,44\n"
        f"2,2014-01-06,2015-01-06,2014-01-01,39,2014-03-01,{written}\n"
    )
    (tmp_path / "study.toml").write_text(WIDE.replace("RULE", rule))
    opened = read_study(tmp_path)
    assert not errors(opened.problems)
    assert opened.records.tables["lesions"]["diameter_mm"].to_list() == [40, 44, 39, 41]


LONG = (
    '[study]\nschema = 1\ntitle = "A study"\ndata = "c.csv"\n'
    '[endpoints.os]\ntime = "os"\nevent = "dead"\nevent_value = 1\n'
)
WHOLE = (
    '[[decisions]]\nrule = "{rule}"\ndo = "{do}"\nby = "A. Author"\nwhy = "Very slow disease."\n'
)


def long_times(folder: Path, more: str = "") -> Study:
    """Months that look like days: half of the patients lived for more than twenty years."""
    rows = "".join(f"{i},{260 + 7 * i},{i % 2}\n" for i in range(12))
    (folder / "c.csv").write_text(f"patient,os,dead\n{rows}")
    (folder / "study.toml").write_text(LONG + more)
    return read_study(folder)


def test_a_problem_of_a_whole_column_can_be_accepted(tmp_path: Path) -> None:
    [wrong] = of(long_times(tmp_path), "survival.time-unit")
    assert wrong.severity in (Severity.ERROR, Severity.QUESTION)
    assert wrong.patient is None
    opened = long_times(tmp_path, WHOLE.format(rule="survival.time-unit", do="accept"))
    [note] = of(opened, "survival.time-unit")
    assert note.severity is Severity.NOTE
    assert "A. Author" in note.todo
    values = {e.id: e.value for r in opened.run().numbers.results for e in r.estimates}
    assert values["survival.os.n"] == 12


def test_only_the_column_that_is_named_is_accepted(tmp_path: Path) -> None:
    more = WHOLE.format(rule="survival.time-unit", do="accept")
    opened = long_times(tmp_path, more + 'column = "pfs"\n')
    assert of(opened, "decisions.nothing")
    assert of(opened, "survival.time-unit")[0].severity is not Severity.NOTE
    assert not of(long_times(tmp_path, more + 'column = "os"\n'), "decisions.nothing")


@pytest.mark.parametrize("do", ["missing", "leave out", "value"])
def test_nothing_but_accept_needs_no_patients(tmp_path: Path, do: str) -> None:
    more = "value = 1\n" if do == "value" else ""
    with pytest.raises(ProtocolError, match="say whose problem it is"):
        long_times(tmp_path, WHOLE.format(rule="survival.time-unit", do=do) + more)


def test_problems_of_single_patients_are_not_accepted_by_the_way(tmp_path: Path) -> None:
    more = WHOLE.format(rule=BEFORE, do="accept")
    opened = study(tmp_path / "s", with_contact("2001-01-01"), more)
    assert of(opened, BEFORE)[0].severity is Severity.ERROR
    assert of(opened, "decisions.nothing")


def test_what_can_not_be_read_is_not_accepted(tmp_path: Path) -> None:
    more = WHOLE.format(rule="endpoints.no-column", do="accept")
    more += '[endpoints.pfs]\ntime = "pfs"\nevent = "dead"\nevent_value = 1\n'
    opened = long_times(tmp_path, more)
    assert of(opened, "endpoints.no-column")[0].severity is Severity.ERROR
    assert of(opened, "decisions.not-whole")


def test_whole_decisions_are_offered_ready_to_paste(tmp_path: Path) -> None:
    opened = long_times(tmp_path)
    text = pasteable(opened.problems)
    assert 'rule = "survival.time-unit"' in text
    filled = text.replace('by = ""', 'by = "A"').replace('why = ""', 'why = "so it is"')
    assert of(long_times(tmp_path, filled), "survival.time-unit")[0].severity is Severity.NOTE


@settings(max_examples=60, deadline=None)
@given(st.text(), st.lists(st.text(), min_size=2, max_size=3, unique=True))
def test_what_is_ready_to_paste_is_toml_whatever_a_chart_calls_its_columns(
    patient: str, columns: list[str]
) -> None:
    wrong = Wrong("patients", tuple(columns), 3)
    one = Problem("dates.order", Severity.ERROR, "x", patient=patient, wrong=(wrong,))
    (read,) = tomllib.loads(pasteable([one]))["decisions"]
    assert (read["patients"], read["column"], read["do"]) == ([patient], columns[0], "")


@pytest.mark.parametrize("do", ["missing", "value", "leave out"])
def test_no_decision_takes_a_row_from_its_patient(tmp_path: Path, do: str) -> None:
    tables = with_contact("2001-01-01")
    more = 'column = "patient"' + ('\nvalue = "S05"' if do == "value" else "")
    opened = study(tmp_path / "s", tables, decided(BEFORE, do, more=more))
    found = {p.id for p in opened.problems if p.id.startswith("decisions.")}
    assert found & {"decisions.no-cell", "decisions.too-wide"}
    assert opened.records["patients"]["patient"].to_list() == [
        r["patient"] for r in tables["patients"]
    ]

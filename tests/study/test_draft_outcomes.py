"""Outcomes of a chart: of two events at once, of everybody, as a pair; never in Table I."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from oncohort.records.matching import of_two_events
from oncohort.study.answering import answer
from oncohort.study.new import new_study
from oncohort.study.questions import open_questions
from oncohort.study.study import read_study


def chart(folder: Path, **columns: list[object]) -> Path:
    """A CSV of 20 patients with a start of treatment."""
    start = [dt.date(2019, 1, 1) + dt.timedelta(days=9 * i) for i in range(20)]
    data: dict[str, list[object]] = {
        "id": [f"P{i}" for i in range(20)],
        "C1D1": list(start),
        **columns,
    }
    rows = [",".join(data), *(",".join("" if v is None else str(v) for v in r)
                              for r in zip(*data.values(), strict=True))]  # fmt: skip
    (folder / "chart.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return folder / "chart.csv"


LAST = [dt.date(2020, 2, 1) + dt.timedelta(days=17 * i) for i in range(20)]
FLAG = [1 if i % 3 else 0 for i in range(20)]


@pytest.mark.parametrize(
    "name",
    ["Date of progression or death", "PFS date (PD/death)", "Progression/death date",
     "Date de récidive ou décès", "Rezidiv oder Tod am"],
)  # fmt: skip
def test_a_date_of_a_first_event_is_nobodys_death(tmp_path: Path, name: str) -> None:
    assert of_two_events(name)
    new_study(tmp_path / "s", chart(tmp_path, **{name: list(LAST)}, sex=["m", "f"] * 10))
    study = read_study(tmp_path / "s")
    assert "survival.os.events" not in study.analysed.numbers
    assert study.records["patients"]["death_date"].is_null().all()


@pytest.mark.parametrize(
    "names",
    [
        ("OS date", "OS event"),
        ("os_date", "os_status"),
        ("Date of overall survival", "Overall survival event"),
    ],
)
def test_a_date_and_a_flag_of_survival_are_last_contact_and_status(
    tmp_path: Path, names: tuple[str, str]
) -> None:
    made = new_study(
        tmp_path / "s", chart(tmp_path, **{names[0]: list(LAST), names[1]: list(FLAG)})
    )
    assert [q.name for q in made.questions] == ["vital_status"]
    answer(tmp_path / "s", "vital_status", "0 = alive, 1 = dead")
    numbers = read_study(tmp_path / "s").analysed.numbers
    assert numbers["survival.os.events"].value == sum(FLAG)
    assert numbers["survival.os.n"].value == 20


def test_a_date_of_death_for_everybody_is_asked(tmp_path: Path) -> None:
    made = new_study(tmp_path / "s", chart(tmp_path, **{"death date": list(LAST)}))
    assert "is_death_date" in [q.name for q in made.questions]
    some = [d if i % 2 else None for i, d in enumerate(LAST)]
    other = new_study(tmp_path / "t", chart(tmp_path, **{"death date": some, "last contact": LAST}))
    assert "is_death_date" not in [q.name for q in other.questions]


@pytest.mark.parametrize(
    "name", ["Event (1=prog, 2=death)", "Progressed", "Relapse", "ORR", "Censored", "Recurrence"]
)
def test_an_outcome_is_no_baseline_variable_and_is_named(tmp_path: Path, name: str) -> None:
    held = chart(tmp_path, **{f'"{name}"': list(FLAG), "last contact": list(LAST)})
    new_study(tmp_path / "s", held)
    text = (tmp_path / "s" / "study.toml").read_text(encoding="utf-8")
    assert name in text
    baseline = read_study(tmp_path / "s").protocol.baseline
    assert baseline is None or not baseline.variables


def test_what_was_before_is_a_baseline_variable(tmp_path: Path) -> None:
    held = chart(tmp_path, **{"Prior relapse": list(FLAG), "last contact": list(LAST)})
    new_study(tmp_path / "s", held)
    baseline = read_study(tmp_path / "s").protocol.baseline
    assert baseline is not None and baseline.variables == ["prior_relapse"]


@pytest.mark.parametrize(
    ("alive", "other"),
    [("Alive", ("Kidney", "Heart")), ("lebt", ("Tumor", "Herz")), ("生存", ("腎癌", "心疾患"))],
)
def test_a_cause_of_death_that_says_who_lives_is_no_baseline_variable(
    tmp_path: Path, alive: str, other: tuple[str, str]
) -> None:
    cause: list[object] = [alive if i % 2 else other[i % 4 // 2] for i in range(20)]
    made = new_study(tmp_path / "s", chart(tmp_path, Recode=cause, Site=["a", "b"] * 10))
    text = (made.folder / "study.toml").read_text(encoding="utf-8")
    assert 'Not used: "Recode" (it says who is alive or dead' in text
    assert "[variables.recode]" not in text and "[variables.site]" in text


def test_single_letters_and_what_was_before_are_variables_all_the_same(tmp_path: Path) -> None:
    letters: list[object] = ["V" if i % 2 else "W" for i in range(20)]
    prior: list[object] = ["death" if i % 2 else "none" for i in range(20)]
    made = new_study(
        tmp_path / "s", chart(tmp_path, Grouping=letters, **{"Adverse history": prior})
    )
    text = (made.folder / "study.toml").read_text(encoding="utf-8")
    assert "[variables.grouping]" in text and "[variables.adverse_history]" in text


@pytest.mark.parametrize("name", ["pT", "eGFR", "mTOR", "ypN"])
def test_a_name_with_its_own_spelling_keeps_it(tmp_path: Path, name: str) -> None:
    made = new_study(
        tmp_path / "s", chart(tmp_path, **{name: ["a", "b"] * 10, "margin": ["x", "y"] * 10})
    )
    text = (made.folder / "study.toml").read_text(encoding="utf-8")
    assert f'label = "{name}"' in text and 'label = "Margin"' in text


def test_deaths_that_an_answer_dates_count_for_progression_free_survival(tmp_path: Path) -> None:
    status: list[object] = [("DOD", "AWD", "NED", "DOC")[i % 4] for i in range(20)]
    recurred: list[object] = [
        LAST[i] - dt.timedelta(days=30) if i % 4 < 2 else None for i in range(20)
    ]
    made = new_study(
        tmp_path / "s",
        chart(
            tmp_path,
            **{"Status": status, "Date of recurrence": recurred, "Last follow-up": list(LAST)},
        ),
    )
    asked = (made.folder / "study.toml").read_text(encoding="utf-8")
    assert "deaths" in asked and "can't be had" not in asked
    answer(tmp_path / "s", "deaths", "yes")
    answer(tmp_path / "s", "pfs", "yes")
    numbers = read_study(tmp_path / "s").analysed.numbers
    assert numbers["survival.os.events"].value == 10
    assert numbers["survival.pfs.events"].value == 15


def test_without_the_day_of_death_a_wanted_endpoint_is_an_error_by_name(tmp_path: Path) -> None:
    status: list[object] = [("DOD", "AWD", "NED", "DOC")[i % 4] for i in range(20)]
    recurred: list[object] = [
        LAST[i] - dt.timedelta(days=30) if i % 4 < 2 else None for i in range(20)
    ]
    new_study(
        tmp_path / "s",
        chart(
            tmp_path,
            **{"Status": status, "Date of recurrence": recurred, "Last follow-up": list(LAST)},
        ),
    )
    answer(tmp_path / "s", "deaths", "none")
    answer(tmp_path / "s", "pfs", "yes")
    study = read_study(tmp_path / "s")
    assert "survival.pfs.events" not in study.analysed.numbers
    assert [p for p in study.problems if p.severity.value == "error"]


@pytest.mark.parametrize(
    "header", ["Alive?", "alive ?", "Alive*", "Alive (Y/N)", "¿Vivo?", "Lebt?"]
)
def test_marks_that_ask_are_no_part_of_a_name(tmp_path: Path, header: str) -> None:
    yes = {"¿Vivo?": "S", "Lebt?": "J"}.get(header, "Y")
    alive = [yes if i % 3 else "N" for i in range(20)]
    made = new_study(tmp_path / "s", chart(tmp_path, **{"last seen": list(LAST), header: alive}))
    text = (tmp_path / "s" / "study.toml").read_text("utf-8")
    assert f'columns.vital_status = "{header}"' in text
    assert [q.name for q in made.questions] == ["deaths"]


def test_a_title_of_columns_is_no_name_of_theirs(tmp_path: Path) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    page = book.active
    page.append([None, None, "Baseline", None, "Outcome", None, None, None])
    page.append(["ID", "C1D1", "ECOG", "Site", "PD?", "Alive?", "Last contact", "Second cancer"])
    for i in range(20):
        flags = ["Y" if i % 3 else "N", "Y" if i % 4 else "N", LAST[i], "Y" if i == 3 else "N"]
        start = dt.date(2019, 1, 1) + dt.timedelta(days=9 * i)
        page.append([f"P{i}", start, i % 3, "lung" if i % 2 else "bone", *flags])
    book.save(tmp_path / "c.xlsx")
    new_study(tmp_path / "s", tmp_path / "c.xlsx")
    text = (tmp_path / "s" / "study.toml").read_text("utf-8")
    assert 'columns.vital_status = "Outcome Alive?"' in text
    assert text.count("[variables.") == 2  # performance and site
    assert 'Not used: "Outcome Second cancer" (it stands under "Outcome"' in text


def test_a_flag_whose_days_come_later_is_no_baseline_variable(tmp_path: Path) -> None:
    later = [LAST[i] if i % 3 == 0 else None for i in range(20)]
    flag = ["Y" if d else "N" for d in later]
    before = ["Y" if i % 2 else "N" for i in range(20)]
    file = chart(tmp_path, **{"Brain": list(flag), "Date Brain": list(later), "Bone": list(before)})
    new_study(tmp_path / "s", file)
    text = (tmp_path / "s" / "study.toml").read_text("utf-8")
    assert '"Date Brain" (7 dates, where "Brain" = Y)' in text  # asked about
    assert 'column = "Brain"' not in text
    assert 'column = "Bone"' in text


def test_local_and_distant_recurrences_by_their_short_names(tmp_path: Path) -> None:
    local = [LAST[i] if i % 3 == 0 else None for i in range(20)]
    distant = [LAST[i] if i % 3 == 1 else None for i in range(20)]
    status = [["NED", "AWD", "DOD"][i % 3] for i in range(20)]
    end = [d + dt.timedelta(days=90) for d in LAST]
    columns = {"Date LR": local, "Date DM": distant, "Last FU": list(end), "Status": list(status)}
    made = new_study(tmp_path / "s", chart(tmp_path, **columns))
    asked = {q.name: q.text for q in made.questions}
    assert '"Date LR" (7 dates), "Date DM" (7 dates)' in asked["recurrences"]
    assert "diagnosis" not in " ".join(asked.values())


@pytest.mark.parametrize(
    ("flag", "day"),
    [
        ("Local failure (Y/N)", "Date LF"),
        ("Nodal failure", "NF date"),
        ("Marginal recurrence", "Marg. (date)"),
        ("Intracranial progression", "When (brain)"),
    ],
)
def test_a_failure_counts_whatever_the_column_of_its_days_is_called(
    flag: str, day: str, tmp_path: Path
) -> None:
    local: list[object] = [LAST[i] if i % 3 == 0 else None for i in range(20)]
    distant: list[object] = [LAST[i] if i % 3 == 1 else None for i in range(20)]
    columns: dict[str, list[object]] = {
        flag: ["Y" if d else "N" for d in local],
        day: local,
        "Distant failure": ["Y" if d else "N" for d in distant],
        "Date DF": distant,
    }
    made = new_study(tmp_path / "s", chart(tmp_path, **columns))
    asked = {q.name: q.text for q in made.questions}
    assert f'"{day}" (7 dates)' in asked["recurrences"]
    assert '"Date DF" (7 dates)' in asked["recurrences"]


def test_stages_name_no_patient_and_compact_legends_are_read(tmp_path: Path) -> None:
    columns: dict[str, list[object]] = {
        "pT": ["T1", "T2", "T3", "T4a"] * 5,
        "性别(1男2女)": [1, 2] * 10,
        "总生存期(月)": [3.5 + i for i in range(20)],
        "生存状态(1死亡0存活)": list(FLAG),
        "复发时间(月)": [2.5 + i for i in range(20)],
        "复发(0否1是)": list(FLAG),
    }
    file = chart(tmp_path, **columns)
    file.write_bytes(file.read_text("utf-8").encode("gb18030"))
    made = new_study(tmp_path / "s", file)
    text = (tmp_path / "s" / "study.toml").read_text("utf-8")
    assert not made.questions
    assert 'codes.sex = { "1" = "male", "2" = "female" }' in text
    assert text.count("event_value = 1   # the header says so") == 2
    assert 'columns.patient = "id"' in text


@pytest.mark.parametrize(
    ("day", "flag", "key"),
    [
        ("Data da progressão ou óbito", "Progressão/óbito (Sim/Não)", "pfs"),
        ("Date of progression or death", "Progression or death", "pfs"),
        ("Date of recurrence or death", "Recurrence/death", "rfs"),
    ],
)
def test_the_day_and_the_flag_of_a_first_event_of_two_are_an_endpoint(
    tmp_path: Path, day: str, flag: str, key: str
) -> None:
    happened = ["Yes" if i % 3 else "No" for i in range(20)]
    new_study(tmp_path / "s", chart(tmp_path, **{day: list(LAST), flag: list(happened)}))
    study = read_study(tmp_path / "s")
    endpoint = study.protocol.endpoints[key]
    assert (endpoint.date, endpoint.event) == (day, flag)
    assert study.analysed.numbers[f"survival.{key}.events"].value == happened.count("Yes")


def test_codes_that_are_asked_about_are_not_told_of_cell_by_cell(tmp_path: Path) -> None:
    columns: dict[str, list[object]] = {"Last FU": list(LAST), "Vital status": [1, 2] * 10}
    new_study(tmp_path / "s", chart(tmp_path, **columns))
    found = [p.id for p in read_study(tmp_path / "s").problems]
    assert "protocol.open-question" in found
    assert "values.unknown-level" not in found


@pytest.mark.parametrize("spoilt", ["", "banana", "?"])
def test_a_day_whose_flag_is_unknown_keeps_what_rests_on_it_out(
    tmp_path: Path, spoilt: str
) -> None:
    flag = ["yes" if i % 3 else "no" for i in range(20)]
    columns = {"Last FU": list(LAST), "Vital status": ["alive"] * 20, "PD date": list(LAST)}
    file = chart(tmp_path, **columns, PD=list(flag))
    new_study(tmp_path / "s", file)
    protocol = tmp_path / "s" / "study.toml"
    text = protocol.read_text("utf-8")
    assert '# only_where."PD date".PD = ' in text
    assert "[variables.pd]" not in text
    answer(tmp_path / "s", "progressed", "yes")
    for q in open_questions(protocol.read_text("utf-8")):
        answer(tmp_path / "s", q.name, "yes")
    assert read_study(tmp_path / "s").analysed.numbers["survival.pfs.events"].value == 13
    own = tmp_path / "s" / "chart.csv"
    lines = own.read_text("utf-8").splitlines()
    lines[2] = lines[2].rsplit(",", 1)[0] + f",{spoilt}"
    own.write_text("\n".join(lines) + "\n", encoding="utf-8")
    study = read_study(tmp_path / "s")
    assert not any(i.startswith(("survival.pfs", "survival.ttp")) for i in study.analysed.numbers)
    assert any(p.patient == "P1" and p.place.column == "PD date" for p in study.problems)


@pytest.mark.parametrize("slips", [1, 7])
def test_a_negative_time_makes_no_baseline_variable_of_a_time(tmp_path: Path, slips: int) -> None:
    days: list[object] = [-130 - i if i < slips else 200 + 31 * i for i in range(20)]
    new_study(
        tmp_path / "s",
        chart(
            tmp_path,
            **{
                "OS (days)": days,
                "Status": ["dead" if flag else "alive" for flag in FLAG],
                "sex": ["m", "f"] * 10,
            },
        ),
    )
    study = read_study(tmp_path / "s")
    assert study.protocol.baseline is not None
    assert not {"os", "os_days"} & set(study.protocol.baseline.variables)
    assert study.protocol.endpoints["os"].time == "OS (days)"
    assert [p for p in study.problems if "-130" in p.what]


@pytest.mark.parametrize(
    "name",
    [
        "Date of death or last contact", "Datum overlijden of laatste controle",
        "Data decesso o ultimo controllo", "Data do óbito ou última consulta",
        "Data zgonu lub ostatniej wizyty", "사망일 또는 최종 추적일", "死亡日または最終確認日",
        "Date de décès ou dernier rendez-vous", "Tod oder zuletzt gesehen am",
        "Fecha de éxitus o última visita", "死亡或末次随访日期",
    ],
)  # fmt: skip
def test_a_day_of_death_or_last_contact_is_read_as_its_name_says(tmp_path: Path, name: str) -> None:
    words = ["dead" if flag else "alive" for flag in FLAG]
    new_study(tmp_path / "s", chart(tmp_path, **{name: list(LAST), "Status": words}))
    assert not open_questions((tmp_path / "s" / "study.toml").read_text("utf-8"))
    study = read_study(tmp_path / "s")
    assert study.analysed.numbers["survival.os.events"].value == sum(FLAG)

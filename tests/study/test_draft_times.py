"""Times and events whose names say little: asked with what the chart shows, never guessed."""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path

import pytest

from oncohort.study.answering import answer
from oncohort.study.filled_answers import WrongAnswer, filled
from oncohort.study.new import new_study
from oncohort.study.questions import open_questions
from oncohort.study.study import Study, read_study

ROWS = 24
START = [dt.date(2018, 1, 5) + dt.timedelta(days=20 * i) for i in range(ROWS)]
DEAD = [i % 4 != 0 for i in range(ROWS)]
WEEKS = [30 + 3 * i for i in range(ROWS)]


def drafted(folder: Path, **columns: list[object]) -> str:
    """The protocol of a chart with these columns."""
    everything: dict[str, list[object]] = {"ID": list(range(1, ROWS + 1)), **columns}
    with (folder / "chart.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(everything)
        writer.writerows(zip(*everything.values(), strict=True))
    new_study(folder / "s", folder / "chart.csv")
    return (folder / "s" / "study.toml").read_text("utf-8")


def baseline(study: Study) -> set[str]:
    declared = study.protocol.baseline
    return set(declared.variables) if declared is not None else set()


def test_a_time_with_a_unit_beside_a_status_is_asked_and_is_no_baseline_variable(
    tmp_path: Path,
) -> None:
    text = drafted(
        tmp_path,
        **{
            "TTP (Wochen)": [w // 2 for w in WEEKS],
            "Progress (1=ja, 0=nein)": [1 if i % 3 else 0 for i in range(ROWS)],
            "LZ (Wochen)": list(WEEKS),
            "Verstorben (1=ja)": [1 if d else None for d in DEAD],
        },
    )
    (asked,) = open_questions(text)
    assert asked.name == "os"
    answer(tmp_path / "s", "os", '"LZ (Wochen)", 1 = event, "" = censored')
    study = read_study(tmp_path / "s")
    assert study.analysed.numbers["survival.os.events"].value == sum(DEAD)
    assert study.analysed.numbers["survival.ttp.events"].value == 16
    assert "lz" not in baseline(study)


def test_codes_of_an_event_are_no_time_of_it(tmp_path: Path) -> None:
    codes = [(0, 1, 2, 3)[i % 4] for i in range(ROWS)]
    text = drafted(
        tmp_path,
        **{
            "Date of surgery": list(START),
            "DFS event (0=none,1=local,2=distant,3=death)": list(codes),
            "Date DFS event/last FU": [
                s + dt.timedelta(7 * w) for s, w in zip(START, WEEKS, strict=True)
            ],
        },
    )
    (asked,) = open_questions(text)
    assert "In which unit" not in asked.text
    answer(tmp_path / "s", asked.name, "0 = censored, 1 = event, 2 = event, 3 = event")
    numbers = read_study(tmp_path / "s").analysed.numbers
    assert numbers["survival.dfs.events"].value == sum(c > 0 for c in codes)


def test_rows_of_lines_of_therapy_are_patients_where_no_other_sheet_is(tmp_path: Path) -> None:
    ids = [i // 2 + 1 for i in range(ROWS)]
    last = [dt.date(2021, 3, 1) + dt.timedelta(days=9 * i) for i in ids]
    drafted(
        tmp_path,
        **{
            "ID": list(ids),
            "Sex": ["m" if i % 3 else "f" for i in ids],
            "Line": [i % 2 + 1 for i in range(ROWS)],
            "Regimen": ["FOLFOX", "FOLFIRI"] * (ROWS // 2),
            "Start": [
                dt.date(2018, 1, 1) + dt.timedelta(days=7 * n + 200 * (i % 2))
                for i, n in enumerate(ids)
            ],
            "Stop": [
                dt.date(2018, 4, 1) + dt.timedelta(days=7 * n + 200 * (i % 2))
                for i, n in enumerate(ids)
            ],
            "Date of death": [day if n % 3 else None for day, n in zip(last, ids, strict=True)],
            "Last FU": list(last),
        },
    )
    answer(tmp_path / "s", "rows_per_patient", "1")
    answer(tmp_path / "s", "start", "Start")
    study = read_study(tmp_path / "s")
    assert study.analysed.numbers["flow.included.count"].value == ROWS / 2
    assert study.analysed.numbers["survival.os.events"].value == 8


@pytest.mark.parametrize(
    ("name", "again"),
    [
        ("CRP baseline", "CRP week 8"), ("LDH", "LDH 3 months"), ("Hb vor Therapie", "Hb 6 Monate"),
        ("PSA", "PSA (month 3)"), ("Hb", "Hb nadir"), ("LDH pre", "LDH post"),
        ("AFP prä", "AFP nach Therapie"), ("CRP C1", "CRP C2"), ("CEA préop", "CEA postop"),
        ("CEA preop", "CEA at progression"), ("SCC 治療前", "SCC 治療後"), ("NLR", "NLR cycle 3"),
        ("LDH basal", "LDH ciclo 4"), ("CRP initiale", "CRP après"), ("LDH 基线", "LDH 治疗后"),
    ],
)  # fmt: skip
def test_a_later_value_is_no_baseline_variable(tmp_path: Path, name: str, again: str) -> None:
    values = [10 + i % 7 + 0.5 for i in range(ROWS)]
    text = drafted(tmp_path, **{name: list(values), again: [v + 1 for v in values]})
    assert f'Not used: "{again}"' in text
    assert len(baseline(read_study(tmp_path / "s"))) == 1


@pytest.mark.parametrize(
    "name",
    ["PSA response >=50%", "Response", "Ansprechen", "Réponse", "Toxicidad G3-4 (S/N)", "irAE"],
)
def test_an_outcome_is_no_baseline_variable(tmp_path: Path, name: str) -> None:
    values = ["yes" if i % 3 else "no" for i in range(ROWS)]
    drafted(tmp_path, **{"Stage": [("II", "III")[i % 2] for i in range(ROWS)], name: list(values)})
    assert baseline(read_study(tmp_path / "s")) == {"stage"}


CENSOR = """[tables.patients]
# QUESTION 1 os (waiting for it: survival.os):
#   "censor" holds 0 (5 rows) and 1 (7 rows). Which one means that the event happened?
# [endpoints.os]
# event_value = ???   # one of: 0 | 1
"""


@pytest.mark.parametrize(
    "given", ["0", "0 = event", "0 = event, 1 = censored", "1 = censored; 0 = event"]
)
def test_the_value_of_an_event_is_given_by_itself_or_as_a_legend(given: str) -> None:
    (question,) = open_questions(CENSOR)
    assert filled(question, given) == ["[endpoints.os]", "event_value = 0"]


@pytest.mark.parametrize("given", ["0 = event, 1 = event", "2 = event", "0 = censored"])
def test_a_legend_that_leaves_the_event_open_is_refused(given: str) -> None:
    (question,) = open_questions(CENSOR)
    with pytest.raises(WrongAnswer):
        filled(question, given)


@pytest.mark.parametrize(
    ("sex", "values", "time", "event", "words"),
    [
        ("Geslacht", ("m", "v"), "OS (mnd)", "Overleden", ("ja", "nee")),
        ("Sexo", ("H", "M"), "SG (meses)", "Exitus", ("SI", "NO")),
        ("Cinsiyet", ("E", "K"), "GSK (ay)", "Ölüm", ("evet", "hayır")),
        ("Geschlecht", ("m", "w"), "ÜZ (Monate)", "verstorben", ("ja", "nein")),
        ("Płeć", ("M", "K"), "OS [mies.]", "Zgon", ("tak", "nie")),
    ],
)
def test_letters_and_short_names_are_read_in_the_language_of_the_chart(
    tmp_path: Path,
    sex: str,
    values: tuple[str, str],
    time: str,
    event: str,
    words: tuple[str, str],
) -> None:
    text = drafted(
        tmp_path,
        **{
            sex: [values[i % 3 == 0] for i in range(ROWS)],
            time: [w / 4 for w in WEEKS],
            event: [words[not d] for d in DEAD],
        },
    )
    assert not open_questions(text)
    study = read_study(tmp_path / "s")
    assert study.records["patients"]["sex"].to_list().count("male") == 16
    assert study.analysed.numbers["survival.os.events"].value == sum(DEAD)

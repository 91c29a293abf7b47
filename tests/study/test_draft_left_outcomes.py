"""Days and times that nothing names: what the values are is asked, or told, whatever they are
called."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path

import pytest

from oncohort.study.answering import answer
from oncohort.study.new import NewStudy, new_study
from oncohort.study.study import read_study

N = 24
START = [dt.date(2018, 1, 8) + dt.timedelta(days=11 * i) for i in range(N)]
SPAN = [150 + 37 * (i * 7 % 23) for i in range(N)]
DEAD = [i % 4 != 0 for i in range(N)]
LOCAL = [60 + 5 * i if i % 3 == 0 else None for i in range(N)]
DISTANT = [40 + 6 * i if i % 3 == 1 else None for i in range(N)]
FIRST = [a or b for a, b in zip(LOCAL, DISTANT, strict=True)]


def day(i: int, days: int | None) -> object:
    return None if days is None else START[i] + dt.timedelta(days=days)


LAST = [day(i, SPAN[i]) for i in range(N)]
DEATH = [day(i, SPAN[i]) if DEAD[i] else None for i in range(N)]


def chart(folder: Path, columns: Mapping[str, list[object]]) -> NewStudy:
    rows = [columns, *zip(*columns.values(), strict=True)]
    lines = [";".join("" if v is None else str(v) for v in row) for row in rows]
    (folder / "chart.csv").write_text("\n".join(lines) + "\n", "utf-8")
    return new_study(folder / "study", folder / "chart.csv")


def figures(made: NewStudy) -> dict[str, float | None]:
    results = read_study(made.folder).run().numbers.results
    return {e.id: e.value for r in results for e in r.estimates}


GERMAN: dict[str, list[object]] = {
    "Pat.-Nr.": list(range(1, N + 1)),
    "SBRT Beginn": list(START),
    "Lokalversagen (j/n)": ["j" if d else "n" for d in LOCAL],
    "Datum LV": [day(i, d) for i, d in enumerate(LOCAL)],
    "Fernmetastase (j/n)": ["j" if d else "n" for d in DISTANT],
    "Datum FM": [day(i, d) for i, d in enumerate(DISTANT)],
    "Todesdatum": list(DEATH),
    "Letzter Kontakt": list(LAST),
}
EVENTS = float(sum(bool(f) or d for f, d in zip(FIRST, DEAD, strict=True)))


@pytest.mark.parametrize("said", ["Datum LV = true, Datum FM = true", "Datum LV, Datum FM", "yes"])
def test_days_beside_flags_are_asked_about_and_the_first_counts(tmp_path: Path, said: str) -> None:
    made = chart(tmp_path, GERMAN)
    assert [q.name for q in made.questions] == ["outcome"]
    assert 'where "Lokalversagen (j/n)" = j' in made.questions[0].text
    assert "survival.pfs.events" not in figures(made)
    answer(made.folder, "outcome", said)
    assert figures(made)["survival.pfs.events"] == EVENTS


def test_one_of_them_may_be_none(tmp_path: Path) -> None:
    made = chart(tmp_path, GERMAN)
    answer(made.folder, "outcome", "Datum FM")
    alone = sum(bool(x) or d for x, d in zip(DISTANT, DEAD, strict=True))
    assert figures(made)["survival.pfs.events"] == float(alone)


@pytest.mark.parametrize(
    "column",
    [
        ("Nächster Termin", [dt.date(2023, 1, 1 + i) if i % 2 else None for i in range(N)]),
        ("Biopsie", [START[i] - dt.timedelta(days=20) if i % 2 else None for i in range(N)]),
        ("Beginn Zweitlinie", [day(i, d) for i, d in enumerate(FIRST)]),
    ],
)
def test_other_days_are_asked_about_by_nobody(
    tmp_path: Path, column: tuple[str, list[object]]
) -> None:
    kept = {k: v for k, v in GERMAN.items() if "LV" not in k and "FM" not in k and "j/n" not in k}
    made = chart(tmp_path, {**kept, column[0]: column[1]})
    assert "outcome" not in [q.name for q in made.questions]


def test_a_chart_with_a_progression_is_asked_no_more(tmp_path: Path) -> None:
    made = chart(tmp_path, {**GERMAN, "Progress am": [day(i, d) for i, d in enumerate(FIRST)]})
    assert "outcome" not in [q.name for q in made.questions]


TIMES: dict[str, list[object]] = {
    "case": [f"K{i}" for i in range(N)],
    "OS (months)": [round(s / 30.4375, 2) for s in SPAN],
    "OS event": ["dead" if d else "alive" for d in DEAD],
    "zone A (months)": [round((d or s) / 30.4375, 2) for d, s in zip(LOCAL, SPAN, strict=True)],
    "zone A": ["x1" if d else "x2" for d in LOCAL],
    "grade": [1 + i % 2 for i in range(N)],
}


def test_a_time_that_ends_before_the_follow_up_has_the_flag_that_tells_it(tmp_path: Path) -> None:
    made = chart(tmp_path, TIMES)
    assert [q.name for q in made.questions] == ["endpoint"]
    assert '"zone A (months)" and "zone A"' in made.questions[0].text
    answer(made.folder, "endpoint", "ttr, x1")
    values = figures(made)
    assert values["survival.ttr.events"] == float(sum(d is not None for d in LOCAL))
    assert values["survival.os.events"] == float(sum(DEAD))


def test_days_in_hospital_beside_dates_are_no_survival(tmp_path: Path) -> None:
    kept = {k: v for k, v in GERMAN.items() if "LV" not in k and "FM" not in k and "j/n" not in k}
    kept |= {
        "Klinik (Tage)": [3 + i % 9 for i in range(N)],
        "Status": ["tot" if d else "lebt" for d in DEAD],
    }
    made = chart(tmp_path, kept)
    assert 'time = "Klinik (Tage)"' not in (made.folder / "study.toml").read_text("utf-8")
    assert figures(made)["survival.os.events"] == float(sum(DEAD))


def test_days_where_the_status_says_dead_are_those_of_deaths(tmp_path: Path) -> None:
    kept = {k: v for k, v in GERMAN.items() if k in ("Pat.-Nr.", "SBRT Beginn", "Letzter Kontakt")}
    status = ["verstorben" if d else "lebt" for d in DEAD]
    made = chart(tmp_path, {**kept, "Status": status, "E-Tag": list(DEATH)})
    assert not made.questions
    assert figures(made)["survival.os.events"] == float(sum(DEAD))


def test_without_scans_the_dead_are_followed_until_they_died(tmp_path: Path) -> None:
    """Time to progression by the last contact: a death is no reason for a time of none."""
    progress = [day(i, d) for i, d in enumerate(FIRST)]
    kept = {k: v for k, v in GERMAN.items() if "LV" not in k and "FM" not in k and "j/n" not in k}
    made = chart(tmp_path, {**kept, "Progress am": progress})
    text = (made.folder / "study.toml").read_text("utf-8")
    ttp = '\n[endpoints.ttp]\nevents = ["progression"]\ncensoring = "last_contact"\n'
    (made.folder / "study.toml").write_text(text + ttp, "utf-8")
    frame = read_study(made.folder).cohort.frame
    assert frame["ttp_time"].to_list() == [f or s for f, s in zip(FIRST, SPAN, strict=True)]


def test_the_longer_of_two_times_is_asked_about_as_survival(tmp_path: Path) -> None:
    """`Time without progression` is none of survival, though nothing else is called a time."""
    first = [round((f or s) / 30.4375, 2) for f, s in zip(FIRST, SPAN, strict=True)]
    made = chart(
        tmp_path,
        {
            "case": [f"K{i}" for i in range(N)],
            "Time without tumour growth (months)": list(first),
            "Watched (months)": TIMES["OS (months)"],
            "Alive or dead": TIMES["OS event"],
        },
    )
    assert [q.name for q in made.questions] == ["os"]
    assert "survival.os.events" not in figures(made)
    answer(made.folder, "os", "Watched (months)")
    median = sorted(SPAN)[N // 2] / 30.4375
    assert abs((figures(made)["survival.os.median"] or 0) - median) < 15


def test_days_of_a_second_site_are_asked_about_beside_those_of_the_first(tmp_path: Path) -> None:
    names = {"Lokalversagen (j/n)": "Lokalrezidiv", "Datum LV": "Datum Lokalrezidiv"}
    names |= {"Fernmetastase (j/n)": "ZNS", "Datum FM": "ZNS am"}
    made = chart(tmp_path, {names.get(k, k): v for k, v in GERMAN.items()})
    assert [q.name for q in made.questions] == ["recurrences"]
    answer(made.folder, "recurrences", "yes")
    assert figures(made)["survival.pfs.events"] == EVENTS


def test_a_word_instead_of_a_day_is_told_with_the_question(tmp_path: Path) -> None:
    kept = {k: v for k, v in GERMAN.items() if "LV" not in k and "FM" not in k and "j/n" not in k}
    back = [day(i, d) or "keins" for i, d in enumerate(FIRST)]
    made = chart(tmp_path, {**kept, "Wieder da": back})
    answer(made.folder, "outcome", "yes")
    assert figures(made)["survival.pfs.events"] == EVENTS

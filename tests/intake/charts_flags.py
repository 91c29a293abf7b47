"""Flags that ask for the opposite, and times in many languages (synthetic)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from charts_public import PFS, PFS_EVENTS, PFS_MEDIAN, table
from cohort import DEATHS, MONTH, OS_MEDIAN, PEOPLE, Person, chart, months, save

HEADS = {
    "survived_in_english": ("OS (months)", "Survived", "yes", "no"),
    "lives_in_german": ("Überleben (Monate)", "lebt", "ja", "nein"),
    "survived_in_german": ("OS [Monate]", "überlebt", "ja", "nein"),
    "living_in_french": ("Survie globale (mois)", "Vivant", "oui", "non"),
    "living_in_spanish": ("SG (meses)", "Vivo", "sí", "no"),
    "living_in_italian": ("OS (mesi)", "Vivo", "sì", "no"),
    "living_in_japanese": ("生存期間(月)", "生存", "はい", "いいえ"),
    "living_in_chinese": ("总生存期(月)", "存活", "是", "否"),
    "censored_in_german": ("OS (Monate)", "zensiert", "ja", "nein"),
    "censored_in_french": ("SG (mois)", "Censuré", "oui", "non"),
    "censored_in_spanish": ("SG (meses)", "Censurado", "sí", "no"),
    "censored_in_japanese": ("OS(月)", "打ち切り", "あり", "なし"),
    "censored_in_chinese": ("OS(月)", "删失", "是", "否"),
}
"""Chart = (time, flag, the word of those who live, of those who died)."""


def _writer(time: str, flag: str, lives: str, died: str) -> Callable[[Path], Path]:
    def write(path: Path) -> Path:
        rows = [[p.number, p.age, months(p), died if p.dead else lives] for p in PEOPLE]
        return save(path, ["ID", "Age", time, flag], *rows)

    return write


for _name, _head in HEADS.items():
    _write = _writer(*_head)
    _write.__name__ = _name
    # What is censored is asked: a flag of that name often means the opposite.
    chart(responders=None, answers={"os": _head[3]} if _name.startswith("censored") else {})(_write)

FREE = {
    "free_of_progression": ("PFS (months)", "Progression-free", "yes", "no"),
    "free_of_progression_in_german": ("PFS (Monate)", "progressionsfrei", "ja", "nein"),
    "free_of_progression_in_french": ("PFS (mois)", "sans progression", "oui", "non"),
    "free_of_progression_in_spanish": ("SLP (meses)", "libre de progresión", "sí", "no"),
}


def _free(time: str, flag: str, free: str, not_: str) -> Callable[[Path], Path]:
    def write(path: Path) -> Path:
        rows = [
            [p.number, p.age, round(t / MONTH, 2), not_ if e else free]
            for p, (t, e) in zip(PEOPLE, PFS, strict=True)
        ]
        return save(path, ["ID", "Age", time, flag], *rows)

    return write


for _name, _head in FREE.items():
    _write = _free(*_head)
    _write.__name__ = _name
    chart(responders=None, endpoint="pfs", deaths=PFS_EVENTS, median=PFS_MEDIAN)(_write)


@chart(responders=None, truths={"survival.pfs.events": float(PFS_EVENTS)})
def german_events_of_two_endpoints(path: Path) -> Path:
    head = ["Pat-ID", "Alter", "OS [Monate]", "Ereignis OS", "PFS [Monate]", "Ereignis PFS"]
    rows = [
        [p.number, p.age, months(p), "ja" if p.dead else "nein", round(t / MONTH, 2),
         "ja" if e else "nein"]
        for p, (t, e) in zip(PEOPLE, PFS, strict=True)
    ]  # fmt: skip
    return save(path, head, *rows)


@chart(responders=None, truths={"survival.pfs.events": float(PFS_EVENTS)})
def chinese_events_of_two_endpoints(path: Path) -> Path:
    head = ["编号", "年龄", "OS(月)", "是否死亡", "PFS(月)", "是否进展"]
    rows = [
        [p.number, p.age, months(p), "是" if p.dead else "否", round(t / MONTH, 2),
         "是" if e else "否"]
        for p, (t, e) in zip(PEOPLE, PFS, strict=True)
    ]  # fmt: skip
    return save(path, head, *rows)


@chart(responders=None)
def french_delays(path: Path) -> Path:
    head = ["Numéro", "Âge", "Délai de suivi (mois)", "DCD"]
    rows = [[p.number, p.age, months(p), "oui" if p.dead else "non"] for p in PEOPLE]
    return save(path, head, *rows)


@chart(responders=None)
def spanish_death_or_last_look(path: Path) -> Path:
    head = ["NHC", "Edad", "Fecha inicio", "Fecha éxitus o último seguimiento", "Situación"]
    rows = [[p.number, p.age, p.start, p.last, "éxitus" if p.dead else "vivo"] for p in PEOPLE]
    return save(path, head, *rows)


@chart(answers={"day_zero": "1960-01-01"}, responders=None)
def subject_level_of_a_trial(path: Path) -> Path:
    """ADSL: the flag of death is Y or blank, days are numbers since 1960."""
    zero = date(1960, 1, 1)

    def day(value: date) -> int:
        return (value - zero).days

    head = ["STUDYID", "USUBJID", "AGE", "SEX", "TRT01A", "TRTSDT", "DTHDT", "DTHFL", "LSTALVDT"]
    rows = [
        ["ABC", f"ABC-{p.number:03d}", p.age, p.sex[0].upper(), "A", day(p.start),
         day(p.last) if p.dead else "", "Y" if p.dead else "", day(p.last)]
        for p in PEOPLE
    ]  # fmt: skip
    return table(path, "adsl.csv", head, rows)


@chart(answers={"os": "2"}, responders=None)
def one_and_two_for_the_event(path: Path) -> Path:
    rows = [[p.number, p.age, p.days, 1 + int(p.dead)] for p in PEOPLE]
    return table(path, "cohort.csv", ["id", "age", "os_days", "os_event"], rows)


@chart(responders=None)
def a_follow_up_beside_the_survival(path: Path) -> Path:
    """The time since diagnosis stands beside the survival from treatment."""
    head = ["ID", "Time since diagnosis (months)", "Follow-up (months)", "Dead"]
    rows = [[p.number, p.number % 9, months(p), "yes" if p.dead else "no"] for p in PEOPLE]
    return save(path, head, *rows)


@chart(answers={"is_best_response": "none"}, responders=None)
def two_flags_that_disagree(path: Path) -> Path:
    """The status is of the disease, the other column says who died."""
    head = ["ID", "OS (months)", "Status", "Deceased"]
    rows = [
        [p.number, months(p), ["stable", "progressive"][p.number % 2], "yes" if p.dead else "no"]
        for p in PEOPLE
    ]
    return save(path, head, *rows)


@chart(answers={"os": "1", "os_time": "missing"}, responders=None, n=26)
def codes_of_missing_times(path: Path) -> Path:
    rows: list[list[Any]] = [[p.number, p.age, months(p), int(p.dead)] for p in PEOPLE]
    rows += [[25, 61, -9, 0], [26, 58, 999, 0]]
    return save(path, ["ID", "Age", "OS (months)", "Death"], *rows)


def dead_or_not(p: Person) -> int:
    return int(p.dead)


assert DEATHS and OS_MEDIAN

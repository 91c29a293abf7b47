"""Charts in Hungarian, Greek, Thai, Arabic, short French and Spanish, and in unknown languages."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from charts_public import PFS_EVENTS, PFS_MEDIAN, table
from charts_told import TENTHS, TENTHS_MEDIAN
from cohort import PEOPLE, Person, at, chart, save

PFS = {"survival.pfs.events": float(PFS_EVENTS), "survival.pfs.median": PFS_MEDIAN}
WOMEN = {"baseline.sex.count[level=female]": float(sum(p.sex == "female" for p in PEOPLE))}


def death(p: Person) -> date | None:
    return p.last if p.dead else None


def written(day: date | None, form: str = "%d/%m/%Y") -> str:
    return "" if day is None else day.strftime(form)


def thai(day: date | None) -> str | None:
    """2558 is 2015."""
    return None if day is None else f"{day.day}/{day.month}/{day.year + 543}"


@chart(responders=None, truths={**PFS, **WOMEN})
def hungarian(path: Path) -> Path:
    head = ["Sorszám", "Nem", "Életkor", "Kezelés kezdete", "Progresszió dátuma", "Halál dátuma",
            "Utolsó kontroll"]  # fmt: skip
    rows = [
        [p.number, "férfi" if p.sex == "male" else "nő", p.age, at(p.start), at(p.progressed),
         at(death(p)), at(p.last)]
        for p in PEOPLE
    ]  # fmt: skip
    return save(path, head, *rows)


@chart(responders=None, median=TENTHS_MEDIAN, answers={"sex": "F"}, truths=WOMEN)
def hungarian_letters(path: Path) -> Path:
    """F is férfi here, and N is nő."""
    rows = [
        [p.number, "F" if p.sex == "male" else "N", str(t).replace(".", ","),
         "meghalt" if p.dead else "él"]
        for p, t in zip(PEOPLE, TENTHS, strict=True)
    ]  # fmt: skip
    head = ["Betegazonosító", "Nem", "Túlélés (hónap)", "Állapot"]
    return table(path, "adat.csv", head, rows, ";")


@chart(responders=None, truths={**PFS, **WOMEN})
def greek(path: Path) -> Path:
    head = ["Α/Α", "Φύλο", "Ηλικία", "Έναρξη θεραπείας", "Ημερομηνία προόδου νόσου",
            "Ημερομηνία θανάτου", "Τελευταία παρακολούθηση"]  # fmt: skip
    rows = [
        [p.number, "άνδρας" if p.sex == "male" else "γυναίκα", p.age, at(p.start),
         at(p.progressed), at(death(p)), at(p.last)]
        for p in PEOPLE
    ]  # fmt: skip
    return save(path, head, *rows)


@chart(responders=None, truths=WOMEN)
def thai_with_years_of_the_buddhist_era(path: Path) -> Path:
    head = ["HN", "เพศ", "อายุ", "วันที่เริ่มรักษา", "วันที่เสียชีวิต", "วันที่ติดตามล่าสุด"]
    rows = [
        [p.number, "ชาย" if p.sex == "male" else "หญิง", p.age, thai(p.start), thai(death(p)),
         thai(p.last)]
        for p in PEOPLE
    ]  # fmt: skip
    return save(path, head, *rows)


@chart(responders=None, median=TENTHS_MEDIAN, truths=WOMEN)
def arabic(path: Path) -> Path:
    rows = [
        [p.number, "ذكر" if p.sex == "male" else "أنثى", p.age, t, "متوفى" if p.dead else "حي"]
        for p, t in zip(PEOPLE, TENTHS, strict=True)
    ]
    return save(path, ["رقم المريض", "الجنس", "العمر", "البقاء الكلي (أشهر)", "الحالة"], *rows)


@chart(responders=None, truths=PFS)
def croatian(path: Path) -> Path:
    head = ["Redni broj", "Spol", "Dob", "Početak liječenja", "Datum progresije", "Datum smrti",
            "Zadnja kontrola"]  # fmt: skip
    rows = [
        [p.number, "muško" if p.sex == "male" else "žensko", p.age, at(p.start), at(p.progressed),
         at(death(p)), at(p.last)]
        for p in PEOPLE
    ]  # fmt: skip
    return save(path, head, *rows)


@chart(
    responders=None,
    answers={
        "start": "Tanggal mulai terapi",
        "last_contact": "Tanggal kontrol terakhir",
        "death_date": "Tanggal meninggal",
    },
)
def a_language_that_is_not_known(path: Path) -> Path:
    """Indonesian: which date is what is asked."""
    head = ["No", "Umur", "Tanggal mulai terapi", "Tanggal meninggal", "Tanggal kontrol terakhir"]
    rows = [[p.number, p.age, at(p.start), at(death(p)), at(p.last)] for p in PEOPLE]
    return save(path, head, *rows)


@chart(responders=None, answers={"sex": "1", "vital_status": "yes"}, truths={**PFS, **WOMEN})
def names_of_french_trials(path: Path) -> Path:
    """DDN is the day of the last news here, and no birth."""
    head = ["NUMPAT", "SEXE", "AGE", "DRANDO", "DPROG", "DDC", "DDN", "ETAT"]
    rows: list[list[Any]] = [
        [p.number, 1 if p.sex == "male" else 2, p.age, written(p.start), written(p.progressed),
         written(death(p)), written(p.last), 2 if p.dead else 1]
        for p in PEOPLE
    ]  # fmt: skip
    return table(path, "base.csv", head, rows, ";")


@chart(responders=None, truths=PFS)
def spanish_in_short(path: Path) -> Path:
    head = ["NHC", "Edad", "F_INI_TTO", "F_PROG", "F_EXITUS", "F_ULT_REV"]
    rows: list[list[Any]] = [
        [p.number, p.age, written(p.start), written(p.progressed), written(death(p)),
         written(p.last)]
        for p in PEOPLE
    ]  # fmt: skip
    return table(path, "datos.csv", head, rows, ";")


@chart(responders=None, median=TENTHS_MEDIAN)
def a_chinese_legend_without_signs(path: Path) -> Path:
    rows = [[p.number, p.age, t, int(p.dead)] for p, t in zip(PEOPLE, TENTHS, strict=True)]
    return save(path, ["病例号", "年龄", "随访时间(月)", "生存状态(0存活 1死亡)"], *rows)

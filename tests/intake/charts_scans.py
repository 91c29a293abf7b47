"""Charts of lesions and scans: long and wide, with new lesions beside the sizes (synthetic)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from cohort import MONTH, PEOPLE, Person, at, chart, km_median
from openpyxl import Workbook


@dataclass(frozen=True)
class Visit:
    """One scan: its day, the sizes of two lesions in mm, a new lesion."""

    day: date
    sizes: tuple[int, int]
    new: bool = False


def visits(p: Person) -> list[Visit]:
    """The scans of a patient, every eight weeks up to the one that shows progression."""
    first = (40 + p.number, 25 + p.number % 7)
    out = [Visit(p.start - timedelta(days=7), first)]
    shrinks = p.response in ("CR", "PR")
    for k in range(1, 9):
        day = p.start + timedelta(days=56 * k)
        if day > p.last:
            break
        sizes = tuple(round(s * (0.6 if shrinks else 0.95)) for s in first)
        ends = p.progressed is not None and day >= p.progressed
        if ends and p.number % 2:
            return [*out, Visit(day, (sizes[0], sizes[1]), new=True)]
        if ends:
            return [*out, Visit(day, (first[0] * 2, first[1] * 2))]
        out.append(Visit(day, (sizes[0], sizes[1])))
    return out


SCANS = {p.number: visits(p) for p in PEOPLE}
MOST = max(len(v) for v in SCANS.values()) - 1


def _outcome(p: Person) -> tuple[float, bool, bool]:
    """Months to progression or death, whether it came, whether there was a response."""
    seen = SCANS[p.number]
    ended = seen[-1].new or sum(seen[-1].sizes) > 1.5 * sum(seen[0].sizes)
    response = any(sum(v.sizes) <= 0.7 * sum(seen[0].sizes) and not v.new for v in seen[1:])
    if ended:
        return (seen[-1].day - p.start).days / MONTH, True, response
    if p.dead:
        return p.days / MONTH, True, response
    return max(0, (seen[-1].day - p.start).days) / MONTH, False, response


OUTCOMES = [_outcome(p) for p in PEOPLE]
TRUTH: dict[str, Any] = {
    "endpoint": "pfs",
    "median": km_median([t for t, _, _ in OUTCOMES], [e for _, e, _ in OUTCOMES]),
    "deaths": sum(e for _, e, _ in OUTCOMES),
    "responders": sum(r for _, _, r in OUTCOMES),
}


def _people(head: list[str]) -> tuple[Workbook, Any]:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(head)
    for p in PEOPLE:
        sheet.append(
            [p.number, p.sex, p.age, at(p.start), at(p.last) if p.dead else None, at(p.last)]
        )
    return book, sheet


def _saved(book: Workbook, path: Path) -> Path:
    file = path / "chart.xlsx"
    book.save(file)
    return file


ENGLISH = ["Patient ID", "Sex", "Age", "Start of treatment", "Date of death", "Last contact"]
GERMAN = ["Pat.-Nr.", "Geschlecht", "Alter", "Therapiebeginn", "Sterbedatum", "Letzter Kontakt"]


def _sums(path: Path, head: list[str], yes: str, no: str, calls: bool = False) -> Path:
    book, _ = _people(GERMAN if head[0] == GERMAN[0] else ENGLISH)
    sheet = book.create_sheet("Staging")
    sheet.append(head)
    for p in PEOPLE:
        for k, v in enumerate(SCANS[p.number]):
            row = [p.number, at(v.day), sum(v.sizes), yes if v.new else no]
            if calls:
                last = k == len(SCANS[p.number]) - 1 and OUTCOMES[p.number - 1][1]
                shrunk = sum(v.sizes) <= 0.7 * sum(SCANS[p.number][0].sizes)
                grown = sum(v.sizes) > 1.5 * sum(SCANS[p.number][0].sizes)
                call = "PD" if last and (v.new or grown) else "PR" if shrunk else "SD"
                row.append("Baseline" if k == 0 else call)
            sheet.append(row)
    return _saved(book, path)


@chart(**TRUTH)
def sums_of_visits_with_a_new_lesion(path: Path) -> Path:
    head = ["Pat.-Nr.", "Datum", "Summe Zielläsionen (mm)", "Neue Läsion (ja/nein)"]
    return _sums(path, head, "ja", "nein")


@chart(**TRUTH)
def sums_of_visits_with_the_charted_response(path: Path) -> Path:
    head = ["Pat.-Nr.", "Datum", "Summe Zielläsionen (mm)", "Neue Läsion", "Beurteilung"]
    return _sums(path, head, "ja", "nein", calls=True)


@chart(**TRUTH)
def sums_of_visits_in_english(path: Path) -> Path:
    return _sums(path, ["Patient ID", "Scan date", "SLD (mm)", "New lesions"], "Y", "N")


@chart(**TRUTH)
def lesions_with_two_columns_of_yes_and_no(path: Path) -> Path:
    book, _ = _people(
        ["Codice", "Sesso", "Età", "Inizio terapia", "Data decesso", "Data ultimo contatto"]
    )
    sheet = book.create_sheet("Lesioni")
    sheet.append(
        ["Codice", "Data TC", "Lesione", "Diametro (cm)", "Target (sì/no)", "Nuova (sì/no)"]
    )
    for p in PEOPLE:
        for v in SCANS[p.number]:
            for k, size in enumerate(v.sizes):
                sheet.append([p.number, at(v.day), f"T{k + 1}", size / 10, "sì", "no"])
            if v.new:
                sheet.append([p.number, at(v.day), "N1", None, "no", "sì"])
    return _saved(book, path)


def _grid(
    path: Path,
    size: str,
    baseline: str,
    day: tuple[str, str],
    new: str,
    *,
    yes: str = "Y",
    blank: bool = False,
    head: list[str] = ENGLISH,
) -> Path:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    names = [*head, day[0], *(baseline.format(lesion=k) for k in (1, 2))]
    for n in range(1, MOST + 1):
        names += [
            day[1].format(n=n),
            *(size.format(n=n, lesion=k) for k in (1, 2)),
            new.format(n=n),
        ]
    sheet.append(names)
    for p in PEOPLE:
        seen = SCANS[p.number]
        row: list[datetime | str | int | None] = [p.number, p.sex, p.age, at(p.start)]
        row += [at(p.last) if p.dead else None, at(p.last), at(seen[0].day), *seen[0].sizes]
        for v in seen[1:]:
            sizes = (None, None) if blank and v.new else v.sizes
            row += [at(v.day), *sizes, yes if v.new else "N"]
        sheet.append(row)
    return _saved(book, path)


@chart(**TRUTH, answers={"lesions_unit": "mm"})
def a_column_for_each_lesion_and_scan(path: Path) -> Path:
    size, first = "Scan {n} L{lesion}", "Baseline L{lesion}"
    return _grid(path, size, first, ("Baseline date", "Scan {n} date"), "Scan {n} new lesion")


@chart(**TRUTH)
def lesion_before_scan_in_the_name(path: Path) -> Path:
    size, first = "Target {lesion} CT{n} (mm)", "Target {lesion} baseline (mm)"
    return _grid(path, size, first, ("CT baseline", "CT{n} date"), "CT{n} new lesions (Y/N)")


@chart(**TRUTH)
def a_new_lesion_at_a_scan_without_sizes(path: Path) -> Path:
    size, first = "T{lesion}_CT{n}_mm", "T{lesion}_baseline_mm"
    days = ("Date baseline CT", "Date CT{n}")
    return _grid(path, size, first, days, "New lesion CT{n}", blank=True)


@chart(**TRUTH)
def french_lesions_of_scans(path: Path) -> Path:
    head = ["N°", "Sexe", "Âge", "Début du traitement", "Date de décès", "Dernières nouvelles"]
    size, first = "Lésion {lesion} TDM {n} (mm)", "Lésion {lesion} initiale (mm)"
    days = ("Date TDM initiale", "Date TDM {n}")
    new = "Nouvelle lésion TDM {n}"
    return _grid(path, size, first, days, new, yes="oui", head=head)


@chart(**TRUTH)
def spanish_sums_of_scans(path: Path) -> Path:
    head = ["N.º historia", "Sexo", "Edad", "Inicio de tratamiento", "Fecha de exitus"]
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    names = [*head, "Último control", "Fecha TC basal", "Suma basal (mm)"]
    for n in range(1, MOST + 1):
        names += [f"Fecha TC {n}", f"Suma TC {n} (mm)", f"Lesión nueva TC {n}"]
    sheet.append(names)
    for p in PEOPLE:
        seen = SCANS[p.number]
        row: list[datetime | str | int | None] = [p.number, p.sex, p.age, at(p.start)]
        row += [at(p.last) if p.dead else None, at(p.last), at(seen[0].day), sum(seen[0].sizes)]
        for v in seen[1:]:
            row += [at(v.day), sum(v.sizes), "sí" if v.new else "no"]
        sheet.append(row)
    return _saved(book, path)


@chart(**TRUTH)
def lesions_of_scans_in_centimetres(path: Path) -> Path:
    """The unit stands behind each name; with sizes a tenth as large as mm they are progressions too
    small to count."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    names = [*ENGLISH, "Baseline date", "L1 baseline (cm)", "L2 baseline (cm)"]
    for n in range(1, MOST + 1):
        names += [
            f"Scan {n} date",
            f"L1 scan {n} (cm)",
            f"L2 scan {n} (cm)",
            f"Scan {n} new lesion",
        ]
    sheet.append(names)
    for p in PEOPLE:
        row: list[Any] = [p.number, p.sex, p.age, at(p.start), at(p.last) if p.dead else None]
        row.append(at(p.last))
        for k, v in enumerate(SCANS[p.number]):
            row += [at(v.day), *(s / 10 for s in v.sizes)]
            row += [] if k == 0 else ["yes" if v.new else "no"]
        sheet.append(row)
    return _saved(book, path)


@chart(**TRUTH)
def visits_whose_other_lesions_have_no_state_at_baseline(path: Path) -> Path:
    book, _ = _people(ENGLISH)
    sheet = book.create_sheet("Tumour assessments")
    sheet.append(
        [
            "Patient ID",
            "Assessment date",
            "Sum of diameters (mm)",
            "Non-target lesions",
            "New lesions",
        ]
    )
    for p in PEOPLE:
        for k, v in enumerate(SCANS[p.number]):
            state = "n/a" if k == 0 else "Non-CR/Non-PD"
            sheet.append([p.number, at(v.day), sum(v.sizes), state, "Yes" if v.new else "No"])
    return _saved(book, path)


@chart(**TRUTH)
def scans_by_week_with_a_rare_last_response(path: Path) -> Path:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    names = [*ENGLISH, "Screening date", "Screening SLD (mm)"]
    for n in range(1, MOST + 1):
        names += [f"Week {8 * n} date", f"Week {8 * n} SLD (mm)", f"Week {8 * n} new lesion"]
        names.append(f"Week {8 * n} response")
    sheet.append(names)
    for p in PEOPLE:
        row: list[Any] = [p.number, p.sex, p.age, at(p.start), at(p.last) if p.dead else None]
        row.append(at(p.last))
        for k, v in enumerate(SCANS[p.number]):
            row += [at(v.day), sum(v.sizes)]
            ended = k == len(SCANS[p.number]) - 1 and OUTCOMES[p.number - 1][1]
            shrunk = sum(v.sizes) <= 0.7 * sum(SCANS[p.number][0].sizes)
            grown = v.new or sum(v.sizes) > 1.5 * sum(SCANS[p.number][0].sizes)
            call = "PD" if ended and grown else "PR" if shrunk else "SD"
            row += [] if k == 0 else ["yes" if v.new else "no", call]
        sheet.append(row)
    return _saved(book, path)


@chart(**TRUTH)
def sizes_of_scans_and_new_lesions_on_two_sheets(path: Path) -> Path:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    scans = [f"CT{n}" for n in range(1, MOST + 1)]
    sheet.append([*ENGLISH, "Baseline CT", *scans])
    sizes, new = book.create_sheet("Target lesions"), book.create_sheet("New lesions")
    sizes.append(["Patient ID", "Lesion no.", "Baseline (cm)", *(f"{s} (cm)" for s in scans)])
    new.append(["Patient ID", "Date", "Site"])
    for p in PEOPLE:
        row: list[Any] = [p.number, p.sex, p.age, at(p.start), at(p.last) if p.dead else None]
        sheet.append([*row, at(p.last), *(at(v.day) for v in SCANS[p.number])])
        for k in (0, 1):
            sizes.append([p.number, k + 1, *(v.sizes[k] / 10 for v in SCANS[p.number])])
        for v in SCANS[p.number]:
            if v.new:
                new.append([p.number, at(v.day), "bone"])
    return _saved(book, path)

"""Deliberately awful workbooks, each with what should be found in it.

One function per trap writes the workbook; beside it stand the true meaning of its columns, a
protocol that says it, and the problems that must be found, by rule and cell. Nothing else may be
found.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import PatternFill

HEAD = '[study]\nschema = 1\ntitle = "Awful"\ndata = "awful.xlsx"\n'


@dataclass(frozen=True)
class Awful:
    """One workbook: how it is written, what its columns mean, what is wrong with it."""

    name: str
    write: Callable[[Workbook], None]
    columns: dict[str, dict[str, str]]
    """Record table = {our column = the chart's}; what a person would match."""
    protocol: str = ""
    expected: frozenset[tuple[str, str | None]] = frozenset()
    """(rule, cell) of every error, question and warning."""
    wide: dict[str, dict[str, str]] = field(default_factory=dict)
    """Record table = {our column = pattern}, for repeated columns."""

    def save(self, folder: Path) -> Path:
        """Write the workbook as `awful.xlsx`."""
        book = Workbook()
        book.active.title = "Patients"
        self.write(book)
        path = folder / "awful.xlsx"
        book.save(path)
        return path


def _rows(page: Any, *rows: list[Any]) -> None:
    for row in rows:
        page.append(row)


def day(text: str) -> datetime:
    return datetime.fromisoformat(text)


PEOPLE = [
    ["Pat 1", "M", 61, day("2015-01-05")],
    ["Pat 2", "F", 58, day("2015-02-05")],
    ["Pat 3", "F", 70, day("2015-03-05")],
    ["Pat 4", "M", 49, day("2015-04-06")],
    ["Pat 5", "M", 66, day("2015-05-07")],
    ["Pat 6", "F", 65, day("2015-06-08")],
]
BASIC = {"patient": "Pat No", "sex": "Gender", "age": "Age", "treatment_start": "Start"}
MAP = '[tables.patients.columns]\npatient = "Pat No"\nsex = "Gender"\ntreatment_start = "Start"\n'


def title_rows(book: Workbook) -> None:
    page = book.active
    page["A1"] = "Sorafenib, lung metastases, our hospital"
    page.merge_cells("A1:D1")
    page["A2"] = "last changed in March"
    _rows(page, ["Pat No", "Gender", "Age", "Start"], *PEOPLE)


def two_headers(book: Workbook) -> None:
    page = book.active
    _rows(
        page,
        ["Patient", None, None, "Treatment", None, "Labs", None],
        ["No", "Gender", "Age", "Start", "End", "CRP (mg/dL)", "Hb (g/dL)"],
        *[[*p, day("2016-01-01"), 0.1 + i, 12.0 + i] for i, p in enumerate(PEOPLE)],
    )
    page.merge_cells("A1:C1")
    page.merge_cells("D1:E1")
    page.merge_cells("F1:G1")


def spacers_and_totals(book: Workbook) -> None:
    page = book.active
    _rows(page, ["Pat No", None, "Gender", "Age", None, "Start"])
    for p in PEOPLE:
        page.append([p[0], None, p[1], p[2], None, p[3]])
    page.append([])
    page.append(["Total", None, "3 m", 6])
    page.append(["Median", None, None, 63])


def mixed_ages(book: Workbook) -> None:
    rows = [list(p) for p in PEOPLE]
    rows[1][2], rows[3][2], rows[4][2] = "58 y", "?", 660
    _rows(book.active, ["Pat No", "Gender", "Age", "Start"], *rows)


def dates_of_all_kinds(book: Workbook) -> None:
    rows = [list(p) for p in PEOPLE]
    for row, start in zip(
        rows, ["04/03/2019", "31/03/2019", 43528, "2019-13", "03/2019", "soon"], strict=True
    ):
        row[3] = start
    _rows(book.active, ["Pat No", "Gender", "Age", "Start"], *rows)


def ambiguous_dates(book: Workbook) -> None:
    rows = [list(p) for p in PEOPLE]
    for row, start in zip(
        rows,
        ["04/03/2019", "05/03/2019", "06/07/2019", "01/02/2019", "03/04/2019", "08/09/2019"],
        strict=True,
    ):
        row[3] = start
    _rows(book.active, ["Pat No", "Gender", "Age", "Start"], *rows)


def missing_words(book: Workbook) -> None:
    crp: list[Any] = [0.4, "ND", "-", "<0.1", 999, "NA"]
    rows = [[*p, c] for p, c in zip(PEOPLE, crp, strict=True)]
    more = [[f"Pat {i}", "M", 60 + i % 7, day("2015-07-01"), 0.3 + i / 10] for i in range(7, 20)]
    _rows(book.active, ["Pat No", "Gender", "Age", "Start", "CRP (mg/dL)"], *rows, *more)


def decimal_commas(book: Workbook) -> None:
    change: list[Any] = ["-12 %", -32.5, "12,5", "1,234", -100, 8]
    rows = [[*p, c] for p, c in zip(PEOPLE, change, strict=True)]
    _rows(book.active, ["Pat No", "Gender", "Age", "Start", "Best change (%)"], *rows)


def codes_without_legend(book: Workbook) -> None:
    rows = [
        [p[0], 1 + i % 2, p[2], p[3], 1 + i % 2, day("2016-05-05") if i % 2 else None]
        for i, p in enumerate(PEOPLE)
    ]
    _rows(book.active, ["Pat No", "Gender", "Age", "Start", "Status", "Date of death"], *rows)


def patients_twice(book: Workbook) -> None:
    rows = [list(p) for p in PEOPLE]
    rows[2][0], rows[4][0] = "Pat 1", "pat-2"
    page = book.active
    _rows(page, ["Pat No", "Gender", "Age", "Start"], *rows, [None, "M", 50, day("2015-01-01")])


def impossible_order(book: Workbook) -> None:
    page = book.active
    _rows(
        page,
        ["Pat No", "Gender", "Age", "Start", "Last FU", "Status", "Date of death", "PD date"],
        [*PEOPLE[0], day("2014-01-01"), "alive", None, None],
        [*PEOPLE[1], day("2016-02-01"), "dead", day("2016-02-01"), day("2016-03-01")],
        [*PEOPLE[2], day("2016-02-01"), "alive", day("2016-02-01"), None],
        [*PEOPLE[3], day("2016-02-01"), "dead", None, None],
        [*PEOPLE[4], day("2015-09-01"), "dead", day("2015-05-01"), None],
        [*PEOPLE[5], day("2016-02-01"), "alive", None, day("2015-01-01")],
    )


def wide_scans(book: Workbook) -> None:
    head = ["Pat No", "Gender", "Age", "Start"]
    for i in (1, 2, 3):
        head += [f"scan{i}_date", f"scan{i}_sum (mm)"]
    head += ["AE1", "AE1_grade", "AE2", "AE2_grade"]
    page = book.active
    page.append(head)
    for p in PEOPLE:
        page.append(
            [*p, day("2015-07-01"), 50, day("2015-09-01"), 40, None, None, "Rash", 2, "Fatigue", 1]
        )
    page["F3"] = "n.m."
    page["N4"] = 6


def several_sheets(book: Workbook) -> None:
    _rows(book.active, ["Pat No", "Gender", "Age", "Start"], *PEOPLE)
    labs = book.create_sheet("Blood")
    _rows(
        labs,
        ["Pat No", "Sample date", "Parameter", "Result", "Unit", "LLN", "ULN"],
        ["Pat 1", day("2015-01-01"), "Hb", 131, "g/dL", 12, 16],
        ["Pat 2", day("2015-02-01"), "Hb", 12.1, "g/dL", 16, 12],
        ["Pat 77", day("2015-02-01"), "Hb", 12.1, "g/dL", 12, 16],
        ["Pat 3", day("2015-03-01"), "Hb", "hemolytic", "g/dL", 12, 16],
    )
    events = book.create_sheet("AE")
    _rows(
        events,
        ["Pat No", "Toxicity", "CTCAE grade", "Onset", "Resolved"],
        ["Pat 1", "Rash", 2, day("2015-02-01"), day("2015-01-01")],
        ["Pat 2", "Fatigue", 7, day("2015-03-01"), None],
        ["Pat 3", "Diarrhea", 5, day("2015-04-01"), None],
    )
    book.create_sheet("Sheet4")


def japanese(book: Workbook) -> None:
    page = book.active
    page.title = "患者背景"
    page.append(["症例番号", "性別", "年齢", "投与開始日", "最終確認日", "転帰", "最良効果"])
    for i, p in enumerate(PEOPLE):
        sex = "男性" if p[1] == "M" else "女性"
        page.append([p[0], sex, p[2], f"2015年{i + 1}月5日", "2016年3月1日", "生存", "SD"])
    page["G3"] = "不可"


def german(book: Workbook) -> None:
    page = book.active
    page.title = "Patienten"
    page.append(
        ["Pat Nr", "Geschlecht", "Alter", "Therapiebeginn", "Todesdatum", "Letzter Kontakt"]
    )
    for p in PEOPLE:
        page.append(
            [p[0], "männlich" if p[1] == "M" else "weiblich", p[2], p[3], None, day("2016-01-01")]
        )
    page["D2"] = "05.13.2015"


def personal(book: Workbook) -> None:
    page = book.active
    page.append(["Pat No", "Surname", "Gender", "Age", "Start", "Contact", "Remarks"])
    names = ["Smith", "Jones", "Meyer", "Sato", "Rossi", "Dubois"]
    for i, (p, name) in enumerate(zip(PEOPLE, names, strict=True)):
        page.append(
            [p[0], name, *p[1:], f"030 1234567{i}", "seen by Dr. Miller" if i == 3 else None]
        )


def two_tables(book: Workbook) -> None:
    page = book.active
    _rows(page, ["Pat No", "Gender", "Age", "Start"], *PEOPLE)
    page.append([])
    _rows(
        page,
        ["Drug", "Dose", "Unit", "From"],
        ["Sorafenib", 400, "mg", day("2015-01-05")],
        ["Sorafenib", 200, "mg", day("2015-02-05")],
    )


def hidden_and_coloured(book: Workbook) -> None:
    page = book.active
    _rows(page, ["Pat No", "Gender", "Age", "Start"], *PEOPLE)
    page.row_dimensions[4].hidden = True
    for column in range(1, 5):
        page.cell(6, column).fill = PatternFill("solid", start_color="FFFF00")


def formulas(book: Workbook) -> None:
    page = book.active
    _rows(page, ["Pat No", "Gender", "Age", "Start"], *PEOPLE)
    page["C3"] = "=2015-1950"
    page["C5"] = "#DIV/0!"
    page["C5"].data_type = "e"


def names_twice(book: Workbook) -> None:
    page = book.active
    _rows(
        page,
        ["Pat No", "Gender", "Age", "Start", "CRP", "CRP", None],
        *[[*p, 1.0 + i, 2.0 + i, "x"] for i, p in enumerate(PEOPLE)],
    )


def scales(book: Workbook) -> None:
    page = book.active
    _rows(page, ["Pat No", "Gender", "Age", "Start", "KPS", "ECOG"], *[[*p, 90, 1] for p in PEOPLE])
    page["E3"], page["E5"], page["F4"], page["C6"] = 85, 1, 80, 1950


def excel_dates(book: Workbook) -> None:
    page = book.active
    _rows(
        page,
        ["Pat No", "Gender", "Age", "Start", "Size (cm)"],
        *[[*p, 2.5 + i] for i, p in enumerate(PEOPLE)],
    )
    page["E4"] = day("2015-05-02")


def inverted(book: Workbook) -> None:
    page = book.active
    page.append(["Pat No", "Gender", "Age", "BOR", "PFS months", "PFS event"])
    responses = ["PD", "PD", "PD", "SD", "PR", "PD"]
    for p, r in zip(PEOPLE, responses, strict=True):
        page.append([*p[:3], r, 2.5 if r == "PD" else 14.0, 0 if r == "PD" else 1])


def words_and_case(book: Workbook) -> None:
    page = book.active
    sexes = ["M", "male", "m ", "FEMALE", "Famale", "x"]
    arms = ["Sunitinib", "sunitinib ", "Cytokine", "Cytokine", "sunitinib", "Cytokine"]
    page.append(["Pat No", "Gender", "Age", "Start", "First line"])
    for p, s, a in zip(PEOPLE, sexes, arms, strict=True):
        page.append([p[0], s, p[2], p[3], a])


def second_sheet_of_patients(book: Workbook) -> None:
    _rows(book.active, ["Pat No", "Gender", "Age", "Start"], *PEOPLE)
    lesions = book.create_sheet("Target lesions")
    _rows(
        lesions,
        ["Pat No", "Lesion no", "CT date", "Type", "Size (cm)", "Location"],
        ["Pat 1", 1, day("2015-01-01"), "T", 2.5, "lung"],
        ["Pat 1", 1, day("2015-01-01"), "T", 2.6, "lung"],
        ["Pat 1", 1, day("2015-04-01"), "T", -1.5, "lung"],
        ["Pat 2", 1, day("2015-04-01"), "NT", None, "liver"],
        ["Pat 2", 2, day("2015-04-01"), "tarrget", 1.2, "lung"],
    )


def percent_format(book: Workbook) -> None:
    change: list[Any] = [-0.12, -32.5, -45, -100, 8, 20]
    page = book.active
    _rows(page, ["Pat No", "Gender", "Age", "Start", "Best change"])
    for p, c in zip(PEOPLE, change, strict=True):
        page.append([*p, c])
    page["E2"].number_format = "0%"


def side_by_side(book: Workbook) -> None:
    page = book.active
    page.append(["Pat No", "Gender", "Age", "Start", None, "Pat No", "Toxicity"])
    for i, p in enumerate(PEOPLE):
        page.append([*p, None, *(["Pat 3", "Rash"] if i < 2 else [None, None])])


CORPUS: tuple[Awful, ...] = (
    Awful("title rows, header in row 3", title_rows, {"patients": BASIC}, MAP),
    Awful(
        "two header rows, merged",
        two_headers,
        {
            "patients": {
                "patient": "Patient No",
                "sex": "Patient Gender",
                "age": "Patient Age",
                "treatment_start": "Treatment Start",
                "treatment_end": "Treatment End",
            }
        },
        '[tables.patients.columns]\npatient = "Patient No"\nsex = "Patient Gender"\n'
        'age = "Patient Age"\ntreatment_start = "Treatment Start"\n'
        'treatment_end = "Treatment End"\n',
    ),
    Awful("spacer columns, totals below", spacers_and_totals, {"patients": BASIC}, MAP),
    Awful(
        "ages with units, marks and slips",
        mixed_ages,
        {"patients": BASIC},
        MAP,
        frozenset({("values.unreadable", "C5"), ("values.age", "C6")}),
    ),
    Awful(
        "dates of all kinds",
        dates_of_all_kinds,
        {"patients": BASIC},
        MAP,
        frozenset({("values.unreadable", "D5"), ("values.unreadable", "D7")}),
    ),
    Awful(
        "dates that could be either",
        ambiguous_dates,
        {"patients": BASIC},
        MAP,
        frozenset({("values.unreadable", f"D{r}") for r in range(2, 8)}),
    ),
    Awful(
        "words for missing, bounds, sentinels",
        missing_words,
        {"patients": BASIC},
        MAP + '[variables.crp]\ncolumn = "CRP (mg/dL)"\nkind = "continuous"\n',
        frozenset(
            {
                ("values.unreadable", "E3"),
                ("values.unreadable", "E4"),
                ("values.bound", "E5"),
                ("values.implausible", "E6"),
                ("values.outlier", "E6"),
            }
        ),
    ),
    Awful(
        "decimal commas and percent signs",
        decimal_commas,
        {"patients": BASIC},
        MAP + '[variables.change]\ncolumn = "Best change (%)"\nkind = "continuous"\n',
    ),
    Awful(
        "codes without a legend",
        codes_without_legend,
        {"patients": {**BASIC, "vital_status": "Status", "death_date": "Date of death"}},
        MAP + 'vital_status = "Status"\ndeath_date = "Date of death"\n',
        frozenset({("values.unknown-level", f"{c}{r}") for c in "BE" for r in range(2, 8)}),
    ),
    Awful(
        "patients twice, and nobody's row",
        patients_twice,
        {"patients": BASIC},
        MAP,
        frozenset(
            {
                ("patients.duplicate", "A4"),
                ("patients.same-but-for-case", "A6"),
                ("rows.no-patient", "A8"),
            }
        ),
    ),
    Awful(
        "dates in an order that can't be",
        impossible_order,
        {
            "patients": {
                **BASIC,
                "last_contact": "Last FU",
                "vital_status": "Status",
                "death_date": "Date of death",
                "progression_date": "PD date",
            }
        },
        MAP + 'last_contact = "Last FU"\nvital_status = "Status"\ndeath_date = "Date of death"\n'
        'progression_date = "PD date"\n[endpoints.os]\nevents = ["death"]\n',
        frozenset(
            {
                ("dates.last-contact-before-start", "E2"),
                ("dates.death-before-progression", "G3"),
                ("survival.alive-with-death", "F4"),
                ("survival.death-without-date", "G5"),
                ("dates.death-before-start", "G6"),
                ("dates.death-after-last-contact", "E6"),
                ("dates.progression-before-start", "H7"),
            }
        ),
    ),
    Awful(
        "wide scans and events",
        wide_scans,
        {"patients": BASIC},
        MAP
        + """[tables.lesions]
sheet = "Patients"
shape = "wide"
columns = { patient = "Pat No" }
repeat = { date = "scan{n}_date", diameter_mm = "scan{n}_sum" }
constants = { lesion = "sum", role = "target" }
[tables.adverse_events]
sheet = "Patients"
shape = "wide"
columns = { patient = "Pat No" }
repeat = { term = "AE{n}", grade = "AE{n}_grade" }
""",
        frozenset({("values.unreadable", "F3"), ("safety.grade", "N4")}),
        {
            "lesions": {"date": "scan{n}_date", "diameter_mm": "scan{n}_sum"},
            "adverse_events": {"term": "AE{n}", "grade": "AE{n}_grade"},
        },
    ),
    Awful(
        "several sheets, rows of strangers",
        several_sheets,
        {
            "patients": BASIC,
            "labs": {
                "patient": "Pat No",
                "date": "Sample date",
                "test": "Parameter",
                "value": "Result",
                "unit": "Unit",
                "lower_limit": "LLN",
                "upper_limit": "ULN",
            },
            "adverse_events": {
                "patient": "Pat No",
                "term": "Toxicity",
                "grade": "CTCAE grade",
                "start": "Onset",
                "end": "Resolved",
            },
        },
        MAP
        + """[tables.labs]
sheet = "Blood"
columns = { patient = "Pat No", date = "Sample date", test = "Parameter", value = "Result", lower_limit = "LLN", upper_limit = "ULN" }
[tables.adverse_events]
sheet = "AE"
columns = { patient = "Pat No", term = "Toxicity", grade = "CTCAE grade", start = "Onset", end = "Resolved" }
""",  # noqa: E501
        frozenset(
            {
                ("labs.implausible", "D2"),
                ("labs.limits", "F3"),
                ("patients.orphan", "A4"),
                ("values.unreadable", "D5"),
                ("dates.end-before-start", "E2"),
                ("safety.grade", "C3"),
            }
        ),
    ),
    Awful(
        "Japanese",
        japanese,
        {
            "patients": {
                "patient": "症例番号",
                "sex": "性別",
                "age": "年齢",
                "treatment_start": "投与開始日",
                "last_contact": "最終確認日",
                "vital_status": "転帰",
                "best_response": "最良効果",
            }
        },
        '[tables.patients]\nsheet = "患者背景"\n[tables.patients.columns]\npatient = "症例番号"\n'
        'sex = "性別"\nage = "年齢"\ntreatment_start = "投与開始日"\nlast_contact = "最終確認日"\n'
        'vital_status = "転帰"\nbest_response = "最良効果"\n',
        frozenset({("values.unknown-level", "G3")}),
    ),
    Awful(
        "German",
        german,
        {
            "patients": {
                "patient": "Pat Nr",
                "sex": "Geschlecht",
                "age": "Alter",
                "treatment_start": "Therapiebeginn",
                "last_contact": "Letzter Kontakt",
                "death_date": "Todesdatum",
            }
        },
        '[tables.patients]\nsheet = "Patienten"\ndates = "day-first"\n[tables.patients.columns]\n'
        'patient = "Pat Nr"\nsex = "Geschlecht"\nage = "Alter"\n'
        'treatment_start = "Therapiebeginn"\nlast_contact = "Letzter Kontakt"\n'
        'death_date = "Todesdatum"\n',
        frozenset({("values.unreadable", "D2")}),
    ),
    Awful(
        "names, telephone numbers, remarks",
        personal,
        {"patients": BASIC},
        MAP,
        frozenset({("personal.name", "B2"), ("personal.phone", "F2"), ("personal.text", "G5")}),
    ),
    Awful(
        "two tables on one sheet",
        two_tables,
        {"patients": BASIC},
        MAP,
        frozenset({("layout.second-table", None)}),
    ),
    Awful(
        "hidden row, coloured row",
        hidden_and_coloured,
        {"patients": BASIC},
        MAP,
        frozenset({("layout.hidden-rows", None), ("layout.colour", "A6")}),
    ),
    Awful(
        "formulas without values, formula errors",
        formulas,
        {"patients": BASIC},
        MAP,
        frozenset({("layout.formulas", "C3"), ("values.formula-error", "C5")}),
    ),
    Awful(
        "the same name twice, a column without a name",
        names_twice,
        {"patients": BASIC},
        MAP,
        frozenset({("layout.no-name", "G2")}),
    ),
    Awful(
        "performance beyond its scale",
        scales,
        {"patients": {**BASIC, "kps": "KPS", "ecog": "ECOG"}},
        MAP,
        frozenset(
            {
                ("values.kps", "E3"),
                ("values.kps", "E5"),
                ("values.ecog", "F4"),
                ("values.age", "C6"),
                ("performance.scales-disagree", "E5"),
            }
        ),
    ),
    Awful(
        "numbers that Excel turned into dates",
        excel_dates,
        {"patients": BASIC},
        MAP + '[variables.size]\ncolumn = "Size (cm)"\nkind = "continuous"\n',
        frozenset({("values.date-as-number", "E4")}),
    ),
    Awful(
        "flags the wrong way round",
        inverted,
        {
            "patients": {
                "patient": "Pat No",
                "sex": "Gender",
                "age": "Age",
                "best_response": "BOR",
            }
        },
        '[tables.patients.columns]\npatient = "Pat No"\nsex = "Gender"\nbest_response = "BOR"\n'
        '[endpoints.pfs]\ntime = "PFS months"\nevent = "PFS event"\nevent_value = 1\n',
        frozenset({("survival.inverted-event", None)}),
    ),
    Awful(
        "one word in many spellings",
        words_and_case,
        {"patients": BASIC},
        MAP + '[variables.first]\ncolumn = "First line"\n',
        frozenset(
            {
                ("values.unknown-level", "B6"),
                ("values.unknown-level", "B7"),
                ("values.spellings", "E2"),
            }
        ),
    ),
    Awful(
        "percentages by format beside plain ones",
        percent_format,
        {"patients": BASIC},
        MAP,
        frozenset({("values.percent-format", "E2")}),
    ),
    Awful(
        "two tables side by side",
        side_by_side,
        {"patients": BASIC},
        MAP,
        frozenset({("layout.second-table", "F1")}),
    ),
    Awful(
        "lesions twice, in centimetres",
        second_sheet_of_patients,
        {
            "patients": BASIC,
            "lesions": {
                "patient": "Pat No",
                "lesion": "Lesion no",
                "date": "CT date",
                "role": "Type",
                "diameter_mm": "Size (cm)",
                "site": "Location",
            },
        },
        MAP
        + """[tables.lesions]
sheet = "Target lesions"
columns = { patient = "Pat No", lesion = "Lesion no", date = "CT date", role = "Type", diameter_mm = "Size (cm)", site = "Location" }
""",  # noqa: E501
        frozenset(
            {
                ("lesions.twice", "B3"),
                ("lesions.negative", "E4"),
                ("values.unknown-level", "D6"),
            }
        ),
    ),
)

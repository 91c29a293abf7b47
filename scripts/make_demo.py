"""Write the workbook of the built-in study: `python scripts/make_demo.py [FILE]`.

The patients are synthetic: the twin of a published cohort (`oncohort twin lung_metastases`), with
the chart that a clinic would have of them. Its counts, medians and hazard ratios are the printed
ones; dates, measurements and laboratory values are invented to go with them. The same script gives
the same bytes.
"""

from __future__ import annotations

import io
import re
import sys
import zipfile
from datetime import date, datetime
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).resolve().parent))

from demo_chart import TABLES, Rows, chart
from demo_cohort import EXAMPLE, cohort
from demo_responses import charted

from oncohort.twin.examples import figures_text
from oncohort.twin.job import example
from oncohort.twin.writing import MARK

SEED = 2023
STAMP = datetime(2017, 6, 30)
TARGET = Path(__file__).resolve().parents[1] / "src/oncohort/study/demo_study/data.xlsx"

ABOUT = (
    ("SYNTHETIC DATA", None),
    ("These patients do not exist. A script wrote them, with fixed random numbers.", None),
    (None, None),
    ("Study", "Sorafenib as second-line therapy for renal cell carcinoma with lung metastases"),
    (
        "Made to match",
        "counts, medians and hazard ratios printed of a published cohort of 42 patients",
    ),
    ("Data cutoff", STAMP.date()),
    ("Dates", "real Excel dates, shown as year-month-day"),
    ("Lengths", "mm; nodes by their short axis"),
    ("Doses", "mg per intake, with intakes per day; 0 mg is an interruption"),
    (None, None),
    ("Sheet", "One row per"),
    ("patients", "patient, the five screened and not included among them (S43 to S47)"),
    ("lesions", "lesion and scan"),
    ("assessments", "visit, with the response that the chart holds (four of them wrong)"),
    ("labs", "laboratory value, with unit and the laboratory's limits"),
    ("performance", "performance status"),
    ("doses", "period on one dose of sorafenib"),
    ("adverse_events", "adverse event, or change of its grade (CTCAE 3.0)"),
    ("therapies", "line of systemic therapy"),
    ("sites", "metastatic site and side at treatment start"),
    ("procedures", "operation"),
)


def rows_of_demo() -> Rows:
    """All tables of the built-in study."""
    tables = chart(Random(SEED), cohort())
    tables["assessments"] = charted(tables)
    return tables


def workbook_bytes(tables: Rows) -> bytes:
    """An Excel workbook, one sheet per table, the same bytes each time."""
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font, PatternFill

    book = Workbook()
    about = book.active
    assert about is not None
    about.title = "about"
    for line in ABOUT:
        about.append(line)
    about["A1"].font = Font(bold=True, size=14, color="9C0006")
    about["B6"].number_format = "yyyy-mm-dd"
    about["B6"].alignment = Alignment(horizontal="left")
    about.column_dimensions["A"].width = 18
    about.column_dimensions["B"].width = 84
    for name in TABLES:
        sheet = book.create_sheet(name)
        columns = list(tables[name][0])
        sheet.append(columns)
        for row in tables[name]:
            sheet.append([row[c] for c in columns])
        for cell in sheet[1]:
            cell.font = Font(bold=True)
            cell.fill = PatternFill("solid", fgColor="DDE6EE")
        for k, column in enumerate(columns):
            cells = [r[k] for r in sheet.iter_rows(min_row=2)]
            texts = [len(str(c.value)) for c in cells if c.value is not None]
            letter = cells[0].column_letter
            sheet.column_dimensions[letter].width = min(34, max([len(column), *texts]) + 2)
            for c in cells:
                if isinstance(c.value, date):
                    c.number_format = "yyyy-mm-dd"
        sheet.freeze_panes = "B2"
        sheet.auto_filter.ref = sheet.dimensions
    book.properties.creator = "oncohort"
    book.properties.title = "Built-in study of oncohort (synthetic patients)"
    book.properties.created = STAMP
    buffer = io.BytesIO()
    book.save(buffer)
    return _without_clock(buffer.getvalue())


def _without_clock(data: bytes) -> bytes:
    """The same archive with fixed times of its entries and of its last change."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for name in sorted(old.namelist(), key=lambda n: (n != "[Content_Types].xml", n)):
            content = old.read(name)
            if name == "docProps/core.xml":
                content = re.sub(
                    rb"(<dcterms:modified[^>]*>)[^<]*",
                    rb"\g<1>" + STAMP.strftime("%Y-%m-%dT%H:%M:%SZ").encode(),
                    content,
                )
            info = zipfile.ZipInfo(name, (2017, 6, 30, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o600 << 16
            new.writestr(info, content)
    return out.getvalue()


def main(argv: list[str]) -> None:
    """Write the workbook, with the printed figures and their certificate beside it."""
    target = Path(argv[0]) if argv else TARGET
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(workbook_bytes(rows_of_demo()))
    (target.parent / "figures.toml").write_text(figures_text(EXAMPLE), encoding="utf-8")
    certificate = example(EXAMPLE).certificate
    (target.parent / MARK).write_text(certificate.to_json(), encoding="utf-8")
    print(target)


if __name__ == "__main__":
    main(sys.argv[1:])

"""Exports of databases and statistical packages (synthetic)."""

from __future__ import annotations

from pathlib import Path

from cohort import PEOPLE, chart, months


@chart(responders=None)
def cbioportal(path: Path) -> Path:
    """Labels, descriptions, types and priorities above the header; the status says its words."""
    lines = [
        "#Patient Identifier\tDiagnosis Age\tOverall Survival (Months)\tOverall Survival Status",
        "#Identifier\tAge at diagnosis\tMonths to death or last contact\tStatus",
        "#STRING\tNUMBER\tNUMBER\tSTRING",
        "#1\t1\t1\t1",
        "PATIENT_ID\tAGE\tOS_MONTHS\tOS_STATUS",
    ]
    lines += [
        f"TCGA-{p.number:02d}\t{p.age}\t{months(p)}\t{'1:DECEASED' if p.dead else '0:LIVING'}"
        for p in PEOPLE
    ]
    file = path / "data_clinical_patient.txt"
    file.write_text("\n".join(lines) + "\n")
    return file


@chart(responders=None)
def semicolons_and_decimal_commas(path: Path) -> Path:
    lines = ["Pat.-Nr.;Alter;OS (Monate);verstorben"]
    lines += [
        f"{p.number};{p.age};{str(months(p)).replace('.', ',')};{'ja' if p.dead else 'nein'}"
        for p in PEOPLE
    ]
    file = path / "export.csv"
    file.write_bytes(("\r\n".join(lines) + "\r\n").encode("cp1252"))
    return file


@chart(responders=None)
def json_of_a_database(path: Path) -> Path:
    import json

    rows = [
        {
            "record_id": str(p.number),
            "age": str(p.age),
            "os_months": str(months(p)),
            "death": "Yes" if p.dead else "No",
        }
        for p in PEOPLE
    ]
    file = path / "export.json"
    file.write_text(json.dumps(rows))
    return file


@chart()
def two_files_by_id(path: Path) -> Path:
    folder = path / "files"
    folder.mkdir()
    base = ["Patient ID,Sex,Age,Start,BOR"]
    base += [f"{p.number},{p.sex},{p.age},{p.start},{p.response}" for p in PEOPLE]
    (folder / "baseline.csv").write_text("\n".join(base) + "\n")
    out = ["Pat No,Date of death,Last contact,PD date"]
    out += [
        f"{p.number},{p.last if p.dead else ''},{p.last},{p.progressed or ''}"
        for p in reversed(PEOPLE)
    ]
    (folder / "outcome.csv").write_text("\n".join(out) + "\n")
    return folder

"""Files of the kinds in which public data come (synthetic patients; the kinds are real)."""

from __future__ import annotations

import csv
import json
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cohort import DEATHS, MONTH, OS_MEDIAN, PEOPLE, N, Person, chart, km_median, median, months

TTP = [p.progression if p.progression is not None else p.days for p in PEOPLE]
PROGRESSED = sum(p.progression is not None for p in PEOPLE)
TTP_MEDIAN = median([float(t) for t in TTP], [p.progression is not None for p in PEOPLE]) / MONTH
PFS = [
    (min(t, p.days), p.progression is not None or p.dead) for t, p in zip(TTP, PEOPLE, strict=True)
]
PFS_MEDIAN = km_median([float(t) for t, _ in PFS], [e for _, e in PFS]) / MONTH
PFS_EVENTS = sum(e for _, e in PFS)


def table(
    path: Path, name: str, head: Sequence[str], rows: Sequence[Sequence[Any]], sep: str = ","
) -> Path:
    file = path / name
    with file.open("w", newline="", encoding="utf-8") as out:
        write = csv.writer(out, delimiter=sep)
        write.writerow(head)
        write.writerows(rows)
    return file


@chart(answers={"endpoint": "name = os, event_value = 1, time_unit = days"}, responders=None)
def veteran(path: Path) -> Path:
    head = ["trt", "celltype", "time", "status", "karno", "diagtime", "age", "prior"]
    rows = [
        [
            1 + p.number % 2,
            "squamous",
            p.days,
            int(p.dead),
            10 * (3 + p.number % 7),
            p.number % 12 + 1,
            p.age,
            10 * (p.number % 2),
        ]
        for p in PEOPLE
    ]
    return table(path, "veteran.csv", head, rows)


@chart(
    answers={"os": "event_value = 1, time_unit = days", "rfs": "event_value = 1, time_unit = days"},
    responders=None,
)
def rotterdam(path: Path) -> Path:
    head = [
        "",
        "pid",
        "year",
        "age",
        "meno",
        "size",
        "grade",
        "nodes",
        "pgr",
        "er",
        "hormon",
        "chemo",
        "rtime",
        "recur",
        "dtime",
        "death",
    ]
    rows = [
        [
            p.number,
            1000 + p.number,
            1990 + p.number % 4,
            p.age,
            p.number % 2,
            ["<=20", "20-50", ">50"][p.number % 3],
            2 + p.number % 2,
            p.number % 5,
            p.number * 3,
            p.number * 7,
            0,
            p.number % 2,
            p.progression or p.days,
            int(p.progression is not None),
            p.days,
            int(p.dead),
        ]
        for p in PEOPLE
    ]
    return table(path, "rotterdam.csv", head, rows)


@chart(
    answers={
        "endpoints_of_rows": "1 = rfs, 2 = os, event_value = 1, time_unit = days",
        "sex": "1 = male, 0 = female",
    },
    responders=None,
    deaths=PROGRESSED,
    endpoint="rfs",
    median=TTP_MEDIAN,
)
def colon(path: Path) -> Path:
    """Two rows for each patient: etype 1 is recurrence, 2 is death."""
    head = ["", "id", "study", "rx", "sex", "age", "nodes", "status", "differ", "time", "etype"]
    rows = []
    for p in PEOPLE:
        base = [
            p.number,
            1,
            ["Obs", "Lev", "Lev+5FU"][p.number % 3],
            int(p.sex == "male"),
            p.age,
            p.number % 6,
        ]
        rows.append([len(rows) + 1, *base, int(p.dead), 2, p.days, 2])
        rows.append(
            [len(rows) + 1, *base, int(p.progression is not None), 2, p.progression or p.days, 1]
        )
    return table(path, "colon.csv", head, rows)


@chart(
    answers={"endpoint": "name = os, 0 = censored, 1 = censored, 2 = event, time_unit = days"},
    responders=None,
)
def pbc(path: Path) -> Path:
    head = ["id", "time", "status", "trt", "age", "sex", "ascites", "hepato", "bili", "albumin"]
    rows = [
        [
            p.number,
            p.days,
            2 if p.dead else p.number % 2,
            1,
            p.age + 0.5,
            p.sex[0],
            p.number % 2,
            1,
            1.1 + p.number,
            3.5,
        ]
        for p in PEOPLE
    ]
    return table(path, "pbc.csv", head, rows)


@chart(
    answers={
        "os": "event_value = 1, time_unit = months",
        "pfs": "event_value = 1, time_unit = months",
    },
    responders=None,
)
def myeloma_like(path: Path) -> Path:
    head = ["ANONPT_ID", "AGE", "SEX", "OSTIME", "OSCENS", "PFSTIME", "PFSCENS"]
    rows = [
        [f"MM-{p.number:04d}", p.age, p.sex, months(p), int(p.dead), round(t / MONTH, 2), int(e)]
        for p, (t, e) in zip(PEOPLE, PFS, strict=True)
    ]
    return table(path, "myeloma.tsv", head, rows, "\t")


@chart(responders=None)
def tcga_clinical(path: Path) -> Path:
    """Days to death of the dead, days to last follow-up of the living, a vital status."""
    head = [
        "bcr_patient_barcode",
        "gender",
        "age_at_initial_pathologic_diagnosis",
        "vital_status",
        "days_to_death",
        "days_to_last_followup",
        "tumor_status",
    ]
    rows = [
        [
            f"TCGA-AB-{p.number:04d}",
            p.sex.upper(),
            p.age,
            "Dead" if p.dead else "Alive",
            p.days if p.dead else "[Not Applicable]",
            "[Not Available]" if p.dead else p.days,
            "WITH TUMOR",
        ]
        for p in PEOPLE
    ]
    return table(path, "clinical_patient.txt", head, rows, "\t")


@chart(
    responders=None,
    truths={"survival.dfs.events": float(PROGRESSED), "survival.os.n": float(N)},
)
def cbioportal_with_recurrences(path: Path) -> Path:
    lines = [
        "#Patient Identifier\tSex\tOverall Survival (Months)\tOverall Survival Status\t"
        "Disease Free (Months)\tDisease Free Status",
        "#Patient identifier\tSex\tMonths\tStatus\tMonths\tStatus",
        "#STRING\tSTRING\tNUMBER\tSTRING\tNUMBER\tSTRING",
        "#1\t1\t1\t1\t1\t1",
        "PATIENT_ID\tSEX\tOS_MONTHS\tOS_STATUS\tDFS_MONTHS\tDFS_STATUS",
    ]
    for p in PEOPLE:
        free = "1:Recurred/Progressed" if p.progression else "0:DiseaseFree"
        status = "1:DECEASED" if p.dead else "0:LIVING"
        until = round((p.progression or p.days) / MONTH, 2)
        cells = [f"P-{p.number:05d}", p.sex.title(), months(p), status, until, free]
        lines.append("\t".join(map(str, cells)))
    file = path / "data_clinical_patient.txt"
    file.write_text("\n".join(lines) + "\n")
    return file


@chart(responders=None)
def jamovi(path: Path) -> Path:
    """An .omv file: metadata, values as bytes, labels of codes."""
    import struct

    fields = [
        {"name": "ID", "dataType": "Integer", "measureType": "ID", "type": "integer"},
        {"name": "OS months", "dataType": "Decimal", "measureType": "Continuous", "type": "number"},
        {"name": "Dead", "dataType": "Integer", "measureType": "Nominal", "type": "integer"},
    ]
    meta = {"dataSet": {"rowCount": N, "columnCount": 3, "fields": fields}}
    data = struct.pack(f"<{N}i", *(p.number for p in PEOPLE))
    data += struct.pack(f"<{N}d", *(months(p) for p in PEOPLE))
    data += struct.pack(f"<{N}i", *(int(p.dead) for p in PEOPLE))
    xdata = {"Dead": {"labels": [[0, "no", "no", False], [1, "yes", "yes", False]]}}
    file = path / "cohort.omv"
    with zipfile.ZipFile(file, "w") as out:
        out.writestr(
            "META-INF/MANIFEST.MF", "Manifest-Version: 1.0\njamovi-Archive-Version: 11.0\n"
        )
        out.writestr("metadata.json", json.dumps(meta))
        out.writestr("xdata.json", json.dumps(xdata))
        out.writestr("data.bin", data)
    return file


@chart(responders=None)
def redcap_json(path: Path) -> Path:
    rows = [
        {
            "record_id": str(p.number),
            "redcap_event_name": "baseline_arm_1",
            "age": str(p.age),
            "os_months": str(months(p)),
            "died": "Yes" if p.dead else "No",
            "demographics_complete": "2",
        }
        for p in PEOPLE
    ]
    file = path / "redcap.json"
    file.write_text(json.dumps(rows))
    return file


@chart(answers={"os": "0, months"}, responders=None)
def adtte_xpt(path: Path) -> Path:
    import polars as pl
    import pyreadstat

    rows = [[f"S-{p.number:03d}", "OS", months(p), int(not p.dead)] for p in PEOPLE]
    frame = pl.DataFrame(rows, schema=["USUBJID", "PARAMCD", "AVAL", "CNSR"], orient="row")
    file = path / "adtte.xpt"
    pyreadstat.write_xport(frame, str(file), table_name="ADTTE")
    return file


@chart(
    answers={
        "endpoint": "name = os, 1 = event, 2 = censored, 3 = event, time_unit = days",
        "sex": "1 = male, 0 = female",
    },
    responders=None,
)
def melanoma_of_mass(path: Path) -> Path:
    """time in days; status 1 died of melanoma, 2 alive, 3 died of other causes."""
    head = ["", "time", "status", "sex", "age", "year", "thickness", "ulcer"]
    rows = [
        [
            p.number,
            p.days,
            (1 if p.number % 2 else 3) if p.dead else 2,
            int(p.sex == "male"),
            p.age,
            1970,
            0.65 * p.number,
            p.number % 2,
        ]
        for p in PEOPLE
    ]
    return table(path, "melanoma.csv", head, rows)


@chart(
    answers={"os": "1"},
    responders=sum(p.response in ("CR", "PR") for p in PEOPLE),
)
def icb_with_responses(path: Path) -> Path:
    head = ["patient_id", "age", "sex", "drug_type", "RECIST", "os_months", "os_censor", "tmb"]
    rows = [
        [
            f"RCC_{p.number}",
            p.age,
            p.sex[0].upper(),
            "anti-PD-1",
            p.response,
            months(p),
            int(p.dead),
            p.number * 11,
        ]
        for p in PEOPLE
    ]
    return table(path, "icb.csv", head, rows)


@chart(responders=None)
def semicolons_in_utf16(path: Path) -> Path:
    lines = ["Patient;Age;OS (days);Status"]
    lines += [f"{p.number};{p.age};{p.days};{'dead' if p.dead else 'alive'}" for p in PEOPLE]
    file = path / "unicode.txt"
    file.write_bytes("\r\n".join(lines).encode("utf-16"))
    return file


@chart(responders=None)
def spss_with_labels(path: Path) -> Path:
    import polars as pl
    import pyreadstat

    frame = pl.DataFrame(
        [[p.number, p.age, months(p), int(p.dead)] for p in PEOPLE],
        schema=["pat_id", "age", "os_months", "death"],
        orient="row",
    )
    file = path / "cohort.sav"
    pyreadstat.write_sav(frame, str(file), variable_value_labels={"death": {0.0: "no", 1.0: "yes"}})
    return file


@chart(answers={"endpoint": "name = os, event_value = 1, time_unit = days"}, responders=None)
def stata_time_and_failure(path: Path) -> Path:
    import polars as pl
    import pyreadstat

    frame = pl.DataFrame(
        [[p.number, p.age, p.days, int(p.dead)] for p in PEOPLE],
        schema=["id", "age", "_t", "_d"],
        orient="row",
    )
    file = path / "cohort.dta"
    pyreadstat.write_dta(frame, str(file))
    return file


@chart(answers={"os": "1"}, responders=None)
def three_files_by_id(path: Path) -> Path:
    folder = path / "data"
    folder.mkdir()
    table(
        folder,
        "clinical.csv",
        ["sample_id", "age", "sex"],
        [[f"s{p.number}", p.age, p.sex] for p in PEOPLE],
    )
    table(
        folder,
        "survival.csv",
        ["sample_id", "os_time_months", "os_event"],
        [[f"s{p.number}", months(p), int(p.dead)] for p in reversed(PEOPLE)],
    )
    table(
        folder,
        "mutations.csv",
        ["sample_id", "BRAF", "TP53"],
        [[f"s{p.number}", ["wt", "mut"][p.number % 2], "wt"] for p in PEOPLE],
    )
    return folder


def dead_in_months(p: Person) -> list[Any]:
    return [p.number, p.age, months(p), "Dead" if p.dead else "Alive"]


@chart(responders=None)
def nafld_like_row_names(path: Path) -> Path:
    return table(
        path,
        "x.csv",
        ["", "age", "survival_months", "vital_status"],
        [dead_in_months(p) for p in PEOPLE],
    )


assert DEATHS and OS_MEDIAN

"""Further strangers: exports of portals, trials and packages of statistics (synthetic)."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from charts_abroad import pfs
from charts_public import PFS_EVENTS, PROGRESSED, TTP
from cohort import MONTH, PEOPLE, at, chart, months, save


@chart(responders=None, truths={"survival.pfs.events": PFS_EVENTS})
def cbioportal_web_export(path: Path) -> Path:
    head = [
        "Study ID",
        "Patient ID",
        "Sample ID",
        "Diagnosis Age",
        "Disease Free (Months)",
        "Disease Free Status",
        "Months of disease-specific survival",
        "Disease-specific Survival status",
        "Overall Survival (Months)",
        "Overall Survival Status",
        "Progress Free Survival (Months)",
        "Progression Free Status",
        "Sex",
        "Sample Type",
        "Mutation Count",
    ]
    lines = ["\t".join(head)]
    for p in PEOPLE:
        t, e = pfs(p)
        lines.append(
            "\t".join(
                map(
                    str,
                    [
                        "kirc_tcga",
                        f"TCGA-{p.number:04d}",
                        f"TCGA-{p.number:04d}-01",
                        p.age,
                        "NA",
                        "NA",
                        months(p),
                        "1:DEAD WITH TUMOR"
                        if p.dead and p.number % 2
                        else "0:ALIVE OR DEAD TUMOR FREE",
                        months(p),
                        "1:DECEASED" if p.dead else "0:LIVING",
                        round(t / MONTH, 2),
                        "1:PROGRESSION" if e else "0:CENSORED",
                        p.sex.title(),
                        "Primary",
                        p.number * 3,
                    ],
                )
            )
        )
    f = path / "kirc_clinical_data.tsv"
    f.write_text("\n".join(lines) + "\n")
    return f


@chart(answers={"os": "1"}, responders=None)
def geo_style(path: Path) -> Path:
    head = [
        "geo_accession",
        "title",
        "age:ch1",
        "gender:ch1",
        "os event:ch1",
        "os months:ch1",
        "tumor stage:ch1",
    ]
    rows = [
        [
            f"GSM{1000 + p.number}",
            f"tumor {p.number}",
            p.age,
            p.sex[0].upper(),
            int(p.dead),
            months(p),
            ["I", "II", "III", "IV"][p.number % 4],
        ]
        for p in PEOPLE
    ]
    return save(path, head, *rows)


@chart(responders=None, truths={"survival.rfs.events": PROGRESSED})
def kaggle_breast(path: Path) -> Path:
    head = [
        "Patient Id",
        "Age at Diagnosis",
        "Overall Survival (Months)",
        "Overall Survival Status",
        "Patient's Vital Status",
        "Relapse Free Status (Months)",
        "Relapse Free Status",
    ]
    rows = [
        [
            f"MB-{p.number:04d}",
            p.age + 0.5,
            months(p),
            "Deceased" if p.dead else "Living",
            ("Died of Disease" if p.number % 2 else "Died of Other Causes") if p.dead else "Living",
            round(TTP[i] / MONTH, 2),
            "Recurred" if p.progression else "Not Recurred",
        ]
        for i, p in enumerate(PEOPLE)
    ]
    return save(path, head, *rows)


@chart(truths={"survival.pfs.events": PFS_EVENTS})
def rct_with_arms(path: Path) -> Path:
    head = [
        "Subject",
        "Arm",
        "Sex",
        "Age",
        "Randomization date",
        "Best Overall Response",
        "PFS (days)",
        "PFS censor (1=censored)",
        "OS (days)",
        "OS censor (1=censored)",
    ]
    rows = [
        [
            f"001-{p.number:03d}",
            "AB"[p.number % 2],
            p.sex,
            p.age,
            at(p.start),
            p.response,
            pfs(p)[0],
            int(not pfs(p)[1]),
            p.days,
            int(not p.dead),
        ]
        for p in PEOPLE
    ]
    return save(path, head, *rows)


@chart(answers={"deaths": "yes", "rfs": "yes"}, responders=None)
def german_registry(path: Path) -> Path:
    head = [
        "Fallnummer",
        "Geschlecht",
        "Geburtsjahr",
        "Diagnosedatum",
        "OP-Datum",
        "Rezidiv (ja/nein)",
        "Rezidivdatum",
        "Letzter Vitalstatus",
        "Datum letzter Vitalstatus",
        "Todesursache",
    ]
    rows = [
        [
            p.number,
            "M" if p.sex == "male" else "W",
            p.start.year - p.age,
            (p.start - timedelta(days=14)).strftime("%d.%m.%Y"),
            p.start.strftime("%d.%m.%Y"),
            "ja" if p.progression else "nein",
            p.progressed.strftime("%d.%m.%Y") if p.progressed else "",
            "verstorben" if p.dead else "lebt",
            p.last.strftime("%d.%m.%Y"),
            "Tumor" if p.dead else "",
        ]
        for p in PEOPLE
    ]
    return save(path, head, *rows)


@chart(responders=None)
def case_series_table(path: Path) -> Path:
    """As a table of a case series prints it."""
    rows = [
        [
            p.number,
            f"{p.age}/{'M' if p.sex == 'male' else 'F'}",
            "Liver, lung",
            p.response,
            f"{months(p)}{'' if p.dead else '+'}",
            "DOD" if p.dead else "AWD",
        ]
        for p in PEOPLE
    ]
    return save(path, ["Case", "Age/Sex", "Sites", "Response", "OS (mo)", "Status"], *rows)


@chart(responders=None)
def followup_years_comma(path: Path) -> Path:
    lines = ["ID\tAlter\tÜberlebenszeit (Jahre)\tverstorben"]
    for p in PEOPLE:
        lines.append(
            f"{p.number}\t{p.age}\t{p.days / 365.25:.4f}\t{'ja' if p.dead else 'nein'}".replace(
                ".", ","
            )
        )
    f = path / "daten.tsv"
    f.write_text("\n".join(lines), encoding="utf-16")
    return f


@chart(answers={"deaths": "yes"}, responders=None)
def sav_with_dates(path: Path) -> Path:
    import pandas as pd
    import pyreadstat

    d = pd.DataFrame(
        {
            "ID": [p.number for p in PEOPLE],
            "Geschl": [1.0 if p.sex == "male" else 2.0 for p in PEOPLE],
            "Th_Beginn": [p.start for p in PEOPLE],
            "LKontakt": [p.last for p in PEOPLE],
            "Vital": [1.0 if p.dead else 0.0 for p in PEOPLE],
        }
    )
    pyreadstat.write_sav(
        d,
        str(path / "x.sav"),
        column_labels=[
            "Patientennummer",
            "Geschlecht",
            "Therapiebeginn",
            "Letzter Kontakt",
            "Vitalstatus",
        ],
        variable_value_labels={
            "Geschl": {1.0: "männlich", 2.0: "weiblich"},
            "Vital": {0.0: "lebt", 1.0: "verstorben"},
        },
    )
    return path / "x.sav"


@chart(answers={"os": "0"}, responders=None)
def xpt_reduced(path: Path) -> Path:
    import pandas as pd
    import pyreadstat

    d = pd.DataFrame(
        {
            "USUBJID": [f"S{p.number:03d}" for p in PEOPLE],
            "AGE": [float(p.age) for p in PEOPLE],
            "OSDUR": [float(p.days) for p in PEOPLE],
            "OSCNSR": [float(not p.dead) for p in PEOPLE],
        }
    )
    pyreadstat.write_xport(
        d,
        str(path / "adsl.xpt"),
        column_labels=["Subject", "Age", "Overall Survival (days)", "OS Censoring Flag"],
        file_format_version=5,
    )
    return path / "adsl.xpt"


@chart(responders=None)
def parquet_reduced(path: Path) -> Path:
    import polars as pl

    pl.DataFrame(
        {
            "patient_id": [p.number for p in PEOPLE],
            "age": [p.age for p in PEOPLE],
            "os_days": [p.days for p in PEOPLE],
            "dead": [p.dead for p in PEOPLE],
        }
    ).write_parquet(path / "x.parquet")
    return path / "x.parquet"

"""Exports of registries, repositories and trials (synthetic patients; the forms are real)."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

from charts_public import PFS, PFS_EVENTS, PFS_MEDIAN, PROGRESSED, TTP, TTP_MEDIAN, table
from cohort import DEATHS, MONTH, OS_MEDIAN, PEOPLE, N, Person, chart, km_median, months

WHOLE = [int(p.days / MONTH) for p in PEOPLE]
WHOLE_MEDIAN = km_median([float(m) for m in WHOLE], [p.dead for p in PEOPLE])
OF_CANCER = sum(p.dead and p.number % 4 != 0 for p in PEOPLE)


@chart(
    responders=None,
    median=WHOLE_MEDIAN,
    truths={"baseline.age.median": 59.5},
)
def seer_case_listing(path: Path) -> Path:
    head = [
        "Patient ID", "Age recode with single ages and 85+", "Sex", "Year of diagnosis",
        "Vital status recode (study cutoff used)", "Survival months", "Survival months flag",
        "COD to site recode", "SEER cause-specific death classification", "Sequence number",
    ]  # fmt: skip
    rows = [
        [
            f"{p.number:08d}", f"{p.age} years", p.sex.title(), p.start.year,
            "Dead" if p.dead else "Alive", f"{int(p.days / MONTH):04d}",
            "Complete dates are available and there are more than 0 days of survival",
            ("Kidney and Renal Pelvis" if p.number % 4 else "Diseases of Heart")
            if p.dead else "Alive",
            "Dead (attributable to this cancer dx)" if p.dead and p.number % 4
            else "Alive or dead of other cause",
            "One primary only",
        ]
        for p in PEOPLE
    ]  # fmt: skip
    return table(path, "seer.csv", head, rows)


@chart(answers={"os": "0", "sex": "1 = male, 2 = female"}, responders=None)
def ncdb_participant_file(path: Path) -> Path:
    """0 is dead there, 1 is alive."""
    head = [
        "PUF_CASE_ID", "AGE", "SEX", "YEAR_OF_DIAGNOSIS", "PUF_VITAL_STATUS",
        "DX_LASTCONTACT_DEATH_MONTHS", "TNM_CLIN_STAGE_GROUP",
    ]  # fmt: skip
    rows = [
        [f"C{p.number}", p.age, 1 if p.sex == "male" else 2, p.start.year, int(not p.dead),
         months(p), ["3", "4"][p.number % 2]]
        for p in PEOPLE
    ]  # fmt: skip
    return table(path, "ncdb.csv", head, rows)


@chart(responders=None, truths={"survival.rfs.events": float(PROGRESSED)})
def metabric_clinical(path: Path) -> Path:
    head = [
        "PATIENT_ID", "AGE_AT_DIAGNOSIS", "CHEMOTHERAPY", "OS_MONTHS", "OS_STATUS", "VITAL_STATUS",
        "RFS_STATUS", "RFS_MONTHS", "CELLULARITY",
    ]  # fmt: skip
    rows = [
        [
            f"MB-{p.number:04d}", p.age + 0.25, ["NO", "YES"][p.number % 2], months(p),
            "1:DECEASED" if p.dead else "0:LIVING",
            ("Died of Disease" if p.number % 4 else "Died of Other Causes") if p.dead else "Living",
            "1:Recurred" if p.progression else "0:Not Recurred",
            round((p.progression or p.days) / MONTH, 2), ["High", "Moderate", "Low"][p.number % 3],
        ]
        for p in PEOPLE
    ]  # fmt: skip
    return table(path, "metabric.txt", head, rows, "\t")


@chart(answers={"os": "1, days", "dss": "1, days", "pfi": "1, days"}, responders=None)
def xena_survival(path: Path) -> Path:
    head = [
        "sample",
        "_PATIENT",
        "OS",
        "OS.time",
        "DSS",
        "DSS.time",
        "PFI",
        "PFI.time",
        "Redaction",
    ]
    rows = [
        [
            f"TCGA-AA-{p.number:04d}-01", f"TCGA-AA-{p.number:04d}", int(p.dead), p.days,
            int(p.dead and p.number % 4 != 0), p.days, int(e), t, "",
        ]
        for p, (t, e) in zip(PEOPLE, PFS, strict=True)
    ]  # fmt: skip
    return table(path, "survival_KIRC.txt", head, rows, "\t")


@chart(answers={"age_unit": "days"}, responders=None)
def gdc_clinical(path: Path) -> Path:
    """Dots in the names, '-- for missing, ages in days."""
    head = [
        "case_id", "case_submitter_id", "project_id", "age_at_diagnosis", "days_to_death",
        "days_to_last_follow_up", "gender", "vital_status", "ajcc_pathologic_stage",
    ]  # fmt: skip
    rows = [
        [
            f"0a1b-{p.number}", f"TCGA-BB-{p.number:04d}", "TCGA-KIRC", p.age * 365 + 91,
            p.days if p.dead else "'--", "'--" if p.dead else p.days, p.sex,
            "Dead" if p.dead else "Alive", f"Stage {'I' * (1 + p.number % 3)}",
        ]
        for p in PEOPLE
    ]  # fmt: skip
    return table(path, "clinical.tsv", head, rows, "\t")


@chart(answers={"deaths": "yes"}, responders=None)
def krebsregister_flat(path: Path) -> Path:
    """oBDS flat: days as dd.mm.yyyy, the state with its own date."""
    head = [
        "Patient_ID", "Geschlecht", "Geburtsjahr", "Diagnosedatum", "Systemtherapie_Beginn",
        "Verstorben", "Datum_Vitalstatus", "Todesursache", "UICC",
    ]  # fmt: skip
    rows = [
        [
            f"KR{p.number:05d}", "M" if p.sex == "male" else "W", p.start.year - p.age,
            (p.start - timedelta(days=40)).strftime("%d.%m.%Y"), p.start.strftime("%d.%m.%Y"),
            "J" if p.dead else "N", p.last.strftime("%d.%m.%Y"), "C64" if p.dead else "", "IV",
        ]
        for p in PEOPLE
    ]  # fmt: skip
    return table(path, "obds_flat.csv", head, rows, ";")


@chart(responders=None)
def omop_extract(path: Path) -> Path:
    head = [
        "person_id", "gender_concept_id", "year_of_birth", "condition_start_date",
        "drug_exposure_start_date", "death_date", "observation_period_end_date",
    ]  # fmt: skip
    rows = [
        [
            90000 + p.number, 8507 if p.sex == "male" else 8532, p.start.year - p.age,
            p.start - timedelta(days=30), p.start, p.last if p.dead else "", p.last,
        ]
        for p in PEOPLE
    ]  # fmt: skip
    return table(path, "cohort.csv", head, rows)


@chart(responders=None)
def fhir_flat(path: Path) -> Path:
    def stamp(day: date) -> str:
        return f"{day.isoformat()}T00:00:00+01:00"

    head = [
        "Patient.id", "Patient.gender", "Patient.deceasedDateTime", "Condition.onsetDateTime",
        "MedicationStatement.effectivePeriod.start", "Encounter.period.end",
    ]  # fmt: skip
    rows = [
        [
            f"pat-{p.number}", p.sex, stamp(p.last) if p.dead else "",
            stamp(p.start - timedelta(days=30)), stamp(p.start), stamp(p.last),
        ]
        for p in PEOPLE
    ]  # fmt: skip
    return table(path, "fhir.csv", head, rows)


@chart(
    answers={"endpoints_of_rows": "yes"},
    responders=None,
    truths={
        "survival.pfs.events": float(PFS_EVENTS),
        "survival.pfs.median": PFS_MEDIAN,
    },
)
def adtte_of_two_parameters(path: Path) -> Path:
    """One row per parameter; CNSR 1 is censored."""
    head = ["STUDYID", "USUBJID", "TRTA", "SEX", "AGE", "PARAMCD", "PARAM", "AVAL", "AVALU", "CNSR"]
    rows: list[list[Any]] = []
    for p, (t, e) in zip(PEOPLE, PFS, strict=True):
        who = ["ABC", f"ABC-{p.number:03d}", ["A", "B"][p.number % 2], p.sex[0].upper(), p.age]
        rows.append([*who, "OS", "Overall Survival", p.days, "DAYS", int(not p.dead)])
        rows.append([*who, "PFS", "Progression-Free Survival", t, "DAYS", int(not e)])
    return table(path, "adtte.csv", head, rows)


@chart(
    answers={"is_last_contact": "yes", "ctcae": "none"},
    responders=sum(p.response in ("CR", "PR") for p in PEOPLE),
)
def sdtm_domains(path: Path) -> Path:
    folder = path / "sdtm"
    folder.mkdir()
    head = ["STUDYID", "DOMAIN", "USUBJID", "RFSTDTC", "RFENDTC", "DTHDTC", "DTHFL", "AGE", "AGEU",
            "SEX", "ARM"]  # fmt: skip
    rows = [
        ["ABC", "DM", f"ABC-{p.number:03d}", p.start, p.last, p.last if p.dead else "",
         "Y" if p.dead else "", p.age, "YEARS", p.sex[0].upper(), "A"]
        for p in PEOPLE
    ]  # fmt: skip
    table(folder, "dm.csv", head, rows)
    head = ["STUDYID", "DOMAIN", "USUBJID", "RSSEQ", "RSTESTCD", "RSTEST", "RSORRES", "RSSTRESC",
            "VISIT", "RSDTC"]  # fmt: skip
    rows = []
    for p in PEOPLE:
        for nth, day in enumerate((30, 59)):
            rows.append(["ABC", "RS", f"ABC-{p.number:03d}", nth + 1, "OVRLRESP",
                         "Overall Response", p.response, p.response, f"WEEK {4 * nth + 4}",
                         p.start + timedelta(days=day)])  # fmt: skip
    table(folder, "rs.csv", head, rows)
    head = ["STUDYID", "DOMAIN", "USUBJID", "AESEQ", "AETERM", "AEDECOD", "AETOXGR", "AESTDTC",
            "AESER"]  # fmt: skip
    rows = [
        ["ABC", "AE", f"ABC-{p.number:03d}", 1, "diarrhoea", "Diarrhoea", 1 + p.number % 3,
         p.start + timedelta(days=9), "N"]
        for p in PEOPLE if p.number % 2
    ]  # fmt: skip
    table(folder, "ae.csv", head, rows)
    head = ["STUDYID", "DOMAIN", "USUBJID", "DSSEQ", "DSTERM", "DSDECOD", "DSCAT", "DSSTDTC"]
    rows = [
        ["ABC", "DS", f"ABC-{p.number:03d}", 1, "DEATH" if p.dead else "COMPLETED",
         "DEATH" if p.dead else "COMPLETED", "DISPOSITION EVENT", p.last]
        for p in PEOPLE
    ]  # fmt: skip
    table(folder, "ds.csv", head, rows)
    return folder


@chart(responders=None)
def redcap_with_repeats(path: Path) -> Path:
    """Longitudinal, with a repeating instrument of scans; labels in a dictionary are absent."""
    head = [
        "record_id", "redcap_event_name", "redcap_repeat_instrument", "redcap_repeat_instance",
        "sex", "age", "treatment_start", "last_contact", "vital_status", "death_date",
        "demographics_complete", "scan_date", "scan_sum_mm", "scans_complete",
    ]  # fmt: skip
    rows: list[list[Any]] = []
    for p in PEOPLE:
        blank = ["", "", ""]
        rows.append(
            [p.number, "baseline_arm_1", "", "", p.sex, p.age, p.start, "", "", "", 2, *blank]
        )
        rows.append([p.number, "followup_arm_1", *[""] * 5, p.last,
                     ["alive", "dead"][p.dead], p.last if p.dead else "", "", *blank])  # fmt: skip
        for nth in (1, 2):
            rows.append([p.number, "baseline_arm_1", "scans", nth, *[""] * 7,
                         p.start + timedelta(days=60 * nth - 70), 40 + nth, 2])  # fmt: skip
    return table(path, "redcap.csv", head, rows)


@chart(responders=None)
def spss_in_german(path: Path) -> Path:
    import polars as pl
    import pyreadstat

    frame = pl.DataFrame(
        [[p.number, p.age, 1 + int(p.sex == "female"), months(p), 1 + int(p.dead)] for p in PEOPLE],
        schema=["lfdnr", "alter", "geschl", "ueberleb", "stat"],
        orient="row",
    )
    file = path / "daten.sav"
    pyreadstat.write_sav(
        frame,
        str(file),
        column_labels=["Laufende Nummer", "Alter bei Therapiebeginn", "Geschlecht",
                       "Gesamtüberleben (Monate)", "Status bei letztem Kontakt"],
        variable_value_labels={"geschl": {1.0: "männlich", 2.0: "weiblich"},
                               "stat": {1.0: "lebt", 2.0: "verstorben"}},
    )  # fmt: skip
    return file


@chart(answers={"deaths": "yes"}, responders=None)
def stata_with_dates(path: Path) -> Path:
    import polars as pl
    import pyreadstat

    frame = pl.DataFrame(
        [[p.number, p.start, p.last, int(p.dead)] for p in PEOPLE],
        schema=["patid", "start_tx", "last_fup", "died"],
        orient="row",
    )
    file = path / "cohort.dta"
    pyreadstat.write_dta(frame, str(file), variable_value_labels={"died": {0: "No", 1: "Yes"}})
    return file


@chart(
    answers={"endpoints_of_rows": "1 = rfs, 2 = os, event_value = 1, time_unit = days"},
    responders=None,
    endpoint="rfs",
    deaths=PROGRESSED,
    median=TTP_MEDIAN,
    truths={"survival.os.events": float(DEATHS), "survival.os.median": OS_MEDIAN},
)
def two_event_types(path: Path) -> Path:
    """Two rows for each patient, as in trials of adjuvant therapy: one study, two endpoints."""
    head = ["", "id", "arm", "sex", "age", "status", "time", "etype"]
    rows: list[list[Any]] = []
    for p, t in zip(PEOPLE, TTP, strict=True):
        base = [p.number, ["A", "B"][p.number % 2], p.sex, p.age]
        rows.append([len(rows) + 1, *base, int(p.progression is not None), t, 1])
        rows.append([len(rows) + 1, *base, int(p.dead), p.days, 2])
    return table(path, "adjuvant.csv", head, rows)


@chart(
    answers={
        "rows_per_patient": "last",
        "endpoint": "name = os, event_value = 1, time_unit = days",
    },
    responders=None,
)
def counting_process(path: Path) -> Path:
    """A row per interval with start and stop: death is in the last."""
    head = ["", "id", "start", "stop", "event", "age", "transplant"]
    rows: list[list[Any]] = []
    for p in PEOPLE:
        cut = p.days // 3
        if p.number % 2:
            rows.append([len(rows) + 1, p.number, 0, p.days, int(p.dead), p.age, 0])
        else:
            rows.append([len(rows) + 1, p.number, 0, cut, 0, p.age, 0])
            rows.append([len(rows) + 1, p.number, cut, p.days, int(p.dead), p.age, 1])
    return table(path, "heart.csv", head, rows)


@chart(
    answers={"rows_per_patient": "first", "os": "event_value = 1, time_unit = days"},
    responders=None,
)
def visits_with_survival(path: Path) -> Path:
    """A row per visit; survival is the same in all rows of a patient (as in pbcseq)."""
    head = ["", "id", "futime", "status", "age", "day", "bili"]
    rows: list[list[Any]] = []
    for p in PEOPLE:
        for nth in range(1 + p.number % 4):
            rows.append([len(rows) + 1, p.number, p.days, int(p.dead), p.age, 90 * nth, 1.1 + nth])
    return table(path, "seq.csv", head, rows)


@chart(answers={"endpoint": "name = os, event_value = 1, time_unit = days"}, responders=None)
def a_time_and_a_delta(path: Path) -> Path:
    """No column names a patient, and names say little."""
    rows = [[p.number, 1 + p.number % 2, p.days, int(p.dead)] for p in PEOPLE]
    return table(path, "tongue.csv", ["", "type", "time", "delta"], rows)


@chart(
    answers={"endpoint": "name = os, time = t1, event = d1, event_value = 1, time_unit = days"},
    responders=None,
)
def times_by_number(path: Path) -> Path:
    """t1, d1: nothing says which endpoint, and which belong together."""
    rows = [
        [p.number, 1 + p.number % 3, p.days, t, int(p.dead), int(p.progression is not None)]
        for p, t in zip(PEOPLE, TTP, strict=True)
    ]
    return table(path, "bmt.csv", ["", "group", "t1", "t2", "d1", "d2"], rows)


@chart(answers={"os": "1", "age_unit": "months"}, responders=None)
def ages_in_months(path: Path) -> Path:
    rows = [[p.number, p.age * 12 + 3, months(p), int(p.dead)] for p in PEOPLE]
    return table(path, "wilms.csv", ["id", "age", "os_months", "os_event"], rows)


@chart(answers={"endpoint": "name = os, event_value = 1, time_unit = days"}, responders=None)
def a_time_before_diagnosis(path: Path) -> Path:
    """stime is the survival, diag.time the time since diagnosis."""
    rows = [
        [p.days, int(p.dead), 1 + p.number % 2, p.age, 50, p.number % 12 + 1, 1 + p.number % 4, 0]
        for p in PEOPLE
    ]
    head = ["stime", "status", "treat", "age", "Karn", "diag.time", "cell", "prior"]
    return table(path, "va.csv", head, rows)


@chart(
    answers={
        "rows_per_patient": "first",
        "endpoint": "name = rfs, event_value = 1, time_unit = days",
    },
    responders=None,
    endpoint="rfs",
    deaths=PROGRESSED,
    median=TTP_MEDIAN,
)
def recurrent_events(path: Path) -> Path:
    """A row per recurrence with start and stop: all but the last end with an event."""
    head = ["", "id", "treat", "tstart", "tstop", "status", "age"]
    rows: list[list[Any]] = []
    for p, t in zip(PEOPLE, TTP, strict=True):
        rows.append([len(rows) + 1, p.number, "A", 0, t, int(p.progression is not None), p.age])
        if p.progression is not None and t < p.days:
            rows.append([len(rows) + 1, p.number, "A", t, p.days, 0, p.age])
    return table(path, "infections.csv", head, rows)


def person(p: Person) -> list[Any]:
    return [p.number, p.age]


assert N == 24 and OF_CANCER

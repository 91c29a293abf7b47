"""Further downloads: exports with events, portals, hospital systems, packages (synthetic)."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

from charts_abroad import pfs
from charts_public import table
from charts_tongues import WOMEN, death
from cohort import MONTH, PEOPLE, chart


def day(value: date | None) -> str:
    return "" if value is None else value.isoformat()


@chart(responders=None, truths=WOMEN)
def redcap_labels_with_events(path: Path) -> Path:
    """The export with labels calls its columns `Event Name` and `Repeat Instrument`."""
    head = ["Record ID", "Event Name", "Repeat Instrument", "Repeat Instance", "Sex",
            "Metastatic sites (choice=Liver)", "Start date of treatment",
            "Date of last follow-up", "Vital status", "Date of death"]  # fmt: skip
    rows: list[list[Any]] = []
    for p in PEOPLE:
        box = "Checked" if p.number % 2 else "Unchecked"
        rows.append([p.number, "Baseline (Arm 1: Drug)", "", "", p.sex.title(), box, day(p.start),
                     "", "", ""])  # fmt: skip
        rows.append([p.number, "Follow-up (Arm 1: Drug)", "", "", "", "", "", day(p.last),
                     "Dead" if p.dead else "Alive", day(death(p))])  # fmt: skip
    return table(path, "Study_DATA_LABELS.csv", head, rows)


@chart(
    responders=None,
    answers={"vital_status": "1", "sex": "1", "rows_of_followup": "last"},
    truths=WOMEN,
)
def redcap_with_an_instrument_of_follow_up(path: Path) -> Path:
    """It repeats: the last contact is that of the last instance."""
    head = ["record_id", "redcap_event_name", "redcap_repeat_instrument", "redcap_repeat_instance",
            "sex", "age", "sites___1", "baseline_complete", "tx_start_date", "fu_date",
            "fu_status", "fu_death_date", "followup_complete"]  # fmt: skip
    rows: list[list[Any]] = []
    for p in PEOPLE:
        rows.append([p.number, "baseline_arm_1", "", "", 1 if p.sex == "male" else 2, p.age,
                     p.number % 2, 2, day(p.start), "", "", "", ""])  # fmt: skip
        first = p.start + timedelta(days=30)
        rows.append([p.number, "baseline_arm_1", "followup", 1, *[""] * 5, day(first), 0, "", 2])
        rows.append([p.number, "baseline_arm_1", "followup", 2, *[""] * 5, day(p.last),
                     int(p.dead), day(death(p)), 2])  # fmt: skip
    return table(path, "Study_DATA.csv", head, rows)


@chart(responders=None, answers={"rows_of_data_clinical_sample": "first"})
def cbioportal_samples_beside_patients(path: Path) -> Path:
    """Some patients have two samples; which one gives the covariates of samples is asked."""
    folder = path / "study"
    folder.mkdir()
    people = ["#Patient Identifier\tOverall Survival Status\tOverall Survival (Months)",
              "#Identifier\tStatus\tMonths", "#STRING\tSTRING\tNUMBER", "#1\t1\t1",
              "PATIENT_ID\tOS_STATUS\tOS_MONTHS"]  # fmt: skip
    samples = ["#Patient Identifier\tSample Identifier\tTMB", "#x\tx\tx",
               "#STRING\tSTRING\tNUMBER", "#1\t1\t1",
               "PATIENT_ID\tSAMPLE_ID\tTMB_NONSYNONYMOUS"]  # fmt: skip
    for p in PEOPLE:
        status = "1:DECEASED" if p.dead else "0:LIVING"
        people.append(f"P-{p.number:03d}\t{status}\t{p.days / MONTH:.3f}")
        for nth in range(1, 3 if p.number % 5 == 0 else 2):
            samples.append(f"P-{p.number:03d}\tP-{p.number:03d}-T{nth}\t{p.number / nth:.2f}")
    (folder / "data_clinical_patient.txt").write_text("\n".join(people) + "\n")
    (folder / "data_clinical_sample.txt").write_text("\n".join(samples) + "\n")
    return folder


@chart(responders=None, answers={"dss": "1", "pfi": "1, days"})
def tcga_endpoints_without_units(path: Path) -> Path:
    """The days to death and to the last contact say that OS.time is in days."""
    head = ["bcr_patient_barcode", "vital_status", "last_contact_days_to", "death_days_to", "OS",
            "OS.time", "DSS", "DSS.time", "PFI", "PFI.time"]  # fmt: skip
    rows = []
    for p in PEOPLE:
        time, event = pfs(p)
        rows.append([f"TCGA-{p.number:04d}", "Dead" if p.dead else "Alive",
                     "#N/A" if p.dead else p.days, p.days if p.dead else "#N/A", int(p.dead),
                     p.days, int(p.dead), p.days, int(event), time])  # fmt: skip
    return table(path, "cdr.csv", head, rows)


@chart(responders=None)
def a_status_of_a_receptor_beside_the_status(path: Path) -> Path:
    head = ["Age", "T Stage ", "Estrogen Status", "Progesterone Status", "Survival Months",
            "Status"]  # fmt: skip
    rows = [
        [p.age, "T1", "Positive" if p.number % 3 else "Negative", "Positive",
         f"{p.days / MONTH:.3f}", "Dead" if p.dead else "Alive"]
        for p in PEOPLE
    ]  # fmt: skip
    return table(path, "breast.csv", head, rows)


@chart(
    responders=None,
    answers={"age_unit": "days", "endpoint": "os, D = event, C = censored, CL = censored"},
)
def letters_of_a_trial_of_cirrhosis(path: Path) -> Path:
    """The endpoint is said first, the values by their names."""
    rows = [
        [p.number, p.days, "D" if p.dead else ("CL" if p.number == 1 else "C"), p.age * 365 + 99]
        for p in PEOPLE
    ]
    return table(path, "cirrhosis.csv", ["ID", "N_Days", "Status", "Age"], rows)


@chart(responders=None)
def a_web_page_named_as_a_workbook(path: Path) -> Path:
    """As hospital systems save them: HTML in a file that ends with .xls."""
    names = ["ID", "Age", "Start", "Death", "Last seen"]
    rows = [[p.number, p.age, day(p.start), day(death(p)), day(p.last)] for p in PEOPLE]
    cells = "".join("<tr>" + "".join(f"<td>{v}</td>" for v in r) + "</tr>" for r in rows)
    head = "<tr>" + "".join(f"<th>{n}</th>" for n in names) + "</tr>"
    file = path / "export.xls"
    file.write_text(f"<html><body><table>{head}{cells}</table></body></html>")
    return file


@chart(
    responders=None,
    answers={"rows_per_patient": "last", "endpoint": "os, 1, days"},
    truths={"baseline.age.count[level=60_69_years]": float(sum(p.age < 70 for p in PEOPLE))},
)
def sizes_and_ages_as_bands(path: Path) -> Path:
    """A row per scan of a trial; ages are bands under the name `age`."""
    head = ["", "id", "new.lesions", "trt", "age", "tumor.size", "timew0", "time", "status"]
    rows: list[list[Any]] = []
    for p in PEOPLE:
        band = "60-69 years" if p.age < 70 else ">=70 years"
        for time in (0, 60, 120) if p.days > 130 else (0,):
            rows.append([len(rows) + 1, p.number, 0, "S", band, 1.5 - time / 600, time, p.days,
                         int(p.dead)])  # fmt: skip
    return table(path, "colorectal.csv", head, rows)


def intervals(p: Any) -> list[tuple[int, int]]:
    """From the start to the progression, and from there to the end."""
    if p.progression and p.progression < p.days:
        return [(0, p.progression), (p.progression, p.days)]
    return [(0, p.days)]


@chart(responders=None, answers={"rows_per_patient": "last", "endpoint": "os, 1, days"})
def intervals_named_time0_and_time1(path: Path) -> Path:
    head = ["id", "time0", "time1", "new.lesions", "treatment", "state"]
    rows = [
        [p.number, a, b, int(b < p.days), "S", int(p.dead and b == p.days)]
        for p in PEOPLE
        for a, b in intervals(p)
    ]
    return table(path, "state.csv", head, rows)


@chart(responders=None, answers={"rows_per_patient": "last", "endpoint": "os, death, 1, days"})
def intervals_with_two_kinds_of_events(path: Path) -> Path:
    """Readmissions and death: which of them is meant is asked."""
    head = ["id", "enum", "t.start", "t.stop", "event", "sex", "death"]
    rows = [
        [p.number, nth + 1, a, b, int(b < p.days), p.sex.title(), int(p.dead and b == p.days)]
        for p in PEOPLE
        for nth, (a, b) in enumerate(intervals(p))
    ]
    return table(path, "readmission.csv", head, rows)


@chart(
    responders=None,
    answers={"endpoint": "os, 0 = censored, 1 = event, 2 = event, months"},
)
def time_and_cause(path: Path) -> Path:
    rows = [
        [p.days / MONTH, (1 + p.number % 2) if p.dead else 0, 100 + p.number + (p.number > 12) * 7]
        for p in PEOPLE
    ]
    return table(path, "bmt.csv", ["time", "cause", "platelet"], rows)

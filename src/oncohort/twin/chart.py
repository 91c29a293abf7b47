"""The record tables of a twin: dates, scans, laboratory values, doses and events that agree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from random import Random

from oncohort.dataclass import dataclass
from oncohort.twin.lesions import lesion_rows, scan_days
from oncohort.twin.patients import Patient

CUTOFF = date(2020, 6, 30)
DRUG = "study_drug"
DOSE = 100.0
Rows = dict[str, list[dict[str, object]]]

LABS: Mapping[str, tuple[str, str, float | None, float | None]] = {
    "crp": ("CRP", "mg/dL", None, 0.3),
    "ldh": ("LDH", "U/L", 124.0, 222.0),
    "albumin": ("Albumin", "g/dL", 4.1, 5.1),
    "hemoglobin": ("Hemoglobin", "g/dL", 12.0, 16.0),
}
"""First word of a variable's key to test, unit and the laboratory's limits."""

IMDC = frozenset({"favorable", "intermediate", "poor"})


@dataclass(frozen=True, slots=True)
class Plan:
    """How the variables are charted.

    ``labs``: keys of variables that are laboratory values; ``imdc``: key of the IMDC group, or
    empty; ``terms``: label of each adverse event; ``graded``: terms whose grades 1 and 2 are
    printed apart; ``lesions``: whether scans are charted; ``columns``: where values of a variable
    stand, if not in a column of its own key.
    """

    labs: frozenset[str] = frozenset()
    imdc: str = ""
    terms: Mapping[str, str] | None = None
    graded: frozenset[str] = frozenset()
    lesions: bool = True
    columns: Mapping[str, str] | None = None


def lab_of(key: str) -> tuple[str, str, float | None, float | None] | None:
    """Test, unit and limits of a variable that is a laboratory value; None for others.

    Examples
    --------
    >>> lab_of("crp_mg_dl")[:2], lab_of("sex")
    (('CRP', 'mg/dL'), None)
    """
    first, _, rest = key.partition("_")
    if first not in LABS:
        return None
    test, unit, low, high = LABS[first]
    if first == "crp" and rest.endswith("mg_l"):
        return test, "mg/L", low, 3.0
    return test, unit, low, high


def _start(rng: Random, p: Patient) -> date:
    newest = CUTOFF - timedelta(days=p.os + 5)
    if not p.dead:
        return newest - timedelta(days=rng.randrange(0, 50))
    return newest - timedelta(days=rng.randrange(0, 1200))


def _scans(rng: Random, p: Patient) -> list[int]:
    if p.without_progression:
        return []
    days = scan_days(rng, p.pfs)
    if p.progressed and p.response == "PD":
        return [p.pfs]
    if p.progressed and len(days) == 1 and p.pfs > 1:
        # Whatever was seen before progression needs a scan of its own, however early.
        return [p.pfs // 2, p.pfs]
    return days


def _mode(rng: Random, p: Patient) -> str:
    if not p.progressed or p.without_progression:
        return "none"
    if p.response == "CR":
        return "new"
    u = rng.random()
    return "growth" if u < 0.6 else "new" if u < 0.9 else "non-target"


def _lesions(
    rng: Random, patient: str, p: Patient, start: date, days: list[int]
) -> list[dict[str, object]]:
    mode = _mode(rng, p)
    count = rng.randrange(3, 6)
    rows = lesion_rows(
        rng,
        best=p.response if p.response in ("CR", "PR", "SD", "PD") and days else "SD",
        days=days or [1],
        later=[],
        baseline_day=-rng.randrange(2, 22),
        sides=["left" if rng.random() < 0.5 else "right" for _ in range(count)],
        mode=mode,
    )
    return [
        {
            "patient": patient,
            "lesion": r.lesion,
            "date": start + timedelta(days=r.day),
            "visit": r.visit,
            "role": r.role,
            "site": r.site,
            "side": r.side,
            "node": "node" in r.site,
            "diameter_mm": r.diameter,
            "status": r.status,
            "method": "CT",
            "slice_mm": 5,
        }
        for r in rows
        if days or r.day < 0
    ]


def _lab_row(
    patient: str, day: date, test: tuple[str, str, float | None, float | None], value: float
) -> dict[str, object]:
    name, unit, low, high = test
    return {
        "patient": patient,
        "date": day,
        "test": name,
        "value": value,
        "unit": unit,
        "lower_limit": low,
        "upper_limit": high,
    }


IMDC_LABS: Mapping[
    str,
    tuple[tuple[str, str, float | None, float | None], tuple[float, float], tuple[float, float]],
] = {
    "hemoglobin": (("Hemoglobin", "g/dL", 12.0, 16.0), (9.2, 11.8), (12.2, 15.4)),
    "calcium": (("Calcium", "mg/dL", 8.8, 10.1), (10.5, 11.4), (9.0, 9.6)),
    "neutrophils": (("Neutrophils", "10^9/L", 1.5, 7.0), (7.3, 9.9), (2.4, 6.6)),
    "platelets": (("Platelets", "10^9/L", 150.0, 350.0), (360.0, 520.0), (165.0, 340.0)),
}
"""Factor to test, values with the factor, values without."""


HEMOGLOBIN = {"male": 13.5, "female": 11.5}


def _imdc(
    rng: Random, patient: str, group: str, sex: str, start: date
) -> tuple[list[dict[str, object]], float, int]:
    """Laboratory rows, Karnofsky, and days from diagnosis to first therapy that give a group."""
    wanted = {"favorable": 0, "intermediate": rng.choice((1, 1, 2)), "poor": rng.choice((3, 3, 4))}[
        group
    ]
    factors = set(rng.sample(["kps", "time", *IMDC_LABS], wanted))
    day = start - timedelta(days=rng.randrange(0, 15))
    rows = []
    for factor, (test, bad, good) in IMDC_LABS.items():
        low, high = bad if factor in factors else good
        if factor == "hemoglobin" and sex in HEMOGLOBIN:
            test = (*test[:2], HEMOGLOBIN[sex], test[3])
            # Up to the limit of normal from either side: a gap looks like two units.
            limit = HEMOGLOBIN[sex]
            low, high = (low, limit - 0.1) if factor in factors else (limit + 0.1, limit + 3.2)
        value = low + (high - low) * rng.random()
        rows.append(_lab_row(patient, day, test, round(value, 0 if high > 100 else 1)))
    rows.append(
        _lab_row(patient, day, ("Albumin", "g/dL", 3.8, 5.1), 4.0)
    )  # leaves calcium as it is
    kps = 70.0 if "kps" in factors else float(rng.choice((80, 90, 90, 100)))
    gap = rng.randrange(30, 330) if "time" in factors else rng.randrange(400, 2600)
    return rows, kps, gap


def _doses(rng: Random, patient: str, p: Patient, start: date) -> list[dict[str, object]]:
    """Periods without a gap; a reduction, a pause or an increase where the patient had one."""
    steps: list[tuple[int, float, str | None]] = [(0, DOSE, None)]
    at = max(1, p.treated // 4)
    if p.interrupted:
        steps.append((at, 0.0, "toxicity"))
        at += max(1, min(14, p.treated // 10))
        steps.append((at, DOSE / 2 if p.reduced else DOSE, "toxicity, better"))
    elif p.reduced:
        steps.append((at, DOSE / 2, "toxicity"))
    if p.escalated:
        at += max(1, p.treated // 8)
        steps.append((at, DOSE * 1.5, "well tolerated"))
    rows = []
    for k, (day, amount, reason) in enumerate(steps):
        last = steps[k + 1][0] - 1 if k + 1 < len(steps) else p.treated
        rows.append(
            {
                "patient": patient,
                "drug": DRUG,
                "start": start + timedelta(days=day),
                "end": start + timedelta(days=max(day, last)),
                "amount": amount,
                "unit": "mg",
                "times_per_day": 1,
                "reason": reason,
            }
        )
    return rows


def _events(
    rng: Random, patient: str, p: Patient, start: date, plan: Plan
) -> list[dict[str, object]]:
    rows = []
    for term, grade in p.events.items():
        day = rng.randrange(1, max(2, min(60, p.treated, p.os)))
        if grade == 1 and term not in plan.graded and rng.random() < 0.4:
            grade = 2
        end = min(day + rng.randrange(5, 40), p.os)
        end = p.os if grade == 5 else end
        rows.append(
            {
                "patient": patient,
                "term": (plan.terms or {}).get(term, term),
                "start": start + timedelta(days=day),
                "end": start + timedelta(days=end),
                "grade": grade,
                "related": True,
                "drug": DRUG,
                "outcome": "recovered" if grade < 5 else "fatal",
            }
        )
    return rows


def _patient_row(patient: str, p: Patient, start: date, plan: Plan) -> dict[str, object]:
    last, ongoing = start + timedelta(days=p.os), p.stop == "ongoing"
    row: dict[str, object] = {"patient": patient}
    for key, value in p.values.items():
        if key not in plan.labs and key != plan.imdc:
            row[(plan.columns or {}).get(key, key)] = value
    return row | {
        "treatment_start": start,
        "treatment_end": None if ongoing else start + timedelta(days=min(p.treated, p.os)),
        "treatment_end_reason": None if ongoing else p.stop,
        "last_contact": last,
        "vital_status": "dead" if p.dead else "alive",
        "death_date": last if p.dead else None,
    }


def chart(patients: Sequence[Patient], plan: Plan, seed: int) -> Rows:
    """All record tables, every row marked as synthetic."""
    rng = Random(seed)
    names = ["patients", "lesions", "labs", "performance", "doses", "adverse_events"]
    tables: Rows = {name: [] for name in names}
    width = len(str(len(patients)))
    for k, p in enumerate(patients, 1):
        patient = f"SYN-{k:0{width}d}"
        start = _start(rng, p)
        row = _patient_row(patient, p, start, plan)
        if plan.imdc and p.values.get(plan.imdc):
            labs, kps, gap = _imdc(
                rng, patient, str(p.values[plan.imdc]), str(p.values.get("sex", "")), start
            )
            tables["labs"] += labs
            first = start - timedelta(days=rng.randrange(60, 400))
            row["first_systemic_date"] = first
            row["diagnosis_date"] = first - timedelta(days=gap)
            day = start - timedelta(days=rng.randrange(0, 10))
            tables["performance"].append(
                {"patient": patient, "date": day, "scale": "Karnofsky", "value": kps}
            )
        for key in sorted(plan.labs):
            test, value = lab_of(key), p.values.get(key)
            if test is not None and isinstance(value, float):
                tables["labs"].append(_lab_row(patient, start - timedelta(days=3), test, value))
        tables["patients"].append(row)
        if plan.lesions:
            tables["lesions"] += _lesions(rng, patient, p, start, _scans(rng, p))
        tables["doses"] += _doses(rng, patient, p, start)
        tables["adverse_events"] += _events(rng, patient, p, start, plan)
    for rows in tables.values():
        for row in rows:
            row["synthetic"] = "yes"
    return {name: rows for name, rows in tables.items() if rows}

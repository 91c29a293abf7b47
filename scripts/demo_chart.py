"""The chart of the built-in study: rows of every record table, from the courses of demo_cohort."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from random import Random
from typing import Any

from demo_cohort import Course

from oncohort.twin.lesions import lesion_rows, scan_days

CUTOFF = date(2017, 6, 30)
FIRST, LAST = date(2008, 8, 18), date(2016, 9, 12)
Rows = dict[str, list[dict[str, Any]]]
TABLES = (
    "patients",
    "lesions",
    "assessments",
    "labs",
    "performance",
    "doses",
    "adverse_events",
    "therapies",
    "sites",
    "procedures",
)

# Term as charted, patients with any grade, of these with grade 3, highest grade otherwise.
EVENTS = (
    (("Hand-foot skin reaction", "Hand-foot syndrome"), 22, 5, 2),
    (("Hypertension",), 17, 4, 2),
    (("Diarrhea",), 13, 2, 2),
    (("Rash",), 12, 1, 2),
    (("Alopecia",), 9, 0, 2),
    (("ALT", "AST", "Bilirubin"), 9, 5, 2),
    (("Anorexia",), 6, 1, 2),
    (("Stomatitis",), 5, 0, 2),
    (("Hoarseness",), 5, 0, 2),
)


def _pick(rng: Random, items: Iterable[Any], k: int) -> list[Any]:
    pool = list(items)
    rng.shuffle(pool)
    return pool[:k]


def start_dates(rng: Random, courses: list[Course]) -> list[date]:
    """Treatment starts that fit the follow-up: cytokines early, those alive seen until 2017."""
    starts: list[date] = []
    for c in courses:
        newest = min(LAST, CUTOFF - timedelta(days=c.os + 5))
        if c.dead:
            oldest = FIRST if c.has["cytokine"] else date(2009, 6, 1)
            span = (newest - oldest).days
            share = rng.random() ** (1.8 if c.has["cytokine"] else 0.9)
            starts.append(oldest + timedelta(days=round(span * share)))
        else:
            starts.append(newest - timedelta(days=rng.randrange(0, 50)))
    early = min(
        (i for i, c in enumerate(courses) if c.dead and c.has["cytokine"]), key=lambda i: starts[i]
    )
    starts[early] = FIRST
    late = max(
        (i for i, c in enumerate(courses) if c.os < (CUTOFF - LAST).days - 4),
        key=lambda i: starts[i],
    )
    starts[late] = LAST
    return starts


def _factors(rng: Random, c: Course) -> set[str]:
    """Which IMDC factors are present: none, one or two, three or four."""
    if c.imdc == "favorable":
        return set()
    order = ["hemoglobin", "time", "hemoglobin", "time", "neutrophils", "platelets", "calcium"]
    order += ["kps", "hemoglobin"]
    wanted = (1 if rng.random() < 0.55 else 2) if c.imdc == "intermediate" else 3
    if c.imdc == "poor" and rng.random() < 0.35:
        wanted = 4
    found: set[str] = set()
    while len(found) < wanted:
        found.add(rng.choice(order))
    return found


def _between(rng: Random, low: float, high: float, digits: int = 1) -> float:
    return round(low + (high - low) * rng.random(), digits)


LIMITS: dict[str, tuple[str, float | None, float | None]] = {
    "Hemoglobin": ("g/dL", 13.7, 16.8),  # men; women have 11.6 to 14.8
    "Neutrophils": ("10^9/L", 1.5, 7.0),
    "Platelets": ("10^9/L", 158, 348),
    "Calcium": ("mg/dL", 8.8, 10.1),
    "Albumin": ("g/dL", 4.1, 5.1),
    "CRP": ("mg/dL", None, 0.3),
    "LDH": ("U/L", 124, 222),
    "Creatinine": ("mg/dL", 0.65, 1.07),  # men; women have 0.46 to 0.79
}


def _panel(rng: Random, c: Course, factors: set[str], male: bool, crp: float) -> dict[str, float]:
    """One panel of baseline values with just these IMDC factors."""
    low_hb = 13.7 if male else 11.6
    albumin = _between(rng, 3.9, 4.6)
    calcium = _between(rng, 9.0, 9.6)
    if "calcium" in factors:
        if rng.random() < 0.5:  # hidden by low albumin: only the corrected value is above
            albumin, calcium = 3.0, _between(rng, 9.6, 9.9)
        else:
            calcium = _between(rng, 10.6, 11.4)
    elif c.imdc != "favorable" and rng.random() < 0.3:
        albumin, calcium = _between(rng, 3.2, 3.6), _between(rng, 8.4, 8.8)
    hb = _between(rng, low_hb - 3.4, low_hb - 0.2)
    if "hemoglobin" not in factors:
        hb = _between(rng, low_hb, low_hb + 2.2)
    return {
        "Hemoglobin": hb,
        "Neutrophils": _between(rng, 7.2, 9.8)
        if "neutrophils" in factors
        else _between(rng, 2.4, 6.8),
        "Platelets": _between(rng, 355, 520, 0)
        if "platelets" in factors
        else _between(rng, 165, 340, 0),
        "Calcium": calcium,
        "Albumin": albumin,
        "CRP": crp,
        "LDH": _between(rng, 240, 420, 0) if rng.random() < 0.25 else _between(rng, 135, 220, 0),
        "Creatinine": _between(rng, 0.8, 1.5, 2) if male else _between(rng, 0.6, 1.1, 2),
    }


def _lab_rows(
    patient: str, day: date, values: dict[str, float], male: bool
) -> list[dict[str, Any]]:
    rows = []
    for test, value in values.items():
        unit, low, high = LIMITS[test]
        if not male and test == "Hemoglobin":
            low, high = 11.6, 14.8
        if not male and test == "Creatinine":
            low, high = 0.46, 0.79
        rows.append(
            {
                "patient": patient,
                "date": day,
                "test": test,
                "value": value,
                "unit": unit,
                "lower_limit": low,
                "upper_limit": high,
            }
        )
    return rows


def _dose_rows(
    rng: Random, patient: str, start: date, end: date, events: list[dict[str, Any]], reduce: bool
) -> list[dict[str, Any]]:
    """Periods without a gap from the first to the last dose; the events say what was done.

    The worst early event lowers the dose (or only interrupts it); a later one may lower it again.
    """
    days = (end - start).days
    mine = [
        e
        for e in events
        if e["patient"] == patient and e["related"] and start < e["start"] <= end
        if (e["start"] - start).days < days - 14
    ]
    mine.sort(key=lambda e: (-e["grade"], e["start"]))
    cuts: list[tuple[int, float, float, str | None]] = [(0, 400, 2, None)]
    if mine and (reduce or mine[0]["grade"] == 3 or rng.random() < 0.2):
        cause = mine[0]
        why = str(cause["term"]).lower() if cause["term"] not in ("ALT", "AST") else cause["term"]
        at = (cause["start"] - start).days + 1
        pause = rng.randrange(7, 19)
        if at + pause + 3 > days:
            pause = 0
        if pause and (not reduce or cause["grade"] == 3 or rng.random() < 0.4):
            cuts.append((at, 0, 0, why))
            at += pause
            cuts.append((at, 400, 1 if reduce else 2, f"{why}, better"))
            cause["action"] = "dose reduced" if reduce else "dose interrupted"
        elif reduce:
            cuts.append((at, 400, 1, why))
            cause["action"] = "dose reduced"
        again = [e for e in mine[1:] if (e["start"] - start).days > at + 10 and e["grade"] > 1]
        if reduce and again and days - (again[0]["start"] - start).days > 20:
            cuts.append(
                ((again[0]["start"] - start).days + 1, 400, 0.5, str(again[0]["term"]).lower())
            )
            again[0]["action"] = "dose reduced"
        elif reduce and days - at > 150 and rng.random() < 0.25:
            cuts.append((at + rng.randrange(60, 110), 400, 2, "tolerated, full dose again"))
    rows = []
    for k, (day, amount, times, reason) in enumerate(cuts):
        last = cuts[k + 1][0] - 1 if k + 1 < len(cuts) else days
        rows.append(
            {
                "patient": patient,
                "drug": "sorafenib",
                "start": start + timedelta(days=day),
                "end": start + timedelta(days=last),
                "amount": amount,
                "unit": "mg",
                "times_per_day": times,
                "reason": reason,
            }
        )
    return rows


def _event_grades(rng: Random, n: int, stopped: list[int]) -> list[tuple[int, int, int]]:
    """(patient, term, worst grade): Table III to the patient, 16 with grade 3, all with any.

    Those who stopped for toxicity are among the 16.
    """
    while True:
        others = [p for p in range(n) if p not in stopped]
        severe = stopped + _pick(rng, others, 16 - len(stopped))
        slots = [t for t, (_, _, high, _) in enumerate(EVENTS) for _ in range(high)]
        rng.shuffle(slots)
        high = set(zip(severe, slots[:16], strict=True))
        twice = set(zip(_pick(rng, severe, 2), slots[16:], strict=True))
        if len(high | twice) == 18:
            break
    having: dict[int, set[int]] = {t: set() for t in range(len(EVENTS))}
    for p, t in high | twice:
        having[t].add(p)
    bare = [p for p in range(n) if p not in severe]
    rng.shuffle(bare)
    room = {t: EVENTS[t][1] - len(having[t]) for t in having}
    for p in bare:
        t = rng.choice([t for t in room for _ in range(room[t])])
        having[t].add(p)
        room[t] -= 1
    for t, left in room.items():
        having[t] |= set(_pick(rng, [p for p in range(n) if p not in having[t]], left))
    out = []
    for t, who in having.items():
        for p in sorted(who):
            grade = 3 if (p, t) in high | twice else rng.randrange(1, EVENTS[t][3] + 1)
            out.append((p, t, grade))
    return out


def _adverse_events(
    rng: Random,
    ids: list[str],
    starts: list[date],
    ends: list[date],
    seen: list[date],
    stopped: list[int],
) -> list[dict[str, Any]]:
    """Table III, with rows that repeat a term at another grade and rows that must not count."""
    rows: list[dict[str, Any]] = []

    def add(p: int, term: str, day: int, length: int, grade: int, related: bool, act: str) -> None:
        begin = starts[p] + timedelta(days=day)
        over = begin + timedelta(days=length) <= seen[p]
        rows.append(
            {
                "patient": ids[p],
                "term": term,
                "start": begin,
                "end": begin + timedelta(days=length) if over else None,
                "grade": grade,
                "baseline_grade": None,
                "related": related,
                "drug": "sorafenib" if related else None,
                "serious": grade >= 3 and related and term in ("ALT", "Diarrhea"),
                "action": act,
                "outcome": "recovered" if over else "ongoing",
            }
        )

    having: dict[int, set[int]] = {t: set() for t in range(len(EVENTS))}
    withdrawn: set[int] = set()
    for p, t, grade in _event_grades(rng, len(ids), stopped):
        having[t].add(p)
        terms = EVENTS[t][0]
        on = (ends[p] - starts[p]).days
        day = rng.randrange(5, min(50, on))
        if grade > 1 and rng.random() < 0.4:  # milder at first
            add(p, terms[0], day, rng.randrange(4, 12), grade - 1, True, "none")
            day += rng.randrange(14, 30) if on > 90 else 6
        term = rng.choice(terms)
        if p in stopped and grade == 3 and p not in withdrawn:  # the reason for stopping
            withdrawn.add(p)
            add(p, term, day, rng.randrange(7, 40), 2, True, "none")
            add(p, term, on - rng.randrange(1, 6), rng.randrange(14, 40), 3, True, "drug withdrawn")
            continue
        add(p, term, day, rng.randrange(7, 40), grade, True, "none")
        if grade == 3 and rng.random() < 0.4 and on > 150:  # again, milder, on the lower dose
            add(p, term, day + 60, rng.randrange(7, 30), 1, True, "none")
    # These don't count: before treatment, not related, or long after the last dose.
    free = {t: [p for p in range(len(ids)) if p not in having[t]] for t in having}
    for p in _pick(rng, free[1], 3):
        add(p, "Hypertension", -rng.randrange(200, 900), 150, 2, False, "none")
    for p in _pick(rng, free[2], 2):
        add(p, "Diarrhea", -rng.randrange(20, 60), 9, 2, False, "none")
    for p in _pick(rng, range(len(ids)), 4):
        add(p, "Pain: Back", rng.randrange(20, 55), 20, 3, False, "none")
    for p in _pick(rng, range(len(ids)), 3):
        add(p, "Constipation", rng.randrange(10, 55), 14, 1, False, "none")
    long = [p for p in free[3] if (seen[p] - ends[p]).days > 60]
    for p in _pick(rng, long, 1):
        add(p, "Rash", (ends[p] - starts[p]).days + 45, 10, 3, True, "none")
    for p in _pick(rng, free[6], 1):
        add(p, "Anorexia", 30, 21, 3, False, "none")
    order = {i: k for k, i in enumerate(ids)}
    rows.sort(key=lambda r: (order[r["patient"]], r["start"], r["term"]))
    return rows


def chart(rng: Random, courses: list[Course]) -> Rows:
    """All tables; patients in order of treatment start."""
    starts = start_dates(rng, courses)
    order = sorted(range(len(courses)), key=lambda i: (starts[i], courses[i].pfs))
    courses = [courses[i] for i in order]
    starts = [starts[i] for i in order]
    n = len(courses)
    ids = [f"S{k:02d}" for k in range(1, n + 1)]
    ends = [s + timedelta(days=c.treated) for s, c in zip(starts, courses, strict=True)]
    lasts = [s + timedelta(days=c.os) for s, c in zip(starts, courses, strict=True)]
    tables: Rows = {name: [] for name in TABLES}
    stopped = [i for i in range(n) if courses[i].stop == "toxicity"]
    events = _adverse_events(rng, ids, starts, ends, lasts, stopped)
    reduced = _reduced(rng, ids, events)
    boundary = next(i for i in range(n) if courses[i].has["crp_high"])
    doubtful = next(
        i
        for i, c in enumerate(courses)
        if c.progressed and c.response == "SD" and c.treated - c.pfs > 75
    )
    modes = _modes(rng, courses, doubtful)
    for i, (patient, c, start, end) in enumerate(zip(ids, courses, starts, ends, strict=True)):
        male = c.has["male"]
        factors = _factors(rng, c)
        _history(rng, tables, patient, c, start, end, male, c.age, "time" in factors)
        count = rng.randrange(4, 13) if c.has["four_or_more"] else rng.randrange(1, 4)
        if c.has["bilateral"] or modes[i] == "non-target":
            count = max(count, 3 if modes[i] == "non-target" else 2)
        sides = _sites(rng, tables, patient, start, count, c.has["bilateral"])
        base_day = -rng.randrange(2, 22)
        days = scan_days(rng, c.pfs)
        later: list[int] = []
        last = c.pfs
        while c.progressed and last + 48 <= c.treated:
            last += rng.randrange(42, 78)
            if last <= c.treated + 10 and last < c.os:
                later.append(last)
        if i == doubtful and not later:
            later = [c.pfs + 56]
        for r in lesion_rows(
            rng,
            best=c.response,
            days=days,
            later=later,
            baseline_day=base_day,
            sides=sides,
            mode=modes[i],
            equivocal=i == doubtful,
        ):
            tables["lesions"].append(
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
            )
        crp = (
            0.8
            if i == boundary
            else _between(rng, 0.9, 2.2)
            if rng.random() < 0.5
            else (_between(rng, 2.3, 9.4))
        )
        if not c.has["crp_high"]:
            crp = _between(rng, 0.03, 0.72, 2)
        _labs(rng, tables, patient, c, start, days, factors, male, crp)
        _performance(rng, tables, patient, c, start, days, "kps" in factors)
        tables["doses"] += _dose_rows(rng, patient, start, end, events, patient in reduced)
    tables["adverse_events"] = events
    _screened(rng, tables)
    return tables


def _reduced(rng: Random, ids: list[str], events: list[dict[str, Any]]) -> set[str]:
    """27 patients with a lower dose: those with the worse events more often."""
    weight = {
        i: rng.random() + max(e["grade"] for e in events if e["patient"] == i and e["related"])
        for i in ids
    }
    return set(sorted(weight, key=lambda i: -weight[i])[:27])


def _modes(rng: Random, courses: list[Course], doubtful: int) -> list[str]:
    """How progression shows, every way among those without any calm visit too."""
    out = []
    first = iter(("growth", "new", "non-target", "growth"))
    for i, c in enumerate(courses):
        if not c.progressed:
            out.append("none")
        elif c.response == "PD":
            out.append(next(first))
        elif c.response == "CR" or i == doubtful:
            out.append("new")
        else:
            u = rng.random()
            allowed = c.has["four_or_more"]
            out.append("growth" if u < 0.55 else "non-target" if u > 0.66 and allowed else "new")
    return out


def _history(
    rng: Random,
    tables: Rows,
    patient: str,
    c: Course,
    start: date,
    end: date,
    male: bool,
    age: int,
    early: bool,
) -> None:
    """Patient row, lines of therapy, operations."""
    oldest = date(2008, 4, 14)
    gap = rng.randrange(6, 30)
    length = rng.randrange(90, 420)
    if not c.has["cytokine"]:
        length = max(45, min(length, (start - oldest).days - gap))
    first_end = start - timedelta(days=gap)
    first = first_end - timedelta(days=length)
    before = rng.randrange(25, 330) if early else rng.randrange(400, 2600)
    diagnosed = first - timedelta(days=before)
    spread = first - timedelta(days=rng.randrange(12, min(before, 90) + 1 if before > 12 else 13))
    if early and rng.random() < 0.6:
        spread = diagnosed
    last = start + timedelta(days=c.os)
    histology = "non-clear cell" if c.has["non_clear_cell"] else "clear cell"
    tables["patients"].append(
        {
            "patient": patient,
            "sex": "male" if male else "female",
            "age": age,
            "histology": histology,
            "sarcomatoid": "yes" if c.has["sarcomatoid"] else "no",
            "nephrectomy": "no" if c.has["no_nephrectomy"] else "yes",
            "first_line": "cytokine" if c.has["cytokine"] else "sunitinib",
            "sorafenib_line": 2,
            "diagnosis_date": diagnosed,
            "metastasis_date": spread,
            "first_systemic_date": first,
            "treatment_start": start,
            "treatment_end": end,
            "treatment_end_reason": c.stop,
            "last_contact": last,
            "vital_status": "dead" if c.dead else "alive",
            "death_date": last if c.dead else None,
            "death_cause": "renal cell carcinoma" if c.dead else None,
        }
    )
    drug = rng.choice(("interferon alfa", "interferon alfa", "interleukin-2"))
    drug = drug if c.has["cytokine"] else "sunitinib"
    why = "progression" if rng.random() < 0.85 else "toxicity"

    def line(k: int, drugs: str, begin: date, stop: date | None, reason: str | None) -> None:
        tables["therapies"].append(
            {
                "patient": patient,
                "line": k,
                "drugs": drugs,
                "start": begin,
                "end": stop,
                "stop_reason": reason,
            }
        )

    line(1, drug, first, first_end, why)
    line(2, "sorafenib", start, end, c.stop)
    begin = max(end, start + timedelta(days=c.pfs)) + timedelta(days=rng.randrange(9, 36))
    spare = (last - begin).days
    if c.stop == "progression" and spare > 70 and rng.random() < 0.75:
        third = "axitinib" if begin > date(2012, 8, 1) else "everolimus"
        if begin < date(2010, 4, 1):
            third = "interferon alfa" if not c.has["cytokine"] else "sunitinib"
        if begin > date(2016, 9, 1):
            third = "nivolumab"
        stop = begin + timedelta(days=round(spare * (0.3 + 0.5 * rng.random())))
        line(3, third, begin, stop, "progression" if c.dead or rng.random() < 0.5 else "toxicity")
    if not c.has["no_nephrectomy"]:
        day = diagnosed + timedelta(days=min(rng.randrange(8, 60), (first - diagnosed).days - 5))
        tables["procedures"].append(
            {"patient": patient, "date": day, "kind": "nephrectomy", "lesion": None}
        )
    if rng.random() < 0.12 and not early:
        day = first - timedelta(days=rng.randrange(30, 300))
        tables["procedures"].append(
            {"patient": patient, "date": day, "kind": "metastasectomy", "lesion": None}
        )


def _sites(
    rng: Random, tables: Rows, patient: str, start: date, count: int, bilateral: bool
) -> list[str]:
    """Rows per side; gives the side of each metastasis, both sides first where both have some."""
    day = start - timedelta(days=rng.randrange(2, 22))
    one = "left" if rng.random() < 0.5 else "right"
    parts = {one: count}
    if bilateral:
        left = max(1, min(count - 1, round(count * (0.3 + 0.4 * rng.random()))))
        parts = {"left": left, "right": count - left}
    for side, k in parts.items():
        tables["sites"].append(
            {"patient": patient, "organ": "lung", "side": side, "count": k, "date": day}
        )
    rest = [side for side, k in parts.items() for _ in range(k - 1)]
    rng.shuffle(rest)
    return [*parts, *rest]


def _labs(
    rng: Random,
    tables: Rows,
    patient: str,
    c: Course,
    start: date,
    days: list[int],
    factors: set[str],
    male: bool,
    crp: float,
) -> None:
    """Baseline panel, for some an older one that differs, and some values at each scan."""
    panel = _panel(rng, c, factors, male, crp)
    if rng.random() < 0.35:  # replaced by the later panel of the same window
        older = _panel(rng, c, set(), male, round(crp * (0.4 + 1.2 * rng.random()), 2))
        tables["labs"] += _lab_rows(
            patient, start - timedelta(days=rng.randrange(17, 27)), older, male
        )
    tables["labs"] += _lab_rows(patient, start - timedelta(days=rng.randrange(0, 15)), panel, male)
    for day in days:
        again = {
            "Hemoglobin": round(panel["Hemoglobin"] + 1.4 * rng.random() - 0.9, 1),
            "Platelets": round(panel["Platelets"] * (0.75 + 0.3 * rng.random())),
            "CRP": round(max(0.02, crp * (0.5 + 1.1 * rng.random())), 2),
        }
        tables["labs"] += _lab_rows(patient, start + timedelta(days=day), again, male)


def _performance(
    rng: Random, tables: Rows, patient: str, c: Course, start: date, days: list[int], low: bool
) -> None:
    value = 70 if low else rng.choice((80, 90, 90, 90, 100, 100))
    rows = [(-rng.randrange(0, 10), value)]
    if rng.random() < 0.2:
        rows.insert(0, (-rng.randrange(35, 70), 90))  # too old for a baseline value
    rows += [(d, max(50, value - (10 if rng.random() < 0.25 else 0))) for d in days]
    for day, k in rows:
        tables["performance"].append(
            {
                "patient": patient,
                "date": start + timedelta(days=day),
                "scale": "Karnofsky",
                "value": k,
            }
        )


def _screened(rng: Random, tables: Rows) -> None:
    """Five patients who were looked at and are not in the study, each for a reason."""
    who = (
        ("S43", 2, (("lung", "left", 2), ("bone", None, 1)), "target"),
        ("S44", 2, (("lung", "right", 3), ("liver", None, 2)), "target"),
        ("S45", 1, (("lung", "left", 2),), "target"),
        ("S46", 3, (("lung", "right", 5),), "target"),
        ("S47", 2, (("lung", "left", 1),), "non-target"),
    )
    for k, (patient, line, sites, role) in enumerate(who):
        start = date(2010, 3, 8) + timedelta(days=430 * k)
        end = start + timedelta(days=150 + 40 * k)
        last = start + timedelta(days=500 + 60 * k)
        tables["patients"].append(
            {
                "patient": patient,
                "sex": "male" if k != 2 else "female",
                "age": 55 + 4 * k,
                "histology": "clear cell",
                "sarcomatoid": "no",
                "nephrectomy": "yes",
                "first_line": "none" if line == 1 else "sunitinib",
                "sorafenib_line": line,
                "diagnosis_date": start - timedelta(days=900),
                "metastasis_date": start - timedelta(days=430),
                "first_systemic_date": start if line == 1 else start - timedelta(days=400),
                "treatment_start": start,
                "treatment_end": end,
                "treatment_end_reason": "progression",
                "last_contact": last,
                "vital_status": "dead",
                "death_date": last,
                "death_cause": "renal cell carcinoma",
            }
        )
        lines = {1: (), 2: ("sunitinib",), 3: ("interferon alfa", "sunitinib")}[line]
        for j, drug in enumerate(lines, 1):
            begin = start - timedelta(days=420 - 200 * (j - 1))
            tables["therapies"].append(
                {
                    "patient": patient,
                    "line": j,
                    "drugs": drug,
                    "start": begin,
                    "end": begin + timedelta(days=170),
                    "stop_reason": "progression",
                }
            )
        tables["therapies"].append(
            {
                "patient": patient,
                "line": line,
                "drugs": "sorafenib",
                "start": start,
                "end": end,
                "stop_reason": "progression",
            }
        )
        for organ, side, count in sites:
            tables["sites"].append(
                {
                    "patient": patient,
                    "organ": organ,
                    "side": side,
                    "count": count,
                    "date": start - timedelta(days=10),
                }
            )
        tables["lesions"].append(
            {
                "patient": patient,
                "lesion": "T1" if role == "target" else "N1",
                "date": start - timedelta(days=10),
                "visit": "baseline",
                "role": role,
                "site": "lung",
                "side": sites[0][1],
                "node": False,
                "diameter_mm": 18 + k if role == "target" else None,
                "status": "measured" if role == "target" else "present",
                "method": "CT",
                "slice_mm": 5,
            }
        )

"""A made-up study for the tests of displays and documents, of any size and as awkward as asked.

The cohort is written by hand, the numbers come from the real analyses: so a change of ids or
columns there is seen here.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from typing import Any

import numpy as np
import polars as pl

from oncohort.analyses import (
    baseline,
    exposure,
    flow,
    historical,
    prognosis,
    response,
    safety,
    survival,
)
from oncohort.analyses.result import Numbers
from oncohort.analyses.standard_endpoints import standard_endpoints
from oncohort.displays import Context, LeftOut
from oncohort.displays.behind import PageEvidence
from oncohort.displays.paper import Paper
from oncohort.endpoints.cohort import Cohort, EndpointInfo, Evidence, Meaning, VariableInfo
from oncohort.endpoints.eligibility import FlowStep
from oncohort.problems import Place, Problem, Severity
from oncohort.protocol import Protocol, parse_protocol

START = date(2015, 3, 2)
SECRET = "PAT-"
"""Every patient id begins so: easy to look for where none may be."""

LONG = (
    "A very long label of a treatment group with <b>HTML</b> & \u201cquotes\u201d, \u2265 2 lines"
)

PROTOCOL = """
[study]
schema = 1
title = "Made-up agent <b>in</b> na\u00efve & pretreated disease"
disease = "made-up disease"
treatment = "agentinib"
authors = ["A. M\u00fcller", "B. O'Neil"]
data = "data.xlsx"
cutoff = 2020-06-30
synthetic = true

[eligibility]
source = "Patients in the chart"
[[eligibility.criteria]]
key = "adult"
label = "Younger than 18 years"
column = "age"
min = 18
[[eligibility.criteria]]
key = "first"
label = "Second course"
column = "course"
is = 1

[variables.age]
label = "Age"
unit = "years"
digits = 0
[variables.sex]
label = "Sex"
levels = { male = "Male", female = "Female" }
[variables.risk]
label = "Risk group"
levels = { good = "Good", medium = "Medium", bad = "@LONG" }
[variables.crp]
label = "C-reactive protein"
cut = [0.8]
unit = "mg/dL"

[baseline]
variables = ["age", "sex", "risk", "crp"]
@BY

[response]
stable_disease_min_weeks = 6

[endpoints.pfs]
events = ["progression", "death"]
censoring = "last_assessment"
landmarks = [6, 12]
by = ["risk"]
[endpoints.os]
events = ["death"]
censoring = "last_contact"
landmarks = [12]
by = ["risk", "sex"]

[prognosis]
candidates = ["age", "sex", "risk", "crp"]
selection = "@SELECTION"

[safety]
criteria = "CTCAE 5.0"
terms = { rash = "Rash", alopecia = "Alopecia", nausea = "=Nausea & <i>vomiting</i>" }

[exposure.agentinib]
amount = 400
times_per_day = 2

[historical.first]
label = "First study, phase III"
n = 451
orr = { value = 12, events = 54 }
pfs = { value = 5.5, low = 4.9, high = 6.1 }
os = 17.8
[historical.second]
label = "Second study"
orr = 10
test = ["orr"]

[style]
journal = "@JOURNAL"
"""


def protocol_text(selection: str, journal: str, by: bool) -> str:
    return (
        PROTOCOL.replace("@LONG", LONG)
        .replace("@SELECTION", selection)
        .replace("@JOURNAL", journal)
        .replace("@BY", 'by = "sex"\ntest = true' if by else "")
    )


def variables() -> dict[str, VariableInfo]:
    return {
        "age": VariableInfo("age", "Age", "continuous", unit="years", digits=0),
        "sex": VariableInfo(
            "sex", "Sex", "categorical", {"male": "Male", "female": "Female"}, "male"
        ),
        "risk": VariableInfo(
            "risk",
            "Risk group",
            "categorical",
            {"good": "Good", "medium": "Medium", "bad": LONG},
            "good",
        ),
        "crp": VariableInfo(
            "crp",
            "C-reactive protein",
            "categorical",
            {"lt0.8": "<0.8 mg/dL", "ge0.8": "\u22650.8 mg/dL"},
            "lt0.8",
            unit="mg/dL",
        ),
    }


def cohort_of(n: int, *, seed: int, events: bool, responders: bool, toxic: bool) -> Cohort:
    rng = np.random.default_rng(seed)
    patients = [f"{SECRET}{i + 1:03d}" for i in range(n)]
    risk = rng.choice(["good", "medium", "bad"], n, p=[0.3, 0.5, 0.2])
    speed = np.where(risk == "bad", 2.6, np.where(risk == "medium", 1.4, 1.0))
    pfs = np.ceil(rng.exponential(330 / speed)) + 20
    os_ = pfs + np.ceil(rng.exponential(420 / speed))
    follow = rng.uniform(300, 1800, n)
    pfs_event = (pfs <= follow) & events
    os_event = (os_ <= follow) & events
    change = np.round(rng.normal(-18, 38, n).clip(-100, 160), 1)
    best = np.where(
        change <= -99,
        "CR",
        np.where(change <= -30, "PR", np.where(change < 20, "SD", "PD")),
    )
    if not responders:
        best = np.where(np.isin(best, ["CR", "PR"]), "SD", best)
    hidden = rng.random(n) < 0.06
    pfs_time = np.minimum(pfs, follow).round()
    os_time = np.minimum(np.maximum(os_, pfs), follow).round()
    on = np.minimum(pfs_time + rng.integers(0, 60, n), os_time)
    answer = np.isin(best, ["CR", "PR"])
    crp = [None if rng.random() < 0.07 else str(v) for v in rng.choice(["lt0.8", "ge0.8"], n)]

    def day(days: float, there: bool) -> date | None:
        return START + timedelta(days=int(days)) if there else None

    frame = pl.DataFrame(
        {
            "patient": patients,
            "age": [float(v) for v in rng.integers(34, 84, n)],
            "sex": [str(v) for v in rng.choice(["male", "female"], n, p=[0.7, 0.3])],
            "risk": [str(v) for v in risk],
            "crp": crp,
            "pfs_time": pfs_time,
            "pfs_event": pfs_event,
            "pfs_reason": ["progression" if e else "end-of-follow-up" for e in pfs_event],
            "os_time": os_time,
            "os_event": os_event,
            "os_reason": ["death" if e else "end-of-follow-up" for e in os_event],
            "best_response": [None if h else str(b) for h, b in zip(hidden, best, strict=True)],
            "best_change": [None if h else float(c) for h, c in zip(hidden, change, strict=True)],
            "best_change_code": ["no-visit" if h else None for h in hidden],
            "treatment_start": [START] * n,
            "treatment_days": [int(v) for v in on],
            "treatment_ongoing": [not bool(e) for e in pfs_event],
            "treatment_end_reason": ["progression" if e else None for e in pfs_event],
            "response_date": [day(55, bool(a)) for a in answer],
            "first_progression": [
                day(t, bool(e)) for t, e in zip(pfs_time, pfs_event, strict=True)
            ],
            "death_date": [day(t, bool(e)) for t, e in zip(os_time, os_event, strict=True)],
        },
        schema_overrides={
            "crp": pl.String,
            "treatment_end_reason": pl.String,
            "best_change_code": pl.String,
            "response_date": pl.Date,
            "first_progression": pl.Date,
            "death_date": pl.Date,
        },
        strict=False,
    )
    exposed = pl.DataFrame(
        {
            "patient": patients,
            "drug": ["agentinib"] * n,
            "days_on_treatment": [int(v) for v in on],
            "reduced": [bool(v) for v in rng.random(n) < 0.5],
            "interrupted": [bool(v) for v in rng.random(n) < 0.3],
            "escalated": [False] * n,
            "rdi": [float(v) for v in rng.uniform(45, 100, n)],
            "mean_daily_dose": [float(v) for v in rng.uniform(350, 800, n)],
            "days_to_reduction": [40 if rng.random() < 0.5 else None for _ in range(n)],
        },
        schema_overrides={"days_to_reduction": pl.Int64},
    )
    rows: list[dict[str, Any]] = []
    if toxic:
        for patient in patients:
            for term, label, p in (("rash", "Rash", 0.5), ("nausea", "Nausea", 0.3)):
                if rng.random() < p:
                    grade = int(rng.choice([1, 2, 3], p=[0.5, 0.35, 0.15]))
                    rows.append({"patient": patient, "term": term, "label": label, "grade": grade})
    events_frame = pl.DataFrame(
        rows,
        schema={"patient": pl.String, "term": pl.String, "label": pl.String, "grade": pl.Int64},
    )
    lost = (f"{SECRET}X01", f"{SECRET}X02")
    steps = (
        FlowStep("adult", "Younger than 18 years", (), (*patients, *lost)),
        FlowStep("first", "Second course", lost, tuple(patients)),
    )
    endpoints = {
        k: EndpointInfo(k, label, f"from start of treatment to {what}", "treatment_start")
        for k, label, what in (
            ("pfs", "Progression-free survival", "progression or death"),
            ("os", "Overall survival", "death"),
        )
    }
    return Cohort(
        frame=frame,
        steps=steps,
        source=(*patients, *lost),
        meaning=Meaning(variables=variables(), endpoints=endpoints),
        evidence=Evidence(exposure=exposed, adverse_events=events_frame),
    )


PROBLEM = Problem(
    "endpoints.pfs-flags",
    Severity.QUESTION,
    f"4 patients with PD have no PFS event, {SECRET}001 among them.",
    "A flipped flag turns events into censored times.",
    "Write event_value = 0 under [endpoints.pfs].",
    Place(file="data.xlsx", sheet="patients", cell="F2"),
    blocks=("survival.pfs",),
)
OF_ONE = Problem(
    "dates.late",
    Severity.WARNING,
    "Death after the cutoff <script>alert(1)</script>.",
    todo="Check it.",
    place=Place(file="data.xlsx", sheet="patients", row=7, column="death_date"),
    patient=f"{SECRET}007",
)


@cache
def made_up(
    n: int = 42,
    *,
    seed: int = 3,
    events: bool = True,
    responders: bool = True,
    toxic: bool = True,
    selection: str = "prespecified",
    journal: str = "default",
    by: bool = False,
    left_out: bool = False,
    share: bool = False,
    texts: tuple[tuple[str, str], ...] = (),
    drop: tuple[str, ...] = (),
) -> tuple[Numbers, Protocol, Context]:
    """Numbers, protocol and context of a made-up study.

    Parameters
    ----------
    events, responders, toxic
        False for a cohort where nothing ever happens.
    left_out
        PFS is blocked by a problem.
    drop
        Sections that are missing.
    """
    protocol = parse_protocol(protocol_text(selection, journal, by))
    cohort = cohort_of(n, seed=seed, events=events, responders=responders, toxic=toxic)
    blocked = frozenset({"pfs"}) if left_out else frozenset[str]()
    results = [
        flow.analyse(protocol, cohort),
        baseline.analyse(protocol, cohort),
        response.analyse(protocol, cohort),
        exposure.analyse(protocol, cohort),
        survival.analyse(protocol, cohort, blocked),
        prognosis.analyse(protocol, cohort, blocked),
        safety.analyse(protocol, cohort),
    ]
    found = [r for r in results if r is not None and r.section not in drop]
    compared = historical.analyse(protocol, cohort, Numbers(found))
    if compared is not None and "historical" not in drop:
        found.append(compared)
    context = Context(
        n=cohort.n,
        variables=cohort.meaning.variables,
        endpoints=cohort.meaning.endpoints,
        standard=standard_endpoints(cohort),
        left_out=(LeftOut(("survival", "pfs"), "", (PROBLEM,)),) if left_out else (),
        problems=(PROBLEM, OF_ONE),
        decisions=(f"{SECRET}003: 'ND' read as missing.",),
        versions={"oncohort": "0.1.0", "numpy": "2.4"},
        texts=dict(texts),
        evidence=PageEvidence(
            groups={"endpoints.os": {f"{SECRET}001": (("died after 400 days", "patients!K2"),)}},
            of={e.id: ("endpoints.os",) for r in found for e in r.estimates},
            listed=frozenset(p.id for r in found for p in r.populations),
        ),
        synthetic=True,
        share=share,
    )
    return Numbers(found), protocol, context


def paper_of(**options: Any) -> tuple[Paper, Numbers, Protocol, Context]:
    """The paper of a made-up study, with what it was made of."""
    from oncohort.displays import build

    numbers, protocol, context = made_up(**options)
    return build(numbers, protocol, context), numbers, protocol, context

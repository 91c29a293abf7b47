"""Who the patients of the built-in study are: the twin of a published cohort, as courses.

Nothing here is a patient. The order of the patients, their events and their covariates are those
of the stored search (`oncohort/twin/examples/lung_metastases.json`, found as its `searched_with`
says), so that all hazard ratios print as published; days, responses and doses are laid out as in
any twin.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from oncohort.twin.job import example_patients
from oncohort.twin.patients import Patient

EXAMPLE = "lung_metastases"


@dataclass(slots=True)
class Course:
    """One patient: times in days from treatment start, and covariates."""

    pfs: int
    progressed: bool
    treated: int
    stop: str
    os: int
    dead: bool
    response: str
    age: int
    imdc: str
    has: dict[str, bool] = field(default_factory=dict)


def _course(p: Patient) -> Course:
    v = p.values
    return Course(
        pfs=p.pfs,
        progressed=p.progressed,
        treated=p.treated,
        stop=p.stop,
        os=p.os,
        dead=p.dead,
        response=p.response,
        age=int(v["age"] or 0),
        imdc=str(v["imdc"]),
        has={
            "crp_high": float(v["crp_mg_dl"] or 0) >= 0.8,
            "sarcomatoid": v["sarcomatoid"] == "positive",
            "non_clear_cell": v["histology"] == "non_clear_cell",
            "no_nephrectomy": v["nephrectomy"] == "no",
            "bilateral": v["side_lung_metastases"] == "bilateral",
            "four_or_more": float(v["n_lung_metastases"] or 0) >= 4,
            "cytokine": v["first_line"] == "cytokine",
            "male": v["sex"] == "male",
        },
    )


def cohort() -> list[Course]:
    """The 42 patients, in no meaningful order."""
    return [_course(p) for p in example_patients(EXAMPLE)]

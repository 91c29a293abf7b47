"""The sections of the paper, one file each; this list is their order in it."""

from oncohort.displays.sections import (
    arms,
    baseline,
    contrasts,
    cutpoints,
    e_value,
    exposure,
    flow,
    historical,
    incidence,
    labs,
    logistic,
    missing,
    outcomes,
    prediction,
    prognosis,
    propensity,
    published,
    response,
    safety,
    sensitivity,
    survival,
    time_dependent,
)
from oncohort.displays.sections.item import Item
from oncohort.displays.sections.section import Part, Request, Section

SECTIONS: tuple[Section, ...] = (
    flow.SECTION,
    baseline.SECTION,
    response.SECTION,
    exposure.SECTION,
    cutpoints.SECTION,
    survival.SECTION,
    contrasts.SECTION,
    incidence.SECTION,
    time_dependent.SECTION,
    sensitivity.SECTION,
    arms.SECTION,
    prognosis.SECTION,
    missing.SECTION,
    propensity.SECTION,
    e_value.SECTION,
    prediction.SECTION,
    safety.SECTION,
    labs.SECTION,
    outcomes.SECTION,
    logistic.SECTION,
    historical.SECTION,
    published.SECTION,
)

__all__ = ["SECTIONS", "Item", "Part", "Request", "Section"]

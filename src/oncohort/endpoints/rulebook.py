"""What deriving a cohort may have to say: every id of a problem, to be looked up."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from oncohort.problems import Severity

_E, _Q, _W, _N = Severity.ERROR, Severity.QUESTION, Severity.WARNING, Severity.NOTE

_RULES: tuple[tuple[str, Severity, str, str], ...] = (
    (
        "eligibility.missing-value",
        _W,
        "A criterion of eligibility can't be judged for a patient.",
        "Whether such patients stay or leave changes the study's number.",
    ),
    ("eligibility.no-column", _E, "A criterion asks for a column that is missing.", ""),
    (
        "eligibility.wrong-kind",
        _E,
        "A criterion compares numbers with words or dates.",
        "Who is in the study stays open.",
    ),
    ("eligibility.nobody", _E, "No patient meets the criteria.", "There is nothing to analyse."),
    (
        "variables.no-column",
        _E,
        "A variable asks for a column that is missing.",
        "What uses the variable is left out.",
    ),
    ("variables.no-records", _E, "The records that a variable is derived from are missing.", ""),
    ("variables.circle", _E, "Variables are made from each other in a circle.", ""),
    ("variables.cut-of-text", _E, "A variable of words can't be cut at a number.", ""),
    ("variables.not-a-number", _E, "A continuous variable holds words.", ""),
    ("variables.empty", _E, "A variable has no value in any patient.", ""),
    (
        "variables.unknown-level",
        _E,
        "A variable holds a value that is none of its declared levels.",
        "Its patients would be lost without a word.",
    ),
    (
        "variables.same-key",
        _E,
        "Two values of a variable are too alike to be told apart.",
        "Their patients would be counted as one level.",
    ),
    (
        "variables.spellings",
        _W,
        "One level of a variable is spelt in several ways.",
        "They are counted as one.",
    ),
    (
        "variables.no-groups",
        _E,
        "Groups are to be compared by a number that has no cut-points.",
        "A number has no groups until it is cut.",
    ),
    ("variables.level-not-grouped", _E, "A value belongs to no declared group.", ""),
    ("variables.no-reference", _E, "The declared reference level doesn't occur.", ""),
    (
        "labs.unit",
        _Q,
        "Laboratory values have no unit, or one that isn't known.",
        "A value in another unit is another value.",
    ),
    ("response.no-records", _E, "The table that response is to come from is missing.", ""),
    ("response.no-column", _E, "The charted response is to count, but has no column.", ""),
    (
        "response.several-readers",
        _Q,
        "Several people read the same scans, and none was named.",
        "Readings of different people are never mixed.",
    ),
    ("response.unreadable", _E, "The table that response is to come from can't be judged.", ""),
    (
        "response.charted-differs",
        _W,
        "Charted responses of visits differ from those derived from the lesions.",
        "One of the two is wrong, or they follow different rules.",
    ),
    (
        "response.best-differs",
        _W,
        "A charted best response differs from the derived one.",
        "One of the two is wrong, or they follow different rules.",
    ),
    ("endpoints.no-column", _E, "A time or event column is missing.", ""),
    (
        "endpoints.event-value-absent",
        _E,
        "The event column never holds the value that means an event.",
        "No patient would have an event.",
    ),
    (
        "endpoints.event-values",
        _E,
        "The event column holds more than two values.",
        "A third value could be read either way.",
    ),
    (
        "endpoints.negative-time",
        _E,
        "A time is negative.",
        "Start and end are mixed up, or a date is wrong.",
    ),
    ("endpoints.no-time", _W, "A patient has no time or no event value.", ""),
    (
        "endpoints.no-schedule",
        _E,
        "Missed visits are to censor, but no schedule is declared.",
        "Without planned scans nobody knows which were missed.",
    ),
    (
        "endpoints.no-origin",
        _W,
        "The date where the clock starts is missing.",
        "Without it there is no time.",
    ),
    (
        "exposure.no-end",
        _N,
        "Exposure is planned, but no end of treatment is recorded.",
        "Who is still on treatment can't be told from who has no entry.",
    ),
    (
        "endpoints.no-progression",
        _E,
        "An endpoint counts progression, but nothing in the data says who progressed.",
        "Every patient would look free of progression.",
    ),
    (
        "endpoints.no-scans",
        _Q,
        "A rule censors at the last scan, but no scan was read.",
        "Patients without an event would count as never followed.",
    ),
    (
        "endpoints.no-follow-up",
        _W,
        "Neither an event nor a date of last follow-up is known.",
        "Without an end there is no time.",
    ),
    (
        "endpoints.before-origin",
        _W,
        "The end lies before the clock starts.",
        "A time can't be negative.",
    ),
    ("endpoints.entry-unknown", _W, "The start of observation is unknown.", ""),
    (
        "endpoints.left-before-entry",
        _W,
        "The clock stopped before observation began.",
        "The patient was never at risk in this study.",
    ),
    (
        "endpoints.immortal-time",
        _E,
        "An endpoint counts from before treatment start without delayed entry.",
        "Patients could not have died in that time and be in the study.",
    ),
    (
        "endpoints.after-death",
        _E,
        "A scan, a therapy or a contact lies after the patient's death.",
        "One of the two dates is wrong, and a time with it.",
    ),
    (
        "endpoints.after-last-contact",
        _W,
        "The patient was seen later than the last contact says.",
        "Survival would be censored although the patient is known to have lived longer.",
    ),
)

RULES: Mapping[str, tuple[Severity, str, str]] = MappingProxyType(
    {name: (severity, what, why) for name, severity, what, why in _RULES}
)
"""Id to severity, what it finds, and why it matters."""

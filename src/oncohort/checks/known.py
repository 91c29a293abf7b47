"""Rules that hold while a chart is read or endpoints are derived, so that they can be looked up."""

from __future__ import annotations

from oncohort.checks.rule import Rule
from oncohort.problems import Severity
from oncohort.records.personal import PERSONAL

_E, _Q, _W, _N = Severity.ERROR, Severity.QUESTION, Severity.WARNING, Severity.NOTE

_TEXT: tuple[tuple[str, Severity, str, str], ...] = (
    ("files.missing", _E, "A data file is not where the protocol says.", "Nothing can be read."),
    ("files.locked", _E, "A data file is open in another program.", "Excel locks open files."),
    ("files.open", _W, "A workbook is open in Excel.", "Unsaved changes are not read."),
    (
        "values.percent-format",
        _E,
        "Some numbers of a column are formatted as percentages, others are plain.",
        "A cell that shows -12% holds -0.12: beside -32.5 it is a hundred times too small.",
    ),
    ("files.empty", _E, "A data file has no bytes.", "A half-saved file looks like this."),
    ("files.corrupt", _E, "A data file is damaged.", "Half of a chart is worse than none."),
    ("files.encrypted", _E, "A workbook is protected by a password.", "It can't be opened."),
    (
        "files.zip-bomb",
        _E,
        "A workbook would unpack to many times its size.",
        "No chart looks like this; it would fill the memory.",
    ),
    ("files.too-large", _E, "A sheet or file is beyond what is read.", "Memory is bounded."),
    ("files.unknown-kind", _E, "A file is of no kind that is known.", "It can't be read."),
    ("files.unreadable", _E, "A file can't be opened.", "Nothing can be read."),
    ("files.no-sheet", _E, "A sheet is not in the workbook.", "Its table would be missing."),
    (
        "files.no-patients",
        _E,
        "There is no table of patients.",
        "It is the one table that a study can't do without.",
    ),
    (
        "files.unused-sheet",
        _N,
        "A sheet of the workbook is not read.",
        "Data may stand there that nobody misses.",
    ),
    ("files.note", _N, "A workbook holds macros or links.", "Neither is run or followed."),
    ("layout.empty", _E, "A sheet or file holds no rows.", "Its table would be missing."),
    ("layout.no-header", _E, "No row of column names was found.", "Columns go by their names."),
    ("layout.no-name", _W, "A column has values but no name.", "It can't be matched."),
    (
        "layout.second-table",
        _Q,
        "A second table stands below the first on one sheet.",
        "The two would be mixed up.",
    ),
    (
        "layout.colour",
        _Q,
        "Cells are coloured, and the colour may mean something.",
        "A colour is no value: what it says is lost when the chart is read.",
    ),
    (
        "layout.hidden-rows",
        _W,
        "Rows or columns with values are hidden.",
        "They are read; whoever hid them may have meant to leave them out.",
    ),
    (
        "layout.formulas",
        _E,
        "Cells hold formulas without a saved value.",
        "What was never calculated can't be read; a program wrote the file, not Excel.",
    ),
    ("columns.missing", _E, "A column that is needed is not there.", "Its values are missing."),
    ("columns.unknown", _E, "The protocol maps to a column that no table has.", "It is unused."),
    ("columns.no-patient", _E, "A table does not say whose rows it holds.", "Rows need a patient."),
    ("columns.no-repeat", _E, "No column matches a pattern.", "The wide table would be empty."),
    (
        "columns.unused",
        _N,
        "A column of the chart is not used.",
        "A misspelt name looks like a column that nobody wants.",
    ),
    ("rows.no-patient", _E, "A row has values but no patient.", "They belong to nobody."),
    ("values.unreadable", _E, "A value can't be read.", "Read as missing, it would be lost."),
    ("values.bound", _E, "A value is a bound such as <5.", "5 and 0 are both wrong for it."),
    ("values.unknown-level", _E, "A value is none of the known ones.", "It means something."),
    ("values.formula-error", _E, "A formula gave an error.", "#DIV/0! is no value."),
    (
        "values.date-as-number",
        _E,
        "A date stands where a number is expected.",
        "Excel turns 3-4 and 1.5 into dates without asking.",
    ),
    *(
        (
            f"personal.{kind}",
            _W,
            f"A column holds {words}.",
            "Results and reports are passed on; what names people must not be in them.",
        )
        for kind, words in PERSONAL.items()
    ),
    ("units.unknown", _E, "A unit is not known.", "A wrong unit is a wrong size."),
    ("units.missing", _Q, "A laboratory value has no unit.", "8 mg/L and 8 mg/dL differ tenfold."),
)

_DERIVING: tuple[tuple[str, Severity, str, str], ...] = (
    (
        "endpoints.event-value-absent",
        _E,
        "The event column never holds the declared event_value.",
        "Nobody would have an event.",
    ),
    (
        "endpoints.event-values",
        _E,
        "The event column holds more than an event and its absence.",
        "Every other value would count as censored.",
    ),
    ("endpoints.no-time", _W, "A patient has no time for an endpoint.", "It leaves the curve."),
    ("endpoints.negative-time", _E, "A time is negative.", "Nobody has an event before day 0."),
    ("endpoints.no-column", _E, "An endpoint names a column that is not there.", "No data."),
    ("endpoints.no-origin", _E, "An endpoint starts at a column that is no date.", "No clock."),
    (
        "endpoints.immortal-time",
        _W,
        "Groups are made by something that happens after the clock starts.",
        "Whoever is in the group has survived until then.",
    ),
    (
        "response.charted-differs",
        _W,
        "A charted response differs from the one derived from lesions.",
        "One of the two is wrong; the protocol says which one counts.",
    ),
    (
        "recist.too-many-targets",
        _W,
        "A patient has more than five target lesions.",
        "RECIST 1.1 follows up to five, two per organ.",
    ),
    (
        "ctcae.impossible-grade",
        _W,
        "A grade does not exist for its term in the study's version of CTCAE.",
        "Alopecia has no grade 3; the grade or the term is wrong.",
    ),
    (
        "ctcae.unknown-term",
        _W,
        "A term is not one of the study's version of CTCAE.",
        "It is counted under its own name.",
    ),
    ("variables.no-column", _E, "A variable names a column that is not there.", "No values."),
    (
        "variables.unknown-level",
        _E,
        "A value is none of the levels that a variable declares.",
        "Its patients would silently be missing.",
    ),
    ("eligibility.no-column", _E, "A criterion names a column that is not there.", "No answer."),
)

READING_RULES: dict[str, Rule] = {
    n: Rule(n, s, what, why) for n, s, what, why in (*_TEXT, *_DERIVING)
}
"""Rules applied while reading and deriving; they have no function of their own here."""

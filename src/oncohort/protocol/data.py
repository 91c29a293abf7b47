"""`[study]`, `[tables.*]`, `[variables.*]`, `[eligibility]`: the data and how to read them."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from oncohort.protocol.base import Digits, Key, OneOf, Section
from oncohort.protocol.cut_rules import RULES, cut_complaints
from oncohort.protocol.derived import complaints
from oncohort.vocabulary.derivations import DERIVATIONS
from oncohort.vocabulary.tables import TABLES
from oncohort.vocabulary.times import DateOrder, TimeUnit
from oncohort.vocabulary.versions import CalciumFormula, EcogMap

Scalar = str | int | float | bool
SomeOf = Annotated[list[Scalar], Field(min_length=1)]
"""One of these values; none at all would be met by no row."""
Row = Annotated[int, Field(ge=1)]
"""A row of a sheet, counted from 1."""
CELL_RANGE = re.compile(r"^([A-Z]{1,3})([1-9]\d{0,6}):([A-Z]{1,3})([1-9]\d{0,6})$")


def _cells(text: str) -> str:
    if text and CELL_RANGE.match(text.strip().upper()) is None:
        raise ValueError("write the first and the last cell: A1:F40")
    return text


CellRange = Annotated[str, AfterValidator(_cells)]
"""Cells of a sheet, ``A1:F40``; empty for all."""


def _said_true(value: object) -> object:
    """The columns of which true is said, where columns are said to be true or false."""
    if isinstance(value, dict) and value and all(isinstance(v, bool) for v in value.values()):
        return [k for k, said in value.items() if said]
    if value == []:
        raise ValueError("at least one column is wanted")
    return value


class Study(Section):
    """What the study is, where its data are, and until when they count."""

    schema_: Literal[1] = Field(alias="schema")
    """Version of this file's format."""
    title: str = Field(min_length=1)
    disease: str = ""
    treatment: str = ""
    setting: str = ""
    """Where and how, in words: "single institution, consecutive patients"."""
    authors: list[str] = []
    data: str
    """File or folder with the data, relative to the protocol."""
    cutoff: date | None = None
    """Data cutoff: events after it are not counted, follow-up ends there."""
    time_unit: TimeUnit = "months"
    seed: int = 1
    synthetic: bool = False
    """True where the patients are not real; every output then says so."""
    text: str = "text"
    """Folder with the author's own words, relative to the protocol."""


class OneRow(Section):
    """Several rows of a patient become one: a row per event, per visit, or per interval."""

    keep: Literal["first", "last", "each"] = "first"
    """The row that gives the values where rows differ; `each`: every row is a patient of its own
    (the column that seems to name patients names something else)."""
    order: str | None = None
    """Column by which a patient's rows are put in order; default: as they stand."""
    by: str | None = None
    """Column that tells the rows apart: `etype`, `PARAMCD`."""
    columns: list[str] = []
    """For `by`: columns that are taken of each row. They are called `time etype=1`."""
    names: dict[str, str] = {}
    """For `by`: values that are taken for another one: `{ "local relapse" = "relapse" }`."""
    first: list[str] = []
    """For `by`: values of which a patient may have several rows, the first of them counting (the
    first progression). For the others it is told."""
    last: list[str] = []
    """The same, the last of them counting: the last contact."""
    ends: list[str] = []
    """Columns of intervals, `stop` and `event`, that are taken of the row named by `end`."""
    end: Literal["first", "last"] = "last"
    """For `ends`: the last row (death, follow-up as a whole), or the first (the first event of
    several)."""

    @model_validator(mode="after")
    def _fits(self) -> OneRow:
        if bool(self.by) != bool(self.columns):
            raise ValueError("by and columns go together")
        return self


class Join(Section):
    """A further sheet with one row per patient."""

    file: str | None = None
    """Default: the file of the table itself."""
    sheet: str | int | None = None
    patient: str = "patient"
    """Its column with the patient."""
    header_row: Row | list[Row] | None = None
    range: CellRange = ""
    """Cells of the sheet that hold it, `A1:F40`, where other tables stand beside it."""
    where: dict[str, Scalar | SomeOf] = {}
    """Rows of the sheet that are meant: another event of the same export."""
    one_row: OneRow | None = None
    """Several rows of a patient become one: a sheet of events."""


class Stack(Section):
    """A further sheet with the same columns, whose rows go on below."""

    file: str | None = None
    """Default: the file of the table itself."""
    sheet: str | int | None = None
    header_row: Row | list[Row] | None = None
    range: CellRange = ""
    """Cells of the sheet that hold it, where other tables stand beside it."""
    dates: DateOrder | None = None
    """Order of its written dates, where it is another than the first sheet's."""
    prefix: str = ""
    """Put before its patients' numbers, where they start again from 1: `2016-`."""


class NewLesions(Section):
    """A sheet of new lesions, a row for each, beside the sizes of `lesions`: they are progression
    on their day."""

    file: str | None = None
    """Default: the file of the table itself."""
    sheet: str | int | None = None
    header_row: Row | list[Row] | None = None
    range: CellRange = ""
    """Cells of the sheet that hold it, where other tables stand beside it."""
    dates: DateOrder | None = None
    """Order of its written dates, where it is another than that of the sizes."""
    patient: str = "patient"
    """Its column with the patient."""
    date: str = "date"
    """Its column with the day on which the lesion was seen."""
    lesion: str = ""
    """Its column with the site, where there is one."""


class DayAfter(Section):
    """A day so long after another one of the same patient."""

    day: str
    """The chart's column with the day from which the time counts."""
    time: str
    """Its column with the time."""
    unit: TimeUnit


class TableMap(Section):
    """How one table of the chart maps to a record table."""

    file: str | None = None
    """File, where the data are a folder. Default: the study's data file, or NAME.csv in it."""
    sheet: str | int | None = None
    """Sheet of a workbook; default: the sheet with the table's name."""
    header_row: Row | list[Row] | Literal[0] | None = None
    """Row or rows with the column names, counted from 1; found where not given. 0: there is none,
    and the columns are called by their letters, A, B, C."""
    last_row: Row | None = None
    """Last row with data (rows of totals below are not read)."""
    range: CellRange = ""
    """Cells of the sheet that hold the table, `A1:F40`, where other tables stand beside it."""
    fill_down: bool = False
    """The patient stands only in the first row of a block; the rows below belong to it."""
    fill_down_columns: list[str] = []
    """Columns with the title of a block in its first row: the rows below have it too."""
    relative: Literal["days", "weeks", "months", "years"] | None = None
    """Numbers stand instead of dates: times since a day zero, in this unit (or in that of
    `units.NAME`). They become days after 1 January 2000, which stands for day zero."""
    day_zero: date | None = None
    """Day from which numbers in date columns count: 1960-01-01 in SAS and Stata, 1970-01-01 in R.
    Default: as Excel counts."""
    swapped: list[str] = []
    """Date columns whose real dates have day and month exchanged, as a US Excel does with dates
    that were typed day first; those with a day above 12 stayed texts."""
    last_contact_is_death: bool = False
    """For `patients`: the column of the last contact holds the day of death of those whose vital
    status is dead, as in "last contact or death"."""
    marked: list[str] = []
    """The chart's columns of numbers with a mark, `12.3+`: the mark moves into a column of its own,
    called `NAME marks`, which holds `with +` or `without`."""
    date_parts: dict[str, Annotated[list[str], Field(min_length=2, max_length=3)]] = {}
    """A date that stands in several columns: its name = the chart's columns of day, month and year,
    or of month and year."""
    time_parts: dict[str, dict[Literal["years", "months", "days"], str]] = {}
    """A time that stands in several columns: its name = the chart's columns of years, months and
    days, of which the smaller ones are left over of the larger. It is told in months."""
    times_by_outcome: dict[Literal["dead", "alive"], str] = {}
    """A time that stands in one of two columns by how it ended: `dead` and `alive` = the chart's
    columns. It goes into the column `Survival time (UNIT)`, with the unit of their names; which of
    the two has it, into `Survival status`."""
    narrow: bool = False
    """For a sheet of more than 600 columns: the first and the last of them are read, those with
    names that charts have, and those that the protocol names; no other. Of more than 2,000 columns
    this is done without being asked, and said."""
    earliest: dict[str, Annotated[list[str], BeforeValidator(_said_true)]] = {}
    """A new column = the chart's columns of dates of which it takes the earliest: local and distant
    recurrence. Also with what was said of each: `{ "Date LR" = true, "Second line" = false }`."""
    latest: dict[str, Annotated[list[str], Field(min_length=1)]] = {}
    """A new column = the chart's columns of dates of which it takes the latest: the last visit and
    the last call."""
    best_of: dict[str, Annotated[list[str], Field(min_length=1)]] = {}
    """A new column = the chart's columns of responses of which it takes the best: those of visits
    without days."""
    difference: dict[str, Annotated[list[str], Field(min_length=2, max_length=2)]] = {}
    """A new column = two of the chart's columns of numbers, the first less the second: the age at
    the end less that at entry is the time under observation."""
    days_after: dict[str, DayAfter] = {}
    """A new column of days = a day of the chart and a time since then: the start of treatment and
    the months of follow-up give the day of the last contact."""
    times_in_words: dict[str, Literal["days", "weeks", "months", "years"]] = {}
    """The chart's columns whose cells tell a time, with or without a status: `dead at 12.3 mo`. The
    time goes into the column `NAME time (months)`, in the unit named; the words beside it into
    `NAME status`."""
    fill_from: dict[str, str] = {}
    """The chart's column = another one whose value its blank cells take: the day (or time) of an
    event, and that of the last contact for those without it."""
    only_where: dict[str, dict[str, Scalar]] = {}
    """The chart's column of dates = a flag's column and the value that it has where the event
    happened: `"PD date" = { "PD" = "yes" }`. In the other rows the day is that of the last look,
    and is not read."""
    sheet_column: str = ""
    """For tables that are stacked: a column of this name gets the name of each row's sheet (or
    file)."""
    shape: Literal["long", "wide", "words"] = "long"
    """Wide: repeated columns become rows. Words: one cell of a patient holds all events or doses,
    `HFS G2, diarrhea G1` or `400 mg BID -> 200 mg BID (2015-03-02)`."""
    columns: dict[str, str] = {}
    """Our column name = the chart's column name. Names that agree need no entry."""
    repeat: dict[str, str] = {}
    """For a wide sheet: our column = pattern with `{n}`, `scan{n}_date`."""
    baseline: dict[str, str] = {}
    """For a wide sheet: our column = the chart's column (or pattern without `{n}`) with the value
    before treatment, which becomes visit 0: `diameter_mm = "Baseline (mm)"`."""
    from_patients: list[str] = []
    """Columns of the patients' sheet that are added to the rows of this one: days of scans."""
    constants: dict[str, Scalar] = {}
    """Our column = one value for all rows; another name makes a column more."""
    units: dict[str, str] = {}
    """Our column = unit in the chart; lengths are turned into mm, doses into mg."""
    dates: DateOrder | None = None
    """Order of written dates. Real Excel dates and ISO dates need none. Mixed: a date that leaves
    one order only is read in that one, the open ones in the order named, or (`mixed-by-row`) in
    the one that the other dates of the row leave."""
    dates_by: str = ""
    """For `mixed-by-row`: the chart's column (a centre) whose values say the order, where the dates
    of a value that leave one order all leave the same."""
    dates_with: dict[Literal["/", ".", "-", " "], DateOrder] = {}
    """The order of written dates with this mark between their figures, where it is another than
    that of the others: `{ "/" = "month-first" }` among dates with dots."""
    missing: list[Scalar] = []
    """Values that mean missing in every column of this table: `["ND", "999"]`."""
    missing_in: dict[str, list[Scalar]] = {}
    """The same for single columns."""
    codes: dict[str, dict[str, Scalar]] = {}
    """Our column = {chart's value = our value}: `sex = { "1" = "male", "2" = "female" }`. The value
    "" is a blank cell: `dead = { x = "yes", "" = "no" }`."""
    decimal: Literal[".", ","] = "."
    ignore: list[str] = []
    """Columns of the chart that are not wanted."""
    hash: list[str] = []
    """Columns whose values are replaced by codes before anything else is done with them. The codes
    are made with a key that stays in the study's folder (`hash.key`)."""
    rows_with: dict[str, list[Row]] = {}
    """A new column = the rows of the source, counted from 1, in which it says yes; in the others it
    says no: `dead = [3, 4, 9]`, where the sheet says that red rows are those of the dead."""
    skip_rows: list[Row] = []
    """Rows of the source that are not data, counted from 1."""
    join: list[Join] = []
    """For `patients`: further sheets with one row per patient; their columns are added."""
    others_left_out: bool = False
    """Patients who stand on joined sheets alone are not in the study, and not told one by one."""
    stack: list[Stack] = []
    """Further sheets or files with the same columns; their rows are added below."""
    new_lesions: list[NewLesions] = []
    """For `lesions`: sheets with a row for each new lesion."""
    forms: bool = False
    """A form per patient, one below the other: names in the first column, values in the second."""
    transposed: bool = False
    """The patients stand in columns: names in the first column of the sheet."""
    one_row: OneRow | None = None
    """For `patients`: several rows of a patient become one."""
    where: dict[str, Scalar | SomeOf] = {}
    """Keep only rows whose chart column has this value (or one of these)."""


class Variable(Section):
    """A variable of the paper: a column as it is, cut, grouped, or derived."""

    label: str | None = None
    column: str | None = None
    """Column of `patients`; default: the variable's own key."""
    derive: Annotated[str, OneOf(tuple(DERIVATIONS))] | None = None
    """Derived from record tables instead of a column."""
    source: Key | None = Field(default=None, alias="from")
    """Another variable that this one cuts or groups."""
    test: str | None = None
    """For `derive = "lab"`: the laboratory test; its baseline value is taken."""
    scale: Annotated[str, OneOf(TABLES["performance"].levels["scale"])] | None = None
    """For `derive = "performance"`."""
    organ: str | None = None
    """For `derive = "sites"`: the organ whose sites count."""
    what: Literal["count", "side"] = "count"
    """For `derive = "sites"`: number of metastases, or side (unilateral or bilateral)."""
    formula: str = ""
    """For `derive = "formula"`: arithmetic of variables, columns and `lab.TEST` (baseline values);
    `crp [mg/L]` is the number of mg/L."""
    of: list[str] = []
    """For `derive = "ratio"`: what is divided by what, `["lab.neutrophils", "lab.lymphocytes"]`."""
    when: dict[Key, str] = {}
    """For `derive = "category"`: level = condition, in the order in which they are asked; the first
    that holds counts. `otherwise` is what none before it met."""
    inputs: dict[str, str] = {}
    """For a published score (`nlr`, `bmi`, ...): its input = variable, column or `lab.TEST`."""
    at: str = ""
    """For `derive = "age"`: date column of `patients` at which; default: treatment_start."""
    since: str = ""
    """For `derive = "duration"`: date column of `patients` from which it runs."""
    until: str = ""
    """For `derive = "duration"`: date column of `patients` to which it runs."""
    kind: Literal["continuous", "categorical"] | None = None
    """Found from the data where not given; a variable with `cut` or `levels` is categorical."""
    unit: str = ""
    cut: Annotated[list[float], Field(max_length=100)] = []
    """Cut-points: `[0.8]` makes two levels, below 0.8 and 0.8 or above."""
    cut_by: Annotated[str, OneOf(RULES)] | None = None
    """Cut-points found in these data, by this rule; the paper says so."""
    percentiles: list[float] = []
    """For `cut_by = "percentiles"`: `[25, 75]` makes three levels."""
    within: Key | None = None
    """For quantiles: a variable in each of whose groups they are taken."""
    endpoint: Key | None = None
    """For `cut_by = "roc"` or `"max_logrank"`: the endpoint that the cut separates best."""
    horizon: Annotated[float, Field(gt=0)] | None = None
    """For `cut_by = "roc"`: time (study's unit) by which events count."""
    levels: dict[Key, str] = {}
    """Level key = label, in the order of the paper."""
    group: dict[Key, list[str]] = {}
    """New level key = old levels that it joins."""
    reference: Key | None = None
    """Reference level of regression; default: the first."""
    digits: Digits | None = None
    origin: str = ""
    """Where a cut-point comes from, for the methods section."""
    per: Annotated[float, Field(gt=0)] | Literal["sd"] | None = None
    """In models: ratios are per so many units, or per standard deviation of the cohort."""
    log: Literal[2, 10, "e"] | None = None
    """In models: the logarithm to this base; a ratio is per doubling, per tenfold or per e-fold."""
    knots: (
        Annotated[int, Field(ge=3, le=7)] | Annotated[list[float], Field(min_length=3)] | None
    ) = None
    """In models: a restricted cubic spline with so many knots (at Harrell's quantiles), or with
    knots at these values."""

    @model_validator(mode="after")
    def _consistent(self) -> Variable:
        if self.cut and self.levels and len(self.levels) != len(self.cut) + 1:
            raise ValueError(
                f"{len(self.cut)} cut-points make {len(self.cut) + 1} levels, "
                f"but levels names {len(self.levels)}"
            )
        if sorted(self.cut) != list(self.cut) or len(set(self.cut)) != len(self.cut):
            raise ValueError("cut-points must rise")
        if self.derive == "lab" and not self.test:
            raise ValueError('derive = "lab" needs test = "..."')
        if self.derive is not None and (self.column or self.source):
            raise ValueError("derive excludes column and from")
        wrong = [*complaints(self), *cut_complaints(self)]
        if wrong:
            raise ValueError("; ".join(wrong))
        keys = list(self.levels) or list(self.group) or list(self.when)
        if self.reference and keys and self.reference not in keys:
            raise ValueError(f"reference {self.reference!r} is none of the levels {keys}")
        return self


class Criterion(Section):
    """One criterion of eligibility: those who fail it leave the study here."""

    key: Key
    label: str
    """As the flow diagram says it of those who are left out: "Metastases beyond the lung"."""
    table: str = "patients"
    column: str
    is_: SomeOf | Scalar | None = Field(default=None, alias="is")
    """Kept where the column has this value, or one of these."""
    is_not: SomeOf | Scalar | None = None
    min: float | date | None = None
    max: float | date | None = None
    present: bool | None = None
    """Kept where the column has a value (true) or has none (false)."""
    rows: Literal["all", "any"] = "all"
    """For tables with several rows per patient: must all rows meet it, or any one?"""
    missing: Literal["exclude", "keep"] = "exclude"
    """What happens where the value is missing."""

    @model_validator(mode="after")
    def _one_condition(self) -> Criterion:
        if all(v is None for v in (self.is_, self.is_not, self.min, self.max, self.present)):
            raise ValueError("a criterion needs is, is_not, min, max or present")
        return self


class Eligibility(Section):
    """Criteria in order; they make the flow diagram."""

    source: str = "Patients in the data"
    """What the patients are that one starts from."""
    criteria: list[Criterion] = []

    @model_validator(mode="after")
    def _keys_once(self) -> Eligibility:
        keys = [c.key for c in self.criteria]
        double = sorted({k for k in keys if keys.count(k) > 1})
        if double:
            raise ValueError(f"criterion keys stand twice: {', '.join(double)}")
        return self


class Schedule(Section):
    """When scans and baseline values were due, and whose reading counts."""

    scan_weeks: list[float] = []
    """Planned interval between scans: `[8]`, or a range `[6, 12]`."""
    scan_tolerance_weeks: float | None = None
    baseline_days_before: int = Field(default=28, ge=0)
    """Baseline values: the last one in this window before treatment start."""
    baseline_days_after: int = Field(default=0, ge=0)
    reader: str | None = None
    """Whose reading counts, where several people read the scans."""
    ecog_map: EcogMap | None = None
    """Published map from ECOG to Karnofsky, for scores that need the other scale."""
    calcium_formula: CalciumFormula = "standard"
    """How calcium is corrected for albumin."""
    visit_days: int = Field(default=7, ge=0)
    """Scans within so many days are one assessment."""

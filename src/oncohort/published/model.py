"""The figures of a paper as data: what is printed, as printed, and where.

Every value is a string with the digits of the paper: the digits say how much is known. An empty
string means "not printed". Nothing here is judged; ``audit`` asks whether the figures can be
true, ``twin`` builds patients that have them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import field, fields
from typing import TypeAlias

from oncohort.dataclass import dataclass

PRINTED = {"printed": True}
"""Metadata of a field that holds a printed figure (they are counted in the summary line)."""


def _printed() -> str:
    figure: str = field(default="", metadata=PRINTED)
    return figure


@dataclass(frozen=True, slots=True)
class Where:
    """Where a figure was said.

    Parameters
    ----------
    section
        ``abstract``, ``introduction``, ``methods``, ``results``, ``discussion``, ``conclusion``,
        ``legend`` or empty.
    table
        Label of the table (``Table I``), or of the figure for a legend.
    row, column
        Their printed headings.
    quote
        The exact words: the sentence, or the row of the table.
    """

    section: str = ""
    table: str = ""
    row: str = ""
    column: str = ""
    page: int | None = None
    quote: str = ""

    def __str__(self) -> str:
        parts = [self.table or self.section]
        if self.row:
            parts.append(f"row {self.row!r}")
        if self.column:
            parts.append(f"column {self.column!r}")
        if self.page is not None:
            parts.append(f"page {self.page}")
        return ", ".join(p for p in parts if p) or "text"


@dataclass(frozen=True, slots=True)
class Population:
    """A set of patients with a size: the cohort, an arm, a subgroup."""

    key: str
    """``cohort`` for the whole study; otherwise a slug of the label."""
    label: str = ""
    n: str = _printed()
    where: Where = field(default_factory=Where)


@dataclass(frozen=True, slots=True)
class Level:
    """One level of a categorical variable, or any other count with a percentage."""

    label: str
    count: str = _printed()
    percent: str = _printed()
    denominator: str = _printed()
    """Only where printed beside the count (``16/42``)."""
    where: Where = field(default_factory=Where)


@dataclass(frozen=True, slots=True)
class Categorical:
    """A variable with levels, in one column of a table.

    Parameters
    ----------
    population
        Key of the population; empty where the binding is not certain.
    n
        The size that the column's heading (or the cohort) gives, as printed.
    column
        Number of the column in its table: the columns of one table are kept apart by it.
    exclusive
        Whether the levels are known to exclude each other (a list of comorbidities is not).
    missing
        Stated number of patients without a value.
    """

    name: str
    levels: tuple[Level, ...]
    population: str = ""
    n: str = ""
    column: int = 1
    exclusive: bool = True
    missing: str = ""
    where: Where = field(default_factory=Where)


@dataclass(frozen=True, slots=True)
class Continuous:
    """Mean with standard deviation, median with range or quartiles, of one variable."""

    name: str
    population: str = ""
    n: str = ""
    mean: str = _printed()
    sd: str = _printed()
    median: str = _printed()
    low: str = _printed()
    high: str = _printed()
    spread: str = ""
    """What ``low`` and ``high`` are: ``range``, ``quartiles``, ``interval`` or empty."""
    unit: str = ""
    whole: bool = False
    """Whether single values are known to be whole numbers (years of age, counts)."""
    where: Where = field(default_factory=Where)


@dataclass(frozen=True, slots=True)
class Response:
    """Best responses of one population; labels of the levels are CR, PR, SD, PD, NE, ..."""

    levels: tuple[Level, ...]
    population: str = ""
    n: str = ""
    where: Where = field(default_factory=Where)


@dataclass(frozen=True, slots=True)
class Rate:
    """A proportion with a name: ORR, DCR, ..."""

    kind: str
    percent: str = _printed()
    count: str = _printed()
    denominator: str = _printed()
    low: str = _printed()
    high: str = _printed()
    confidence: str = ""
    population: str = ""
    where: Where = field(default_factory=Where)


@dataclass(frozen=True, slots=True)
class Time:
    """A median time to an event (PFS, OS, ...), on treatment, or of follow-up."""

    endpoint: str
    median: str = _printed()
    unit: str = ""
    low: str = _printed()
    high: str = _printed()
    spread: str = ""
    """``interval`` (confidence), ``range``, ``quartiles`` or empty."""
    confidence: str = ""
    population: str = ""
    """Empty where the binding to a population of this paper is not certain."""
    origin: str = ""
    """From when it is counted, in the paper's words, where said."""
    where: Where = field(default_factory=Where)


@dataclass(frozen=True, slots=True)
class Landmark:
    """Survival at a fixed time: "the 1-year OS rate was 64%"."""

    endpoint: str
    time: str = _printed()
    unit: str = ""
    percent: str = _printed()
    low: str = _printed()
    high: str = _printed()
    population: str = ""
    where: Where = field(default_factory=Where)


@dataclass(frozen=True, slots=True)
class Ratio:
    """Hazard, odds or risk ratio of a contrast.

    Parameters
    ----------
    kind
        ``HR``, ``OR`` or ``RR``.
    model
        ``univariable``, ``multivariable`` or empty.
    contrast
        As printed: ``poor versus others``.
    level, reference
        The two sides of the contrast, first and second as printed.
    test
        Which test gave p, where said: ``Wald``, ``likelihood-ratio``, ``log-rank`` or empty.
    binary
        Whether the covariate is known to have just two levels in this contrast.
    """

    variable: str
    kind: str = "HR"
    endpoint: str = ""
    model: str = ""
    contrast: str = ""
    level: str = ""
    reference: str = ""
    estimate: str = _printed()
    low: str = _printed()
    high: str = _printed()
    confidence: str = ""
    p: str = _printed()
    test: str = ""
    binary: bool = False
    population: str = ""
    where: Where = field(default_factory=Where)
    sizes: tuple[str, ...] = ()
    """Patients on the first and second side, where they are printed for this very ratio."""
    events: tuple[str, ...] = ()
    """Events on the first and second side, where they are printed for this very ratio."""


@dataclass(frozen=True, slots=True)
class Grade:
    """Count of patients with an adverse event at a grade: ``any``, ``>=3``, ``3``, ``1-2``."""

    grade: str
    count: str = _printed()
    percent: str = _printed()
    n: str = ""
    where: Where = field(default_factory=Where)


@dataclass(frozen=True, slots=True)
class AdverseEvent:
    """One term (or "any") with its grades, in one arm."""

    term: str
    grades: tuple[Grade, ...]
    any: bool = False
    """Whether the row counts patients with any event at all."""
    population: str = ""
    group: int = 0
    """Which arm (group of columns) of the table."""
    where: Where = field(default_factory=Where)


@dataclass(frozen=True, slots=True)
class Test:
    """A test statistic with its degrees of freedom and p."""

    kind: str
    """``t``, ``F``, ``chi2``, ``z``, ``r``."""
    statistic: str = _printed()
    df: tuple[str, ...] = ()
    p: str = _printed()
    n: str = ""
    where: Where = field(default_factory=Where)


@dataclass(frozen=True, slots=True)
class PValue:
    """A p-value said of a subject in prose: "CRP level (p=0.0083) for PFS"."""

    subject: str
    p: str = _printed()
    endpoint: str = ""
    model: str = ""
    significant: bool | None = None
    """What the sentence says of it, in words, where it does."""
    where: Where = field(default_factory=Where)


@dataclass(frozen=True, slots=True)
class Events:
    """A stated number of events: deaths, progressions."""

    endpoint: str
    count: str = _printed()
    percent: str = _printed()
    population: str = ""
    where: Where = field(default_factory=Where)


@dataclass(frozen=True, slots=True)
class Count:
    """A count in prose: "27 patients (64.3%)", "all", "the remaining 4 (9.5%)".

    ``denominator`` is printed in the sentence ("of the 42 patients", "16/42"); ``sentence`` is
    the number of the sentence in the paper, so that parts of one sentence can be added up.
    """

    label: str
    count: str = _printed()
    percent: str = _printed()
    denominator: str = _printed()
    role: str = ""
    """``remaining``, ``row`` (the count of a row of a table, named by ``label``) or empty."""
    sentence: int = 0
    own: bool = False
    """Whether it is certain that the sentence speaks of this study's patients."""
    patients: bool = False
    """Whether the word "patients" (men, cases, ...) stands right beside the count."""
    where: Where = field(default_factory=Where)


@dataclass(frozen=True, slots=True)
class Bounded:
    """A value in a sentence with bounds that are named as its own, whatever it measures.

    Its figures are not counted: a median or a ratio among them was read as such already.

    Parameters
    ----------
    spread
        ``interval``, ``range`` or ``quartiles``.
    unit, unit_of_bounds
        Their units, where they are printed.
    unclear
        Whether a dash before the lower bound may be its sign, or part it from its name.
    kind
        ``ratio``; ``change``, where the words speak of a difference that may have a sign; or empty.
    """

    value: str = ""
    low: str = ""
    high: str = ""
    spread: str = ""
    unit: str = ""
    unit_of_bounds: str = ""
    unclear: bool = False
    kind: str = ""
    where: Where = field(default_factory=Where)


@dataclass(frozen=True, slots=True)
class Fact:
    """Something said in words that figures can contradict.

    ``kind`` is ``adverse`` (a level said to worsen an outcome; ``level`` is ``high`` or a
    word), ``stopped-for-progression``, ``method`` (log-rank, weights, robust variance, ...).
    """

    kind: str
    subject: str = ""
    level: str = ""
    endpoint: str = ""
    value: str = _printed()
    where: Where = field(default_factory=Where)


@dataclass(frozen=True, slots=True)
class TwoByTwo:
    """A printed cross table with its p: counts[row][column]."""

    name: str
    counts: tuple[tuple[str, ...], ...]
    p: str = _printed()
    test: str = ""
    where: Where = field(default_factory=Where)


@dataclass(frozen=True, slots=True)
class Treated:
    """How many patients had something done with their treatment.

    ``kind`` is ``stopped`` (``reason``: progression, toxicity, death, completed, choice, other),
    ``reduced``, ``interrupted``, ``escalated`` or ``ongoing``.
    """

    kind: str
    reason: str = ""
    count: str = _printed()
    percent: str = _printed()
    population: str = ""
    where: Where = field(default_factory=Where)


@dataclass(frozen=True, slots=True)
class Curve:
    """A printed Kaplan-Meier curve: points read off it, numbers at risk below it.

    Parameters
    ----------
    points
        (time, survival) pairs; survival in percent (0 to 100), never rising.
    at_risk
        (time, number) pairs.
    events
        Total number of events, where printed.
    """

    endpoint: str
    points: tuple[tuple[str, ...], ...] = ()
    at_risk: tuple[tuple[str, ...], ...] = ()
    events: str = ""
    unit: str = ""
    population: str = ""
    where: Where = field(default_factory=Where)


@dataclass(frozen=True, slots=True)
class Published:
    """All that was read of one paper."""

    title: str = ""
    populations: tuple[Population, ...] = ()
    variables: tuple[Categorical, ...] = ()
    summaries: tuple[Continuous, ...] = ()
    responses: tuple[Response, ...] = ()
    rates: tuple[Rate, ...] = ()
    times: tuple[Time, ...] = ()
    landmarks: tuple[Landmark, ...] = ()
    ratios: tuple[Ratio, ...] = ()
    adverse_events: tuple[AdverseEvent, ...] = ()
    tests: tuple[Test, ...] = ()
    cross_tables: tuple[TwoByTwo, ...] = ()
    p_values: tuple[PValue, ...] = ()
    events: tuple[Events, ...] = ()
    counts: tuple[Count, ...] = ()
    facts: tuple[Fact, ...] = ()
    bounded: tuple[Bounded, ...] = ()
    treated: tuple[Treated, ...] = ()
    curves: tuple[Curve, ...] = ()
    abbreviations: tuple[tuple[str, str], ...] = ()
    """(short, long) pairs that the paper defines."""

    @property
    def n(self) -> int | None:
        """Size of the cohort, where the paper states one."""
        for population in self.populations:
            if population.key == "cohort" and population.n.isdigit():
                return int(population.n)
        return None


Record: TypeAlias = (
    Population | Categorical | Level | Continuous | Response | Rate | Time | Landmark | Ratio
    | AdverseEvent | Grade | Test | PValue | Events | Count | Fact | TwoByTwo | Treated | Curve
    | Bounded
)  # fmt: skip
"""Anything that holds printed figures."""


def records(published: Published) -> Iterator[Record]:
    """Every record that holds printed figures, levels and grades included."""
    for each in fields(published):
        value = getattr(published, each.name)
        if not isinstance(value, tuple) or each.name == "abbreviations":
            continue
        for record in value:
            yield record
            yield from getattr(record, "levels", ())
            yield from getattr(record, "grades", ())


def figures(record: Record) -> tuple[str, ...]:
    """Printed figures of one record (not of its parts).

    Examples
    --------
    >>> figures(Level("Male", "32", "71.4"))
    ('32', '71.4')
    """
    own = [getattr(record, f.name) for f in fields(record) if f.metadata.get("printed")]
    if isinstance(record, Count) and record.role == "row":
        # The same words were read as a count of the sentence already.
        return ()
    out = [v for v in own if v]
    if isinstance(record, TwoByTwo):
        out += [cell for row in record.counts for cell in row]
    return tuple(out)


def count_figures(published: Published) -> int:
    """Number of printed figures in all."""
    return sum(len(figures(record)) for record in records(published))

"""The sections that say what is analysed: response, tables, style."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from oncohort.protocol.base import Digits, Key, Once, OneOf, Section
from oncohort.vocabulary.facts import RESPONSE_SOURCES
from oncohort.vocabulary.journals import JOURNALS
from oncohort.vocabulary.plurals import plural
from oncohort.vocabulary.versions import CTCAE_VERSIONS, DRUG_LABELS, RESPONSE_CRITERIA

RateTest = Literal["fisher", "chi-squared", "trend", "none"]
"""Tests of a rate between groups, as a protocol names them."""


class Response(Section):
    """How response was judged."""

    criteria: Annotated[str, OneOf(RESPONSE_CRITERIA)] = "RECIST 1.1"
    source: Annotated[str, OneOf(tuple(RESPONSE_SOURCES))] = "lesions"
    """Which one counts: derived from lesions, from charted visits, or the charted best response."""
    confirmation: bool = False
    confirmation_days: int = Field(default=28, ge=0)
    confirmation_max_ne: int = Field(default=1, ge=0)
    accept_stable_between: bool = True
    complete_then_partial: Literal["progression", "partial"] = "progression"
    """With confirmation: disease after a CR that was not confirmed makes it a progression, or
    shows that the CR was a PR (RECIST 1.1, table 3, note a)."""
    after_complete_response: Literal["progression", "sum_rule"] = "progression"
    """Disease seen again after a complete response: progression, or only by the sum."""
    stable_disease_min_weeks: float = Field(default=6, ge=0)
    stable_disease_min_days: float | None = Field(default=None, ge=0)
    """Instead of weeks, where the protocol of the study says days."""
    disease_control: Literal["disease control", "clinical benefit"] = "disease control"
    """The word that the paper uses for CR + PR + SD."""
    best_change: str | None = None
    """Column of `patients` with the largest change of the target sum (percent), if charted."""
    best_change_unit: Literal["percent", "fraction"] = "percent"
    by: Annotated[list[Key], Once] = []
    """Variables whose groups get rates, differences, odds ratios and a waterfall of their own."""
    test: RateTest = "fisher"
    """The test between the groups of `by`; "trend" takes them in their order."""

    @model_validator(mode="after")
    def _one_minimum(self) -> Response:
        given = self.model_fields_set
        if {"stable_disease_min_weeks", "stable_disease_min_days"} <= given:
            raise ValueError("give stable_disease_min_weeks or stable_disease_min_days, not both")
        return self

    @property
    def stable_disease_least(self) -> str:
        """The least time to a visit that makes stable disease, as given: "6 weeks", "42 days"."""
        if self.stable_disease_min_days is not None:
            number, unit = self.stable_disease_min_days, "day"
        else:
            number, unit = self.stable_disease_min_weeks, "week"
        return f"{number:g} {plural(number, unit)}"


Test = Literal["fisher", "chi-squared", "wilcoxon", "kruskal-wallis", "t", "welch", "trend", "none"]
"""Tests between groups, as a protocol names them."""


class Baseline(Section):
    """Table I."""

    variables: Annotated[list[Key], Once] = []
    by: Key | None = None
    summary: Literal["median_range", "median_iqr", "mean_sd"] = "median_range"
    summaries: dict[Key, Literal["median_range", "median_iqr", "mean_sd"]] = {}
    test: bool = False
    """Tests between the groups of `by`: Fisher's for categories; for numbers the Wilcoxon rank-sum
    test (more than two groups: Kruskal-Wallis), or Welch's t test where mean and SD are shown."""
    tests: dict[Key, Test] = {}
    """The test of a variable, where it is to be another one; of more than two groups, "t" and
    "welch" are analyses of variance. "trend" takes the groups, and levels, in their order."""
    smd: bool = False
    """Standardized mean differences between the groups of `by`."""
    percent_of: Literal["known", "all"] = "all"
    """Denominator of percentages where values are missing: those known, or all."""

    @model_validator(mode="after")
    def _groups_to_compare(self) -> Baseline:
        if self.by is None and (self.tests or self.smd):
            raise ValueError("tests and smd compare groups: say by which variable (by = ...)")
        for what, named in (("tests", self.tests), ("summaries", self.summaries)):
            strange = [k for k in named if k not in self.variables]
            if strange and (self.variables or what == "tests"):
                raise ValueError(f"{what} of {', '.join(strange)}, which Table I does not have")
        return self


class Prognosis(Section):
    """Table II."""

    endpoints: Annotated[list[Key], Once] = []
    candidates: Annotated[list[Key], Once] = []
    selection: Literal["prespecified", "screening"] = "prespecified"
    """Prespecified: the model is `multivariable`. Screening: candidates with univariate
    p below `p_enter` (it inflates false findings, and is labelled so)."""
    multivariable: Annotated[list[Key], Once] = []
    """Variables of the prespecified model; default: all candidates."""
    p_enter: float = Field(default=0.05, gt=0, le=1)
    ties: Literal["efron", "breslow", "exact"] = "efron"
    penalty: Literal["none", "firth"] = "none"
    e_values: bool = False
    """E-values of the multivariable hazard ratios: how strong an unmeasured confounder would have
    to be to explain them away."""
    strata: Annotated[list[Key], Once] = []
    """Variables with levels: the multivariable model has a baseline hazard of its own in each, and
    no hazard ratio of them. A remedy where hazards are not proportional."""
    time_split: dict[
        Key, Annotated[list[Annotated[float, Field(gt=0)]], Field(min_length=1), Once]
    ] = {}
    """Variable of the multivariable model = times (study's unit) at which its hazard ratio may
    change: `{ kps = [3, 6] }`."""

    @model_validator(mode="after")
    def _rising(self) -> Prognosis:
        for key, times in self.time_split.items():
            if sorted(times) != times:
                raise ValueError(f"time_split.{key}: the times must rise")
            if key in self.strata:
                raise ValueError(
                    f"time_split.{key}: a stratum has no hazard ratio that could change"
                )
            if key not in {*self.candidates, *self.multivariable}:
                raise ValueError(f'time_split.{key}: "{key}" is not among the candidates')
        return self


class Safety(Section):
    """Table III."""

    criteria: Annotated[str, OneOf(tuple(f"CTCAE {v}" for v in CTCAE_VERSIONS))] = "CTCAE 5.0"
    terms: dict[Key, str] = {}
    """Key = term as the paper prints it, in its order; default: all terms, commonest first."""
    synonyms: dict[str, Key] = {}
    """Term as charted = key of the paper's term."""
    threshold: int = Field(default=3, ge=1, le=5)
    count: Literal["all", "related"] = "all"
    window_days: int = Field(default=30, ge=0)
    """Events that start so many days after the last dose still count."""
    by: Annotated[list[Key], Once] = []
    """Variables whose groups get a table of their own."""
    test: RateTest = "none"
    """The test between the groups of `by`, for each term at any grade and at the upper grades."""
    grades: bool = False
    """A table with each grade from 1 to 5."""
    classes: bool = False
    """A table by system organ class (CTCAE's categories)."""
    per_patient_years: bool = False
    """First events per 100 patient-years at risk, with exact intervals."""
    onset: Annotated[list[Key], Once] = []
    """Terms (or any_event) whose first onset is shown as cumulative incidence; death and the end
    of treatment compete."""
    onset_at: Annotated[list[Annotated[float, Field(gt=0)]], Once] = []
    """Times (study's unit) at which the cumulative incidence is reported."""
    labs: bool = False
    """Grade the laboratory values: worst grade under treatment, and shifts from baseline."""

    @model_validator(mode="after")
    def _terms_of_onset(self) -> Safety:
        if self.onset_at and not self.onset:
            raise ValueError("onset_at without onset: name the terms, or any_event")
        known = [*self.terms, "any_event"]
        strange = [k for k in self.onset if self.terms and k not in known]
        if strange:
            raise ValueError(f"onset of {', '.join(strange)}, none of the terms {known}")
        return self


class Exposure(Section):
    """One drug: what was planned."""

    label: str | None = None
    amount: float = Field(gt=0)
    unit: Literal["mg", "mg/m2", "mg/kg"] = "mg"
    times_per_day: float = Field(gt=0)
    days_on: int | None = Field(default=None, ge=1)
    days_off: int | None = Field(default=None, ge=0)
    window_days: int | None = Field(default=None, ge=1)
    """Fixed window for relative dose intensity; default: start to stop."""
    drug_label: Annotated[str, OneOf(DRUG_LABELS)] | None = None
    """Label whose rules the recorded adverse events are compared with (a list for the study team,
    not treatment advice)."""
    levels: list[float] = []
    """Dose levels of the label, mg per day, highest first."""
    by: Annotated[list[Key], Once] = []
    """Variables whose groups get dose intensity and changes of dose of their own."""
    test: RateTest = "fisher"
    """The test of changes of dose between the groups of `by`."""

    @model_validator(mode="after")
    def _schedule(self) -> Exposure:
        if (self.days_on is None) != (self.days_off is None):
            raise ValueError("days_on and days_off go together")
        return self


class Reported(Section):
    """One figure of an earlier study."""

    value: float
    to: float | None = None
    """The upper end where a range was published: 20 to 25 %."""
    low: float | None = None
    high: float | None = None
    events: int | None = None
    """Responders, for a rate whose interval is to be computed from counts."""


class Historical(Section):
    """An earlier study that the paper sets its figures beside."""

    label: str
    n: int | None = Field(default=None, ge=1)
    reference: str = ""
    """Where the figures come from: a key of the references (`escudier2007`, `@a; @b`), or words."""
    orr: Reported | float | None = None
    """Objective response rate, percent."""
    pfs: Reported | float | None = None
    """Median PFS, in the study's time unit."""
    os: Reported | float | None = None
    test: Annotated[list[Literal["orr", "pfs", "os"]], Once] = []
    """Figures to test against as fixed values. Asked for, never done by itself."""

    @model_validator(mode="after")
    def _possible(self) -> Historical:
        for name in ("orr", "pfs", "os"):
            figure = getattr(self, name)
            if figure is None:
                continue
            parts = [figure]
            if isinstance(figure, Reported):
                ends = (figure.value, figure.to, figure.low, figure.high)
                parts = [v for v in ends if v is not None]
                if figure.to is not None and (figure.to <= figure.value or name in self.test):
                    raise ValueError(f"{name}: a range goes upwards, and nothing is tested with it")
                if figure.events is not None and self.n is not None and figure.events > self.n:
                    raise ValueError(f"{name}: {figure.events} events in {self.n} patients")
            if name == "orr" and any(not 0 <= v <= 100 for v in parts):
                raise ValueError("orr is a percentage, from 0 to 100")
            if name != "orr" and any(v <= 0 for v in parts):
                raise ValueError(f"{name} is a median time, above 0")
        return self


class Style(Section):
    """How numbers and figures look."""

    journal: Annotated[str, OneOf(tuple(JOURNALS))] = "default"
    digits: dict[Literal["percent", "time", "hr", "change"], Digits] = {}
    language: Literal["en"] = "en"
    formats: list[Literal["svg", "png", "pdf", "eps", "tiff"]] = ["svg", "png"]
    template: str = ""
    """A .docx of the journal or department, relative to the protocol; its styles are used."""
    under_curves: Annotated[list[Literal["at_risk", "events", "censored"]], Once] = ["at_risk"]
    """Rows below survival and incidence curves: numbers at risk, and events and censored patients
    up to each time."""

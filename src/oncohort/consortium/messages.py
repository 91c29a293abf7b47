"""What coordinator and sites say to each other: versioned, typed, frozen.

Every class here is a message or a part of one; its docstring says what leaves the site with it. A
message holds sums and counts, never a row. Checks that need no data stand in `__post_init__`
(`ValueError`, which the reader of messages turns into a
:class:`~oncohort.consortium.errors.MessageError`).
"""

from __future__ import annotations

from itertools import pairwise
from typing import Literal

from oncohort.dataclass import dataclass

VERSION = 1
"""Version of the messages; another one is refused."""

Numbers = tuple[float, ...]
Counts = tuple[int, ...]


def _need(true: bool, reason: str) -> None:
    if not true:
        raise ValueError(reason)


def _counts(values: Counts, what: str) -> None:
    _need(all(v >= 0 for v in values), f"{what} holds a count below 0")


# -- requests -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Fact:
    """A name with its value, as text: something that has to be the same everywhere."""

    key: str
    value: str


@dataclass(frozen=True, slots=True)
class CheckRequest:
    """Run the checks, and say by what rules you read your data. `plan` is that of the asker."""

    plan: tuple[Fact, ...]
    kind: Literal["check"] = "check"


@dataclass(frozen=True, slots=True)
class Question:
    """One step of one analysis of the plan.

    Attributes
    ----------
    analysis
        Its key in the plan; what is not in the plan has no name here.
    step
        ``counts`` (tables, rates, curves, tests), ``moments`` and ``terms`` (Cox by site),
        ``event_times``, ``risk_sums``, ``gram`` and ``rounding`` (Cox with a pooled baseline).
    beta
        Coefficients, for ``terms``, ``risk_sums``, ``gram`` and ``rounding``.
    hazard, tie
        For ``gram``: cumulative hazard, and the tie term, at each event time.
    times, deaths
        For ``risk_sums`` and ``gram``: event times of all sites (steps of the declared grid) from
        the last to the first, and the deaths at each.
    center
        For ``risk_sums`` and ``gram``: what is taken off each column (its mean over all sites).
    """

    analysis: str
    step: Literal["counts", "moments", "terms", "event_times", "risk_sums", "gram", "rounding"]
    beta: Numbers = ()
    hazard: Numbers = ()
    tie: Numbers = ()
    times: Counts = ()
    deaths: Counts = ()
    center: Numbers = ()

    def __post_init__(self) -> None:
        _need(len(self.times) == len(self.deaths), "times and deaths differ in length")
        _need(all(d > 0 for d in self.deaths), "a time without deaths")
        _need(all(a > b for a, b in pairwise(self.times)), "times don't fall")
        _need(len(self.hazard) == len(self.tie), "hazard and tie differ in length")


@dataclass(frozen=True, slots=True)
class AskRequest:
    """Questions of one round."""

    questions: tuple[Question, ...]
    kind: Literal["ask"] = "ask"

    def __post_init__(self) -> None:
        _need(bool(self.questions), "asks nothing")
        keys = [q.analysis for q in self.questions]
        _need(len(set(keys)) == len(keys), "asks for an analysis twice")


# -- answers ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CheckAnswer:
    """How a site reads its data: its rules, units, codes and versions; no number of patients.

    `errors` is the number of errors that the checks found, `rows_enough` whether it has the
    plan's smallest number of patients.
    """

    facts: tuple[Fact, ...]
    errors: int
    rows_enough: bool
    kind: Literal["checked"] = "checked"

    def __post_init__(self) -> None:
        _need(self.errors >= 0, "errors is below 0")


@dataclass(frozen=True, slots=True)
class Withheld:
    """An analysis that the site does not answer, and why; no number leaves.

    `reason` is ``rows``, ``small_group``, ``few_events``, ``parameters``, ``differencing``,
    ``budget`` or ``policy``.
    """

    analysis: str
    reason: Literal[
        "rows", "small_group", "few_events", "parameters", "differencing", "budget", "policy"
    ]
    kind: Literal["withheld"] = "withheld"


@dataclass(frozen=True, slots=True)
class LevelCounts:
    """Patients per level (or bin) of a variable, by group.

    `cells` has a row for each group and a column for each level, missing last; none where withheld.
    """

    variable: str
    cells: tuple[tuple[int | None, ...], ...]

    def __post_init__(self) -> None:
        _need(all(c is None or c >= 0 for row in self.cells for c in row), "a count is below 0")


@dataclass(frozen=True, slots=True)
class Sums:
    """Number, mean and standard deviation of a variable in a group (known values)."""

    variable: str
    group: str
    n: int
    mean: float
    sd: float

    def __post_init__(self) -> None:
        _need(self.n >= 0 and self.sd >= 0, "n or sd is below 0")


@dataclass(frozen=True, slots=True)
class TableCounts:
    """Patients per group; counts per level and group; mean and standard deviation per group."""

    analysis: str
    n: tuple[int | None, ...]
    levels: tuple[LevelCounts, ...]
    sums: tuple[Sums, ...]
    kind: Literal["table"] = "table"


@dataclass(frozen=True, slots=True)
class RateCounts:
    """Patients with the outcome and patients in all, by group; none where withheld."""

    analysis: str
    x: tuple[int | None, ...]
    n: tuple[int | None, ...]
    kind: Literal["rate"] = "rate"

    def __post_init__(self) -> None:
        _need(len(self.x) == len(self.n), "x and n differ in length")
        for x, n in zip(self.x, self.n, strict=True):
            _need((x is None or x >= 0) and (n is None or n >= 0), "a count is below 0")
            _need(x is None or n is None or x <= n, "x is above n")


@dataclass(frozen=True, slots=True)
class LifeTable:
    """Of one group: how many have the event, and how many are censored, in each step of the grid.

    Attributes
    ----------
    steps
        Number of the step, ascending, from 0 (time 0); step j ends at j times the grid's width.
    events, censored
        At each step.
    cut
        The last step's `censored` holds those who were still followed when fewer than the
        smallest number were at risk.
    """

    steps: Counts
    events: Counts
    censored: Counts
    cut: bool

    def __post_init__(self) -> None:
        _need(
            len(self.steps) == len(self.events) == len(self.censored),
            "steps, events and censored differ in length",
        )
        _counts(self.events, "events")
        _counts(self.censored, "censored")
        _need(all(a < b for a, b in pairwise(self.steps)), "steps fall")
        _need(not self.steps or self.steps[0] >= 0, "a step is below 0")


@dataclass(frozen=True, slots=True)
class LifeTables:
    """Life tables of the groups, in the plan's order of levels."""

    analysis: str
    tables: tuple[LifeTable, ...]
    kind: Literal["life_tables"] = "life_tables"


@dataclass(frozen=True, slots=True)
class RankSums:
    """Log-rank test within the site, on exact times and on the grid: no time leaves.

    Attributes
    ----------
    n, events
        Per group.
    expected
        ``(g,)``; `covariance` is ``(g, g)`` by rows.
    grid_expected, grid_covariance
        The same with times rounded to the grid.
    """

    analysis: str
    n: Counts
    events: Counts
    expected: Numbers
    covariance: Numbers
    grid_expected: Numbers
    grid_covariance: Numbers
    kind: Literal["rank_sums"] = "rank_sums"

    def __post_init__(self) -> None:
        g = len(self.n)
        _counts((*self.n, *self.events), "n or events")
        _need(len(self.events) == len(self.expected) == len(self.grid_expected) == g, "lengths")
        _need(len(self.covariance) == len(self.grid_covariance) == g * g, "lengths")
        _need(all(e <= n for e, n in zip(self.events, self.n, strict=True)), "events above n")
        for cov in (self.covariance, self.grid_covariance):
            _symmetric(cov, g, "covariance")


def _symmetric(matrix: Numbers, p: int, what: str) -> None:
    _need(len(matrix) == p * p, f"{what} is not {p} x {p}")
    size = max((abs(v) for v in matrix), default=0.0)
    for i in range(p):
        _need(matrix[i * p + i] >= -1e-9 * size, f"{what} has a negative diagonal")
        for j in range(i):
            _need(abs(matrix[i * p + j] - matrix[j * p + i]) <= 1e-9 * size, f"{what} is lopsided")


@dataclass(frozen=True, slots=True)
class Moments:
    """Patients, events, and mean and standard deviation of each column of the model."""

    analysis: str
    n: int
    events: int
    mean: Numbers
    sd: Numbers
    kind: Literal["moments"] = "moments"

    def __post_init__(self) -> None:
        _need(0 <= self.events <= self.n, "events is not between 0 and n")
        _need(len(self.mean) == len(self.sd), "mean and sd differ in length")
        _need(all(s >= 0 for s in self.sd), "sd is below 0")


@dataclass(frozen=True, slots=True)
class CoxTerms:
    """Log-likelihood, score and information of the site at `beta`: no event time leaves.

    `known` is false where they are not finite at these coefficients, or where one patient would
    dominate them; the numbers are then zeros.
    """

    analysis: str
    beta: Numbers
    known: bool
    loglik: float
    score: Numbers
    information: Numbers
    kind: Literal["cox_terms"] = "cox_terms"

    def __post_init__(self) -> None:
        p = len(self.beta)
        _need(len(self.score) == p, "score has another length than beta")
        _symmetric(self.information, p, "information")
        _need(self.loglik <= 1e-9, "a log partial likelihood is above 0")


@dataclass(frozen=True, slots=True)
class EventTimes:
    """Patients, moments, and how many died in each step of the grid (pooled baseline)."""

    analysis: str
    n: int
    mean: Numbers
    sd: Numbers
    steps: Counts
    deaths: Counts
    kind: Literal["event_times"] = "event_times"

    def __post_init__(self) -> None:
        _need(len(self.steps) == len(self.deaths), "steps and deaths differ in length")
        _need(len(self.mean) == len(self.sd), "mean and sd differ in length")
        _need(all(d > 0 for d in self.deaths), "a step without deaths")
        _need(all(a < b for a, b in pairwise(self.steps)), "steps fall")
        _need(not self.steps or self.steps[0] >= 0, "a step is below 0")
        _need(sum(self.deaths) <= self.n, "more deaths than patients")


@dataclass(frozen=True, slots=True)
class RiskSetSums:
    """Per event time of all sites: sums of ``w`` and ``w x`` over those who join its risk set, and
    over its deaths. A step that one patient joins tells that patient's covariates.
    """

    analysis: str
    beta: Numbers
    known: bool
    s0: Numbers
    s1: Numbers
    d0: Numbers
    d1: Numbers
    observed: float
    kind: Literal["risk_set_sums"] = "risk_set_sums"

    def __post_init__(self) -> None:
        p, g = len(self.beta), len(self.s0)
        _need(len(self.d0) == g, "d0 has another length than s0")
        _need(len(self.s1) == g * p, "s1 has another size")
        _need(len(self.d1) in (0, g * p), "d1 has another size")
        _need(all(v >= 0 for v in (*self.s0, *self.d0)), "a sum of weights is below 0")


@dataclass(frozen=True, slots=True)
class GramSums:
    """Score and the weighted Gram matrix of the covariates (pooled baseline)."""

    analysis: str
    beta: Numbers
    score: Numbers
    gram: Numbers
    kind: Literal["gram"] = "gram"

    def __post_init__(self) -> None:
        p = len(self.beta)
        _need(len(self.score) == p, "score has another length than beta")
        _symmetric(self.gram, p, "gram")


@dataclass(frozen=True, slots=True)
class RoundingTerms:
    """Score and information of the site's own rows, with a baseline of its own: on exact times,
    and on times rounded to the grid. What the grid does to the answer follows from their sums.
    """

    analysis: str
    beta: Numbers
    known: bool
    score: Numbers
    information: Numbers
    grid_score: Numbers
    grid_information: Numbers
    kind: Literal["rounding"] = "rounding"

    def __post_init__(self) -> None:
        p = len(self.beta)
        _need(len(self.score) == p, "score has another length than beta")
        _need(len(self.grid_score) == p, "grid_score has another length than beta")
        _symmetric(self.information, p, "information")
        _symmetric(self.grid_information, p, "grid_information")


Item = (
    Withheld
    | TableCounts
    | RateCounts
    | LifeTables
    | RankSums
    | Moments
    | CoxTerms
    | EventTimes
    | RiskSetSums
    | GramSums
    | RoundingTerms
)


@dataclass(frozen=True, slots=True)
class AskAnswer:
    """Answers, one for each question in its order; `spent` is the site's count of answers."""

    items: tuple[Item, ...]
    spent: int
    kind: Literal["answered"] = "answered"

    def __post_init__(self) -> None:
        _need(self.spent >= 0, "spent is below 0")


Request = CheckRequest | AskRequest
Answer = CheckAnswer | AskAnswer


@dataclass(frozen=True, slots=True)
class Envelope:
    """A message with whom it is from and for, and its seal.

    Attributes
    ----------
    consortium, plan
        Name, and SHA-256 of the plan after parsing.
    session
        Drawn at random when the coordinator starts; `sequence` counts from 1 within it.
    site
        For whom a request is, or from whom an answer is.
    request
        In an answer: the seal of the request that it answers; empty in a request.
    seal
        HMAC-SHA-256 of all the rest with the site's key.
    """

    format: Literal["oncohort-consortium"]
    version: Literal[1]
    consortium: str
    plan: str
    session: str
    sequence: int
    site: str
    request: str
    body: CheckRequest | AskRequest | CheckAnswer | AskAnswer
    seal: str

    def __post_init__(self) -> None:
        _need(self.sequence >= 1, "sequence is below 1")

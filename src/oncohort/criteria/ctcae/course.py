"""Course of adverse events: episodes, onset, recovery, and what they led to.

Rows of one patient and term that touch (one ends on the day the next begins, or the day before)
are one episode with changing grade; a row after a gap is a recurrence. A row without an end goes
on until the next row of the term.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import polars as pl

from oncohort.criteria.ctcae.events import prepare
from oncohort.problems import Place, Problem, problem

if TYPE_CHECKING:
    from narwhals.typing import IntoDataFrame

    from oncohort.criteria.assessed import Assessed

__all__ = ["CONSEQUENCES", "consequences", "course"]

CONSEQUENCES = ("reduction", "interruption", "stop", "death")
"""What an event can lead to."""

_NO = re.compile(
    r"^\s*+(none|no|no change|no action|not? changed|unchanged|continued?|dose (not changed|"
    r"maintained|unchanged)|n/?a|not applicable|nil|-|symptomatic( treatment)?|"
    r"(topical|supportive) (treatment|therapy|care)|medication|treated|)\s*$"
)
_WORDS = {
    "reduction": re.compile(r"reduc|lower|decreas|de-?escal"),
    "interruption": re.compile(r"interrupt|held|hold|withh|suspen|paus|delay|temporar"),
    "stop": re.compile(r"discontin|stop|withdraw|cessation|perman|terminat"),
}
_DEATH = re.compile(r"death|dead|died|fatal")


def consequences(action: str | None, outcome: str | None, grade: int | None) -> frozenset[str]:
    """What an event led to, from its action, outcome and grade.

    Examples
    --------
    >>> sorted(consequences("interrupted, then reduced", "recovered", 3))
    ['interruption', 'reduction']
    >>> consequences("temporarily stopped", None, 2)
    frozenset({'interruption'})
    >>> consequences(None, "fatal", 4), consequences("not changed", None, 1)
    (frozenset({'death'}), frozenset())
    """
    found = set()
    text = (action or "").lower()
    if not _NO.match(text):
        found = {name for name, words in _WORDS.items() if words.search(text)}
        if "interruption" in found and re.search(r"temporar", text):
            found.discard("stop")
    if grade == 5 or _DEATH.search((outcome or "").lower()):
        found.add("death")
    return frozenset(found)


def _unread_actions(events: pl.DataFrame) -> list[Problem]:
    texts = events.filter(pl.col("action").is_not_null())["action"].unique().sort().to_list()
    unread = [t for t in texts if not _NO.match(t.lower()) and not consequences(t, None, None)]
    if not unread:
        return []
    return [
        problem(
            "ctcae.action-not-understood",
            place=Place(column="action", key="tables.adverse_events"),
            table="adverse_events",
            column="action",
            names=[repr(t) for t in unread],
        )
    ]


def _undated(events: pl.DataFrame) -> list[Problem]:
    rows = events.filter(pl.col("start").is_null())
    if not rows.height:
        return []
    return [
        problem(
            "ctcae.no-start",
            place=Place(row=rows["source_row"][0], column="start", key="tables.adverse_events"),
            n=rows.height,
        )
    ]


def course(
    adverse_events: IntoDataFrame,
    patients: IntoDataFrame,
    *,
    version: str,
    window_days: int = 30,
    drug: str | None = None,
) -> Assessed:
    """Episodes, onset, recovery and consequences per patient and term.

    Parameters
    ----------
    adverse_events, patients
        Record tables; see :func:`oncohort.criteria.ctcae.worst_grades`.

    Returns
    -------
    Assessed
        ``table``, one row per patient and term: ``patient, term, label, category, episodes,
        recurrences, first_start, onset_days, worst_grade, worst_start, days_to_worst,
        recovered, recovery_days`` (start of the episode with the worst grade to its end; null
        while it goes on), ``longest_days, reduction, interruption, stop, death``. ``evidence``:
        one row per episode. Only treatment-emergent events.

    Examples
    --------
    >>> import polars as pl
    >>> from datetime import date
    >>> patients = pl.DataFrame({"patient": ["a"], "treatment_start": [date(2014, 1, 1)],
    ...                          "treatment_end": [date(2014, 12, 1)]})
    >>> events = pl.DataFrame({"patient": ["a"] * 3, "term": ["HFS"] * 3, "grade": [1, 3, 2],
    ...     "start": [date(2014, 1, 15), date(2014, 2, 1), date(2014, 6, 1)],
    ...     "end": [date(2014, 1, 31), date(2014, 2, 20), None],
    ...     "action": [None, "reduced", None]})
    >>> course(events, patients, version="3.0").table.select(
    ...     "episodes", "onset_days", "worst_grade", "recovery_days", "reduction").row(0)
    (2, 14, 3, 36, True)
    """
    from oncohort.criteria.assessed import Assessed
    from oncohort.criteria.frames import frame_in

    patients = frame_in(patients, "patients")
    events = prepare(
        adverse_events, patients, version=version, window_days=window_days, drug=drug
    ).filter("emergent")
    led = [consequences(*row) for row in events.select("action", "outcome", "grade").iter_rows()]
    events = events.with_columns(
        pl.Series(name, [name in one for one in led], dtype=pl.Boolean) for name in CONSEQUENCES
    )
    episodes = _episodes(events)
    problems = _unread_actions(events) + _undated(events)
    table = _per_term(episodes, patients.select("patient", "treatment_start"))
    return Assessed(table, episodes.rename({"name": "term"}), tuple(problems))


_TERM = ["patient", "name"]


def _episodes(events: pl.DataFrame) -> pl.DataFrame:
    """Rows of one event that touch are one episode; one row per episode."""
    dated = events.filter(pl.col("start").is_not_null()).sort(*_TERM, "start", maintain_order=True)
    following = pl.col("start").shift(-1).over(_TERM)
    dated = dated.with_columns(pl.coalesce("end", following).alias("_closed"))
    reached = pl.col("_closed").cum_max().shift(1).over(_TERM)
    new = (pl.col("start") > reached.dt.offset_by("1d")).fill_null(True)
    dated = dated.with_columns(new.cast(pl.Int64).cum_sum().over(_TERM).alias("episode"))
    worst = pl.col("start").sort_by("grade", descending=True, nulls_last=True).first()
    return (
        dated.group_by(*_TERM, "episode", maintain_order=True)
        .agg(
            pl.col("label").first(),
            pl.col("category").first(),
            pl.col("start").min(),
            pl.when(pl.col("end").last().is_not_null()).then(pl.col("end").max()).alias("end"),
            pl.col("grade").max(),
            worst.alias("worst_start"),
            *(pl.col(name).any() for name in CONSEQUENCES),
            pl.col("source_row").drop_nulls().alias("source_rows"),
        )
        .with_columns((pl.col("end") - pl.col("start")).dt.total_days().alias("days"))
    )


def _per_term(episodes: pl.DataFrame, starts: pl.DataFrame) -> pl.DataFrame:
    """One row per patient and term, from its episodes."""
    by_grade = {"descending": True, "nulls_last": True, "maintain_order": True}

    def since_start(column: str) -> pl.Expr:
        return (pl.col(column) - pl.col("treatment_start")).dt.total_days()

    return (
        episodes.group_by(_TERM, maintain_order=True)
        .agg(
            pl.col("label").first(),
            pl.col("category").first(),
            pl.len().cast(pl.Int64).alias("episodes"),
            pl.col("start").min().alias("first_start"),
            pl.col("grade").max().alias("worst_grade"),
            pl.col("worst_start").sort_by("grade", **by_grade).first(),
            pl.col("days").sort_by("grade", **by_grade).first().alias("recovery_days"),
            pl.col("days").max().alias("longest_days"),
            *(pl.col(name).any() for name in CONSEQUENCES),
        )
        .join(starts, on="patient", how="left", maintain_order="left")
        .with_columns(
            (pl.col("episodes") - 1).alias("recurrences"),
            since_start("first_start").alias("onset_days"),
            since_start("worst_start").alias("days_to_worst"),
            pl.col("recovery_days").is_not_null().alias("recovered"),
        )
        .select(
            "patient", pl.col("name").alias("term"), "label", "category", "episodes",
            "recurrences", "first_start", "onset_days", "worst_grade", "worst_start",
            "days_to_worst", "recovered", "recovery_days", "longest_days", *CONSEQUENCES,
        )
    )  # fmt: skip

"""What is wrong with charted adverse events: terms, grades, versions, order of dates."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

import polars as pl

from oncohort.criteria.ctcae.terms import Match, match
from oncohort.criteria.ctcae.versions import CtcaeError, Version, version_of
from oncohort.problems import Place, Problem, problem
from oncohort.vocabulary.plurals import counted

if TYPE_CHECKING:
    from narwhals.typing import IntoDataFrame

__all__ = ["REQUIRED", "check_events", "complete", "relation_problems", "unknown_patients"]

REQUIRED = ("patient", "term", "grade")
"""Columns that a table of adverse events must have."""


def _event_columns() -> dict[str, pl.DataType]:
    return {
        "patient": pl.String(),
        "term": pl.String(),
        "start": pl.Date(),
        "start_precision": pl.String(),
        "end": pl.Date(),
        "grade": pl.Int64(),
        "baseline_grade": pl.Int64(),
        "related": pl.Boolean(),
        "drug": pl.String(),
        "serious": pl.Boolean(),
        "action": pl.String(),
        "outcome": pl.String(),
        "source_row": pl.Int64(),
    }


_SURE = ("yes", "y", "true", "1", "related", "definite", "definitely", "certain")
YES = frozenset((*_SURE, "possible", "possibly", "probable", "probably"))
NO = frozenset(("no", "n", "false", "0", "unrelated", "not related", "unlikely", "none"))


def complete(events: pl.DataFrame) -> pl.DataFrame:
    """All columns of the record table, in its types.

    Words for yes and no (``"probable"``, ``"unlikely"``) are read where a frame still has them.

    Raises
    ------
    FrameError
        A word that is neither.
    """
    columns = []
    for name, kind in _event_columns().items():
        if name not in events.columns:
            columns.append(pl.lit(None, dtype=kind).alias(name))
        elif isinstance(kind, pl.Boolean) and events.schema[name] == pl.String:
            columns.append(_yes_or_no(events, name))
        else:
            columns.append(pl.col(name).cast(kind))
    return events.with_columns(columns)


def _yes_or_no(events: pl.DataFrame, name: str) -> pl.Expr:
    from oncohort.criteria.frames import FrameError

    word = pl.col(name).str.strip_chars().str.to_lowercase()
    strange = events.filter(~word.is_in([*YES, *NO, ""]))[name].unique().sort().to_list()
    if strange:
        listed = ", ".join(map(repr, strange))
        raise FrameError(f"adverse_events: {name} is neither yes nor no: {listed}")
    return (
        pl.when(word.is_in(list(YES)))
        .then(pl.lit(True))
        .when(word.is_in(list(NO)))
        .then(pl.lit(False))
        .alias(name)
    )


def _place(row: int | None, column: str) -> Place:
    return Place(row=row, column=column, key="tables.adverse_events")


def _term_problem(found: Match, count: int, row: int | None) -> Problem | None:
    where = counted(count, "row")
    if found.how == "other version":
        assert found.term is not None
        return problem(
            "ctcae.term-of-another-version",
            place=_place(row, "term"),
            text=found.text,
            where=where,
            other=found.other,
            name=found.term.name,
            version=found.version,
        )
    if found.how == "composite":
        return problem(
            "ctcae.laboratory-composite",
            place=_place(row, "term"),
            text=found.text,
            where=where,
        )
    if found.how == "unknown":
        if found.other is not None:
            hint = f"It is a term of CTCAE {found.other} without a counterpart here."
        elif found.suggestions:
            hint = "Did you mean " + " or ".join(repr(s) for s in found.suggestions) + "?"
        else:
            hint = "Give the CTCAE term, or declare it as the study's own."
        return problem(
            "ctcae.unknown-term",
            place=_place(row, "term"),
            text=found.text,
            where=where,
            version=found.version,
            hint=hint,
        )
    return None


def check_events(
    adverse_events: IntoDataFrame, *, version: str, own_terms: Sequence[str] = ()
) -> tuple[Problem, ...]:
    """Everything wrong with charted events: terms, grades, versions, order of dates.

    Parameters
    ----------
    adverse_events
        Record table; a column ``version`` is compared with the study's where present.
    own_terms
        Names that the study declares as its own.

    Examples
    --------
    >>> import polars as pl
    >>> events = pl.DataFrame({"patient": ["a", "b"], "term": ["Alopecia", "Diarhea"],
    ...                        "grade": [3, 2]})
    >>> for p in check_events(events, version="3.0"): print(p.id, "|", p.what)
    ctcae.unknown-term | 'Diarhea' (1 row) is not a term of CTCAE 3.0.
    ctcae.impossible-grade | Grade 3 of 'Alopecia' does not exist in CTCAE 3.0 (grades 1, 2).
    """
    from oncohort.criteria.frames import frame_in

    which = version_of(version)
    frame = complete(frame_in(adverse_events, "adverse_events", REQUIRED))
    problems = _version_problems(frame, which)
    counts = Counter(frame["term"].drop_nulls())
    first: dict[str, int | None] = {}
    for term, row in frame.select("term", "source_row").iter_rows():
        first.setdefault(term, row)
    for text in sorted(counts):
        if text not in own_terms:
            wrong = _term_problem(match(text, which), counts[text], first[text])
            if wrong is not None:
                problems.append(wrong)
    return tuple(problems + _grade_problems(frame, which) + _row_problems(frame))


def _version_problems(frame: pl.DataFrame, which: Version) -> list[Problem]:
    if "version" not in frame.columns:
        return []
    other: Counter[str] = Counter()
    for text in frame["version"].drop_nulls().cast(str).to_list():
        try:
            found: str = version_of(text)
        except CtcaeError:
            found = text
        if found != which:
            other[found] += 1
    if not other:
        return []
    listed = ", ".join(f"{v} {n}" for v, n in sorted(other.items()))
    return [
        problem(
            "ctcae.versions-mixed",
            place=_place(None, "version"),
            table="adverse_events",
            column="grade",
            which=which,
            listed=listed,
        )
    ]


def _grade_problems(frame: pl.DataFrame, which: Version) -> list[Problem]:
    wrong: dict[tuple[str, int], str] = {}
    pairs = frame.filter(pl.col("grade") != 0).select("term", "grade").unique(maintain_order=True)
    for text, grade in pairs.drop_nulls().iter_rows():
        found = match(text, which).term
        if not 1 <= grade <= 5:
            wrong[text, grade] = f"Grade {grade} of {text!r}: grades go from 1 to 5."
        elif found is not None and grade not in found.grades:
            exist = ", ".join(map(str, sorted(found.grades)))
            wrong[text, grade] = (
                f"Grade {grade} of {text!r} does not exist in CTCAE {which} (grades {exist})."
            )
    if not wrong:
        return []
    bad = pl.DataFrame(
        [(t, g, what) for (t, g), what in wrong.items()],
        schema={"term": pl.String, "grade": pl.Int64, "what": pl.String},
        orient="row",
    )
    rows = frame.join(bad, on=["term", "grade"], how="inner", maintain_order="left")
    return [
        problem(
            "ctcae.impossible-grade",
            place=_place(row["source_row"], "grade"),
            patient=row["patient"],
            table="adverse_events",
            column="grade",
            row=row["source_row"],
            what=row["what"],
        )
        for row in rows.iter_rows(named=True)
    ]


def _row_problems(frame: pl.DataFrame) -> list[Problem]:
    problems = [
        problem(
            "ctcae.end-before-start",
            place=_place(row["source_row"], "end"),
            patient=row["patient"],
            table="adverse_events",
            column=("start", "end"),
            row=row["source_row"],
            term=row["term"],
            end=row["end"],
            start=row["start"],
        )
        for row in frame.filter(pl.col("end") < pl.col("start")).iter_rows(named=True)
    ]
    told = pl.col("term").is_not_null() | pl.col("start").is_not_null()  # else nothing happened
    ungraded = frame.filter(pl.col("grade").is_null() & told)
    if ungraded.height:
        problems.append(
            problem(
                "ctcae.no-grade",
                place=_place(ungraded["source_row"][0], "grade"),
                n=ungraded.height,
            )
        )
    return problems


def relation_problems(events: pl.DataFrame, missing_related: bool) -> list[Problem]:
    open_ = events.filter(pl.col("related").is_null())
    if not open_.height:
        return []
    counted = "related" if missing_related else "not related"
    return [
        problem(
            "ctcae.relation-not-stated",
            place=_place(open_["source_row"][0], "related"),
            n=open_.height,
            counted=counted,
        )
    ]


def unknown_patients(adverse_events: pl.DataFrame, patients: pl.DataFrame) -> list[Problem]:
    unknown = complete(adverse_events).join(patients, on="patient", how="anti")
    if not unknown.height:
        return []
    return [
        problem(
            "ctcae.patient-not-in-study",
            place=_place(unknown["source_row"][0], "patient"),
            n=unknown.height,
        )
    ]

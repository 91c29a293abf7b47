"""Charted adverse events: validated, sorted by whether they came with treatment, counted once.

A patient counts once per term with the worst grade, once per category, and once in "any event".
Treatment-emergent events start on or after the first day of treatment and not later than a
declared number of days after the last, or got worse than they were before.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from oncohort.criteria.ctcae.terms import Match, label, match
from oncohort.criteria.ctcae.versions import CtcaeError, Version, version_of
from oncohort.problems import Place, Problem, Severity

if TYPE_CHECKING:
    import polars as pl
    from narwhals.typing import IntoDataFrame

    from oncohort.criteria.assessed import Assessed

__all__ = ["ANY_EVENT", "check_events", "prepare", "worst_grades"]

ANY_EVENT = "any event"
"""Term of the rows that stand for all terms together."""


REQUIRED = ("patient", "term", "grade")
"""Columns that a table of adverse events must have."""


def _event_columns() -> dict[str, pl.DataType]:
    import polars as pl

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


def _complete(events: pl.DataFrame) -> pl.DataFrame:
    import polars as pl

    return events.with_columns(
        *(
            pl.col(c).cast(t) if c in events.columns else pl.lit(None, dtype=t).alias(c)
            for c, t in _event_columns().items()
        )
    )


def _place(row: int | None, column: str) -> Place:
    return Place(row=row, column=column, key="tables.adverse_events")


def _term_problem(found: Match, count: int, row: int | None) -> Problem | None:
    where = f"{count} {'row' if count == 1 else 'rows'}"
    if found.how == "other version":
        assert found.term is not None
        return Problem(
            id="ctcae.term-of-another-version",
            severity=Severity.WARNING,
            what=f"{found.text!r} ({where}) is the CTCAE {found.other} name of "
            f"{found.term.name!r} in {found.version}.",
            why="Grades of the two versions are not the same thing; a study uses one version.",
            todo="Check which version the grades were given by.",
            place=_place(row, "term"),
        )
    if found.how == "composite":
        return Problem(
            id="ctcae.laboratory-composite",
            severity=Severity.WARNING,
            what=f"{found.text!r} ({where}) is a group of laboratory tests, not a CTCAE term.",
            why='It is counted under its own name; the clinical "Liver dysfunction/failure" of '
            "version 3.0 starts at grade 2 and is another thing.",
            todo="Declare the terms it stands for as a group, or grade the tests from the labs.",
            place=_place(row, "term"),
        )
    if found.how == "unknown":
        if found.other is not None:
            hint = f"It is a term of CTCAE {found.other} without a counterpart here."
        elif found.suggestions:
            hint = "Did you mean " + " or ".join(repr(s) for s in found.suggestions) + "?"
        else:
            hint = "Give the CTCAE term, or declare it as the study's own."
        return Problem(
            id="ctcae.unknown-term",
            severity=Severity.WARNING,
            what=f"{found.text!r} ({where}) is not a term of CTCAE {found.version}.",
            why="It is counted under its own name, and its grades can't be checked.",
            todo=hint,
            place=_place(row, "term"),
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
    from oncohort.criteria.door import frame_in

    which = version_of(version)
    frame = _complete(frame_in(adverse_events, "adverse_events", REQUIRED))
    problems = _version_problems(frame, which)
    counts = Counter(frame["term"].drop_nulls())
    first: dict[str, int | None] = {}
    for term, row in frame.select("term", "source_row").iter_rows():
        first.setdefault(term, row)
    for text in sorted(counts):
        if text not in own_terms:
            problem = _term_problem(match(text, which), counts[text], first[text])
            if problem is not None:
                problems.append(problem)
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
        Problem(
            id="ctcae.versions-mixed",
            severity=Severity.ERROR,
            what=f"Rows were graded by another version than the study's {which} ({listed}).",
            why="A grade means different things in different versions; they can't be counted "
            "together.",
            todo="Grade all events by one version.",
            place=_place(None, "version"),
            blocks=("safety",),
        )
    ]


def _grade_problems(frame: pl.DataFrame, which: Version) -> list[Problem]:
    import polars as pl

    wrong: dict[tuple[str, int], str] = {}
    pairs = frame.filter(pl.col("grade") != 0).select("term", "grade").unique()
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
        Problem(
            id="ctcae.impossible-grade",
            severity=Severity.ERROR,
            what=row["what"],
            why="A reviewer who knows the criteria will see it in the table.",
            todo="Correct the grade or the term; it is counted as charted until then.",
            place=_place(row["source_row"], "grade"),
            patient=row["patient"],
        )
        for row in rows.iter_rows(named=True)
    ]


def _row_problems(frame: pl.DataFrame) -> list[Problem]:
    import polars as pl

    problems = [
        Problem(
            id="ctcae.end-before-start",
            severity=Severity.ERROR,
            what=f"{row['term']!r} ends {row['end']}, before its start {row['start']}.",
            why="Time to recovery rests on both dates.",
            todo="Correct one of them.",
            place=_place(row["source_row"], "end"),
            patient=row["patient"],
        )
        for row in frame.filter(pl.col("end") < pl.col("start")).iter_rows(named=True)
    ]
    ungraded = frame.filter(pl.col("grade").is_null())
    if ungraded.height:
        problems.append(
            Problem(
                id="ctcae.no-grade",
                severity=Severity.WARNING,
                what=f"{ungraded.height} events have no grade.",
                why="They count as events of any grade, and in no row of grade 3 or higher.",
                todo="Complete the grades.",
                place=_place(ungraded["source_row"][0], "grade"),
            )
        )
    return problems


def prepare(
    adverse_events: IntoDataFrame,
    patients: IntoDataFrame,
    *,
    version: str,
    window_days: int = 30,
    drug: str | None = None,
    missing_related: bool = True,
) -> pl.DataFrame:
    """Each event with the term it means, its category, and whether it came with treatment.

    Parameters
    ----------
    adverse_events, patients
        Record tables; ``patients`` with ``treatment_start`` and ``treatment_end``.
    window_days
        Days after the last dose that still count.
    drug
        Keep events of this drug, and those that name none.
    missing_related
        How an event without a statement on relation counts.

    Returns
    -------
    polars.DataFrame
        The events with ``name`` (term of the version, else as charted), ``label``, ``category``,
        ``how``, ``possible`` (whether the grade exists), ``emergent``, ``emergent_reason``,
        ``is_related``, ``onset_days``.

    Notes
    -----
    Treatment-emergent as usual in trials (ICH E9, glossary): started during treatment or
    worsened relative to before. An event without a start counts as emergent.
    """
    import polars as pl

    from oncohort.criteria.door import frame_in

    which = version_of(version)
    patients = frame_in(patients, "patients")
    frame = _complete(frame_in(adverse_events, "adverse_events", REQUIRED)).filter(
        (pl.col("grade") != 0).fill_null(True), pl.col("term").is_not_null()
    )
    if "version" in frame.columns:
        written = frame["version"].cast(pl.String)
        same = [t for t in written.unique() if _same_version(t, which)]
        frame = frame.filter(written.is_in(same, nulls_equal=True))
    if drug is not None:
        frame = frame.filter(
            pl.col("drug").is_null()
            | (pl.col("drug").str.to_lowercase().str.strip_chars() == drug.lower())
        )
    lookup = []
    for text in frame["term"].unique().sort().to_list():
        found = match(text, which)
        name = found.term.name if found.term else text
        lookup.append(
            (
                text,
                name,
                label(name),
                found.term.category if found.term else "(no CTCAE category)",
                found.how,
                sorted(found.term.grades) if found.term else list(range(1, 6)),
            )
        )
    names = pl.DataFrame(
        lookup,
        schema={
            "term": pl.String,
            "name": pl.String,
            "label": pl.String,
            "category": pl.String,
            "how": pl.String,
            "grades": pl.List(pl.Int64),
        },
        orient="row",
    )
    dates = [
        pl.col(c) if c in patients.columns else pl.lit(None, dtype=pl.Date).alias(c)
        for c in ("treatment_start", "treatment_end")
    ]
    frame = frame.join(names, on="term", how="left", maintain_order="left").join(
        patients.select("patient", *dates), on="patient", how="inner", maintain_order="left"
    )
    start, first, last = pl.col("start"), pl.col("treatment_start"), pl.col("treatment_end")
    precision = pl.col("start_precision")
    latest = (
        pl.when(precision == "year")
        .then(start.dt.truncate("1y").dt.offset_by("1y").dt.offset_by("-1d"))
        .when(precision == "month")
        .then(start.dt.month_end())
        .otherwise(start)
    )
    earliest = (
        pl.when(precision == "year")
        .then(start.dt.truncate("1y"))
        .when(precision == "month")
        .then(start.dt.month_start())
        .otherwise(start)
    )
    worsened = pl.col("baseline_grade").is_null() | (pl.col("grade") > pl.col("baseline_grade"))
    reason = (
        pl.when(~worsened)
        .then(pl.lit("no worse than before treatment"))
        .when(start.is_null())
        .then(pl.lit("no start: counted"))
        .when(first.is_null())
        .then(pl.lit("no start of treatment: counted"))
        .when((latest < first) & (pl.col("baseline_grade").fill_null(0) == 0))
        .then(pl.lit("before treatment"))
        .when(earliest > last.dt.offset_by(f"{window_days}d"))
        .then(pl.lit(f"more than {window_days} days after the last dose"))
        .otherwise(pl.lit("during treatment"))
    )
    counted = ["no start: counted", "no start of treatment: counted", "during treatment"]
    return (
        frame.with_columns(
            reason.alias("emergent_reason"),
            pl.col("grades").list.contains(pl.col("grade")).alias("possible"),
            pl.col("related").fill_null(missing_related).alias("is_related"),
            (start - first).dt.total_days().alias("onset_days"),
        )
        .with_columns(pl.col("emergent_reason").is_in(counted).alias("emergent"))
        .drop("treatment_start", "treatment_end", "grades")
    )


def _same_version(text: str | None, which: Version) -> bool:
    if text is None:
        return True
    try:
        return version_of(text) == which
    except CtcaeError:
        return False


def worst_grades(
    adverse_events: IntoDataFrame,
    patients: IntoDataFrame,
    *,
    version: str,
    window_days: int = 30,
    related_only: bool = False,
    emergent_only: bool = True,
    drug: str | None = None,
    groups: Mapping[str, Sequence[str]] | None = None,
    own_terms: Sequence[str] = (),
    missing_related: bool = True,
) -> Assessed:
    """Worst grade of each patient per term, per declared group, per category and over all terms.

    Parameters
    ----------
    adverse_events, patients
        Record tables.
    version
        The study's version of CTCAE.
    window_days
        Days after the last dose that still count.
    related_only, emergent_only
        Leave events out that are not related, or did not come with treatment.
    drug
        Only events of this drug (and those that name none).
    groups
        Rows that stand for several terms: ``{"Liver dysfunction": ["AST", "ALT"]}``.
    own_terms
        Names that the study declares as its own.
    missing_related
        How an event without a statement on relation counts.

    Returns
    -------
    Assessed
        ``table``: ``patient, kind`` (term, group, category, any), ``term`` (name in the version),
        ``label``, ``category``, ``grade`` (worst; null where none was charted), ``related_grade``
        (worst among related events), ``events`` (how many), ``ungraded``, ``first_start``,
        ``onset_days``, ``source_rows``. ``evidence``: every event as :func:`prepare` sees it,
        also those left out.

    Examples
    --------
    >>> import polars as pl
    >>> from datetime import date
    >>> patients = pl.DataFrame({"patient": ["a", "b"], "treatment_start": [date(2014, 1, 1)] * 2,
    ...                          "treatment_end": [date(2014, 9, 1)] * 2})
    >>> events = pl.DataFrame({"patient": ["a", "a", "b"], "term": ["hand-foot syndrome", "HFS",
    ...     "rash"], "grade": [1, 3, 2], "start": [date(2014, 1, 20), date(2014, 3, 1),
    ...     date(2013, 12, 1)], "related": [True, True, True]})
    >>> done = worst_grades(events, patients, version="3.0")
    >>> done.table.filter(kind="term").select("patient", "label", "grade", "events").rows()
    [('a', 'Hand-foot syndrome', 3, 2)]
    """
    import polars as pl

    from oncohort.criteria.assessed import Assessed
    from oncohort.criteria.door import frame_in

    which = version_of(version)
    patients = frame_in(patients, "patients")
    adverse_events = frame_in(adverse_events, "adverse_events", REQUIRED)
    events = prepare(
        adverse_events,
        patients,
        version=which,
        window_days=window_days,
        drug=drug,
        missing_related=missing_related,
    )
    problems = list(check_events(adverse_events, version=which, own_terms=own_terms))
    problems += _relation_problems(events, missing_related) + _stranger_problems(
        adverse_events, patients
    )
    kept = events
    if emergent_only:
        kept = kept.filter("emergent")
    if related_only:
        kept = kept.filter("is_related")
    parts = [
        _worst(kept, pl.lit("term"), pl.col("name"), pl.col("label"), pl.col("category")),
        _worst(
            kept, pl.lit("category"), pl.col("category"), pl.col("category"), pl.col("category")
        ),
        _worst(kept, pl.lit("any"), pl.lit(ANY_EVENT), pl.lit("Any event"), pl.lit("")),
    ]
    for group, members in (groups or {}).items():
        wanted = [m.term.name if (m := match(t, which)).term else t for t in members]
        rows = kept.filter(pl.col("name").is_in(wanted) | (pl.col("term") == group))
        parts.append(_worst(rows, pl.lit("group"), pl.lit(group), pl.lit(group), pl.lit("")))
    table = pl.concat(parts).sort("patient", "kind", "term", maintain_order=True)
    return Assessed(table, events, tuple(problems))


def _worst(
    events: pl.DataFrame, kind: pl.Expr, term: pl.Expr, shown: pl.Expr, category: pl.Expr
) -> pl.DataFrame:
    import polars as pl

    related = pl.col("grade").filter(pl.col("is_related"))
    return (
        events.with_columns(
            kind.alias("kind"),
            term.alias("_term"),
            shown.alias("_label"),
            category.alias("_category"),
        )
        .group_by("patient", "kind", "_term", maintain_order=True)
        .agg(
            pl.col("_label").first().alias("label"),
            pl.col("_category").first().alias("category"),
            pl.col("grade").max(),
            related.max().alias("related_grade"),
            pl.len().cast(pl.Int64).alias("events"),
            pl.col("is_related").any().alias("related"),
            pl.col("grade").is_null().sum().cast(pl.Int64).alias("ungraded"),
            pl.col("start").min().alias("first_start"),
            pl.col("onset_days").min().alias("onset_days"),
            pl.col("source_row").drop_nulls().alias("source_rows"),
        )
        .rename({"_term": "term"})
    )


def _relation_problems(events: pl.DataFrame, missing_related: bool) -> list[Problem]:
    import polars as pl

    open_ = events.filter(pl.col("related").is_null())
    if not open_.height:
        return []
    counted = "related" if missing_related else "not related"
    return [
        Problem(
            id="ctcae.relation-not-stated",
            severity=Severity.NOTE,
            what=f"{open_.height} events do not say whether they are related to the drug; they "
            f"count as {counted}.",
            why="It changes the column of related events.",
            todo="State the relation, or declare that only one kind of event was charted.",
            place=_place(open_["source_row"][0], "related"),
        )
    ]


def _stranger_problems(adverse_events: pl.DataFrame, patients: pl.DataFrame) -> list[Problem]:
    strangers = _complete(adverse_events).join(patients, on="patient", how="anti")
    if not strangers.height:
        return []
    return [
        Problem(
            id="ctcae.patient-not-in-study",
            severity=Severity.WARNING,
            what=f"{strangers.height} events belong to patients that are not in the study.",
            why="They are not counted.",
            todo="Check the patient's key in both tables.",
            place=_place(strangers["source_row"][0], "patient"),
        )
    ]

"""Charted adverse events: validated, sorted by whether they came with treatment, counted once.

A patient counts once per term with the worst grade, once per category, and once in "any event".
Treatment-emergent events start on or after the first day of treatment and not later than a
declared number of days after the last, or got worse than they were before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import polars as pl

from oncohort.criteria.ctcae.event_checks import (
    REQUIRED,
    check_events,
    complete,
    relation_problems,
    unknown_patients,
)
from oncohort.criteria.ctcae.terms import label, match
from oncohort.criteria.ctcae.versions import CtcaeError, Version, version_of
from oncohort.criteria.frames import with_absent
from oncohort.criteria.partial_dates import earliest_day, latest_day

if TYPE_CHECKING:
    from narwhals.typing import IntoDataFrame

    from oncohort.criteria.assessed import Assessed

__all__ = ["ANY_EVENT", "check_events", "prepare", "worst_grades"]

ANY_EVENT = "any event"
"""Term of the rows that stand for all terms together."""


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
    from oncohort.criteria.frames import frame_in

    which = version_of(version)
    patients = frame_in(patients, "patients")
    frame = complete(frame_in(adverse_events, "adverse_events", REQUIRED)).filter(
        (pl.col("grade") != 0).fill_null(True), pl.col("term").is_not_null()
    )
    if "version" in frame.columns:
        written = frame["version"].cast(pl.String)
        same = [t for t in written.unique(maintain_order=True) if _same_version(t, which)]
        frame = frame.filter(written.is_in(same, nulls_equal=True))
    if drug is not None:
        named = pl.col("drug").str.to_lowercase().str.strip_chars()
        frame = frame.filter(pl.col("drug").is_null() | (named == drug.lower()))
    treated = with_absent(patients, {"treatment_start": pl.Date(), "treatment_end": pl.Date()})
    terms = _terms(frame["term"].unique().sort().to_list(), which)
    frame = frame.join(terms, on="term", how="left", maintain_order="left").join(
        treated.select("patient", "treatment_start", "treatment_end"),
        on="patient",
        how="inner",
        maintain_order="left",
    )
    onset = (pl.col("start") - pl.col("treatment_start")).dt.total_days()
    return (
        frame.with_columns(
            _emergent_reason(window_days).alias("emergent_reason"),
            pl.col("grades").list.contains(pl.col("grade")).alias("possible"),
            pl.col("related").fill_null(missing_related).alias("is_related"),
            onset.alias("onset_days"),
        )
        .with_columns(pl.col("emergent_reason").is_in(_COUNTED).alias("emergent"))
        .drop("treatment_start", "treatment_end", "grades")
    )


_COUNTED = ("no start: counted", "no start of treatment: counted", "during treatment")
"""Reasons for which an event came with treatment."""


def _terms(written: Sequence[str], version: Version) -> pl.DataFrame:
    """What each charted term means in the version, and the grades that it can have."""
    rows = []
    for text in written:
        found = match(text, version)
        name = found.term.name if found.term else text
        category = found.term.category if found.term else "(no CTCAE category)"
        grades = sorted(found.term.grades) if found.term else list(range(1, 6))
        rows.append((text, name, label(name), category, found.how, grades))
    schema: dict[str, pl.DataType] = {
        "term": pl.String(),
        "name": pl.String(),
        "label": pl.String(),
        "category": pl.String(),
        "how": pl.String(),
        "grades": pl.List(pl.Int64),
    }
    return pl.DataFrame(rows, schema=schema, orient="row")


def _emergent_reason(window_days: int) -> pl.Expr:
    """Whether an event came with treatment, in words; partial dates by what they can mean."""
    start, first, last = pl.col("start"), pl.col("treatment_start"), pl.col("treatment_end")
    precision = pl.col("start_precision")
    earliest, latest = earliest_day(start, precision), latest_day(start, precision)
    worsened = pl.col("baseline_grade").is_null() | (pl.col("grade") > pl.col("baseline_grade"))
    return (
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
    from oncohort.criteria.assessed import Assessed
    from oncohort.criteria.frames import frame_in

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
    problems += relation_problems(events, missing_related) + unknown_patients(
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

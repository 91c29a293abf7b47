"""What is wrong, or to be looked at, in the lesions of a study: problems with their rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from oncohort.problems import Place, Problem, Severity

from .frames import RecistInputError, as_polars, with_columns_of
from .measurability import measurable, organ
from .measure import length, parent
from .reasons import number
from .rules import RECIST_1_1, RecistRules
from .visits import LESION_TYPES, group_scans, number_scans, read_lesions, starts_of

TABLE = "lesions"


@dataclass(frozen=True, slots=True)
class Rule:
    """A named check of lesion data: how much it matters, why, and what to do."""

    severity: Severity
    why: str
    todo: str


_E, _W, _N = Severity.ERROR, Severity.WARNING, Severity.NOTE
RULES: Mapping[str, Rule] = {
    "recist.no-date": Rule(
        _E,
        "A lesion without a date belongs to no visit and is left out.",
        "enter the date of the scan",
    ),
    "recist.unknown-role": Rule(
        _E,
        "Only target, non-target and new lesions are known; the row is left out.",
        "recode the column in [tables.lesions.codes]",
    ),
    "recist.unknown-status": Rule(
        _E,
        "What the word means for the lesion can't be told.",
        "recode the column in [tables.lesions.codes]",
    ),
    "recist.several-readers": Rule(
        _E,
        "Readings of different people are never mixed.",
        "name the reader whose reading counts in [schedule] reader",
    ),
    "recist.no-baseline": Rule(
        _E,
        "Without a scan before treatment there is nothing to compare with (RECIST 1.1, 3.1).",
        "enter the baseline scan, or widen [schedule] baseline_days_after",
    ),
    "recist.baseline-old": Rule(
        _W,
        "The baseline scan should be at most four weeks old at treatment start (RECIST 1.1, 3.1).",
        "look for a later scan, or state the window in the methods",
    ),
    "recist.baseline-after-start": Rule(
        _W,
        "A baseline after treatment start may already show its effect.",
        "check the dates",
    ),
    "recist.target-not-measurable": Rule(
        _W,
        "Targets must be measurable at baseline (RECIST 1.1, 3.1.1); the lesion is counted as "
        "charted.",
        "make it a non-target lesion, or correct length, method or slice",
    ),
    "recist.target-without-length": Rule(
        _E,
        "Without its length the baseline sum is unknown, and no target response can be judged.",
        "enter the length at baseline, or make it a non-target lesion",
    ),
    "recist.too-many-targets": Rule(
        _W,
        "RECIST 1.1 (3.1.2) allows at most five target lesions; the sum is taken as charted.",
        "choose the largest reproducible ones; the others are non-target",
    ),
    "recist.too-many-in-organ": Rule(
        _W,
        "RECIST 1.1 (3.1.2) allows at most two target lesions in an organ; paired organs and all "
        "lymph nodes are one organ each. The sum is taken as charted.",
        "choose the two largest reproducible ones; the others are non-target",
    ),
    "recist.irradiated-target": Rule(
        _W,
        "A lesion treated locally before may be a target only if it has grown since "
        "(RECIST 1.1, 3.1.1).",
        "confirm that it had progressed, or choose another",
    ),
    "recist.treated-target": Rule(
        _W,
        "The size of a target that was irradiated, ablated or removed during treatment no longer "
        "shows what the drug did.",
        "make it not evaluable from then on, or state in the methods how it was counted",
    ),
    "recist.new-at-baseline": Rule(
        _E,
        "A lesion can't be new at baseline; it isn't counted.",
        "make it a target or non-target lesion",
    ),
    "recist.not-at-baseline": Rule(
        _E,
        "A lesion that wasn't there at baseline is either new, which is progression, or misnamed; "
        "it isn't counted until that is settled.",
        "make it a new lesion, or use the name it had at baseline",
    ),
    "recist.role-changed": Rule(
        _W,
        "A lesion keeps the role that it had at baseline.",
        "correct the role",
    ),
    "recist.node-changed": Rule(
        _W,
        "A lesion is a node or it isn't; what the baseline says is taken.",
        "correct the column node",
    ),
    "recist.two-values": Rule(
        _E,
        "Which of two different values counts can't be told; the lesion is not evaluable at that "
        "visit.",
        "keep the right one; name the pieces of a split lesion T1/1, T1/2",
    ),
    "recist.contradiction": Rule(
        _E,
        "Length and status say different things; the lesion is not evaluable at that visit.",
        "correct one of the two",
    ),
    "recist.merged-into-unknown": Rule(
        _E,
        "The lesion it has merged into isn't a target at baseline, so its size is in no sum.",
        "correct the name",
    ),
    "recist.visit-spread": Rule(
        _W,
        "Scans so far apart are hardly one assessment.",
        "check the dates or the visit label",
    ),
    "recist.disease-after-cr": Rule(
        _W,
        "Disease seen after a true complete response is progression; if lesions were still there, "
        "the response was partial (RECIST 1.1, table 3, note a).",
        "look at the scans: correct the complete response, or the later call",
    ),
    "recist.not-evaluated": Rule(
        _N,
        "A visit without all target lesions is not evaluable unless the rest already shows "
        "progression.",
        "look whether the missing lesion was described",
    ),
}
"""The checks by name."""

BLOCKS = ("response", "survival.pfs", "prognosis.pfs")


def check(
    lesions: Any,
    *,
    patients: Any | None = None,
    procedures: Any | None = None,
    reader: str | None = None,
    rules: RecistRules = RECIST_1_1,
) -> list[Problem]:
    """Everything that is wrong with, or doubtful in, the lesions of a study.

    Nothing is raised and nothing is changed; each problem names the patient and the row.

    Parameters
    ----------
    lesions, patients, reader, rules
        As in :func:`~oncohort.criteria.recist.assess`.
    procedures
        The record table ``procedures``: local treatment of a target lesion, before baseline or
        during treatment.

    Examples
    --------
    >>> from datetime import date
    >>> rows = pl.DataFrame({
    ...     "patient": ["7"], "lesion": ["T1"], "role": ["target"], "date": [date(2014, 1, 6)],
    ...     "diameter_mm": [8.0], "source_row": [2]})
    >>> [(p.id, p.place.row) for p in check(rows)]
    [('recist.target-not-measurable', 2)]
    """
    raw = with_columns_of(
        as_polars(lesions), ("patient", "lesion", "date", "role"), LESION_TYPES
    ).filter(pl.col("patient").is_not_null())
    out: list[Problem] = []
    out += _rows(raw.filter(pl.col("date").is_null()), "recist.no-date", "date", _no_date)
    strange = ~pl.col("role").is_in(["target", "non-target", "new"]) | pl.col("role").is_null()
    out += _rows(
        raw.filter(strange), "recist.unknown-role", "role", lambda r: f"role {r['role']!r}"
    )
    known = [
        "measured",
        "too small",
        "absent",
        "present",
        "unequivocal progression",
        "equivocal",
        "not evaluable",
    ]
    out += _rows(
        raw.filter(pl.col("status").is_not_null() & ~pl.col("status").is_in(known)),
        "recist.unknown-status",
        "status",
        lambda r: f"status {r['status']!r}",
    )
    try:
        frame = read_lesions(raw, reader)
    except RecistInputError as error:
        rule = RULES["recist.several-readers"]
        said = Problem(
            "recist.several-readers",
            rule.severity,
            str(error),
            rule.why,
            rule.todo,
            Place(sheet=TABLE, column="reader"),
            blocks=BLOCKS,
        )
        return [*out, said]
    frame = number_scans(frame.filter(~strange))
    if frame.is_empty():
        return out
    starts = starts_of(patients)
    scans = group_scans(frame, starts, rules)
    rows = frame.with_columns(
        scans["a"].gather(frame["s"]),
        scans["phase"].gather(frame["s"]),
        parent(pl.col("lesion")).alias("whole"),
    )
    out += _baseline_dates(scans, rules)
    out += _visit_spread(scans)
    base = rows.filter(pl.col("phase") == "baseline")
    follow = rows.filter(pl.col("phase") == "follow-up")
    targets = base.filter(pl.col("role") == "target")
    out += _targets(targets, rules)
    if procedures is not None:
        out += _treated(as_polars(procedures), targets, follow)
    out += _rows(
        base.filter(pl.col("role") == "new"),
        "recist.new-at-baseline",
        "role",
        lambda r: f"lesion {r['lesion']} is new at baseline",
    )
    out += _against_baseline(base, follow)
    out += _values(rows.filter(pl.col("phase") != "before"), rules)
    return out


def _no_date(row: Mapping[str, Any]) -> str:
    return f"lesion {row['lesion']} has no date"


def _rows(
    frame: pl.DataFrame, rule: str, column: str | None, what: Callable[[Mapping[str, Any]], str]
) -> list[Problem]:
    """One problem for each row of a frame with ``patient`` and ``source_row``."""
    of = RULES[rule]
    blocks = BLOCKS if of.severity is Severity.ERROR else ()
    return [
        Problem(
            rule,
            of.severity,
            what(row),
            of.why,
            of.todo,
            Place(sheet=TABLE, row=row["source_row"], column=column),
            row["patient"],
            blocks,
        )
        for row in frame.iter_rows(named=True)
    ]


def _with_row(scans: pl.DataFrame) -> pl.DataFrame:
    return scans.with_columns(pl.lit(None, dtype=pl.Int64).alias("source_row"))


def _baseline_dates(scans: pl.DataFrame, rules: RecistRules) -> list[Problem]:
    """Patients without a baseline, and baselines that are too old or too late."""
    none = (
        scans.filter(pl.col("phase") == "no baseline")
        .sort("date")
        .unique("patient", keep="first", maintain_order=True)
    )
    out = _rows(
        _with_row(none),
        "recist.no-baseline",
        "date",
        lambda r: f"the first scan, {r['date']}, is after treatment start {r['start']}",
    )
    days = (pl.col("start") - pl.col("date")).dt.total_days()
    base = (
        scans.filter((pl.col("phase") == "baseline") & pl.col("start").is_not_null())
        .group_by("patient")
        .agg(pl.col("date").max(), pl.col("start").first())
        .with_columns(days=days)
        .sort("patient")
    )
    out += _rows(
        _with_row(base.filter(pl.col("days") > rules.baseline_window_days)),
        "recist.baseline-old",
        "date",
        lambda r: f"the baseline scan of {r['date']} is {r['days']} days before treatment start",
    )
    out += _rows(
        _with_row(base.filter(pl.col("days") < 0)),
        "recist.baseline-after-start",
        "date",
        lambda r: f"the baseline scan of {r['date']} is {-r['days']} days after treatment start",
    )
    return out


def _visit_spread(scans: pl.DataFrame) -> list[Problem]:
    wide = (
        scans.filter(pl.col("phase") != "before")
        .group_by("patient", "a")
        .agg(
            pl.col("visit").min(),
            pl.col("date").min().alias("first"),
            pl.col("date").max().alias("last"),
        )
        .filter((pl.col("last") - pl.col("first")).dt.total_days() > 28)
        .sort("patient", "first")
    )
    return _rows(
        _with_row(wide),
        "recist.visit-spread",
        "visit",
        lambda r: f"visit {r['visit'] or ''} has scans from {r['first']} to {r['last']}",
    )


def _targets(targets: pl.DataFrame, rules: RecistRules) -> list[Problem]:
    """Measurability, earlier irradiation and the number of target lesions."""
    out: list[Problem] = []
    names: dict[str, dict[str, tuple[str | None, int | None]]] = {}
    for row in targets.sort("patient", "lesion").iter_rows(named=True):
        size = row["diameter_mm"]
        judged = measurable(
            size,
            node=bool(row["node"]),
            method=row["method"],
            slice_mm=row["slice_mm"],
            site=row["site"],
        )
        one = pl.DataFrame([row], schema=targets.schema)
        told = one.select(length(rules)).item()
        if told is None:
            out += _rows(
                one,
                "recist.target-without-length",
                "diameter_mm",
                lambda r: f"target {r['lesion']} has no usable length at baseline",
            )
        elif judged.group != "target":
            said = (
                "it was too small to measure"
                if size is None and row["status"] == "too small"
                else "it was absent"
                if size is None
                else judged.reason
            )
            out += _rows(
                one,
                "recist.target-not-measurable",
                "diameter_mm",
                lambda r, said=said: f"target {r['lesion']}: {said}",  # type: ignore[misc]
            )
        if row["irradiated"]:
            out += _rows(
                one,
                "recist.irradiated-target",
                "irradiated",
                lambda r: f"target {r['lesion']} was irradiated or treated locally before",
            )
        names.setdefault(row["patient"], {}).setdefault(
            row["whole"], (organ(row["site"], bool(row["node"])), row["source_row"])
        )
    for patient, found in names.items():
        rows = [r for _, r in found.values() if r is not None]
        if len(found) > rules.max_targets:
            out.append(_count(patient, rows, "recist.too-many-targets", f"{len(found)} targets"))
        organs: dict[str, list[int | None]] = {}
        for place, number_ in found.values():
            if place is not None:
                organs.setdefault(place, []).append(number_)
        for name, members in organs.items():
            if len(members) > rules.max_targets_per_organ:
                out.append(
                    _count(
                        patient,
                        [m for m in members if m is not None],
                        "recist.too-many-in-organ",
                        f"{len(members)} targets in one organ ({name})",
                    )
                )
    return out


def _treated(
    procedures: pl.DataFrame, targets: pl.DataFrame, follow: pl.DataFrame
) -> list[Problem]:
    """Target lesions that were treated locally, before baseline or between the scans."""
    if not {"patient", "date", "kind", "lesion"} <= set(procedures.columns):
        return []
    last = follow.group_by("patient").agg(pl.col("date").max().alias("last_scan"))
    done = (
        procedures.filter(pl.col("lesion").is_not_null() & pl.col("date").is_not_null())
        .select(
            pl.col("patient").cast(pl.String),
            pl.col("lesion").cast(pl.String).alias("whole"),
            pl.col("date").cast(pl.Date).alias("done"),
            "kind",
        )
        .join(
            targets.drop("lesion").rename({"whole": "lesion"}),
            left_on=["patient", "whole"],
            right_on=["patient", "lesion"],
        )
        .join(last, on="patient", how="left", maintain_order="left")
        .sort("patient", "whole", "done")
    )
    before = (pl.col("done") <= pl.col("date")) & ~pl.col("irradiated").fill_null(False)
    during = (pl.col("done") > pl.col("date")) & (pl.col("done") <= pl.col("last_scan"))
    return _rows(
        done.filter(before),
        "recist.irradiated-target",
        "irradiated",
        lambda r: f"target {r['whole']}: {r['kind']} on {r['done']}, before the baseline",
    ) + _rows(
        done.filter(during),
        "recist.treated-target",
        "lesion",
        lambda r: f"target {r['whole']}: {r['kind']} on {r['done']}, with scans after it",
    )


def _count(patient: str, rows: list[int], rule: str, what: str) -> Problem:
    of = RULES[rule]
    place = Place(sheet=TABLE, row=min(rows) if rows else None, column="role")
    listed = f", rows {', '.join(str(r) for r in sorted(rows))}" if rows else ""
    return Problem(rule, of.severity, what + listed, of.why, of.todo, place, patient)


def _against_baseline(base: pl.DataFrame, follow: pl.DataFrame) -> list[Problem]:
    """Lesions of follow-up that the baseline doesn't know, or knows otherwise."""
    known = (
        base.filter(pl.col("role") != "new")
        .sort("source_row", nulls_last=True)
        .group_by("patient", "whole", maintain_order=True)
        .agg(pl.col("role").first().alias("was"), pl.col("node").first().alias("was_node"))
    )
    # Patients without baseline have a problem of their own.
    with_base = base.select("patient").unique()
    later = (
        follow.filter(pl.col("role") != "new")
        .join(with_base, on="patient", how="semi")
        .join(known, on=["patient", "whole"], how="left", maintain_order="left")
        .sort("patient", "date", "lesion")
    )
    first = later.unique(["patient", "lesion"], keep="first", maintain_order=True)
    out = _rows(
        first.filter(pl.col("was").is_null()),
        "recist.not-at-baseline",
        "lesion",
        lambda r: f"{r['role']} lesion {r['lesion']} of {r['date']} isn't among those at baseline",
    )
    out += _rows(
        later.filter(pl.col("was") != pl.col("role")).unique(
            ["patient", "lesion"], keep="first", maintain_order=True
        ),
        "recist.role-changed",
        "role",
        lambda r: f"lesion {r['lesion']} was {r['was']} at baseline, now {r['role']}",
    )
    out += _rows(
        later.filter(pl.col("was_node") != pl.col("node")).unique(
            ["patient", "lesion"], keep="first", maintain_order=True
        ),
        "recist.node-changed",
        "node",
        lambda r: (
            f"lesion {r['lesion']} {'was' if r['was_node'] else 'was not'} a node at baseline"
        ),
    )
    named_new = follow.filter(pl.col("role") == "new").join(
        known, on=["patient", "whole"], how="inner"
    )
    out += _rows(
        named_new.unique(["patient", "lesion"], keep="first", maintain_order=True),
        "recist.role-changed",
        "role",
        lambda r: f"lesion {r['lesion']} was {r['was']} at baseline, now it is called new",
    )
    hosts = known.filter(pl.col("was") == "target").select(
        "patient", pl.col("whole").alias("merged_into")
    )
    lost = follow.filter(pl.col("merged_into").is_not_null()).join(
        hosts, on=["patient", "merged_into"], how="anti"
    )
    out += _rows(
        lost,
        "recist.merged-into-unknown",
        "merged_into",
        lambda r: f"lesion {r['lesion']} has merged into {r['merged_into']}, which is no target",
    )
    return out


def _values(rows: pl.DataFrame, rules: RecistRules) -> list[Problem]:
    """Contradictions within a row, and two values for one lesion on one day."""
    mm, status = pl.col("diameter_mm"), pl.col("status")
    clash = (
        ((status == "absent") & (mm > 0))
        | ((status == "present") & (mm == 0))
        | ((status == "not evaluable") & (mm > 0))
        | (mm < 0)
        | mm.is_nan()
        | mm.is_infinite()
    ).fill_null(False)
    out = _rows(
        rows.filter(clash & (pl.col("role") != "new")).sort("patient", "date", "lesion"),
        "recist.contradiction",
        "diameter_mm",
        lambda r: (
            f"lesion {r['lesion']}: {r['status'] or 'length'} with {number(r['diameter_mm'], 2)} mm"
        ),
    )
    double = (
        rows.filter(pl.col("role") == "target")
        .with_columns(length(rules))
        .group_by("patient", "lesion", "date")
        .agg(
            pl.col("length").n_unique().alias("n"),
            pl.col("diameter_mm").drop_nulls(),
            pl.col("source_row").max(),
        )
        .filter(pl.col("n") > 1)
        .sort("patient", "date", "lesion")
    )
    out += _rows(
        double,
        "recist.two-values",
        "diameter_mm",
        lambda r: (
            f"lesion {r['lesion']} on {r['date']}: "
            + " and ".join(f"{number(v, 2)} mm" for v in r["diameter_mm"])
        ),
    )
    return out


def doubtful_complete_responses(best: Any) -> list[Problem]:
    """Patients with a complete response followed by a visit with disease that isn't called PD.

    Parameters
    ----------
    best
        The frame of :func:`~oncohort.criteria.recist.best_response`.
    """
    frame = as_polars(best).filter(pl.col("cr_then_disease"))
    return _rows(
        frame,
        "recist.disease-after-cr",
        "overall",
        lambda r: f"a complete response is followed by disease; best response {r['best_response']}",
    )


def not_evaluated(visits: Any) -> list[Problem]:
    """Visits that are not evaluable because a target lesion is missing, to be looked at.

    Parameters
    ----------
    visits
        The frame of :func:`~oncohort.criteria.recist.assess`.
    """
    frame = as_polars(visits).filter(pl.col("code") == "target-missing")
    return _rows(
        frame,
        "recist.not-evaluated",
        "diameter_mm",
        lambda r: f"{r['targets_evaluated']} of {r['targets']} targets evaluated on {r['date']}",
    )


__all__ = ["RULES", "Rule", "check", "doubtful_complete_responses", "not_evaluated"]

"""What is wrong, or to be looked at, in the lesions of a study: problems with their rows."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import polars as pl

from oncohort.criteria.frames import FrameError as RecistInputError
from oncohort.criteria.frames import Row, as_polars, with_columns_of
from oncohort.problems import Place, Problem, problem
from oncohort.vocabulary.tables import LESION_STATUS, TARGET_ROLES

from .lengths import length, non_target_state, parent
from .measurability import Measurability, measurable
from .reasons import number
from .rules import RECIST_1_1, RecistRules
from .sites import organ
from .visits import LESION_TYPES, group_scans, number_scans, read_lesions, starts_of

TABLE = "lesions"


def check(
    lesions: object,
    *,
    patients: object | None = None,
    procedures: object | None = None,
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
    if reader is not None:
        raw = raw.filter((pl.col("reader") == reader) | pl.col("reader").is_null())
    strange = ~pl.col("role").is_in(TARGET_ROLES) | pl.col("role").is_null()
    out = _unknown(raw, strange)
    try:
        frame = read_lesions(raw, reader)
    except RecistInputError as error:
        wrong = problem(
            "recist.several-readers",
            place=Place(sheet=TABLE, column="reader"),
            table=TABLE,
            reason=_sentence(str(error)),
        )
        return [*out, wrong]
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
    out += _visit_spread(scans, rules)
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


def _role(row: Row) -> str:
    if row["role"] is None:
        return f"lesion {row['lesion']} has no role"
    return f"lesion {row['lesion']} has the role {row['role']!r}"


def _no_date(row: Row) -> str:
    return f"lesion {row['lesion']} has no date"


def _rows(frame: pl.DataFrame, rule: str, column: str, what: Callable[[Row], str]) -> list[Problem]:
    """One problem for each row of a frame with ``patient`` and ``source_row``."""
    return [_one(row, rule, column, what(row)) for row in frame.iter_rows(named=True)]


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


def _visit_spread(scans: pl.DataFrame, rules: RecistRules) -> list[Problem]:
    wide = (
        scans.filter(pl.col("phase") != "before")
        .filter(pl.col("visit").is_not_null())
        .group_by("patient", "visit", pl.col("phase") == "baseline")
        .agg(
            pl.col("date").min().alias("first"),
            pl.col("date").max().alias("last"),
        )
        .filter((pl.col("last") - pl.col("first")).dt.total_days() > rules.label_window_days)
        .sort("patient", "first")
    )
    return _rows(
        _with_row(wide),
        "recist.visit-spread",
        "visit",
        lambda r: f"visit {r['visit'] or ''} has scans from {r['first']} to {r['last']}",
    )


def _one(row: Row, rule: str, column: str, what: str) -> Problem:
    place = Place(sheet=TABLE, row=row["source_row"], column=column)
    return problem(
        rule,
        place=place,
        patient=row["patient"],
        table=TABLE,
        column=column,
        row=row["source_row"],
        reason=_sentence(what),
    )


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + ("" if text.endswith(".") else ".")


def _targets(targets: pl.DataFrame, rules: RecistRules) -> list[Problem]:
    """Measurability, earlier irradiation and the number of target lesions."""
    out: list[Problem] = []
    wanted = ("patient", "lesion", "whole", "diameter_mm", "node", "method", "slice_mm", "site",
              "node_by_site", "status", "irradiated", "source_row")  # fmt: skip
    rows = targets.with_columns(length(rules)).sort("patient", "lesion", "source_row")
    for row in rows.select(*wanted, "length").iter_rows(named=True):
        size, name = row["diameter_mm"], row["lesion"]
        node = None if row["node_by_site"] else bool(row["node"])
        judged = _judge(size, node, row["method"], row["slice_mm"], row["site"])
        if row["length"] is None:
            what = f"target {name} has no usable length at baseline"
            out.append(_one(row, "recist.target-without-length", "diameter_mm", what))
        elif judged.group != "target":
            why = judged.reason
            if size is None:
                small = row["status"] == "too small"
                why = "it was too small to measure" if small else "it was absent"
            what = f"target {name}: {why}"
            out.append(_one(row, "recist.target-not-measurable", "diameter_mm", what))
        if row["irradiated"]:
            what = f"target {name} was irradiated or treated locally before"
            out.append(_one(row, "recist.irradiated-target", "irradiated", what))
    return out + _too_many(rows, rules)


@lru_cache(maxsize=4096)
def _judge(
    size: float | None,
    node: bool | None,
    method: str | None,
    slice_mm: float | None,
    site: str | None,
) -> Measurability:
    return measurable(size, node=node, method=method, slice_mm=slice_mm, site=site)


def _too_many(rows: pl.DataFrame, rules: RecistRules) -> list[Problem]:
    """More targets than allowed, in all or in one organ."""
    lesions = rows.unique(["patient", "whole"], keep="first", maintain_order=True)
    places = lesions.select("site", "node").unique(maintain_order=True)
    organs = [organ(site, bool(node)) for site, node in places.iter_rows()]
    lesions = lesions.join(
        places.with_columns(pl.Series("organ", organs, dtype=pl.String)),
        on=["site", "node"],
        how="left",
        nulls_equal=True,
        maintain_order="left",
    )
    out = []
    for keys, rule, most in (
        (["patient"], "recist.too-many-targets", rules.max_targets),
        (["patient", "organ"], "recist.too-many-in-organ", rules.max_targets_per_organ),
    ):
        found = (
            lesions.filter(pl.col(keys[-1]).is_not_null())
            .group_by(keys, maintain_order=True)
            .agg(pl.len().alias("n"), pl.col("source_row").drop_nulls().sort())
            .filter(pl.col("n") > most)
        )
        for row in found.iter_rows(named=True):
            where = f" in one organ ({row['organ']})" if "organ" in keys else ""
            listed = ", ".join(str(r) for r in row["source_row"])
            what = f"{row['n']} targets{where}" + (f", rows {listed}" if listed else "")
            first = {**row, "source_row": row["source_row"][0] if listed else None}
            out.append(_one(first, rule, "role", what))
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


def _unknown(raw: pl.DataFrame, strange: pl.Expr) -> list[Problem]:
    """Rows without a date, with a strange role, or with a status of no list."""
    status = pl.col("status")
    return [
        *_rows(raw.filter(pl.col("date").is_null()), "recist.no-date", "date", _no_date),
        *_rows(raw.filter(strange), "recist.unknown-role", "role", _role),
        *_rows(
            raw.filter(status.is_not_null() & ~status.is_in(LESION_STATUS)),
            "recist.unknown-status",
            "status",
            lambda r: f"status {r['status']!r}",
        ),
    ]


def _against_baseline(base: pl.DataFrame, follow: pl.DataFrame) -> list[Problem]:
    """Lesions of follow-up that the baseline doesn't know, or knows otherwise."""
    known = (
        base.filter(pl.col("role") != "new")
        .sort("source_row", nulls_last=True)
        .group_by("patient", "whole", maintain_order=True)
        .agg(pl.col("role").first().alias("was"), pl.col("node").first().alias("was_node"))
    )
    # Patients without baseline have a problem of their own.
    with_base = base.select("patient").unique(maintain_order=True)
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
    return [*out, *_merged_into_nothing(known, follow)]


def _merged_into_nothing(known: pl.DataFrame, follow: pl.DataFrame) -> list[Problem]:
    """Lesions of follow-up that have merged into one that is no target."""
    hosts = known.filter(pl.col("was") == "target").select(
        "patient", pl.col("whole").alias("merged_into")
    )
    lost = follow.filter(pl.col("merged_into").is_not_null()).join(
        hosts, on=["patient", "merged_into"], how="anti"
    )
    return _rows(
        lost,
        "recist.merged-into-unknown",
        "merged_into",
        lambda r: f"lesion {r['lesion']} has merged into {r['merged_into']}, which is no target",
    )


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
    out += _two_values(rows, rules)
    return out


def _two_values(rows: pl.DataFrame, rules: RecistRules) -> list[Problem]:
    """One lesion with two lengths or two states on one day."""
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
    out = _rows(
        double,
        "recist.two-values",
        "diameter_mm",
        lambda r: (
            f"lesion {r['lesion']} on {r['date']}: "
            + " and ".join(f"{number(v, 2)} mm" for v in r["diameter_mm"])
        ),
    )
    state = (
        pl.when(pl.col("role") == "new")
        .then(pl.coalesce("status", pl.lit("present")))
        .otherwise(non_target_state(rules))
    )
    unsure = (
        rows.filter(pl.col("role").is_in(["non-target", "new"]))
        .with_columns(state=state)
        .group_by("patient", "lesion", "date", maintain_order=True)
        .agg(pl.col("state").unique(maintain_order=True), pl.col("source_row").max())
        .filter(pl.col("state").list.len() > 1)
        .sort("patient", "date", "lesion")
    )
    return out + _rows(
        unsure,
        "recist.two-values",
        "status",
        lambda r: f"lesion {r['lesion']} on {r['date']}: {' and '.join(r['state'])}",
    )


def doubtful_complete_responses(best: object) -> list[Problem]:
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


__all__ = ["check", "doubtful_complete_responses"]

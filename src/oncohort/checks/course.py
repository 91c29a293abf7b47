"""The course of the disease as told in several places: progression, lines of therapy, death."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from oncohort.checks.event_dates import event_dates
from oncohort.checks.rule import MANY, Data, rule
from oncohort.problems import Problem, problem
from oncohort.vocabulary.mentions import mentions

APART_DAYS = 62
"""A progression is often charted some weeks before or after the scan that shows it."""
BEYOND_DAYS = 180
"""Treatment that goes on for so long after progression ends for another one."""
SOON_DAYS = 14
"""The next therapy may begin some days before the scan that shows why."""
_OWN_REASONS = ("toxicity", "completed", "choice", "other")
"""Reasons of stopping for which the next therapy needs no progression."""
_SAYS_PROGRESSION = r"(?i)progress|progrès|^pd$|progredien"


def _first(data: Data, kind: str, name: str) -> pl.DataFrame | None:
    """The first day of a kind of fact of each patient, with its precision."""
    if data.cohort is None or data.cohort.evidence.facts is None:
        return None
    facts = data.cohort.evidence.facts.filter(
        (pl.col("kind") == kind) & pl.col("date").is_not_null()
    )
    return facts.group_by("patient").agg(pl.col("date").min().alias(name))


def _with_progression(data: Data) -> pl.DataFrame | None:
    """The included patients with `_seen` and `_charted`, the first progression of each kind."""
    seen, charted = _first(data, "progression", "_seen"), None
    charted = _first(data, "charted_progression", "_charted")
    if seen is None or charted is None:
        return None
    frame = data.included(data.patients).unique("patient", keep="first", maintain_order=True)
    frame = frame.join(seen, on="patient", how="left", maintain_order="left")
    return frame.join(charted, on="patient", how="left", maintain_order="left")


@rule("response.progression-differs")
def progression_differs(data: Data) -> Iterator[Problem]:
    """A charted progression that the scans do not show, or show at another time, or alone."""
    response = data.protocol.response
    if response is None or response.source == "charted":
        return
    if not data.has("patients", "progression_date") or not data.has(response.source, "date"):
        return
    frame = _with_progression(data)
    if frame is None:
        return
    scanned = data.records.tables[response.source]["patient"].unique(maintain_order=True)
    frame = frame.filter(pl.col("patient").is_in(scanned.implode()))
    apart = (pl.col("_charted") - pl.col("_seen")).dt.total_days().abs()
    year = pl.col("progression_date_precision").fill_null("day") == "year"
    cases = (
        ("", frame.filter((apart > APART_DAYS) & ~year)),
        ("unseen", frame.filter(pl.col("_seen").is_null() & pl.col("_charted").is_not_null())),
        ("uncharted", frame.filter(pl.col("_seen").is_not_null() & pl.col("_charted").is_null())),
    )
    for case, rows in cases:
        yield from data.notices(
            "response.progression-differs",
            rows,
            "patients",
            "progression_date",
            case,
            charted=pl.col("_charted"),
            seen=pl.col("_seen"),
        )


def _progressed(data: Data) -> pl.Series | None:
    """Patients with a progression of any kind; None where the chart can't say who progressed."""
    from oncohort.checks.agreement import is_progression
    from oncohort.records.compared import matches

    found: list[pl.Series] = []
    for kind in ("progression", "charted_progression"):
        first = _first(data, kind, "_day")
        if first is not None:
            found.append(first["patient"])
    known = data.has("patients", "progression_date")
    response = data.protocol.response
    known = known or (
        response is not None and response.source != "charted" and data.has(response.source, "date")
    )
    for key, endpoint in data.protocol.endpoints.items():
        column = str(endpoint.event)
        if (
            endpoint.reduced
            and is_progression(key, endpoint.label)
            and data.has("patients", column)
        ):
            known = True
            events = data.patients.select("patient", column).rows()
            found.append(
                pl.Series(
                    [p for p, v in events if matches(v, endpoint.event_value)], dtype=pl.String
                )
            )
    if not known:
        return None
    return pl.concat(found).unique(maintain_order=True) if found else pl.Series([], dtype=pl.String)


@rule("survival.stopped-for-progression")
def stopped_for_progression(data: Data) -> Iterator[Problem]:
    """Treatment ended for progression, death is from progression, and none is known."""
    reason = data.has("patients", "treatment_end_reason")
    cause = data.has("patients", "death_cause")
    if not reason and not cause:
        return
    progressed = _progressed(data)
    if progressed is None:
        return
    frame = data.included(data.patients).filter(~pl.col("patient").is_in(progressed.implode()))
    if reason:
        rows = frame.filter(pl.col("treatment_end_reason") == "progression")
        yield from data.notices(
            "survival.stopped-for-progression", rows, "patients", "treatment_end_reason"
        )
        yield from _stopped_before(data)
    if cause and frame.get_column("death_cause").dtype == pl.String:
        rows = frame.filter(pl.col("death_cause").str.contains(_SAYS_PROGRESSION))
        yield from data.notices(
            "survival.stopped-for-progression",
            rows,
            "patients",
            "death_cause",
            "cause",
            cause=pl.col("death_cause"),
        )


SAME_CAUSE, NEARLY_ALL = 8, 0.9
"""Deaths of one cause, and the share of them after a dated progression, that make a rule of it."""


@rule("survival.cause-without-event")
def cause_without_event(data: Data) -> Iterator[Problem]:
    """Dead of breast cancer as all who had a recurrence, and none is dated."""
    if not data.has("patients", "death_cause"):
        return
    rows = data.included(data.patients)
    if rows.schema["death_cause"] != pl.String:
        return
    progressed = _progressed(data)
    found = [] if progressed is None else [progressed]
    for column in event_dates(data):
        if mentions(column, "progression"):
            found.append(rows.filter(pl.col(column).is_not_null())["patient"])
    if not found:
        return
    after = pl.concat(found).unique(maintain_order=True).implode()
    rows = rows.drop_nulls("death_cause").with_columns(_after=pl.col("patient").is_in(after))
    for (cause,), own in rows.group_by("death_cause", maintain_order=True):
        without = own.filter(~pl.col("_after"))
        n = own.height - without.height
        if own.height < SAME_CAUSE or n < NEARLY_ALL * own.height:
            continue
        if progressed is not None:  # progression by name is told by the rule above
            without = without.filter(~pl.col("death_cause").str.contains(_SAYS_PROGRESSION))
        yield from data.notices(
            "survival.cause-without-event", without, "patients", "death_cause", cause=cause, n=n
        )


def _stopped_before(data: Data) -> Iterator[Problem]:
    """Treatment ended for a progression that the chart knows only months later, or long before."""
    frame = _with_progression(data)
    if frame is None:
        return
    first = pl.min_horizontal("_seen", "_charted")
    rows = data.included(frame).filter(
        (pl.col("treatment_end_reason") == "progression")
        & ((first - pl.col("treatment_end")).dt.total_days() > 2 * APART_DAYS)
    )
    yield from data.notices(
        "survival.stopped-for-progression",
        rows,
        "patients",
        "treatment_end",
        "before",
        end=pl.col("treatment_end"),
        progression=first,
    )
    late = data.included(frame).filter(
        (pl.col("treatment_end_reason") == "progression")
        & ((pl.col("treatment_end") - first).dt.total_days() > BEYOND_DAYS)
    )
    yield from data.notices(
        "survival.stopped-for-progression",
        late,
        "patients",
        "treatment_end",
        "after",
        end=pl.col("treatment_end"),
        progression=first,
    )


@rule("survival.cause-of-the-living")
def cause_of_the_living(data: Data) -> Iterator[Problem]:
    if not data.has("patients", "death_cause"):
        return
    if not data.has("patients", "vital_status") and not data.has("patients", "death_date"):
        return
    alive = data.included(data.patients).filter(
        pl.col("death_date").is_null()
        & (pl.col("vital_status").fill_null("alive") == "alive")
        & pl.col("death_cause").is_not_null()
    )
    # A sheet that says "alive" in this column says nothing against it.
    alive = alive.filter(
        ~pl.col("death_cause").cast(pl.String).str.contains(r"(?i)^(alive|lebt|vivant|vivo|no|0|-)")
    )
    yield from data.notices(
        "survival.cause-of-the-living",
        alive,
        "patients",
        "death_cause",
        cause=pl.col("death_cause"),
    )


@rule("therapies.incomplete")
def incomplete(data: Data) -> Iterator[Problem]:
    """A therapy without a start, of a patient of whom no other one after the treatment is dated."""
    if not data.has("therapies", "start") or not data.has("patients", "treatment_start"):
        return
    began = data.patients.select("patient", _began="treatment_start")
    rows = data.included(data.records.tables["therapies"])
    rows = rows.join(began.drop_nulls(), on="patient", maintain_order="left")
    later = (pl.col("start") > pl.col("_began")).fill_null(False).any().over("patient")
    before = (pl.col("end") <= pl.col("_began")).fill_null(False)
    named = pl.any_horizontal(pl.col("drugs", "line", "end").is_not_null())
    yield from data.notices(
        "therapies.incomplete",
        rows.filter(pl.col("start").is_null() & named & ~later & ~before),
        "therapies",
        "start",
        drugs=pl.col("drugs").fill_null("A therapy"),
    )


@rule("therapies.order")
def order(data: Data) -> Iterator[Problem]:
    """Lines of therapy whose numbers are not in the order of their dates."""
    if not data.has("therapies", "line", "start"):
        return
    lines = (
        data.included(data.records.tables["therapies"])
        .drop_nulls(["line", "start"])
        .sort("patient", "start", "line", maintain_order=True)
        .with_columns(
            _line=pl.col("line").shift(1).over("patient"),
            _start=pl.col("start").shift(1).over("patient"),
            _stop=pl.col("stop_reason").shift(1).over("patient"),
            _drugs=pl.col("drugs").shift(1).over("patient"),
        )
    )
    backwards = lines.filter(
        (pl.col("line") < pl.col("_line")) & (pl.col("start") > pl.col("_start"))
    )
    again = lines.filter(
        (pl.col("line") == pl.col("_line"))
        & (pl.col("_stop") == "progression")
        & (pl.col("drugs") != pl.col("_drugs"))
        & (pl.col("start") > pl.col("_start"))
    )
    for case, rows in (("", backwards), ("again", again)):
        yield from data.notices(
            "therapies.order",
            rows,
            "therapies",
            "line",
            case,
            line=pl.col("line"),
            start=pl.col("start"),
            before=pl.col("_line"),
            before_start=pl.col("_start"),
        )


@rule("therapies.before-progression")
def before_progression(data: Data) -> Iterator[Problem]:
    """The next therapy began before the progression that it is for."""
    if not data.has("therapies", "start") or not data.has("patients", "treatment_start"):
        return
    frame = _with_progression(data)
    if frame is None:
        return
    own = frame.select(
        "patient",
        _from="treatment_start",
        _end="treatment_end",
        _reason="treatment_end_reason",
        _progression=pl.min_horizontal("_seen", "_charted"),
    )
    later = data.records.tables["therapies"].join(own, on="patient", maintain_order="left")
    later = later.filter(
        ((pl.col("start") - pl.col("_from")).dt.total_days() > SOON_DAYS)
        & (pl.col("start_precision").fill_null("day") == "day")
    )
    late = (pl.col("_progression") - pl.col("start")).dt.total_days() > SOON_DAYS
    other = pl.col("_reason").is_in(_OWN_REASONS).fill_null(False) & (
        (pl.col("_end") - pl.col("start")).dt.total_days() <= SOON_DAYS
    ).fill_null(False)
    first = (
        later.filter(late & ~other)
        .sort("start")
        .unique("patient", keep="first", maintain_order=True)
    )
    for row in first.sort("source_record").head(MANY).iter_rows(named=True):
        yield problem(
            "therapies.before-progression",
            place=data.at("therapies", "start", row["source_record"]),
            patient=row["patient"],
            drugs=row["drugs"] or "The next therapy",
            start=row["start"],
            progression=row["_progression"],
        )


MANY_SITES = 50
"""Nobody counts more metastases in one organ."""


@rule("sites.count")
def site_count(data: Data) -> Iterator[Problem]:
    """Numbers of metastases that can't be, or that two rows give differently."""
    if not data.has("sites", "count"):
        return
    rows = data.included(data.records.tables["sites"]).filter(pl.col("count").is_not_null())
    odd = (("negative", pl.col("count") < 0), ("", pl.col("count") > MANY_SITES))
    for case, wrong in odd:
        for row in rows.filter(wrong).head(MANY).iter_rows(named=True):
            yield problem(
                "sites.count",
                case,
                place=data.at("sites", "count", row["source_record"]),
                patient=row["patient"],
                table="sites" if case else None,
                column="count" if case else None,
                row=row["source_row"],
                organ=row["organ"] or "An organ",
                count=row["count"],
            )
    keys = ["patient", "organ", "side", "date"]
    twice = rows.group_by(keys, maintain_order=True).agg("count", "source_record")
    for row in twice.filter(pl.col("count").list.n_unique() > 1).head(MANY).iter_rows(named=True):
        yield problem(
            "sites.count",
            "twice",
            place=data.at("sites", "count", row["source_record"][-1]),
            patient=row["patient"],
            organ=row["organ"] or "An organ",
            counts=list(dict.fromkeys(row["count"])),
        )


@rule("performance.sheets-disagree")
def sheets_disagree(data: Data) -> Iterator[Problem]:
    """The patients' sheet and the sheet of performance have another value at the start."""
    if not data.has("performance", "scale", "value"):
        return
    window = data.protocol.schedule.baseline_days_before
    starts = data.included(data.patients).unique("patient", keep="first", maintain_order=True)
    for column, scale in (("kps", "Karnofsky"), ("ecog", "ECOG")):
        if not data.has("patients", column) or not starts.get_column(column).dtype.is_numeric():
            continue
        days = (pl.col("_start") - pl.col("date")).dt.total_days()
        near = (
            data.records.tables["performance"]
            .filter((pl.col("scale") == scale) & pl.col("value").is_not_null())
            .join(
                starts.select("patient", _start="treatment_start", _own=column),
                on="patient",
                maintain_order="left",
            )
            .filter(pl.col("date").is_null() | days.is_between(0, window))
            .sort("date", nulls_last=False, maintain_order=True)
            .unique("patient", keep="last", maintain_order=True)
        )
        differ = near.filter(pl.col("_own") != pl.col("value")).sort("source_record")
        if differ.is_empty():
            continue
        first = differ.row(0, named=True)
        yield problem(
            "performance.sheets-disagree",
            place=data.at("performance", "value", first["source_record"]),
            patient=first["patient"] if differ.height == 1 else None,
            n=differ.height,
            scale=scale,
            patients=[
                f"{r['patient']} ({r['_own']:g} and {r['value']:g})"
                for r in differ.iter_rows(named=True)
            ],
        )

"""What a reader would need and the paper doesn't print; oddities of style. All *unusual*."""

from __future__ import annotations

from oncohort.audit.checks.cox import largest_log_ratio, z_of
from oncohort.audit.finding import Certainty, Finding, Log
from oncohort.published.model import Published, Ratio
from oncohort.published.rounding import interval, number, probability

RULE = "REMARK (BMC Med 2012;10:51) asks for estimates with intervals and for numbers of events."


def check(published: Published, log: Log) -> None:
    """Note missing intervals and event counts, mixed digits, and adjusted ratios that got surer."""
    _missing(published, log)
    _digits(published, log)
    _surer(published, log)


def _missing(published: Published, log: Log) -> None:
    ratios = [r for r in published.ratios if r.where.table and r.estimate]
    if len(ratios) < 2:
        return
    lacking = []
    if not any(r.low for r in ratios):
        lacking.append("confidence intervals of the ratios")
    medians = [t for t in published.times if t.endpoint in {"PFS", "OS"}]
    if medians and not any(t.spread == "interval" for t in medians):
        lacking.append("confidence intervals of the medians")
    if not published.events:
        lacking.append("numbers of events")
    if not any(t.endpoint == "follow-up" for t in published.times):
        lacking.append("follow-up")
    if len(lacking) < 2:
        return
    log.add(
        Finding(
            "completeness.missing",
            Certainty.UNUSUAL,
            f"Not found anywhere in the paper: {', '.join(lacking)}",
            (ratios[0].where,),
            RULE,
            readings=("a supplement may have them",),
        )
    )


def _digits(published: Published, log: Log) -> None:
    tables: dict[str, list[Ratio]] = {}
    for ratio in published.ratios:
        if ratio.where.table and ratio.p:
            tables.setdefault(ratio.where.table, []).append(ratio)
    for table, rows in tables.items():
        places = {}
        for row in rows:
            read = number(row.p)
            if read is not None and read.exact:
                places[row.p] = len(row.p.partition(".")[2])
        one = sorted(p for p, k in places.items() if k <= 1)
        more = [p for p, k in places.items() if k >= 2]
        if one and len(more) >= 2 * len(one):
            log.add(
                Finding(
                    "completeness.digits",
                    Certainty.UNUSUAL,
                    f"{table}: p-values {', '.join(one)} have one decimal, the others more",
                    tuple(r.where for r in rows if r.p in one),
                    "p-values of one table are printed with about as many digits each.",
                    readings=tuple(f"{p} was read as {probability(p)}" for p in one),
                    figures=tuple(one),
                )
            )


def _surer(published: Published, log: Log) -> None:
    for one in published.ratios:
        if one.model != "univariable" or not one.p or not one.where.table:
            continue
        for many in published.ratios:
            if (
                many.model == "multivariable"
                and many.where.table == one.where.table
                and (many.variable, many.contrast, many.endpoint)
                == (one.variable, one.contrast, one.endpoint)
            ):
                _compare(one, many, log)


def _compare(one: Ratio, many: Ratio, log: Log) -> None:
    smallest = _smallest_se(one)
    top, allowed = largest_log_ratio(many.estimate), probability(many.p) if many.p else None
    if smallest is None or top is None or allowed is None or not 0 < allowed.high < 1:
        return
    largest = top / z_of(float(allowed.high))
    log.checked(one, many)
    if largest >= 0.8 * smallest:
        return
    log.add(
        Finding(
            "completeness.surer",
            Certainty.UNUSUAL,
            f"{one.variable}, {one.endpoint}: the standard error falls from at least "
            f"{smallest:.3f} "
            f"(HR {one.estimate}, univariable) to at most {largest:.3f} (HR {many.estimate}, "
            "multivariable), if both p are Wald",
            tuple(dict.fromkeys((one.where, many.where))),
            "Adjustment usually makes a hazard ratio less certain, not more.",
            (f"|log HR| / z: {smallest:.4f} before, {largest:.4f} after",),
            (f"{one.estimate} allows {interval(one.estimate)}",),
            readings=("other patients may be in the two models",),
            figures=(one.estimate, one.p, many.estimate, many.p),
        )
    )


def _smallest_se(ratio: Ratio) -> float | None:
    import math

    estimate = interval(ratio.estimate)
    allowed = probability(ratio.p)
    if estimate is None or allowed is None or estimate.low <= 0 or not 0 < allowed.low < 1:
        return None
    if estimate.low <= 1 <= estimate.high:
        return None
    smallest = min(abs(math.log(estimate.low)), abs(math.log(estimate.high)))
    return smallest / z_of(float(allowed.low))

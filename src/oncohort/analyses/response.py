"""Response: best response, response rate, disease control, the waterfall and the swimmer plot."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from oncohort.analyses.counting import COHORT, count, percent, summary
from oncohort.analyses.exposure import still_treated
from oncohort.analyses.rates import methods as rate_methods
from oncohort.analyses.response_groups import response_by_group
from oncohort.analyses.result import Curve, Estimate, Population, Result, key_of
from oncohort.analyses.survival import median_estimate
from oncohort.endpoints.cohort import Cohort
from oncohort.protocol import Protocol
from oncohort.protocol.analysis import Response
from oncohort.vocabulary.times import DAYS_PER_UNIT

LEVELS = {
    "cr": ("CR", "Complete response"),
    "pr": ("PR", "Partial response"),
    "sd": ("SD", "Stable disease"),
    "noncr_nonpd": ("Non-CR/Non-PD", "Non-CR/Non-PD"),
    "pd": ("PD", "Progressive disease"),
    "ne": ("NE", "Not evaluable"),
}
"""Level keys of best response, with RECIST's word and the label, best first."""

WATERFALL = ("response", "waterfall")

KEY_OF = {word: key for key, (word, _) in LEVELS.items()}

NOT_DRAWN = {
    "no-visit": "no scan after baseline",
    "no-targets": "no target lesion at baseline",
    "no-complete-sum": "targets never all evaluated",
    "not-charted": "no change of the target sum in the chart",
}


def _those(cohort: Cohort, words: Sequence[str]) -> tuple[str, ...]:
    return cohort.members(pl.col("best_response").is_in(list(words)))


def _elsewhere(cohort: Cohort) -> dict[str, str]:
    """Patients whose best response is a progression that was not seen in the target lesions.

    ``new`` where the first visit with progression has a new lesion, ``non_target`` where the
    non-target lesions progressed; the sum of the target lesions does not tell it.
    """
    visits = cohort.evidence.assessments
    if visits is None or not {"overall", "target", "non_target", "new_lesion"} <= set(
        visits.columns
    ):
        return {}
    rows = (
        visits.filter(pl.col("overall") == "PD")
        .sort("date", maintain_order=True)
        .unique("patient", keep="first", maintain_order=True)
        .join(cohort.frame.select("patient", "best_response"), on="patient")
        .filter((pl.col("best_response") == "PD") & (pl.col("target") != "PD").fill_null(True))
    )
    out: dict[str, str] = {}
    columns = rows.select("patient", "new_lesion", "non_target").iter_rows()
    for patient, new, other in columns:
        if new == "yes":
            out[patient] = "new"
        elif other == "PD":
            out[patient] = "non_target"
    return out


def _bars(frame: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Patients with a change of the tumours, in drawing order; and those without one."""
    code = (
        pl.col("best_change_code") if "best_change_code" in frame.columns else pl.lit("not-charted")
    )
    rows = frame.select(
        "patient", "best_change", "best_response", code.alias("code")
    ).with_row_index("order")
    rank = {k: i for i, k in enumerate(LEVELS)}
    drawn = (
        rows.filter(pl.col("best_change").is_not_null())
        .with_columns(pl.col("best_response").replace_strict(KEY_OF, default="ne").alias("best"))
        .with_columns(pl.col("best").replace_strict(rank, default=9).alias("rank"))
        .sort(["best_change", "rank", "order"], descending=[True, True, False])
    )
    return drawn, rows.filter(pl.col("best_change").is_null())


def _waterfall(cohort: Cohort) -> tuple[Curve, list[Estimate], list[Population]]:
    """Bars in drawing order: largest growth first; ties by response, then by chart order."""
    drawn, left = _bars(cohort.frame)
    elsewhere = _elsewhere(cohort)
    curve = Curve(
        key_of(*WATERFALL),
        "Best change of the target sum from baseline, percent",
        {
            "patient": tuple(drawn["patient"].to_list()),
            "change": tuple(drawn["best_change"].to_list()),
            "best": tuple(drawn["best"].to_list()),
            "elsewhere": tuple(elsewhere.get(p, "") for p in drawn["patient"].to_list()),
        },
        unit="%",
        population=COHORT,
    )
    estimates: list[Estimate] = []
    populations: list[Population] = []
    number, who = count((*WATERFALL, "drawn"), "Drawn", drawn["patient"].to_list())
    estimates.append(number)
    populations.append(who)
    for reason, label in NOT_DRAWN.items():
        those = left.filter(pl.col("code") == reason)["patient"].to_list()
        if those:
            number, who = count(
                (*WATERFALL, "not_drawn"),
                label,
                those,
                heading=label,
                reason=reason.replace("-", "_"),
            )
            estimates.append(number)
            populations.append(who)
    changes = [float(v) for v in drawn["best_change"].to_list()]
    estimates += summary(
        ("response", "change"),
        "Best change of the target sum",
        changes,
        kind="percentage",
        unit="%",
    )
    shrunk = drawn.filter(pl.col("best_change") < 0)["patient"].to_list()
    es, who = percent(
        ("response", "reduced"),
        "Any reduction of the target sum",
        shrunk,
        drawn.height,
        population=key_of(*WATERFALL, "drawn").id,
    )
    return curve, estimates + es, [*populations, who]


def _in_unit(days: float | None, unit: str) -> float | None:
    return None if days is None else float(days) / DAYS_PER_UNIT[unit]


def _last_seen(cohort: Cohort, lanes: pl.DataFrame, unit: str) -> list[float | None]:
    """Time from the start of treatment to the last contact, no later than the cutoff."""
    patients = cohort.evidence.tables.get("patients")
    if patients is None or "last_contact" not in patients.columns:
        return [None] * lanes.height
    seen = lanes.select("patient", "treatment_start").join(
        patients.select("patient", "last_contact"), on="patient", how="left", maintain_order="left"
    )
    last = pl.col("last_contact")
    if cohort.meaning.cutoff is not None:
        last = pl.when(last > cohort.meaning.cutoff).then(cohort.meaning.cutoff).otherwise(last)
    days = seen.select((last - pl.col("treatment_start")).dt.total_days()).to_series()
    return [_in_unit(v, unit) for v in days.to_list()]


def _swimmer(protocol: Protocol, cohort: Cohort) -> Curve | None:
    """One lane per patient: time on treatment with what happened along it."""
    frame = cohort.frame
    if not {"treatment_start", "treatment_days"} <= set(frame.columns):
        return None
    unit = protocol.study.time_unit
    have = frame.filter(pl.col("treatment_days").is_not_null())
    if have.is_empty():
        return None

    def day(column: str) -> list[float | None]:
        if column not in have.columns:
            return [None] * have.height
        gaps = have.select((pl.col(column) - pl.col("treatment_start")).dt.total_days())
        return [_in_unit(v, unit) for v in gaps.to_series().to_list()]

    lanes = {
        "patient": have["patient"].to_list(),
        "duration": [_in_unit(v, unit) for v in have["treatment_days"].to_list()],
        "best": [
            KEY_OF.get(v or "NE", "ne")
            for v in (
                have["best_response"].to_list()
                if "best_response" in have.columns
                else [None] * have.height
            )
        ],
        "ongoing": have.select(still_treated(cohort)).to_series().to_list(),
        "reason": have["treatment_end_reason"].to_list(),
        "response_start": day("response_date"),
        "progression": day("first_progression"),
        "death": day("death_date"),
    }
    seen = zip(_last_seen(cohort, have, unit), lanes["death"], strict=True)
    lanes["alive"] = [None if dead is not None else last for last, dead in seen]
    order = sorted(range(have.height), key=lambda i: (-(lanes["duration"][i] or 0.0), i))
    return Curve(
        key_of("response", "swimmer"),
        f"Time on treatment, {unit}",
        {k: tuple(v[i] for i in order) for k, v in lanes.items()},
        unit=unit,
        population=COHORT,
    )


def _spider(protocol: Protocol, cohort: Cohort) -> Curve | None:
    """Change of the target sum over time, from the baseline scan on."""
    visits = cohort.evidence.assessments
    if visits is None or "change_from_baseline" not in visits.columns:
        return None
    if "treatment_start" not in cohort.frame.columns:
        return None
    unit = protocol.study.time_unit
    best = cohort.frame.select("patient", "best_response", "treatment_start")
    rows = (
        visits.filter(pl.col("change_from_baseline").is_not_null())
        .join(best, on="patient", how="inner", maintain_order="left")
        .with_columns((pl.col("date") - pl.col("treatment_start")).dt.total_days().alias("days"))
    )
    if rows.is_empty():
        return None
    return Curve(
        key_of("response", "spider"),
        "Change of the target sum from baseline, percent",
        {
            "patient": tuple(rows["patient"].to_list()),
            "time": tuple(_in_unit(v, unit) for v in rows["days"].to_list()),
            "change": tuple(rows["change_from_baseline"].to_list()),
            "best": tuple(KEY_OF.get(v or "NE", "ne") for v in rows["best_response"].to_list()),
        },
        unit=unit,
        population=COHORT,
    )


def _duration(protocol: Protocol, cohort: Cohort) -> list[Estimate]:
    """Time to response (responders) and duration of response (Kaplan-Meier among responders)."""
    frame = cohort.frame
    if not {"response_days", "duration_days", "duration_event"} <= set(frame.columns):
        return []
    responders = frame.filter(pl.col("duration_days").is_not_null())
    if responders.is_empty():
        return []
    unit = protocol.study.time_unit
    scale = DAYS_PER_UNIT[unit]
    onset = [None if d is None else d / scale for d in responders["response_days"].to_list()]
    where = key_of("response", "orr", "count").id
    out = summary(
        ("response", "onset"),
        "Time to response",
        onset,
        kind="time",
        unit=unit,
        population=where,
    )
    times = responders["duration_days"].to_numpy() / scale
    events = responders["duration_event"].to_numpy()
    out.append(
        median_estimate(
            key_of("response", "duration", "median"),
            "Duration of response, median",
            times,
            events,
            unit=unit,
            population=where,
            method="first CR or PR to progression or death; Kaplan-Meier among responders",
        )
    )
    for name, value in (("n", responders.height), ("events", int(events.sum()))):
        out.append(
            Estimate(
                key_of("response", "duration", name),
                f"Duration of response, {name}",
                value,
                kind="count",
                unit="patients",
                population=where,
                method="count",
            )
        )
    return out


def _discrepancies(cohort: Cohort) -> tuple[Curve | None, list[Estimate]]:
    """Visits at which the chart and the lesions disagree, with the reason of the derived call."""
    from oncohort.criteria import recist

    table = cohort.evidence.discrepancies
    if table is None or cohort.evidence.assessments is None:
        return None, []
    table = table.filter(pl.col("patient").is_in(list(cohort.patients)))
    visits = cohort.evidence.assessments.filter(pl.col("overall").is_not_null()).height
    estimates: list[Estimate] = []
    for kind in ("differs", "only-derived", "only-charted"):
        estimates.append(
            Estimate(
                key_of("response", "discrepancies", "count", kind=kind.replace("-", "_")),
                f"Visits, charted against derived response: {kind.replace('-', ' ')}",
                table.filter(pl.col("kind") == kind).height,
                kind="count",
                n=visits,
                unit="visits",
                population=COHORT,
                method="charted and derived responses matched by visit",
            )
        )
    rows = table.sort("patient", "date", "charted_date").to_dicts()
    curve = Curve(
        key_of("response", "discrepancies"),
        "Visits at which the charted response differs from the derived one",
        {
            "patient": tuple(r["patient"] for r in rows),
            "visit": tuple(r["visit"] or "" for r in rows),
            "date": tuple(str(r["date"] or r["charted_date"]) for r in rows),
            "derived": tuple(r["derived"] or "" for r in rows),
            "charted": tuple(r["charted"] or "" for r in rows),
            "reason": tuple(
                recist.reason({**r, "overall": r["derived"]}) if r["derived"] else "" for r in rows
            ),
        },
        method="derived by RECIST 1.1 from lesions; charted as read",
        population=COHORT,
    )
    return curve, estimates


def analyse(protocol: Protocol, cohort: Cohort) -> Result | None:
    """Best responses with rates; NE and missing stay in the denominator.

    ORR is (CR + PR) / all, disease control (CR + PR + SD + Non-CR/Non-PD) / all included
    patients (RECIST 1.1, Eisenhauer 2009, section 4.6 and appendix), with exact intervals.
    """
    if protocol.response is None or "best_response" not in cohort.frame.columns:
        return None
    estimates, populations = _best(cohort)
    curves: list[Curve] = []
    for name, (label, words) in _rates(protocol.response).items():
        those = _those(cohort, words)
        es, who = percent(("response", name), label, those, cohort.n, interval=True)
        estimates += es
        populations.append(who)
    if "best_change" in cohort.frame.columns and cohort.frame["best_change"].count():
        curve, es, ps = _waterfall(cohort)
        curves.append(curve)
        estimates += es
        populations += ps
    estimates += _duration(protocol, cohort)
    differing, es = _discrepancies(cohort)
    estimates += es
    more = (_swimmer(protocol, cohort), _spider(protocol, cohort), differing)
    curves += [curve for curve in more if curve is not None]
    bars = curves[0] if curves and curves[0].key == key_of(*WATERFALL) else None
    methods = _methods(protocol.response)
    if protocol.response.by:
        rates = _rates(protocol.response)
        es, cs, ps = response_by_group(protocol.response, cohort, LEVELS, rates, bars)
        estimates += es
        curves += cs
        populations += ps
        methods = (*methods, *([rate_methods(protocol.response.test)] if es else []))
    return Result("response", tuple(estimates), tuple(curves), tuple(populations), methods)


def _best(cohort: Cohort) -> tuple[list[Estimate], list[Population]]:
    """Patients by best response; who has none is not evaluable."""
    estimates: list[Estimate] = []
    populations: list[Population] = []
    for level, (word, label) in LEVELS.items():
        those = _those(cohort, [word])
        if word == "NE":
            those = cohort.members(
                pl.col("best_response").is_null() | (pl.col("best_response") == word)
            )
        if word == "Non-CR/Non-PD" and not those:
            continue
        es, who = percent(("response", "best"), label, those, cohort.n, interval=True, level=level)
        estimates += es
        populations.append(who)
    return estimates, populations


def _lasting(rule: Response) -> str:
    """How long stable disease had to last; empty where the chart has it judged."""
    weeks = rule.stable_disease_least
    return "" if rule.source == "charted" else f" for at least {weeks}"


def _control(rule: Response) -> str:
    benefit = rule.disease_control == "clinical benefit"
    return "Clinical benefit" if benefit else "Disease control"


def _rates(rule: Response) -> dict[str, tuple[str, tuple[str, ...]]]:
    """Key of each rate to its label and the responses that it counts."""
    control = f"{_control(rule)} (CR, PR or SD{_lasting(rule)})"
    return {
        "orr": ("Objective response (CR or PR)", ("CR", "PR")),
        "dcr": (control, ("CR", "PR", "SD", "Non-CR/Non-PD")),
    }


def _methods(rule: Response) -> tuple[str, ...]:
    """How response was judged, and what the rates are of."""
    sources = {
        "lesions": "derived from lesion measurements",
        "assessments": "taken from the charted response at each visit",
    }
    if rule.source == "charted":
        judged = (
            f"Best responses ({rule.criteria}) were taken from the chart; how long stable disease "
            "lasted and whether responses were confirmed was not derived again."
        )
    else:
        confirmed = (
            f"Responses needed confirmation after at least {rule.confirmation_days} days."
            if rule.confirmation
            else "Confirmation of responses was not required."
        )
        judged = (
            f"Response was judged by {rule.criteria}, {sources[rule.source]}; stable disease "
            f"needed at least {rule.stable_disease_least}. {confirmed}"
        )
    return (
        judged,
        f"{_control(rule)} was complete response, partial response or stable disease"
        f"{_lasting(rule)}. Rates have all included patients as their denominator and exact "
        "(Clopper-Pearson) 95% intervals.",
    )

"""What happened under treatment, per patient: worst adverse events, and exposure to each drug."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING

import polars as pl

from oncohort.endpoints.in_parts import WHOLE, Parts, together
from oncohort.problems import Place, Problem, problem
from oncohort.protocol.references import nearest
from oncohort.vocabulary.keys import level_key

if TYPE_CHECKING:
    from oncohort.criteria.assessed import Assessed
    from oncohort.protocol import Protocol
    from oncohort.protocol.analysis import Safety


def _keys(rule: Safety, written: list[tuple[str, str]], version: str) -> dict[str, tuple[str, str]]:
    """Charted term to (key, label) of the paper: by declared synonym, own label, or CTCAE term.

    Parameters
    ----------
    written
        (term as charted, its name in the version).
    """
    from oncohort.criteria.ctcae.terms import label, match

    declared = dict(rule.terms)
    by_label = {text.strip().lower(): key for key, text in declared.items()}
    by_name: dict[str, str] = {}
    for key, text in declared.items():
        found = match(text, version)
        if found.term is not None:
            by_name.setdefault(found.term.name, key)
    synonyms = {text.strip().lower(): key for text, key in rule.synonyms.items()}
    out: dict[str, tuple[str, str]] = {}
    for text, name in written:
        low = text.strip().lower()
        known = synonyms.get(low) or by_label.get(low) or by_name.get(name)
        if known is not None:
            out[text] = (known, declared.get(known, label(name)))
        else:
            shown = label(name)
            out[text] = (level_key(shown), shown)
    return out


def _until_cutoff(events: pl.DataFrame, protocol: Protocol) -> pl.DataFrame:
    """Events that had started by the data cutoff; those without a date stay."""
    cutoff = protocol.study.cutoff
    if cutoff is None or "start" not in events.columns:
        return events
    return events.filter(pl.col("start").is_null() | (pl.col("start") <= cutoff))


def _prepared(tables: Mapping[str, pl.DataFrame], rule: Safety) -> pl.DataFrame:
    """Events of some patients, each with the term it means and whether it came with treatment."""
    from oncohort.criteria.ctcae import events as ctcae

    return ctcae.prepare(
        tables["adverse_events"],
        tables["patients"],
        version=_version(rule),
        window_days=rule.window_days,
    )


def _version(rule: Safety) -> str:
    return rule.criteria.removeprefix("CTCAE ")


def _counted(
    tables: Mapping[str, pl.DataFrame], rule: Safety, protocol: Protocol, parts: Parts
) -> tuple[pl.DataFrame, tuple[Problem, ...]]:
    """The events that count: from the first dose on, related ones only where asked for."""
    from oncohort.criteria.ctcae import event_checks

    written, patients = _until_cutoff(tables["adverse_events"], protocol), tables["patients"]
    numbered = {"patients": patients, "adverse_events": written.with_row_index("_row")}
    events = together(parts.each(_prepared, numbered, rule), "_row").drop("_row")
    problems = (
        *event_checks.check_events(
            written,
            version=_version(rule),
            own_terms=[*rule.terms.values(), *rule.synonyms],
        ),
        *event_checks.relation_problems(events, missing_related=True),
        *event_checks.unknown_patients(written, patients),
    )
    counted = events.filter(pl.col("emergent"))
    if rule.count == "related":
        counted = counted.filter(pl.col("is_related"))
    return counted, problems


def counted_events(
    tables: Mapping[str, pl.DataFrame], protocol: Protocol, parts: Parts = WHOLE
) -> tuple[pl.DataFrame | None, tuple[Problem, ...]]:
    """Every adverse event that counts, one row each, with its term in the paper.

    Events count from the first dose to `window_days` after the last, related ones only where the
    protocol says so.

    Returns
    -------
    DataFrame or None
        The events with `key` and `shown`; none without records or without [safety].
    tuple of Problem
        What is wrong with them.
    """
    rule = protocol.safety
    if rule is None:
        return None, ()
    if tables.get("adverse_events") is None:
        absent = problem(
            "safety.no-records", place=Place(file="study.toml", key="safety"), blocks=("safety",)
        )
        return None, (absent,)
    counted, problems = _counted(tables, rule, protocol, parts)
    counted = _keyed(counted, rule)
    strange = ~pl.col("key").is_in(list(rule.terms)) & pl.lit(bool(rule.terms))
    others = counted.filter(strange)["shown"].unique().sort().to_list()
    if others:
        other = problem(
            "safety.other-terms",
            place=Place(file="study.toml", key="safety.terms"),
            terms=", ".join(others),
        )
        problems = (*problems, other, *_without_event(rule, counted, others))
    return counted, problems


def _without_event(rule: Safety, counted: pl.DataFrame, others: list[str]) -> list[Problem]:
    """Listed terms that no event has, while one that is not listed is called almost so."""
    held = set(counted["key"])
    near = {
        key: get_close_matches(label, others, n=1, cutoff=0.85)
        for key, label in rule.terms.items()
        if key not in held
    }
    return [
        problem(
            "safety.term-near",
            place=Place(file="study.toml", key=f"safety.terms.{key}"),
            term=rule.terms[key],
            near=close[0],
        )
        for key, close in near.items()
        if close
    ]


def _keyed(counted: pl.DataFrame, rule: Safety) -> pl.DataFrame:
    written = counted.select("term", "name").unique(maintain_order=True).rows()
    keys = _keys(rule, written, _version(rule))
    return counted.with_columns(
        pl.col("term")
        .replace_strict({t: k for t, (k, _) in keys.items()}, return_dtype=pl.String)
        .alias("key"),
        pl.col("term")
        .replace_strict({t: s for t, (_, s) in keys.items()}, return_dtype=pl.String)
        .alias("shown"),
    )


def worst_events(events: pl.DataFrame | None) -> pl.DataFrame | None:
    """Worst grade per patient and term of the paper, of the events that count.

    An event without a grade keeps a null grade: it happened.
    """
    if events is None:
        return None
    return (
        events.group_by("patient", "key", maintain_order=True)
        .agg(pl.col("shown").first().alias("label"), pl.col("grade").max())
        .select("patient", pl.col("key").alias("term"), "label", pl.col("grade").cast(pl.Int64))
    )


def _charted_drugs(doses: pl.DataFrame, protocol: Protocol) -> dict[str, str]:
    """The name in the chart of each drug of the protocol."""
    names = {drug: (plan.label or drug).strip().lower() for drug, plan in protocol.exposure.items()}
    present = set(doses["drug"].drop_nulls().str.to_lowercase().str.strip_chars().to_list())
    return {drug: (drug if drug in present else names[drug]) for drug in protocol.exposure}


def dosed(
    tables: Mapping[str, pl.DataFrame], protocol: Protocol, charted: Mapping[str, str]
) -> Assessed:
    """What some patients took of the planned drugs, from their own rows."""
    from oncohort.criteria import dosing

    plans = {
        charted[drug]: dosing.Plan(
            plan.amount,
            times_per_day=plan.times_per_day,
            unit=plan.unit,
            days_on=plan.days_on,
            days_off=plan.days_off,
            window_days=plan.window_days or 30,
            levels=tuple(plan.levels),
        )
        for drug, plan in protocol.exposure.items()
    }
    return dosing.exposure(tables["doses"], tables["patients"], plans, cutoff=protocol.study.cutoff)


def dose_periods(tables: Mapping[str, pl.DataFrame], protocol: Protocol) -> pl.DataFrame | None:
    """The periods of each planned drug, with daily dose and change; None without dose records."""
    doses = tables.get("doses")
    if not protocol.exposure or doses is None or doses.is_empty():
        return None
    charted = _charted_drugs(doses, protocol)
    done = dosed(tables, protocol, charted)
    back = {name: drug for drug, name in charted.items()}
    return done.evidence.filter(pl.col("drug").is_in(list(back))).with_columns(
        pl.col("drug").replace(back)
    )


def _taken(
    tables: Mapping[str, pl.DataFrame], protocol: Protocol, charted: Mapping[str, str]
) -> tuple[pl.DataFrame, tuple[Problem, ...]]:
    """One row per patient and drug, and what is wrong; the periods stay where they are made."""
    done = dosed(tables, protocol, charted)
    return done.table, done.problems


def exposure_of(
    tables: Mapping[str, pl.DataFrame], protocol: Protocol, parts: Parts = WHOLE
) -> tuple[pl.DataFrame | None, tuple[Problem, ...]]:
    """One row per patient and planned drug: days, dose intensity, reductions, interruptions."""
    if not protocol.exposure:
        return None, ()
    doses = tables.get("doses")
    if doses is None or doses.is_empty():
        absent = problem(
            "exposure.no-records",
            place=Place(file="study.toml", key="exposure"),
            blocks=("exposure",),
        )
        return None, (absent,)
    charted = _charted_drugs(doses, protocol)
    written = doses["drug"].drop_nulls().str.to_lowercase().str.strip_chars()
    given = written.unique().sort().to_list()
    without = tuple(
        problem(
            "exposure.no-doses",
            place=Place(file="study.toml", key=f"exposure.{drug}"),
            blocks=(f"exposure.{drug}",),
            drug=drug,
            nearest=nearest(drug, given),
        )
        for drug, name in charted.items()
        if name not in given
    )
    needed = {"patients": tables["patients"], "doses": doses}
    found = parts.each(_taken, needed, protocol, charted)
    problems = tuple(dict.fromkeys(each for _, told in found for each in told))
    plans = set(charted.values())
    fixed = {charted[d] for d, plan in protocol.exposure.items() if plan.window_days}
    back = {name: drug for drug, name in charted.items()}
    table = together([one for one, _ in found]).filter(pl.col("drug").is_in(list(plans)))
    rdi = pl.when(pl.col("drug").is_in(list(fixed))).then("rdi_window").otherwise("rdi")
    out = table.select(
        "patient",
        pl.col("drug").replace(back),
        pl.col("duration_days").cast(pl.Float64).alias("days_on_treatment"),
        pl.col("reduced"),
        (pl.col("interruptions") > 0).alias("interrupted"),
        (pl.col("escalations") > 0).alias("escalated"),
        rdi.cast(pl.Float64).alias("rdi"),
        pl.col("mean_daily_mg").cast(pl.Float64).alias("mean_daily_dose"),
        pl.col("days_to_reduction").cast(pl.Float64),
    )
    return out, (*without, *problems)


def label_audits(tables: Mapping[str, pl.DataFrame], protocol: Protocol) -> dict[str, pl.DataFrame]:
    """What each declared drug label asks for the recorded events: a list for the study team."""
    from oncohort.criteria import label

    events = tables.get("adverse_events")
    if events is None or events.is_empty() or protocol.safety is None:
        return {}
    version = protocol.safety.criteria.removeprefix("CTCAE ")
    return {
        drug: label.audit(
            _until_cutoff(events, protocol),
            tables["patients"],
            tables.get("doses"),
            name=plan.drug_label,
            version=version,
            window_days=protocol.safety.window_days,
        )
        for drug, plan in protocol.exposure.items()
        if plan.drug_label is not None
    }

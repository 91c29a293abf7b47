"""Title, abstract and methods: what was really done, with what."""

from __future__ import annotations

from oncohort.analyses.exposure import frequency, label_of
from oncohort.analyses.safety import high_grades
from oncohort.displays.lookup import Lookup
from oncohort.displays.prose.derived import derived
from oncohort.displays.sections import SECTIONS, prognosis
from oncohort.displays.spans import Piece, Span, Spans, listed, say, sentences
from oncohort.displays.words import date_words, low_first, patients, up_first
from oncohort.protocol.derived import reads_baseline_values


def subtitle(lookup: Lookup) -> str:
    """One line below the title: disease, treatment, number of patients, setting."""
    study = lookup.protocol.study
    parts = [p for p in (study.disease, study.treatment) if p]
    n = lookup.context.n
    parts.append(f"{n} {patients(n)}")
    if study.setting:
        parts.append(study.setting)
    return " \u00b7 ".join(parts)


def design(lookup: Lookup) -> Spans:
    """Design, patients, cutoff, criteria."""
    study = lookup.protocol.study
    what = "; ".join(p for p in (study.disease, study.treatment, study.setting) if p)
    out: list[Piece] = [
        say("This is a retrospective cohort study{w}.", w=f" ({what})" if what else "")
    ]
    criteria = [c.label for c in lookup.protocol.eligibility.criteria]
    if criteria:
        out.append(
            say(
                "Reasons for exclusion, applied in this order, were: {l}.",
                l="; ".join(low_first(c) for c in criteria),
            )
        )
    if study.cutoff is not None:
        out.append(say("Data were cut off on {d}.", d=date_words(study.cutoff)))
    schedule = lookup.protocol.schedule
    if schedule.scan_weeks:
        weeks = "\u2013".join(f"{w:g}" for w in schedule.scan_weeks)
        out.append(say("Scans were planned every {w} weeks.", w=weeks))
    if any(reads_baseline_values(v) for v in lookup.protocol.variables.values()):
        out.append(
            say(
                "Baseline values are the last ones from {b} days before to {a} after the start of "
                "treatment.",
                b=str(schedule.baseline_days_before),
                a=f"{schedule.baseline_days_after} days"
                if schedule.baseline_days_after
                else "the day",
            )
            if schedule.baseline_days_after
            else say(
                "Baseline values are the last ones within {b} days before the start of treatment.",
                b=str(schedule.baseline_days_before),
            )
        )
    return sentences(*out)


def treatment(lookup: Lookup) -> Spans:
    """Planned doses as declared."""
    out: list[Piece] = []
    for drug, plan in lookup.protocol.exposure.items():
        cycle = (
            f", {plan.days_on} days on and {plan.days_off} days off"
            if plan.days_on and plan.days_off
            else ""
        )
        often = frequency(plan.times_per_day)
        out.append(
            say(
                "{d} was planned at {a} {u} {o}{c}.",
                d=label_of(drug, plan),
                a=f"{plan.amount:g}",
                u=plan.unit,
                o=often,
                c=cycle,
            )
        )
    return sentences(*out)


def ran(lookup: Lookup) -> list[tuple[str, Spans]]:
    """(heading, sentences) of each section's methods, as the analyses themselves said them."""
    out = []
    for section in SECTIONS:
        result = lookup.numbers.section(section.key)
        if result is not None and result.methods:
            out.append((section.methods, sentences(*result.methods)))
    return out


def variables(lookup: Lookup) -> Spans:
    """How derived variables were made, and where cut-points come from."""
    out: list[Piece] = [derived(lookup)]
    for key, variable in lookup.protocol.variables.items():
        if not variable.cut:
            continue
        cuts = listed([f"{c:g}" for c in variable.cut])
        unit = f" {variable.unit}" if variable.unit else ""
        source: Piece = (
            f" ({variable.origin})"
            if variable.origin
            else (Span(" "), Span("[say where this cut-point comes from]", "", "missing"))
        )
        out.append(
            say(
                "{v} was cut at {c}{u}{s}.",
                v=up_first(lookup.variable(key)),
                c=cuts,
                u=unit,
                s=source,
            )
        )
    return sentences(*out)


def software(lookup: Lookup) -> Spans:
    """Level of significance, software and versions."""
    tested = any(r.section in ("survival", "prognosis", "arms") for r in lookup.numbers.results)
    versions = [f"{name} {version}" for name, version in lookup.context.versions.items()]
    return sentences(
        "Tests were two-sided; p-values below 0.05 were considered significant, without correction "
        "for multiple testing."
        if tested
        else "",
        say("Analyses were run with {v}.", v=listed(versions)) if versions else "",
        "A month is 30.4375 days; times run from the first date to the last without adding a day."
        if lookup.unit == "months"
        else "",
    )


def abstract(lookup: Lookup) -> list[tuple[str, Spans]]:
    """(heading, sentences) of a structured abstract; background and conclusion are the author's."""
    found: list[Piece] = []
    if lookup.has("response.orr.percent"):
        found.append(
            say(
                "The objective response rate was {r}.",
                r=lookup.with_ci("response.orr.percent"),
            )
            if lookup.number("response.orr.count")
            else say("No patient had an objective response.")
        )
    found += [
        lookup.median_sentence(f"survival.{e}.median", lookup.short(e)) for e in lookup.endpoints()
    ]
    rule = lookup.protocol.prognosis
    candidates = rule.candidates if rule is not None else []
    for e in prognosis.prognosis_endpoints(lookup):
        clauses = prognosis.associations(lookup, e, "multi", candidates, "independently")
        if clauses:
            found.append(say("In multivariable analysis, {l}.", l=listed(clauses)))
    adverse = lookup.protocol.safety
    high = high_grades(adverse.threshold) if adverse is not None else ""
    if adverse is not None and lookup.has("safety.any_event.count", grade=high):
        found.append(
            say(
                "Adverse events of grade {g} or higher were seen in {n}.",
                g=str(adverse.threshold),
                n=lookup.patients_words("safety.any_event", grade=high),
            )
        )
    study = lookup.protocol.study
    what = "; ".join(p for p in (study.disease, study.treatment) if p)
    methods = say(
        "We reviewed the charts of {n} {p}{w}.",
        n=lookup.whole(),
        p=patients(lookup.context.n),
        w=f" ({what})" if what else "",
    )
    out = [("Patients and methods", methods)]
    if any(found):
        out.append(("Results", sentences(*found)))
    return out

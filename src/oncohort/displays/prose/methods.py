"""Title, patients, treatment and evaluation: what was really done, with what."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from oncohort.analyses.exposure import frequency, in_text
from oncohort.displays.lookup import Lookup
from oncohort.displays.prose.derived import derived as derivations
from oncohort.displays.sections import SECTIONS
from oncohort.displays.spans import Piece, Span, Spans, listed, say, sentences
from oncohort.displays.words import (
    MONTHS,
    date_words,
    low_first,
    name_in_text,
    patients,
    up_first,
)
from oncohort.protocol.derived import reads_baseline_values
from oncohort.protocol.paper import Conduct
from oncohort.vocabulary.plurals import plural

DERIVED = {
    "imdc": (
        "IMDC risk was derived from six factors: Karnofsky performance status below 80%, less "
        "than one year from diagnosis to systemic therapy, hemoglobin below the lower limit of "
        "normal, and corrected calcium, neutrophils and platelets above the upper limit; no "
        "factor means favorable, one or two intermediate, and three or more poor risk."
    ),
    "mskcc": (
        "MSKCC risk was derived from five factors: Karnofsky performance status below 80%, less "
        "than one year from diagnosis to systemic therapy, hemoglobin below the lower limit of "
        "normal, corrected calcium above 10 mg/dL, and lactate dehydrogenase above 1.5 times the "
        "upper limit; no factor means favorable, one or two intermediate, and three or more poor "
        "risk."
    ),
    "mskcc_second_line": (
        "MSKCC risk of previously treated patients was derived from three factors: Karnofsky "
        "performance status below 80%, low hemoglobin, and high corrected calcium; no factor "
        "means favorable, one intermediate, and two or three poor risk."
    ),
}
"""How a risk group is derived, in words."""


def subtitle(lookup: Lookup) -> str:
    """One line below the title: disease, treatment, number of patients, setting."""
    study = lookup.protocol.study
    parts = [p for p in (study.disease, study.treatment) if p]
    n = lookup.context.n
    parts.append(f"{n} {patients(n)}")
    if study.setting:
        parts.append(study.setting)
    return " \u00b7 ".join(parts)


def missing(*asked: tuple[bool, str, str], section: str = "conduct") -> Spans:
    """One visible prompt for all that is not given; empty where nothing is missing.

    Parameters
    ----------
    asked
        (is it missing, what to say, key).
    """
    parts = [f"{what} ({key})" for absent, what, key in asked if absent]
    if not parts:
        return ()
    words = f"[To add under [{section}] in study.toml: {'; '.join(parts)}.]"
    return (Span(words, "", "missing"),)


def month(day: date) -> str:
    """A month in words: papers give no days of treatment."""
    return f"{MONTHS[day.month - 1]} {day.year}"


def _declared_period(lookup: Lookup) -> tuple[date, date] | None:
    """The period of the study, where a criterion limits the start of treatment."""
    for criterion in lookup.protocol.eligibility.criteria:
        low, high = criterion.min, criterion.max
        if criterion.column == "treatment_start" and isinstance(low, date):
            return (low, high) if isinstance(high, date) else None
    return None


def cohort_sentence(lookup: Lookup, counted: bool = False) -> Spans:
    """Design, patients (with their number if asked), period and place in one sentence."""
    study, conduct = lookup.protocol.study, lookup.protocol.conduct
    period = _declared_period(lookup) or lookup.context.starts
    when: Piece = ""
    if period is not None:
        first, last = month(period[0]), month(period[1])
        when = f" in {first}" if first == last else f" between {first} and {last}"
    place = ", ".join(p for p in (conduct.institution, conduct.country) if p)
    where = f" at {place}" if conduct.institution else f" in {place}" if place else ""
    having = f" with {name_in_text(study.disease)}" if study.disease else ""
    treated = f" who received {name_in_text(study.treatment)}" if study.treatment else ""
    if not treated and when:
        treated = " who started treatment"
    setting = f" ({study.setting})" if study.setting and not conduct.institution else ""
    return say(
        "This retrospective cohort study included {n}{c}{u}{w}{t}{d}{p}{s}.",
        n=say("{n}\u00a0", n=lookup.whole()) if counted else "",
        u=patients(lookup.context.n) if counted else "patients",
        c="consecutive " if conduct.consecutive else "",
        w=having,
        t=treated,
        d=when,
        p=where,
        s=setting,
    )


def design(lookup: Lookup) -> Spans:
    """Design, period, place, criteria, cutoff, confirmation of the diagnosis."""
    study, conduct = lookup.protocol.study, lookup.protocol.conduct
    out: list[Piece] = [cohort_sentence(lookup)]
    starts = lookup.context.starts
    if starts is not None and _declared_period(lookup) and starts[0] != starts[1]:
        out.append(
            say(
                "The first of them started treatment in {a} and the last in {b}.",
                a=month(starts[0]),
                b=month(starts[1]),
            )
        )
    if conduct.pathology:
        out.append(say("The diagnosis was confirmed {p}.", p=conduct.pathology))
    criteria = [c.label for c in lookup.protocol.eligibility.criteria]
    if criteria:
        out.append(
            say(
                "Reasons for exclusion, applied in this order, were: {l}."
                if len(criteria) > 1
                else "The reason for exclusion was {l}.",
                l="; ".join(low_first(c) for c in criteria),
            )
        )
    if study.cutoff is not None:
        out.append(say("The data cutoff was {d}.", d=date_words(study.cutoff)))
    out.append(
        missing(
            (not (conduct.institution or study.setting), "where", "institution"),
            (not conduct.country, "in which country", "country"),
            (conduct.consecutive is None, "whether patients were consecutive", "consecutive"),
            (not conduct.pathology, "how the diagnosis was confirmed", "pathology"),
        )
    )
    return sentences(*out)


def treatment(lookup: Lookup) -> Spans:
    """Planned doses as declared, and the rule for changing them."""
    out: list[Piece] = []
    conduct = lookup.protocol.conduct
    for drug, plan in lookup.protocol.exposure.items():
        days = f"{plan.days_on} days on and {plan.days_off} days off"
        cycle = f", {days}" if plan.days_on and plan.days_off else ""
        out.append(
            say(
                "{d} was planned at {a} {u} {o}{c}.",
                d=up_first(in_text(drug, plan)),
                a=f"{plan.amount:g}",
                u=plan.unit,
                o=frequency(plan.times_per_day),
                c=cycle,
            )
        )
    if not out:
        return ()
    if conduct.dose_modification:
        out.append(say("Doses were modified {r}.", r=conduct.dose_modification))
    out.append(missing((not conduct.dose_modification, "the rule", "dose_modification")))
    return sentences(*out)


def _weeks(weeks: list[float]) -> str:
    """ "6 to 12 weeks"."""
    ends = list(dict.fromkeys(f"{w:g}" for w in weeks))
    return f"{' to '.join(ends)} {plural(weeks[-1], 'week')}"


def _judges(conduct: Conduct, *, imaged: bool, graded: bool) -> list[Piece]:
    """Who evaluated responses and adverse events."""
    judged = (
        ("response", imaged, conduct.response_by),
        ("adverse events", graded, conduct.adverse_events_by),
    )
    told: dict[str, list[str]] = {}
    for what, have, who in judged:
        if have and who:
            told.setdefault(who, []).append(what)
    out: list[Piece] = []
    for who, things in told.items():
        verb = "was" if things == ["response"] else "were"
        subject = up_first(" and ".join(things))
        out.append(say("{s} {v} evaluated by {w}.", s=subject, v=verb, w=who))
    return out


def evaluation(lookup: Lookup) -> Spans:
    """Imaging, laboratory, performance status and risk, and who judged."""
    conduct, schedule = lookup.protocol.conduct, lookup.protocol.schedule
    imaged = lookup.numbers.section("response") is not None
    graded = lookup.numbers.section("safety") is not None
    derived = {v.derive for v in lookup.protocol.variables.values()} - {None, "age", "sites"}
    out: list[Piece] = []
    if conduct.imaging:
        out.append(say("Before treatment, patients were examined by {i}.", i=conduct.imaging))
    follow = conduct.imaging_follow_up
    if schedule.scan_weeks:
        by = f" by {follow}" if follow else ""
        weeks = _weeks(list(schedule.scan_weeks))
        out.append(say("Scans{b} were planned every {w}.", b=by, w=weeks))
    elif follow:
        out.append(say("Scans during treatment were made by {f}.", f=follow))
    if conduct.laboratory:
        every = f" every {_weeks(conduct.laboratory_weeks)}" if conduct.laboratory_weeks else ""
        out.append(say("{l} were measured{e}.", l=up_first(conduct.laboratory), e=every))
    if any(reads_baseline_values(v) for v in lookup.protocol.variables.values()):
        after = schedule.baseline_days_after
        before = f"{schedule.baseline_days_before} days before"
        window = f"from {before} to {after} {plural(after, 'day')} after" if after else before
        joint = "" if after else "within "
        out.append(
            say(
                "Baseline values are the last ones {j}{w} the start of treatment.",
                j=joint,
                w=window,
            )
        )
    if lookup.context.scales and derived & {"imdc", "mskcc", "performance"}:
        scales = " and ".join(f"{s}" for s in lookup.context.scales)
        scale = plural(len(lookup.context.scales), "scale")
        out.append(say("Performance status was recorded on the {s} {w}.", s=scales, w=scale))
    out += [words for key, words in DERIVED.items() if key in derived]
    out += _judges(conduct, imaged=imaged, graded=graded)
    out.append(
        missing(
            (imaged and not conduct.imaging, "imaging before treatment", "imaging"),
            (imaged and not follow, "method of follow-up scans", "imaging_follow_up"),
            (
                bool(derived & {"imdc", "mskcc", "lab", "egfr"}) and not conduct.laboratory,
                "what was measured in the laboratory, and how often",
                "laboratory, laboratory_weeks",
            ),
            (imaged and not conduct.response_by, "who judged response", "response_by"),
            (
                graded and not conduct.adverse_events_by,
                "who judged adverse events",
                "adverse_events_by",
            ),
        )
    )
    return sentences(*out)


def ran(lookup: Lookup) -> list[tuple[str, Spans]]:
    """(heading, sentences) of each section's methods, as the analyses themselves said them."""
    out: list[tuple[str, Spans]] = []
    written: set[str] = set()
    for section in SECTIONS:
        result = lookup.numbers.section(section.key)
        if result is None:
            continue
        new = [s for s in _sentences_of(result.methods) if s not in written]
        written |= set(new)
        if new:
            out.append((section.methods, sentences(*new)))
    return out


def _sentences_of(texts: Sequence[str]) -> list[str]:
    """Single sentences of the methods: several analyses say some of them alike.

    Examples
    --------
    >>> _sentences_of(["Rates of groups have intervals. They are exact (95%)."])
    ['Rates of groups have intervals.', 'They are exact (95%).']
    """
    return [s for text in texts for s in re.split(r"(?<=\.)(?<!vs\.) (?=[A-Z])", text)]


def variables(lookup: Lookup) -> Spans:
    """How derived variables were made, and where cut-points come from."""
    out: list[Piece] = [derivations(lookup)]
    unknown: list[tuple[bool, str, str]] = []
    for key, variable in lookup.protocol.variables.items():
        if not variable.cut:
            continue
        unit = f" {variable.unit}" if variable.unit else ""
        out.append(
            say(
                "{v} was cut at {c}{u}{s}.",
                v=up_first(lookup.variable(key)),
                c=listed([f"{c:g}" for c in variable.cut]),
                u=unit,
                s=f" ({variable.origin})" if variable.origin else "",
            )
        )
        label = name_in_text(lookup.variable(key))
        unknown.append((not variable.origin, f"where the cut-point of {label} comes from", key))
    asked = [(absent, what, "origin") for absent, what, _ in unknown]
    return sentences(*out, missing(*asked, section="variables.*"))


def software(lookup: Lookup) -> Spans:
    """Level of significance, software and versions."""
    tested = any(r.section in ("survival", "prognosis", "arms") for r in lookup.numbers.results)
    versions = [f"{name} {version}" for name, version in lookup.context.versions.items()]
    p = lookup.style.p_symbol
    return sentences(
        say(
            "Tests were two-sided; {p}-values below 0.05 were considered significant, without "
            "correction for multiple testing.",
            p=p,
        )
        if tested
        else "",
        say("Analyses were run with {v}.", v=listed(versions)) if versions else "",
        "Times run from the first date to the last without adding a day; a month is 30.4375 days."
        if lookup.unit == "months"
        else "",
    )

"""Treatment: time on it, changes of dose, dose intensity, reasons for stopping."""

from __future__ import annotations

from oncohort.analyses import exposure
from oncohort.displays.lookup import Lookup
from oncohort.displays.sections import exposure_groups
from oncohort.displays.sections.analysis import Analysis
from oncohort.displays.sections.section import Part, Section
from oncohort.displays.spans import Piece, Spans, listed, say, sentences
from oncohort.displays.tables.model import Column, Row, Table, group, row
from oncohort.displays.words import low_first, patients, up_first
from oncohort.protocol import Protocol


def table(lookup: Lookup) -> Table | None:
    """Time on treatment, changes of dose, dose intensity, reasons for stopping."""
    if lookup.numbers.section("exposure") is None:
        return None
    columns = (Column("Measure", align="left", width=2.8), Column("Value", width=1.4))
    rows: list[Row] = []
    if lookup.has("exposure.time_on_treatment.median"):
        rows.append(
            row(
                f"Time on treatment, {lookup.unit}, median (range)",
                lookup.median_range("exposure.time_on_treatment"),
            )
        )
    for drug in lookup.protocol.exposure:
        rows += _drug(lookup, drug)
    reasons = _reasons(lookup)
    rows += reasons
    if not rows:
        return None
    notes = (
        (
            say(
                "Percentages of reasons are of the {n} included {p}.",
                n=lookup.whole(),
                p=patients(lookup.context.n),
            ),
        )
        if reasons
        else ()
    )
    return Table("exposure", "", "Exposure to treatment", columns, tuple(rows), notes, False)


def _drug(lookup: Lookup, drug: str) -> list[Row]:
    """One drug: time on it, changes of its dose, its intensity."""
    path = f"exposure.{drug}"
    if not (lookup.has(f"{path}.rdi.median") or lookup.has(f"{path}.time_on_treatment.median")):
        return []
    label = exposure.label_of(drug, lookup.protocol.exposure[drug])
    treated = lookup.get(f"{path}.treated.count")
    n = f" (n = {lookup.style.value(treated)})" if treated is not None else ""
    several = len(lookup.protocol.exposure) > 1
    rows = [group(f"{label}{n}")]

    def middle(words: str, what: str, digits: int | None = None) -> None:
        if lookup.has(f"{path}.{what}.median"):
            value = lookup.median_range(f"{path}.{what}", digits)
            rows.append(row(f"{words}, median (range)", value, indent=1))

    if several or not lookup.has("exposure.time_on_treatment.median"):
        middle(f"Time on {label}, {lookup.unit}", "time_on_treatment")
    for what, words in exposure.CHANGES.items():
        if lookup.has(f"{path}.{what}.count"):
            rows.append(row(f"{words}, n (%)", lookup.count_percent(f"{path}.{what}"), indent=1))
    middle(f"Time to first reduction, {lookup.unit}", "time_to_reduction")
    middle("Relative dose intensity, %", "rdi")
    middle("Mean daily dose, mg", "daily_dose", 0)
    return rows


def _reasons(lookup: Lookup) -> list[Row]:
    """Why treatment stopped, and in how many it goes on."""
    reasons = lookup.numbers.of("exposure", "stop", "count")
    if not reasons:
        return []
    rows = [group("Reason for stopping treatment, n (%)")]
    for stop in reasons:
        share = lookup.count_percent("exposure.stop", reason=stop.key["reason"])
        rows.append(row(stop.heading, share, indent=1))
    if lookup.has("exposure.ongoing.count"):
        rows.append(row("Still on treatment, n", lookup.show("exposure.ongoing.count"), indent=1))
    return rows


AS_TOLD = {"toxicity": "adverse events", "unknown": "a reason not on record"}
"""Reasons for stopping that read otherwise in a sentence than in a table."""


def _started(lookup: Lookup, drug: str) -> Spans:
    """Who started at the planned dose: "All 42 patients started sorafenib at 400 mg ..."."""
    path = f"exposure.{drug}.started"
    share = lookup.get(f"{path}.count")
    if share is None or not share.value:
        return ()
    plan = lookup.protocol.exposure[drug]
    dose = f"{plan.amount:g}\u00a0{plan.unit} {exposure.frequency(plan.times_per_day)}"
    name = exposure.in_text(drug, plan)
    if share.value == share.n and share.n is not None and share.n > 1:
        who = lookup.all_patients(f"{path}.count")
        return say("{w} started {d} at {x}.", w=who, d=name, x=dose)
    start = say("{d} was started at {x}", d=up_first(name), x=dose)
    return say("{s} in {w}.", s=start, w=lookup.patients_words(path))


def text(lookup: Lookup) -> Spans:
    """Time on treatment, reductions, dose intensity, reasons for stopping."""
    out: list[Piece] = []
    if lookup.number("exposure.time_on_treatment.median") is not None:
        out.append(
            say(
                "The median time on treatment was {m}.",
                m=lookup.median_words("exposure.time_on_treatment", lookup.unit),
            )
        )
    for drug, plan in lookup.protocol.exposure.items():
        path = f"exposure.{drug}"
        label = exposure.in_text(drug, plan)
        out.append(_started(lookup, drug))
        if lookup.has(f"{path}.reduced.count"):
            n = lookup.number(f"{path}.reduced.count")
            out.append(
                say("The dose of {d} was not reduced in any patient.", d=label)
                if n == 0
                else say(
                    "The dose of {d} was reduced in {n}.",
                    d=label,
                    n=lookup.patients_words(f"{path}.reduced"),
                )
            )
        if lookup.number(f"{path}.rdi.median") is not None:
            middle = lookup.median_words(f"{path}.rdi", "%")
            out.append(say("The median relative dose intensity of {d} was {m}.", d=label, m=middle))
    parts: list[Spans] = []
    for stop in lookup.numbers.of("exposure", "stop", "count"):
        if stop.value:
            words_of = lookup.count_percent_words if parts else lookup.patients_words
            words = words_of("exposure.stop", reason=stop.key["reason"])
            why = low_first(stop.heading)
            if stop.key["reason"] in AS_TOLD:
                why = AS_TOLD[stop.key["reason"]]
            parts.append(say("{w} in {n}", w=why, n=words))
    if parts:
        out.append(say("Treatment was stopped for {l}.", l=listed(parts)))
    going = lookup.number("exposure.ongoing.count")
    if going:
        who = lookup.show("exposure.ongoing.count")
        out.append(say("Treatment was ongoing in {n} {p}.", n=who, p=patients(going)))
    return sentences(*out)


def declared(protocol: Protocol) -> tuple[Part, ...]:
    """Exposure, its drugs, and the groups of each drug."""
    if not protocol.exposure:
        return ()
    drugs = protocol.exposure.items()
    by = (("exposure", d, "by", v) for d, plan in drugs for v in plan.by)
    return (("exposure",), *(("exposure", d) for d in protocol.exposure), *by)


SECTION = Section(
    key="exposure",
    title="Treatment",
    methods="Exposure",
    declared=declared,
    analyse=lambda request: exposure.analyse(request.protocol, request.cohort),
    tables=(table, exposure_groups.tables),
    sentences=lambda lookup: [text(lookup), exposure_groups.text(lookup)],
    analyses=(
        Analysis(
            "Exposure by group",
            key="exposure.*.by",
            ids=("exposure.*.rdi.median", "exposure.*.reduced.percent", "exposure.*.reduced.p"),
            sentence=exposure_groups.text,
            guard=("variables.no-group", "variables.no-groups"),
            r="binom.test, fisher.test",
            page="analyses/groups.md",
            table=exposure_groups.tables,
            stats=("proportion", "proportion_difference", "logistic", "fisher_exact"),
        ),
        Analysis(
            "Exposure and dose intensity",
            key="exposure.*.amount",
            ids=(
                "exposure.*.rdi.median",
                "exposure.*.reduced.percent",
                "exposure.*.interrupted.percent",
                "exposure.stop.count",
            ),
            sentence=text,
            guard=("dosing.overlap", "dosing.no-plan", "exposure.no-end"),
            r="none: arithmetic",
            page="dosing.md",
            table=table,
        ),
    ),
)

"""Table III: adverse events, the worst grade per patient and term."""

from __future__ import annotations

from oncohort.analyses import safety
from oncohort.analyses.exposure import in_text
from oncohort.displays.lookup import Lookup
from oncohort.displays.sections import safety_more
from oncohort.displays.sections.analysis import Analysis
from oncohort.displays.sections.item import FILLED, Item, filled_if
from oncohort.displays.sections.safety_more import safety_terms
from oncohort.displays.sections.section import Part, Section
from oncohort.displays.spans import Piece, Spans, listed, say, sentences
from oncohort.displays.tables.model import Column, Row, Table, row
from oncohort.displays.words import human, low_first, patients, up_first
from oncohort.protocol import Protocol
from oncohort.vocabulary.actions import ACTIONS

ANY = ("safety.any_event",)
"""Path of the numbers of all terms together."""


def table(lookup: Lookup) -> Table | None:
    """Table III: worst grade per patient and term, any grade and the upper grades, n (%)."""
    rule = lookup.protocol.safety
    if rule is None or not lookup.has("safety.treated.count"):
        return None
    high = safety.high_grades(rule.threshold)
    columns = (
        Column("Adverse event", align="left", width=2.4),
        Column("Any grade, n (%)"),
        Column(f"Grade {rule.threshold} or higher, n (%)"),
    )
    rows: list[Row] = []

    def add(label: str, key: str, total: bool = False) -> None:
        rows.append(
            row(
                label,
                lookup.count_percent(f"safety.{key}", grade="any"),
                lookup.count_percent(f"safety.{key}", grade=high),
                total=total,
            )
        )

    if lookup.has("safety.any_event.count", grade="any"):
        add("Any adverse event", "any_event", total=True)
    for key in safety_terms(lookup):
        add(term_label(lookup, key), key)
    related = "related to treatment" if rule.count == "related" else "whether related or not"
    notes = (
        say(
            "Events {r}, graded by {c}; worst grade per patient and term, of {n} treated {p}.",
            r=related,
            c=rule.criteria,
            n=lookup.show("safety.treated.count"),
            p=patients(lookup.number("safety.treated.count")),
        ),
    )
    title = "Adverse events"
    drugs = [in_text(k, e) for k, e in lookup.protocol.exposure.items()]
    if rule.count == "related" and drugs:
        title += f" related to {' and '.join(drugs)}"
    return Table("safety", "", title, columns, tuple(rows), notes)


def text(lookup: Lookup) -> Spans:
    """Patients with any event, the commonest terms, the upper grades, deaths."""
    rule = lookup.protocol.safety
    if rule is None or not lookup.has("safety.treated.count"):
        return ()
    high = safety.high_grades(rule.threshold)
    treated = lookup.number("safety.treated.count")
    some = lookup.number("safety.any_event.count", grade="any")
    related = "treatment-related " if rule.count == "related" else ""
    if not some:
        return say(
            "The {n} treated {p} had no {r}adverse event on record."
            if treated == 1
            else "None of the {n} treated {p} had an adverse event{t} on record.",
            n=lookup.show("safety.treated.count"),
            p=patients(treated),
            r=related,
            t=" related to treatment" if related else "",
        )
    grade = str(rule.threshold)
    everyone = some == treated
    severe_n = lookup.number("safety.any_event.count", grade=high)
    severe_words = (
        say(
            "of grade {g} or higher in {h}", g=grade, h=lookup.count_percent_words(*ANY, grade=high)
        )
        if severe_n
        else say("none of grade {g} or higher", g=grade)
    )
    out: list[Piece] = [
        say(
            "{e} had at least one {r}adverse event, {h}."
            if everyone
            else "Of {n} treated {p}, {a} had at least one {r}adverse event, {h}.",
            e=lookup.all_patients("safety.treated.count"),
            n=lookup.show("safety.treated.count"),
            p=patients(treated),
            a=lookup.count_percent_words(*ANY, grade="any"),
            r=related,
            h=severe_words,
        )
    ]
    for terms, of in ((commonest(lookup, "any"), ""), (commonest(lookup, high), grade)):
        which = f" of grade {of} or higher" if of else ""
        event, was = ("event", "was") if len(terms) == 1 else ("events", "were")
        if terms:
            frame = "The commonest {v}{g} {w} {l}."
            out.append(say(frame, v=event, g=which, w=was, l=listed(terms)))
    out += [_actions(lookup), _serious(lookup)]
    deaths = lookup.number("safety.deaths.count")
    if deaths is not None:
        who = lookup.patients_words("safety.deaths")
        out.append(say("A fatal adverse event (grade 5) occurred in {n}.", n=who))
    return sentences(*out)


def _actions(lookup: Lookup) -> Spans:
    """What was done about the events, patients by action."""
    parts: list[Spans] = []
    for action, words in ACTIONS.items():
        path = "safety.action"
        if lookup.number(f"{path}.count", action=action):
            words_of = lookup.count_percent_words if parts else lookup.patients_words
            parts.append(say("{w} in {n}", w=words, n=words_of(path, action=action)))
    return say("Events led to {l}.", l=listed(parts)) if parts else ()


def _serious(lookup: Lookup) -> Spans:
    count = lookup.number("safety.serious.count")
    if count is None:
        return ()
    if not count:
        return say("No event was serious.")
    return say("Serious events occurred in {n}.", n=lookup.patients_words("safety.serious"))


def commonest(lookup: Lookup, grade: str) -> list[Spans]:
    """The three commonest terms at a grade, each with its patients."""

    def patients_of(key: str, at: str) -> float:
        return lookup.number(f"safety.{key}.count", grade=at) or 0

    terms = [k for k in safety_terms(lookup) if patients_of(k, grade)]
    terms.sort(key=lambda k: (-patients_of(k, grade), -patients_of(k, "any")))
    return [
        say(
            "{t} in {n}",
            t=low_first(term_label(lookup, k)),
            n=lookup.patients_words(f"safety.{k}", grade=grade)
            if k == terms[0]
            else lookup.count_percent_words(f"safety.{k}", grade=grade),
        )
        for k in terms[:3]
    ]


def term_label(lookup: Lookup, key: str) -> str:
    """The words of a term of Table III."""
    estimate = lookup.get(f"safety.{key}.count", grade="any")
    return estimate.heading if estimate is not None else up_first(human(key))


def _if_reported(lookup: Lookup, where: str) -> str | None:
    return where if lookup.has("safety.treated.count") else None


def declared(protocol: Protocol) -> tuple[Part, ...]:
    """Adverse events, and their groups."""
    if protocol.safety is None:
        return ()
    return (("safety",), *(("safety", "by", v) for v in protocol.safety.by))


SECTION = Section(
    key="safety",
    title="Adverse events",
    methods="Adverse events",
    declared=declared,
    analyse=lambda request: safety.analyse(request.protocol, request.cohort),
    tables=(
        table,
        safety_more.by_group,
        safety_more.by_grade,
        safety_more.by_class,
        safety_more.in_time,
    ),
    figures=(safety_more.onset_figures,),
    sentences=lambda lookup: [text(lookup), safety_more.text(lookup)],
    analyses=(
        Analysis(
            "Adverse events by group",
            key="safety.by",
            ids=("safety.*.percent", "safety.*.p", "safety.any_event.difference"),
            sentence=safety_more.text,
            guard=("variables.no-group", "variables.no-groups"),
            r="binom.test, fisher.test",
            page="analyses/safety.md",
            table=safety_more.by_group,
            stats=("proportion", "proportion_difference", "logistic", "fisher_exact"),
        ),
        Analysis(
            "Adverse events by grade",
            key="safety.grades",
            ids=("safety.*.percent",),
            sentence=text,
            guard=("ctcae.no-grade", "ctcae.impossible-grade"),
            r="none: counts",
            page="analyses/safety.md",
            table=safety_more.by_grade,
        ),
        Analysis(
            "Adverse events by system organ class",
            key="safety.classes",
            ids=("safety.class.percent",),
            sentence=safety_more.text,
            guard=("ctcae.unknown-term",),
            r="none: counts",
            page="analyses/safety.md",
            table=safety_more.by_class,
        ),
        Analysis(
            "Exposure-adjusted rates",
            key="safety.per_patient_years",
            ids=("safety.*.rate",),
            sentence=safety_more.text,
            guard=("ctcae.no-start",),
            r="poisson.test",
            page="analyses/safety.md",
            table=safety_more.in_time,
            stats=("event_rate",),
        ),
        Analysis(
            "Time to the first adverse event",
            key="safety.onset",
            ids=("safety.*.onset_median", "safety.*.incidence"),
            sentence=safety_more.text,
            guard=("ctcae.no-start",),
            r="cmprsk::cuminc",
            page="analyses/safety.md",
            table=safety_more.in_time,
            figure=safety_more.onset_figures,
            stats=("cumulative_incidence",),
        ),
        Analysis(
            "Adverse events",
            key="safety.terms",
            ids=("safety.*.percent", "safety.any_event.percent", "safety.deaths.count"),
            sentence=text,
            guard=("safety.no-records", "safety.incomplete", "ctcae.no-grade"),
            r="none: counts",
            page="ctcae.md",
            table=table,
        ),
    ),
    items=(
        Item(
            "CTCAE",
            "Version; worst grade per patient; relation to treatment; deaths",
            lambda lookup: _if_reported(lookup, f"{FILLED}: Adverse events"),
        ),
        Item(
            "CTCAE",
            "How adverse events were asked for and recorded",
            lambda lookup: _if_reported(
                lookup, filled_if(lookup.protocol.conduct.adverse_events_by, "Evaluation", "how")
            ),
        ),
    ),
)

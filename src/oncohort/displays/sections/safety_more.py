"""Adverse events by group, by grade, by class, per patient-year and by time to the first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oncohort.analyses.safety import NOT_TERMS, high_grades
from oncohort.displays.figures.km import panel_height
from oncohort.displays.figures.model import Figure
from oncohort.displays.figures.under import MOST
from oncohort.displays.lookup import Lookup
from oncohort.displays.sections.grouped_rates import Shown, in_no_group
from oncohort.displays.sections.section import figure_of
from oncohort.displays.spans import Piece, Spans, listed, say, sentences
from oncohort.displays.tables.model import Column, Row, Table, row
from oncohort.displays.words import low_first, name_in_text, patients, up_first

if TYPE_CHECKING:
    from oncohort.displays.figures.data import Data

ANY = "any_event"


def safety_terms(lookup: Lookup) -> list[str]:
    """Keys of the terms of Table III in its order."""
    return [k for k in lookup.numbers.subjects("safety") if k not in NOT_TERMS]


def _label(lookup: Lookup, key: str) -> str:
    estimate = lookup.get(f"safety.{key}.count", grade="any")
    if key == ANY or estimate is None:
        return "Any adverse event"
    return estimate.heading


def _keys(lookup: Lookup) -> list[str]:
    """All terms together, then each."""
    terms = safety_terms(lookup)
    return [ANY, *terms] if lookup.has(f"safety.{ANY}.count", grade="any") else terms


def _shown(lookup: Lookup) -> list[Shown]:
    rule = lookup.protocol.safety
    return [
        Shown(lookup, "safety", v)
        for v in (rule.by if rule is not None else [])
        if lookup.numbers.of("safety", ANY, "count", variable=v)
    ]


def by_group(lookup: Lookup) -> list[Table]:
    """Any grade and the upper grades of each term, in each group."""
    rule = lookup.protocol.safety
    if rule is None:
        return []
    high = high_grades(rule.threshold)
    heads = {"any": "Any grade", high: f"Grade {rule.threshold} or higher"}
    out = []
    for shown in _shown(lookup):
        v = shown.variable
        tests = [g for g in heads if lookup.numbers.of("safety", ANY, "p", grade=g, variable=v)]
        columns = [Column("Adverse event", align="left", width=2.4)]
        for group in shown.groups:
            name = f"{shown.label(group)} (n = {shown.size(group)})"
            columns += [Column(f"{words}, n (%)", (name,)) for words in heads.values()]
        columns += [Column(heads[g], (lookup.style.p_symbol,), width=0.8) for g in tests]
        rows: list[Row] = []
        for key in _keys(lookup):
            cells: list[Piece] = [
                lookup.count_percent(f"safety.{key}", grade=g, group=group, variable=v)
                for group in shown.groups
                for g in heads
            ]
            cells += [lookup.show(f"safety.{key}.p", grade=g, variable=v) for g in tests]
            rows.append(row(_label(lookup, key), *cells, total=key == ANY))
        notes = [say("Worst grade per patient and term; graded by {c}.", c=rule.criteria)]
        if tests:
            found = lookup.numbers.of("safety", ANY, "p", variable=v)
            words = next((e.method for e in found if e.method), "")
            told = f"{words}, without correction for the number of terms" if words else ""
            notes += [say("{p}: {m}.", p=lookup.style.p_symbol, m=told)] if told else []
        notes += in_no_group(lookup, "safety.groups.missing", v)
        title = f"Adverse events by {name_in_text(lookup.variable(v))}"
        name = f"safety_{v.replace('.', '_').replace('+', '_')}"
        out.append(Table(name, "", title, tuple(columns), tuple(rows), tuple(notes), True))
    return out


def by_grade(lookup: Lookup) -> Table | None:
    """Patients at each worst grade from 1 to 5, per term."""
    rule = lookup.protocol.safety
    if rule is None or not rule.grades or not lookup.has(f"safety.{ANY}.count", grade="any"):
        return None
    columns = (
        Column("Adverse event", align="left", width=2.4),
        *(Column(str(g), ("Worst grade, n (%)",)) for g in range(1, 6)),
    )
    rows = tuple(
        row(
            _label(lookup, key),
            *(lookup.count_percent(f"safety.{key}", grade=str(g)) for g in range(1, 6)),
            total=key == ANY,
        )
        for key in _keys(lookup)
    )
    note = say(
        "Of {n} treated {p}; events without a grade are in no column.",
        n=lookup.show("safety.treated.count"),
        p=patients(lookup.number("safety.treated.count")),
    )
    return Table("safety_grades", "", "Adverse events by grade", columns, rows, (note,), False)


def by_class(lookup: Lookup) -> Table | None:
    """Each system organ class with its terms, any grade and the upper grades."""
    layout = lookup.numbers.curves.get("safety.classes")
    rule = lookup.protocol.safety
    if layout is None or rule is None:
        return None
    high = high_grades(rule.threshold)
    columns = (
        Column("System organ class, adverse event", align="left", width=2.8),
        Column("Any grade, n (%)"),
        Column(f"Grade {rule.threshold} or higher, n (%)"),
    )
    rows: list[Row] = []
    seen = ""
    of = layout.columns
    for soc, label, term in zip(of["soc"], of["label"], of["term"], strict=True):
        if soc != seen:
            seen = soc
            cells = [lookup.count_percent("safety.class", grade=g, soc=soc) for g in ("any", high)]
            rows.append(row(label, *cells, total=True))
        if lookup.has(f"safety.{term}.count", grade="any"):
            cells = [lookup.count_percent(f"safety.{term}", grade=g) for g in ("any", high)]
            rows.append(row(_label(lookup, term), *cells, indent=1))
    note = say(
        "Classes are the categories of {c}; a patient counts once per class and once per term.",
        c=rule.criteria,
    )
    title = "Adverse events by system organ class"
    return Table("safety_classes", "", title, columns, tuple(rows), (note,), False)


def in_time(lookup: Lookup) -> Table | None:
    """First events per 100 patient-years, time to the first event, cumulative incidence."""
    rule = lookup.protocol.safety
    keys = [
        k
        for k in _keys(lookup)
        if lookup.has(f"safety.{k}.rate") or lookup.has(f"safety.{k}.onset_median")
    ]
    if rule is None or not keys:
        return None
    rates = any(lookup.has(f"safety.{k}.rate") for k in keys)
    onset = any(lookup.has(f"safety.{k}.onset_median") for k in keys)
    times = [f"{t:g}" for t in rule.onset_at] if onset else []
    columns = [Column("Adverse event", align="left", width=2.4)]
    columns += [Column("Per 100 patient-years (95% CI)", width=1.6)] if rates else []
    if onset:
        columns.append(Column(f"First onset, {lookup.unit}, median (range)", width=1.6))
    columns += [
        Column(f"Cumulative incidence at {t} {lookup.unit}, % (95% CI)", width=1.6) for t in times
    ]
    rows: list[Row] = []
    for key in keys:
        cells: list[Piece] = [lookup.value_ci(f"safety.{key}.rate")] if rates else []
        if onset:
            cells.append(_onset(lookup, key))
        cells += [lookup.value_ci(f"safety.{key}.incidence", time=t) for t in times]
        rows.append(row(_label(lookup, key), *cells, total=key == ANY))
    notes = []
    if rates:
        notes.append(say("Rates: first events over the time at risk of them; exact intervals."))
    if onset:
        notes.append(
            say(
                "Onset: among patients with the event. Cumulative incidence: Aalen-Johansen; death "
                "and the end of treatment compete."
            )
        )
    title = "Adverse events in time"
    return Table("safety_time", "", title, tuple(columns), tuple(rows), tuple(notes), False)


def _onset(lookup: Lookup, key: str) -> Spans:
    """ "1.2 (0.3–8.9)"; an en dash where nobody had the event."""
    path = f"safety.{key}"
    if lookup.number(f"{path}.onset_median") is None:
        return say("\u2013")
    return say(
        "{m} ({a}\u2013{b})",
        m=lookup.show(f"{path}.onset_median"),
        a=lookup.show(f"{path}.onset_minimum"),
        b=lookup.show(f"{path}.onset_maximum"),
    )


def onset_figures(lookup: Lookup) -> list[Figure]:
    """Cumulative incidence of the first event of the named terms."""
    rule = lookup.protocol.safety
    groups: list[Data] = []
    for key in rule.onset if rule is not None else []:
        curve = lookup.numbers.curves.get(f"safety.{key}.onset_curve")
        if curve is not None:
            of = curve.columns
            events = (0,) * len(of["time"])
            columns = {k: of[k] for k in ("time", "incidence", "low", "high", "at_risk")}
            more = {"censored": events, "events": events}
            groups.append({"label": _label(lookup, key), **columns, **more})
    if not groups:
        return []
    ends = [v for g in groups for v in (*g["high"], g["incidence"][-1]) if v is not None]
    panel = {
        "letter": "",
        "note": "",
        "groups": groups[:MOST],
        "highest": max(ends),
        "rows": ("at_risk",),
        "unit": lookup.unit,
        "ylabel": "Cumulative incidence (%)",
        "xlabel": f"{up_first(lookup.unit)} from start of treatment",
    }
    caption = say(
        "Aalen-Johansen estimates of the first event of each term; death and the end of treatment "
        "(with its window) compete. Shaded: 95% confidence intervals, where three terms or fewer "
        "are shown.{m}",
        m=f" The first {MOST} terms are drawn." if len(groups) > MOST else "",
    )
    width = 120.0
    height = panel_height(panel, lookup.style.points, width)
    alt = "Cumulative incidence of the first adverse event of each term."
    title = "Time to the first adverse event"
    return [
        figure_of(
            lookup,
            "safety_onset",
            "incidence",
            title,
            caption,
            alt,
            {"panels": [panel]},
            height,
            width=width,
        )
    ]


def text(lookup: Lookup) -> Spans:
    """Upper grades in each group, the classes with most patients, rates and first onsets."""
    rule = lookup.protocol.safety
    if rule is None:
        return ()
    high = high_grades(rule.threshold)
    out: list[Spans] = []
    for shown in _shown(lookup):
        what = f"rate of adverse events of grade {rule.threshold} or higher"
        out.append(shown.sentence(what, f"safety.{ANY}", grade=high))
    layout = lookup.numbers.curves.get("safety.classes")
    if layout is not None:
        names = dict(zip(layout.columns["soc"], layout.columns["label"], strict=True))
        parts = [
            say(
                "{c} in {n}",
                c=name_in_text(label),
                n=(lookup.count_percent_words if k else lookup.patients_words)(
                    "safety.class", grade="any", soc=soc
                ),
            )
            for k, (soc, label) in enumerate(list(names.items())[:3])
        ]
        verb = "class was" if len(parts) == 1 else "classes were"
        out.append(say("The commonest {v} {l}.", v=verb, l=listed(parts)))
    if lookup.number(f"safety.{ANY}.rate") is not None:
        out.append(
            say(
                "The rate of first adverse events was {r} per 100 patient-years{c}.",
                r=lookup.show(f"safety.{ANY}.rate"),
                c=lookup.level_ci(f"safety.{ANY}.rate", " ({c})"),
            )
        )
    known = [k for k in rule.onset if lookup.number(f"safety.{k}.onset_median") is not None]
    parts = [
        say(
            "{m} for {t}",
            t=low_first(_label(lookup, k)),
            m=_onset_words(lookup, k, first=k == known[0]),
        )
        for k in known
    ]
    if parts:
        out.append(say("The median time to onset was {l}.", l=listed(parts)))
    return sentences(*out)


def _onset_words(lookup: Lookup, key: str, *, first: bool) -> Spans:
    """ "0.9 months (range 0.0-2.9)"; the word "range" stands once."""
    path = f"safety.{key}.onset"
    return say(
        "{m}\u00a0{u} ({r}{a}\u2013{b})",
        m=lookup.show(f"{path}_median"),
        u=lookup.unit,
        r="range " if first else "",
        a=lookup.show(f"{path}_minimum"),
        b=lookup.show(f"{path}_maximum"),
    )

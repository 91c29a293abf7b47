"""Arms compared: in all patients, within strata, two by two, and in subgroups."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from oncohort.analyses import arms
from oncohort.displays.figures import subgroups as forest
from oncohort.displays.figures.model import Figure
from oncohort.displays.lookup import Lookup
from oncohort.displays.sections.analysis import Analysis
from oncohort.displays.sections.section import Part, Section, figure_of
from oncohort.displays.spans import Piece, Spans, listed, say, sentences, text_of
from oncohort.displays.tables.model import Column, Row, Table, group, row
from oncohort.displays.words import low_first, name_in_text
from oncohort.protocol import Protocol
from oncohort.protocol.arms import CROSS, Arms, subgroup_key


def _rule(lookup: Lookup) -> Arms | None:
    return lookup.protocol.arms if lookup.numbers.section("arms") is not None else None


def _endpoints(lookup: Lookup) -> list[str]:
    """Endpoints whose arms were compared, in the protocol's order."""
    rule = _rule(lookup)
    if rule is None:
        return []
    wanted = rule.endpoints or list(lookup.protocol.endpoints)
    return [e for e in wanted if lookup.numbers.of("arms", e, "n")]


def _levels(lookup: Lookup, endpoint: str) -> tuple[str, list[str]]:
    """The reference arm, and the others that have a ratio."""
    rule = _rule(lookup)
    assert rule is not None
    info = lookup.info(rule.variable)
    reference = rule.reference or (info.reference if info else None) or ""
    return reference, lookup.values(("arms", endpoint, "hr"), "arm")


def _arm(lookup: Lookup, level: str) -> str:
    rule = _rule(lookup)
    assert rule is not None
    return lookup.level(rule.variable, level)


def table(lookup: Lookup) -> Table | None:
    """Patients, events, hazard ratio and tests of each arm."""
    endpoints = _endpoints(lookup)
    rule = _rule(lookup)
    if not endpoints or rule is None:
        return None
    ways = [
        (m, words)
        for m, words in (("unstratified", "Unstratified"), ("stratified", "Stratified"))
        if any(lookup.has(f"arms.{e}.logrank", model=m) for e in endpoints)
    ]
    over = len(ways) > 1
    columns = [
        Column(lookup.variable(rule.variable), align="left", width=2.2),
        Column("n", width=0.6),
        Column("Events", width=0.8),
    ]
    for _, words in ways:
        columns.append(Column("HR (95% CI)", (words,) if over else (), width=1.6))
        columns.append(Column(lookup.style.p_symbol, (words,) if over else (), width=0.8))
    rows: list[Row] = []
    for e in endpoints:
        path = f"arms.{e}"
        reference, _ = _levels(lookup, e)
        if len(endpoints) > 1:
            rows.append(group(lookup.endpoint(e)))
        for level in lookup.values(("arms", e, "n"), "arm"):
            cells: list[Piece] = [
                lookup.show(f"{path}.n", arm=level),
                lookup.show(f"{path}.events", arm=level),
            ]
            for model, _ in ways:
                if level == reference:
                    cells += ["1 (ref.)", ""]
                else:
                    keys = {"arm": level, "model": model}
                    cells.append(lookup.value_ci(f"{path}.hr", **keys))
                    cells.append(lookup.show(f"{path}.p", **keys))
            rows.append(row(_arm(lookup, level), *cells, indent=1 if len(endpoints) > 1 else 0))
        tests: list[Piece] = ["", ""]
        for model, _ in ways:
            tests += ["", lookup.show(f"{path}.logrank", model=model)]
        rows.append(row("Log-rank test", *tests, indent=1 if len(endpoints) > 1 else 0))
    what = " and ".join(low_first(lookup.endpoint(e)) for e in endpoints)
    return Table(
        "arms",
        "",
        f"Comparison of arms: {what}",
        tuple(columns),
        tuple(rows),
        _notes(lookup, rule, endpoints),
    )


def _competing(lookup: Lookup, endpoint: str) -> bool:
    """Whether other events can come before the endpoint's: a plain Cox model is cause-specific."""
    return lookup.protocol.endpoints[endpoint].has_competing


def _notes(lookup: Lookup, rule: Arms, endpoints: Sequence[str]) -> tuple[Spans, ...]:
    notes = [
        say(
            "HR: hazard ratio (Cox regression); CI: confidence interval; ref.: arm that the others "
            "are compared with; NE: not estimable."
        )
    ]
    several = [e for e in endpoints if _competing(lookup, e)]
    if several:
        notes.append(
            say(
                "{e}: patients leave the risk set at a competing event; ratios and log-rank tests "
                "are cause-specific.",
                e=listed(lookup.endpoint(e) for e in several),
            )
        )
    if rule.strata:
        notes.append(
            say("Strata: {s}.", s=listed(name_in_text(lookup.variable(s)) for s in rule.strata))
        )
    for e in endpoints:
        if lookup.has(f"arms.{e}.missing"):
            notes.append(
                say("{e}: {n} in no arm.", e=lookup.endpoint(e), n=lookup.show(f"arms.{e}.missing"))
            )
    notes += reasons(lookup, [("arms", e, "hr") for e in endpoints])
    return tuple(notes)


def reasons(lookup: Lookup, paths: Sequence[tuple[str, ...]]) -> list[Spans]:
    """Why numbers of these paths are not estimable, each reason once."""
    said: dict[str, None] = {}
    for path in paths:
        for estimate in lookup.numbers.of(*path):
            if estimate.value is None and estimate.note:
                said.setdefault(f"{estimate.label}: {estimate.note.rstrip('.')}.")
    return [say("{t}", t=text) for text in list(said)[:6]]


def pairs(lookup: Lookup) -> Table | None:
    """Every two arms, with p-values adjusted for their number."""
    rows: list[Row] = []
    endpoints = [e for e in _endpoints(lookup) if lookup.numbers.of("arms", e, "pair_p")]
    for e in endpoints:
        if len(endpoints) > 1:
            rows.append(group(lookup.endpoint(e)))
        for estimate in lookup.numbers.of("arms", e, "pair_p"):
            first, second = estimate.key["against"], estimate.key["arm"]
            keys = {"against": first, "arm": second}
            path = f"arms.{e}"
            rows.append(
                row(
                    f"{_arm(lookup, second)} vs. {_arm(lookup, first)}",
                    lookup.value_ci(f"{path}.pair_hr", **keys),
                    lookup.show(f"{path}.pair_p", **keys),
                    lookup.show(f"{path}.pair_p_adjusted", **keys),
                    indent=1 if len(endpoints) > 1 else 0,
                )
            )
    rule = _rule(lookup)
    if not rows or rule is None:
        return None
    p = lookup.style.p_symbol
    columns = (
        Column("Arms", align="left", width=3.0),
        Column("HR (95% CI)", width=1.6),
        Column(f"Log-rank {p}", width=0.9),
        Column(f"Adjusted {p}", width=0.9),
    )
    note = say(
        "Log-rank tests on the patients of the two arms; {a}. HR: hazard ratio of the first "
        "against the second; CI: confidence interval.",
        a=arms.ADJUSTED[rule.pairwise],
    )
    return Table("arms_pairs", "", "Every two arms", columns, tuple(rows), (note,), False)


def subgroup_label(lookup: Lookup, one: str | Sequence[str]) -> str:
    """The name of a subgroup variable, or of two crossed ones."""
    names = [one] if isinstance(one, str) else list(one)
    return " and ".join(lookup.variable(n) for n in names)


def level_label(lookup: Lookup, one: str | Sequence[str], level: str) -> str:
    """The name of one subgroup."""
    names = [one] if isinstance(one, str) else list(one)
    values = level.split(CROSS) if len(names) > 1 else [level]
    return ", ".join(lookup.level(n, v) for n, v in zip(names, values, strict=True))


def _declared(lookup: Lookup, e: str) -> list[str | list[str]]:
    """Subgroups of an endpoint that have numbers."""
    rule = _rule(lookup)
    have = [] if rule is None else rule.subgroups
    return [
        one
        for one in have
        if lookup.numbers.of("arms", e, "subgroup", subgroup_key(one), "interaction_p")
    ]


def subgroup_table(lookup: Lookup) -> Table | None:
    """Patients, events, hazard ratio and interaction in each subgroup."""
    rows: list[Row] = []
    endpoints = [e for e in _endpoints(lookup) if _declared(lookup, e)]
    for e in endpoints:
        reference, others = _levels(lookup, e)
        for arm in others:
            if len(endpoints) > 1 or len(others) > 1:
                against = f"{_arm(lookup, arm)} vs. {_arm(lookup, reference)}"
                rows.append(group(f"{lookup.endpoint(e)}: {against}"))
            for one in _declared(lookup, e):
                rows += _subgroup_rows(lookup, e, one, arm, reference)
    if not rows:
        return None
    p = lookup.style.p_symbol
    columns = (
        Column("Subgroup", align="left", width=2.6),
        Column("Arm, events/n", width=1.0),
        Column("Reference, events/n", width=1.1),
        Column("HR (95% CI)", width=1.6),
        Column(f"Interaction {p}", width=0.9),
    )
    return Table(
        "subgroups",
        "",
        "Effect of the arm in subgroups",
        columns,
        tuple(rows),
        _subgroup_notes(lookup, endpoints),
        False,
    )


def _subgroup_rows(
    lookup: Lookup, e: str, one: str | list[str], arm: str, reference: str
) -> list[Row]:
    path = f"arms.{e}.subgroup.{subgroup_key(one)}"
    interaction = lookup.show(f"{path}.interaction_p")
    rows = [row(subgroup_label(lookup, one), "", "", "", interaction)]
    for level in lookup.values(("arms", e, "subgroup", subgroup_key(one), "n"), "level"):
        rows.append(
            row(
                level_label(lookup, one, level),
                *(_events_of(lookup, path, level, a) for a in (arm, reference)),
                lookup.value_ci(f"{path}.hr", arm=arm, level=level),
                "",
                indent=1,
            )
        )
    return rows


def _events_of(lookup: Lookup, path: str, level: str, arm: str) -> Spans:
    events, n = (lookup.show(f"{path}.{w}", arm=arm, level=level) for w in ("events", "n"))
    return say("{e}/{n}", e=events, n=n)


def _subgroup_notes(lookup: Lookup, endpoints: Sequence[str]) -> tuple[Spans, ...]:
    notes = [
        say(
            "HR: hazard ratio by Cox regression within the subgroup; CI: confidence interval; NE: "
            "not estimable. Interaction: likelihood-ratio test; not adjusted for the number of "
            "subgroups."
        )
    ]
    paths = []
    for e in endpoints:
        for one in _declared(lookup, e):
            key = subgroup_key(one)
            paths.append(("arms", e, "subgroup", key, "interaction_p"))
            if lookup.has(f"arms.{e}.subgroup.{key}.missing"):
                notes.append(
                    say(
                        "{e}, {v}: {n} with missing values, in no subgroup.",
                        e=lookup.endpoint(e),
                        v=subgroup_label(lookup, one),
                        n=lookup.show(f"arms.{e}.subgroup.{key}.missing"),
                    )
                )
    return (*notes, *reasons(lookup, paths))


def figures(lookup: Lookup) -> list[Figure]:
    """A forest plot for each endpoint and each arm against the reference."""
    out: list[Figure] = []
    for e in _endpoints(lookup):
        if not _declared(lookup, e):
            continue
        reference, others = _levels(lookup, e)
        out += [_forest(lookup, e, arm, reference, len(others) > 1) for arm in others]
    return out


def _forest(lookup: Lookup, e: str, arm: str, reference: str, several: bool) -> Figure:
    path = f"arms.{e}"

    def line(label: str, where: str, head: bool, band: bool, **keys: str) -> dict[str, Any]:
        ratio = lookup.get(f"{where}.hr", arm=arm, **keys)
        sized = {k: v for k, v in keys.items() if k != "model"}
        events = [lookup.number(f"{where}.events", arm=a, **sized) or 0 for a in (arm, reference)]
        counts = [
            f"{lookup.show(f'{where}.events', arm=a, **sized).text}/"
            f"{lookup.show(f'{where}.n', arm=a, **sized).text}"
            for a in (arm, reference)
        ]
        return {
            "label": label,
            "head": head,
            "band": band,
            "counts": counts,
            "events": int(sum(events)),
            "hr": ratio.value if ratio else None,
            "low": ratio.low if ratio else None,
            "high": ratio.high if ratio else None,
            "text": lookup.style.value_ci(ratio) if ratio else "",
            "p": "",
            "whole": head,
        }

    rows = [line("All patients", path, True, False, model="unstratified")]
    for k, one in enumerate(_declared(lookup, e)):
        key = subgroup_key(one)
        band = k % 2 == 0
        rows.append(
            {
                "label": subgroup_label(lookup, one),
                "head": True,
                "band": band,
                "counts": [],
                "events": 0,
                "hr": None,
                "text": "",
                "p": lookup.show(f"{path}.subgroup.{key}.interaction_p").text,
                "whole": False,
            }
        )
        for level in lookup.values(("arms", e, "subgroup", key, "n"), "level"):
            label = level_label(lookup, one, level)
            rows.append(line(label, f"{path}.subgroup.{key}", False, band, level=level))
    names = [_arm(lookup, arm), _arm(lookup, reference)]
    level95 = lookup.style.level(0.95)
    data = {
        "rows": rows,
        "arms": names,
        "ratio": f"HR ({level95} CI)",
        "p": lookup.style.p_symbol,
        "better": ("fewer events", "more events"),
    }
    caption = sentences(
        say(
            "{c} for {e} of {a} against {r}, in all patients (diamond) and in subgroups "
            "(squares, larger with more events); bars are {l} confidence intervals, arrows go "
            "beyond the axis.",
            c="Cause-specific hazard ratio" if _competing(lookup, e) else "Hazard ratio",
            e=low_first(lookup.endpoint(e)),
            a=names[0],
            r=names[1],
            l=level95,
        ),
        "Interaction p-values are not adjusted for the number of subgroups.",
    )
    alt = (
        text_of(caption) + " " + " ".join(f"{r['label']}: {r['text']}." for r in rows if r["text"])
    )
    width = lookup.style.two_columns_mm
    height = forest.height_mm(data, lookup.style.points, width)
    name = f"subgroups_{e}" + (f"_{arm}" if several else "")
    title = f"{lookup.endpoint(e)} by arm in subgroups"
    if several:
        title += f": {names[0]} against {names[1]}"
    return figure_of(lookup, name, "subgroups", title, caption, alt, data, height, width=width)


def texts(lookup: Lookup) -> list[Spans]:
    """One paragraph for each endpoint: ratios, tests, pairs, interactions."""
    return [_text(lookup, e) for e in _endpoints(lookup)]


def _text(lookup: Lookup, e: str) -> Spans:
    path, short = f"arms.{e}", low_first(lookup.short(e))
    reference, others = _levels(lookup, e)
    parts: list[Piece] = []
    for model in ("unstratified", "stratified"):
        test = lookup.p_phrase(f"{path}.logrank", model=model)
        if not test:
            continue
        told = [_ratio(lookup, e, arm, reference, model) for arm in others]
        how = "After stratification, the" if model == "stratified" else "The"
        parts.append(
            say(
                "{h} {c}hazard ratio for {e} was {l} ({m}log-rank {t}).",
                h=how,
                c="cause-specific " if _competing(lookup, e) else "",
                e=short,
                l=listed(told),
                m="stratified " if model == "stratified" else "",
                t=test,
            )
        )
    parts += [_pair_text(lookup, e), _interactions(lookup, e)]
    return sentences(*parts)


def _ratio(lookup: Lookup, e: str, arm: str, reference: str, model: str) -> Spans:
    path = f"arms.{e}.hr"
    estimate = lookup.get(path, arm=arm, model=model)
    assert estimate is not None
    against = say(
        " for {a} against {r}",
        a=name_in_text(_arm(lookup, arm)),
        r=name_in_text(_arm(lookup, reference)),
    )
    if estimate.value is None:
        return say("not estimable{a}", a=against)
    return say(
        "{v} ({l} CI {c}){a}",
        v=lookup.bound(estimate),
        l=lookup.style.level(estimate.level),
        c=lookup.interval(path, arm=arm, model=model),
        a=against,
    )


def _pair_text(lookup: Lookup, e: str) -> Spans:
    found = lookup.numbers.of("arms", e, "pair_p_adjusted")
    if not found:
        return ()
    clear = [p for p in found if p.value is not None and p.value < 0.05]
    if not clear:
        return say("No two arms differed after adjustment for the number of comparisons.")
    told = [
        say(
            "{a} and {b} (adjusted {p})",
            a=name_in_text(_arm(lookup, p.key["arm"])),
            b=name_in_text(_arm(lookup, p.key["against"])),
            p=lookup.p_phrase(
                f"arms.{e}.pair_p_adjusted", arm=p.key["arm"], against=p.key["against"]
            ),
        )
        for p in clear
    ]
    return say("In comparisons of every two arms, these differed: {l}.", l=listed(told))


def _interactions(lookup: Lookup, e: str) -> Spans:
    tests = []
    for one in _declared(lookup, e):
        path = f"arms.{e}.subgroup.{subgroup_key(one)}.interaction_p"
        estimate = lookup.get(path)
        assert estimate is not None
        tests.append((subgroup_label(lookup, one), path, estimate))
    if not tests:
        return ()
    clear = [t for t in tests if t[2].value is not None and t[2].value < 0.05]
    known = [t for t in tests if t[2].value is not None]
    if not known:
        return say("Whether the effect differed between subgroups could not be tested.")
    if not clear:
        name, path, _ = min(known, key=lambda t: t[2].value or 0.0)
        return say(
            "There was no sign that the effect differed between subgroups (smallest of {k} "
            "interaction p-values: {p}, for {v}); such tests have little power.",
            k=str(len(known)),
            p=lookup.p_phrase(path),
            v=name_in_text(name),
        )
    told = [
        say("{v} (interaction {p})", v=name_in_text(name), p=lookup.p_phrase(path))
        for name, path, _ in clear
    ]
    return say(
        "The effect differed by {l}, of {k} subgroup variables tested, without adjustment for "
        "their number.",
        l=listed(told),
        k=str(len(tests)),
    )


def declared(protocol: Protocol) -> tuple[Part, ...]:
    """Each endpoint, and each subgroup."""
    rule = protocol.arms
    if rule is None:
        return ()
    wanted = [k for k in protocol.endpoints if k in rule.endpoints or not rule.endpoints]
    return tuple(
        part
        for key in wanted
        for part in (
            ("arms", key),
            *(("arms", key, "subgroup", subgroup_key(one)) for one in rule.subgroups),
        )
    )


SECTION = Section(
    key="arms",
    title="Comparison of arms",
    methods="Comparison of arms",
    declared=declared,
    analyse=lambda request: arms.analyse(request.protocol, request.cohort, request.blocked),
    tables=(table, pairs, subgroup_table),
    figures=(figures,),
    sentences=texts,
    analyses=(
        Analysis(
            "Comparison of arms",
            key="arms.variable",
            ids=("arms.*.hr", "arms.*.p", "arms.*.logrank", "arms.*.missing"),
            sentence=texts,
            guard=("arms.fit", "variables.no-groups"),
            r="survival::coxph, survdiff, with strata",
            page="analyses/arms.md",
            table=table,
            stats=("cox", "logrank"),
        ),
        Analysis(
            "Every two arms",
            key="arms.pairwise",
            ids=("arms.*.pair_hr", "arms.*.pair_p", "arms.*.pair_p_adjusted"),
            sentence=texts,
            guard=("arms.fit",),
            r="survdiff of each pair, p.adjust",
            page="analyses/arms.md",
            table=pairs,
            stats=("logrank_pairwise", "adjust_p"),
        ),
        Analysis(
            "Subgroups",
            key="arms.subgroups",
            ids=("arms.*.subgroup.*.hr", "arms.*.subgroup.*.interaction_p"),
            sentence=texts,
            guard=("variables.no-groups",),
            r="anova of coxph with and without the interaction",
            page="analyses/arms.md",
            table=subgroup_table,
            figure=figures,
            stats=("cox",),
        ),
    ),
)

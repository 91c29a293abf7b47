"""Cut-points that were found in the data: where, how certain, and the p of the search."""

from __future__ import annotations

from oncohort.analyses import cutpoints
from oncohort.analyses.result import key_of
from oncohort.displays.figures import search
from oncohort.displays.figures.model import Figure
from oncohort.displays.lookup import Lookup
from oncohort.displays.sections.analysis import Analysis
from oncohort.displays.sections.item import Item, filled_if
from oncohort.displays.sections.section import Part, Section, figure_of
from oncohort.displays.spans import Piece, Spans, listed, say, sentences, spans
from oncohort.displays.tables.model import Column, Row, Table, row
from oncohort.displays.words import low_first, name_in_text
from oncohort.protocol import Protocol
from oncohort.protocol.cut_rules import OUTCOME_RULES
from oncohort.protocol.number_style import DASH, SIGNIFICANT

_RULES = {
    "median": "Median",
    "tertiles": "Tertiles",
    "quartiles": "Quartiles",
    "percentiles": "Percentiles",
    "roc": "ROC curve (Youden index)",
    "max_logrank": "Largest log-rank statistic",
}


def _variables(lookup: Lookup) -> list[str]:
    return lookup.numbers.subjects("cutpoints")


def _rule(lookup: Lookup, variable: str) -> str:
    return str(lookup.protocol.variables[variable].cut_by)


def _rule_words(lookup: Lookup, variable: str) -> str:
    declared = lookup.protocol.variables[variable]
    words = _RULES[_rule(lookup, variable)]
    if declared.endpoint:
        words += f", {lookup.short(declared.endpoint)}"
    if declared.horizon is not None:
        words += f" at {declared.horizon:g} {lookup.unit}"
    if declared.within:
        words += f", within {name_in_text(lookup.variable(declared.within))}"
    return words


def _cut_cells(lookup: Lookup, variable: str) -> Spans:
    """The cut-points, with the interval over bootstrap samples where they were searched."""
    within = lookup.protocol.variables[variable].within
    by_group: dict[str, list[Piece]] = {}
    found = lookup.context.variables[variable].found
    for estimate in lookup.numbers.of("cutpoints", variable, "cut"):
        keys = dict(estimate.key.levels)
        digits = None
        if found is not None and found.searched:  # printed as in the names of its groups
            text = found.printed[keys.get("group", "")][int(keys.get("number", "1")) - 1]
            digits = len(text.partition(".")[2])
        shown = lookup.value_ci(f"cutpoints.{variable}.cut", digits, **keys)
        by_group.setdefault(keys.get("group", ""), []).append(shown)
    out: list[Piece] = []
    for group, values in by_group.items():
        name = f"{lookup.level(within, group)}: " if within and group else ""
        mark = "; " if out else ""
        out.append(say("{m}{n}{v}", m=mark, n=name, v=listed(values)))
    return tuple(s for piece in out for s in spans(piece)) or spans(DASH)


def table(lookup: Lookup) -> Table | None:
    """Cut-points found in the data: rule, cut, groups, corrected p and hazard ratio."""
    names = _variables(lookup)
    if not names:
        return None
    searched = any(_rule(lookup, v) in OUTCOME_RULES for v in names)
    columns = [
        Column("Variable", align="left", width=2.0),
        Column("Rule", align="left", width=2.2),
        Column("Cut-point", width=1.6),
        Column("Patients by group", width=1.5),
    ]
    if searched:
        columns += [
            Column(f"Corrected {lookup.style.p_symbol}", width=0.9),
            Column("HR as searched", width=0.9),
            Column("HR corrected", width=0.9),
        ]
    rows: list[Row] = []
    for variable in names:
        path = f"cutpoints.{variable}"
        sizes: list[Piece] = [
            lookup.show(f"{path}.n", level=level) for level in lookup.levels(variable)
        ]
        sized: list[Piece] = []
        for i, piece in enumerate(sizes):
            sized += [" / ", piece] if i else [piece]
        cells: list[Piece] = [
            lookup.variable_unit(variable),
            _rule_words(lookup, variable),
            _cut_cells(lookup, variable),
            tuple(s for p in sized for s in say("{p}", p=p)),
        ]
        if searched:
            cells += [
                lookup.show(f"{path}.{what}") for what in ("p", "hr_searched", "hr_corrected")
            ]
        rows.append(row(*cells))
    notes: list[Spans] = []
    if searched:
        notes.append(
            say(
                "Cut-points that the outcome decided: in brackets 95% of bootstrap samples; {p} is "
                "that of the whole search; HR as searched is too far from 1.",
                p=lookup.style.p_symbol,
            )
        )
    return Table(
        "cutpoints", "", "Cut-points found in the data", tuple(columns), tuple(rows),
        tuple(notes), False,
    )  # fmt: skip


def figures(lookup: Lookup) -> list[Figure]:
    """One figure per searched cut: the statistic at each cut-point, or the ROC curve."""
    out = []
    for variable in _variables(lookup):
        rule = _rule(lookup, variable)
        what = {"max_logrank": "search", "roc": "roc"}.get(rule)
        found = lookup.numbers.curves.get(key_of("cutpoints", variable, what or "").id)
        if what is None or found is None:
            continue
        cut = lookup.number(f"cutpoints.{variable}.cut")
        endpoint = str(lookup.protocol.variables[variable].endpoint)
        name = name_in_text(lookup.variable(variable))
        data: dict[str, object] = {
            "kind": what,
            "cut": cut,
            "xlabel": lookup.variable_unit(variable),
            "columns": {k: list(v) for k, v in found.columns.items()},
            "note": "",
        }
        p = lookup.number(f"cutpoints.{variable}.p")
        if p is not None:
            data["note"] = f"corrected {lookup.style.p_phrase(p)}"
        if what == "search":
            caption = say(
                "Absolute standardised log-rank statistic of {e} at each cut-point examined; the "
                "dashed line is the cut that was taken.",
                e=lookup.short(endpoint),
            )
            title = f"Search of a cut-point of {name}"
            alt = f"Log-rank statistic over the cut-points of {name}."
        else:
            path = f"cutpoints.{variable}"
            two = (lookup.show(f"{path}.{s}", 2).text for s in ("specificity", "sensitivity"))
            data["chosen"] = f"{lookup.show(f'{path}.cut').text} ({', '.join(two)})"
            caption = say(
                "Time-dependent ROC curve of {e}; the circle is the cut that was taken "
                "(specificity, sensitivity in the patients in whom it was found).",
                e=lookup.short(endpoint),
            )
            title = f"ROC curve of {name}"
            alt = f"ROC curve of {name} with the chosen cut-point."
        width = lookup.style.one_column_mm
        out.append(
            figure_of(
                lookup, f"cutpoint_{variable}", "search", title, caption, alt, data,
                search.height_mm(what, width), width=width,
            )
        )  # fmt: skip
    return out


def texts(lookup: Lookup) -> list[Spans]:
    """Where each cut-point was found, and what is left of it after correction."""
    out: list[Spans] = []
    for variable in _variables(lookup):
        path = f"cutpoints.{variable}"
        name = name_in_text(lookup.variable(variable))
        unit = lookup.context.variables[variable].unit
        end = f" {unit}" if unit else ""
        rule = _rule(lookup, variable)
        if rule not in OUTCOME_RULES:
            out.append(
                say("{n} was divided at its {r} ({c}{u}).", n=_up(name),
                    c=_cut_cells(lookup, variable), u=end,
                    r=low_first(_rule_words(lookup, variable)))
            )  # fmt: skip
            continue
        endpoint = lookup.short(str(lookup.protocol.variables[variable].endpoint))
        if not lookup.has(f"{path}.cut"):
            out.append(say("No cut-point of {n} could be searched.", n=name))
            continue
        p = lookup.number(f"{path}.p")
        clear = p is not None and p < SIGNIFICANT
        first = say(
            "The cut-point of {n} that separated {e} best was {c}{u} (95% of bootstrap samples, "
            "{i}); after correction for the search, the groups {d} ({p}).",
            n=name, e=endpoint, c=lookup.show(f"{path}.cut"), u=end,
            i=lookup.interval(f"{path}.cut") or DASH, p=lookup.p_phrase(f"{path}.p"),
            d="differed" if clear else "did not differ significantly",
        )  # fmt: skip
        if rule == "max_logrank":
            second = say(
                "The hazard ratio of values above it against those below was {h} after correction "
                "({s} as searched).",
                h=lookup.show(f"{path}.hr_corrected"), s=lookup.show(f"{path}.hr_searched"),
            )  # fmt: skip
        else:
            second = say(
                "The area under the ROC curve was {a}; at the cut-point sensitivity was {x} and "
                "specificity {y}, the Youden index {j} after correction ({k} as found).",
                a=lookup.show(f"{path}.auc", 2), x=lookup.show(f"{path}.sensitivity", 2),
                y=lookup.show(f"{path}.specificity", 2),
                j=lookup.show(f"{path}.youden_corrected", 2), k=lookup.show(f"{path}.youden", 2),
            )  # fmt: skip
        out.append(sentences(first, second))
    return out


def _up(words: str) -> str:
    return words[:1].upper() + words[1:]


def declared(protocol: Protocol) -> tuple[Part, ...]:
    """Each variable whose cut is to be found in the data."""
    return tuple(("cutpoints", k) for k, v in protocol.variables.items() if v.cut_by)


def _item(lookup: Lookup) -> str | None:
    if not declared(lookup.protocol):
        return None
    return filled_if(_variables(lookup), "Cut-points", "say how continuous variables were cut")


SECTION = Section(
    key="cutpoints",
    title="Cut-points",
    methods="Cut-points",
    declared=declared,
    analyse=lambda request: cutpoints.analyse(request.protocol, request.cohort),
    tables=(table,),
    figures=(figures,),
    sentences=texts,
    items=(Item("11", "How continuous variables were cut, and why there", _item),),
    analyses=(
        Analysis(
            "Cut-points at quantiles",
            key="variables.*.cut_by",
            ids=("cutpoints.*.cut", "cutpoints.*.n"),
            guard=("variables.no-cut",),
            r="quantile",
            page="analyses/cut-points.md",
            table=table,
        ),
        Analysis(
            "Maximally selected log-rank statistic",
            key="variables.*.endpoint",
            ids=("cutpoints.*.p", "cutpoints.*.hr_corrected"),
            guard=("variables.double-dipping", "variables.cut-of-few-events", "variables.no-cut"),
            r="maxstat::maxstat.test",
            page="analyses/cut-points.md",
            table=table,
            figure=figures,
            stats=("best_cut", "cutpoint"),
        ),
        Analysis(
            "Cut-point by the ROC curve",
            key="variables.*.horizon",
            ids=("cutpoints.*.auc", "cutpoints.*.youden_corrected", "cutpoints.*.p"),
            guard=("variables.double-dipping", "variables.cut-of-few-events", "variables.no-cut"),
            r="timeROC::timeROC, pROC::coords",
            page="analyses/cut-points.md",
            table=table,
            figure=figures,
            stats=("time_roc", "roc_cut"),
        ),
    ),
)

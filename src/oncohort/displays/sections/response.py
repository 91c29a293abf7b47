"""Response: best response with rates, waterfall, swimmer and spider plots."""

from __future__ import annotations

from itertools import compress

from oncohort.analyses import response
from oncohort.displays.figures.data import Panel
from oncohort.displays.figures.model import Figure
from oncohort.displays.figures.palette import RESPONSES
from oncohort.displays.figures.response import ELSEWHERE, FLAT
from oncohort.displays.figures.thinning import evenly
from oncohort.displays.lookup import Lookup
from oncohort.displays.sections import response_groups
from oncohort.displays.sections.analysis import Analysis
from oncohort.displays.sections.item import FILLED, Item, filled_if
from oncohort.displays.sections.section import Part, Section, figure_of
from oncohort.displays.spans import Piece, Spans, listed, say, sentences
from oncohort.displays.tables.model import Column, Row, Table, row
from oncohort.displays.words import low_first, patients, up_first
from oncohort.protocol import Protocol
from oncohort.vocabulary.plurals import plural

RESPONSE_ORDER = ("cr", "pr", "noncr_nonpd", "sd", "pd", "ne")
RESPONSE_WORDS = {
    "cr": "complete response",
    "pr": "partial response",
    "noncr_nonpd": "non-CR/non-PD",
    "sd": "stable disease",
    "pd": "progressive disease",
    "ne": "not evaluable",
}


def table(lookup: Lookup) -> Table | None:
    """Best response with rates; the categories sum to n."""
    if not lookup.has("response.orr.percent"):
        return None
    columns = (
        Column("Best response", align="left", width=2.6),
        Column("n"),
        Column("%"),
        Column("95% CI", width=1.4),
    )
    rows: list[Row] = []

    def add(label: Piece, path: str, total: bool = False, **keys: object) -> None:
        rows.append(
            row(
                label,
                lookup.show(f"{path}.count", **keys),
                lookup.show(f"{path}.percent", **keys),
                lookup.interval(f"{path}.percent", **keys),
                total=total,
            )
        )

    for level in RESPONSE_ORDER:
        if lookup.has("response.best.count", level=level):
            words = RESPONSE_WORDS[level]
            add(words if level == "noncr_nonpd" else up_first(words), "response.best", level=level)
    add("Objective response (CR + PR)", "response.orr", total=True)
    rule = lookup.protocol.response
    if lookup.has("response.dcr.percent") and rule is not None:
        least = rule.stable_disease_least
        word = up_first(rule.disease_control)
        lasting = "" if rule.source == "charted" else f" for at least {least}"
        add(f"{word} (CR + PR + SD{lasting})", "response.dcr", total=True)
    if lookup.has("response.reduced.percent"):
        add("Any shrinkage of target lesions", "response.reduced")
    notes = _notes(lookup)
    return Table("response", "", "Best response", columns, tuple(rows), notes, False)


def _notes(lookup: Lookup) -> tuple[Spans, ...]:
    notes = [
        say(
            "Denominator: the {n} included {p}, those not evaluable among them; intervals are "
            "exact (Clopper-Pearson).",
            n=lookup.size("response.orr.percent"),
            p=patients(lookup.context.n),
        )
    ]
    if lookup.number("response.reduced.percent") is not None:
        shrunk = lookup.get("response.reduced.percent")
        orr = lookup.get("response.orr.percent")
        if shrunk is not None and orr is not None and shrunk.n != orr.n:
            notes.append(
                say(f"Shrinkage is of the {shrunk.n} patients with target lesions measured again.")
            )
    if lookup.number("response.onset.median") is not None:
        told = lookup.median_words("response.onset", lookup.unit)
        notes.append(say("Time to response, median: {m}.", m=told))
    if lookup.has("response.duration.median"):
        notes.append(
            say(
                "Duration of response (Kaplan-Meier among {n} responders), median: {m}.",
                n=lookup.show("response.duration.n"),
                m=lookup.with_ci("response.duration.median"),
            )
        )
    return tuple(notes)


def not_drawn(lookup: Lookup) -> Spans:
    """Who is not in the waterfall, and why: "2 not drawn: no scan after baseline (2)"."""
    parts = [
        say("{n}, {r}", n=lookup.bound(estimate), r=low_first(estimate.heading))
        for estimate in lookup.numbers.of("response", "waterfall", "not_drawn")
        if estimate.value
    ]
    if not parts:
        return ()
    return say("Not drawn: {p}.", p=listed(parts))


def waterfall(lookup: Lookup) -> list[Figure]:
    """Figure 1: the best change of the target sum, coloured by best response."""
    curve = lookup.numbers.curves.get("response.waterfall")
    if curve is None or not len(curve):
        return []
    kinds = set(curve.columns["elsewhere"])
    marked = [
        f"{words} ({'filled' if kind == 'new' else 'open'})"
        for kind, words in ELSEWHERE.items()
        if kind in kinds
    ]
    caption = sentences(
        say(
            "Each bar is one patient; {d} of {n} included {p} {a} drawn.",
            d=lookup.show("response.waterfall.drawn"),
            n=lookup.whole(),
            p=patients(lookup.context.n),
            a="is" if lookup.number("response.waterfall.drawn") == 1 else "are",
        ),
        not_drawn(lookup),
        "Colour and hatching show the best response; squares are changes of zero."
        if any(abs(float(v)) < FLAT for v in curve.columns["change"])
        else "Colour and hatching show the best response.",
        say("Triangles: {w}.", w=listed(marked)) if marked else "",
        "Dashed lines mark \u221230% and +20% of the baseline sum; progression is judged against "
        "the smallest sum and by new lesions, so a bar alone does not tell the response.",
    )
    lowest, highest = lookup.show("response.change.minimum"), lookup.show("response.change.maximum")
    alt = (
        f"Waterfall plot of {len(curve)} {patients(len(curve))}, from "
        f"{highest.text}% to {lowest.text}%."
    )
    data = {
        "change": tuple(float(v) for v in curve.columns["change"]),
        "best": tuple(b if b in RESPONSES else "ne" for b in curve.columns["best"]),
        "elsewhere": tuple(curve.columns["elsewhere"]),
        "ylabel": "Best change from baseline (%)",
    }
    title = "Best change of the sum of target lesions from baseline"
    return [figure_of(lookup, "waterfall", "waterfall", title, caption, alt, data, 82, main=True)]


LANES = 80
"""Lanes of a swimmer plot that can be read."""


def sampled(n: int) -> list[int]:
    """Places of the patients that are drawn: all, or every so many of a long list, evenly.

    Examples
    --------
    >>> sampled(3), len(sampled(1000)), sampled(160)[:3]
    ([0, 1, 2], 80, [0, 2, 4])
    """
    return list(range(n)) if n <= LANES else [i * n // LANES for i in range(LANES)]


def swimmer(lookup: Lookup) -> list[Figure]:
    """Time on treatment, one lane per patient."""
    curve = lookup.numbers.curves.get("response.swimmer")
    if curve is None or not len(curve):
        return []
    whole = len(curve)
    kept = sampled(whole)
    columns = {k: tuple(v[i] for i in kept) for k, v in curve.columns.items()}
    n = len(kept)
    data = {
        **{k: tuple(columns[k]) for k in ("response_start", "progression", "death", "alive")},
        "duration": tuple(float(v or 0) for v in columns["duration"]),
        "ongoing": tuple(bool(v) for v in columns["ongoing"]),
        "best": tuple(b if b in RESPONSES else "ne" for b in columns["best"]),
        "unit": lookup.unit,
        "xlabel": f"{up_first(lookup.unit)} from start of treatment",
        "ylabel": "Patients",
    }
    caption = say(
        "Each bar is the time on treatment of one patient ({d} of {n} included {p}), longest "
        "first; colour and hatching show the best response. Marks after the end of a bar lie in "
        "the time after treatment.",
        d=str(n),
        n=lookup.whole(),
        p=patients(lookup.context.n),
    )
    if whole > n:
        told = (
            f"Of {whole} patients, {n} are drawn, taken evenly from the list by time on treatment."
        )
        caption = sentences(caption, told)
    alt = (
        f"Swimmer plot of {n} {plural(n, 'patient')}: time on treatment with start of "
        "response, progression and death."
    )
    height = 22 + min(190.0, max(30.0, 2.7 * n))
    title = "Time on treatment and course of each patient"
    return [figure_of(lookup, "swimmer", "swimmer", title, caption, alt, data, height)]


LINES = 300
"""Lines of a spider plot that can be told apart."""


def spider(lookup: Lookup) -> list[Figure]:
    """Change of the target sum over time, one line per patient."""
    curve = lookup.numbers.curves.get("response.spider")
    if curve is None or not len(curve):
        return []
    columns = curve.columns
    # Without a start of treatment a scan has no place on the axis.
    placed = [time is not None for time in columns["time"]]
    everyone = list(dict.fromkeys(compress(columns["patient"], placed)))
    whole = len(everyone)
    lines: dict[str, Panel] = {
        everyone[i]: {"time": [0.0], "change": [0.0]} for i in evenly(whole, LINES)
    }
    rows = zip(columns["patient"], columns["time"], columns["change"], columns["best"], strict=True)
    for patient, time, change, best in compress(rows, placed):
        if patient in lines:
            line = lines[patient]
            line.setdefault("best", best)
            line["time"].append(max(0.0, float(time)))
            line["change"].append(float(change))
    drawn = list(lines.values())
    data = {
        "lines": tuple(drawn),
        "unit": lookup.unit,
        "xlabel": f"{up_first(lookup.unit)} from start of treatment",
        "ylabel": "Change from baseline (%)",
    }
    n = len(drawn)
    caption = say(
        "Each line is one patient ({d} of {n}); it starts at 0% at baseline. Colour and dashes "
        "show the best response; changes above 110% are drawn at 110%.",
        d=str(n),
        n=lookup.whole(),
    )
    if whole > n:
        told = f"Of {whole} patients, {n} are drawn, taken evenly from the order of the chart."
        caption = sentences(caption, told)
    alt = f"Spider plot: change of the sum of target lesions over time in {n} {patients(n)}."
    title = "Change of the sum of target lesions over time"
    return [figure_of(lookup, "spider", "spider", title, caption, alt, data, 82)]


def best_sentence(lookup: Lookup) -> Spans:
    """How many patients had which best response."""
    levels = [v for v in RESPONSE_ORDER if lookup.number("response.best.count", level=v)]
    parts = [
        say(
            "{w} in {n}",
            w="not evaluable" if v == "ne" else RESPONSE_WORDS[v],
            n=lookup.patients_words("response.best", level=v)
            if v == levels[0]
            else lookup.count_percent_words("response.best", level=v),
        )
        for v in levels
    ]
    if levels == ["ne"]:
        return say("Response could not be evaluated in any patient.")
    return say("The best response was {l}.", l=listed(parts)) if parts else ()


def text(lookup: Lookup) -> Spans:
    """Best responses, rates with intervals, onset and duration."""
    if not lookup.has("response.orr.percent"):
        return ()
    out: list[Piece] = [best_sentence(lookup), *_rates(lookup)]
    if lookup.number("response.reduced.count") is not None:
        drawn = lookup.show("response.waterfall.drawn")
        if not lookup.number("response.reduced.count"):
            words = "Target lesions shrank in none of the {d} {p} in whom they were measured again."
        else:
            words = "Target lesions shrank in {n} of {d} {p} in whom they were measured again."
        out.append(
            say(
                words,
                n=lookup.show("response.reduced.count"),
                d=drawn,
                p=patients(lookup.number("response.waterfall.drawn")),
            )
        )
    if lookup.number("response.onset.median") is not None:
        out.append(
            say(
                "The median time to response was {m}.",
                m=lookup.median_words("response.onset", lookup.unit),
            )
        )
    out.append(lookup.median_sentence("response.duration.median", "duration of response"))
    return sentences(*out)


def _rates(lookup: Lookup) -> list[Piece]:
    """Objective response and disease control with their intervals."""
    rule = lookup.protocol.response
    out: list[Piece] = []
    if lookup.number("response.orr.count") == 0:
        interval = lookup.level_ci("response.orr.percent", "{c}%")
        out.append(
            say(
                "No patient had an objective response ({c}).",
                c=interval,
            )
            if interval
            else "No patient had an objective response."
        )
    else:
        out.append(
            say(
                "The objective response rate was {r}.",
                r=lookup.with_ci("response.orr.percent"),
            )
        )
    if lookup.has("response.dcr.percent") and rule is not None:
        out.append(
            say(
                "The {w} rate (complete or partial response, or stable disease) was {r}."
                if rule.source == "charted"
                else "The {w} rate (complete or partial response, or stable disease for at least "
                "{k}) was {r}.",
                w=rule.disease_control,
                k=rule.stable_disease_least.replace(" ", "\u00a0"),
                r=lookup.with_ci("response.dcr.percent"),
            )
        )
    return out


def _if_reported(lookup: Lookup, where: str) -> str | None:
    return where if lookup.has("response.orr.percent") else None


def declared(protocol: Protocol) -> tuple[Part, ...]:
    """Response, and its groups."""
    if protocol.response is None:
        return ()
    return (("response",), *(("response", "by", v) for v in protocol.response.by))


SECTION = Section(
    key="response",
    title="Response",
    methods="Response",
    declared=declared,
    analyse=lambda request: response.analyse(request.protocol, request.cohort),
    tables=(table, response_groups.tables),
    figures=(waterfall, response_groups.figures, swimmer, spider),
    sentences=lambda lookup: [text(lookup), response_groups.text(lookup)],
    analyses=(
        Analysis(
            "Response by group",
            key="response.by",
            ids=(
                "response.best.percent",
                "response.orr.percent",
                "response.orr.difference",
                "response.orr.odds_ratio",
                "response.orr.p",
                "response.groups.missing",
            ),
            sentence=response_groups.text,
            guard=("variables.no-group", "variables.no-groups"),
            r="binom.test, prop.test (Newcombe by hand), glm(binomial), fisher.test",
            page="analyses/groups.md",
            table=response_groups.tables,
            figure=response_groups.figures,
            stats=(
                "proportion",
                "proportion_difference",
                "logistic",
                "fisher_exact",
                "chi_squared",
                "trend_test",
            ),
        ),
        Analysis(
            "Best response and response rates",
            key="response.source",
            ids=("response.best.percent", "response.orr.percent", "response.dcr.percent"),
            sentence=text,
            guard=("response.contradictory", "recist.contradiction"),
            r="binom.test",
            page="recist.md",
            table=table,
            stats=("proportion",),
        ),
        Analysis(
            "Change of the tumours",
            key="response.source",
            ids=("response.change.median", "response.reduced.percent", "response.waterfall.drawn"),
            sentence=text,
            guard=("recist.no-baseline", "recist.two-values"),
            r="none: arithmetic",
            page="recist.md",
            table=table,
            figure=waterfall,
        ),
        Analysis(
            "Course of each patient",
            key="response.source",
            ids=("response.onset.median", "response.duration.median"),
            sentence=text,
            guard=("response.charted-differs",),
            r="survival::survfit",
            page="recist.md",
            table=table,
            figure=swimmer,
            stats=("kaplan_meier",),
        ),
        Analysis(
            "Change over time",
            key="response.source",
            ids=("response.change.median",),
            sentence=text,
            guard=("lesions.jump",),
            r="none: arithmetic",
            page="recist.md",
            figure=spider,
        ),
    ),
    items=(
        Item(
            "RECIST",
            "Version; confirmation stated; exact intervals; all patients in the rates",
            lambda lookup: _if_reported(lookup, f"{FILLED}: Response"),
        ),
        Item(
            "RECIST",
            "Waterfall says how many are drawn and why others are not",
            lambda lookup: _if_reported(
                lookup,
                filled_if(
                    lookup.has("response.waterfall.drawn"),
                    "Response",
                    "no changes on record",
                ),
            ),
        ),
        Item(
            "RECIST",
            "Who judged response",
            lambda lookup: _if_reported(
                lookup,
                filled_if(lookup.protocol.conduct.response_by, "Evaluation", "who read them"),
            ),
        ),
    ),
)

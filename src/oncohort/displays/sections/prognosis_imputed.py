"""Models after multiple imputation: pooled ratios beside those of complete cases."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from oncohort.analyses.result import Estimate
from oncohort.dataclass import dataclass
from oncohort.displays.lookup import Lookup
from oncohort.displays.spans import Piece, Span, Spans, listed, say
from oncohort.displays.tables.model import Column, Row, Table, group, row
from oncohort.displays.words import low_first, name_in_text, per_step
from oncohort.protocol.number_style import DASH, SIGNIFICANT


@dataclass(frozen=True, slots=True)
class Imputed:
    """A section whose multivariable models are also fitted after imputation.

    Attributes
    ----------
    section
        First part of its ids; the table's name is made from it.
    ratio
        Last part of the ids of its ratios, the abbreviation and the words for it.
    subjects
        Keys of its endpoints or outcomes, in order.
    name
        What a subject is called.
    """

    section: str
    ratio: tuple[str, str, str]
    subjects: Callable[[Lookup], Sequence[str]]
    name: Callable[[Lookup, str], str]


PROGNOSIS = Imputed(
    "prognosis",
    ("hr", "HR", "hazard ratio"),
    lambda lookup: list(lookup.protocol.endpoints),
    lambda lookup, key: lookup.endpoint(key),
)


def table(lookup: Lookup) -> Table | None:
    """The multivariable Cox models on complete cases and after imputation."""
    return table_of(lookup, PROGNOSIS)


def table_of(lookup: Lookup, of: Imputed) -> Table | None:
    """The multivariable models on complete cases and after imputation, side by side."""
    rows: list[Row] = []
    what, short, words = of.ratio
    subjects = [
        k for k in of.subjects(lookup) if lookup.has(f"{of.section}.{k}.n", model="imputed")
    ]
    for key in subjects:
        if len(subjects) > 1:
            rows.append(group(of.name(lookup, key)))
        ratios = lookup.numbers.of(of.section, key, what, model="imputed")
        rows += [_line(lookup, of, key, ratio) for ratio in ratios]
    if not rows:
        return None
    p = lookup.style.p_symbol
    columns = (
        Column("Variable", align="left", width=2.6),
        Column(f"{short} (95% CI)", ("Complete cases",), width=1.5),
        Column(p, ("Complete cases",), width=0.7),
        Column(f"{short} (95% CI)", ("Imputed",), width=1.5),
        Column(p, ("Imputed",), width=0.7),
        Column("Missing information", ("Imputed",), width=1.1),
        Column("Monte Carlo error, %", ("Imputed",), width=1.0),
    )
    notes = [
        say(
            "{a}: {w} of the multivariable model; {d}: not estimated. "
            "Missing information: share of what is known of the ratio that the gaps took. Monte "
            "Carlo error: of the logarithm of the ratio, in percent of its standard error; below "
            "10 is enough.",
            a=short,
            w=words,
            d=DASH,
        ),
        *_sizes(lookup, of, subjects),
    ]
    title = f"Multivariable models after multiple imputation: {words}s"
    name = "imputed" if of.section == "prognosis" else f"{of.section}_imputed"
    return Table(name, "", title, columns, tuple(rows), tuple(notes), False)


def _sizes(lookup: Lookup, of: Imputed, subjects: Sequence[str]) -> list[Spans]:
    out: list[Spans] = []
    for key in subjects:
        path, name = f"{of.section}.{key}", of.name(lookup, key)
        out.append(
            say(
                "{e}: {a} complete cases with {b} events; {c} patients with {d} events after "
                "imputation.",
                e=name,
                a=lookup.show(f"{path}.n", model="multi"),
                b=lookup.show(f"{path}.events", model="multi"),
                c=lookup.show(f"{path}.n", model="imputed"),
                d=lookup.show(f"{path}.events", model="imputed"),
            )
        )
        why = {
            x.note.rstrip("."): None
            for x in lookup.numbers.of(of.section, key, of.ratio[0], model="imputed")
            if x.value is None and x.note
        }
        out += [say("{e}: {t}.", e=name, t=text) for text in why]
    return out


def _line(lookup: Lookup, of: Imputed, key: str, ratio: Estimate) -> Row:
    keys: Mapping[str, object] = {k: v for k, v in ratio.key.levels if k != "model"}
    path, what = f"{of.section}.{key}", of.ratio[0]
    return row(
        _contrast(lookup, ratio),
        lookup.value_ci(f"{path}.{what}", model="multi", **keys),
        lookup.show(f"{path}.p", model="multi", **keys),
        lookup.value_ci(f"{path}.{what}", model="imputed", **keys),
        lookup.show(f"{path}.p", model="imputed", **keys),
        lookup.show(f"{path}.fmi", 2, model="imputed", **keys),
        lookup.show(f"{path}.mc_error", 1, model="imputed", **keys),
    )


def _contrast(lookup: Lookup, ratio: Estimate) -> Piece:
    """ "CRP (high vs. low)", "Age (per year)"."""
    name = ratio.key["variable"]
    info = lookup.info(name)
    if info is None or not info.levels:
        return f"{lookup.variable(name)} ({per_step(info)})"
    level = ratio.key.get("level") or next(v for v in info.levels if v != info.reference)
    return f"{info.label} ({info.levels[level]} vs. {info.levels.get(info.reference or '', '')})"


def moved(lookup: Lookup, e: str, of: Imputed = PROGNOSIS) -> Spans:
    """Whether an association is seen in one of the two models only."""
    pairs = []
    name = lookup.short(e) if of.section == "prognosis" else low_first(of.name(lookup, e))
    for one in lookup.numbers.of(of.section, e, "p", model="imputed"):
        keys: dict[str, object] = {k: v for k, v in one.key.levels if k != "model"}
        other = lookup.get(f"{of.section}.{e}.p", model="multi", **keys)
        if one.value is not None and other is not None and other.value is not None:
            pairs.append((one, other, (one.value < SIGNIFICANT) != (other.value < SIGNIFICANT)))
    if not pairs:
        return ()
    changed = [(a, b) for a, b, moved in pairs if moved]
    if not changed:
        return say(
            "After multiple imputation, the same associations with {e} were seen as in complete "
            "cases.",
            e=name,
        )
    told = [
        say(
            "{v} ({a} in complete cases, {b} after imputation)",
            v=name_in_text(lookup.variable(a.key["variable"])),
            a=Span(lookup.style.p_phrase(b.value or 0), b.id),
            b=Span(lookup.style.p_phrase(a.value or 0), a.id),
        )
        for a, b in changed
    ]
    return say(
        "For {e}, results after multiple imputation differed from those of complete cases for {l}.",
        e=name,
        l=listed(told),
    )

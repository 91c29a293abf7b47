"""Exposure by group: dose intensity, and changes of dose with differences and a test."""

from __future__ import annotations

from collections.abc import Iterator

from oncohort.analyses import exposure
from oncohort.displays.lookup import Lookup
from oncohort.displays.sections.grouped_rates import Shown
from oncohort.displays.spans import Spans, sentences
from oncohort.displays.tables.model import Column, Row, Table, row
from oncohort.displays.words import low_first, name_in_text


def _shown(lookup: Lookup) -> Iterator[tuple[str, Shown]]:
    """Each drug with each variable whose groups have numbers."""
    for drug, plan in lookup.protocol.exposure.items():
        for variable in plan.by:
            if lookup.numbers.of("exposure", drug, "reduced", "count", variable=variable):
                yield drug, Shown(lookup, "exposure", variable)


def tables(lookup: Lookup) -> list[Table]:
    """Dose intensity and changes of dose in each group, of the patients with dose records."""
    out = []
    for drug, shown in _shown(lookup):
        path, v = f"exposure.{drug}", shown.variable
        p = lookup.has(f"{path}.reduced.p", variable=v)
        cells = [lookup.median_range(f"{path}.rdi", group=g, variable=v) for g in shown.groups]
        tail = [""] if p else []
        rows: list[Row] = [row("Relative dose intensity, %, median (range)", *cells, *tail)]
        for change, words in exposure.CHANGES.items():
            rows += shown.rate(f"{words}, n (%)", f"{path}.{change}", p=p)
        drug_name = exposure.in_text(drug, lookup.protocol.exposure[drug])
        columns = (Column("Measure", align="left", width=2.8), *shown.columns(p=p))
        notes = shown.notes(
            of="the patients of the column with dose records", path=f"{path}.reduced"
        )
        title = f"Exposure to {drug_name} by {name_in_text(lookup.variable(v))}"
        name = f"exposure_{drug}_{v}".replace(".", "_").replace("+", "_")
        out.append(Table(name, "", title, columns, tuple(rows), tuple(notes), False))
    return out


def text(lookup: Lookup) -> Spans:
    """How often the dose was reduced in each group."""
    parts = []
    for drug, shown in _shown(lookup):
        label = exposure.in_text(drug, lookup.protocol.exposure[drug])
        what = low_first(f"rate of dose reduction of {label}")
        parts.append(shown.sentence(what, f"exposure.{drug}.reduced"))
    return sentences(*parts)

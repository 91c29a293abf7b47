"""The study.toml of a twin, so that `oncohort run` gives the paper's tables from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field

from oncohort.dataclass import dataclass
from oncohort.twin.chart import CUTOFF, DOSE, DRUG
from oncohort.twin.counts import CTCAE
from oncohort.vocabulary.boundaries import Parsed
from oncohort.vocabulary.unseen import coded


@dataclass(slots=True)
class Declared:
    """What the protocol declares, gathered before it is written.

    ``variables``: key to the entries of its section. ``multivariable``: variables of the model,
    where it is named beforehand; empty for ``screening``.
    """

    title: str
    variables: dict[str, dict[str, object]] = field(default_factory=dict)
    baseline: list[str] = field(default_factory=list)
    summaries: dict[str, str] = field(default_factory=dict)
    candidates: list[str] = field(default_factory=list)
    multivariable: list[str] = field(default_factory=list)
    screening: bool = False
    endpoints: dict[str, dict[str, object]] = field(default_factory=dict)
    prognosis: list[str] = field(default_factory=list)
    terms: dict[str, str] = field(default_factory=dict)
    tables: tuple[str, ...] = ()
    """Record tables beside that of the patients; their mark is not read."""
    response: bool = False
    clinical_benefit: bool = False


HEAD = """# Written by `oncohort twin` from published figures.
# THE PATIENTS ARE SYNTHETIC: see README.md and certificate.md beside this file.
"""


def protocol_text(d: Declared, seed: int) -> str:
    """The protocol as TOML text."""
    data: dict[str, Parsed] = {
        "study": {
            "schema": 1,
            "title": d.title,
            "data": "data",
            "cutoff": CUTOFF,
            "time_unit": "months",
            "seed": seed,
            "synthetic": True,
        },
        "tables": {name: {"ignore": ["synthetic"]} for name in d.tables},
        "schedule": {"scan_weeks": [6, 12], "scan_tolerance_weeks": 2},
        "variables": d.variables,
    }
    if d.baseline:
        data["baseline"] = {"variables": d.baseline, "summary": "median_range"}
        if d.summaries:
            data["baseline"]["summaries"] = d.summaries
    if d.response:
        word = "clinical benefit" if d.clinical_benefit else "disease control"
        data["response"] = {
            "source": "lesions",
            "confirmation": False,
            "stable_disease_min_weeks": 6,
            "disease_control": word,
        }
    data["endpoints"] = d.endpoints
    if d.candidates and d.prognosis:
        data["prognosis"] = {"endpoints": d.prognosis, "candidates": d.candidates}
        if d.screening:
            data["prognosis"] |= {"selection": "screening", "p_enter": 0.05}
        else:
            chosen = d.multivariable or d.candidates
            data["prognosis"] |= {"selection": "prespecified", "multivariable": chosen}
    if d.terms:
        data["safety"] = {"criteria": f"CTCAE {CTCAE}", "terms": d.terms}
    data["exposure"] = {DRUG: {"amount": DOSE, "unit": "mg", "times_per_day": 1}}
    # The paper's tables stand beside the twin's in its report.
    data["published"] = {"figures": "figures.toml", "certificate": "certificate.json"}
    return toml_text(data)


def toml_text(data: Mapping[str, object]) -> str:
    """A study.toml of these sections, that says what it is."""
    import tomlkit

    return HEAD + "\n" + coded(tomlkit.dumps(_document(data)))


def _document(data: Mapping[str, object]) -> Parsed:
    import tomlkit

    document = tomlkit.document()
    for key, value in data.items():
        document.add(key, _item(value, deep=True))
    return document


def _item(value: object, *, deep: bool) -> Parsed:
    import tomlkit

    if isinstance(value, Mapping):
        nested = any(isinstance(v, Mapping) for v in value.values())
        table = tomlkit.table() if deep else tomlkit.inline_table()
        for k, v in value.items():
            table.append(k, _item(v, deep=nested and not _flat(v)))
        return table
    if isinstance(value, Sequence) and not isinstance(value, str):
        return tomlkit.item(list(value))
    return tomlkit.item(value)


def _flat(value: object) -> bool:
    """Whether a mapping is written on one line: it maps to plain values or lists only."""
    return isinstance(value, Mapping) and not {"amount", "column", "from", "derive", "label"} & set(
        value
    )

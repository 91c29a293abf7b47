"""The whole job: from a study as read to its numbers and its paper."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from oncohort.analyses.result import Numbers, Result
from oncohort.problems import OncohortError, Place, Problem, errors, problem, worst_first

if TYPE_CHECKING:
    from oncohort.displays.context import LeftOut
    from oncohort.endpoints.cohort import Cohort
    from oncohort.study.results import Results
    from oncohort.study.study import Study

SECTIONS = (
    "flow",
    "baseline",
    "response",
    "exposure",
    "survival",
    "sensitivity",
    "prognosis",
    "safety",
    "historical",
)
"""The sections of a paper, in its order."""


def blocked_prefixes(problems: Iterable[Problem]) -> dict[str, tuple[Problem, ...]]:
    """Prefix of result ids to the problems that block it."""
    out: dict[str, list[Problem]] = {}
    for one in errors(problems):
        for prefix in one.blocks:
            out.setdefault(prefix, []).append(one)
    return {k: tuple(v) for k, v in out.items()}


def blocking(prefixes: Mapping[str, tuple[Problem, ...]], name: str) -> tuple[Problem, ...]:
    """Problems that block everything below `name` (`survival.pfs`, `safety`)."""
    return tuple(
        p
        for prefix, problems in prefixes.items()
        if not prefix or name == prefix or name.startswith(prefix + ".")
        for p in problems
    )


def _without(cohort: Cohort, prefixes: Mapping[str, tuple[Problem, ...]]) -> Cohort:
    """The cohort without the variables that a problem blocks."""
    kept = {k: v for k, v in cohort.variables.items() if not blocking(prefixes, f"variables.{k}")}
    return replace(cohort, variables=MappingProxyType(kept))


def _left_out(
    study: Study,
    cohort: Cohort,
    prefixes: Mapping[str, tuple[Problem, ...]],
    sections: Iterable[str],
) -> list[LeftOut]:
    """What the protocol asks for and a problem blocks."""
    from oncohort.displays.context import LeftOut

    protocol = study.protocol
    wanted: list[str] = []
    declared = {
        "baseline": protocol.baseline,
        "response": protocol.response,
        "safety": protocol.safety,
        "historical": protocol.historical,
        "exposure": protocol.exposure,
    }
    wanted += [name for name, section in declared.items() if section and name in sections]
    prognosis = protocol.prognosis
    if "baseline" in sections and protocol.baseline and protocol.baseline.by:
        wanted.append(f"baseline.by.{protocol.baseline.by}")
    for key, endpoint in protocol.endpoints.items():
        if "survival" in sections:
            wanted.append(f"survival.{key}")
            wanted += [f"survival.{key}.by.{v}" for v in endpoint.by]
        if (
            "prognosis" in sections
            and prognosis
            and (key in prognosis.endpoints or not prognosis.endpoints)
        ):
            wanted.append(f"prognosis.{key}")
    used = {
        *(protocol.baseline.variables if protocol.baseline else ()),
        *(prognosis.candidates if prognosis else ()),
        *(prognosis.multivariable if prognosis else ()),
        *(v for e in protocol.endpoints.values() for v in e.by),
    }
    wanted += [f"variables.{v}" for v in protocol.variables if v in used]
    out: list[LeftOut] = []
    for name in wanted:
        if any(name.startswith(f"{done.section}.") for done in out):
            continue
        problems = blocking(prefixes, name)
        if problems:
            out.append(LeftOut(name, problems[0].what, tuple(dict.fromkeys(problems))))
    gone = {o.section for o in out}
    for key in protocol.endpoints:
        name = f"survival.{key}"
        if "survival" not in sections or name in gone:
            continue
        if key not in cohort.endpoints:
            out.append(LeftOut(name, "The endpoint could not be derived."))
        elif not cohort.frame[f"{key}_time"].count():
            out.append(LeftOut(name, "No patient has a time for this endpoint."))
    return out


def author_texts(folder: Path) -> dict[str, str]:
    """The author's own words: one file per part of the paper, read and never written."""
    out: dict[str, str] = {}
    if not folder.is_dir():
        return out
    for path in sorted(folder.iterdir()):
        if path.suffix in (".md", ".txt") and path.is_file():
            out[path.stem] = path.read_text(encoding="utf-8-sig", errors="replace")
    return out


def analyses_of(
    study: Study, sections: Iterable[str]
) -> tuple[Numbers, Cohort, list[LeftOut], list[Problem]]:
    """Run the analyses that nothing blocks."""
    from oncohort.analyses import (
        baseline,
        exposure,
        flow,
        historical,
        prognosis,
        response,
        safety,
        sensitivity,
        survival,
    )

    wanted = tuple(sections)
    protocol = study.protocol
    prefixes = blocked_prefixes(study.problems)
    cohort = _without(study.cohort, prefixes)
    left = _left_out(study, cohort, prefixes, wanted)
    problems: list[Problem] = []
    results: list[Result] = []

    def free(section: str) -> bool:
        return section in wanted and not blocking(prefixes, section)

    def blocked(section: str) -> frozenset[str]:
        return frozenset(k for k in protocol.endpoints if blocking(prefixes, f"{section}.{k}"))

    def add(result: Result | None) -> None:
        if result is not None:
            results.append(result)

    if cohort.n == 0:
        add(flow.analyse(protocol, cohort))
        return Numbers(results), cohort, left, problems
    if free("flow"):
        add(flow.analyse(protocol, cohort))
    if free("baseline"):
        add(baseline.analyse(protocol, cohort))
    if free("response"):
        add(response.analyse(protocol, cohort))
    if free("exposure"):
        add(exposure.analyse(protocol, cohort))
    if free("survival"):
        add(survival.analyse(protocol, cohort, blocked("survival")))
    if free("sensitivity"):
        add(sensitivity.analyse(protocol, cohort, blocked("survival")))
    if free("prognosis"):
        found, said = prognosis.analyse(protocol, cohort, blocked("prognosis"))
        add(found)
        problems += said
    if free("safety"):
        add(safety.analyse(protocol, cohort))
    if free("historical"):
        add(historical.analyse(protocol, cohort, Numbers(results)))
    return Numbers(results), cohort, left, problems


def run_study(study: Study, *, only: tuple[str, ...] = ()) -> Results:
    """Analyses, then displays; nothing is written.

    Raises
    ------
    OncohortError
        `only` names a section that there isn't.
    """
    from oncohort.displays import build
    from oncohort.displays.context import Context
    from oncohort.protocol.references import nearest
    from oncohort.study.evidence import evidence_of
    from oncohort.study.results import Results
    from oncohort.study.study import versions

    unknown = [s for s in only if s not in SECTIONS]
    if unknown:
        raise OncohortError(
            "",
            [
                problem(
                    "run.unknown-section",
                    place=Place(key="--only"),
                    name=name,
                    nearest=nearest(name, SECTIONS),
                )
                for name in unknown
            ],
        )
    numbers, cohort, left, said = analyses_of(study, only or SECTIONS)
    context = Context(
        n=cohort.n,
        variables=cohort.variables,
        endpoints=cohort.endpoints,
        left_out=tuple(left),
        problems=tuple(worst_first([*study.problems, *said])),
        decisions=tuple(d.what for d in study.records.decisions),
        versions=versions(),
        texts=author_texts(study.folder / study.protocol.study.text),
        evidence=evidence_of(study, cohort),
        cutoff=study.protocol.study.cutoff,
        synthetic=study.protocol.study.synthetic,
    )
    return Results(study, numbers, build(numbers, study.protocol, context), context)

"""The whole job: from a study as read to its numbers and its paper."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from oncohort.analyses.result import Key, Numbers, Result
from oncohort.dataclass import dataclass
from oncohort.problems import OncohortError, Place, Problem, errors, problem, worst_first
from oncohort.protocol.uses import uses
from oncohort.study.own_files import own_text

if TYPE_CHECKING:
    from datetime import date

    from oncohort.displays.citations import Sources
    from oncohort.displays.context import Context, LeftOut
    from oncohort.displays.sections import Part, Section
    from oncohort.endpoints.cohort import Cohort
    from oncohort.protocol import Protocol
    from oncohort.study.results import Results
    from oncohort.study.study import Study


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


def is_part(key: Key, prefix: str) -> bool:
    """Does a number belong to a part: to what begins so, to groups by a variable, to models?

    Examples
    --------
    >>> from oncohort.analyses.result import key_of
    >>> is_part(key_of("survival", "os", "median"), "survival.os")
    True
    >>> one = key_of("survival", "os", "median", variable="sex", group="male")
    >>> is_part(one, "survival.os.by.sex"), is_part(one, "survival.os.by.stage")
    (True, False)
    """
    path, parts = key.path, tuple(prefix.split("."))
    if "by" in parts:
        at = parts.index("by")
        return path[:at] == parts[:at] and key.get("variable") == ".".join(parts[at + 1 :])
    if parts[-1] in ("models", "adjusted"):
        model = key.get("model") or key.get("hazard")
        known = model is not None if parts[-1] == "models" else model == parts[-1]
        return path[: len(parts) - 1] == parts[:-1] and known
    name = ".".join(path)
    return not prefix or name == prefix or name.startswith(f"{prefix}.")


def _without(cohort: Cohort, prefixes: Mapping[str, tuple[Problem, ...]]) -> Cohort:
    """The cohort without the variables that a problem blocks."""
    known = cohort.meaning.variables.items()
    kept = {k: v for k, v in known if not blocking(prefixes, f"variables.{k}")}
    if len(kept) == len(known):
        return cohort
    return replace(cohort, meaning=replace(cohort.meaning, variables=MappingProxyType(kept)))


def _wanted(protocol: Protocol, sections: Sequence[Section], whole: Collection[str]) -> list[Part]:
    """What the protocol asks for in these sections: their parts, then the variables they use.

    A section that is left out as a `whole` is one part.
    """
    used = {use.variable for use in uses(protocol)}
    declared = [(section.key, section.declared(protocol)) for section in sections]
    return [
        *(part for key, parts in declared for part in (((key,),) if key in whole else parts)),
        *(("variables", v) for v in protocol.variables if v in used),
    ]


def _left_out(
    study: Study,
    cohort: Cohort,
    prefixes: Mapping[str, tuple[Problem, ...]],
    sections: Sequence[Section],
) -> list[LeftOut]:
    """What the protocol asks for and a problem blocks."""
    from oncohort.displays.context import LeftOut

    out: list[LeftOut] = []
    for part in _wanted(study.protocol, sections, prefixes):
        if any(part[: len(done.path)] == done.path for done in out):
            continue
        problems = blocking(prefixes, ".".join(part))
        if problems:
            out.append(LeftOut(part, problems[0].what, tuple(dict.fromkeys(problems))))
    gone = {o.path for o in out}
    run = {section.key for section in sections}
    for key, declared in study.protocol.endpoints.items():
        part = ("incidence" if declared.has_competing else "survival", key)
        if part in gone or part[0] not in run:
            continue
        if key not in cohort.meaning.endpoints:
            why = "The endpoint could not be derived."
            out.append(LeftOut(part, why, plain_reason=why))
        elif not cohort.frame[f"{key}_time"].count():
            why = "No patient has a time for this endpoint."
            out.append(LeftOut(part, why, plain_reason=why))
    return out


def _unblocked(
    result: Result, prefixes: Mapping[str, tuple[Problem, ...]], left: list[LeftOut]
) -> Result:
    """A section's numbers and curves without those that a problem blocks; these are named."""
    from oncohort.displays.context import LeftOut

    gone: dict[str, tuple[Problem, ...]] = {}

    def free(key: Key) -> bool:
        hit = {k: v for k, v in prefixes.items() if is_part(key, k)}
        gone.update(hit)
        return not hit

    kept = replace(
        result,
        estimates=tuple(e for e in result.estimates if free(e.key)),
        curves=tuple(c for c in result.curves if free(c.key)),
    )
    for prefix, problems in gone.items():
        path = tuple(prefix.split("."))
        if not any(path[: len(done.path)] == done.path for done in left):
            left.append(LeftOut(path, problems[0].what, tuple(dict.fromkeys(problems))))
    return kept


@dataclass(frozen=True, slots=True)
class Analysed:
    """What the analyses gave."""

    numbers: Numbers
    cohort: Cohort
    """The cohort without the variables that a problem blocks."""
    left_out: tuple[LeftOut, ...]

    @property
    def problems(self) -> list[Problem]:
        """What a reader of the numbers must know: fits that may mislead."""
        return [p for result in self.numbers.results for p in result.problems]


def analyses_of(study: Study, sections: Sequence[Section]) -> Analysed:
    """Run the analyses that nothing blocks; one that fails is left out by name."""
    import numpy as np

    from oncohort.displays.context import LeftOut
    from oncohort.displays.sections import Request

    protocol = study.protocol
    beside = study.beside[0]
    prefixes = blocked_prefixes(study.data_problems)
    cohort = _without(study.cohort, prefixes)
    left = _left_out(study, cohort, prefixes, sections)
    results: list[Result] = []
    for section in sections:
        if cohort.n == 0 and section.key != "flow":
            continue
        if blocking(prefixes, section.key) and cohort.n:
            continue
        keys = (*protocol.endpoints, *protocol.time_dependent)
        blocked = (k for k in keys if blocking(prefixes, f"{section.key}.{k}"))
        request = Request(protocol, cohort, frozenset(blocked), Numbers(results), beside)
        try:
            with np.errstate(all="ignore"):  # what is not a number becomes a state
                result = section.analyse(request)
        except (OncohortError, ArithmeticError) as error:
            told, plain = f"It could not be computed ({error}).", "It could not be computed."
            left.append(LeftOut((section.key,), told, plain_reason=plain))
            continue
        if result is not None:
            own = blocked_prefixes(result.problems)
            results.append(_unblocked(result, own | prefixes, left))
    return Analysed(Numbers(results), cohort, tuple(left))


def read_sources(study: Study) -> Sources:
    """The study's references, and the author's own style where the protocol names a file."""
    from oncohort.displays.citations import OURS, Sources

    paper = study.protocol.paper
    place, style = study.folder / paper.references, paper.citation_style
    text = own_text(place) or ""
    if style not in OURS:
        style = own_text(study.folder / style) or style
    return Sources(text, paper.references, style)


def first_and_last_start(cohort: Cohort) -> tuple[date, date] | None:
    """The period of treatment in the cohort."""
    if "treatment_start" not in cohort.frame.columns:
        return None
    days = cohort.frame["treatment_start"].drop_nulls().sort().to_list()
    return (days[0], days[-1]) if days else None


def performance_scales(cohort: Cohort) -> tuple[str, ...]:
    """Scales of performance status that the chart has."""
    found = cohort.evidence.tables.get("performance")
    if found is None or "scale" not in found.columns:
        return ()
    return tuple(found["scale"].drop_nulls().unique().sort().to_list())


def run_study(study: Study, *, only: tuple[str, ...] = ()) -> Results:
    """Analyses, then displays; nothing is written.

    Raises
    ------
    OncohortError
        `only` names a section that there isn't.
    """
    from oncohort.displays.sections import SECTIONS
    from oncohort.protocol.references import nearest

    known = [section.key for section in SECTIONS]
    unknown = [s for s in only if s not in known]
    if unknown:
        raise OncohortError(
            "",
            [
                problem(
                    "run.unknown-section",
                    place=Place(key="--only"),
                    name=name,
                    nearest=nearest(name, known),
                )
                for name in unknown
            ],
        )
    wanted = [section for section in SECTIONS if section.key in only]
    done = analyses_of(study, wanted) if only else study.analysed
    return results_of(study, done, whole=not only)


def context_of(
    study: Study,
    done: Analysed,
    texts: Mapping[str, str] | None = None,
    software: Mapping[str, str] | None = None,
) -> Context:
    """What displays need beside these numbers; texts as they stand in the folder by default."""
    from oncohort.analyses.standard_endpoints import standard_endpoints
    from oncohort.displays.context import Context
    from oncohort.study.author_texts import author_texts
    from oncohort.study.versions import versions

    cohort = done.cohort
    return Context(
        n=cohort.n,
        variables=cohort.meaning.variables,
        endpoints=cohort.meaning.endpoints,
        standard=standard_endpoints(cohort),
        left_out=done.left_out,
        problems=tuple(worst_first([*study.data_problems, *done.problems])),
        decisions=tuple(d.what for d in study.records.decisions),
        versions=versions() if software is None else software,
        texts=author_texts(study.folder / study.protocol.study.text) if texts is None else texts,
        cutoff=study.protocol.study.cutoff,
        sources=read_sources(study),
        beside=study.beside[0],
        starts=first_and_last_start(cohort),
        scales=performance_scales(cohort),
        synthetic=study.protocol.study.synthetic,
    )


def results_of(
    study: Study,
    done: Analysed,
    *,
    whole: bool = True,
    texts: Mapping[str, str] | None = None,
) -> Results:
    """The paper of numbers that are there.

    Parameters
    ----------
    whole
        False where only some sections were run: much that the texts name is then missing.
    texts
        The author's words by part; default: as they stand in the study's folder.
    """
    from oncohort.displays import build
    from oncohort.study.evidence import Behind
    from oncohort.study.results import Results
    from oncohort.study.writing_problems import writing_problems

    context = context_of(study, done, texts)
    paper = build(done.numbers, study.protocol, context)
    if whole:
        more = worst_first([*context.problems, *writing_problems(study, paper)])
        context = replace(context, problems=tuple(more))
    return Results(study, done.numbers, paper, context, Behind(study, done.cohort))

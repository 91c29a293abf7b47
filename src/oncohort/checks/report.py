"""Problems for people and programs: text, JSON, and the text of the rules."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from oncohort.checks.marked import marked_workbook
from oncohort.problems import OncohortError, Problem, Severity, catalogue, errors, worst_first
from oncohort.protocol.references import nearest
from oncohort.records import Records
from oncohort.vocabulary.plurals import counted
from oncohort.vocabulary.unseen import coded

__all__ = ["marked_workbook", "rules_text", "to_json", "to_text"]

GROUPED = 3
"""More problems than this of one rule and column are told as one, and fewer with one advice."""
_CELLS = 12


def grouped(problems: Iterable[Problem]) -> list[list[Problem]]:
    """Problems of one rule and column together, worst first."""
    groups: dict[tuple[str, ...], list[Problem]] = {}
    for p in worst_first(problems):
        key = (
            p.severity.value,
            p.id,
            p.place.file or "",
            p.place.sheet or "",
            p.place.column or "",
            p.place.key or "",
            p.why,
        )
        groups.setdefault(key, []).append(p)
    return list(groups.values())


def _one(p: Problem) -> list[str]:
    who = f", patient {p.patient}" if p.patient is not None else ""
    lines = [f"{p.severity.value}: {p.place}{who}: {p.what}"]
    return lines + _advice(p, p.blocks)


def _advice(p: Problem, blocks: Sequence[str]) -> list[str]:
    """Why a problem matters, what to do, what it (and others like it) leave out."""
    lines = [f"    {p.why}"] if p.why else []
    if p.todo:
        lines.append(f"    -> {p.todo}")
    if blocks:
        lines.append(f"    leaves out: {', '.join(b or 'everything' for b in blocks)}")
    elif p.severity in (Severity.ERROR, Severity.QUESTION) and p.id in catalogue():
        told = catalogue()[p.id].leaves_out
        lines.append(f"    {told or 'leaves out: nothing, no result rests on it'}")
    return [*lines, f"    ({p.id})"]


def _together(group: Sequence[Problem]) -> bool:
    """Are the problems told as one?"""
    return len(group) > GROUPED or (len(group) > 1 and len({p.todo for p in group}) == 1)


def _listed(items: Iterable[str | None]) -> str:
    """The first of some different items, and how many are not shown."""
    known = list(dict.fromkeys(item for item in items if item))
    more = f" and {len(known) - _CELLS} more" if len(known) > _CELLS else ""
    return ", ".join(known[:_CELLS]) + more


def _how_often(group: Sequence[Problem]) -> str:
    """Of how many patients the problems are, or how often they are found."""
    who = {p.patient for p in group}
    if None in who:
        return f"{len(group)} times"
    patients = counted(len(who), "patient")
    return patients if len(who) == len(group) else f"{len(group)} times in {patients}"


def _several(group: Sequence[Problem]) -> list[str]:
    first = group[0]
    where = " ".join(
        x
        for x in (
            first.place.file or "",
            f"sheet {first.place.sheet!r}" if first.place.sheet else "",
            f"column {first.place.column!r}" if first.place.column else "",
            first.place.key or "",
        )
        if x
    )
    lines = [f"{first.severity.value}: {where or '-'}: {_how_often(group)}: {first.what}"]
    for name, items in (
        ("patients", [p.patient for p in group]),
        ("cells", [p.place.cell for p in group]),
    ):
        if shown := _listed(items):
            lines.append(f"    {name}: {shown}")
    others = list(dict.fromkeys(p.what for p in group[1:] if p.what != first.what))
    lines += [f"    also: {text}" for text in others[:3]]
    if len(others) > 3:
        lines.append(f"    and {len(others) - 3} further ones like it")
    return lines + _advice(first, list(dict.fromkeys(b for p in group for b in p.blocks)))


def to_text(problems: Iterable[Problem], records: Records | None = None) -> str:
    """Problems for the terminal: worst first, repeats told once, decisions last.

    Examples
    --------
    >>> print(to_text([Problem("x.y", Severity.ERROR, "Something is wrong.")]))
    error: -: Something is wrong.
        (x.y)
    <BLANKLINE>
    1 error.
    """
    found = list(problems)
    lines: list[str] = []
    for group in grouped(found):
        if _together(group):
            lines += [*_several(group), ""]
        else:
            for p in group:
                lines += [*_one(p), ""]
    if records is not None and records.decisions:
        lines.append("How the chart was read:")
        lines += [
            f"  {d.table + ': ' if d.table else ''}{d.what}"
            + (" (study.toml)" if d.by == "protocol" else "")
            for d in records.decisions
        ]
        lines.append("")
    lines.append(_count(found))
    return "\n".join(lines)


def _count(problems: Sequence[Problem]) -> str:
    words = []
    for severity in Severity:
        n = sum(p.severity is severity for p in problems)
        if n:
            words.append(f"{n} {severity.value}{'' if n == 1 else 's'}")
    return (", ".join(words) or "No problems") + "."


def to_json(problems: Iterable[Problem], records: Records | None = None) -> str:
    """Problems and decisions as JSON: ``{"schema_version", "errors", "problems", ...}``."""
    found = worst_first(problems)
    body: dict[str, object] = {
        "schema_version": 1,
        "errors": len(errors(found)),
        "problems": [p.to_dict() for p in found],
    }
    if records is not None:
        body["decisions"] = [d.to_dict() for d in records.decisions]
        body["sources"] = [s.to_dict() for s in records.sources]
    return coded(json.dumps(body, ensure_ascii=False, indent=1, sort_keys=True))


def rules_text(id_: str | None = None) -> str:
    """All problems that oncohort knows, or one of them with its reason and what to do.

    Raises
    ------
    OncohortError
        There is no such id; the nearest one is named.

    Examples
    --------
    >>> print(rules_text("patients.orphan"))
    patients.orphan (error)
      A row belongs to a patient who is not in patients.
      Its values would be lost without a word: a misspelt id looks like this.
    """
    known = catalogue()
    if id_ is None:
        width = max(len(n) for n in known)
        return "\n".join(
            f"{n:<{width}}  {one.severity.value:<8}  {one.finds}" for n, one in known.items()
        )
    if id_ not in known:
        raise OncohortError(f'There is no rule "{id_}". {nearest(id_, known)}')
    one = known[id_]
    severities = " or ".join(s.value for s in sorted(one.severities, key=lambda s: s.rank))
    lines = [f"{id_} ({severities})", f"  {one.finds}", f"  {one.case.why}"]
    todo = one.case.todo
    if todo and "{" not in todo:
        lines.append(f"  -> {todo}")
    return "\n".join(lines)

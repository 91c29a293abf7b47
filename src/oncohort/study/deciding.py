"""Decisions of the protocol applied: problems of single patients settled, the chart untouched.

A decision names a problem (its rule) and its patients or cells. `missing` and `value` change the
record tables as read, before anything is derived; `leave out` takes the patients out of the
endpoints and variables that rest on the wrong value, which is missing elsewhere; `accept` keeps
everything and turns the problem into a note. Each one stands in the decisions log; one that fits
nothing is a problem itself.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import field, replace
from datetime import date

import polars as pl

from oncohort.checks import CHECKS
from oncohort.dataclass import dataclass
from oncohort.endpoints.cohort import Cohort
from oncohort.problems import Place, Problem, Severity, Wrong, problem
from oncohort.protocol.decisions import SettledProblem, decision_text
from oncohort.protocol.references import nearest
from oncohort.records import Cells, Decision, Records
from oncohort.study.cells_meant import with_its_value
from oncohort.study.depends import Dependence
from oncohort.vocabulary.boundaries import Parsed

ENDPOINT, VARIABLE = "survival.", "variables."
FOLLOWS = (
    "prognosis",
    "missing",
    "arms",
    "propensity",
    "sensitivity",
    "historical",
    "baseline",
    "survival.follow_up",
    "outcomes",
    "logistic",
    "response.by",
    "safety.by",
    "exposure.by",
)
"""Parts that follow from endpoints and variables: who has left those has left these."""
SHOWN = ("exposure", "labs", "response.swimmer", "response.duration")
"""Parts that show what is known of a patient: there the wrong value counts as missing."""


def cells_of(place: Place) -> tuple[str, ...]:
    """The names under which a place may be called: ``K14``, ``Patients!K14``."""
    if not place.cell:
        return ()
    cells = [c.strip() for c in place.cell.split(",")]
    where = [w for w in (place.sheet, place.file) if w]
    return (*cells, *(f"{w}!{c}" for w in where for c in cells))


def concerns(decision: SettledProblem, one: Problem) -> bool:
    """Is this the problem that was decided?"""
    if one.id != decision.rule:
        return False
    if not decision.cells and not decision.patients:
        return one.patient is None and _of_column(decision, one)
    if decision.cells and not set(decision.cells) & set(cells_of(one.place)):
        return False
    return not decision.patients or one.patient in decision.patients


def _names(one: Problem) -> list[tuple[str, str]]:
    """What a decision may name a problem by: its rule with its patient, a cell, or neither."""
    return [
        (one.id, ""),
        (one.id, f"patient {one.patient}"),
        *((one.id, f"cell {c}") for c in cells_of(one.place)),
    ]


def _named(decision: SettledProblem) -> list[tuple[str, str]]:
    """By what a decision names its problems: cells, or else patients, or else the rule alone."""
    cells = [(decision.rule, f"cell {c}") for c in decision.cells]
    patients = [(decision.rule, f"patient {p}") for p in decision.patients]
    return cells or patients or [(decision.rule, "")]


def _by_name(problems: Iterable[Problem]) -> Mapping[tuple[str, str], Mapping[int, Problem]]:
    """The problems by each of their names, and by their place among all."""
    out: dict[tuple[str, str], dict[int, Problem]] = {}
    for nth, one in enumerate(problems):
        for name in _names(one):
            out.setdefault(name, {})[nth] = one
    return out


def _of_column(decision: SettledProblem, one: Problem) -> bool:
    """Is the problem of the column that a decision names, where it names one?"""
    if decision.column is None:
        return True
    named = {one.place.column, *(c for w in one.wrong for c in w.columns)}
    named |= set((one.place.key or "").split("."))
    return decision.column in named or f'"{decision.column}"' in one.what


@dataclass(frozen=True, slots=True)
class Settled:
    """What the decisions come to."""

    records: Records
    accepted: tuple[SettledProblem, ...] = ()
    left: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Patient = prefixes of results that the patient has left."""
    problems: tuple[Problem, ...] = ()
    """Decisions that fit nothing, or can't be carried out."""

    def applied(self, found: Iterable[Problem]) -> list[Problem]:
        """The problems that remain: what was decided is a note and blocks nothing."""
        out = []
        named: dict[tuple[str, str], list[int]] = {}
        for nth, decision in enumerate(self.accepted):
            for name in dict.fromkeys(_named(decision)):
                named.setdefault(name, []).append(nth)
        for one in found:
            may = sorted({nth for name in _names(one) for nth in named.get(name, ())})
            fit = next((self.accepted[k] for k in may if concerns(self.accepted[k], one)), None)
            out.append(one if fit is None else _as_note(one, fit))
        return [*out, *self.problems]

    def without_left(self, cohort: Cohort) -> Cohort:
        """The cohort in which those who left an endpoint or a variable have no value of it."""
        if not self.left:
            return cohort
        frame = cohort.frame
        derived = dict(cohort.evidence.derived)
        for patient, prefixes in self.left.items():
            gone = pl.col("patient") == patient
            for prefix in prefixes:
                if prefix.startswith(VARIABLE):
                    names = [prefix.removeprefix(VARIABLE)]
                else:
                    key = prefix.removeprefix(ENDPOINT)
                    names = [f"{key}_time", f"{key}_event"]
                    if key in derived:
                        derived[key] = _nulled(derived[key], ["time", "event"], gone)
                frame = _nulled(frame, names, gone)
        return replace(cohort, frame=frame, evidence=replace(cohort.evidence, derived=derived))


def _nulled(frame: pl.DataFrame, columns: Iterable[str], rows: pl.Expr) -> pl.DataFrame:
    present = [c for c in columns if c in frame.columns]
    return frame.with_columns(
        pl.when(rows).then(None).otherwise(pl.col(c)).alias(c) for c in present
    )


def _as_note(one: Problem, decision: SettledProblem) -> Problem:
    words = {
        "accept": "accepted as it is",
        "leave out": "left out of what rests on it",
        "missing": "taken as missing",
        "value": f"taken as {decision.value}",
    }[decision.do]
    return replace(
        one,
        severity=Severity.NOTE,
        blocks=(),
        wrong=(),
        todo=f"Decided by {decision.by}: {words}. {decision.why}",
    )


def _key(number: int) -> Place:
    return Place(file="study.toml", key=f"decisions[{number}]")


def _narrowed(decision: SettledProblem, fit: list[Problem], known: Dependence) -> list[Problem]:
    """The problems with only the column that the decision means as wrong, and what rests on it."""
    if decision.column is None:
        return fit
    column, out = decision.column, []
    for one in fit:
        wrong = tuple(replace(w, columns=(column,)) for w in one.wrong if column in w.columns)
        out.append(replace(one, wrong=wrong, blocks=known.rest_on(wrong)))
    return out


def settle(
    records: Records,
    decisions: Iterable[SettledProblem],
    found: Iterable[Problem],
    known: Dependence,
) -> Settled:
    """Carry out the decisions.

    Parameters
    ----------
    known
        What rests on which column in this study.
    found
        Every problem of the study before any decision, with what it blocks.
    """
    problems = list(found)
    rules, by_name = sorted({p.id for p in problems}), _by_name(problems)
    out: list[Problem] = []
    accepted: list[SettledProblem] = []
    log: list[Decision] = []
    left: dict[str, set[str]] = {}
    tables = dict(records.tables)
    for number, decision in enumerate(decisions):
        may = {k: p for name in _named(decision) for k, p in by_name.get(name, {}).items()}
        fit = [may[k] for k in sorted(may) if concerns(decision, may[k])]
        if not fit:
            hint = "" if decision.rule in rules else nearest(decision.rule, rules)
            out.append(
                problem("decisions.nothing", place=_key(number), rule=decision.rule, nearest=hint)
            )
            continue
        if not decision.patients and not decision.cells and decision.rule not in CHECKS:
            out.append(problem("decisions.not-whole", place=_key(number), rule=decision.rule))
            continue
        if decision.do != "accept":
            fit = [with_its_value(p, records, known) for p in fit]
        fit = _narrowed(decision, fit, known)
        if decision.do in ("missing", "value"):
            complaint = _edited(tables, records.cells, decision, fit, number)
        elif decision.do == "leave out":
            complaint = _left(left, fit, number) or _edited(
                tables, records.cells, decision, fit, number
            )
        else:
            complaint = None
        if complaint is not None:
            out.append(complaint)
            continue
        accepted.append(decision)
        log.append(_logged(decision, fit))
    return Settled(
        replace(records, tables=tables, decisions=(*records.decisions, *log)),
        tuple(accepted),
        {p: frozenset(v) for p, v in left.items()},
        tuple(out),
    )


def _logged(decision: SettledProblem, fit: list[Problem]) -> Decision:
    what = {
        "missing": "taken as missing",
        "value": f"taken as {decision.value}",
        "leave out": "patients left out of what rests on it",
        "accept": "accepted as it is",
    }[decision.do]
    wrong = next((w for p in fit for w in p.wrong), None)
    return Decision(
        decision.rule,
        f"{what}: {decision.why} ({decision.by})",
        wrong.table if wrong else None,
        wrong.columns[0] if wrong and wrong.columns else None,
        len(fit),
        fit[0].place,
        "protocol",
    )


def _typed(value: Parsed, kind: pl.DataType) -> date | bool | int | float | str:
    """A value of the protocol as the column holds it.

    Raises
    ------
    ValueError
        It is no such value.
    """
    if kind == pl.Date:
        return value if isinstance(value, date) else _day(str(value))
    if kind == pl.Boolean:
        if isinstance(value, bool):
            return value
        raise ValueError(f"{value!r} is not true or false")
    if kind.is_integer():
        number = _number(value)
        if number != int(number):
            raise ValueError(f"{value!r} is no whole number")
        return int(number)
    if kind.is_float():
        return _number(value)
    return str(value)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r} is no date") from None


def _number(value: object) -> float:
    try:
        number = math.nan if isinstance(value, bool) else float(str(value))
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise ValueError(f"{value!r} is no number")
    return number


def _records_of(one: Wrong, column: str, frame: pl.DataFrame, cells: Cells, at: Place) -> list[int]:
    """Numbers of the records with the wrong value: of a wide sheet's row the one in the cell."""
    found = frame["source_row"].eq(one.row).arg_true().to_list()
    if len(found) < 2:
        return found
    return [
        record
        for nth, record in enumerate(found)
        if cells.place(one.table, column, one.row, nth).cell == at.cell
    ]


def _edited(
    tables: dict[str, pl.DataFrame],
    cells: Cells,
    decision: SettledProblem,
    fit: list[Problem],
    number: int,
) -> Problem | None:
    """Set the wrong cells; a complaint, and nothing set, where that can't be done."""
    placed: list[tuple[Wrong, Place]] = [(w, p.place) for p in fit for w in p.wrong]
    wrong = [w for w, _ in placed]
    if not wrong or any(w.row is None or not w.columns for w in wrong):
        return problem("decisions.no-cell", place=_key(number), rule=decision.rule)
    several = next((w.columns for w in wrong if len(w.columns) > 1), None)
    if several is not None:
        return problem(
            "decisions.no-cell",
            "several",
            place=_key(number),
            rule=decision.rule,
            columns=several,
            first=several[0],
        )
    if any("patient" in w.columns for w in wrong):  # the row would be of nobody, or of another
        return problem("decisions.no-cell", "patient", place=_key(number))
    changed = dict(tables)
    for one, place in placed:
        frame = changed[one.table]
        for column in one.columns:
            records = _records_of(one, column, frame, cells, place)
            if column not in frame.columns or not records:
                return problem("decisions.no-cell", place=_key(number), rule=decision.rule)
            rows = pl.int_range(pl.len()).is_in(records)
            try:
                new = (
                    None if decision.do != "value" else _typed(decision.value, frame.schema[column])
                )
            except ValueError as error:
                return problem(
                    "decisions.value", place=_key(number), column=column, reason=str(error)
                )
            kind = frame.schema[column]
            frame = frame.with_columns(
                pl.when(rows).then(pl.lit(new, dtype=kind)).otherwise(pl.col(column)).alias(column)
            )
            precision = f"{column}_precision"
            if precision in frame.columns:
                known = None if new is None else "day"
                frame = frame.with_columns(
                    pl.when(rows)
                    .then(pl.lit(known, dtype=pl.String))
                    .otherwise(pl.col(precision))
                    .alias(precision)
                )
        changed[one.table] = frame
    tables.update(changed)
    return None


def _left(left: dict[str, set[str]], fit: list[Problem], number: int) -> Problem | None:
    for one in fit:
        parts = [b for b in one.blocks if not b.startswith((*FOLLOWS, *SHOWN))]
        wide = [b or "everything" for b in parts if not b.startswith((ENDPOINT, VARIABLE))]
        if wide or one.patient is None:
            return problem("decisions.too-wide", place=_key(number), rule=one.id, parts=wide)
    for one in fit:
        prefixes = {b for b in one.blocks if b.startswith((ENDPOINT, VARIABLE))}
        plain = {b for b in prefixes if b.startswith(VARIABLE) or b.count(".") == 1}
        left.setdefault(str(one.patient), set()).update(plain)
    return None


def pasteable(found: Iterable[Problem]) -> str:
    """Decisions ready to paste: one per rule, errors and questions before warnings.

    Those of single patients name them; errors and questions of a whole column or of the study can
    only be accepted as they are.

    Examples
    --------
    >>> wrong = Problem("dates.future", Severity.ERROR, "Too late.", patient="7")
    >>> print(pasteable([wrong]))
    [[decisions]]
    rule = "dates.future"
    patients = ["7"]
    do = "" # "missing", "value" (with value = ...), "leave out" or "accept"
    by = ""
    why = ""
    """
    who: dict[str, list[str]] = {}
    whole: dict[str, str] = {}
    columns: dict[str, tuple[str, ...]] = {}
    grave = (Severity.ERROR, Severity.QUESTION)
    for one in sorted(found, key=lambda p: p.severity not in grave):
        if one.severity is Severity.NOTE:
            continue
        if one.patient is None and one.id in CHECKS and one.severity in grave:
            named = (one.place.column, *(c for w in one.wrong for c in w.columns))
            whole.setdefault(one.id, next((c for c in named if c), ""))
        elif one.patient is not None:
            who.setdefault(one.id, []).append(one.patient)
            wrong = tuple(dict.fromkeys(c for w in one.wrong for c in w.columns))
            if len(wrong) > 1:
                columns[one.id] = wrong
    blocks = [_block(r, dict.fromkeys(w), columns.get(r, ())) for r, w in who.items()]
    blocks += [_whole_block(r, column) for r, column in whole.items()]
    return "\n\n".join(blocks)


def _whole_block(rule: str, column: str) -> str:
    keys = {"rule": rule, "column": column, "do": "accept", "by": "", "why": ""}
    return decision_text({k: v for k, v in keys.items() if k != "column" or v})


def _block(rule: str, patients: Iterable[str], columns: tuple[str, ...]) -> str:
    keys: dict[str, object] = {"rule": rule, "patients": list(patients)}
    beside = {"do": '"missing", "value" (with value = ...), "leave out" or "accept"'}
    if columns:
        keys["column"] = columns[0]
        beside["column"] = f"or {', '.join(columns[1:])}"
    return decision_text(keys | {"do": "", "by": "", "why": ""}, beside)

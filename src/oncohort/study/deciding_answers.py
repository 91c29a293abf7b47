"""A decision about a problem, written into the protocol: whole and carried out, or not at all."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from oncohort.dataclass import dataclass
from oncohort.problems import OncohortError, Problem, Severity
from oncohort.protocol import Protocol
from oncohort.protocol.reading import read_protocol
from oncohort.protocol.references import nearest
from oncohort.study.answering import AnswerError, write_protocol
from oncohort.study.editing import plain_value
from oncohort.vocabulary.plurals import counted

if TYPE_CHECKING:
    from oncohort.study.study import Study

WORDS = {"missing": "missing", "leave out": "leave out", "accept": "accept"}
_VALUE = re.compile(r"^(?:value\b\s*[=:]?|=)\s*(?P<value>.+)$", re.IGNORECASE | re.DOTALL)
_HOW = 'missing, accept, "leave out", or the value that it is: "= 2018-03-01"'


@dataclass(frozen=True, slots=True)
class Decided:
    """What a decision came to."""

    rule: str
    what: str
    settled: int
    """Problems that it settles."""
    patients: tuple[str, ...]
    left: tuple[int, int]
    """Errors and questions that are left."""

    def lines(self) -> list[str]:
        """What to tell the user."""
        whose = f" ({', '.join(self.patients)})" if self.patients else ""
        about = f" of {counted(len(self.patients), 'patient')}{whose}" if whose else ""
        errors, questions = self.left
        rest = [counted(n, word) for n, word in ((errors, "error"), (questions, "question")) if n]
        left = f"{' and '.join(rest)} left" if rest else "No error and no question is left"
        return [f"{self.rule}{about}: {self.what}. {left}."]


def is_rule(name: str) -> bool:
    """Is this the id of a problem, rather than the name of a question?

    Examples
    --------
    >>> is_rule("dates.future"), is_rule("vital_status"), is_rule("3")
    (True, False, False)
    """
    return bool(re.fullmatch(r"[a-z][a-z-]*\.[a-z][a-z-]*", name.strip()))


def decide(
    folder: Path | str,
    rule: str,
    value: str,
    *,
    patients: Sequence[str] = (),
    cells: Sequence[str] = (),
    column: str | None = None,
    by: str = "",
    why: str = "",
) -> Decided:
    """Settle a problem of single patients in the protocol; the chart is not touched.

    Parameters
    ----------
    folder
        The study.
    rule
        Id of the problem, as `oncohort check` prints it.
    value
        `missing`, `accept`, `leave out`, or `= VALUE`, what the cell should say.
    patients, cells
        Whose problem; default: of all patients who have it.
    column
        Which column is meant, where several contradict each other.
    by, why
        Who decided, and why: they stand in the decisions log.

    Raises
    ------
    AnswerError
        There is no such problem, or it can't be settled so. Nothing is written.
    """
    from oncohort.study.study import read_study, study_of

    path = Path(folder)
    path = path if path.suffix == ".toml" else path / Protocol.FILE
    for name, given in (("--by", by), ("--why", why)):
        if not given.strip():
            raise AnswerError(f"A decision says who made it and why: {name} is missing.")
    do, typed = _action(value)
    opened = read_study(path)
    fit = _those(opened.problems, rule, patients, cells)
    whose = _whose(fit, patients, cells)
    block: dict[str, object] = {"rule": rule}
    if cells:
        block["cells"] = list(cells)
    elif whose:
        block["patients"] = list(whose)
    block |= {"do": do} | ({"column": column} if column else {})
    block |= ({"value": typed} if do == "value" else {}) | {"by": by, "why": why}
    before = read_protocol(path)[1]
    text = _with_block(before, block)
    try:
        new = study_of(path.parent, text)
    except OncohortError as error:
        raise AnswerError(f"{rule}: {_first(error.problems)}") from error
    _carried_out(new, len(new.protocol.decisions) - 1)
    write_protocol(path, text, before=before)
    found = new.problems
    return Decided(
        rule,
        f"taken as {typed}" if do == "value" else _TREATED[do],
        len(fit),
        tuple(whose),
        (_number(found, Severity.ERROR), _number(found, Severity.QUESTION)),
    )


_TREATED = {
    "missing": "taken as missing",
    "leave out": "left out of what rests on it",
    "accept": "accepted as it is",
}


def _action(value: str) -> tuple[str, object]:
    word = " ".join(value.split()).casefold().replace("_", " ")
    if word in WORDS:
        return WORDS[word], None
    found = _VALUE.match(value.strip())
    if found is None:
        raise AnswerError(f'"{value}" is no decision. Say {_HOW}.')
    return "value", plain_value(found["value"])


def _those(
    problems: Iterable[Problem], rule: str, patients: Sequence[str], cells: Sequence[str]
) -> list[Problem]:
    """The problems that are meant.

    Raises
    ------
    AnswerError
        There is none.
    """
    from oncohort.study.deciding import cells_of

    told = [p for p in problems if p.severity is not Severity.NOTE]
    same = [p for p in told if p.id == rule]
    if not same:
        raise AnswerError(
            f'No problem "{rule}" is open. {nearest(rule, sorted({p.id for p in told}))}'.strip()
        )
    fit = [p for p in same if not patients or p.patient in patients]
    fit = [p for p in fit if not cells or set(cells) & set(cells_of(p.place))]
    if not fit:
        who = sorted({str(p.patient) for p in same if p.patient is not None})
        raise AnswerError(f'"{rule}" is not a problem of these. It is one of: {", ".join(who)}.')
    return fit


def _whose(fit: list[Problem], patients: Sequence[str], cells: Sequence[str]) -> tuple[str, ...]:
    """The patients whom the decision names: those that were given, or all who have the problem."""
    if patients or cells:
        return tuple(dict.fromkeys(patients))
    return tuple(dict.fromkeys(p.patient for p in fit if p.patient is not None))


def _with_block(text: str, block: Mapping[str, object]) -> str:
    """The protocol with one decision more, the last one."""
    import tomlkit

    doc = tomlkit.parse(text)
    one = tomlkit.table()
    for key, value in block.items():
        one[key] = value
    if "decisions" not in doc:
        doc["decisions"] = tomlkit.aot()
    doc["decisions"].append(one)
    return tomlkit.dumps(doc)


def _carried_out(study: Study, number: int) -> None:
    """Refuse a decision that fits nothing, or can't be carried out."""
    key = f"decisions[{number}]"
    for one in study.problems:
        if one.id.startswith("decisions.") and one.place.key == key:
            raise AnswerError(f"{one.what} {one.todo}".strip())


def _first(problems: Sequence[Problem]) -> str:
    return " ".join(p.what for p in problems[:1])


def _number(problems: Iterable[Problem], severity: Severity) -> int:
    return sum(p.severity is severity for p in problems)

"""A study: read it, run it, write what came out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from oncohort.dataclass import dataclass
from oncohort.endpoints.in_parts import WHOLE, Parts
from oncohort.problems import Place, Problem, ReadError, Severity, problem, worst_first
from oncohort.protocol import Protocol, parse_protocol, read_protocol

if TYPE_CHECKING:
    from oncohort.analyses.published import Beside
    from oncohort.endpoints.cohort import Cohort
    from oncohort.records import Records
    from oncohort.study.deciding import Settled
    from oncohort.study.results import Results
    from oncohort.study.running import Analysed


@dataclass(frozen=True)
class Study:
    """A study folder, read: protocol and records; the cohort and the problems when asked for.

    Attributes
    ----------
    folder
        Where `study.toml` is.
    protocol, records
        As read. Nothing that the user gave is ever changed.
    """

    folder: Path
    protocol: Protocol
    protocol_text: str
    records: Records
    settled: Settled | None = None
    """What the protocol's decisions come to, where it has any."""
    parts: Parts = WHOLE
    """How many patients are judged at a time, and where."""

    @cached_property
    def cohort(self) -> Cohort:
        """The eligible patients with endpoints, responses and variables."""
        from oncohort.endpoints.building import build_cohort

        cohort = build_cohort(self.records.tables, self.protocol, self.parts)
        return cohort if self.settled is None else self.settled.without_left(cohort)

    @cached_property
    def analysed(self) -> Analysed:
        """The numbers of every section, what was left out, and what the fits have to say."""
        from oncohort.displays.sections import SECTIONS
        from oncohort.study.running import analyses_of

        return analyses_of(self, SECTIONS)

    @cached_property
    def beside(self) -> tuple[Beside | None, list[Problem]]:
        """The figures of a paper that the protocol names, and why they can't be used."""
        from oncohort.study.beside import beside_of

        return beside_of(self)

    @cached_property
    def problems(self) -> tuple[Problem, ...]:
        """Everything that is wrong or open, worst first: of the data, and of the analyses.

        `oncohort check` and `oncohort run` list the same.
        """
        from oncohort.study.named import problems_without_paper
        from oncohort.study.writing_problems import template_of

        told = problems_without_paper(self)
        if told is None:
            from oncohort.study.running import results_of

            return results_of(self, self.analysed).problems
        found = [*self.data_problems, *told]
        return tuple(worst_first([*found, *template_of(self)[1], *self.beside[1]]))

    @cached_property
    def data_problems(self) -> tuple[Problem, ...]:
        """What is wrong or open before anything is analysed: reading, checks, derivations."""
        from oncohort.checks import check
        from oncohort.checks.repeats import told_once
        from oncohort.study.depends import settled
        from oncohort.study.excluded import told_apart
        from oncohort.study.questions import open_problems, told_by_questions

        found = [
            *open_problems(self.protocol_text),
            *self.records.problems,
            *check(self.records, self.protocol, self.cohort),
            *self.cohort.problems,
        ]
        found = told_by_questions(found, self.protocol_text)
        placed = settled((self._with_cell(p) for p in found), self.protocol, self.records)
        placed = told_once(placed)
        if self.settled is not None:
            placed = self.settled.applied(placed)
        included = self.cohort.frame["patient"].to_list()
        placed = told_apart(placed, self.cohort.source, included)
        return tuple(worst_first(_once(placed)))

    def _with_cell(self, problem: Problem) -> Problem:
        """A row of a record table as the cell or row of the chart it came from."""
        place = problem.place
        tables = self.records.tables
        table = place.sheet or (place.key or "").removeprefix("tables.")
        if place.file is not None or place.row is None or table not in tables:
            return problem
        found = self.records.place(table, place.column or "patient", place.row)
        return replace(problem, place=found)

    def run(self, *, only: tuple[str, ...] = ()) -> Results:
        """Do the whole job: analyses, tables, figures, text.

        Parameters
        ----------
        only
            Names of sections (`baseline`, `survival`, ...); default: all.

        Examples
        --------
        >>> import oncohort as oc
        >>> results = oc.read_study("oncohort-demo").run()  # doctest: +SKIP
        >>> results["survival.pfs.median"].value  # doctest: +SKIP
        10.4
        """
        from oncohort.study.running import run_study

        return run_study(self, only=only)

    def explain(self, patient: str) -> str:
        """Why each call was made for one patient, in plain words."""
        from oncohort.study.explaining import explain

        return explain(self, patient)

    def __repr__(self) -> str:
        return f"<Study {self.protocol.study.title!r}: {self.folder}>"

    def _repr_html_(self) -> str:
        from html import escape

        errors = sum(p.severity is Severity.ERROR for p in self.data_problems)
        return (
            f"<p><b>{escape(self.protocol.study.title)}</b><br>{self.cohort.n} patients, "
            f"{len(self.data_problems)} problems ({errors} errors)</p>"
        )


def _once(problems: Iterable[Problem]) -> list[Problem]:
    """Problems without those that two rules found alike; the one that leaves more out stays."""
    known: dict[tuple[object, ...], Problem] = {}
    for one in problems:
        key = (one.id, one.severity, one.place, one.patient, one.what)
        if key not in known or len(one.blocks) > len(known[key].blocks):
            known[key] = one
    return list(known.values())


def read_study(folder: str | Path, *, parts: Parts = WHOLE) -> Study:
    """Read a study: a folder with `study.toml`.

    Parameters
    ----------
    parts
        How many patients are judged at a time, and where; no number depends on it.

    Raises
    ------
    ProtocolError
        The protocol can't be used; every complaint names file, line and key.
    ReadError
        A data file can't be read at all.

    Examples
    --------
    >>> import oncohort as oc
    >>> oc.read_study("oncohort-demo").protocol.study.title  # doctest: +SKIP
    'Second-line sorafenib ...'
    """
    path = Path(folder)
    if path.is_file() and path.suffix == ".toml":
        path = path.parent
    protocol, text = read_protocol(path)
    return _study(path, protocol, text, parts)


def study_of(path: Path, text: str) -> Study:
    """The study of a folder with another text of its protocol; nothing is written.

    Raises
    ------
    ProtocolError, ReadError
        As :func:`read_study`.
    """
    return _study(path, parse_protocol(text), text, WHOLE)


def _study(path: Path, protocol: Protocol, text: str, parts: Parts) -> Study:
    from oncohort.records import read_records
    from oncohort.study.labels import without_ids

    records = read_records(protocol, path)
    if "patients" not in records.tables:
        raise ReadError(
            "",
            records.problems
            or (problem("files.no-patients", place=Place(file=str(protocol.study.data))),),
        )
    protocol, named = without_ids(
        protocol, text, (*records.tables["patients"]["patient"].drop_nulls(), *records.people)
    )
    if named:
        records = replace(records, problems=(*records.problems, *named))
    study = Study(path, protocol, text, records, parts=parts)
    if not protocol.decisions:
        return study
    from oncohort.study.deciding import settle
    from oncohort.study.depends import dependence

    known = dependence(protocol, records)
    settled = settle(records, protocol.decisions, study.problems, known)
    return Study(path, protocol, text, settled.records, settled, parts)

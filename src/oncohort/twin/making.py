"""The whole job: published figures in, a synthetic cohort with its certificate out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

from oncohort.dataclass import dataclass
from oncohort.published.model import Published
from oncohort.published.rounding import off_by, prints_as
from oncohort.published.values import NOT_REACHED
from oncohort.twin.building import build
from oncohort.twin.certificate import IMPOSSIBLE, MET, MISSED, NOT_ASKED, Certificate, Line
from oncohort.twin.chart import Rows, chart
from oncohort.twin.clashes import clashes, explained
from oncohort.twin.declaring import Built
from oncohort.twin.evaluate import values_of
from oncohort.twin.known_pairs import conflicts, pairs_of, reasons
from oncohort.twin.ordering import Effort, Found
from oncohort.twin.plan import Plan, make_plan
from oncohort.twin.protocol_text import protocol_text
from oncohort.twin.tries import search
from oncohort.vocabulary.plurals import counted
from oncohort.whole_folders import working_folder

if TYPE_CHECKING:
    from oncohort.study.study import Study

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Twin:
    """A synthetic cohort made from published figures. Nobody in it exists.

    Attributes
    ----------
    tables
        Rows by record table; every row has ``synthetic`` = ``yes``.
    protocol
        Text of a ``study.toml`` that runs on them.
    certificate
        Per printed figure: met, missed by how much, impossible (with the proof), not asked for.
    """

    figures: Published
    seed: int
    tables: Rows
    protocol: str
    certificate: Certificate

    def write(self, directory: str | Path) -> Path:
        """Write study.toml, data, certificate and README; `oncohort run` works on the folder.

        Raises
        ------
        OutputError
            The folder holds something that is not a twin's.
        """
        from oncohort.twin.writing import write_twin

        return write_twin(self, Path(directory))

    def study(self) -> Study:
        """The twin as a study, read back from files in a temporary folder."""
        from oncohort.study.study import read_study
        from oncohort.twin.writing import write_files

        with working_folder() as folder:
            write_files(self, folder)
            study = read_study(folder)
            _ = study.cohort, study.beside  # read while the files are there
        return study

    def __repr__(self) -> str:
        return f"<Twin of {self.certificate.n} synthetic patients: {self.certificate.summary()}>"


def reconstruct(
    figures: Published | str | Path,
    *,
    seed: int,
    time_budget: float | None = 60.0,
    tries: int = 60,
    events: Mapping[str, int] | None = None,
    ratios_first: bool = False,
    pairs_first: int | None = None,
    progress: Progress | None = None,
    start: Found | None = None,
    keep: Callable[[Found], None] | None = None,
    left_out: tuple[str, ...] = (),
    workers: int = 1,
    conflicts: int = 0,
    now: Callable[[], float] = monotonic,
) -> Twin:
    """Make a synthetic cohort whose analysis gives published figures back.

    Parameters
    ----------
    figures
        Published figures, or the path of a TOML file with them.
    seed
        Of all random numbers. Without a time budget the same seed, figures and number of tries
        give the same twin, whatever the machine does meanwhile and however many workers there are.
    time_budget
        Seconds in all; None for no limit. Some of them are kept for making the patients.
    tries
        Tries of the search at most.
    events
        Numbers of events to search with (``{"pfs": 37}``), where the paper prints none.
    ratios_first
        Hazard ratios before p and intervals: they are looked for alone, the others grow from there.
    pairs_first
        As many ratios together with their p as can be, with at least so many ratios in all.
    progress
        Called with a line after every try.
    start, keep
        To go on with an earlier search: its best cohort, and a function that stores each new best.
    left_out
        What of a paper was not asked for, to be said in the certificate.
    workers
        Tries at once, each in a process of its own; with a time budget the twin depends on it.
    conflicts
        Trials of each set of figures, to find out with which others a missed ratio, limit or p was
        never met together; 0: not asked. They come after the search and have no limit of time.
    now
        The clock of the time budget.

    Raises
    ------
    ReadError
        The figures can't be read, or don't say how many patients there are.

    Examples
    --------
    >>> from oncohort.published import parse_published
    >>> twin = reconstruct(parse_published('''
    ... schema = 1
    ... [[populations]]
    ... key = "cohort"
    ... n = "20"
    ... [[variables]]
    ... name = "Sex"
    ... levels = [{label = "Male", count = "13"}, {label = "Female", percent = "35"}]
    ... [[times]]
    ... endpoint = "OS"
    ... median = "14.2"
    ... unit = "months"
    ... '''), seed=1)
    >>> twin.certificate.summary()
    '3 figures: 3 met, 0 missed, 0 impossible, 0 not asked'
    >>> len(twin.tables["patients"])
    20
    """
    from oncohort.twin.typed import read_typed

    published = figures if isinstance(figures, Published) else read_typed(figures)
    begun = now()
    plan = make_plan(published, events, left_out)
    until = None if time_budget is None else begun + time_budget - spare(time_budget, plan.n)
    effort = Effort(ratios_first=ratios_first, pairs_first=pairs_first, until=until, now=now)
    workers = workers if plan.question.space.terms else 1
    found = start
    for found in search(plan.question, seed, effort, tries, start, workers):
        if keep is not None:
            keep(found)
        if progress is not None and found.tries:
            progress(f"try {found.tries}: {_missing(found)}")
    assert found is not None
    twin = assemble(plan, found, seed)
    return with_conflicts(twin, plan, found, conflicts, progress) if conflicts else twin


def with_conflicts(
    twin: Twin, plan: Plan, found: Found, each: int, progress: Progress | None = None
) -> Twin:
    """The twin, with sets of figures that were never met together in its certificate."""
    told = {}
    lines = twin.certificate.lines
    met = [x.key for x in lines if x.state == MET]
    missed = [x.key for x in lines if x.state == MISSED]
    for key, clash in clashes(plan, found, met, missed, each, twin.seed):
        told[key] = clash
        if progress is not None:
            progress(f"conflicts of {key}: {counted(clash.trials, 'trial')}")
    return replace(twin, certificate=explained(twin.certificate, told, each))


def spare(budget: float, n: int) -> float:
    """Seconds of a budget that the patients, their chart and the certificate take after the search.

    Examples
    --------
    >>> spare(60, 42), spare(10, 300)
    (3.68, 5.0)
    """
    return round(min(0.5 * budget, 2 + 0.04 * n), 2)


def _missing(found: Found) -> str:
    if found.missed <= 0:
        return "every ratio, interval and p that was asked for is met"
    return f"penalty of what is missed {found.missed:g}, distance {found.energy:.4g}"


def assemble(plan: Plan, found: Found, seed: int) -> Twin:
    """Patients, tables, protocol and certificate from a cohort of the search."""
    built = build(plan, found.cohort, seed)
    tables = chart(built.patients, built.chart, seed)
    built.declared.tables = tuple(name for name in tables if name != "patients")
    text = protocol_text(built.declared, seed)
    twin = Twin(plan.published, seed, tables, text, Certificate(plan.n, seed, ()))
    return replace(twin, certificate=_certificate(plan, built, found, twin))


def _certificate(plan: Plan, built: Built, found: Found, twin: Twin) -> Certificate:
    results = twin.study().run(only=("response",))
    names = {k: k for k in plan.endpoints if k in plan.printed}
    values = values_of(results, plan.published, plan.cox, names, plan.n)
    impossible = {k: (v.why, v.conflict) for k, v in plan.impossible.items()}
    for key, conflict in built.impossible.items():
        if conflict:
            impossible[key] = ("no values have these figures together", conflict)
    counts = {k: int(found.cohort.event[e].sum()) for e, k in enumerate(plan.endpoints)}
    pairs = pairs_of(plan, found.cohort)
    proven = reasons(pairs, counts)
    unreached = {
        f.key
        for f in plan.figures
        if f.printed.strip().lower() in NOT_REACHED
        and f.key.startswith(tuple(f"times.{k}." for k in names))
    }
    lines = []
    for f in plan.figures:
        value = values.get(f.key.partition("#")[0])
        line = Line(f.key, f.printed, f.words, f.kind, MISSED, value)
        if (value is not None and prints_as(value, f.printed)) or f.key in unreached - {*values}:
            line = replace(line, state=MET)
        elif f.key in impossible:
            why, conflict = impossible[f.key]
            line = replace(line, state=IMPOSSIBLE, why=why, conflict=conflict)
        elif value is None:
            reason = plan.cox.left_out.get(f.key.rpartition(".")[0], plan.unasked.get(f.key, ""))
            why = reason or "the twin has no such figure"
            line = replace(line, state=NOT_ASKED, why=why)
        else:
            tries = (
                f"not found in {counted(found.tries, 'try', 'tries')}"
                if f.kind in ("ratio", "interval", "p")
                else ""
            )
            more = f"; {proven[f.key]}" if f.key in proven else ""
            why = plan.unasked.get(f.key, tries + more)
            line = replace(line, by=off_by(value, f.printed), why=why)
        lines.append(line)
    stretch = tuple(
        (k, s)
        for k, s in zip(plan.endpoints, built.timed.stretch, strict=True)
        if k in plan.printed
    )
    events = tuple((k, counts[k]) for k in plan.endpoints if k in plan.printed)
    return Certificate(
        plan.n,
        twin.seed,
        tuple(lines),
        found.tries,
        found.sweeps,
        events,
        stretch,
        (*plan.notes, *built.notes, *conflicts(pairs)),
    )

"""`oncohort twin`: published figures in, folders with synthetic cohorts out."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from oncohort.cli.messages import messages, put
from oncohort.vocabulary.boundaries import Option

if TYPE_CHECKING:
    from oncohort.problems import ReadError
    from oncohort.published.groups import Group as Column
    from oncohort.published.model import Published
    from oncohort.twin import Twin
    from oncohort.twin.arms import Arms

RatiosFirst = Annotated[
    bool, typer.Option("--ratios-first", help="Hazard ratios before p and intervals.")
]
PairsFirst = Annotated[
    int | None,
    typer.Option(
        "--pairs-first",
        min=0,
        metavar="N",
        help="As many ratios with their p as can be, for at least N ratios in all.",
    ),
]
TimeBudget = Annotated[
    float | None,
    typer.Option(
        "--time-budget",
        min=0,
        metavar="SECONDS",
        help="For the whole command; 120 where --tries does not end it.",
    ),
]
Tries = Annotated[
    int | None,
    typer.Option(
        min=1,
        help="Tries of the search at most. Without --time-budget they alone end it: the same twin "
        "on every machine, however long it takes.",
    ),
]
Conflicts = Annotated[
    int,
    typer.Option(
        "--conflicts",
        min=0,
        metavar="N",
        help="With which others a missed ratio, limit or p is never met: N trials of each set.",
    ),
]
AtRisk = Annotated[
    Path | None,
    typer.Option("--at-risk", metavar="FILE.csv", help="Of digitised curves: numbers at risk."),
]
Unit = Annotated[
    str, typer.Option(metavar="UNIT", help="Of digitised curves: days, weeks, months or years.")
]
Patients = Annotated[
    str, typer.Option(metavar="N|ARM=N,...", help="Of digitised curves without numbers at risk.")
]
Medians = Annotated[
    str, typer.Option("--median", metavar="T|ARM=T,...", help="Of digitised curves: printed ones.")
]
Endpoint = Annotated[str, typer.Option(metavar="NAME", help="Of digitised curves: OS, PFS, ...")]
Group = Annotated[
    str, typer.Option(metavar="HEADING", help="Of a paper: the column of its tables to twin.")
]


SECONDS, TRIES = 120.0, 60
"""Of the search, where nothing else is said."""

_LISTED = 12
"""Figures that were not asked for and are named, at most."""


def _report(twin: Twin | Arms, folder: Path) -> int:
    """Print a certificate in short; 0 if every figure is met, 1 if not."""
    certificate = twin.certificate
    put(f"{folder}: {certificate.summary()}")
    for line in certificate.lines:
        if line.state in ("impossible", "missed"):
            value = "" if line.value is None else f", twin {line.value:.4g}"
            put(f"  {line.state}: {line.words}: printed {line.printed}{value}")
    unasked = [line for line in certificate.lines if line.state == "not asked"]
    for line in unasked[:_LISTED]:
        put(f"  not asked: {line.words}: printed {line.printed}: {line.why}")
    if len(unasked) > _LISTED:
        put(f"  not asked: {len(unasked) - _LISTED} more, see certificate.md")
    return int(certificate.count("met") < len(certificate.lines))


def _meant(path: Path) -> Path:
    """The file that is meant: itself, the figures.toml of a folder, or its name with .toml."""
    from oncohort.problems import Place, ReadError, problem
    from oncohort.twin.examples import NAMES

    if path.exists() and not path.is_dir():
        return path
    for other in (path / "figures.toml", path.parent / f"{path.name}.toml"):
        if path.name and other.is_file():
            messages.say(f"{path}: figures are read from {other}")
            return other
    beside = path.parent
    names = sorted(f.name for f in beside.iterdir() if f.is_file()) if beside.is_dir() else []
    near = get_close_matches(path.name, [*names, *NAMES], n=1)
    raise ReadError("", [
        problem(
            "twin.figures", "folder" if path.is_dir() else "", place=Place(file=str(path)),
            name=repr(str(path)), near=f", perhaps {near[0]}" if near else "",
            built_in=" and ".join(NAMES),
        )
    ])  # fmt: skip


def _refused(
    path: Path, out: Path, groups: tuple[Column, ...], rule: str, **holes: Option
) -> ReadError:
    """Why no group of a paper is twinned: its columns, and the command for the first of them."""
    from oncohort.problems import Place, ReadError, problem
    from oncohort.vocabulary.plurals import counted

    listed = "; ".join(f"{g.key!r} ({counted(g.figures, 'figure')})" for g in groups[:12])
    if groups:
        key = groups[0].key
        words = ["oncohort", "twin", str(path), "--out", str(out), "--group", key]
        holes |= {"groups": listed, "command": shlex.join(words)}
    case = "" if groups else "no-columns"
    return ReadError("", [problem(rule, case, place=Place(file=str(path)), **holes)])


def _figures_of(path: Path, out: Path, group: str) -> tuple[Published, tuple[str, ...]]:
    """Figures from a TOML file, or as the audit reads them from a paper; what was left out."""
    from oncohort.twin.typed import read_typed

    if path.suffix.lower() == ".toml" or not path.is_file():
        return read_typed(path), ()
    from oncohort.audit import read_figures
    from oncohort.problems import Place, ReadError, problem
    from oncohort.published.figures import figures_of
    from oncohort.published.groups import groups_of, of_cohort, of_group
    from oncohort.twin.reading import as_read
    from oncohort.vocabulary.plurals import counted

    try:
        whole = read_figures(path)
    except ReadError as error:
        reason = str(error).removeprefix(f"{path}: ")
        wrong = problem("twin.unreadable", place=Place(file=str(path)), reason=reason)
        raise ReadError("", [wrong]) from error
    groups = groups_of(whole)
    chosen = of_group(whole, group) if group else of_cohort(whole)
    if chosen is None:
        raise _refused(path, out, groups, "twin.group", group=group)
    found = counted(len(figures_of(chosen)), "figure")
    size = "no number of patients" if chosen.n is None else f"n = {chosen.n}"
    if chosen.n is None or not figures_of(chosen):
        raise _refused(path, out, groups, "twin.paper", figures=found, size=size)
    published, left_out = as_read(chosen)
    messages.say(f"{path}: {found} of {group or 'the whole cohort'} read, {size}")
    for words in left_out:
        messages.say(f"  left out: {words}")
    others = [g for g in groups if not group or g.n != chosen.n]
    if others:
        listed = "; ".join(f"{g.key!r} ({counted(g.figures, 'figure')})" for g in others[:12])
        messages.say(f"  other groups of patients, not asked for (--group): {listed}")
    return published, left_out


def _named(text: str, option: str, example: str, pattern: str = r"\d+") -> dict[str, str]:
    """``PFS=37,OS=29`` by name; a bare number has the name ""."""
    out = {}
    for part in (p.strip() for p in text.split(",") if p.strip()):
        name, _, number = part.rpartition("=")
        if not re.fullmatch(pattern, number.strip()):
            raise typer.BadParameter(f"{part!r}: write {example}", param_hint=option)
        out[name.strip()] = number.strip()
    return out


def _numbers(text: str) -> dict[str, int]:
    """``PFS=37,OS=29`` as numbers by endpoint."""
    named = _named(text, "--events", "PFS=37,OS=29")
    if "" in named:
        raise typer.BadParameter(f"{text!r}: write PFS=37,OS=29", param_hint="--events")
    return {k: int(v) for k, v in named.items()}


def _curves(
    path: Path, out: Path, at_risk: Path | None, unit: str, endpoint: str,
    given: Mapping[str, str],
) -> int:  # fmt: skip
    """Patients behind digitised curves; the exit code."""
    from oncohort.published.figures import slug
    from oncohort.twin.arms import arms_of
    from oncohort.twin.digitised import read_curves
    from oncohort.vocabulary.times import DAYS_PER_UNIT

    if unit and unit not in DAYS_PER_UNIT:
        raise typer.BadParameter(f"{unit!r}: {', '.join(DAYS_PER_UNIT)}", param_hint="--unit")
    read = read_curves(path, at_risk, unit)
    known = {slug(c.name) for c in read.curves} | ({""} if len(read.curves) == 1 else set())
    names = ", ".join(c.name for c in read.curves if c.name) or "none: there is one curve"
    by_arm: dict[str, dict[str, str]] = {}
    for option, text in given.items():
        pattern = r"\d+(\.\d+)?" if option == "--median" else r"\d+"
        found = _named(text, option, "375, or A=375,B=360", pattern)
        by_arm[option] = {slug(k): v for k, v in found.items()}
        if not set(by_arm[option]) <= known:
            raise typer.BadParameter(f"the arms of the file are {names}", param_hint=option)
    patients, events = (
        {k: int(v) for k, v in by_arm[option].items()} for option in ("--patients", "--events")
    )
    made = arms_of(
        read, endpoint=endpoint, patients=patients, events=events, medians=by_arm["--median"]
    )
    made.write(out)
    for note in made.certificate.notes:
        messages.say(f"  {note}")
    return _report(made, out)


def _no_curves(given: Mapping[str, object]) -> None:
    """Refuse options of digitised curves where there are none."""
    for option, value in given.items():
        if value and option != "--events":
            raise typer.BadParameter("belongs to curves in a .csv file", param_hint=option)


def _twins(published: Published, out: Path, *, workers: int, **options: Option) -> int:
    """Make twins and print their certificates in short; the exit code."""
    from oncohort.twin.job import run_twins
    from oncohort.twin.team import cores

    worst = 0
    for twin, folder in run_twins(
        published, out, progress=messages.say, workers=workers or cores(), **options
    ):
        worst = max(worst, _report(twin, folder))
    return worst


def twin(
    figures: Annotated[
        Path,
        typer.Argument(
            metavar="FIGURES.toml|CURVES.csv|PAPER",
            help="Published figures as TOML, digitised curves as CSV, a paper (XML, Word, PDF, "
            "text), or lung_metastases or lung_metastases_pairs, the built-in twins.",
        ),
    ],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where the twin goes.")],
    seed: Annotated[int, typer.Option(help="Of all random numbers.")] = 1,
    count: Annotated[int, typer.Option(min=1, help="So many different twins.")] = 1,
    time_budget: TimeBudget = None,
    tries: Tries = None,
    events: Annotated[
        str,
        typer.Option(metavar="PFS=N,OS=N", help="Events to search with, where none are printed."),
    ] = "",
    ratios_first: RatiosFirst = False,
    pairs_first: PairsFirst = None,
    workers: Annotated[
        int, typer.Option(min=0, help="Tries at once; 0 for one per processor.")
    ] = 0,
    conflicts: Conflicts = 0,
    group: Group = "",
    at_risk: AtRisk = None,
    unit: Unit = "",
    endpoint: Endpoint = "OS",
    patients: Patients = "",
    median: Medians = "",
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="No messages on standard error.")
    ] = False,
) -> None:
    """Make synthetic patients with a paper's figures: exit 0 all met, 1 some not, 2 unreadable.

    Stopped (Ctrl-C or time), it goes on from its best cohort when run again with the same figures.
    """
    from oncohort.twin.examples import NAMES
    from oncohort.twin.job import example

    messages.quiet = quiet
    if str(figures) in NAMES and not figures.is_file():
        made = example(str(figures), conflicts, messages.say)
        raise typer.Exit(_report(made, made.write(out)))
    given = {"--patients": patients, "--events": events, "--median": median}
    figures = _meant(figures)
    if figures.suffix.lower() in (".csv", ".tsv"):
        raise typer.Exit(_curves(figures, out, at_risk, unit, endpoint, given))
    _no_curves({"--at-risk": at_risk, "--unit": unit, **given})
    numbers = _numbers(events)
    published, left_out = _figures_of(figures, out, group)
    raise typer.Exit(
        _twins(
            published, out, seed=seed, count=count, tries=tries or TRIES,
            time_budget=SECONDS if time_budget is None and tries is None else time_budget,
            events=numbers, ratios_first=ratios_first, pairs_first=pairs_first,
            left_out=left_out, workers=workers, conflicts=conflicts,
        )
    )  # fmt: skip

"""The commands. Each one reads its arguments, calls one function of another room, and prints."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from oncohort.cli.app_command import app as browser_app
from oncohort.cli.consortium import app as consortium
from oncohort.cli.messages import messages, problem_lines, put, put_json
from oncohort.cli.progress import progress
from oncohort.cli.statistics import cox, km
from oncohort.cli.study_parts import StudyScheduler, parts_of
from oncohort.cli.twin import twin
from oncohort.vocabulary.plurals import counted

app = typer.Typer(
    name="oncohort",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Retrospective oncology cohort studies, from the chart to the paper; and an audit of "
    "papers for figures that cannot be true.",
)


def _folder(path: Path) -> Path:
    """The folder of a study, of which its `study.toml` may be named."""
    return path.parent if path.name == "study.toml" and path.is_file() else path


StudyPath = Annotated[
    Path,
    typer.Argument(metavar="STUDY", help="Folder with study.toml.", callback=_folder),
]
ResultsPath = Annotated[
    Path,
    typer.Argument(metavar="RESULTS", help="Results, or a study that was run.", callback=_folder),
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No messages on standard error.")]


class CheckFormat(StrEnum):
    """How `check` prints."""

    text = "text"
    json = "json"
    xlsx = "xlsx"


class AuditFormat(StrEnum):
    """How `audit` prints."""

    text = "text"
    json = "json"
    html = "html"
    csv = "csv"


def by_ending(out: Path) -> AuditFormat:
    """The format that the name of a report asks for: `report.html`.

    Examples
    --------
    >>> by_ending(Path("report.HTML")).value, by_ending(Path("all.csv")).value
    ('html', 'csv')
    >>> by_ending(Path("notes")).value
    'text'
    """
    ending = {".htm": ".html"}.get(out.suffix.lower(), out.suffix.lower())
    return next((f for f in AuditFormat if f".{f.value}" == ending), AuditFormat.text)


def _version(wanted: bool) -> None:
    if wanted:
        from oncohort import __version__

        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Options of every command."""


def _run(
    folder: Path, out: Path | None, only: tuple[str, ...], share: bool, at: str | None = None
) -> int:
    from oncohort.cli.ahead import begin
    from oncohort.cli.deferred import defer_parts

    begin(folder)
    from oncohort.study.drawing import Drawer
    from oncohort.study.results_folder import check_target
    from oncohort.study.study import read_study
    from oncohort.study.writing import write_results

    defer_parts()
    target = out if out is not None else folder / "results"
    if out is not None or folder.is_dir():  # else the study is refused, in better words
        check_target(target)
    with parts_of(at) as parts, progress("Reading the chart") as now:
        study = read_study(folder, parts=parts)
        with Drawer() as drawer:
            now(f"Computing the numbers of {counted(study.cohort.n, 'patient')}")
            results = study.run(only=only)
            now("Drawing figures and writing the report")
            written = write_results(results, target, share=share, drawer=drawer)
    where = written.folder
    for line in results.summary():
        put(line)
    put(f"Report: {where / 'report.html'}")
    put(f"Manuscript: {where / 'manuscript.docx'}")
    if (where / "supplement.docx").exists():
        put(f"Supplement: {where / 'supplement.docx'}")
    for line in written.kept:
        messages.say(line)
    if results.left_out:
        messages.say(f"Sections were left out; see: oncohort check {folder}")
        return 1
    return 0


@app.command()
def demo(
    directory: Annotated[Path, typer.Argument(metavar="[DIR]", help="Where to write it.")] = Path(
        "oncohort-demo"
    ),
    quiet: Quiet = False,
) -> None:
    """Write the built-in study (synthetic patients) to DIR and run it."""
    from oncohort.study.demo import write_demo

    messages.quiet = quiet
    write_demo(directory)
    messages.say(f"The built-in study (synthetic patients) is in {directory}. Running it ...")
    raise typer.Exit(_run(directory, None, (), False))


@app.command()
def new(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of the new study.")],
    source: Annotated[
        list[Path] | None,
        typer.Option(
            "--from",
            metavar="FILE",
            help="A chart to start from: a file, a folder, or several files, each with --from. "
            "It is not changed.",
        ),
    ] = None,
    quiet: Quiet = False,
) -> None:
    """Start a study: protocol and workbook template, or a protocol guessed from a chart."""
    from oncohort.study.new import new_study

    messages.quiet = quiet
    with progress("Reading the chart" if source else "Writing the study"):
        made = new_study(directory, source)
    for line in made.lines():
        put(line)


@app.command()
def answer(
    study: StudyPath,
    question: Annotated[
        str,
        typer.Argument(metavar="QUESTION", help="Its name or number; or the id of a problem."),
    ],
    value: Annotated[
        str,
        typer.Argument(
            metavar="VALUE",
            help='"1 = dead, 2 = alive", yes, "leave out", none; '
            'of a problem: missing, accept, "leave out", "= 2018-03-01".',
        ),
    ],
    patients: Annotated[
        str, typer.Option(metavar="ID,...", help="Whose problem; default: of all who have it.")
    ] = "",
    cells: Annotated[str, typer.Option(metavar="CELL,...", help="Or in which cells.")] = "",
    column: Annotated[
        str, typer.Option(help="Which column, where several contradict each other.")
    ] = "",
    by: Annotated[str, typer.Option(help="Who decides about a problem.")] = "",
    why: Annotated[str, typer.Option(help="Why.")] = "",
    quiet: Quiet = False,
) -> None:
    """Answer one open question of the protocol, or settle a problem of single patients."""
    from oncohort.study.answering import answer as write_answer
    from oncohort.study.deciding_answers import decide, is_rule

    messages.quiet = quiet
    if is_rule(question):
        done = decide(
            study,
            question,
            value,
            patients=_parts(patients),
            cells=_parts(cells),
            column=column or None,
            by=by,
            why=why,
        )
        lines = done.lines()
    else:
        lines = write_answer(study, question, value).lines()
    for line in lines:
        put(line)


def _parts(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


@app.command()
def check(
    study: StudyPath,
    format: Annotated[
        CheckFormat | None, typer.Option(help="How to print; default: text, or xlsx with --out.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Where the marked workbook goes (xlsx).")] = None,
    scheduler: StudyScheduler = None,
    quiet: Quiet = False,
) -> None:
    """List every problem of a study's data: exit 0 no errors, 1 errors, 2 cannot read."""
    from oncohort.cli.ahead import begin
    from oncohort.cli.deferred import defer_parts

    messages.quiet = quiet
    if out is not None and format not in (None, CheckFormat.xlsx):
        raise typer.BadParameter("--out is for the marked workbook; text and JSON are printed.")
    begin(study)
    from oncohort.checks.report import marked_workbook, to_json, to_text
    from oncohort.problems import errors
    from oncohort.study.deciding import pasteable
    from oncohort.study.study import read_study

    defer_parts()
    with parts_of(scheduler) as parts, progress("Reading the chart") as now:
        opened = read_study(study, parts=parts)
        now("Checking")
        problems = opened.problems
    if format is CheckFormat.json:
        put_json(to_json(problems, opened.records))
    elif format is CheckFormat.xlsx or out is not None:
        where = marked_workbook(problems, opened.records, study, out or study / "check.xlsx")
        put(f"Marked copy: {where}")
    else:
        put(to_text(problems, opened.records))
        ready = pasteable(problems)
        if ready:
            messages.say(
                "To settle these patients in study.toml, the chart untouched; what is right as it "
                "is, too (or with: oncohort answer STUDY RULE VALUE --by NAME --why REASON):\n"
            )
            put(ready)
    raise typer.Exit(1 if errors(problems) else 0)


@app.command()
def run(
    study: StudyPath,
    out: Annotated[
        Path | None, typer.Option(help="Where results go; default STUDY/results.")
    ] = None,
    only: Annotated[
        str, typer.Option(metavar="NAME,...", help="Only these sections (baseline, survival, ...).")
    ] = "",
    share: Annotated[bool, typer.Option("--share", help="Strip patient ids from all.")] = False,
    scheduler: StudyScheduler = None,
    quiet: Quiet = False,
) -> None:
    """Do the whole job: exit 0 complete, 1 sections left out, 2 nothing written."""
    messages.quiet = quiet
    wanted = tuple(n.strip() for n in only.split(",") if n.strip())
    raise typer.Exit(_run(study, out, wanted, share, scheduler))


@app.command()
def explain(
    study: StudyPath,
    patient: Annotated[str, typer.Argument(metavar="PATIENT", help="The patient's id.")],
    picture: Annotated[
        Path | None, typer.Option(help="Also draw the timeline to this SVG or PNG file.")
    ] = None,
    page: Annotated[
        Path | None, typer.Option(help="Also write everything about the patient to this HTML file.")
    ] = None,
) -> None:
    """Why each call was made for one patient."""
    from oncohort.study.explaining import draw_timeline, write_page
    from oncohort.study.study import read_study

    with progress("Reading the chart"):
        opened = read_study(study)
        text = opened.explain(patient)
    put(text)
    if picture is not None:
        draw_timeline(opened, patient, picture)
        messages.say(f"Timeline: {picture}")
    if page is not None:
        write_page(opened, patient, page)
        messages.say(f"Page: {page}")


@app.command()
def rules(
    rule: Annotated[str | None, typer.Argument(metavar="[RULE]", help="Name of one rule.")] = None,
) -> None:
    """The named checks, and why each matters."""
    from oncohort.checks.report import rules_text

    put(rules_text(rule))


@app.command()
def deidentify(
    study: StudyPath,
    out: Annotated[Path, typer.Option(help="Folder of the copy.")],
    exact_follow_up: Annotated[
        bool,
        typer.Option(
            "--exact-follow-up",
            help="Keep follow-up that ends on the cutoff; it can give dates away.",
        ),
    ] = False,
    quiet: Quiet = False,
) -> None:
    """A copy without identifiers, with dates shifted by patient."""
    from oncohort.study.deidentify import deidentify as copy

    messages.quiet = quiet
    with progress("Shifting dates and leaving out identifiers"):
        done = copy(study, out, exact_follow_up=exact_follow_up)
    for line in done.lines():
        put(line)


@app.command()
def diff(
    old: ResultsPath,
    new: ResultsPath,
) -> None:
    """Which numbers moved: exit 0 none, 1 some."""
    from oncohort.study.comparing import diff as compare

    changes = compare(old, new)
    for change in changes:
        put(str(change))
    messages.say(counted(len(changes), "difference"))
    raise typer.Exit(1 if changes else 0)


@app.command()
def audit(
    paper: Annotated[
        list[Path], typer.Argument(metavar="PAPER...", help="Text, XML, Word, PDF, TOML, folders.")
    ],
    format: Annotated[
        AuditFormat | None, typer.Option(help="How to print; default: as --out ends, else text.")
    ] = None,
    unusual: Annotated[
        bool, typer.Option("--unusual", help="Also show what is legal but worth a look.")
    ] = False,
    reviewer: Annotated[
        bool,
        typer.Option("--reviewer", help="Also list what could not be checked and what to ask for."),
    ] = False,
    timeout: Annotated[float, typer.Option(help="Seconds that one paper may take.")] = 120.0,
    out: Annotated[
        Path | None, typer.Option(help="Write there instead of standard output.")
    ] = None,
    quiet: Quiet = False,
) -> None:
    """Find figures in papers that cannot be true: exit 0 consistent, 1 findings, 2 cannot read."""
    from oncohort import audit as room

    messages.quiet = quiet

    def progress(report: room.AuditReport, done: int, total: int) -> None:
        if total > 1:
            messages.say(f"{done}/{total} {report.source}: {report.summary()}")

    reports = room.audit_many(paper, unusual=unusual, progress=progress, timeout=timeout)
    if not reports:
        messages.fail(room.no_papers(paper))
        raise typer.Exit(2)
    if pages := room.left_out(paper):
        messages.say(pages)
    writers = {"text": room.to_text, "json": room.to_json, "html": room.to_html, "csv": room.to_csv}
    kind = format or (by_ending(out) if out is not None else AuditFormat.text)
    text = writers[kind.value](reports, unusual=unusual, reviewer=reviewer)
    if out is None:
        typer.echo(text, nl=False)
    else:
        room.write_report(out, text)
        messages.say(f"Written: {out}")
    raise typer.Exit(room.exit_code(reports))


app.command()(twin)
app.command(name="app")(browser_app)
app.add_typer(consortium)
app.command()(km)
app.command()(cox)


__all__ = ["app", "problem_lines"]

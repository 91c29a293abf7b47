"""`oncohort consortium`: several hospitals, one answer, and no patient leaves."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from oncohort.cli.messages import messages, put, put_json
from oncohort.regular_files import regular, why

app = typer.Typer(
    name="consortium",
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Several hospitals that share sums, not patients: plan, join, answer, combine, log.",
)

PlanFile = Annotated[Path, typer.Argument(metavar="PLAN", help="consortium.toml.")]
SiteFolder = Annotated[Path, typer.Argument(metavar="SITE", help="Folder of the site.")]
JobFolder = Annotated[Path, typer.Argument(metavar="JOB", help="Folder of the coordinator.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No messages on standard error.")]


@app.command()
def demo(
    directory: Annotated[Path, typer.Argument(metavar="[DIR]", help="Where to write it.")] = Path(
        "hospitals"
    ),
) -> None:
    """Write a plan and the tables of three synthetic hospitals to DIR, to try this with."""
    from oncohort.consortium.demo import PATIENTS, write_demo

    folder = write_demo(directory)
    put(f"Plan: {folder / 'consortium.toml'}")
    for site in PATIENTS:
        put(f"Table: {folder / site}.csv")


@app.command()
def plan(
    file: PlanFile,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="JOB", help="Begin: keys and first requests go there."),
    ] = None,
    quiet: Quiet = False,
) -> None:
    """Coordinator: what a plan asks and what that tells; with --out, begin."""
    from oncohort.consortium.coordinator import start
    from oncohort.consortium.described import plan_lines
    from oncohort.consortium.plan import read_plan

    messages.quiet = quiet
    for line in plan_lines(read_plan(file)):
        put(line)
    if out is None:
        return
    job = start(file, out)
    messages.say(f"A key for each site is in {out / 'keys'}: hand it over by another way.")
    for path in job.requests().values():
        put(f"Request: {path}")


@app.command()
def join(
    site: SiteFolder,
    plan: Annotated[Path, typer.Option("--plan", help="The plan, as you agreed to it.")],
    name: Annotated[str, typer.Option("--name", help="Name of the site in the plan.")],
    key: Annotated[Path, typer.Option("--key", help="The key that the coordinator gave you.")],
    data: Annotated[Path, typer.Option("--data", help="A study, or a table.")],
    time_unit: Annotated[
        str | None, typer.Option("--time-unit", help="Of a table: days, weeks, months, years.")
    ] = None,
    patient: Annotated[
        str, typer.Option("--patient", help="Of a table: the column with the patients.")
    ] = "",
    unit: Annotated[
        str, typer.Option("--unit", metavar="A=UNIT,...", help="Of a table: units of numbers.")
    ] = "",
    quiet: Quiet = False,
) -> None:
    """Site: make its folder (site.toml, plan, key), and read its data once."""
    from pydantic import ValidationError

    from oncohort.consortium.reading import Mapped
    from oncohort.consortium.site import join as make

    messages.quiet = quiet
    told = {"time_unit": time_unit, "patient": patient, "units": _pairs(unit)}
    try:
        mapped = Mapped.model_validate(told)
    except ValidationError as error:
        raise typer.BadParameter(error.errors(include_url=False)[0]["msg"]) from None
    if (site / "site.toml").exists():
        messages.say(f"{site / 'site.toml'} is kept as it is: edit it to change how data are read.")
    made = make(site, plan, name, key, data, mapped)
    put(f"Site {name} of {made.plan.consortium.name}: {site / 'site.toml'}")
    put(f"No number about fewer than {made.minimum} patients; at most {made.queries} answers")
    found = made.data()
    if found.errors:
        put(f"The checks find {found.errors} errors: oncohort check {data}")
        raise typer.Exit(1)
    put("The data can be read as the plan asks.")


def _pairs(text: str) -> dict[str, str]:
    found = [part.partition("=") for part in text.split(",") if part.strip()]
    if any(not mark for _, mark, _ in found):
        raise typer.BadParameter("--unit takes VARIABLE=UNIT, separated by commas")
    return {name.strip(): value.strip() for name, _, value in found}


@app.command()
def answer(
    site: SiteFolder,
    request: Annotated[Path, typer.Argument(metavar="REQUEST", help="The request file.")],
    out: Annotated[
        Path | None, typer.Option("--out", help="Where the answer goes; default beside it.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only show what would leave; nothing is recorded.")
    ] = False,
    quiet: Quiet = False,
) -> None:
    """Site: answer a request file by an answer file, and log what leaves."""
    from oncohort.consortium.ledger import LOG, replace_file
    from oncohort.consortium.sealing import digest
    from oncohort.consortium.site import answer as make
    from oncohort.consortium.site import place_of_answer

    messages.quiet = quiet
    name = request.name.removesuffix(".json").removesuffix(".request") + ".answer.json"
    path = out or request.with_name(name)
    text = _text(request)
    if not dry_run:
        place_of_answer(path)
    with _names(request):
        made = make(site, text, dry=dry_run)
    for line in made.lines:
        put(line)
    if dry_run:
        messages.say("Nothing was recorded and no answer was made. It would hold:")
        put_json(made.body or made.text.rstrip())
        return
    replace_file(path, made.text.encode())
    size = len(made.text.encode())
    put(f"Answer: {path} ({size} bytes, SHA-256 {digest(made.text)[:16]})")
    messages.say(f"On record in {site / LOG}.")


def _text(path: Path) -> str:
    from oncohort.consortium.errors import MessageError

    try:
        return regular(path).read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise MessageError.of(f"{path}: {why(error)}") from None


@contextmanager
def _names(path: Path) -> Iterator[None]:
    """What is wrong with a message is told with its file."""
    from oncohort.consortium.errors import AgreementError, MessageError, ReplayError, SealError

    try:
        yield
    except (AgreementError, MessageError, ReplayError, SealError) as error:
        places = [replace(p.place, file=p.place.file or str(path)) for p in error.problems]
        found = [replace(p, place=at) for p, at in zip(error.problems, places, strict=True)]
        raise type(error)("", found) from None


@app.command()
def combine(
    job: JobFolder,
    answers: Annotated[
        list[Path] | None, typer.Argument(metavar="ANSWER...", help="Answer files of the sites.")
    ] = None,
    quiet: Quiet = False,
) -> None:
    """Coordinator: take answers; exit 0 with results or the next requests, 1 while some lack.

    Answers that the round's folder holds already need not be named; that they are used is said.
    """
    from oncohort.consortium.conversation import Combined
    from oncohort.consortium.coordinator import combine as go_on
    from oncohort.consortium.coordinator import open_job, take

    messages.quiet = quiet
    opened = open_job(job)
    taken = []
    for path in answers or []:
        with _names(path):
            taken.append(take(opened, _text(path)))
    for name in taken:
        messages.say(f"Taken: {name}")
    waiting = opened.waiting()
    there = [s for s in opened.plan.sites if s not in taken and s not in waiting]
    if taken and there:
        put(f"Also used, since {opened.present} holds them: the answers of {', '.join(there)}")
    if waiting:
        put(f"Round {opened.sequence} waits for {', '.join(waiting)}")
        raise typer.Exit(1)
    found = go_on(opened)
    if isinstance(found, Combined):
        put(repr(found))
        messages.say(f"Results: {job / 'results.json'}, {job / 'results.txt'}")
        return
    for path in found.requests().values():
        put(f"Request: {path}")


@app.command()
def log(site: SiteFolder) -> None:
    """Site: every message that left it, with its size and what was in it."""
    from oncohort.consortium.ledger import LOG, read_ledger
    from oncohort.consortium.site import open_site

    opened = open_site(site)
    found = read_ledger(site)
    path = site / LOG
    put(path.read_text("utf-8", "replace").rstrip() if path.exists() else "Nothing has left.")
    put(f"{found.spent} of {opened.queries} answers given")


@app.command()
def rehearse(
    plan: PlanFile,
    sites: Annotated[
        list[str],
        typer.Option("--site", metavar="NAME=FOLDER", help="A site's folder; once for each site."),
    ],
    job: Annotated[Path, typer.Option("--out", metavar="JOB", help="Folder of the coordinator.")],
    quiet: Quiet = False,
) -> None:
    """All sites on this machine: the whole conversation at once, to try a plan."""
    from oncohort.consortium.coordinator import drive, open_job, start
    from oncohort.consortium.site import answer as make

    messages.quiet = quiet
    folders = {name: Path(folder) for name, _, folder in (s.partition("=") for s in sites)}
    opened = open_job(job) if (job / "session.json").exists() else start(plan, job)

    def ask(requests: dict[str, str]) -> dict[str, str]:
        return {s: make(folders[s], text).text for s, text in requests.items() if s in folders}

    put(repr(drive(opened, ask)))  # type: ignore[arg-type]

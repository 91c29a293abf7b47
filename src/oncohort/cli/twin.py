"""`oncohort twin`: published figures in, folders with synthetic cohorts out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from oncohort.cli.talk import talk


def twin(
    figures: Annotated[
        Path, typer.Argument(metavar="FIGURES.toml", help="Published figures as TOML.")
    ],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where the twin goes.")],
    seed: Annotated[int, typer.Option(help="Of all random numbers.")] = 1,
    count: Annotated[int, typer.Option(min=1, help="So many different twins.")] = 1,
    time_budget: Annotated[
        float,
        typer.Option("--time-budget", min=0, metavar="SECONDS", help="For each twin's search."),
    ] = 120.0,
    tries: Annotated[int, typer.Option(min=1, help="Tries of the search at most.")] = 60,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="No talk on standard error.")
    ] = False,
) -> None:
    """Make synthetic patients with a paper's figures: exit 0 all met, 1 some not, 2 unreadable.

    Stopped (Ctrl-C or time), it goes on from its best cohort when run again with the same figures.
    """
    from oncohort.twin.job import run_twins

    talk.quiet = quiet
    worst = 0
    for twin, folder in run_twins(
        figures,
        out,
        seed=seed,
        count=count,
        time_budget=time_budget,
        tries=tries,
        progress=talk.say,
    ):
        certificate = twin.certificate
        typer.echo(f"{folder}: {certificate.summary()}")
        for line in certificate.lines:
            if line.state in ("impossible", "missed"):
                value = "" if line.value is None else f", twin {line.value:.4g}"
                typer.echo(f"  {line.state}: {line.words}: printed {line.printed}{value}")
        worst = max(worst, int(certificate.count("met") < len(certificate.lines)))
    raise typer.Exit(worst)

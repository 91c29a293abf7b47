"""`oncohort km` and `oncohort cox`: their options."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from oncohort.cli.messages import put

_COLUMN = {"metavar": "COLUMN"}
Time = Annotated[str, typer.Option("--time", help="Column with the time.", **_COLUMN)]
Event = Annotated[str, typer.Option("--event", help="Column with the event.", **_COLUMN)]
EventValue = Annotated[
    str, typer.Option("--event-value", help="The value that means that the event happened.")
]
Entry = Annotated[
    str | None, typer.Option("--entry", help="Column with the entry time.", **_COLUMN)
]
Weights = Annotated[
    str | None, typer.Option("--weights", help="Column with case weights.", **_COLUMN)
]
Level = Annotated[float, typer.Option("--level", help="Of the intervals.")]
Robust = Annotated[
    bool | None,
    typer.Option(
        "--robust/--no-robust", help="Robust variance; by default where weights are not whole."
    ),
]
SheetName = Annotated[str | None, typer.Option("--sheet", help="Sheet of a workbook.")]
Scheduler = Annotated[
    str | None,
    typer.Option(
        "--scheduler",
        metavar="ADDRESS",
        help="Parquet on Dask workers: an address, local, or local:N for N processes here.",
    ),
]
Table = Annotated[
    Path,
    typer.Argument(
        metavar="FILE",
        help="Excel, CSV, Parquet, SPSS, Stata or SAS; or a folder of Parquet files (partitioned "
        "ones too), or a quoted pattern of them.",
    ),
]
Strata = Annotated[
    str | None,
    typer.Option("--strata", help="Column with strata (of the test, of the model).", **_COLUMN),
]


Groups = Annotated[str | None, typer.Option("--by", help="Column with the groups.", **_COLUMN)]
Interval = Annotated[
    str, typer.Option("--interval", help="Scale: log-log, log, plain, logit or arcsine.")
]
Times = Annotated[
    str, typer.Option("--times", metavar="T,T,...", help="Also the curve at these times.")
]
Quantiles = Annotated[
    str,
    typer.Option(
        "--quantiles", metavar="P,P,...", help="Also when these shares had the event (0.25)."
    ),
]
Censored = Annotated[
    str | None,
    typer.Option(
        "--censored",
        metavar="VALUE",
        help="The value that means censored; all others of the event's column compete "
        "(cumulative incidence).",
    ),
]


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _numbers(text: str, option: str) -> list[float]:
    try:
        return [float(part) for part in _listed(text)]
    except ValueError:
        raise typer.BadParameter(f"{option} takes numbers separated by commas") from None


def _references(text: str) -> dict[str, str]:
    pairs = [part.partition("=") for part in _listed(text)]
    if any(not mark for _, mark, _ in pairs):
        raise typer.BadParameter("--reference takes COLUMN=LEVEL, separated by commas")
    return {name.strip(): level.strip() for name, _, level in pairs}


def in_parts(path: Path) -> bool:
    """A folder or a pattern of files, instead of one file."""
    return path.is_dir() or (not path.exists() and any(c in str(path) for c in "*?["))


def km(
    file: Table,
    time: Time,
    event: Event,
    event_value: EventValue,
    entry: Entry = None,
    by: Groups = None,
    strata: Strata = None,
    weights: Weights = None,
    level: Level = 0.95,
    interval: Interval = "log-log",
    times: Times = "",
    quantiles: Quantiles = "",
    censored: Censored = None,
    robust: Robust = None,
    sheet: SheetName = None,
    scheduler: Scheduler = None,
) -> None:
    """Kaplan-Meier of a table, with tests between groups; or cumulative incidence."""
    from oncohort.cli.tables import Ends, KmOptions, incidence_text, km_text

    ends = Ends(time, event, event_value, entry, weights, sheet)
    asked = KmOptions(
        by,
        strata,
        level,
        interval,
        tuple(_numbers(times, "--times")),
        tuple(_numbers(quantiles, "--quantiles")),
        censored,
        robust,
    )
    if censored is not None and (strata or quantiles):
        raise typer.BadParameter("--strata and --quantiles go without --censored")
    if scheduler is not None or in_parts(file):
        from oncohort.cli.scaled import km_scaled

        put(km_scaled(file, ends, scheduler, asked))
    else:
        put((km_text if censored is None else incidence_text)(file, ends, asked))


def cox(
    file: Table,
    time: Time,
    event: Event,
    event_value: EventValue,
    covariates: Annotated[
        str, typer.Option("--covariates", metavar="A,B,...", help="Columns of the model.")
    ],
    entry: Entry = None,
    strata: Strata = None,
    weights: Weights = None,
    ties: Annotated[str, typer.Option(help="efron, breslow, exact or marginal.")] = "efron",
    level: Level = 0.95,
    interval: Annotated[str, typer.Option("--interval", help="wald, profile or score.")] = "wald",
    cluster: Annotated[
        str | None,
        typer.Option("--cluster", help="Column whose rows belong together.", **_COLUMN),
    ] = None,
    robust: Robust = None,
    firth: Annotated[
        bool, typer.Option("--firth", help="Firth's penalty: finite ratios under separation.")
    ] = False,
    reference: Annotated[
        str,
        typer.Option("--reference", metavar="A=LEVEL,...", help="Reference levels of factors."),
    ] = "",
    factor: Annotated[
        str,
        typer.Option("--factor", metavar="A,B,...", help="Columns of numbers that are categories."),
    ] = "",
    transform: Annotated[
        str | None,
        typer.Option("--ph", metavar="KM", help="Test proportional hazards: km, rank, log, ..."),
    ] = None,
    sheet: SheetName = None,
    scheduler: Scheduler = None,
) -> None:
    """Cox regression of a table."""
    from oncohort.cli.tables import CoxOptions, Ends, cox_text
    from oncohort.records.table_file import Coding

    ends = Ends(time, event, event_value, entry, weights, sheet)
    options = CoxOptions(ties, level, interval, firth, robust, strata, cluster, transform)
    if scheduler is not None or in_parts(file):
        from oncohort.cli.scaled import cox_scaled

        if factor or reference:
            raise typer.BadParameter("--factor and --reference are for one file in this process")
        put(cox_scaled(file, ends, scheduler, _listed(covariates), options))
        return
    coding = Coding(frozenset(_listed(factor)), _references(reference))
    put(cox_text(file, ends, _listed(covariates), options, coding))

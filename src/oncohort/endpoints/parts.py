"""An endpoint of several pairs of time and event columns: the first event of any pair."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from oncohort.endpoints.reduced import endpoint_of


def first_of(
    parts: Mapping[str, pl.DataFrame],
    *,
    competing: Sequence[str] = (),
    followed: str | None = None,
) -> tuple[pl.DataFrame, int]:
    """The first event of several endpoints, in the shape of :func:`derive`.

    Parameters
    ----------
    parts
        Key of a part to its frame from :func:`reduced`, all with the same patients; on one day an
        event counts before a competing one.
    competing
        Parts that are competing events.
    followed
        How long a patient is followed where the times of parts without an event end before the
        first event, or at different times: the ``shortest`` or the ``longest`` of them.

    Returns
    -------
    endpoint : DataFrame
        A patient without a time in one of the parts has none.
    apart : int
        Patients for whom `followed` decides.

    Examples
    --------
    >>> def part(times, events):
    ...     rows = {"patient": ["1", "2"], "time": times, "event": events, "source_row": [2, 3]}
    ...     return pl.DataFrame(rows)
    >>> relapse, death = part([3.0, 5.0], [True, False]), part([8.0, 9.0], [True, True])
    >>> both = {"relapse": relapse, "death": death}
    >>> frame, apart = first_of(both, competing=["death"], followed="longest")
    >>> frame.select("time", "event", "kind").rows(), apart
    ([(3.0, True, None), (9.0, False, 'death')], 1)
    """
    keys = list(parts)
    table = parts[keys[0]].select("patient", "source_row")
    for key in keys:
        columns = parts[key].select(
            "patient", pl.col("time").alias(f"t.{key}"), pl.col("event").alias(f"e.{key}")
        )
        table = table.join(columns, on="patient", how="left", maintain_order="left")
    timed = pl.all_horizontal(*(pl.col(f"t.{k}").is_not_null() for k in keys))
    happened = pl.min_horizontal(*(pl.when(f"e.{k}").then(pl.col(f"t.{k}")) for k in keys))
    watched = [pl.when(~pl.col(f"e.{k}")).then(pl.col(f"t.{k}")) for k in keys]
    table = table.with_columns(
        timed=timed,
        at=happened,
        least=pl.min_horizontal(*watched),
        most=pl.max_horizontal(*watched),
    )
    early = (pl.col("least") < pl.col("at")).fill_null(False)
    differ = pl.col("at").is_null() & (pl.col("least") < pl.col("most")).fill_null(False)
    apart = table.filter("timed", early | differ).height
    shortest = followed != "longest"
    stopped = early if shortest else pl.lit(False)
    end = pl.col("least" if shortest else "most")
    what: pl.Expr = pl.lit(None, dtype=pl.String)
    for key in sorted(keys, key=lambda k: k not in competing):
        meant = key if key in competing else "event"
        own = pl.col(f"e.{key}") & (pl.col(f"t.{key}") == pl.col("at"))
        what = pl.when(own).then(pl.lit(meant)).otherwise(what)
    out = table.select(
        "patient",
        time=pl.when("timed").then(
            pl.when(pl.col("at").is_null() | stopped).then(end).otherwise("at")
        ),
        first=pl.when(pl.col("timed") & ~stopped & pl.col("at").is_not_null()).then(what),
        source_row="source_row",
    )
    return endpoint_of(out), apart

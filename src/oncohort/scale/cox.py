"""Cox regression of Parquet files: in memory if they fit, else from disk, or on workers."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from oncohort.dataclass import dataclass
from oncohort.problems import OncohortWarning
from oncohort.scale.blocks import (
    Block,
    Chain,
    evaluate,
    evaluate_timed,
    exposures,
    goes_on,
    increments,
    score_products,
    score_residuals,
    tail_sums,
)
from oncohort.scale.external import Spilled, spill
from oncohort.scale.files import Chunk, chunks
from oncohort.scale.fitting import check_events, fit_partitions, missing_rows
from oncohort.scale.memory import available
from oncohort.scale.parquet import Columns, Known, known, raw_of, survey
from oncohort.scale.proportional import Ends, check_transform
from oncohort.scale.result import Baseline, ScaledCox
from oncohort.scale.sums import Floats, Ints
from oncohort.stats import engine
from oncohort.stats._cox.terms import Terms
from oncohort.stats.errors import InputError
from oncohort.whole_folders import working_folder

if TYPE_CHECKING:
    from distributed import Client

    from oncohort.stats._cox.result import ChiSquared, CoxResult

Progress = Callable[[str], None]

ROWS = 500_000
"""Rows of a partition."""
BLOCK_ROWS = 250_000
"""Rows of a block on disk."""


def cox(
    path: str | Path,
    *,
    time: str,
    event: str,
    covariates: Sequence[str],
    entry: str | None = None,
    strata: str | None = None,
    weights: str | None = None,
    cluster: str | None = None,
    robust: bool | None = None,
    event_value: object = None,
    ties: str = "efron",
    level: float = 0.95,
    rows: int | None = None,
    memory: int | None = None,
    transform: str | None = None,
    client: Client | None = None,
    progress: Progress | None = None,
) -> ScaledCox:
    """Cox regression on a Parquet file (a folder or a pattern of files) of any size.

    Files that fit in memory are read into it. Others are sorted by time once, into files in the
    temporary folder (``TMPDIR``; removed afterwards); then each evaluation reads them once. In
    memory are the key columns (time, event, ...) and the covariates of a few partitions.

    Parameters
    ----------
    path
        Parquet file, folder, or a pattern (``cohort/*.parquet``).
    time, event, covariates, entry, strata, weights, cluster
        Column names; `cluster` asks for the robust variance by its levels.
    robust
        Use the robust variance; by default where there is a cluster, or weights are not whole.
    event_value
        Code of `event` that means the event; by default it is bool or 0/1.
    rows
        Rows per partition; by default 500,000, and from disk 250,000.
    memory
        Bytes that may be used; by default half of what is free.
    transform
        Of time ("km", "rank", "identity", "log"): also test proportional hazards, by
        :func:`oncohort.stats.ph_test`.
    client
        A Dask client: the rows are read, and stay, on its workers (see :mod:`.dask`).
    progress
        Called with a line of words before each pass over the data.

    Raises
    ------
    TimeError, EntryError, EventCodingError, WeightError, NoEventsError, InputError
        As :func:`oncohort.stats.cox`; each names the file and its rows.

    Notes
    -----
    The numbers are those of :func:`oncohort.stats.cox` to rounding, whatever the partitions.
    """
    check_choices(ties, level)
    check_transform(transform)
    if robust is False and cluster is not None:
        raise InputError("cluster asks for the robust variance; robust=False contradicts it")
    columns = Columns(
        time, event, tuple(covariates), entry, strata, weights, cluster, event_value, robust
    )
    report = progress or (lambda _: None)
    found = chunks(str(path), ROWS if rows is None else rows)
    if client is not None:
        from oncohort.scale.dask import cox_on_workers

        return cox_on_workers(
            client, found, columns, ties=ties, level=level, report=report, transform=transform
        )
    n = sum(c.rows for c in found)
    need = 8 * n * (3 * len(columns.covariates) + 12)
    if need <= (available() // 2 if memory is None else memory):
        return _in_memory(found, columns, ties, level, report, transform)
    return _from_disk(found, columns, ties, level, rows or BLOCK_ROWS, report, transform)


def check_choices(ties: str, level: float) -> None:
    """What can be fitted from sums."""
    if ties not in ("efron", "breslow"):
        raise InputError(f"ties must be efron or breslow, not {ties!r}")
    if not 0 < level < 1:
        raise InputError(f"level must lie between 0 and 1, it is {level}")


def _in_memory(
    found: Sequence[Chunk],
    columns: Columns,
    ties: str,
    level: float,
    report: Progress,
    transform: str | None,
) -> ScaledCox:
    """All rows at once, by :func:`oncohort.stats.cox`."""
    from oncohort.stats.cox import cox as fit

    report("reading everything into memory")
    x = np.empty((sum(c.rows for c in found), len(columns.covariates)))
    n, left_out, keys = 0, 0, []
    for chunk in found:
        raw = raw_of(chunk, columns, x[n:])
        n += len(raw.time)
        left_out += raw.left_out
        keys.append(raw.without_x())
        del raw
    x = x[:n]

    def joint(name: str) -> Any:
        parts = [getattr(raw, name) for raw in keys]
        if parts[0] is None:
            return None
        return pl.concat(parts) if isinstance(parts[0], pl.Series) else np.concatenate(parts)

    check_events(sum(int(np.count_nonzero(raw.event)) for raw in keys), columns)
    roles = {"entry": "entry", "strata": "strata", "weights": "weight", "cluster": "cluster"}
    more = {role: joint(name) for role, name in roles.items()}
    report("fitting")
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore", OncohortWarning)
        result = fit(
            joint("time"),
            joint("event"),
            x,
            ties=ties,
            level=level,
            names=columns.covariates,
            robust=columns.robust,
            **more,
        )
    return _of_result(result, columns, left_out, len(found), transform)


def _of_result(
    result: CoxResult, columns: Columns, left_out: int, partitions: int, transform: str | None
) -> ScaledCox:
    from oncohort.stats.ph_test import ph_test

    proportional: tuple[ChiSquared, ...] = ()
    if transform is not None:
        tested = ph_test(result, transform)
        proportional = (*tested.terms, tested.overall)
    model = result.model
    d = model.design
    jumps = engine.hazard_increments(d, model.beta)
    labels = model.data.strata_labels if columns.strata else ()
    return ScaledCox(
        names=result.names,
        coef=result.coef,
        covariance=result.covariance,
        naive_covariance=result.naive_covariance,
        loglik_null=result.loglik_null,
        loglik=result.loglik,
        n=result.n,
        events=result.events,
        partitions=partitions,
        iterations=result.iterations,
        converged=result.converged,
        ties=model.ties,
        level=result.level,
        center=d.center,
        baseline=Baseline.of(d.stratum, d.times, jumps, labels),
        where="in memory",
        robust=result.robust,
        by_cluster=columns.cluster is not None,
        left_out=missing_rows(left_out),
        transform=transform or "",
        proportional=proportional,
    )


def _from_disk(
    found: Sequence[Chunk],
    columns: Columns,
    ties: str,
    level: float,
    rows: int,
    report: Progress,
    transform: str | None,
) -> ScaledCox:
    report("reading keys and means")
    keys, surveys = [], []
    memory = np.empty((max(c.rows for c in found), len(columns.covariates)))
    for chunk in found:
        raw = raw_of(chunk, columns, memory)
        surveys.append(survey(raw))
        keys.append(raw.without_x())
        del raw
    all_of = known(surveys, columns)
    del surveys
    check_events(all_of.events, columns)
    ends = Ends.together([Ends.of(raw, all_of) for raw in keys]) if transform else None
    with working_folder() as folder:
        report("sorting by time")
        spilled = spill(
            found, columns, keys, all_of, folder, memory, rows=rows, efron=ties == "efron"
        )
        del keys, memory
        return fit_partitions(
            OnDisk(spilled, all_of, report),
            all_of,
            columns,
            ties=ties,
            level=level,
            partitions=len(found),
            where=f"from disk in {len(spilled.layouts)} blocks",
            transform=transform,
            ends=ends,
        )


@dataclass(slots=True)
class OnDisk:
    """Blocks in files, read once per evaluation."""

    spilled: Spilled
    all_of: Known
    report: Progress
    evaluations: int = 0

    def terms(self, beta: Floats) -> Terms:
        """Log-likelihood, score and information."""
        self.evaluations += 1
        self.report(f"evaluation {self.evaluations}")
        chain = Chain.start(self.spilled.p)
        for block in self.spilled.blocks():
            chain.add(evaluate(block, beta, chain.before(block.layout.first)))
        return chain.terms

    def timed(self, beta: Floats, at: Floats, value: Floats) -> Terms:
        """Score and information in which each event time counts with a factor."""
        self.report("proportional hazards")
        chain = Chain.start(self.spilled.p)
        for block in self.spilled.blocks():
            before = chain.before(block.layout.first)
            chain.add(evaluate_timed(block, beta, before, at=at, value=value))
        return chain.terms

    def _walk(self, beta: Floats) -> Iterator[tuple[Block, Floats | None]]:
        """Each block with the sums of the rows before it."""
        sums: Floats | None = None
        last: int | None = None
        for block in self.spilled.blocks():
            layout = block.layout
            before = sums if goes_on(last, layout.first) else None
            yield block, before
            tail = tail_sums(block, beta)
            sums = tail if before is None or layout.first != layout.last else tail + before
            last = layout.last

    def baseline(self, beta: Floats) -> tuple[Ints, Floats, Floats]:
        """Stratum, time and hazard increment of each event time."""
        self.report("baseline hazard")
        found = [increments(block, beta, before) for block, before in self._walk(beta)]
        return (
            np.concatenate([f.stratum for f in found]),
            np.concatenate([f.time for f in found]),
            np.concatenate([f.hazard for f in found]),
        )

    def cluster_scores(self, beta: Floats) -> Floats:
        """``(clusters, p)`` sums of weighted score residuals."""
        out = np.zeros((self.all_of.groups, self.spilled.p))
        for block, before, exposed in self._exposed(beta):
            codes, sums = score_residuals(block, beta, before, exposed)
            out[codes] += sums
        return out

    def score_products(self, beta: Floats) -> Floats:
        """``(p, p)`` sum over the rows of the products of weighted score residuals."""
        out = np.zeros((self.spilled.p, self.spilled.p))
        for block, before, exposed in self._exposed(beta):
            out += score_products(block, beta, before, exposed)
        return out

    def _exposed(self, beta: Floats) -> Iterator[tuple[Block, Floats | None, tuple[float, Floats]]]:
        """Each block with the sums of the rows before it, and the hazard after it."""
        self.report("score residuals")
        heads = []
        for block, before in self._walk(beta):
            found = increments(block, beta, before, drift=True)
            heads.append((found.head, found.drift))
        after = exposures(heads, [(b.first, b.last) for b in self.spilled.layouts])
        for (block, before), exposed in zip(self._walk(beta), after, strict=True):
            yield block, before, exposed

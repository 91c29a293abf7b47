"""Dask's workers: connected, checked, given tasks, and asked for counts."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from oncohort.processes import safe_workers
from oncohort.scale.files import Chunk
from oncohort.scale.tables import Counted, Roles, count_chunk, merge
from oncohort.stats.errors import InputError

if TYPE_CHECKING:
    from distributed import Client, Future


OF_WORKERS = {
    "POLARS_MAX_THREADS": 1,
    "POLARS_THP": 1,
    "MALLOC_MMAP_THRESHOLD_": 1 << 22,
    "MALLOC_TRIM_THRESHOLD_": 1 << 26,
}
"""Environment of workers started here: one thread each, large pages, small ones used again."""
QUIET = {
    "distributed.admin.log-format": "%(message)s",
    "distributed.admin.system-monitor.interval": "5s",
    "distributed.admin.tick.interval": "500ms",
    "distributed.worker.profile.enabled": False,
}
"""Settings of Dask's processes started here: nobody looks at their dashboard or stacks."""


@contextmanager
def connect(where: str, *, seconds: float = 10.0) -> Iterator[Client]:
    """A client of the scheduler at an address, or of workers started here.

    Parameters
    ----------
    where
        ``local``, ``local:4`` (processes on this machine), or an address such as
        ``tcp://10.0.0.1:8786``.
    seconds
        How long a scheduler has time to answer.

    Raises
    ------
    InputError
        Dask is not installed, the scheduler does not answer, or its workers run other versions.
    """
    try:
        import distributed
    except ImportError as error:
        raise InputError("a scheduler needs Dask: pip install 'oncohort[dask]'") from error
    name, _, count = where.partition(":")
    if name == "local":
        if count and not (count.isdigit() and int(count) > 0):
            raise InputError(f"local:N needs a number of workers from 1, not {count!r}")
        import dask

        with (
            safe_workers(),
            dask.config.set(QUIET),
            dask.config.set(
                {f"distributed.nanny.pre-spawn-environ.{k}": v for k, v in OF_WORKERS.items()}
            ),
            distributed.LocalCluster(
                n_workers=int(count) if count else None,
                threads_per_worker=1,
                dashboard_address="127.0.0.1:0",
                silence_logs=50,
            ) as cluster,
            distributed.Client(cluster) as client,
        ):
            yield client
        return
    try:
        client = distributed.Client(where, timeout=seconds)
    except (OSError, TimeoutError, ValueError) as error:
        raise InputError(f"no scheduler answers at {where}: {error}") from error
    with client:
        yield client


def _identity() -> tuple[str, str, str]:
    """What has to be the same on every worker for the numbers to be."""
    import oncohort

    return oncohort.__version__, f"{sys.version_info[0]}.{sys.version_info[1]}", np.__version__


def check_workers(client: Client) -> int:
    """Number of threads of the cluster.

    Raises
    ------
    InputError
        There are no workers, or one has other versions than this process.
    """
    wanted = _identity()
    try:
        found: dict[str, object] = client.run(_identity, on_error="return")
    except OSError as error:
        raise InputError(f"the scheduler does not answer: {error}") from error
    if not found:
        raise InputError("the scheduler has no workers")
    for address, versions in found.items():
        if versions != wanted:
            raise InputError(
                f"worker {address} has other versions of oncohort, Python and numpy than this "
                f"process: {_listed(versions)} there, {_listed(wanted)} here"
            )
    return max(sum(int(n) for n in client.nthreads().values()), 1)


def _listed(versions: object) -> str:
    """What a worker says of itself, which may be anything."""
    return ", ".join(map(str, versions)) if isinstance(versions, list | tuple) else str(versions)


def each(
    client: Client, function: Callable[..., object], *items: Sequence[object], **same: object
) -> Any:
    """A future of the function for each of the items."""
    return client.map(function, *items, pure=False, **same)


def _given(value: object) -> object:
    return value


def sent(client: Client, value: object) -> Future:
    """A value as a task that gives it: scattered data are lost with the worker that holds them."""
    return submitted(client, _given, value)


def submitted(client: Client, function: Callable[..., object], *values: object) -> Future:
    """A future of the function of values that travel with it, however large they are.

    Dask would warn of a large graph, and tell to load the data where they are used.
    """
    import dask

    with dask.config.set({"distributed.admin.large-graph-warning-threshold": "1TB"}):
        return client.submit(function, *values, pure=False)


def gathered(client: Client, futures: Sequence[object]) -> list[Any]:
    """Results, or the error of the first task in their order that failed."""
    from distributed import KilledWorker
    from distributed.client import FutureCancelledError

    try:
        return list(client.gather(list(futures)))
    except InputError:
        for future in futures:  # whichever was told first: the same error each time
            if (error := future.exception()) is not None:  # type: ignore[attr-defined]
                raise error from None
        raise
    except KilledWorker as error:
        raise InputError(
            f"a task brought down every worker that tried it ({error}); they may lack memory: "
            "use fewer rows per partition or larger workers"
        ) from error
    except RuntimeError as error:
        if "deserialization" not in str(error):
            raise
        raise InputError(
            "the scheduler can't read the tasks: it needs the same oncohort, Python and numpy"
        ) from error
    except (FutureCancelledError, OSError, TimeoutError) as error:
        raise InputError(f"the scheduler was lost before the answer was there: {error}") from error


def answers(
    client: Client, function: Callable[..., object], *items: Sequence[object], **same: object
) -> list[Any]:
    """What the function gives for each of the items, from the workers."""
    return gathered(client, each(client, function, *items, **same))


def piece(parts: Sequence[object], k: int) -> object:
    """One of the parts that a task gave."""
    return parts[k]


def added(
    client: Client, futures: Sequence[object], add: Callable[..., object], few: int
) -> object:
    """A future of the sum, added up on the workers a few at a time, always in the same order."""
    parts = list(futures)
    while len(parts) > 1:
        groups = [parts[i : i + few] for i in range(0, len(parts), few)]
        parts = [client.submit(add, *g, pure=False) if len(g) > 1 else g[0] for g in groups]
    return parts[0]


def counts_on_workers(client: Client, found: Sequence[Chunk], roles: Roles) -> Counted:
    """Counts of all chunks, added up on the workers in pairs."""
    check_workers(client)
    counted = added(client, each(client, count_chunk, found, roles=roles), _merged, 2)
    return merge(gathered(client, [counted]))


def _merged(*parts: Counted) -> Counted:
    return merge(parts)

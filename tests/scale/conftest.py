"""A Dask cluster of two workers on this machine, for the tests of this room."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest


@pytest.fixture(scope="session")
def client() -> Iterator[Any]:
    """A client of two worker processes with one thread each."""
    distributed = pytest.importorskip(
        "distributed", reason="Dask's distributed (the extra oncohort[dask]) is not installed"
    )
    with (
        distributed.LocalCluster(
            n_workers=2,
            threads_per_worker=1,
            dashboard_address=None,
            silence_logs=50,
            memory_limit="1GiB",
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client

"""Synthetic cohorts for the tests of this room."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl

ROLES = {"entry": "entry", "strata": "site", "weights": "w", "cluster": "ward"}


def cohort(n: int = 3000, grid: float = 20.0, seed: int = 0) -> pl.DataFrame:
    """Rows with times in steps of ``1 / grid`` (0: continuous) and every role a column can have."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 3))
    time = rng.exponential(np.exp(-x @ [0.3, -0.2, 0.0]))
    time = np.ceil(time * grid) if grid else time
    return pl.DataFrame(
        {
            "time": time,
            "event": rng.random(n) < 0.6,
            "type": np.where(rng.random(n) < 0.4, 0, rng.integers(1, 3, n)),
            "entry": time * rng.random(n) * 0.9,
            "site": rng.integers(0, 4, n).astype(str),
            "ward": rng.integers(0, 50, n),
            "arm": rng.integers(0, 3, n),
            "w": rng.uniform(0.5, 2, n),
            "copies": rng.integers(1, 4, n),
            "a": x[:, 0] * 3 + 50,
            "b": x[:, 1],
            "c": x[:, 2],
        }
    )


def write(data: pl.DataFrame, folder: Path, edges: list[int] | None = None) -> Path:
    """One file, or one for each run of rows between `edges`; the folder."""
    folder.mkdir(exist_ok=True)
    cuts = [0, *(edges or []), data.height]
    for i, (a, b) in enumerate(pairwise(cuts)):
        data[a:b].write_parquet(folder / f"part{i:03}.parquet", row_group_size=700)
    return folder

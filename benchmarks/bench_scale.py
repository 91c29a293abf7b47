"""Cox from Parquet, rows x 20: from disk, in memory, on Dask workers, with peak memory.

``python benchmarks/bench_scale.py [rows] [--kind months|continuous] [--workers 2]``: writes the
files to the temporary folder, fits in fresh processes, reports processor seconds and peak resident
memory; of workers, those of each.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np


def write(path: Path, n: int, kind: str) -> None:
    """Files of a million rows each."""
    import polars as pl

    rng = np.random.default_rng(1)
    beta = rng.normal(size=20) * 0.15
    for i, start in enumerate(range(0, n, 1_000_000)):
        m = min(1_000_000, n - start)
        x = rng.normal(size=(m, 20))
        t, limit = rng.exponential(900 * np.exp(-x @ beta)), rng.exponential(1350, m)
        event, t = t <= limit, np.minimum(t, limit)
        if kind == "months":
            t = np.ceil(t / 30.4375)
        columns = {f"x{j}": x[:, j] for j in range(20)}
        pl.DataFrame({"time": t, "event": event, **columns}).write_parquet(
            path / f"part{i:03}.parquet", compression="lz4", statistics=False
        )


def fit(path: Path, memory: int) -> None:
    """One fit; a line with seconds, memory and the first coefficients."""
    from oncohort import scale

    begin = time.process_time()
    result = scale.cox(
        path / "*.parquet",
        time="time",
        event="event",
        covariates=[f"x{j}" for j in range(20)],
        memory=memory,
        progress=lambda words: print(f"  {time.process_time() - begin:7.1f} s {words}"),
    )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"{result.method}: {time.process_time() - begin:.1f} s, peak {peak:.2f} GiB")
    print("first coefficients", result.coef[:3], "standard errors", result.se[:3])


def fit_on_workers(path: Path, workers: int) -> None:
    """One fit on processes of this machine; what each of them took."""
    from oncohort import scale

    with scale.connect(f"local:{workers}") as client:
        client.wait_for_workers(workers)
        client.run(_imported)
        before = client.run(_used)
        begin, mine = time.perf_counter(), time.process_time()
        result = scale.cox(
            path / "*.parquet",
            time="time",
            event="event",
            covariates=[f"x{j}" for j in range(20)],
            client=client,
        )
        wall, driver = time.perf_counter() - begin, time.process_time() - mine
        after = client.run(_used)
    each = [f"{after[w][0] - before[w][0]:.1f} s, {after[w][1]:.2f} GiB" for w in after]
    print(f"{result.method}: wall {wall:.1f} s, driver {driver:.1f} s; workers {'; '.join(each)}")
    print("first coefficients", result.coef[:3], "standard errors", result.se[:3])


def _imported() -> None:
    """What a fit imports, as in the other processes before the clock starts."""
    from oncohort.scale import cox, dask  # noqa: F401


def _used() -> tuple[float, float]:
    """Processor seconds and peak memory of this process."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    return time.process_time(), peak


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows", type=int, nargs="?", default=10_000_000)
    parser.add_argument("--kind", default="continuous", choices=["months", "continuous"])
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--memory", type=int, default=0)
    parser.add_argument("--workers", type=int, default=0)
    options = parser.parse_args()
    if options.folder and options.workers:
        fit_on_workers(options.folder, options.workers)
        return
    if options.folder:
        fit(options.folder, options.memory)
        return
    with tempfile.TemporaryDirectory() as name:
        write(Path(name), options.rows, options.kind)
        for memory in ("0", str(2**60)):
            command = [sys.executable, __file__, "--folder", name, "--memory", memory]
            subprocess.run(command, check=True)
        if options.workers:
            command = [sys.executable, __file__, "--folder", name]
            subprocess.run([*command, "--workers", str(options.workers)], check=True)


if __name__ == "__main__":
    main()

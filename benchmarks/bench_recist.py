"""Time RECIST 1.1 on a large synthetic cohort: 100,000 patients, 8 visits, 3 lesions each.

Run: ``python benchmarks/bench_recist.py [patients]``
"""

from __future__ import annotations

import sys
import time
from datetime import date

import numpy as np
import polars as pl

from oncohort.criteria import recist


def cohort(patients: int, visits: int = 8, lesions: int = 3, seed: int = 1) -> pl.DataFrame:
    """Synthetic lesion rows, one per patient, visit and lesion."""
    rng = np.random.default_rng(seed)
    shape = (patients, visits, lesions)
    size = rng.uniform(15, 60, (patients, 1, lesions)) * np.exp(
        np.cumsum(rng.normal(-0.05, 0.2, shape), axis=1)
    )
    who, when, which = (x.ravel() for x in np.indices(shape))
    day = np.datetime64(date(2010, 1, 4), "D") + when * 56 + who % 365
    return pl.DataFrame(
        {
            "patient": pl.Series(who).cast(pl.String).str.zfill(6),
            "lesion": pl.Series(np.array(["T1", "T2", "T3", "T4", "T5"])[which]),
            "date": pl.Series(day).cast(pl.Date),
            "role": pl.Series(np.repeat("target", who.size)),
            "node": which == 2,
            "diameter_mm": np.round(size.ravel(), 1),
            "source_row": np.arange(2, who.size + 2),
        }
    )


def main(patients: int) -> None:
    """Print the time of each step."""
    rows = cohort(patients)
    start = time.perf_counter()
    visits = recist.assess(rows)
    middle = time.perf_counter()
    best = recist.best_response(visits, stable_disease_min_weeks=6)
    change = recist.best_change(visits)
    end = time.perf_counter()
    confirmed = recist.best_response(visits, confirmation=recist.Confirmation())
    last = time.perf_counter()
    print(f"{rows.height:,} lesion rows, {visits.height:,} visits, {best.height:,} patients")
    print(f"assess                         {middle - start:6.2f} s")
    print(f"best response and best change  {end - middle:6.2f} s ({change.height:,} rows)")
    print(f"with confirmation              {last - end:6.2f} s ({confirmed.height:,} rows)")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)

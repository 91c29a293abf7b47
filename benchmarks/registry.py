"""A synthetic registry of any size, and what `oncohort run` of it costs.

Every patient is made up from a seed: baseline, lesions at each scan, doses, adverse events,
laboratory values. The tables are Parquet files; the protocol asks for response, survival by two
variables, a Cox model, exposure and adverse events.

    python benchmarks/registry.py --write FOLDER --patients 10000
    python benchmarks/registry.py --measure 1000 10000
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl

PROTOCOL = """[study]
schema = 1
title = "Synthetic registry of {n} patients"
disease = "renal cell carcinoma"
treatment = "sorafenib"
data = "data"
cutoff = 2021-12-31
seed = 1
synthetic = true

[eligibility]
source = "Patients of the registry"

[[eligibility.criteria]]
key = "adult"
label = "Age below 18 years"
column = "age"
min = 18

[variables.age]
column = "age"
kind = "continuous"
unit = "years"

[variables.sex]

[variables.histology]

[variables.crp]
label = "C-reactive protein"
derive = "lab"
test = "CRP"
unit = "mg/dL"
cut = [0.8]
levels = {{ low = "< 0.8", high = "≥ 0.8" }}
reference = "low"

[baseline]
variables = ["age", "sex", "histology", "crp"]

[response]
source = "lesions"

[endpoints.pfs]
label = "Progression-free survival"
from = "treatment_start"
events = ["progression", "death"]
censoring = "last_assessment"
by = ["crp", "sex"]

[endpoints.os]
label = "Overall survival"
from = "treatment_start"
events = ["death"]
censoring = "last_contact"
by = ["crp", "sex"]

[prognosis]
endpoints = ["pfs", "os"]
candidates = ["age", "sex", "histology", "crp"]
selection = "prespecified"
multivariable = ["age", "sex", "histology", "crp"]

[safety]
criteria = "CTCAE 5.0"
count = "all"
threshold = 3

[exposure.sorafenib]
label = "Sorafenib"
amount = 400
unit = "mg"
times_per_day = 2
"""
TERMS = ("Hypertension", "Diarrhea", "Fatigue", "Anorexia", "Alopecia", "Nausea", "Pruritus",
         "Weight loss", "Hoarseness", "Epistaxis")  # fmt: skip
SCAN = 70
"""Days between scans."""
EPOCH = date(1970, 1, 1)


def _days(values: np.ndarray) -> pl.Series:
    return pl.Series(values.astype(np.int32)).cast(pl.Date)


def _patients(rng: np.random.Generator, n: int) -> tuple[pl.DataFrame, dict[str, np.ndarray]]:
    """One row per patient, and what the other tables need of them."""
    start = rng.integers((date(2010, 1, 1) - EPOCH).days, (date(2019, 1, 1) - EPOCH).days, n)
    crp = np.round(rng.exponential(1.1, n), 2)
    hazard = np.exp(0.5 * (crp >= 0.8))
    grows = 40 + rng.exponential(300, n) / hazard
    death = grows + 10 + rng.exponential(420, n) / hazard
    last = rng.integers(200, 1500, n)
    last = np.minimum(last, (date(2021, 12, 31) - EPOCH).days - start)
    died = death <= last
    seen = np.where(died, death, last)
    stop = np.minimum(grows + 10, seen)
    known = {"start": start, "crp": crp, "grows": grows, "seen": seen, "stop": stop}
    ids = np.char.add("P", np.char.zfill(np.arange(1, n + 1).astype(str), len(str(n))))
    frame = pl.DataFrame(
        {
            "patient": ids,
            "sex": rng.choice(["male", "female"], n, p=[0.7, 0.3]),
            "age": np.round(np.clip(rng.normal(62, 10, n), 19, 90)),
            "histology": rng.choice(["Clear cell", "Papillary"], n, p=[0.8, 0.2]),
            "treatment_start": _days(start),
            "treatment_end": _days(start + stop),
            "treatment_end_reason": np.where(grows <= seen, "progression", "toxicity"),
            "last_contact": _days(start + seen),
            "vital_status": np.where(died, "dead", "alive"),
            "death_date": _days(start + death).set(pl.Series(~died), None),
        }
    )  # fmt: skip
    return frame, known


def _lesions(
    rng: np.random.Generator, ids: pl.Series, known: dict[str, np.ndarray]
) -> pl.DataFrame:
    """Two target lesions per patient, measured at baseline and every ten weeks to the end."""
    n = len(ids)
    scans = 1 + np.ceil(np.minimum(known["grows"] + SCAN, known["seen"]) / SCAN).astype(int)
    who = np.repeat(np.arange(n), scans)
    visit = np.concatenate([np.arange(k) for k in scans])
    day = np.where(visit == 0, -10, visit * SCAN)
    keep = day <= known["seen"][who]
    who, visit, day = who[keep], visit[keep], day[keep]
    effect = rng.normal(-0.15, 0.25, n)[who]
    late = day >= known["grows"][who]
    factor = np.where(visit == 0, 1.0, np.where(late, 1.5, 1 + effect * np.minimum(visit, 3) / 3))
    parts = []
    for name, size in (("T1", rng.uniform(20, 60, n)), ("T2", rng.uniform(12, 40, n))):
        parts.append(
            pl.DataFrame(
                {
                    "patient": ids.gather(who),
                    "lesion": pl.Series([name]).new_from_index(0, len(who)),
                    "date": _days(known["start"][who] + day),
                    "visit": np.char.add("scan ", visit.astype(str)),
                    "role": pl.Series(["target"]).new_from_index(0, len(who)),
                    "site": pl.Series(["lung"]).new_from_index(0, len(who)),
                    "diameter_mm": np.round(np.clip(size[who] * factor, 5, 200)),
                    "_who": who,
                }
            )
        )
    return pl.concat(parts).sort("_who", "date", "lesion", maintain_order=True).drop("_who")


def _doses(rng: np.random.Generator, ids: pl.Series, known: dict[str, np.ndarray]) -> pl.DataFrame:
    """Full dose, then in half of the patients a reduced one."""
    start, stop = known["start"], np.maximum(known["stop"], 1)
    reduced = (rng.random(len(ids)) < 0.5) & (stop > 60)
    first = np.where(reduced, np.minimum(rng.integers(20, 60, len(ids)), stop - 1), stop)
    at = np.flatnonzero(reduced)
    full = {"patient": ids, "start": _days(start), "end": _days(start + first),
            "times_per_day": np.full(len(ids), 2.0)}  # fmt: skip
    less = {"patient": ids.gather(at), "start": _days(start + first + 1).gather(at),
            "end": _days(start + stop).gather(at),
            "times_per_day": np.full(len(at), 1.0)}  # fmt: skip
    frame = pl.concat([pl.DataFrame(full), pl.DataFrame(less)])
    return frame.with_columns(
        drug=pl.lit("sorafenib"), amount=pl.lit(400.0), unit=pl.lit("mg")
    ).sort("patient", "start")


def _events(rng: np.random.Generator, ids: pl.Series, known: dict[str, np.ndarray]) -> pl.DataFrame:
    """Three adverse events per patient on average."""
    who = np.repeat(np.arange(len(ids)), rng.poisson(3, len(ids)))
    day = np.floor(rng.random(len(who)) * np.maximum(known["stop"][who], 1))
    onset = known["start"][who] + day
    term = rng.choice(TERMS, len(who))
    grade = rng.choice([1, 2, 3], len(who), p=[0.5, 0.3, 0.2])
    return pl.DataFrame(
        {
            "patient": ids.gather(who),
            "term": term,
            "start": _days(onset),
            "end": _days(onset + rng.integers(3, 60, len(who))),
            "grade": np.where(term == "Alopecia", np.minimum(grade, 2), grade),
            "related": np.full(len(who), True),
            "drug": pl.Series(["sorafenib"]).new_from_index(0, len(who)),
        }
    )


def write_registry(folder: Path, n: int, seed: int = 1) -> Path:
    """Write a registry of `n` synthetic patients as a study."""
    rng = np.random.default_rng(seed)
    data = folder / "data"
    data.mkdir(parents=True, exist_ok=True)
    patients, known = _patients(rng, n)
    ids = patients["patient"]
    labs = pl.DataFrame(
        {
            "patient": ids,
            "date": _days(known["start"] - 3),
            "test": pl.Series(["CRP"]).new_from_index(0, n),
            "value": known["crp"],
            "unit": pl.Series(["mg/dL"]).new_from_index(0, n),
        }
    )
    tables = {
        "patients": patients,
        "lesions": _lesions(rng, ids, known),
        "doses": _doses(rng, ids, known),
        "adverse_events": _events(rng, ids, known),
        "labs": labs,
    }
    for name, frame in tables.items():
        frame.write_parquet(data / f"{name}.parquet")
    (folder / "study.toml").write_text(PROTOCOL.format(n=n), encoding="utf-8")
    return folder


def measure(n: int) -> str:
    """One row: wall and CPU time, peak memory, and the size of what was written."""
    with tempfile.TemporaryDirectory() as held:
        study = write_registry(Path(held) / "registry", n)
        start = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-m", "oncohort", "run", str(study), "--quiet"],
            stdout=subprocess.DEVNULL,
        )
        _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        code = os.waitstatus_to_exitcode(status)
        results = study / "results"
        sizes = {p.name: p.stat().st_size / 1e6 for p in results.glob("*") if p.is_file()}
        beside = sum(p.stat().st_size for p in (results / "evidence").glob("*")) / 1e6
        return (
            f"| {n:,} | {wall:.0f} | {used.ru_utime + used.ru_stime:.0f} | "
            f"{used.ru_maxrss / 1024:.0f} | {sizes.get('report.html', 0):.2f} | "
            f"{sizes.get('results.json', 0):.2f} | {beside:.1f} | {code} |"
        )


def main() -> None:
    """Write a registry, or measure runs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", type=Path)
    parser.add_argument("--patients", type=int, default=1000)
    parser.add_argument("--measure", type=int, nargs="*")
    asked = parser.parse_args()
    if asked.write:
        print(write_registry(asked.write, asked.patients))
    if asked.measure:
        print("| patients | wall s | CPU s | peak MB | report.html MB | results.json MB "
              "| evidence MB | code |\n|---|---|---|---|---|---|---|---|")  # fmt: skip
        for n in asked.measure:
            print(measure(n), flush=True)


if __name__ == "__main__":
    main()

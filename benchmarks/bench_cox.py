"""Cox regression, Efron ties, standard errors, 20 covariates: oncohort beside its peers.

``python benchmarks/bench_cox.py [--sizes 1000,10000] [--cases cox,cox-entry] [--peers a,b]``
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from race import PEERS, VENVS, Engine, data, install, own_engines, race, table


def floor(n: int, p: int) -> tuple[float, float]:
    """Seconds for two reads of X, and for the flops of the Gram matrices, on this machine."""
    x = np.ones((min(n, 1_000_000), p))
    factor = n / len(x)
    x.sum()
    read = min(_clock(lambda: x.sum()) for _ in range(5))
    a = np.ones((512, 512))
    a @ a
    flops = 2 * 512**3 / min(_clock(lambda: a @ a) for _ in range(10))
    return 2 * read * factor, p * (p + 1) * 1.6 * n / flops


def _clock(run: object) -> float:
    begin = time.perf_counter()
    run()  # type: ignore[operator]
    return time.perf_counter() - begin


def small_fits() -> str:
    """One fit of 42 patients, and 10,000 bootstrap fits of it."""
    from oncohort.stats import bootstrap_cox, cox

    rng = np.random.default_rng(0)
    x = rng.normal(size=(42, 3))
    t, e = np.ceil(rng.exponential(20, 42)), rng.random(42) < 0.8
    one = min(_clock(lambda: cox(t, e, x)) for _ in range(300))
    fit = cox(t, e, x)
    many = min(_clock(lambda: bootstrap_cox(fit, 10_000, seed=1)) for _ in range(5))
    return f"n = 42, p = 3: {one * 1e6:.0f} microseconds; 10,000 bootstrap fits {many:.3f} s."


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default="1000,10000,100000,1000000")
    parser.add_argument("--kinds", default="continuous,days,months")
    parser.add_argument("--cases", default="cox,cox-entry,cox-strata,cox-weights")
    parser.add_argument("--peers", default=",".join(PEERS))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--patience", type=float, default=8.0)
    parser.add_argument("--no-memory", action="store_true")
    options = parser.parse_args()
    peers = [p for p in options.peers.split(",") if p]
    for peer in peers:
        try:
            install(peer)
        except subprocess.CalledProcessError as error:
            print(f"{peer}: not installed ({error})", file=sys.stderr)
    peers = [p for p in peers if p == "r" or (VENVS / p).exists()]
    print("# Cox regression, p = 20\n\n" + small_fits())
    for n in (int(s) for s in options.sizes.split(",")):
        for case in options.cases.split(","):
            for kind in options.kinds.split(","):
                if case != "cox" and kind == "continuous":
                    continue
                slow = ("lifelines", "statsmodels", "scikit-survival", "greenwood")
                names = [p for p in peers if n < 100_000 or p not in slow]
                engines = [*own_engines(), *(Engine(p) for p in names)]
                print(f"\n## {case}, n = {n:,}, {kind}\n")
                found = race(engines, case, n, 20, kind, options.rounds, options.patience)
                print(table(found), flush=True)
                if not options.no_memory and n >= 1_000_000 and case == "cox":
                    print("\nMemory added, times the size of X: " + memory(engines, n, kind))
                for engine in engines:
                    engine.stop()
        read, flops = floor(n, 20)
        print(f"\nFloor per evaluation: {1e3 * read:.2f} ms reading + {1e3 * flops:.2f} ms flops.")


def memory(engines: list[Engine], n: int, kind: str) -> str:
    """Peak memory of one fit in a fresh process, less what stood before it."""
    parts = []
    with tempfile.TemporaryDirectory() as name:
        data(Path(name), n, 20, kind)
        for engine in engines:
            if engine.name == "r":
                continue
            engine.stop()
            engine.ask("load", name)
            answer = engine.ask("peak", "cox")
            if "bytes" in answer:
                parts.append(f"{engine.name} {answer['bytes'] / (n * 20 * 8):.2f}")
    return ", ".join(parts) + "."


if __name__ == "__main__":
    main()

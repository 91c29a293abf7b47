"""Run every R script again and compare what it writes with the fixtures in use.

    python tests/stats/r/verify.py [NAME ...]

Needs Rscript with survival, cmprsk and jsonlite; without them it says so and, unless `--require`
is given, ends well. Exit 0: the same to `--tolerance`; 1: something differs; 2: could not run.
R's pseudo-random data are the same in all R since 3.6.
"""

from __future__ import annotations

import argparse
import json
import math
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
FIXTURES = HERE.parent / "fixtures"
NOT_NUMBERS = {"r", "survival", "cmprsk"}
"""Keys that hold versions."""


def numbers(old: Any, new: Any, place: str = "") -> Iterator[tuple[float, str]]:
    """Relative difference of each number (absolute below 1e-8), and where it stands."""
    if isinstance(old, dict) and isinstance(new, dict):
        if old.keys() != new.keys():
            yield math.inf, f"{place}: keys {sorted(old.keys() ^ new.keys())}"
            return
        for key in old:
            if place or key not in NOT_NUMBERS:
                yield from numbers(old[key], new[key], f"{place}.{key}")
    elif isinstance(old, list) and isinstance(new, list):
        if len(old) != len(new):
            yield math.inf, f"{place}: {len(old)} and {len(new)} long"
            return
        for i, (a, b) in enumerate(zip(old, new, strict=True)):
            yield from numbers(a, b, f"{place}[{i}]")
    elif isinstance(old, int | float) and isinstance(new, int | float):
        gap = abs(old - new)
        yield gap / abs(old) if abs(old) > 1e-8 else gap, place
    elif old != new:
        yield math.inf, f"{place}: {old!r} and {new!r}"


def missing() -> str:
    """What R lacks, in words; empty if nothing."""
    if shutil.which("Rscript") is None:
        return "Rscript is not installed"
    code = (
        "for (p in c('survival', 'cmprsk', 'jsonlite')) "
        "if (!requireNamespace(p, quietly = TRUE)) cat(p, '')"
    )
    found = subprocess.run(["Rscript", "-e", code], capture_output=True, text=True, check=False)
    return f"R lacks {found.stdout.strip()}" if found.stdout.strip() else ""


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("names", nargs="*", help="scripts without .R; all by default")
    parser.add_argument("--tolerance", type=float, default=1e-8)
    parser.add_argument("--require", action="store_true", help="fail where R is missing")
    options = parser.parse_args()
    lacks = missing()
    if lacks:
        print(f"not verified: {lacks}", file=sys.stderr)
        return 2 if options.require else 0
    scripts = [
        path for path in sorted(HERE.glob("*.R")) if not options.names or path.stem in options.names
    ]
    if not scripts:
        print(f"no script is called {' or '.join(options.names)}", file=sys.stderr)
        return 2
    worst, wrong = 0.0, 0
    with tempfile.TemporaryDirectory() as folder:
        for script in scripts:
            out = Path(folder) / f"{script.stem}.json"
            run = subprocess.run(
                ["Rscript", str(script), str(out)], capture_output=True, text=True, check=False
            )
            fixture = FIXTURES / f"{script.stem}.json"
            if run.returncode or not out.exists():
                print(f"{script.stem:24} R failed: {run.stderr.strip()[-300:]}")
                wrong += 1
                continue
            if not fixture.exists():
                print(f"{script.stem:24} has no fixture")
                wrong += 1
                continue
            found = list(numbers(json.loads(fixture.read_text()), json.loads(out.read_text())))
            gap, place = max(found, default=(math.inf, "no numbers"))
            verdict = "" if gap <= options.tolerance else "  DIFFERS"
            print(
                f"{script.stem:24} {len(found):8d} numbers, largest difference {gap:.3g}{verdict}"
            )
            if verdict:
                print(f"  at {place}")
                wrong += 1
            worst = max(worst, gap)
    print(f"largest difference {worst:.3g}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())

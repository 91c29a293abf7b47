"""Wall time of what a user waits for: help, check, run. `python benchmarks/bench_study.py`.

Each command is run in a fresh process, several times; the best and the median are reported.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path


def timed(command: list[str]) -> float:
    """Seconds of one run."""
    start = time.perf_counter()
    done = subprocess.run(command, capture_output=True, check=False)
    if done.returncode not in (0, 1):
        raise SystemExit(done.stderr.decode())
    return time.perf_counter() - start


def main() -> None:
    """Run and report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeat", type=int, default=5)
    repeat = parser.parse_args().repeat
    command = [sys.executable, "-m", "oncohort"]
    with tempfile.TemporaryDirectory() as folder:
        study = Path(folder) / "demo"
        timed([*command, "demo", str(study), "--quiet"])
        rows = {
            "oncohort --help": [*command, "--help"],
            "oncohort check (42 patients)": [*command, "check", str(study)],
            "oncohort explain": [*command, "explain", str(study), "S01"],
            "oncohort run (42 patients)": [*command, "run", str(study), "--quiet"],
        }
        for name, line in rows.items():
            seconds = [timed(line) for _ in range(repeat)]
            middle = statistics.median(seconds)
            print(f"{name:32s} best {min(seconds):6.2f} s   median {middle:6.2f} s")
        shutil.rmtree(study)


if __name__ == "__main__":
    main()

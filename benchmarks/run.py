"""All benchmarks, one after the other; arguments go to each as they are.

``python benchmarks/run.py`` takes long: every peer is installed into its own virtual environment
below ``benchmarks/.venvs`` first. See README.md for single runs.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent


def main() -> None:
    for script in sorted(HERE.glob("bench_*.py")):
        print(f"\n=== {script.name}", flush=True)
        subprocess.run([sys.executable, str(script)], check=False)


if __name__ == "__main__":
    main()

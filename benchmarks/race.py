"""Engines side by side: one process each, interleaved rounds, best of several, ratios.

The machine may be shared, so engines take turns within a round and the best round counts. Nothing
here is a test: times are reported, not asserted.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).parent
VENVS = HERE / ".venvs"
PEERS = (
    "coxstream",
    "edi-kernels",
    "survival",
    "r",
    "lifelines",
    "statsmodels",
    "scikit-survival",
    "greenwood",
)
PACKAGES = {
    # coxstream's wheel needs symbols that newer C libraries lack: built from its source.
    "coxstream": ["--no-binary", "coxstream", "coxstream", "numpy"],
    "edi-kernels": ["edi-kernels", "numpy"],
    "survival": ["survival", "numpy"],
    "lifelines": ["lifelines", "pandas<3"],
    "statsmodels": ["statsmodels"],
    "scikit-survival": ["scikit-survival"],
    "greenwood": ["greenwood", "pandas"],
}


def install(peer: str) -> None:
    """Make the peer's own virtual environment (once)."""
    if peer == "r" or (VENVS / peer).exists():
        return
    subprocess.run([sys.executable, "-m", "venv", str(VENVS / peer)], check=True)
    pip = VENVS / peer / "bin" / "pip"
    subprocess.run([str(pip), "install", "-q", *PACKAGES[peer]], check=True)


@dataclass
class Engine:
    """A process that answers commands."""

    name: str
    environment: dict[str, str] = field(default_factory=dict)
    process: Any = None

    def start(self) -> None:
        if self.name == "r":
            command = ["Rscript", "--vanilla", str(HERE / "engine.R")]
        else:
            own = self.name.startswith("oncohort")
            python = sys.executable if own else str(VENVS / self.name / "bin" / "python")
            command = [python, str(HERE / "engines.py"), "oncohort" if own else self.name]
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env={**os.environ, **self.environment},
        )

    def ask(self, command: str, argument: str) -> dict[str, Any]:
        """Answer, or an error if the process has died."""
        if self.process is None:
            self.start()
        try:
            self.process.stdin.write(f"{command} {argument}\n")
            self.process.stdin.flush()
            line = self.process.stdout.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            self.stop()
            return {"error": "the process ended"}
        return dict(json.loads(line))

    def stop(self) -> None:
        """End the process."""
        if self.process is not None:
            self.process.stdin.close()
            self.process.wait(timeout=30)
            self.process = None


def own_engines() -> list[Engine]:
    """oncohort's compiled path and its numpy path."""
    from oncohort.stats import engine

    engines = [Engine("oncohort numpy", {"ONCOHORT_KERNEL": "numpy"})]
    if engine.active() == "c":
        engines.insert(0, Engine("oncohort", {"ONCOHORT_KERNEL": "c"}))
    return engines


def data(folder: Path, n: int, p: int, kind: str, seed: int = 1) -> None:
    """Exponential survival, 40 % censored: continuous times, whole days, or whole months."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, p))
    beta = rng.normal(size=p) * 0.15
    time = rng.exponential(900 * np.exp(-x @ beta))
    limit = rng.exponential(1350, n)
    event = time <= limit
    time = np.minimum(time, limit)
    if kind == "days":
        time = np.ceil(time)
    elif kind == "months":
        time = np.ceil(time / 30.4375)
    arrays = {
        "x": x,
        "time": time,
        "event": event,
        "entry": np.floor(time * rng.random(n) * 0.8)
        if kind != "continuous"
        else time * rng.random(n) * 0.8,
        "strata": rng.integers(0, 50, n),
        "weights": rng.uniform(0.5, 2.0, n),
        "group": rng.integers(0, 2, n),
    }
    for name, values in arrays.items():
        np.save(folder / f"{name}.npy", values)


def race(
    engines: Iterable[Engine],
    case: str,
    n: int,
    p: int,
    kind: str,
    rounds: int,
    patience: float,
) -> dict[str, dict[str, Any]]:
    """Least processor seconds of each engine; one that needs more than `patience` runs once."""
    results: dict[str, dict[str, Any]] = {}
    with tempfile.TemporaryDirectory() as name:
        data(Path(name), n, p, kind)
        going = list(engines)
        for engine in going:
            engine.ask("load", name)
        for turn in range(rounds):
            for engine in list(going):
                repeats = 1 if n >= 100_000 else 5
                for _ in range(repeats):
                    answer = engine.ask("run", case)
                    kept = results.setdefault(engine.name, {})
                    if "seconds" not in answer:
                        kept.update(answer)
                        going.remove(engine)
                        break
                    kept["value"] = answer["value"]
                    kept["seconds"] = min(kept.get("seconds", 1e9), answer["seconds"])
                    if answer["seconds"] > patience:
                        going.remove(engine)
                        break
            if turn == 0 and not going:
                break
    return results


def table(results: dict[str, dict[str, Any]]) -> str:
    """Markdown rows, fastest first, with the ratio to oncohort and to the fastest peer."""
    timed = {k: v["seconds"] for k, v in results.items() if "seconds" in v}
    own = timed.get("oncohort", timed.get("oncohort numpy", float("nan")))
    peers = {k: s for k, s in timed.items() if not k.startswith("oncohort")}
    lines = ["| engine | processor seconds | times oncohort |", "|---|---|---|"]
    lines += [f"| {k} | {s:.5f} | {s / own:.2f} |" for k, s in sorted(timed.items(), key=_second)]
    for k, v in results.items():
        if "seconds" not in v:
            lines.append(f"| {k} | {v.get('error', 'has no such case')} | |")
    if peers:
        first = min(peers, key=lambda k: peers[k])
        lines.append(f"\noncohort at {own / peers[first]:.2f} times the fastest peer ({first}).")
    return "\n".join(lines)


def _second(item: tuple[str, float]) -> float:
    return item[1]

"""Kaplan-Meier and log-rank test of a million rows: oncohort beside its peers."""

from __future__ import annotations

import argparse

from race import PEERS, VENVS, Engine, install, own_engines, race, table


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--n", type=int, default=1_000_000)
    parser.add_argument("--peers", default="survival,statsmodels,lifelines,scikit-survival,r")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    peers = [p for p in options.peers.split(",") if p in PEERS]
    for peer in peers:
        install(peer)
    peers = [p for p in peers if p == "r" or (VENVS / p).exists()]
    for case in ("km", "logrank"):
        for kind in ("months", "days", "continuous"):
            engines = [own_engines()[0], *(Engine(p) for p in peers)]
            print(f"\n## {case}, n = {options.n:,}, {kind}\n")
            print(table(race(engines, case, options.n, 1, kind, options.rounds, 8.0)), flush=True)
            for engine in engines:
                engine.stop()


if __name__ == "__main__":
    main()

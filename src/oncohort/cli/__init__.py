"""The terminal door. Standard output is data, standard error is talk."""

from __future__ import annotations


def main() -> None:
    """Entry point of the `oncohort` command."""
    import sys

    from oncohort.cli.app import app
    from oncohort.cli.failing import run_guarded

    sys.exit(run_guarded(app))

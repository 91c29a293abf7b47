"""The terminal door. Standard output is data, standard error is messages."""

from __future__ import annotations


def main() -> None:
    """Entry point of the `oncohort` command."""
    import gc
    import sys

    # A command lives for seconds and makes many small objects that stay: looking for garbage
    # among them every 700 objects is a tenth of its time.
    gc.set_threshold(200_000, 50, 50)

    from oncohort.cli.app import app
    from oncohort.cli.failing import run_guarded
    from oncohort.cli.messages import speak_everything

    speak_everything()
    sys.exit(run_guarded(app))

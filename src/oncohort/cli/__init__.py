"""The commands. Standard output is data, standard error is messages."""

from __future__ import annotations


def main() -> None:
    """Entry point of the `oncohort` command."""
    import gc
    import os
    import sys

    # A command lives for seconds and makes many small objects that stay: looking for garbage
    # among them every 700 objects is a tenth of its time.
    gc.set_threshold(200_000, 50, 50)

    # The matrices here are small: a second thread of the linear algebra only waits for work.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

    # What else is installed does not change how a protocol is read, and need not be looked for.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")

    from oncohort.cli.app import app
    from oncohort.cli.failing import run_guarded
    from oncohort.cli.messages import speak_everything

    speak_everything()
    code = run_guarded(app)
    gc.freeze()  # what is left is not looked through once more: the process ends
    sys.exit(code)

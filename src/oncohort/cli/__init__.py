"""The commands. Standard output is data, standard error is messages."""

from __future__ import annotations


def program() -> None:
    """The `oncohort` command as a program of its own, which ends when its command ends.

    All is written and closed by then; to take a thousand modules apart as well would be a
    twentieth of a short command.
    """
    import atexit
    import os
    import sys

    try:
        main()
    except SystemExit as end:
        if not isinstance(end.code, int):
            raise
        try:
            sys.stdout.flush()
            sys.stderr.flush()
        except (AttributeError, OSError, ValueError):  # Python itself says what it can of that
            raise end from None
        atexit._run_exitfuncs()
        os._exit(end.code)


def main() -> None:
    """The `oncohort` command; it ends with `SystemExit`."""
    import gc
    import os
    import sys

    # A command lives for seconds and makes many small objects that stay: looking for garbage
    # among them every 700 objects is a tenth of its time.
    gc.set_threshold(600_000, 50, 50)

    # The matrices here are small: a second thread of the linear algebra only waits for work.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

    # What else is installed does not change how a protocol is read, and need not be looked for.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")

    # What is installed is asked for by few commands, and takes a library of mails to read. The
    # pages in the browser are made by several threads; there nothing is put off.
    if sys.argv[1:2] != ["app"]:
        from oncohort.cli.deferred import defer_parts

        defer_parts(("importlib.metadata",))

    from oncohort.cli.app import app
    from oncohort.cli.failing import run_guarded
    from oncohort.cli.messages import speak_everything
    from oncohort.cli.named import only_named

    speak_everything()
    only_named(app, sys.argv[1:])
    code = run_guarded(app)
    gc.freeze()  # what is left is not looked through once more: the process ends
    sys.exit(code)

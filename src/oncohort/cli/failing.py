"""How a command fails: problems in words, exit codes as promised, no tracebacks."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from oncohort.problems import OncohortError

if TYPE_CHECKING:
    import typer

CANNOT = 2
"""Exit code where input can't be read or nothing was written."""
INTERRUPTED = 130
DEBUG = "ONCOHORT_DEBUG"
"""Set in the environment, an unforeseen error shows its traceback."""


def run_guarded(app: typer.Typer) -> int:
    """Run the app; an expected error becomes its problems on standard error and code 2."""
    try:
        return _run(app)
    except KeyboardInterrupt:  # also one that comes while an error is told
        return _stopped()


def _run(app: typer.Typer) -> int:
    from oncohort.cli.messages import messages, problem_lines

    try:
        code = app(standalone_mode=False)
    except OncohortError as error:
        if error.problems:
            for line in problem_lines(error.problems):
                messages.fail(line)
        else:
            messages.fail(str(error))
        return CANNOT
    except BrokenPipeError:
        # The reader of our output (head, less) has gone; that is no error of ours.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        if os.environ.get(DEBUG):
            raise
        messages.fail(_of_the_system(error))
        return CANNOT
    except Exception as error:  # errors of the command line have no base of their own
        shown = _usage_error(error)
        if shown is not None:
            return shown
        # Last resort: a user can do nothing with a traceback; a developer asks for it.
        if os.environ.get(DEBUG):
            raise
        messages.fail(_own_fault(error))
        return CANNOT
    return _stopped() if code == INTERRUPTED else int(code or 0)


def _stopped() -> int:
    """Ctrl-C: said in a sentence."""
    from oncohort.cli.messages import messages

    messages.fail("Stopped. Nothing was left half-written; earlier results are as they were.")
    return INTERRUPTED


def _of_the_system(error: OSError) -> str:
    """A file or folder that the system refused: which, and why.

    Examples
    --------
    >>> _of_the_system(NotADirectoryError(20, "Not a directory", "a.csv/b"))
    'a.csv/b: Not a directory. Nothing more was done.'
    """
    why = error.strerror or str(error) or type(error).__name__
    where = f"{error.filename}: " if error.filename is not None else ""
    return f"{where}{why}. Nothing more was done."


def _own_fault(error: Exception) -> str:
    """What a user is told about an error that nobody foresaw: that it is ours, and where."""
    import traceback

    frames = [f for f in traceback.extract_tb(error.__traceback__) if "oncohort" in f.filename]
    where = f" in {frames[-1].name}, {frames[-1].filename}:{frames[-1].lineno}" if frames else ""
    lines = str(error).strip().splitlines()
    name = type(error).__name__ + (f": {lines[0]}" if lines else "")
    return (
        f"oncohort itself failed: {name}{where}.\n"
        "This is a fault of the program, not of your data. Nothing was written. Please report it "
        f"with this message; {DEBUG}=1 shows every step."
    )


def _usage_error(error: Exception) -> int | None:
    """Errors of the command line itself, which typer's own handler would have shown."""
    show = getattr(error, "show", None)
    code = getattr(error, "exit_code", None)
    # Ctrl-C as the command line hands it on: by its own word, or as an exit with this code.
    if type(error).__name__ == "Abort" or code == INTERRUPTED:
        return _stopped()
    if callable(show):
        show()
        return int(code if code is not None else CANNOT)
    return int(code) if isinstance(code, int) else None

"""How the terminal door fails: problems in words, exit codes as promised, no tracebacks."""

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


def run_guarded(app: typer.Typer) -> int:
    """Run the app; an expected error becomes its problems on standard error and code 2."""
    from oncohort.cli.talk import problem_lines, talk

    try:
        code = app(standalone_mode=False)
    except OncohortError as error:
        if error.problems:
            for line in problem_lines(error.problems):
                talk.fail(line)
        else:
            talk.fail(str(error))
        return CANNOT
    except KeyboardInterrupt:
        talk.fail("Stopped. Nothing was left half-written.")
        return INTERRUPTED
    except BrokenPipeError:
        # The reader of our output (head, less) has gone; that is no error of ours.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        shown = _usage_error(error)
        if shown is None:
            raise
        return shown
    return int(code or 0)


def _usage_error(error: Exception) -> int | None:
    """Errors of the command line itself, which typer's own handler would have shown."""
    show = getattr(error, "show", None)
    code = getattr(error, "exit_code", None)
    if type(error).__name__ == "Abort":
        return INTERRUPTED
    if callable(show):
        show()
        return int(code if code is not None else CANNOT)
    return int(code) if isinstance(code, int) else None

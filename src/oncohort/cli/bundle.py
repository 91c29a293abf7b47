"""The program of a bundle: started by a double click it opens the pages, else it is the command.

A bundle has no Python of its own, so this program is also each of its own children.
"""

from __future__ import annotations

import sys


def main() -> None:
    """Entry point of a bundle.

    Without arguments the pages open in the browser. With arguments it is the `oncohort` command.
    """
    from oncohort.processes import CHILD, restore_environment, run_child

    restore_environment()
    if sys.argv[1:2] == [CHILD]:
        return run_child(sys.argv[2:])
    if len(sys.argv) == 1:
        sys.argv.append("app")
    from oncohort.cli import program as command

    return command()

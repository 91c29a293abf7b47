"""The command that the command line names; what others take needs no look."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import typer


def only_named(app: typer.Typer, arguments: Sequence[str]) -> None:
    """Leave only the command that is named: looking at all takes a fiftieth of a second.

    Where none of them is (help, a group of commands, a name that isn't there), all stay.

    Examples
    --------
    >>> import typer
    >>> app = typer.Typer()
    >>> for name in ("check", "run"):
    ...     _ = app.command(name)(lambda: None)
    >>> only_named(app, ["--help"])
    >>> [c.name for c in app.registered_commands]
    ['check', 'run']
    >>> only_named(app, ["run", "--help"])
    >>> [c.name for c in app.registered_commands]
    ['run']
    """
    named = [
        command
        for command in app.registered_commands
        if arguments[:1] == [command.name or getattr(command.callback, "__name__", "")]
    ]
    if named:
        app.registered_commands = named
        app.registered_groups = []

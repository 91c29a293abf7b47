"""What the commands print: data to standard output, messages to standard error."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from io import TextIOWrapper
from typing import TYPE_CHECKING
from unicodedata import category

if TYPE_CHECKING:
    from rich.console import Console

    from oncohort.problems import Problem


def shown(text: str) -> str:
    """Text that a terminal shows as it is: what would move its cursor or colour it is a mark.

    Examples
    --------
    >>> shown("a\x1b[31mb\tc\u202ed")
    'a\ufffd[31mb\tc\ufffdd'
    """
    return "".join(
        c if c in "\n\t" or c.isprintable() else " " if category(c) == "Zs" else "\ufffd"
        for c in text
    )


def speak_everything() -> None:
    """Let both streams take every letter, whatever the code page of the machine.

    Where a code page lacks a letter its code is written. Files and pipes of Windows get UTF-8,
    unless `PYTHONIOENCODING` asks for something else.
    """
    for stream in (sys.stdout, sys.stderr):
        if not isinstance(stream, TextIOWrapper):
            continue  # a test's stream, or none at all
        if os.name == "nt" and not stream.isatty() and not os.environ.get("PYTHONIOENCODING"):
            stream.reconfigure(encoding="utf-8")
        stream.reconfigure(errors="backslashreplace")


def put(text: str) -> None:
    """Text to standard output, whatever charts and protocols hold."""
    import typer

    typer.echo(shown(text))


def put_json(text: str) -> None:
    """JSON to standard output: what a terminal would act on is written as its code."""
    import json

    import typer

    typer.echo("".join(c if c == "\n" or c.isprintable() else json.dumps(c)[1:-1] for c in text))


class Messages:
    """Writes to standard error unless told to be quiet; honours NO_COLOR."""

    def __init__(self) -> None:
        self.quiet = False

    @property
    def console(self) -> Console:
        """Rich's console on standard error."""
        from rich.console import Console

        return Console(stderr=True, highlight=False, soft_wrap=True)

    @property
    def is_terminal(self) -> bool:
        """Whether somebody may be watching: standard error is a terminal."""
        return sys.stderr.isatty()

    def say(self, text: str = "") -> None:
        """One line."""
        if not self.quiet:
            print(shown(text), file=sys.stderr)

    def fail(self, text: str) -> None:
        """A line that is shown even when quiet."""
        if self.is_terminal and colourful():
            self.console.print(shown(text), style="bold red", markup=False, emoji=False)
        else:
            print(shown(text), file=sys.stderr)


def colourful() -> bool:
    """May colours be used on standard output?"""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")


messages = Messages()


def problem_lines(problems: Iterable[Problem]) -> list[str]:
    """Problems as lines for standard output, worst first, repeats of a rule grouped."""
    from oncohort.problems import worst_first

    lines: list[str] = []
    last = ""
    for p in worst_first(problems):
        head = f"{p.severity.value.upper()} {p.id}"
        if head != last:
            lines.append(head)
            last = head
        who = f", patient {p.patient}" if p.patient is not None else ""
        lines.append(f"  {p.place}{who}: {p.what}")
        if p.why:
            lines.append(f"      why: {p.why}")
        if p.todo:
            lines.append(f"      do:  {p.todo}")
    return lines

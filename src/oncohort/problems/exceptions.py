"""Typed errors and warnings; an error carries the problems that are its reason."""

from __future__ import annotations

from collections.abc import Sequence

from oncohort.problems.model import Problem, worst_first


class OncohortError(Exception):
    """Base of every error that oncohort raises on purpose. Carries problems where it has them."""

    def __init__(self, message: str, problems: Sequence[Problem] = ()) -> None:
        self.problems: tuple[Problem, ...] = tuple(problems)
        if problems and not message:
            message = "\n".join(str(p) for p in worst_first(problems))
        super().__init__(message)


class ProtocolError(OncohortError):
    """`study.toml` can't be used: each problem names file, line and key."""


class ReadError(OncohortError):
    """An input file can't be read at all."""


class OutputError(OncohortError):
    """Results can't be written where they were asked for."""


class OncohortWarning(UserWarning):
    """Base of every warning that oncohort gives on purpose."""

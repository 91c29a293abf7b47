"""Typed errors and warnings of `oncohort.stats`: each names the place (row numbers, columns)."""

from __future__ import annotations

from collections.abc import Sequence

from oncohort.problems import OncohortError, OncohortWarning


class InputError(OncohortError, ValueError):
    """An argument can't be used."""


class TimeError(InputError):
    """A time is negative, missing or not finite, or an entry is not before its time."""

    def __init__(self, message: str, rows: Sequence[int] = ()) -> None:
        self.rows: tuple[int, ...] = tuple(rows)
        super().__init__(message)


class EntryError(TimeError):
    """An entry is missing, not finite, or not before its time."""


class EventCodingError(InputError):
    """Event codes other than the declared ones; 1/2 is asked, never guessed."""


class WeightError(InputError):
    """A weight is not above zero."""


class NoEventsError(InputError):
    """No event: there is nothing to estimate."""


class TooFewGroupsError(InputError):
    """A comparison needs at least two groups (or strata with two groups in them)."""


class FitWarning(OncohortWarning):
    """A fit that a reader has to be careful with."""

    def __init__(self, message: str, names: Sequence[str] = ()) -> None:
        self.names: tuple[str, ...] = tuple(names)
        super().__init__(message)


class SeparationWarning(FitWarning):
    """Monotone likelihood: the coefficients of `names` have no finite estimate."""


class ConvergenceWarning(FitWarning):
    """The iterations did not settle."""


class EventsPerVariableWarning(FitWarning):
    """Fewer than 10 events per estimated coefficient."""


class CollinearWarning(FitWarning):
    """`names` are constant within risk sets or follow from columns before them."""

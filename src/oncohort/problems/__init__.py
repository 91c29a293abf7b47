"""Problems, typed errors and warnings: what is wrong, where, why, and what to do.

Everything that oncohort has to say against its input is a :class:`Problem`. Problems are
collected, never thrown one at a time; an error that does stop the work carries all of them. What
each problem says stands in one catalogue (`catalogue/*.toml`, a file per first part of the id);
:func:`problem` makes one from its id and its place.
"""

from oncohort.problems.entries import Case, Entry, catalogue, entry
from oncohort.problems.exceptions import (
    OncohortError,
    OncohortWarning,
    OutputError,
    ProtocolError,
    ReadError,
)
from oncohort.problems.making import problem
from oncohort.problems.model import Place, Problem, Severity, Wrong, errors, worst_first

__all__ = [
    "Case",
    "Entry",
    "OncohortError",
    "OncohortWarning",
    "OutputError",
    "Place",
    "Problem",
    "ProtocolError",
    "ReadError",
    "Severity",
    "Wrong",
    "catalogue",
    "entry",
    "errors",
    "problem",
    "worst_first",
]

"""The versions of CTCAE, and the error that mixing them is."""

from __future__ import annotations

from oncohort.problems import OncohortError
from oncohort.vocabulary.versions import CTCAE_VERSIONS as VERSIONS
from oncohort.vocabulary.versions import CtcaeVersion as Version

__all__ = ["VERSIONS", "CtcaeError", "Version", "version_of"]

_ALIASES: dict[str, Version] = {
    **{one.partition(".")[0]: one for one in VERSIONS},
    **{one: one for one in VERSIONS},
    # 4.0 and 4.02 were replaced by 4.03 within a year, without a change of grades.
    "4.0": "4.03",
    "4.02": "4.03",
}
"""What texts call a version: its number, whole or without what is behind the point."""


class CtcaeError(OncohortError):
    """An unknown version or test, or grades of several versions in one study."""


def version_of(text: str) -> Version:
    """The version that a text names.

    Raises
    ------
    CtcaeError
        None of the versions known.

    Examples
    --------
    >>> version_of("CTCAE v3.0"), version_of("4")
    ('3.0', '4.03')
    """
    bare = text.lower().replace("ctcae", "").replace("nci", "").strip(" -v.")
    if bare not in _ALIASES:
        raise CtcaeError(f"CTCAE version {text!r} is not known; known are {', '.join(VERSIONS)}")
    return _ALIASES[bare]

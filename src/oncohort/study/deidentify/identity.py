"""New ids and shifts of dates, made from a key that stays in the study's folder."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from pathlib import Path

from oncohort.dataclass import dataclass
from oncohort.problems import OutputError
from oncohort.regular_files import why
from oncohort.whole_files import write_once

KEY_FILE = "deidentify.key"
MAX_SHIFT = 365
"""Days by which a patient's dates move at most, either way."""
MAX_TRIM = 60
"""Days by which follow-up that ends on an administrative day is shortened at most."""


@dataclass(frozen=True, slots=True)
class Identity:
    """What a patient is called in the copy, and how far the dates move.

    Examples
    --------
    >>> someone = Identity(b"a key")
    >>> someone.new_id("HOSP-4711") == someone.new_id("HOSP-4711")
    True
    >>> someone.shift("HOSP-4711") != 0
    True
    """

    secret: bytes

    def _digest(self, what: str, patient: str) -> bytes:
        return hmac.new(self.secret, f"{what}:{patient}".encode(), hashlib.sha256).digest()

    def new_id(self, patient: str) -> str:
        """The id of the copy."""
        return "P" + self._digest("id", patient).hex()[:10]

    def shift(self, patient: str) -> int:
        """Days, from -MAX_SHIFT to MAX_SHIFT, never 0."""
        number = int.from_bytes(self._digest("shift", patient)[:8], "big") % (2 * MAX_SHIFT)
        days = number - MAX_SHIFT
        return days if days < 0 else days + 1

    def trim(self, patient: str) -> int:
        """Days, from 1 to MAX_TRIM."""
        return 1 + int.from_bytes(self._digest("trim", patient)[:8], "big") % MAX_TRIM


def key_of(study: Path) -> bytes:
    """The study's own key; made once, readable by its owner only.

    Raises
    ------
    OutputError
        The key can't be written, or the file holds something else.
    """
    path = study / KEY_FILE
    try:
        write_once(path, f"{secrets.token_hex(32)}\n".encode())
        secret = bytes.fromhex(path.read_text("ascii").strip())
    except OSError as error:
        raise OutputError(f"The key {path} can't be written or read: {why(error)}.") from error
    except ValueError as error:
        raise OutputError(f"{path} is not a key that oncohort made.") from error
    return secret

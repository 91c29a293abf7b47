"""Files that are given by name, before they are opened: a pipe would be waited for without end."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

_STREAMS = ("/dev/fd/", "/dev/stdin", "/proc/self/fd/")
"""What a shell hands over as a file: it has a writer."""


def why(error: Exception) -> str:
    """What the system says about a file, without number and name.

    Examples
    --------
    >>> why(PermissionError(13, "Permission denied", "a.csv")), why(ValueError("not a file"))
    ('Permission denied', 'not a file')
    """
    stated = error.strerror if isinstance(error, OSError) else None
    return stated or str(error) or type(error).__name__


def regular(path: Path) -> Path:
    """The path again, unless a pipe or a device is there.

    Raises
    ------
    OSError
        It is none of a file, a folder, or what a shell hands over as a file.
    """
    if os.fspath(path).startswith(_STREAMS):
        return path
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError):
        return path  # who opens it says why it can't be read
    if stat.S_ISREG(mode) or stat.S_ISDIR(mode):
        return path
    raise OSError(errno.EINVAL, "it is a pipe or a device, no file", str(path))

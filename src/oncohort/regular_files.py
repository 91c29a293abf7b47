"""Files that are given by name, before they are opened: a pipe would be waited for without end."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

_STREAMS = ("/dev/fd/", "/dev/stdin", "/proc/self/fd/")
"""What a shell hands over as a file: it has a writer."""


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

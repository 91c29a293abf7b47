"""Pages in the browser on this computer that edit and run the same study as the commands.

No logic of its own: reading, questions, checks, runs and audits are functions of other rooms.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def serve(study: Path | None = None, *, port: int = 0, browser: bool = True) -> None:
    """Serve the pages on this computer until the process is stopped.

    Parameters
    ----------
    study
        A folder with `study.toml` to open at once.
    port
        0 for any free one.
    browser
        Whether to open the user's browser.
    """
    from oncohort.app.server import serve as start

    start(study, port=port, browser=browser)

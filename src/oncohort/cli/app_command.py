"""`oncohort app`: the pages in the browser."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def app(
    study: Annotated[
        Path | None, typer.Argument(metavar="[STUDY]", help="Folder with study.toml to open.")
    ] = None,
    port: Annotated[int, typer.Option(min=0, max=65535, help="0: any free one.")] = 0,
    browser: Annotated[bool, typer.Option(help="Open the browser.")] = True,
) -> None:
    """Open the pages on this computer; nothing leaves it. Ctrl-C ends it."""
    from oncohort.app import serve

    serve(study, port=port, browser=browser)

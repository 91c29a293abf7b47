"""History: the runs that are kept, two of them compared, and the way back to a protocol."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import quote

from oncohort.app.asked import Site, go, words
from oncohort.app.runs import NUMBERS, Run, kept_runs, protocol_changes
from oncohort.app.wording import say
from oncohort.problems import OncohortError

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from oncohort.app.opened import Opened

SHOWN = 300
"""Changes that are listed; how many more there are is told."""


def history(site: Site, request: Request, opened: Opened, given: Mapping[str, object]) -> Response:
    """The runs, and what differs between two of them."""
    runs = kept_runs(opened.folder)
    old, new = (_named(runs, request.query_params.get(name, "")) for name in ("old", "new"))
    changes: list[str] | None = None
    lines: list[str] = []
    if old is not None and new is not None:
        from oncohort.study.comparing import diff

        changes = [str(c) for c in diff(old.folder / NUMBERS, new.folder / NUMBERS)]
        lines = protocol_changes(old.protocol, new.protocol)
    return site.of_study(
        request, opened, "history",
        runs=runs, old=old, new=new, changes=changes, lines=lines, shown=SHOWN, now=opened.text,
    )  # fmt: skip


def _named(runs: list[Run], name: str) -> Run | None:
    return next((r for r in runs if r.name == name), None)


def go_back(site: Site, request: Request, opened: Opened, given: Mapping[str, object]) -> Response:
    """Take the protocol of a run; the one of now can be had back by undo."""
    run = _named(kept_runs(opened.folder), words(given, "run"))
    if run is None:
        raise OncohortError(say("notices.no_run"))
    protocol = run.protocol
    opened.write(words(given, "version"), lambda _: protocol)
    notice = say("notices.run_back", n=int(run.name))
    return go(f"/s/{opened.key}/protocol?notice={quote(notice)}")

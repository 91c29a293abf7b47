"""A paper is dropped, and its findings shown beside its own places."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.responses import HTMLResponse

from oncohort.app.asked import Site
from oncohort.app.security import FRAMED
from oncohort.app.wording import say
from oncohort.whole_folders import working_folder

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

LIMIT = 60.0
"""Seconds for one paper."""
KEPT = 20


class Audits:
    """Pages of audits of this start, by number; they are kept in memory only."""

    def __init__(self) -> None:
        self._pages: dict[str, str] = {}
        self._next = 1

    def keep(self, page: str) -> str:
        """Keep a page; its number."""
        number = str(self._next)
        self._next += 1
        self._pages[number] = page
        for old in list(self._pages)[:-KEPT]:
            del self._pages[old]
        return number

    def get(self, number: str) -> str | None:
        """A page by its number."""
        return self._pages.get(number)


async def show(site: Site, audits: Audits, request: Request) -> Response:
    """The form, or the findings of the paper that was read."""
    number = request.query_params.get("paper", "")
    return site.page("audit.html", number=number if audits.get(number) else "", wrong="")


async def act(site: Site, audits: Audits, request: Request) -> Response:
    """Read the dropped papers."""
    from starlette.responses import RedirectResponse

    given = await request.form(max_files=40, max_fields=20, max_part_size=1_000_000)
    if not site.session.form_is_ours(str(given.get("form_token", ""))):
        return site.of_another_start("/audit")
    files = [f for f in given.getlist("paper") if isinstance(f, UploadFile) and f.filename]
    if not files:
        return site.page("audit.html", 400, number="", wrong=say("notices.no_file"))
    page = await run_in_threadpool(_audit, files)
    return RedirectResponse(f"/audit?paper={audits.keep(page)}", 303)


def _audit(files: list[UploadFile]) -> str:
    from oncohort.audit import audit_report, to_html

    with working_folder() as held:
        reports = []
        for number, file in enumerate(files):
            last = re.sub(r"[^\w.-]", "_", re.split(r"[\\/]", file.filename or "paper")[-1])[-80:]
            folder = held / str(number)
            folder.mkdir()
            path = folder / (last.lstrip(".") or "paper")
            with path.open("xb") as out:
                shutil.copyfileobj(file.file, out)
            reports.append(audit_report(path, timeout=LIMIT))
        return to_html(reports)


def framed(audits: Audits, request: Request) -> Response:
    """The findings, in a frame that can load nothing."""
    page = audits.get(request.path_params["number"])
    if page is None:
        return HTMLResponse("This audit is no longer kept.", 404, headers=FRAMED)
    return HTMLResponse(page, headers=FRAMED)

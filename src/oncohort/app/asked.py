"""What a request asks: the study of its address, its form, the page that answers it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, RedirectResponse, Response

from oncohort.app.opened import StaleError
from oncohort.app.wording import say
from oncohort.dataclass import dataclass
from oncohort.problems import OncohortError

if TYPE_CHECKING:
    from jinja2 import Environment
    from starlette.requests import Request

    from oncohort.app.jobs import Jobs
    from oncohort.app.opened import Library, Opened
    from oncohort.app.security import Session

STEPS = ("personal", "columns", "questions", "problems",
         "protocol", "results", "write", "history")  # fmt: skip
"""The pages of a study, in the order of the work."""


here: ContextVar[str] = ContextVar("here", default="/")
"""The address of the page that is answered, to come back to it in another language."""


@dataclass(frozen=True)
class Site:
    """What every page needs."""

    session: Session
    library: Library
    jobs: Jobs
    templates: Environment

    def page(self, name: str, status: int = 200, **values: object) -> Response:
        """A page from its template."""
        html = self.templates.get_template(name).render(
            form_token=self.session.form_token, steps=STEPS, address=here.get(), **values
        )
        return HTMLResponse(html, status)

    def of_study(
        self, request: Request, opened: Opened, step: str, status: int = 200, **values: object
    ) -> Response:
        """A page of a study, with its steps beside it."""
        return self.page(
            f"{step}.html",
            status,
            opened=opened,
            base=f"/s/{opened.key}",
            step=step,
            version=opened.version,
            undo=opened.can_undo(),
            notice=request.query_params.get("notice", "")[:300],
            job=self.jobs.get(opened.key),
            **values,
        )

    def failed(self, error: OncohortError, back: str) -> Response:
        """A refusal in words, with a way back."""
        stale = isinstance(error, StaleError)
        status = 409 if stale else 400
        changed = error.changed if isinstance(error, StaleError) else ""
        what = "" if error.problems else say("notices.stale") if stale else str(error)
        return self.page(
            "failed.html",
            status,
            what=what,
            problems=error.problems,
            changed=changed,
            back=back,
        )

    def of_another_start(self, back: str) -> Response:
        """The refusal of a form that is of an earlier start, or of somebody else."""
        what = say("notices.other_start")
        return self.page("failed.html", 403, what=what, problems=(), changed="", back=back)


Handler = Callable[["Request"], Awaitable[Response]]


def of_study(
    site: Site,
    work: Callable[[Request, Opened, Mapping[str, object]], Response],
    *,
    form: bool = False,
) -> Handler:
    """A handler for a page of one study: finds it, reads the form, works outside the event loop."""

    async def handle(request: Request) -> Response:
        opened = site.library.get(request.path_params["key"])
        if opened is None or not opened.path.is_file():
            return site.page("gone.html", 404)
        given: Mapping[str, object] = {}
        if form:
            given = await request.form(max_files=40, max_fields=20_000, max_part_size=4_000_000)
            if not site.session.form_is_ours(str(given.get("form_token", ""))):
                return site.of_another_start(f"/s/{opened.key}/protocol")
        try:
            return await run_in_threadpool(work, request, opened, given)
        except OncohortError as error:
            return site.failed(error, f"/s/{opened.key}/protocol")

    return handle


def go(address: str) -> Response:
    """To another page, after a change."""
    return RedirectResponse(address, 303)


def words(given: Mapping[str, object], name: str, most: int = 4000) -> str:
    """A text of a form."""
    return str(given.get(name, "")).replace("\r\n", "\n").strip()[:most]


def below(folder: Path, name: str) -> Path | None:
    """A file below a folder, by its name; None for anything else, links out of it too."""
    try:
        path = (folder / name).resolve()
        inside = path.is_relative_to(folder.resolve()) and path.is_file()
    except (OSError, ValueError):
        return None
    return path if inside else None

"""The addresses: which page answers which."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from oncohort.app.asked import Site, go, here, of_study, words
from oncohort.app.pages import paper, results, start, twin
from oncohort.app.security import TooMuchError, Walls
from oncohort.app.wording import COOKIE, chosen, language, languages, say

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from oncohort.app.jobs import Jobs
    from oncohort.app.opened import Library
    from oncohort.app.security import Session

_HERE = Path(__file__).parent


def templates() -> Environment:
    """Our pages; every value is escaped, a missing one is an error."""
    made = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals |= {"say": say, "language": language.get, "languages": languages}
    return made


def site(session: Session, library: Library, jobs: Jobs, *, first: str = "/") -> ASGIApp:
    """The whole site behind its walls.

    Parameters
    ----------
    first
        Where the opening address leads.
    """
    site = Site(session, library, jobs, templates())
    audits = paper.Audits()

    async def enter(request: Request) -> Response:
        token = request.query_params.get("token", "")
        if not session.knows(token):
            return PlainTextResponse("This address is of another start of oncohort app.", 401)
        answer = RedirectResponse(first, 303)
        answer.set_cookie(session.cookie, session.token, httponly=True, samesite="strict", path="/")
        return answer

    async def failed(request: Request, error: Exception) -> Response:
        what = say("notices.program")
        return site.page("failed.html", 500, what=what, problems=(), changed="", back="/")

    async def missing(request: Request, error: Exception) -> Response:
        return site.page("gone.html", 404)

    async def too_much(request: Request, error: Exception) -> Response:
        return PlainTextResponse(str(error), 413, headers={"connection": "close"})

    async def framed(request: Request) -> Response:
        return paper.framed(audits, request)

    routes = [
        Route("/open", enter),
        Route("/", partial(start.show, site)),
        Route("/", partial(start.act, site), methods=["POST"]),
        Route("/audit", partial(paper.show, site, audits)),
        Route("/audit", partial(paper.act, site, audits), methods=["POST"]),
        Route("/audit/{number}", framed),
        Route("/twin", partial(twin.show, site)),
        Route("/twin", partial(twin.act, site), methods=["POST"]),
        Route("/twin/progress", partial(twin.progress, site)),
        Route("/s/{key}", lambda r: RedirectResponse(f"/s/{r.path_params['key']}/problems")),
        Route("/s/{key}/progress", partial(results.progress, site)),
        *_of_studies(site),
        Route("/language", partial(speak, site), methods=["POST"]),
        Route("/patient.css", results.patient_style),
        Mount("/static", StaticFiles(directory=_HERE / "static")),
    ]
    told = {404: missing, 405: missing, 500: failed, TooMuchError: too_much}
    app = Starlette(routes=routes, exception_handlers=told)
    return Walls(InLanguage(app), session)


class InLanguage:
    """Middleware: the language and the address of the request, for the texts of its answer."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] == "http":
            asked = Request(scope)
            accepted = asked.headers.get("accept-language", "")
            language.set(chosen(asked.cookies.get(COOKIE, ""), accepted))
            here.set(asked.url.path + (f"?{asked.url.query}" if asked.url.query else ""))
        await self.app(scope, receive, send)


async def speak(site: Site, request: Request) -> Response:
    """Another language from now on, at the page where it was asked for."""
    given = await request.form(max_files=1, max_fields=10, max_part_size=10_000)
    if not site.session.form_is_ours(str(given.get("form_token", ""))):
        return site.of_another_start("/")
    back = words(given, "back")
    local = back.startswith("/") and not back.startswith(("//", "/\\"))
    answer = go(back if local else "/")
    wanted = words(given, "language")
    if wanted in languages():
        answer.set_cookie(COOKIE, wanted, max_age=365 * 86400, httponly=True, samesite="strict")
    return answer


def _of_studies(site: Site) -> list[Route]:
    """The pages of a study, below its address."""
    get, post = _getter(site), _poster(site)
    return [
        get("personal", _late("chart", "personal")),
        post("personal", _late("chart", "set_personal")),
        get("columns", _late("chart", "columns")),
        post("columns", _late("chart", "set_column")),
        get("questions", _late("protocol", "questions")),
        post("questions", _late("protocol", "answer")),
        post("undo", _late("protocol", "undo")),
        get("problems", _late("protocol", "problems")),
        post("problems", _late("protocol", "decide")),
        get("marked.xlsx", _late("protocol", "marked")),
        get("protocol", _late("protocol", "protocol")),
        post("protocol", _late("protocol", "set_protocol")),
        post("flow", _late("protocol", "live_flow")),
        get("results", _late("results", "results")),
        post("results", _late("results", "start")),
        get("report", _late("results", "report")),
        get("write", _late("write", "write")),
        post("write", _late("write", "keep")),
        get("history", _late("history", "history")),
        post("history", _late("history", "go_back")),
        get("shared.zip", _late("results", "shared")),
        get("figure/{name}", _late("results", "figure")),
        get("patient", _late("results", "patient")),
        get("files/{name:path}", _late("results", "download")),
    ]


def _late(module: str, name: str) -> Callable[..., Response]:
    """A page whose module is loaded when it is first asked for: the first page comes at once."""

    def work(*asked: object) -> Response:
        page: Callable[..., Response] = getattr(import_module(f"oncohort.app.pages.{module}"), name)
        return page(*asked)

    return work


def _getter(site: Site) -> Callable[..., Route]:
    def get(path: str, work: Callable[..., Response]) -> Route:
        return Route(f"/s/{{key}}/{path}", of_study(site, partial(work, site)))

    return get


def _poster(site: Site) -> Callable[..., Route]:
    def post(path: str, work: Callable[..., Response]) -> Route:
        handler: Callable[[Request], Awaitable[Response]] = of_study(
            site, partial(work, site), form=True
        )
        return Route(f"/s/{{key}}/{path}", handler, methods=["POST"])

    return post

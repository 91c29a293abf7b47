"""The addresses: which page answers which."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from oncohort.app.asked import Desk, go, here, of_study, words
from oncohort.app.pages import (
    chart,
    history,
    paper,
    protocol,
    results,
    start,
    twin,
    write,
)
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
    desk = Desk(session, library, jobs, templates())
    audits = paper.Audits()

    async def enter(request: Request) -> Response:
        token = request.query_params.get("token", "")
        if not session.knows(token):
            return PlainTextResponse("This address is of another start of oncohort app.", 401)
        answer = RedirectResponse(first, 303)
        answer.set_cookie(session.cookie, session.token, httponly=True, samesite="strict", path="/")
        return answer

    async def failed(request: Request, error: Exception) -> Response:
        what = say("said.program")
        return desk.page("failed.html", 500, what=what, problems=(), changed="", back="/")

    async def missing(request: Request, error: Exception) -> Response:
        return desk.page("gone.html", 404)

    async def too_much(request: Request, error: Exception) -> Response:
        return PlainTextResponse(str(error), 413, headers={"connection": "close"})

    async def framed(request: Request) -> Response:
        return paper.framed(audits, request)

    routes = [
        Route("/open", enter),
        Route("/", partial(start.show, desk)),
        Route("/", partial(start.act, desk), methods=["POST"]),
        Route("/audit", partial(paper.show, desk, audits)),
        Route("/audit", partial(paper.act, desk, audits), methods=["POST"]),
        Route("/audit/{number}", framed),
        Route("/twin", partial(twin.show, desk)),
        Route("/twin", partial(twin.act, desk), methods=["POST"]),
        Route("/twin/progress", partial(twin.progress, desk)),
        Route("/s/{key}", lambda r: RedirectResponse(f"/s/{r.path_params['key']}/problems")),
        Route("/s/{key}/progress", partial(results.progress, desk)),
        *_of_studies(desk),
        Route("/language", partial(speak, desk), methods=["POST"]),
        Route("/patient.css", results.patient_style),
        Mount("/static", StaticFiles(directory=_HERE / "static")),
    ]
    told = {404: missing, 405: missing, 500: failed, TooMuchError: too_much}
    app = Starlette(routes=routes, exception_handlers=told)
    return Walls(Spoken(app), session)


class Spoken:
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


async def speak(desk: Desk, request: Request) -> Response:
    """Another language from now on, at the page where it was asked for."""
    given = await request.form(max_files=1, max_fields=10, max_part_size=10_000)
    if not desk.session.form_is_ours(str(given.get("form_token", ""))):
        return desk.of_another_start("/")
    back = words(given, "back")
    local = back.startswith("/") and not back.startswith(("//", "/\\"))
    answer = go(back if local else "/")
    wanted = words(given, "language")
    if wanted in languages():
        answer.set_cookie(COOKIE, wanted, max_age=365 * 86400, httponly=True, samesite="strict")
    return answer


def _of_studies(desk: Desk) -> list[Route]:
    """The pages of a study, below its address."""
    get, post = _getter(desk), _poster(desk)
    return [
        get("personal", chart.personal),
        post("personal", chart.set_personal),
        get("columns", chart.columns),
        post("columns", chart.set_column),
        get("questions", protocol.questions),
        post("questions", protocol.answer),
        post("undo", protocol.undo),
        get("problems", protocol.problems),
        post("problems", protocol.decide),
        get("marked.xlsx", protocol.marked),
        get("protocol", protocol.protocol),
        post("protocol", protocol.set_protocol),
        post("flow", protocol.live_flow),
        get("results", results.results),
        post("results", results.start),
        get("report", results.report),
        get("write", write.write),
        post("write", write.keep),
        get("history", history.history),
        post("history", history.go_back),
        get("shared.zip", results.shared),
        get("figure/{name}", results.figure),
        get("patient", results.patient),
        get("files/{name:path}", results.download),
    ]


def _getter(desk: Desk) -> Callable[..., Route]:
    def get(path: str, work: Callable[..., Response]) -> Route:
        return Route(f"/s/{{key}}/{path}", of_study(desk, partial(work, desk)))

    return get


def _poster(desk: Desk) -> Callable[..., Route]:
    def post(path: str, work: Callable[..., Response]) -> Route:
        handler: Callable[[Request], Awaitable[Response]] = of_study(
            desk, partial(work, desk), form=True
        )
        return Route(f"/s/{{key}}/{path}", handler, methods=["POST"])

    return post

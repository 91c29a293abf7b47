"""Who may ask, how much, and what a page may do: the walls around the pages.

The server listens on loopback only. Other programs and other users of the computer, and any web
site that the browser has open, can still reach a loopback port; so each request must have the
session's cookie, name this server as its host, and, where it changes something, come from one of
our own pages (Origin) with the session's form token.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import field
from typing import TYPE_CHECKING

from oncohort.dataclass import dataclass

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

MAX_BODY = 300_000_000
"""Bytes of an upload."""
BODY_SECONDS = 120.0
"""How long a body may take to arrive."""
WAIT_SECONDS = 20.0
"""How long a sender may be silent within a body."""
OPEN_PATHS = ("/open", "/static/")
"""Paths that need no cookie: the front page, and files without data."""
HEADERS = {
    "content-security-policy": "default-src 'none'; style-src 'self'; script-src 'self'; "
    "img-src 'self' data:; connect-src 'self'; frame-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cache-control": "no-store",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "x-frame-options": "DENY",
}
"""Of every answer, unless a page sets its own."""
FRAMED = {
    "content-security-policy": "sandbox allow-scripts allow-downloads; default-src 'none'; "
    "script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; font-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self'",
    "x-frame-options": "SAMEORIGIN",
}
"""Of a document shown within a page: an origin of its own, and nothing to load."""


@dataclass(frozen=True, slots=True)
class Session:
    """The secrets of one start of the server.

    Examples
    --------
    >>> session = Session(8000)
    >>> session.knows(session.token), session.knows("")
    (True, False)
    """

    port: int
    token: str = field(default_factory=lambda: secrets.token_urlsafe(32))

    @property
    def cookie(self) -> str:
        """Name of the cookie; two servers on two ports don't share it."""
        return f"oncohort_{self.port}"

    @property
    def form_token(self) -> str:
        """What each of our forms holds."""
        return hmac.new(self.token.encode(), b"form", hashlib.sha256).hexdigest()

    @property
    def hosts(self) -> frozenset[str]:
        """Names under which the server may be asked."""
        return frozenset(f"{name}:{self.port}" for name in ("127.0.0.1", "localhost", "[::1]"))

    def knows(self, token: str) -> bool:
        """Whether a token is the session's; the time taken says nothing of it."""
        return hmac.compare_digest(token.encode(), self.token.encode())

    def form_is_ours(self, token: str) -> bool:
        """Whether a form's token is the session's."""
        return hmac.compare_digest(token.encode(), self.form_token.encode())


def _header(scope: Scope, name: bytes) -> str:
    found = [v for k, v in scope["headers"] if k == name]
    return found[0].decode("latin-1") if len(found) == 1 else ""


def _cookie(scope: Scope, name: str) -> str:
    for part in _header(scope, b"cookie").split(";"):
        key, _, value = part.strip().partition("=")
        if key == name:
            return value
    return ""


def refusal(session: Session, scope: Scope) -> tuple[int, str] | None:
    """Why a request is refused, as status and words; None where it may go on."""
    if _header(scope, b"host") not in session.hosts:
        return 421, "This address is not served here."
    origin = _header(scope, b"origin")
    ours = {f"http://{host}" for host in session.hosts}
    if origin and origin not in ours:
        return 403, "A page of another site asked. That is refused."
    site = _header(scope, b"sec-fetch-site")
    path = scope["path"]
    if site and site not in {"same-origin", "none"} and path != "/open":
        return 403, "A page of another site asked. That is refused."
    if scope["method"] not in {"GET", "HEAD", "POST"}:
        return 405, "This way of asking is not known."
    if scope["method"] == "POST" and not origin:
        return 403, "A change has to come from a page of this program."
    if path.startswith(OPEN_PATHS) or path == "/open":
        return None
    if not session.knows(_cookie(scope, session.cookie)):
        return 401, "Open the address that oncohort app printed. It belongs to one start."
    length = _header(scope, b"content-length")
    if length and (not length.isdigit() or int(length) > MAX_BODY):
        return 413, f"A file may have {MAX_BODY // 1_000_000} MB."
    return None


class Walls:
    """Middleware: refuses what may not come in, bounds what does, and sets the headers."""

    def __init__(self, app: ASGIApp, session: Session) -> None:
        self.app = app
        self.session = session

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":
            return
        refused = refusal(self.session, scope)
        if refused is not None:
            await _say(send, *refused)
            return

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = {k.lower() for k, _ in message["headers"]}
                message["headers"] = [
                    *message["headers"],
                    *(
                        (k.encode(), v.encode())
                        for k, v in HEADERS.items()
                        if k.encode() not in given
                    ),
                ]
            await send(message)

        try:
            await self.app(scope, _bounded(receive), answer)
        except TooMuchError as error:
            await _say(send, 413, str(error))


class TooMuchError(Exception):
    """A body that is too large or too slow."""


def _bounded(receive: Receive) -> Receive:
    """Receive a body of bounded size and time, whatever length it says it has."""
    import asyncio
    import time

    start = time.monotonic()
    size = 0
    whole = False

    async def bounded() -> Message:
        nonlocal size, whole
        if whole:
            return await receive()
        left = BODY_SECONDS - (time.monotonic() - start)
        try:
            message = await asyncio.wait_for(receive(), max(0.0, min(WAIT_SECONDS, left)))
        except TimeoutError as error:
            raise TooMuchError("The upload took too long.") from error
        size += len(message.get("body", b""))
        whole = not message.get("more_body", False)
        if size > MAX_BODY:
            raise TooMuchError(f"A file may have {MAX_BODY // 1_000_000} MB.")
        return message

    return bounded


async def _say(send: Send, status: int, words: str) -> None:
    body = words.encode()
    headers = [(b"content-type", b"text/plain; charset=utf-8")]
    headers += [(b"content-length", str(len(body)).encode()), (b"connection", b"close")]
    headers += [(k.encode(), v.encode()) for k, v in HEADERS.items()]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})

"""Start the server: loopback only, a fresh token, the user's browser; stop when nobody asks."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
import time
import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING

from oncohort.problems import OncohortError

if TYPE_CHECKING:
    from starlette.types import ASGIApp

IDLE = 4 * 3600.0
"""Seconds without a request after which the server ends."""
REMEMBERED = Path("~/.config/oncohort/recent.json")


def loopback(port: int) -> list[socket.socket]:
    """Sockets on 127.0.0.1 and, where the machine has it, ::1; both on one port.

    Raises
    ------
    OncohortError
        The port is taken.
    """
    first = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    _claim(first)
    try:
        first.bind(("127.0.0.1", port))
    except OSError as error:
        first.close()
        raise OncohortError(f"Port {port} is taken. Name another, or none.") from error
    out = [first]
    if socket.has_ipv6:
        second = socket.socket(socket.AF_INET6, socket.SOCK_STREAM)
        try:
            _claim(second)
            second.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            second.bind(("::1", first.getsockname()[1]))
            out.append(second)
        except OSError:
            second.close()
    # From now on a browser that is quicker than the start of the server waits; it is not refused.
    for one in out:
        one.listen(128)
    return out


def _claim(one: socket.socket) -> None:
    """Take a port for this program alone; one that has just been given up can be taken at once."""
    exclusive = getattr(socket, "SO_EXCLUSIVEADDRUSE", None)
    if exclusive is not None:  # Windows, where SO_REUSEADDR lets another program in as well
        one.setsockopt(socket.SOL_SOCKET, exclusive, 1)
    else:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)


class LastAsked:
    """Middleware that notes when somebody last asked."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.at = time.monotonic()

    async def __call__(self, scope, receive, send) -> None:  # type: ignore[no-untyped-def]
        """One request."""
        self.at = time.monotonic()
        await self.app(scope, receive, send)


def serve(study: Path | None, *, port: int, browser: bool, idle: float = IDLE) -> None:
    """Serve until stopped, or until nobody has asked for a long time and nothing runs."""
    import uvicorn

    from oncohort.app.connections import config_of
    from oncohort.app.jobs import Jobs
    from oncohort.app.opened import Library
    from oncohort.app.security import Session
    from oncohort.app.site import site

    sockets = loopback(port)
    session = Session(sockets[0].getsockname()[1])
    library = Library(REMEMBERED.expanduser(), ahead=True)
    jobs = Jobs()
    first = f"/s/{library.open(study).key}" if study is not None else "/"
    watched = LastAsked(site(session, library, jobs, first=first))
    server = uvicorn.Server(config_of(watched))
    address = f"http://127.0.0.1:{session.port}/open?token={session.token}"

    async def run() -> None:
        watch = asyncio.create_task(_end_when_idle(server, watched, jobs, idle))
        await server.serve(sockets=sockets)
        watch.cancel()

    try:
        with contextlib.suppress(KeyboardInterrupt):
            print(f"oncohort is open at {address}", flush=True)
            print("It is reached from this computer only; nothing leaves it. Ctrl-C ends it.",
                  flush=True)  # fmt: skip
            if browser:
                threading.Timer(0.3, webbrowser.open, (address,)).start()
            asyncio.run(run())
    finally:
        jobs.stop_all()
        for one in sockets:
            one.close()


async def _end_when_idle(server, watched: LastAsked, jobs, idle: float) -> None:  # type: ignore[no-untyped-def]
    while not server.should_exit:
        await asyncio.sleep(min(idle, 30.0))
        if time.monotonic() - watched.at > idle and not jobs.running():
            server.should_exit = True

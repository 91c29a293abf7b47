"""Connections that say nothing: a request's head has to come in time, or its line is closed.

uvicorn bounds the silence between two requests, but not the head of one: a sender who writes a
letter now and then would hold one of the few connections for ever.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from uvicorn import Config
from uvicorn.protocols.http.h11_impl import H11Protocol

if TYPE_CHECKING:
    from starlette.types import ASGIApp

HEAD_SECONDS = 15.0
"""How long the head of a request may take to arrive."""
MOST = 200
"""Connections at a time; further ones are told to come again."""


class Bounded(H11Protocol):
    """HTTP whose heads come in time."""

    _late: asyncio.TimerHandle | None = None
    _after: object = None
    """The answer after which the head that is waited for comes."""

    def connection_made(self, transport: Any) -> None:
        """Somebody called."""
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Some bytes came; the first ones of a head start its time."""
        between = self.cycle is None or self.cycle.response_complete
        if between and (self._late is None or self._after is not self.cycle):
            self._wait()
        super().data_received(data)

    def connection_lost(self, exc: Exception | None) -> None:
        """The line is closed."""
        if self._late is not None:
            self._late.cancel()
        super().connection_lost(exc)

    def _wait(self) -> None:
        if self._late is not None:
            self._late.cancel()  # of a head that has come
        self._after = self.cycle
        self._late = self.loop.call_later(HEAD_SECONDS, self._too_late, self.cycle)

    def _too_late(self, before: object) -> None:
        self._late = None
        if self.cycle is before and not self.transport.is_closing():
            self.transport.close()


def config_of(app: ASGIApp) -> Config:
    """How the pages are served: nothing is logged, and little is held open."""
    return Config(
        app,
        http=Bounded,
        log_level="critical",
        access_log=False,
        server_header=False,
        date_header=False,
        timeout_keep_alive=10,
        limit_concurrency=MOST,
        h11_max_incomplete_event_size=32_768,
        lifespan="off",
    )

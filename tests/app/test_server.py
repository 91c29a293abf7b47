"""The server's sockets: loopback only, and open before the address is told."""

from __future__ import annotations

import socket

import pytest

from oncohort.app.server import loopback
from oncohort.problems import OncohortError


def test_a_browser_that_is_quicker_than_the_server_waits_and_is_not_refused() -> None:
    sockets = loopback(0)
    try:
        port = sockets[0].getsockname()[1]
        with socket.create_connection(("127.0.0.1", port), timeout=5) as asked:
            asked.sendall(b"GET / HTTP/1.1\r\n\r\n")
    finally:
        for one in sockets:
            one.close()


def test_only_loopback_is_listened_on_and_a_taken_port_is_said() -> None:
    sockets = loopback(0)
    try:
        assert {s.getsockname()[0] for s in sockets} <= {"127.0.0.1", "::1"}
        with pytest.raises(OncohortError, match="is taken"):
            loopback(sockets[0].getsockname()[1])
    finally:
        for one in sockets:
            one.close()

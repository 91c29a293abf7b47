"""The server's sockets: loopback only, and open before the address is told."""

from __future__ import annotations

import socket

import pytest

from oncohort.app.pages.start import _name
from oncohort.app.server import _claim, loopback
from oncohort.problems import OncohortError


def test_a_browser_that_is_quicker_than_the_server_waits_and_is_not_refused() -> None:
    sockets = loopback(0)
    try:
        port = sockets[0].getsockname()[1]
        with socket.create_connection(("127.0.0.1", port), timeout=5) as asked:
            asked.sendall(b"GET / HTTP/1.1\r\n\r\n")
            assert asked.getpeername()[1] == port
    finally:
        for one in sockets:
            one.close()


def test_on_windows_a_port_is_taken_for_this_program_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[int] = []

    class Recorder:
        def setsockopt(self, level: int, option: int, value: int) -> None:
            asked.append(option)

    monkeypatch.setattr(socket, "SO_EXCLUSIVEADDRUSE", -5, raising=False)
    _claim(Recorder())  # type: ignore[arg-type]
    assert asked == [-5], "SO_REUSEADDR would let another program in there"


@pytest.mark.parametrize("name", ["nul.csv", "CON.xlsx", "com1.csv", "aux.tar.csv"])
def test_a_device_of_windows_is_no_name_of_a_file(name: str) -> None:
    assert _name(name, 0) == f"_{name}"


@pytest.mark.parametrize("name", ["C:\\data\\chart.csv", "..\\chart.csv", "a/b/chart.csv"])
def test_a_dropped_file_keeps_its_last_name_only(name: str) -> None:
    assert _name(name, 0) == "chart.csv"


def test_only_loopback_is_listened_on_and_a_taken_port_is_said() -> None:
    sockets = loopback(0)
    try:
        assert {s.getsockname()[0] for s in sockets} <= {"127.0.0.1", "::1"}
        with pytest.raises(OncohortError, match="is taken"):
            loopback(sockets[0].getsockname()[1])
    finally:
        for one in sockets:
            one.close()

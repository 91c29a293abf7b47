"""Attacks on the pages: slow heads, a thousand at once, old tokens, what errors and logs tell."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from served_site import Site, served, wait  # noqa: F401

from chromium import PATIENCE
from oncohort.app.opened import Opened
from oncohort.app.security import Session
from oncohort.study.demo import write_demo


@pytest.fixture
def study(served: Site) -> str:
    """Address of the built-in study, opened."""
    write_demo(served.home / "study")
    return f"/s/{served.library.open(served.home / 'study').key}"


def head(served: Site, path: str, *more: str) -> bytes:
    """The head of a request of somebody who may ask."""
    cookie = f"{served.session.cookie}={served.session.token}"
    lines = (f"GET {path} HTTP/1.1", f"host: 127.0.0.1:{served.session.port}",
             f"cookie: {cookie}", "connection: close", *more)  # fmt: skip
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def test_heads_that_never_end_hold_no_connection(
    served: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("oncohort.app.connections.HEAD_SECONDS", 0.2)
    monkeypatch.setattr("oncohort.app.connections.MOST", 20)
    slow = []
    for _ in range(40):
        one = socket.create_connection(("127.0.0.1", served.session.port), timeout=PATIENCE)
        one.sendall(b"GET / HTTP/1.1\r\nx-")
        slow.append(one)
    silent = socket.create_connection(("127.0.0.1", served.session.port), timeout=PATIENCE)
    for one in (*slow, silent):
        with contextlib.suppress(ConnectionError):  # a reset is a closed line, too
            assert one.recv(10) in (b"", b"HTTP/1.1 5", b"HTTP/1.1 4")
        one.close()
    assert served.get("/").status == 200


def test_a_slow_head_after_an_answered_request_is_closed_too(
    served: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("oncohort.app.connections.HEAD_SECONDS", 0.2)
    with socket.create_connection(("127.0.0.1", served.session.port), timeout=PATIENCE) as one:
        one.sendall(head(served, "/static/app.css").replace(b"close", b"keep-alive"))
        got = b""
        while b"prefers-color-scheme" not in got:
            got += one.recv(65536)
        one.sendall(b"GET / HTTP/1.1\r\nx-")
        with contextlib.suppress(ConnectionError):
            while one.recv(65536):
                pass


def test_a_thousand_at_once_are_answered_or_told_to_come_again(served: Site, study: str) -> None:
    files = pytest.importorskip("resource")
    soft, hard = files.getrlimit(files.RLIMIT_NOFILE)
    if hard != files.RLIM_INFINITY and hard < 4000:
        pytest.skip("needs 4,000 open files")
    files.setrlimit(files.RLIMIT_NOFILE, (max(soft, 4000), hard))
    statuses: list[bytes] = []
    request = head(served, f"{study}/history")

    def ask() -> None:
        lines = []
        for _ in range(100):
            one = socket.create_connection(("127.0.0.1", served.session.port), timeout=PATIENCE)
            one.sendall(request)
            lines.append(one)
        for one in lines:
            try:
                statuses.append(one.recv(12))
            except OSError:
                statuses.append(b"closed")
            one.close()

    askers = [threading.Thread(target=ask) for _ in range(10)]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join()
    assert len(statuses) == 1000
    assert set(statuses) <= {b"HTTP/1.1 200", b"HTTP/1.1 503", b"closed", b""}
    assert served.get(f"{study}/history").status == 200


def test_the_tokens_of_another_start_open_nothing(served: Site, study: str) -> None:
    old = Session(served.session.port)
    cookie = {"cookie": f"{old.cookie}={old.token}"}
    assert served.raw("GET", f"{study}/problems", headers=cookie).status == 401
    assert served.raw("GET", f"/open?token={old.token}").status == 401
    answer = served.post(f"{study}/results", form_token=old.form_token, do="run")
    assert answer.status == 403 and served.jobs.running() == 0


def test_the_other_loopback_is_the_same_door(served: Site) -> None:
    try:
        one = socket.create_connection(("::1", served.session.port), timeout=PATIENCE)
    except OSError:
        pytest.skip("this machine has no ::1")
    with one:
        one.sendall(head(served, "/").replace(b"host: 127.0.0.1", b"host: [::1]"))
        assert one.recv(12) == b"HTTP/1.1 200"


SECRET = "Müller, Hans, 4711"


def test_a_fault_of_ours_tells_nothing(
    served: Site, study: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object) -> object:
        raise RuntimeError(f"{SECRET} in {served.home}: {served.session.token}")

    monkeypatch.setattr("oncohort.app.opened.Opened.study", broken)
    for step in ("problems", "columns", "personal", "protocol", "write"):
        answer = served.get(f"{study}/{step}")
        assert answer.status == 500 and "failed" in answer.text
        for told in (SECRET, "4711", str(served.home), served.session.token, "Traceback", ".py"):
            assert told not in answer.text
    out, err = capfd.readouterr()
    assert SECRET not in out + err and served.session.token not in out + err


def test_what_an_address_says_is_shown_as_words(served: Site, study: str) -> None:
    page = served.get(f"{study}/history?notice=%3Cscript%3Ealert(1)%3C/script%3E&old=%3Cb%3E")
    assert "<script>alert" not in page.text and "&lt;script&gt;" in page.text


def test_texts_are_kept_below_the_study(served: Site, study: str) -> None:
    outside = served.home / "outside"
    outside.mkdir()
    file = served.home / "study" / "study.toml"
    plain = file.read_text("utf-8")
    ways = [str(outside), "../outside"]
    if hasattr(os, "symlink"):
        os.symlink(outside, served.home / "study" / "linked")
        ways.append("linked")
    for way in ways:
        file.write_text(re.sub(r'(?m)^text = "text".*$', f'text = "{way}"', plain), "utf-8")
        page = served.get(f"{study}/write")
        assert page.status == 400 and "outside the study" in page.text
        served.post(f"{study}/write", part="introduction", do="keep", text="x", text_version="")
    assert not list(outside.iterdir())


def test_names_of_figures_lead_nowhere_else(served: Site, study: str) -> None:
    for name in ("../study.toml", "..%2f..%2fstudy.toml", "survival.exe", "x.png", "%00.png"):
        assert served.raw("GET", f"{study}/figure/{name}", headers=served.cookie).status == 404


def start(home: Path, *arguments: str) -> subprocess.Popen[str]:
    """The server in a process of its own that ends when nobody asks."""
    code = (
        "import sys; from pathlib import Path; from oncohort.app import server; "
        "server.serve(Path(sys.argv[1]) if len(sys.argv) > 1 else None, port=0, browser=False, "
        "idle=float(sys.argv[2]) if len(sys.argv) > 2 else 1.0)"
    )
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True, env={**os.environ, "HOME": str(home)},
    )  # fmt: skip


def test_it_ends_when_nobody_asks(tmp_path: Path) -> None:
    write_demo(tmp_path / "study")
    process = start(tmp_path, str(tmp_path / "study"), "0.2")
    out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0 and "127.0.0.1" in out and err == ""


@pytest.mark.skipif(os.name != "posix", reason="Ctrl-C is sent to a process of its own")
def test_nobody_stands_in_what_it_prints(tmp_path: Path) -> None:
    folder = tmp_path / "study"
    folder.mkdir()
    (folder / "chart.csv").write_text(f'patient,age\n"{SECRET}",60\n"{SECRET} 2",banana\n')
    (folder / "study.toml").write_text('[study]\nschema = 1\ntitle = "A"\ndata = "chart.csv"\n')
    process = start(tmp_path, str(folder), "3600")
    assert process.stdout is not None
    found = re.search(r"127\.0\.0\.1:(\d+)/open\?token=(\S+)", process.stdout.readline())
    assert found is not None
    session = Session(int(found[1]), found[2])
    base = f"/s/{Opened(folder.resolve()).key}"
    for step in ("problems", "columns", "nothing", "protocol"):
        with socket.create_connection(("127.0.0.1", session.port), timeout=PATIENCE) as one:
            lines = (f"GET {base}/{step} HTTP/1.1", f"host: 127.0.0.1:{session.port}",
                     f"cookie: {session.cookie}={session.token}", "connection: close")  # fmt: skip
            one.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
            assert one.recv(12).startswith(b"HTTP/1.1 ")
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=PATIENCE)
    assert "Müller" not in out + err and "4711" not in out + err and err == ""

"""What the pages refuse: other hosts, other sites, no token, too much, paths out of the study."""

from __future__ import annotations

import http.client
import os
import socket
import sys
import threading
from html.parser import HTMLParser
from pathlib import Path

import pytest
from served_site import Site, served, wait  # noqa: F401

sys.path.insert(0, str(Path(__file__).parents[1] / "study"))

from test_injection import MARK, PAYLOADS

from chromium import PATIENCE
from oncohort.study.demo import write_demo


@pytest.fixture
def study(served: Site) -> str:
    """Address of the built-in study, opened."""
    write_demo(served.home / "study")
    return f"/s/{served.library.open(served.home / 'study').key}"


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1", "localhost:1", "127.0.0.1.evil.example", "", "[::1]"]
)
def test_another_host_is_refused(served: Site, host: str) -> None:
    answer = served.raw("GET", "/", headers=served.cookie | {"host": host})
    assert answer.status == 421
    assert "form_token" not in answer.text


def test_our_own_names_are_served(served: Site) -> None:
    for name in ("127.0.0.1", "localhost", "[::1]"):
        headers = served.cookie | {"host": f"{name}:{served.session.port}"}
        assert served.raw("GET", "/", headers=headers).status == 200


@pytest.mark.parametrize(
    "path", ["/", "/audit", "/twin", "/s/abc/problems", "/s/abc/report", "/nothing"]
)
@pytest.mark.parametrize("token", ["", "wrong", "x" * 5000])
def test_without_the_token_nothing_is_said(served: Site, path: str, token: str) -> None:
    answer = served.raw("GET", path, headers={"cookie": f"{served.session.cookie}={token}"})
    assert answer.status in (400, 401, 431)
    assert "oncohort</a>" not in answer.text


def test_the_door_takes_the_token_out_of_the_address(served: Site) -> None:
    answer = served.raw("GET", f"/open?token={served.session.token}")
    assert (answer.status, answer.headers["location"]) == (303, "/")
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie and "samesite=strict" in cookie
    assert served.raw("GET", "/open?token=wrong").status == 401
    assert served.raw("GET", "/open").status == 401


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:1"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
def test_another_site_is_refused_whatever_it_knows(
    served: Site, study: str, headers: dict[str, str]
) -> None:
    kind = {"content-type": "application/x-www-form-urlencoded"}
    body = f"form_token={served.session.form_token}&do=run".encode()
    assert (
        served.raw("POST", f"{study}/results", body, served.cookie | kind | headers).status == 403
    )
    assert served.raw("GET", f"{study}/report", headers=served.cookie | headers).status == 403
    assert served.jobs.running() == 0


def test_a_change_needs_our_form(served: Site, study: str) -> None:
    kind = {"content-type": "application/x-www-form-urlencoded"}
    body = f"form_token={served.session.form_token}&do=run".encode()
    assert served.raw("POST", f"{study}/results", body, served.cookie | kind).status == 403
    for token in ("", "wrong", served.session.token):
        answer = served.post(f"{study}/results", form_token=token, do="run")
        assert answer.status == 403
    assert served.raw("PUT", f"{study}/results", b"", served.cookie).status == 405
    assert served.raw("GET", f"{study}/undo", headers=served.cookie).status == 404
    assert served.jobs.running() == 0


@pytest.mark.parametrize(
    "name",
    [
        "../study.toml", "..%2fstudy.toml", "%2e%2e/study.toml", "/etc/passwd", "%2fetc%2fpasswd",
        "..\\study.toml", "link", "sub/../../study.toml", "%00", "a" * 5000, "",
    ],
)  # fmt: skip
def test_only_files_of_the_results_are_given(served: Site, study: str, name: str) -> None:
    results = served.home / "study" / "results"
    results.mkdir(exist_ok=True)
    (results / "plain.txt").write_text("ours")
    if hasattr(os, "symlink"):
        os.symlink(served.home / "study" / "study.toml", results / "link")
    assert served.get(f"{study}/files/plain.txt").text == "ours"
    answer = served.raw("GET", f"{study}/files/{name}", headers=served.cookie)
    assert answer.status in (307, 400, 404)
    assert "schema" not in answer.text


@pytest.mark.parametrize("length", ["10000000000", "-1", "1e3", "abc"])
def test_a_body_that_says_it_is_too_large_is_not_read(served: Site, length: str) -> None:
    kind = {"content-type": "multipart/form-data; boundary=x", "origin": served.origin}
    try:
        answer = served.raw("POST", "/", b"--x", served.cookie | kind | {"content-length": length})
    except (http.client.HTTPException, OSError):
        return  # closed without a word
    assert answer.status in (400, 413)


def test_a_body_without_a_length_is_bounded(served: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("oncohort.app.security.MAX_BODY", 200_000)
    with socket.create_connection(("127.0.0.1", served.session.port), timeout=PATIENCE) as sender:
        head = (
            f"POST / HTTP/1.1\r\nhost: 127.0.0.1:{served.session.port}\r\n"
            f"origin: {served.origin}\r\n"
            f"cookie: {served.session.cookie}={served.session.token}\r\n"
            "content-type: multipart/form-data; boundary=x\r\ntransfer-encoding: chunked\r\n\r\n"
        )
        sender.sendall(head.encode())
        first = b'--x\r\nContent-Disposition: form-data; name="chart"; filename="a.csv"\r\n\r\n'
        chunk = first + b"a" * 60_000
        said = b""
        try:
            for _ in range(40):
                sender.sendall(f"{len(chunk):x}\r\n".encode() + chunk + b"\r\n")
                chunk = b"a" * 60_000
            said = sender.recv(100)
        except OSError:
            said = said or b"HTTP/1.1 413"
    assert b"413" in said


def test_a_sender_who_is_silent_is_not_waited_for(
    served: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("oncohort.app.security.WAIT_SECONDS", 0.3)
    senders = []
    for _ in range(20):
        sender = socket.create_connection(("127.0.0.1", served.session.port), timeout=PATIENCE)
        sender.sendall(
            f"POST / HTTP/1.1\r\nhost: 127.0.0.1:{served.session.port}\r\n"
            f"origin: {served.origin}\r\n"
            f"cookie: {served.session.cookie}={served.session.token}\r\ncontent-length: 1000\r\n"
            "content-type: application/x-www-form-urlencoded\r\n\r\na".encode()
        )
        senders.append(sender)
    assert served.get("/").status == 200
    for sender in senders:
        assert sender.recv(20) in (b"", b"HTTP/1.1 413 Content"[:20], b"HTTP/1.1 413 Request")
        sender.close()


def test_many_at_once_are_all_answered(served: Site, study: str) -> None:
    statuses: list[int] = []

    def ask() -> None:
        for _ in range(4):
            try:
                statuses.append(served.get(f"{study}/questions").status)
            except OSError:
                statuses.append(0)

    askers = [threading.Thread(target=ask) for _ in range(20)]
    for one in askers:
        one.start()
    for one in askers:
        one.join()
    assert set(statuses) <= {200, 503}
    assert statuses.count(200) > 0
    assert served.get("/").status == 200


def test_every_answer_has_its_walls(served: Site, study: str) -> None:
    for path in ("/", "/audit", f"{study}/problems", "/nothing", "/static/app.css"):
        headers = served.get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy and "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
    served.jobs.start(study.rpartition("/")[2], "Running", ["run", str(served.home / "study")])
    job = served.jobs.get(study.rpartition("/")[2])
    assert job is not None and wait(lambda: not job.running)
    policy = served.get(f"{study}/report").headers["content-security-policy"]
    assert policy.startswith("sandbox allow-scripts") and "allow-same-origin" not in policy


def test_an_error_page_names_no_path(served: Site, study: str, tmp_path: Path) -> None:
    (served.home / "study" / "study.toml").write_text("[study\n")
    for step in ("problems", "columns", "personal", "protocol", "results", "write", "history"):
        answer = served.get(f"{study}/{step}")
        assert answer.status in (200, 400)
        assert "Traceback" not in answer.text and "site-packages" not in answer.text


PAYLOAD = "\"><script>alert(1)</script><img src=x onerror=alert(1)>{{7*7}}'; --"


class Marked(HTMLParser):
    """What of the payloads came through as more than text."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.inside = tag
        for name, value in [(tag, ""), *attrs]:
            address = name in ("href", "src", "action", "style") and not str(value).startswith("/")
            if MARK in name or name.startswith("on") or (address and MARK in str(value)):
                self.found.append(f"{tag} {name}={value}")

    def handle_endtag(self, tag: str) -> None:
        self.inside = ""

    def handle_data(self, data: str) -> None:
        if MARK in data and self.inside in ("script", "style"):
            self.found.append(data)


def test_names_and_cells_of_a_workbook_are_escaped(served: Site) -> None:
    """A hundred payloads as ids, values and a column's name, and a sheet's name."""
    import openpyxl
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    texts = [ILLEGAL_CHARACTERS_RE.sub("", p) for p in PAYLOADS]
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Pat<b>ients"[:31]
    sheet.append(["Patient ID", PAYLOAD, "Sex", "Start of treatment", "Death"])
    for i in range(34):
        sheet.append([texts[i], texts[34 + i], texts[66 + i], f"2020-01-{i % 28 + 1:02}", None])
        for cell in sheet[sheet.max_row][:3]:
            cell.data_type = "s"  # a text, also where it looks like a formula
    path = served.home / "chart.xlsx"
    book.save(path)
    answer = served.upload(
        "/", "chart", {"chart.xlsx": path.read_bytes()}, folder=str(served.home / "new"), do="new"
    )
    assert answer.status == 200
    base = f"/s/{served.library.open(served.home / 'new').key}"
    for step in (
        "personal",
        "columns",
        "questions",
        "problems",
        "protocol",
        "results",
        "write",
        "history",
        "patient?id=<x>",
    ):
        text = served.get(f"{base}/{step}").text
        assert "<script>alert" not in text and "<img src=x" not in text and "Pat<b>" not in text, (
            step
        )
        assert "49; --" not in text
        page = Marked()
        page.feed(text)
        assert page.found == [], step

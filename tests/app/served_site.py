"""A server of the pages for the tests, and a small client that behaves like a browser."""

from __future__ import annotations

import http.client
import re
import socket
import threading
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import pytest
import uvicorn

from chromium import PATIENCE
from oncohort.app.connections import config_of
from oncohort.app.jobs import Jobs
from oncohort.app.opened import Library
from oncohort.app.security import Session
from oncohort.app.server import loopback
from oncohort.app.site import site


@dataclass
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    text: str

    def field(self, name: str) -> str:
        """Value of the first hidden field of a name."""
        found = re.search(rf'name="{name}" value="([^"]*)"', self.text)
        assert found, f"no field {name}"
        return found[1]


@dataclass
class Site:
    """A running server."""

    session: Session
    library: Library
    jobs: Jobs
    home: Path

    def raw(
        self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> Answer:
        """A request with just these headers."""
        connection = http.client.HTTPConnection("127.0.0.1", self.session.port, timeout=PATIENCE)
        given = {"host": f"127.0.0.1:{self.session.port}", **(headers or {})}
        connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        for key, value in given.items():
            connection.putheader(key, value)
        if body and "content-length" not in given:
            connection.putheader("content-length", str(len(body)))
        connection.endheaders(body or None)
        reply = connection.getresponse()
        text = reply.read().decode("utf-8", "replace")
        connection.close()
        return Answer(reply.status, {k.lower(): v for k, v in reply.getheaders()}, text)

    @property
    def cookie(self) -> dict[str, str]:
        """The header that a browser sends after the door was opened."""
        return {"cookie": f"{self.session.cookie}={self.session.token}"}

    @property
    def origin(self) -> str:
        """Our own origin."""
        return f"http://127.0.0.1:{self.session.port}"

    def get(self, path: str) -> Answer:
        """A page, as the browser asks for it; redirects are followed."""
        answer = self.raw("GET", path, headers=self.cookie)
        while answer.status in (303, 307):
            answer = self.raw("GET", answer.headers["location"], headers=self.cookie)
        return answer

    def post(self, path: str, **fields: str) -> Answer:
        """A form, with its token unless another is given; redirects are followed."""
        fields.setdefault("form_token", self.session.form_token)
        kind = {"content-type": "application/x-www-form-urlencoded", "origin": self.origin}
        answer = self.raw("POST", path, urlencode(fields).encode(), self.cookie | kind)
        return self.get(answer.headers["location"]) if answer.status == 303 else answer

    def upload(self, path: str, field: str, files: dict[str, bytes], **fields: str) -> Answer:
        """A form with files; redirects are followed."""
        edge = uuid.uuid4().hex
        fields.setdefault("form_token", self.session.form_token)
        parts = [
            f'--{edge}\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n'.encode()
            for k, v in fields.items()
        ]
        parts += [
            f'--{edge}\r\nContent-Disposition: form-data; name="{field}"; filename="{name}"\r\n'
            "Content-Type: application/octet-stream\r\n\r\n".encode()
            + data
            + b"\r\n"
            for name, data in files.items()
        ]
        body = b"".join(parts) + f"--{edge}--\r\n".encode()
        kind = {"content-type": f"multipart/form-data; boundary={edge}", "origin": self.origin}
        answer = self.raw("POST", path, body, self.cookie | kind)
        return self.get(answer.headers["location"]) if answer.status == 303 else answer


def wait(until: object, seconds: float = PATIENCE) -> bool:
    """Whether something becomes true in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if until():  # type: ignore[operator]
            return True
        time.sleep(0.05)
    return False


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Site]:
    """A server on a free port, with nothing open."""
    sockets: list[socket.socket] = loopback(0)
    session = Session(sockets[0].getsockname()[1])
    library, jobs = Library(tmp_path / "recent.json"), Jobs()
    server = uvicorn.Server(config_of(site(session, library, jobs)))
    thread = threading.Thread(target=server.run, args=(sockets,), daemon=True)
    thread.start()
    assert wait(lambda: server.started)
    yield Site(session, library, jobs, tmp_path)
    jobs.stop_all()
    server.should_exit = True
    thread.join(PATIENCE)
    for one in sockets:
        one.close()

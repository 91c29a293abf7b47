"""kill -9 at forty moments of answers, runs and uploads: nothing half-written, and it goes on."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import random
import re
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import pytest
from test_app_pages import ANSWERS, chart

from chromium import PATIENCE
from oncohort.protocol import parse_protocol
from oncohort.study.demo import write_demo
from oncohort.study.new import new_study
from oncohort.study.questions import open_questions

pytestmark = [
    pytest.mark.verify,
    pytest.mark.skipif(os.name != "posix", reason="kill -9 is of POSIX"),
]


@dataclass
class Running:
    """The real command, and a client with its token."""

    process: subprocess.Popen[str]
    port: int
    token: str

    @classmethod
    def start(cls, home: Path, *arguments: str) -> Running:
        """Start it, and wait until it serves."""
        process = subprocess.Popen(
            [sys.executable, "-m", "oncohort", "app", *arguments, "--no-browser"],
            stdout=subprocess.PIPE, text=True, env={**os.environ, "HOME": str(home)},
        )  # fmt: skip
        assert process.stdout is not None
        found = re.search(r"127\.0\.0\.1:(\d+)/open\?token=(\S+)", process.stdout.readline())
        assert found is not None
        return cls(process, int(found[1]), found[2])

    def ask(self, method: str, path: str, body: bytes = b"", kind: str = "") -> str:
        """An answer's text; the connection may be cut at any moment."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        headers = {"cookie": f"oncohort_{self.port}={self.token}"}
        if method == "POST":
            headers |= {"content-type": kind, "origin": f"http://127.0.0.1:{self.port}"}
        connection.request(method, path, body, headers)
        text = connection.getresponse().read().decode("utf-8", "replace")
        connection.close()
        return text

    def form(self, path: str, **fields: str) -> str:
        """A form that is sent with the tokens of its page."""
        page = self.ask("GET", path)
        for name in ("form_token", "version"):
            found = re.search(rf'name="{name}" value="([^"]*)"', page)
            fields.setdefault(name, found[1] if found else "")
        kind = "application/x-www-form-urlencoded"
        return self.ask("POST", path, urlencode(fields).encode(), kind)

    def kill(self, *, children: bool = False) -> None:
        """As the out-of-memory killer does it; what it started is killed too where asked for."""
        below = subprocess.run(
            ["ps", "--ppid", str(self.process.pid), "-o", "pid="],
            capture_output=True, text=True, check=False,
        ).stdout.split()  # fmt: skip
        self.process.kill()
        for pid in below if children else ():
            with contextlib.suppress(ProcessLookupError):
                os.killpg(int(pid), signal.SIGKILL)
        self.process.wait()


def cut_short(work: object, running: Running, after: float, *, children: bool = False) -> None:
    """Do something, and kill the server some seconds later."""

    def do() -> None:
        with contextlib.suppress(OSError, http.client.HTTPException, AssertionError):
            work()  # type: ignore[operator]

    doing = threading.Thread(target=do)
    doing.start()
    time.sleep(after)  # the moment of the kill, not a wait for something
    running.kill(children=children)
    doing.join()


def key_of(folder: Path) -> str:
    from oncohort.app.opened import Opened

    return Opened(folder.resolve()).key


@pytest.mark.parametrize("moment", range(14))
def test_killed_while_a_question_is_answered(tmp_path: Path, moment: int) -> None:
    dice = random.Random(100 + moment)
    folder = tmp_path / "web"
    new_study(folder, chart(tmp_path / "chart.xlsx"))
    before = (folder / "study.toml").read_text()
    running = Running.start(tmp_path, str(folder))
    base = f"/s/{key_of(folder)}"

    def answer_all() -> None:
        for one in sorted(open_questions(before), key=lambda q: q.number):
            given = ANSWERS.get(one.name)
            slots = {f"slot{i}": v for i, v in enumerate(given or ())}
            do = "answer" if given else "yes"
            running.form(f"{base}/questions", question=one.name, do=do, **slots)

    cut_short(answer_all, running, dice.uniform(0.0, 1.5))
    text = (folder / "study.toml").read_text()
    parse_protocol(text)
    left = {q.name for q in open_questions(text)}
    assert left <= {q.name for q in open_questions(before)}
    for kept in (folder / ".oncohort").rglob("*.toml"):
        parse_protocol(kept.read_text())
    again = Running.start(tmp_path, str(folder))
    try:
        page = again.ask("GET", f"{base}/questions")
        assert page.count('<form class="card question"') == len(left)
    finally:
        again.kill()


@pytest.mark.parametrize("moment", range(14))
def test_killed_while_it_runs(tmp_path: Path, moment: int) -> None:
    dice = random.Random(200 + moment)
    folder = tmp_path / "study"
    write_demo(folder)
    chart_before = (folder / "data.xlsx").read_bytes()
    had_results = bool(moment % 2)
    if had_results:
        subprocess.run([sys.executable, "-m", "oncohort", "run", str(folder), "--quiet"],
                       check=False, capture_output=True)  # fmt: skip
        before = (folder / "results" / "results.json").read_bytes()
    running = Running.start(tmp_path, str(folder))
    base = f"/s/{key_of(folder)}"

    def run() -> None:
        running.form(f"{base}/results", do="run")

    cut_short(run, running, dice.uniform(0.5, 9.0), children=True)
    again = Running.start(tmp_path, str(folder))
    try:
        results = folder / "results"
        if results.exists():
            numbers = json.loads((results / "results.json").read_text())
            assert numbers["estimates"]
            assert (results / "report.html").read_text().rstrip().endswith("</html>")
        if had_results:
            assert (results / "results.json").read_bytes() == before
        assert (folder / "data.xlsx").read_bytes() == chart_before
        assert "Run" in again.ask("GET", f"{base}/results")
        again.form(f"{base}/results", do="run")
        while 'data-running="1"' in again.ask("GET", f"{base}/results"):
            time.sleep(0.3)
        assert (results / "manuscript.docx").is_file()
        assert not [p.name for p in folder.iterdir() if p.name.startswith(".results")]
    finally:
        again.kill(children=True)


@pytest.mark.parametrize("moment", range(12))
def test_killed_while_a_chart_is_dropped(tmp_path: Path, moment: int) -> None:
    dice = random.Random(300 + moment)
    data = chart(tmp_path / "chart.xlsx").read_bytes()
    folder = tmp_path / "studies" / "web"
    running = Running.start(tmp_path)
    token = re.search(r'name="form_token" value="([^"]*)"', running.ask("GET", "/"))
    assert token is not None
    parts = {"form_token": token[1], "folder": str(folder), "do": "new"}
    body = b"".join(
        f'--x\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n'.encode()
        for k, v in parts.items()
    )
    head = '--x\r\nContent-Disposition: form-data; name="chart"; filename="chart.xlsx"\r\n\r\n'
    body += head.encode() + data + b"\r\n--x--\r\n"
    kind = "multipart/form-data; boundary=x"
    cut_short(lambda: running.ask("POST", "/", body, kind), running, dice.uniform(0.0, 1.2))
    if folder.exists():
        parse_protocol((folder / "study.toml").read_text())
        assert (folder / "chart.xlsx").read_bytes() == data
    again = Running.start(tmp_path)
    try:
        if not folder.exists():
            token = re.search(r'name="form_token" value="([^"]*)"', again.ask("GET", "/"))
            assert token is not None
            again.ask("POST", "/", body.replace(parts["form_token"].encode(), token[1].encode()),
                      kind)  # fmt: skip
        assert (folder / "study.toml").is_file()
    finally:
        again.kill()

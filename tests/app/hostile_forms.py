"""Forms, addresses and files as no page of ours sends them: what is asked, drawn from a seed.

Each is sent to a running server with the right cookie and token; any status but that of a fault
of ours is an answer.
"""

from __future__ import annotations

import http.client
import random
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from served_site import Site

sys.path.insert(0, str(Path(__file__).parents[1] / "mutations"))
sys.path.insert(0, str(Path(__file__).parents[1] / "study"))

import reduced_study
from clean_study import write_study
from test_injection import PAYLOADS

from oncohort.app.pages.protocol import STEPS

TEXTS = (
    *(
        "",
        " ",
        "x",
        "1",
        "-1",
        "0",
        "1e999",
        "nan",
        "²",
        "9" * 5000,
        "a" * 20_000,
        "\x00",
        "\ud800",
    ),
    *("../../etc/passwd", "/etc/passwd", "C:\\x", "age", "sex", "os", "arm", "patients", "S05"),
    *("true", "[1]", "{}", "a.b", 'a"b', "a\nb", "[x]\ny = 1", "a,b", ",", "=", "2015-02-30"),
    *(
        "missing",
        "value",
        "leave out",
        "accept",
        "up",
        "out",
        "take",
        "hash",
        "read",
        "keep",
        "see",
    ),
    *("undo", "present", "min", "is", "variables", "values.age", "vancouver", "e" * 300, "\u202e"),
    *("baseline", "introduction", "000001", "criterion", "endpoint", "cut", "model", "safety"),
)
FORMS: dict[str, tuple[str, ...]] = {
    "personal": ("table", "column", "do", "ours"),
    "columns": ("table", "column", "do", "ours", "sheet"),
    "questions": ("question", "do", "slot0", "slot1", "back"),
    "undo": ("step",),
    "problems": ("rule", "patients", "do", "by", "why", "value", "column"),
    "protocol": (
        *("card", "do", "text", "key", "change", "label", "column", "condition", "value", "min"),
        *("max", "is", "is_not", "present", "missing", "from", "events", "censoring", "by"),
        *("landmarks", "cut", "candidates", "selection", "criteria", "count", "threshold"),
        *("window_days", "terms", "every", "journal", "digits_p", "digits_ratio", "under"),
    ),
    "flow": ("card", "key", "change", "label", "column", "condition", "value", "min", "is"),
    "write": ("part", "do", "text", "text_version"),
    "history": ("run",),
}
"""Page = the fields of its forms."""
CARDS = (
    "criterion",
    "new-criterion",
    "new criterion",
    "endpoint",
    "cut",
    "model",
    "safety",
    "style",
)
QUERIES = ("said", "sheet", "from", "at", "old", "new", "part", "id", "paper")
PAGES = (*STEPS, "patient", "marked.xlsx", "report", "files/", "figure/")
NAMES = (
    *("a.csv", "../x.csv", "..\\x.csv", "/etc/x.csv", "CON.csv", ".csv", "a" * 400 + ".csv"),
    *("x\x00.csv", "a.exe", "a.xlsx", "a.sav", "a.json", "a.omv", "=1+1.csv", "<b>.csv", "x.html"),
)
FILES = (
    *(
        b"",
        b"id,age\n1,60\n2,61\n",
        b"id;sex\n1;m\n2;f\n",
        b"\x00" * 5000,
        b"PK\x03\x04" + b"x" * 3000,
        b"{" * 50_000,
    ),
    *(b"[" * 100_000, b"<html>" * 2000, b"\xff\xfe" * 5000, b"PAR1" * 400, b"id\n" + b"," * 20_000),
    *(
        b"id,age\n" + b"\n" * 100_000,
        b"$FL2" + b"\x00" * 3000,
        b"schema = 1\n",
        b"x = " + b"[" * 9999,
    ),
)


@dataclass
class Asked:
    """What was sent, and what came."""

    statuses: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)


class Hostile:
    """A study whose pages are asked for what no page asks."""

    def __init__(self, served: Site) -> None:
        self.served = served
        folder = served.home / "study"
        tables, text = reduced_study.clean_tables(), reduced_study.PROTOCOL
        for row in tables["patients"][:3]:
            row["age"] = "540"
        self.folder = write_study(folder, tables, text)
        self.text = (self.folder / "study.toml").read_text(encoding="utf-8")
        self.opened = served.library.open(self.folder)
        self.base = f"/s/{self.opened.key}"

    def value(self, dice: random.Random) -> str:
        """A text for a field."""
        if dice.random() < 0.2:
            return dice.choice(PAYLOADS)
        return dice.choice(TEXTS)

    def one(self, dice: random.Random) -> tuple[str, int]:
        """Send one thing; what it was, and the status that came."""
        (self.folder / "study.toml").write_text(self.text, encoding="utf-8")
        how = dice.random()
        if how < 0.55:
            return self._form(dice)
        if how < 0.75:
            return self._address(dice)
        if how < 0.93:
            return self._file(dice)
        return self._body(dice)

    def _form(self, dice: random.Random) -> tuple[str, int]:
        page = dice.choice(list(FORMS))
        fields = [(n, self.value(dice)) for n in FORMS[page] if dice.random() < 0.7]
        if "card" in FORMS[page]:
            fields = [("card", dice.choice(CARDS)), *[f for f in fields if f[0] != "card"]]
            key = dice.choice(("os", "pfs", "age", "crp", "arm", self.value(dice)))
            fields += [("key", key)] if dice.random() < 0.7 else []
        fields.append(("version", self.opened.version if dice.random() < 0.8 else "x"))
        token = self.served.session.form_token if dice.random() < 0.95 else self.value(dice)
        fields.append(("form_token", token))
        fields += dice.choices(fields, k=dice.choice((0, 0, 1, 3)))
        body = "&".join(f"{quote(k)}={quote(v, errors='surrogatepass')}" for k, v in fields)
        kind = {"content-type": "application/x-www-form-urlencoded", "origin": self.served.origin}
        path = f"{self.base}/{page}"
        return f"{path} {fields}", self._status("POST", path, body.encode(), kind)

    def _address(self, dice: random.Random) -> tuple[str, int]:
        page = dice.choice(PAGES)
        page += quote(self.value(dice)[:500], errors="surrogatepass") if page.endswith("/") else ""
        given = [(dice.choice(QUERIES), self.value(dice)[:3000]) for _ in range(dice.randint(0, 3))]
        more = "&".join(f"{k}={quote(v, errors='surrogatepass')}" for k, v in given)
        path = f"{self.base}/{page}" if dice.random() < 0.9 else f"/{page}"
        return f"{path}?{more}", self._status("GET", f"{path}?{more}", b"", {})

    def _file(self, dice: random.Random) -> tuple[str, int]:
        path, name = dice.choice((("/", "chart"), ("/", "chart"), ("/audit", "paper"),
                                  ("/twin", "figures")))  # fmt: skip
        new = self.served.home / f"new-{dice.randrange(10**9)}"
        folder = str(new) if dice.random() < 0.8 else self.value(dice)
        fields = [("form_token", self.served.session.form_token), ("folder", folder),
                  ("seconds", dice.choice(("1", "", "-1", "²", "99999", "1e3"))),
                  ("do", dice.choice(("new", "new", "new", "open", "stop", "")))]  # fmt: skip
        if path == "/twin":  # no search is begun: that takes its time
            fields[2] = ("seconds", dice.choice(("", "-1", "²", "99999", "1e3", "9" * 5000)))
        edge = dice.choice(("edge", "x" * 60))
        parts = [f'--{edge}\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n'
                 .encode("utf-8", "surrogatepass") for k, v in fields]  # fmt: skip
        for _ in range(dice.choice((0, 1, 1, 1, 2, 41))):
            title = dice.choice(NAMES) if dice.random() < 0.6 else "chart.csv"
            head = f'--{edge}\r\nContent-Disposition: form-data; name="{name}"; filename="{title}"'
            parts.append(head.encode() + b"\r\n\r\n" + dice.choice(FILES) + b"\r\n")
        end = f"--{edge}--\r\n".encode() if dice.random() < 0.9 else b""
        kind = {"content-type": f"multipart/form-data; boundary={edge}",
                "origin": self.served.origin}  # fmt: skip
        return f"{path} {fields[1:]}", self._status("POST", path, b"".join(parts) + end, kind)

    def _body(self, dice: random.Random) -> tuple[str, int]:
        """Bodies that are no forms: other kinds, too many fields, no edges, too large a field."""
        token = self.served.session.form_token.encode()
        body = dice.choice(
            (
                b"", b"form_token=" + token + b"&x=" + b"a" * 10_000_000, b"\xff\xfe=%zz&%=%",
                b"&".join(b"a%d=1" % i for i in range(30_000)), b"--x\r\n\r\n--x--", b"{}",
                b"--x\r\nContent-Disposition: form-data\r\n\r\n1\r\n--x--\r\n",
                b'--x\r\nContent-Disposition: form-data; name="text"\r\n\r\n' + b"a" * 5_000_000
                + b"\r\n--x--\r\n", b"form_token=" + token + b"&" + b"=" * 5000,
                b"--x\r\n" + b"A" * 100_000 + b": 1\r\n\r\n1\r\n--x--\r\n",
            )
        )  # fmt: skip
        kind = dice.choice(("application/x-www-form-urlencoded", "multipart/form-data; boundary=x",
                            "multipart/form-data", "application/json", "", "text/plain",
                            "multipart/form-data; boundary=\u00ff"))  # fmt: skip
        pages = ("/", "/audit", "/twin", "/language", *(f"{self.base}/{p}" for p in FORMS))
        path = dice.choice(pages)
        headers = {"content-type": kind, "origin": self.served.origin}
        return f"{path} {kind} {body[:60]!r}", self._status("POST", path, body, headers)

    def _status(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> int:
        try:
            return self.served.raw(method, path, body, self.served.cookie | headers).status
        except (http.client.HTTPException, OSError, ValueError):
            return 0  # closed without a word, or no address that a client would send


def ask(served: Site, seeds: range) -> Asked:
    """Send so many things to a server."""
    hostile, out = Hostile(served), Asked()
    for seed in seeds:
        what, status = hostile.one(random.Random(seed))
        out.statuses[str(status)] += 1
        if status >= 500:
            out.faults.append(f"seed {seed}: {status} {what[:3000]}")
    return out

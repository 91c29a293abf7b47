"""Start the bundle in dist/ as a user without Python would, and say what took how long.

`python packaging/try_bundle.py [FOLDER]`; exit 1 with the reason where something fails. Needs
nothing but the standard library, and runs alike on Linux, macOS and Windows.
"""

from __future__ import annotations

import http.cookiejar
import os
import re
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

TOP = Path(__file__).resolve().parents[1]
NAME = "oncohort.exe" if sys.platform == "win32" else "oncohort"
PATIENCE = 120.0
"""Seconds for the slowest step on a busy machine; the times are printed, not judged."""


def bare(home: Path) -> dict[str, str]:
    """An environment in which no Python and no setting of this machine can be found."""
    kept = {k: os.environ[k] for k in ("SYSTEMROOT", "TEMP", "TMP", "TMPDIR") if k in os.environ}
    return kept | {"HOME": str(home), "USERPROFILE": str(home), "PATH": str(home)}


def timed(program: Path, home: Path, *arguments: str, codes: tuple[int, ...] = (0,)) -> str:
    """Output of the program, run once; its time is printed."""
    began = time.perf_counter()
    done = subprocess.run(
        [str(program), *arguments],
        cwd=home,
        env=bare(home),
        capture_output=True,
        timeout=PATIENCE,
        check=False,
    )
    out = (done.stdout + done.stderr).decode("utf-8", "replace")
    print(f"{time.perf_counter() - began:6.1f} s  oncohort {' '.join(arguments)}")
    if done.returncode not in codes:
        raise SystemExit(f"oncohort {arguments[0]} ended with {done.returncode}:\n{out}")
    return out


def pages(program: Path, home: Path, study: Path) -> None:
    """Open the pages as a double click does, but without a browser: first page, a study, a run."""
    began = time.perf_counter()
    server = subprocess.Popen(
        [str(program), "app", str(study), "--no-browser"],
        cwd=home,
        env=bare(home),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    try:
        assert server.stdout is not None
        found = re.search(rb"http://\S+", server.stdout.readline())
        if found is None:
            raise SystemExit("oncohort app printed no address")
        jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        browser = urllib.request.build_opener(jar)
        with browser.open(found[0].decode(), timeout=PATIENCE) as answer:
            page, at = answer.read().decode("utf-8"), answer.url
        print(f"{time.perf_counter() - began:6.1f} s  oncohort app, to its first page ({at})")
        if "<h1" not in page:
            raise SystemExit("the first page has no heading")
    finally:
        server.kill()
        server.wait()


def main(folder: Path) -> None:
    """Every part that a bundle could lack: children, templates, fonts, licences, native readers."""
    program = folder / NAME
    if not program.exists():
        raise SystemExit(f"There is no {program}: make bundle")
    with tempfile.TemporaryDirectory(prefix="oncohort-bundle-") as made:
        home = Path(made)
        study = home / "study"
        timed(program, home, "--version")
        timed(program, home, "demo", str(study), "--quiet")
        timed(program, home, "check", str(study))
        timed(program, home, "new", str(home / "mine"), "--from", str(study / "data.xlsx"))
        report = timed(program, home, "audit", str(study / "results" / "manuscript.docx"))
        print(report.strip().splitlines()[-1])
        pages(program, home, study)
    print("The bundle works.")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else TOP / "dist" / "oncohort")

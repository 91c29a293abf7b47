"""A paper's figures are given, and synthetic patients with those figures are made."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile

from oncohort.app.asked import Site, go, words
from oncohort.app.pages.results import progress_of
from oncohort.app.pages.start import folder_of
from oncohort.app.wording import say
from oncohort.problems import OncohortError
from oncohort.whole_folders import new_working_folder

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from oncohort.app.jobs import Job

KEY = "twin"
"""Under which its job is known; one runs at a time."""
EXAMPLE = "lung_metastases"
LONGEST = 3600.0
"""Seconds that a search may be given here."""
CERTIFICATE = "certificate.md"


async def show(site: Site, request: Request) -> Response:
    """The form, the search that runs, and the certificate of the last one."""
    return _page(site)


def _page(site: Site, status: int = 200, wrong: str = "") -> Response:
    job = site.jobs.get(KEY)
    folder = _out(job)
    text = ""
    if job is not None and job.code in (0, 1) and folder is not None:
        found = folder / CERTIFICATE
        text = found.read_text(encoding="utf-8") if found.is_file() else ""
    study = folder if folder is not None and (folder / "study.toml").is_file() else ""
    home = str(Path.home())
    return site.page("twin.html", status, job=job, certificate=text, folder=study, wrong=wrong,
                     home=home)  # fmt: skip


def _out(job: Job | None) -> Path | None:
    """The folder that a job writes to."""
    if job is None or "--out" not in job.arguments:
        return None
    return Path(job.arguments[job.arguments.index("--out") + 1])


async def progress(site: Site, request: Request) -> Response:
    """The search's state as server-sent events."""
    return progress_of(site, request, KEY)


async def act(site: Site, request: Request) -> Response:
    """Start the search, or stop it; what it has found by then is kept."""
    given = await request.form(max_files=2, max_fields=20, max_part_size=1_000_000)
    if not site.session.form_is_ours(str(given.get("form_token", ""))):
        return site.of_another_start("/twin")
    try:
        return await run_in_threadpool(_act, site, given)
    except OncohortError as error:
        return _page(site, 400, str(error))
    except OSError as error:
        return _page(site, 400, say("notices.bad_folder", reason=error.strerror))


def _act(site: Site, given: Mapping[str, object]) -> Response:
    if words(given, "do") == "stop":
        job = site.jobs.get(KEY)
        if job is not None:
            job.stop()
        return go("/twin")
    out = folder_of(words(given, "folder"))
    seconds = words(given, "seconds")
    if not re.fullmatch(r"[0-9]{1,5}", seconds) or float(seconds) > LONGEST:
        raise OncohortError(say("notices.seconds", most=f"{LONGEST:.0f}"))
    file = given.get("figures")
    if isinstance(file, UploadFile) and file.filename:
        held = new_working_folder()
        last = re.sub(r"[^\w.-]", "_", re.split(r"[\\/]", file.filename)[-1])[-80:].lstrip(".")
        path = held / (last or "figures.toml")
        with path.open("xb") as kept:
            shutil.copyfileobj(file.file, kept)
        named, clear = str(path), held
    elif words(given, "example"):
        named, clear = EXAMPLE, None
    else:
        raise OncohortError(say("notices.no_file"))

    def then(job: Job) -> None:
        if clear is not None:
            shutil.rmtree(clear, ignore_errors=True)

    arguments = ["twin", named, "--out", str(out), "--time-budget", seconds]
    site.jobs.start(KEY, "Looking for patients with these figures", arguments, then)
    return go("/twin")

"""Start: a chart is dropped, a study opened, the built-in one written."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile

from oncohort.app.asked import Desk, go, words
from oncohort.app.wording import say
from oncohort.problems import OncohortError
from oncohort.records.sources import ENDINGS

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response


async def show(desk: Desk, request: Request) -> Response:
    """The first page."""
    return desk.page("start.html", recent=desk.library.recent(), home=str(Path.home()), said="")


async def act(desk: Desk, request: Request) -> Response:
    """What the first page's forms do."""
    given = await request.form(max_files=40, max_fields=50, max_part_size=4_000_000)
    if not desk.session.form_is_ours(str(given.get("form_token", ""))):
        return desk.of_another_start("/")
    files = [f for f in given.getlist("chart") if isinstance(f, UploadFile) and f.filename]
    try:
        return await run_in_threadpool(_act, desk, given, files)
    except OncohortError as error:
        return desk.failed(error, "/")
    except OSError as error:
        return desk.failed(OncohortError(say("said.bad_folder", reason=error.strerror)), "/")


def _act(desk: Desk, given: Mapping[str, Any], files: list[UploadFile]) -> Response:
    what = words(given, "do")
    if what == "open":
        opened = desk.library.open(folder_of(words(given, "folder")))
        return go(f"/s/{opened.key}/problems")
    if what == "demo":
        from oncohort.study.demo import write_demo

        folder = folder_of(words(given, "folder"))
        write_demo(folder)
        return go(f"/s/{desk.library.open(folder).key}/results")
    if what != "new":
        raise OncohortError(say("said.nothing_asked"))
    if not files:
        raise OncohortError(say("said.no_file"))
    folder = folder_of(words(given, "folder"))
    _draft(folder, files)
    return go(f"/s/{desk.library.open(folder).key}/personal")


def folder_of(text: str) -> Path:
    """The folder that a person wrote.

    Raises
    ------
    OncohortError
        It is blank, or not the whole path.
    """
    if not text:
        raise OncohortError(say("said.no_folder"))
    folder = Path(text).expanduser()
    if not folder.is_absolute():
        raise OncohortError(say("said.whole_path"))
    return folder


def _draft(folder: Path, files: list[UploadFile]) -> None:
    """Save what was dropped beside the study, draft the protocol from it, and take it away."""
    from oncohort.study.new import new_study

    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".oncohort-", dir=folder.parent) as held:
        kept = Path(held)
        for number, file in enumerate(files):
            with (kept / _name(file.filename or "", number)).open("xb") as out:
                shutil.copyfileobj(file.file, out)
        saved = sorted(kept.iterdir())
        new_study(folder, saved[0] if len(saved) == 1 else kept)


def _name(name: str, number: int) -> str:
    """A plain name for a dropped file: its last part, its ending one that can be read."""
    last = re.split(r"[\\/]", name)[-1].strip().lstrip(".")
    last = re.sub(r'[\x00-\x1f<>:"|?*]', "_", last)[-120:]
    if Path(last).suffix.lower() not in ENDINGS:
        shown = ", ".join(sorted(ENDINGS))
        raise OncohortError(say("said.bad_kind", n=number + 1, known=shown))
    return last

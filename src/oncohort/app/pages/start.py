"""Start: a chart is dropped, a study opened, the built-in one written."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile

from oncohort.app.asked import Site, go, words
from oncohort.app.wording import say
from oncohort.problems import OncohortError
from oncohort.whole_folders import working_folder

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response


HELD = ".oncohort-dropped-"
"""Folder beside the study's in which a chart is kept while its protocol is drafted."""


async def show(site: Site, request: Request) -> Response:
    """The first page."""
    return site.page("start.html", recent=site.library.recent(), home=str(Path.home()), notice="")


async def act(site: Site, request: Request) -> Response:
    """What the first page's forms do."""
    given = await request.form(max_files=40, max_fields=50, max_part_size=4_000_000)
    if not site.session.form_is_ours(str(given.get("form_token", ""))):
        return site.of_another_start("/")
    files = [f for f in given.getlist("chart") if isinstance(f, UploadFile) and f.filename]
    try:
        return await run_in_threadpool(_act, site, given, files)
    except OncohortError as error:
        return site.failed(error, "/")
    except OSError as error:
        return site.failed(OncohortError(say("notices.bad_folder", reason=error.strerror)), "/")


def _act(site: Site, given: Mapping[str, object], files: list[UploadFile]) -> Response:
    what = words(given, "do")
    if what == "open":
        opened = site.library.open(folder_of(words(given, "folder")))
        return go(f"/s/{opened.key}/problems")
    if what == "demo":
        from oncohort.study.demo import write_demo

        folder = folder_of(words(given, "folder"))
        write_demo(folder)
        return go(f"/s/{site.library.open(folder).key}/results")
    if what != "new":
        raise OncohortError(say("notices.nothing_asked"))
    if not files:
        raise OncohortError(say("notices.no_file"))
    folder = folder_of(words(given, "folder"))
    _draft(folder, files)
    return go(f"/s/{site.library.open(folder).key}/personal")


def folder_of(text: str) -> Path:
    """The folder that a person wrote.

    Raises
    ------
    OncohortError
        It is blank, or not the whole path.
    """
    if not text:
        raise OncohortError(say("notices.no_folder"))
    folder = Path(text).expanduser()
    if not folder.is_absolute():
        raise OncohortError(say("notices.whole_path"))
    return folder


def _draft(folder: Path, files: list[UploadFile]) -> None:
    """Make the whole study beside its folder, then put it in its place: all of it or nothing."""
    from oncohort.protocol import Protocol
    from oncohort.study.new import new_study

    if (folder / Protocol.FILE).exists():
        raise OncohortError(say("notices.is_there"))
    folder.parent.mkdir(parents=True, exist_ok=True)
    with working_folder(folder.parent, HELD) as held:
        made = held / folder.name
        data = made if len(files) == 1 else made / "data"
        data.mkdir(parents=True)
        for number, file in enumerate(files):
            path = data / _name(file.filename or "", number)
            with path.open("xb") as out:
                path.chmod(0o600)
                shutil.copyfileobj(file.file, out)
        new_study(made, next(data.iterdir()) if len(files) == 1 else data)
        _placed(made, folder)


def _placed(made: Path, folder: Path) -> None:
    """A new study takes its place; in a folder that holds something the protocol comes last."""
    from oncohort.protocol import Protocol

    if not folder.exists() or not any(folder.iterdir()):
        if folder.exists():
            folder.rmdir()
        os.replace(made, folder)
        return
    names = sorted((p.name for p in made.iterdir()), key=lambda n: n == Protocol.FILE)
    taken = [n for n in names if (folder / n).exists()]
    if taken:
        raise OncohortError(say("notices.taken", names=taken))
    for name in names:
        os.replace(made / name, folder / name)


def _name(name: str, number: int) -> str:
    """A plain name for a dropped file: its last part, its ending one that can be read."""
    from oncohort.records.sources import ENDINGS

    last = re.split(r"[\\/]", name)[-1].strip().lstrip(".")
    last = re.sub(r'[\x00-\x1f<>:"|?*]', "_", last)[-120:]
    if re.fullmatch(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?", last):
        last = f"_{last}"  # a device of Windows, whatever its ending
    if Path(last).suffix.lower() not in ENDINGS:
        shown = ", ".join(sorted(ENDINGS))
        raise OncohortError(say("notices.bad_kind", n=number + 1, known=shown))
    return last

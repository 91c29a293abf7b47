"""Results: the run with its progress, the report in the page, files to download, one patient."""

from __future__ import annotations

import asyncio
import io
import json
import mimetypes
import threading
import zipfile
from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from starlette.responses import FileResponse, Response, StreamingResponse

from oncohort.app.asked import Site, below, go, words
from oncohort.app.runs import keep_run, summary_of
from oncohort.app.security import FRAMED
from oncohort.problems import OncohortError
from oncohort.vocabulary.stretches import without_stretches

if TYPE_CHECKING:
    from starlette.requests import Request

    from oncohort.app.jobs import Job
    from oncohort.app.opened import Opened
    from oncohort.displays.figures.model import Figure
    from oncohort.study.study import Study

TICK = 0.3
"""Seconds between two looks at a job."""


def results(site: Site, request: Request, opened: Opened, given: Mapping[str, object]) -> Response:
    """The last run."""
    folder = opened.folder / "results"
    files = sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())
    report = "report.html" in files
    stale = report and (folder / "report.html").stat().st_mtime < opened.path.stat().st_mtime
    drawn = sorted(Path(f).stem for f in files if f.startswith("figures/") and f.endswith(".svg"))
    return site.of_study(
        request, opened, "results", files=files, report=report, stale=stale,
        figures=drawn, figure_kinds=FIGURE_KINDS,
    )  # fmt: skip


def start(site: Site, request: Request, opened: Opened, given: Mapping[str, object]) -> Response:
    """Start the run, or stop it."""
    if words(given, "do") == "stop":
        job = site.jobs.get(opened.key)
        if job is not None:
            job.stop()
    else:
        protocol = opened.text

        def keep(job: Job) -> None:
            if job.code in (0, 1) and not job.stopped and opened.text == protocol:
                when = datetime.fromtimestamp(job.started)
                keep_run(opened.folder, protocol, summary_of(job.lines), when)

        site.jobs.start(opened.key, "Running the study", ["run", str(opened.folder)], keep)
    return go(f"/s/{opened.key}/results")


async def progress(site: Site, request: Request) -> Response:
    """The run's state as server-sent events."""
    return progress_of(site, request, request.path_params["key"])


def progress_of(site: Site, request: Request, key: str) -> Response:
    """The state of a job as server-sent events, until it has ended."""
    job = site.jobs.get(key)

    async def events() -> AsyncIterator[str]:
        while True:
            state = (
                {"running": False, "lines": [], "code": None, "seconds": 0}
                if job is None
                else {"running": job.running, "lines": job.lines[-8:], "code": job.code,
                      "seconds": round(job.seconds)}
            )  # fmt: skip
            yield f"data: {json.dumps(state)}\n\n"
            if not state["running"] or await request.is_disconnected():
                return
            await asyncio.sleep(TICK)

    return StreamingResponse(events(), media_type="text/event-stream")


def report(site: Site, request: Request, opened: Opened, given: Mapping[str, object]) -> Response:
    """The report, in a frame of its own that can load nothing."""
    path = below(opened.folder / "results", "report.html")
    if path is None:
        return Response("There is no report yet.", 404, headers=FRAMED)
    # Links to files beside the report lead nowhere in a frame without an origin: the page around
    # it has them all.
    text = without_stretches(path.read_text("utf-8"), '<p class="files">', "</p>")
    return Response(text, media_type="text/html; charset=utf-8", headers=FRAMED)


def patient_style(request: Request) -> Response:
    """The style of the page of one patient, as in the report."""
    from oncohort.documents.style import asset

    return Response(asset("patient.css"), media_type="text/css; charset=utf-8")


def download(site: Site, request: Request, opened: Opened, given: Mapping[str, object]) -> Response:
    """One file of the results."""
    path = below(opened.folder / "results", request.path_params["name"])
    if path is None:
        return Response("There is no such file.", 404)
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    name = quote(path.name)
    return FileResponse(
        path, media_type=kind,
        headers={"content-disposition": f"attachment; filename*=UTF-8''{name}",
                 "content-security-policy": "default-src 'none'; frame-ancestors 'none'"},
    )  # fmt: skip


FIGURE_KINDS = ("png", "svg", "pdf", "tiff")
_DRAWING = threading.Lock()
"""matplotlib draws one figure at a time."""


def _figures(study: Study) -> Mapping[str, Figure]:
    from oncohort.study.running import results_of

    return results_of(study, study.analysed).paper.figures


def figure(site: Site, request: Request, opened: Opened, given: Mapping[str, object]) -> Response:
    """One figure, drawn in the format that is asked for."""
    from oncohort.displays.figures import draw_all

    name, _, kind = request.path_params["name"].rpartition(".")
    figures = opened.held("figures", None, _figures)
    if kind not in FIGURE_KINDS or name not in figures:
        return Response("There is no such figure.", 404)
    with _DRAWING:
        drawn = draw_all([figures[name]], (kind,))
    data = next(iter(drawn.values()))[kind]
    headers = {"content-disposition": f"attachment; filename*=UTF-8''{quote(name)}.{kind}"}
    return Response(data, media_type=mimetypes.guess_type(f"x.{kind}")[0], headers=headers)


def shared(site: Site, request: Request, opened: Opened, given: Mapping[str, object]) -> Response:
    """What may leave the hospital: the run without patients, packed."""
    from oncohort.whole_folders import working_folder

    with working_folder() as held:
        opened.study().run().write(held / "shared", share=True)
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in sorted((held / "shared").rglob("*")):
                if path.is_file():
                    archive.write(path, path.relative_to(held).as_posix())
    headers = {"content-disposition": 'attachment; filename="shared.zip"'}
    return Response(packed.getvalue(), media_type="application/zip", headers=headers)


def patient(site: Site, request: Request, opened: Opened, given: Mapping[str, object]) -> Response:
    """Why each call was made for one patient."""
    asked = request.query_params.get("id", "").strip()
    html, wrong = "", ""
    if asked:
        from oncohort.documents.templates import piece
        from oncohort.study.evidence.cells import in_short
        from oncohort.study.explaining import patient_named
        from oncohort.study.patient_page import patient_page

        try:
            study = opened.study()
            page = patient_page(study, patient_named(study, asked), write=in_short)
            html = piece("patient", page, 2)
        except OncohortError as error:
            wrong = str(error)
    known = opened.study().records["patients"]["patient"].drop_nulls().to_list()
    return site.of_study(
        request, opened, "patient", asked=asked, html=html, wrong=wrong, known=known[:2000]
    )

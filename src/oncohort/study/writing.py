"""Write results: everything or nothing, and never over something that isn't ours."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from oncohort.problems import OutputError
from oncohort.protocol import Protocol
from oncohort.records.model import Source
from oncohort.study.results_folder import MARK, Written, check_target, digest, write_folder
from oncohort.study.writing_problems import template_of
from oncohort.vocabulary.boundaries import Parsed
from oncohort.vocabulary.unseen import coded

if TYPE_CHECKING:
    from oncohort.study.drawing import Drawer
    from oncohort.study.results import Results
    from oncohort.study.study import Study


def provenance(results: Results, *, share: bool) -> dict[str, object]:
    """Inputs with their hashes, versions, seed, protocol as read; the only place with a clock."""
    from oncohort.study.versions import versions

    study = results.study
    text = study.protocol_text
    out: dict[str, Parsed] = {
        "made_by": "oncohort",
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "versions": versions(),
        "platform": sys.platform,
        "seed": study.protocol.study.seed,
        "inputs": _inputs(study.records.sources, share=share),
        "protocol": {"sha256": hashlib.sha256(text.encode()).hexdigest()},
        "kernel": _kernel(),
    }
    if not share:  # comments and criteria can name patients
        out["protocol"]["text"] = text
        out["decisions"] = [d.to_dict() for d in study.records.decisions]
    return out


def _inputs(sources: Sequence[Source], *, share: bool) -> list[dict[str, object]]:
    """The files that were read; where others read it, without names that can name a patient."""
    found = [s.to_dict() for s in sources]
    if not share:
        return found
    return [
        {**one, "file": f"input {n}{Path(str(one['file'])).suffix}"}
        for n, one in enumerate(found, 1)
    ]


def _kernel() -> str:
    from oncohort.stats import engine

    return str(engine.active())


def files_of(results: Results, drawer: Drawer, *, share: bool) -> dict[str, bytes]:
    """Every file of the results, by its path in the folder.

    What needs figures is made last: they are drawn meanwhile.
    """
    from dataclasses import replace

    from oncohort import documents
    from oncohort.displays.places import places_of

    protocol, paper = results.study.protocol, results.paper
    asked = tuple(protocol.style.formats)
    formats = tuple(dict.fromkeys(("svg", "png", *asked)))
    images = drawer.draw(results.figures.values(), formats)
    context = replace(results.context, share=share)
    files: dict[str, bytes] = {}
    if not share:
        from oncohort.study.evidence.listing import listed
        from oncohort.study.patient_page import pages_of

        found = listed(results.behind, results.numbers)
        pages = pages_of(results.study, results.behind)
        context = replace(context, evidence=replace(found.page, patients=pages))
        files.update(found.files)
    for name, table in results.tables.items():
        files[f"tables/{name}.csv"] = documents.to_csv(table).encode("utf-8-sig")
    places = places_of(paper)
    files["results.json"] = documents.to_json(results.numbers, share, places).encode()
    files.update(documents.long_curves(results.numbers, share=share))
    problems = [p.to_dict() for p in results.problems]
    if share:
        problems = [{k: v for k, v in p.items() if k in ("id", "severity")} for p in problems]
    files["problems.json"] = _json({"schema_version": 1, "problems": problems})
    template, _ = template_of(results.study)
    files["manuscript.docx"] = documents.write_manuscript(paper, protocol, images, template)
    files["supplement.docx"] = documents.write_supplement(paper, protocol, images, template)
    files["report.html"] = documents.write_report(
        paper, results.numbers, protocol, context, images
    ).encode()
    for name, drawn in images.items():
        files |= {f"figures/{name}.{kind}": drawn[kind] for kind in asked}
    known = {name: digest(data) for name, data in files.items()}
    files[MARK] = _json({**provenance(results, share=share), "files": known})
    return files


def _json(data: object) -> bytes:
    text = json.dumps(data, indent=1, sort_keys=True, ensure_ascii=False, allow_nan=False)
    return (coded(text) + "\n").encode()


def write_results(
    results: Results,
    directory: str | Path | None,
    *,
    share: bool,
    drawer: Drawer | None = None,
) -> Written:
    """Draw and write every file of the results, whole or not at all.

    Files are readable by the user alone unless they are made to be shared.

    Parameters
    ----------
    drawer
        The process that draws, where one was started; else figures are drawn here.
    """
    from oncohort.study.drawing import Drawer

    target = Path(directory) if directory is not None else results.study.folder / "results"
    check_target(target)
    files = files_of(results, drawer or Drawer(helped=False), share=share)
    _refuse_changed(results.study)
    return write_folder(target, files, private=not share)


def _refuse_changed(study: Study) -> None:
    """Results of files that are no longer there as they were read would be nobody's results.

    Raises
    ------
    OutputError
        A data file, or the protocol, was changed since it was read.
    """
    data = study.folder / study.protocol.study.data
    changed = []
    for source in study.records.sources:
        places = (study.folder / source.file, data / source.file, data)
        path = next((p for p in places if p.is_file()), None)
        if path is not None and Source.of(source.file, path) != source:
            changed.append(source.file)
    protocol = study.folder / Protocol.FILE
    if protocol.is_file() and protocol.read_text("utf-8-sig") != study.protocol_text:
        changed.append(Protocol.FILE)
    if changed:
        raise OutputError(
            f"{', '.join(changed)} changed while the study was run: nothing was written. "
            "Run it again."
        )

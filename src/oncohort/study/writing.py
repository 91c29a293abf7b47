"""Write results: everything or nothing, and never over something that isn't ours."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from oncohort.problems import OutputError, Place, Problem, Severity
from oncohort.study.drawing import Drawer

if TYPE_CHECKING:
    from oncohort.study.results import Results

MARK = "provenance.json"
"""A folder with this file, written by oncohort, may be replaced."""


def _refuse(path: Path, what: str, todo: str) -> OutputError:
    problem = Problem(
        "output.refused", Severity.ERROR, what, todo=todo, place=Place(file=str(path))
    )
    return OutputError("", [problem])


def _is_ours(path: Path) -> bool:
    try:
        mark = json.loads((path / MARK).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(mark, dict) and mark.get("made_by") == "oncohort"


def provenance(results: Results, *, share: bool) -> dict[str, Any]:
    """Inputs with their hashes, versions, seed, protocol as read; the only place with a clock."""
    from oncohort.study.study import versions

    study = results.study
    text = study.protocol_text
    out: dict[str, Any] = {
        "made_by": "oncohort",
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "versions": versions(),
        "platform": sys.platform,
        "seed": study.protocol.study.seed,
        "inputs": [s.to_dict() for s in study.records.sources],
        "protocol": {
            "sha256": hashlib.sha256(text.encode()).hexdigest(),
            "text": text,
        },
        "kernel": _kernel(),
    }
    if not share:
        out["decisions"] = [d.to_dict() for d in study.records.decisions]
    return out


def _kernel() -> str:
    from oncohort.stats import kernel

    return str(kernel.active())


def files_of(results: Results, drawer: Drawer, *, share: bool) -> dict[str, bytes]:
    """Every file of the results, by its path in the folder."""
    from dataclasses import replace

    from oncohort import documents

    context = replace(results.context, share=share)
    protocol = results.study.protocol
    asked = tuple(protocol.style.formats)
    images = drawer.draw(results.figures.values(), tuple(dict.fromkeys(("svg", "png", *asked))))
    files: dict[str, bytes] = {
        f"figures/{name}.{kind}": drawn[kind] for name, drawn in images.items() for kind in asked
    }
    for name, table in results.tables.items():
        files[f"tables/{name}.csv"] = documents.to_csv(table).encode("utf-8-sig")
    files["report.html"] = documents.write_report(
        results.paper, results.numbers, protocol, context, images
    ).encode()
    files["manuscript.docx"] = documents.write_manuscript(
        results.paper, results.numbers, protocol, context, images
    )
    files["results.json"] = documents.to_json(results.numbers, share=share).encode()
    problems = [p.to_dict() for p in results.problems]
    if share:
        problems = [{k: v for k, v in p.items() if k in ("id", "severity")} for p in problems]
    files["problems.json"] = _json({"schema_version": 1, "problems": problems})
    files[MARK] = _json(provenance(results, share=share))
    return files


def _json(data: Any) -> bytes:
    text = json.dumps(data, indent=1, sort_keys=True, ensure_ascii=False, allow_nan=False)
    return (text + "\n").encode()


def write_results(
    results: Results,
    directory: str | Path | None,
    *,
    share: bool,
    drawer: Drawer | None = None,
) -> Path:
    """Write all files beside the target first, then swap folders."""
    if drawer is None:
        with Drawer() as own:
            return write_results(results, directory, share=share, drawer=own)
    target = Path(directory) if directory is not None else results.study.folder / "results"
    check_target(target)
    files = files_of(results, drawer, share=share)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    except OSError as error:
        raise _refuse(target, f"Can't write here: {error}.", "Choose another --out.") from error
    old = fresh.with_name(fresh.name + "-old")
    try:
        for name, data in files.items():
            path = fresh / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        fresh.chmod(0o777 & ~_umask())
        if target.exists():
            os.replace(target, old)
        os.replace(fresh, target)
    except OSError as error:
        if old.exists() and not target.exists():
            os.replace(old, target)
        raise _refuse(target, f"Can't write here: {error}.", "Choose another --out.") from error
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)
    return target


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def check_target(target: Path) -> None:
    """Refuse to write over anything that oncohort didn't write."""
    if target.exists() and not target.is_dir():
        raise _refuse(target, f"{target} is a file.", "Choose another --out.")
    if target.is_dir() and any(target.iterdir()) and not _is_ours(target):
        raise _refuse(
            target,
            f"{target} holds files that oncohort didn't write.",
            "Choose another --out, or empty the folder yourself.",
        )

"""Runs that are kept: the numbers and the protocol of each, in the study's folder."""

from __future__ import annotations

import difflib
import json
import os
import shutil
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from oncohort.dataclass import dataclass
from oncohort.foreign_texts import json_of
from oncohort.protocol import Protocol
from oncohort.whole_folders import working_folder

if TYPE_CHECKING:
    from collections.abc import Sequence

RUNS = Path(".oncohort") / "runs"
"""Folder of the kept runs, within the study's folder; readable by its owner only."""
KEPT = 50
NUMBERS = "results.json"
_PRINTED = "printed.json"


@dataclass(frozen=True, slots=True)
class Run:
    """One run that is kept."""

    folder: Path
    when: datetime
    printed: tuple[str, ...]
    """What it printed: patients, response, medians, what was left out."""

    @property
    def name(self) -> str:
        """Its number, as it stands in addresses."""
        return self.folder.name

    @property
    def protocol(self) -> str:
        """The text of `study.toml` that it was run with."""
        return (self.folder / Protocol.FILE).read_text(encoding="utf-8")


def kept_runs(study: Path) -> list[Run]:
    """The runs of a study's folder, the last one first; what can't be read is passed over."""
    out = []
    for folder in sorted((study / RUNS).glob("[0-9]*"), reverse=True):
        try:
            printed = json_of((folder / _PRINTED).read_text(encoding="utf-8"))
            when = datetime.fromisoformat(printed["when"])
            out.append(Run(folder, when, tuple(str(line) for line in printed["lines"])))
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return out


def keep_run(study: Path, protocol: str, lines: Sequence[str], when: datetime) -> Run | None:
    """Keep the results that a study's folder has now; None where there are none.

    The same numbers by the same protocol as the last time are not kept twice.

    Parameters
    ----------
    protocol
        The text that the run was made with.
    lines
        What it printed.
    """
    numbers = study / "results" / NUMBERS
    if not numbers.is_file():
        return None
    runs = kept_runs(study)
    last = runs[0] if runs else None
    if last is not None and last.protocol == protocol:
        before = last.folder / NUMBERS
        if before.is_file() and before.read_bytes() == numbers.read_bytes():
            return last
    home = study / RUNS
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    with working_folder(home, ".run-") as made:  # whole, then under its name
        shutil.copyfile(numbers, made / NUMBERS)
        (made / Protocol.FILE).write_text(protocol, encoding="utf-8", newline="\n")
        printed = {"when": when.isoformat(timespec="seconds"), "lines": list(lines)}
        (made / _PRINTED).write_text(json.dumps(printed), encoding="utf-8")
        number = int(last.name) + 1 if last is not None else 1
        os.replace(made, home / f"{number:06}")
    for old in runs[KEPT - 1 :]:
        shutil.rmtree(old.folder, ignore_errors=True)
    return kept_runs(study)[0]


def summary_of(lines: Sequence[str]) -> list[str]:
    """What a run printed, without where its files are.

    Examples
    --------
    >>> summary_of(["42 patients", "Report: /home/me/study/results/report.html"])
    ['42 patients']
    """
    files = ("Report:", "Manuscript:", "Supplement:", "Tables:", "Figures:")
    return [line for line in lines if line.strip() and not line.startswith(files)][:40]


def protocol_changes(old: str, new: str) -> list[str]:
    """Lines of the protocol that were taken out (``-``) and put in (``+``).

    Examples
    --------
    >>> protocol_changes("a = 1\\nb = 2", "a = 1\\nb = 3")
    ['-b = 2', '+b = 3']
    """
    lines = difflib.unified_diff(old.splitlines(), new.splitlines(), lineterm="", n=0)
    return [line for line in lines if not line.startswith(("---", "+++", "@@"))]

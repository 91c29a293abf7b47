#!/usr/bin/env python
"""Plant every kind of damage, and write into docs/robustness.md what each kind gets.

Each kind of `tests/mutations` is planted at some places (the first argument, default 5). The table
says which problems tell of it, that no number changes, or why nobody could notice. All data are
synthetic.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections import Counter
from pathlib import Path

TESTS = Path(__file__).parent.parent / "tests" / "mutations"
PAGE = Path(__file__).parent.parent / "docs" / "robustness.md"
sys.path.insert(0, str(TESTS))

from clean_study import write_study  # noqa: E402
from damages import Where  # noqa: E402
from planting import Ground, Numbers, names_the_place, outcome, planted, seeds  # noqa: E402
from test_damages import GROUNDS, UNNOTICED  # noqa: E402

from oncohort.problems import OncohortError, Problem  # noqa: E402
from oncohort.study.study import read_study  # noqa: E402

HEAD = "## Every kind of damage, and what it gets\n"
ENOUGH = 5
"""Places of each kind from which the sums are written too."""
TITLES = {
    "nine sheets": "A study of nine sheets",
    "reduced": "A study of one sheet, already reduced",
    "clinic": "A sheet of three clinics",
}


def told(
    ground: Ground, kind: str, tries: int, clean: tuple[set[str], Numbers], folder: Path
) -> tuple[Counter[str], Counter[str]]:
    """How often each problem told of a kind, and the verdicts: named, unmoved, silent."""
    ids: Counter[str] = Counter()
    verdicts: Counter[str] = Counter()
    for seed in seeds(kind, tries):
        study = folder / "study"
        where = planted(ground, kind, seed, study)
        mine, values = _told(study, where, clean[0])
        shutil.rmtree(study, ignore_errors=True)
        ids.update({p.id for p in mine})
        verdicts["named" if mine else "unmoved" if values == clean[1] else "silent"] += 1
    return ids, verdicts


def _told(folder: Path, where: Where, clean: set[str]) -> tuple[list[Problem], Numbers]:
    """The problems that name the place; the numbers, where nothing does before they are made."""
    try:
        study = read_study(folder)
        first = list(study.data_problems)
    except OncohortError as error:
        first = list(error.problems)
    mine = [p for p in first if str(p) not in clean and names_the_place(p, where)]
    if mine:
        return mine, {}
    problems, values = outcome(folder)
    return [p for p in problems if str(p) not in clean and names_the_place(p, where)], values


def row(kind: str, ids: Counter[str], verdicts: Counter[str]) -> str:
    """One line of the table."""
    name = kind.replace("_", " ")
    shown = ", ".join(f"`{i}`" for i in sorted(ids))
    if kind in UNNOTICED:
        shown = f"not noticed: {UNNOTICED[kind]}"
    elif not shown:
        shown = "changes no number"
    elif verdicts["silent"]:
        shown += f"; silent at {verdicts['silent']} of {verdicts.total()} places"
    return f"| {name} | {shown} |"


def tables(tries: int) -> tuple[list[str], list[str]]:
    """The table of sums and those of all kinds, as lines."""
    sums = ["| | planted | named | unmoved | silent |", "|---|---|---|---|---|"]
    kinds: list[str] = []
    every: Counter[str] = Counter()
    for name, ground in GROUNDS.items():
        kinds += ["", f"### {TITLES[name]}", "", "| kind | told by, or why not |", "|---|---|"]
        all_: Counter[str] = Counter()
        with tempfile.TemporaryDirectory() as folder:
            where = write_study(Path(folder) / "clean", ground.tables(), ground.protocol)
            problems, values = outcome(where)
            clean = {str(p) for p in problems}, values
            for kind in sorted(ground.kinds):
                ids, verdicts = told(ground, kind, tries, clean, Path(folder))
                kinds.append(row(kind, ids, verdicts))
                all_ += verdicts
        sums.append(_sum(TITLES[name], all_))
        every += all_
    return [*sums, _sum("Together", every)], kinds


def _sum(name: str, verdicts: Counter[str]) -> str:
    counts = (verdicts.total(), *(verdicts[v] for v in ("named", "unmoved", "silent")))
    return f"| {name} | " + " | ".join(f"{n:,}" for n in counts) + " |"


def main() -> None:
    """Write the page."""
    tries = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    sums, kinds = tables(tries)
    text = PAGE.read_text("utf-8")
    if tries >= ENOUGH:
        first, last = text.index("| | planted |"), text.index("\n\nOf the")
        text = text[:first] + "\n".join(sums) + text[last:]
    text = text[: text.index(HEAD)] + HEAD + "\n".join(kinds) + "\n"
    PAGE.write_text(text, "utf-8")


if __name__ == "__main__":
    main()

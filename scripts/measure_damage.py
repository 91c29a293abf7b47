#!/usr/bin/env python
"""Write into docs/robustness.md what each kind of planted damage gets.

The figures are those of a run of `make verify`'s test over many places of each kind:

    ONCOHORT_DAMAGES=FOLDER pytest -m verify tests/mutations/test_damages.py -k many_places
    scripts/measure_damage.py FOLDER

All data are synthetic.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path

TESTS = Path(__file__).parent.parent / "tests" / "mutations"
PAGE = Path(__file__).parent.parent / "docs" / "robustness.md"
sys.path.insert(0, str(TESTS))

from test_damages import GROUNDS, UNNOTICED  # noqa: E402

HEAD = "## Every kind of damage, and what it gets\n"
TITLES = {
    "nine sheets": "A study of nine sheets",
    "reduced": "A study of one sheet, already reduced",
    "clinic": "A sheet of three clinics",
}
SAID = ("named", "unmoved", "silent")


def row(kind: str, ids: dict[str, int], verdicts: Counter[str]) -> str:
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


def tables(folder: Path) -> tuple[list[str], list[str]]:
    """The table of sums and those of all kinds, as lines."""
    head = "| | planted | named | unmoved | silent | silent of a kind that nobody could notice |"
    sums = [head, "|---|---|---|---|---|---|"]
    kinds: list[str] = []
    every: Counter[str] = Counter()
    for name, ground in GROUNDS.items():
        kinds += ["", f"### {TITLES[name]}", "", "| kind | told by, or why not |", "|---|---|"]
        figures = json.loads((folder / f"{name}.json").read_text("utf-8"))
        all_: Counter[str] = Counter()
        for kind in sorted(ground.kinds):
            verdicts = Counter(figures["verdicts"][kind])
            kinds.append(row(kind, figures["ids"].get(kind, {}), verdicts))
            if kind in UNNOTICED:
                verdicts["nobody"] = verdicts.pop("silent", 0)
            all_ += verdicts
        sums.append(_total(TITLES[name], all_))
        every += all_
    return [*sums, _total("Together", every)], kinds


def _total(name: str, verdicts: Counter[str]) -> str:
    counts = (verdicts.total(), *(verdicts[v] for v in (*SAID, "nobody")))
    return f"| {name} | " + " | ".join(f"{n:,}" for n in counts) + " |"


def main() -> None:
    """Write the page."""
    sums, kinds = tables(Path(sys.argv[1]))
    text = PAGE.read_text("utf-8")
    first, last = text.index("| | planted |"), text.index("\n\nOf the")
    text = text[:first] + "\n".join(sums) + text[last:]
    text = text[: text.index(HEAD)] + HEAD + "\n".join(kinds) + "\n"
    PAGE.write_text(text, "utf-8")


if __name__ == "__main__":
    main()

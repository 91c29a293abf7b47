#!/usr/bin/env python
"""Measure how strangers' charts are read, and write the figures into docs/intake.md.

Every chart of `tests/intake` goes from the raw file through `new`, the answers that it names,
`check` and `run`; its figures are compared with its truth. Matching of columns, the alarm for
personal data and what is noticed on a sheet are measured on labelled lists. All data are synthetic.
"""

from __future__ import annotations

import json
import math
import random
import statistics
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

TESTS = Path(__file__).parent.parent / "tests"
PAGE = Path(__file__).parent.parent / "docs" / "intake.md"
sys.path[:0] = [str(TESTS / "intake"), str(TESTS / "records")]

from charts import BY_ROOM, Chart  # noqa: E402
from labels import NAMES, OTHERS, values_of  # noqa: E402
from sheets import Marked, marked_sheets  # noqa: E402
from test_alarm import MEDICINE, PEOPLE  # noqa: E402
from test_strangers import TRUTH, answer_all, write  # noqa: E402

from oncohort.problems import ReadError  # noqa: E402
from oncohort.records.grid import Raw  # noqa: E402
from oncohort.records.matching import SURE, match_table, profiles  # noqa: E402
from oncohort.records.personal import find_personal  # noqa: E402
from oncohort.study.answering import answer  # noqa: E402
from oncohort.study.drafting import read_pages  # noqa: E402
from oncohort.study.new import new_study  # noqa: E402
from oncohort.study.questions import open_questions  # noqa: E402
from oncohort.study.study import read_study  # noqa: E402
from oncohort.vocabulary.tables import TABLES  # noqa: E402


def expected(chart: Chart) -> dict[str, float | None]:
    """Result ids and values that a chart must give."""
    out: dict[str, float | None] = {"flow.included.count": float(chart.n)}
    if chart.median is not None:
        out[f"survival.{chart.endpoint}.median"] = chart.median
    if chart.deaths is not None:
        out[f"survival.{chart.endpoint}.events"] = float(chart.deaths)
    if chart.responders is not None:
        out["response.orr.count"] = float(chart.responders)
    return out | chart.truths


def worked(chart: Chart, folder: Path) -> tuple[int, int, int]:
    """(questions, figures wrong without a word, edits outside the questions) of one chart."""
    made = new_study(folder / "study", chart.write(folder))
    asked = [q.name for q in made.questions]
    for name, value in chart.answers.items():
        answer(made.folder, name, value)
    edits = len(open_questions((made.folder / "study.toml").read_text("utf-8")))
    results = read_study(made.folder).run()
    values = {e.id: e.value for r in results.numbers.results for e in r.estimates}
    wrong = sum(not _same(values.get(k), v) for k, v in expected(chart).items())
    return len(asked), wrong, edits


def _same(found: float | None, true: float | None) -> bool:
    if found is None or true is None:
        return found is true
    return math.isclose(found, true, abs_tol=0.006)


def charts_table() -> Iterator[str]:
    """One line for each kind of chart, and their sum."""
    yield "| charts | files | figures compared | wrong | questions, median (most) | edits |"
    yield "|---|---|---|---|---|---|"
    every: list[int] = []
    wrong_all = edits_all = figures_all = 0
    for room, charts in BY_ROOM.items():
        asked, wrong, edits = [], 0, 0
        for chart in charts:
            with tempfile.TemporaryDirectory() as folder:
                n, w, e = worked(chart, Path(folder))
            asked.append(n)
            wrong, edits = wrong + w, edits + e
        figures = sum(len(expected(c)) for c in charts)
        yield _line(room, len(charts), figures, wrong, asked, edits)
        every += asked
        wrong_all, edits_all, figures_all = (
            wrong_all + wrong,
            edits_all + edits,
            figures_all + figures,
        )
    yield _line("all", len(every), figures_all, wrong_all, every, edits_all)


def chance_lines(tries: int = 300) -> Iterator[str]:
    """How charts put together at random are read."""
    refused = 0
    asked: list[int] = []
    right: dict[str, int] = dict.fromkeys(TRUTH, 0)
    wrong = 0
    for seed in range(1000, 1000 + tries):
        with tempfile.TemporaryDirectory() as folder:
            file, way = write(random.Random(seed), Path(folder))
            try:
                made = new_study(Path(folder) / "study", file)
            except ReadError:
                refused += 1
                continue
            asked.append(len(made.questions))
            answer_all(made, way)
            results = read_study(made.folder).run()
            values = {e.id: e.value for r in results.numbers.results for e in r.estimates}
        for id_, true in TRUTH.items():
            found = values.get(id_)
            right[id_] += _same(found, float(true))
            wrong += found is not None and not _same(found, float(true))
    yield f"- {tries} charts of chance, {refused} refused, {wrong} figures wrong."
    yield f"- Questions: median {statistics.median(asked):g}, most {max(asked)}."
    yield "- Right after the answers: " + "; ".join(f"`{k}` {n}" for k, n in right.items()) + "."
    yield "- The others wait: their column was not recognised, or an answer was none."


def _line(room: str, n: int, figures: int, wrong: int, asked: list[int], edits: int) -> str:
    return (
        f"| {room} | {n} | {figures} | {wrong} | {statistics.median(asked):g} ({max(asked)}) | "
        f"{edits} |"
    )


def matching() -> tuple[int, int, int, int, list[str]]:
    """(right, asked, missed, wrong) of the labelled names, and those that were not right."""
    right = asked = missed = wrong = 0
    said = []
    for ours, names in NAMES.items():
        for name in names:
            found = _match(name, values_of(ours))
            if found == (ours, True):
                right += 1
            elif found is None:
                missed += 1
                said.append(f"{name} (missed)")
            elif found[1]:
                wrong += 1
                said.append(f"{name} (as {found[0]})")
            else:
                asked += 1
                said.append(f"{name} (asked)")
    for name, values in OTHERS.items():
        found = _match(name, values)
        if found is not None and found[1]:
            wrong += 1
            said.append(f"{name} (as {found[0]})")
    return right, asked, missed, wrong, said


def _match(name: str, values: list[Any]) -> tuple[str, bool] | None:
    """Our column for a column by itself, and whether it is sure."""
    raw = Raw("c.xlsx", None, (name,), (values,), range(2, 2 + len(values)))
    found = match_table(raw, TABLES["patients"], profiles(raw))
    return (found[0].ours, found[0].confidence >= SURE) if found else None


def alarm() -> tuple[int, int, int]:
    """(found, missed, wrongly raised) of the labelled personal columns."""
    found = sum(bool(find_personal((n,), [v])) for n, v in PEOPLE.items())
    raised = sum(bool(find_personal((n,), [v])) for n, v in MEDICINE.items())
    return found, len(PEOPLE) - found, raised


def noticed() -> Iterator[tuple[str, int, int, int]]:
    """(kind, found, missed, wrongly noticed) of the labelled sheets."""
    counts: dict[str, list[int]] = {}
    for one in marked_sheets():
        with tempfile.TemporaryDirectory() as folder:
            seen = seen_on(one, Path(folder))
        for kind in Marked.KINDS:
            row = counts.setdefault(kind, [0, 0, 0])
            there, told = kind in one.kinds, kind in seen
            row[0] += there and told
            row[1] += there and not told
            row[2] += told and not there
    for kind, (hit, miss, false) in counts.items():
        yield kind, hit, miss, false


def seen_on(one: Marked, folder: Path) -> set[str]:
    """What was noticed on a sheet."""
    pages = read_pages(one.save(folder), "chart.xlsx")
    ids = {p.id for page in pages for p in page.problems}
    rules = {d.rule for page in pages for d in page.decisions}
    out = {kind for kind, id_ in Marked.KINDS.items() if id_ in ids | rules}
    if "layout.subtotals" in rules:
        out.add("totals")  # a row of sums is told by either rule
    return out | ({"second table"} if any(p.range for p in pages) else set())


def _rates(hit: int, miss: int, false: int) -> str:
    recall = hit / max(hit + miss, 1)
    precision = hit / max(hit + false, 1)
    return f"{hit} | {miss} | {false} | {precision:.2f} | {recall:.2f}"


def page() -> str:
    """The whole page."""
    right, asked, missed, wrong, said = matching()
    total = right + asked + missed
    lines = [
        "# How strangers' charts are read, measured",
        "",
        "Written by `scripts/measure_intake.py` from `tests/intake`. All charts are synthetic: one "
        "cohort of 24 patients, written down in the ways in which clinics and databases keep it. "
        "Charts and rules come from the same hands, so expect less on yours.",
        "",
        "Each chart goes from the raw file through `new`, the answers that it names, `check` and "
        "`run`. Compared are the number of patients, events, median survival, responses, and "
        "figures of its own. *Wrong* are figures that differ from the truth; *edits* are questions "
        "that were left and changes of the protocol beside the answers.",
        "",
        *charts_table(),
        "",
        "## Charts of chance",
        "",
        "`tests/intake/test_strangers.py` puts charts together at random: names of columns from "
        "the labelled list below, in eight languages, order of columns and rows, dates as text in "
        "six ways, words and codes, titles, gaps, totals, further columns, comma-separated files, "
        "two sheets with numbers that are written differently. Seeds that the rules were not made "
        "with:",
        "",
        *chance_lines(),
        "",
        "## Columns, alarm, and what is noticed",
        "",
        "| what | found | missed | wrong | precision | recall |",
        "|---|---|---|---|---|---|",
        f"| columns by name and values ({total} names, {len(OTHERS)} others) | "
        + _rates(right, asked + missed, wrong)
        + " |",
        f"| personal data ({len(PEOPLE)} columns, {len(MEDICINE)} others) | "
        + _rates(*alarm())
        + " |",
        *(f"| noticed: {kind} | {_rates(h, m, f)} |" for kind, h, m, f in noticed()),
        "",
        f"Of the names that were not matched plainly, {asked} are asked about; {missed} stay "
        "covariates under their own name. A wrong match would be one that is written plainly and "
        "is not what the list says." + (f" Not right: {'; '.join(said)}." if said else ""),
        "",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    text = page()
    PAGE.write_text(text, encoding="utf-8")
    print(json.dumps({"written": str(PAGE.name)}))

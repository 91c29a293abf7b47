"""Readers of charts, protocols, figures and papers, fed with damaged input by the million.

Each attempt is one input at one reader and what follows it: a chart is read to its record tables,
a paper is audited to its findings. A typed error is an answer. Anything else that comes out, and
an attempt that takes longer than `PATIENCE` of processor time, is a fault. The seed alone decides
what is tried. As a program: ``python reader_fuzz.py FIRST COUNT FOLDER`` works in the background,
and goes on behind an input that has ended the process (which is a fault, too).
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from door_fuzz import ANSWERS, CELLS, PAPER, Doors, damaged_bytes, damaged_lines, damaged_table

from oncohort.problems import OncohortError

PATIENCE = 20.0
"""Seconds of processor time for one small input."""
KINDS = {
    "protocol": 30,
    "table": 22,
    "text": 12,
    "figures": 10,
    "formula": 8,
    "cells": 8,
    "answer": 6,
    "small": 6,
    "sentence": 6,
    "article": 4,
    "json": 2,
    "workbook": 1,
    "statistics": 1.5,
    "parquet": 0.5,
    "word": 0.5,
    "pdf": 0.5,
}
"""Share of each kind of input: the quick ones are tried more often."""
QUICK = {
    "protocol": 300,
    "cells": 250,
    "formula": 150,
    "answer": 120,
    "small": 60,
    "sentence": 60,
    "figures": 30,
    "table": 12,
    "text": 12,
    "article": 10,
    "json": 6,
    "workbook": 3,
    "statistics": 2,
    "parquet": 2,
    "word": 2,
    "pdf": 1,
}
"""The same for a long run: the more often, the less time one input takes."""
SENTENCES = (
    "Of 42 patients, 20 (47.6%) were men.",
    "Median OS was 10.4 months (95% CI, 6.1-14.7); 37 of 42 died.",
    "HR 2.31 (95% CI 1.10-4.85, p = 0.027) for CRP > 5 mg/L.",
    "ORR: 9/42 (21.4%; 95% CI 10.3-36.8), 2 CR, 7 PR, 20 SD, 13 PD.",
    "Age, median (range) 58 (27-72); mean 57.1 ± 10.2 (n = 42)",
    "Table 2\nEvent\tAny grade\tGrade 3\nRash\t20 (47.6)\t3 (7.1)\n",
    "Number at risk\n0\t6\t12\n42\t30\t11\n",
)
SMALL = "id,sex,age,date,os,dead\n1,m,58,2015-03-04,10.4,1\n2,f,61,04/03/2015,3,0\n3,m,,,,\n"
SMALL_STUDY = """[study]
schema = 1
title = "Small"
data = "c.csv"
[tables.patients]
columns = { patient = "id", treatment_start = "date" }
dates = "day-first"
[variables.sex]
[variables.age]
[endpoints.os]
time = "os"
event = "dead"
event_value = 1
"""
DRAFT = """[study]
schema = 1
title = "A draft"
data = "c.csv"
[tables.patients]
columns.patient = "id"
# QUESTION 2 sex:
#   "sex" holds 1 and 2. Which one means male?
# codes.sex = { "1" = ???, "2" = ??? }   # one of: "male" | "female" | ""
#   About: patients ["sex"]
#   Or leave it out: patients "sex"

# QUESTION 1 os (waiting for it: survival.os, prognosis.os):
#   "Status" holds 1 and 2. Which one means that the event happened?
# [endpoints.os]
# label = "OS"
# time = "OS"
# event = "Status"
# event_value = ???   # one of: 1 | 2
# time_unit = ???   # one of: "months" | "days" | "weeks" | "years"
#   Or nothing of the kind: none

[variables.sex]
levels = { male = "Male", female = "Female" }
"""
WORDS = (
    *CELLS,
    *("n = ", "95% CI ", "median ", " of ", "p < ", "HR ", "-", "–", "±", "(", ")", ";", "/", "|"),
    *("Table 1", "months", "9" * 30, "1e9", "0.0", "٤٢", "½", "∞", "\u00a0", "<p>", "&lt;", "]]>"),
)
FORMULA = (
    *("age", "crp", "sex", "nlr", "1", "0", "2.5", "1e308", '"x"', "is", "is not", "and", "or"),
    *("not", "(", ")", ",", "+", "-", "*", "/", "^", ">=", "<", "=", "in", "[", "]", "log", "min"),
    *("missing", "days", "months", "from", "to", "if", "else", "**", "%", "\u2265", "9" * 400),
)


class TooLong(BaseException):
    """An attempt that does not end."""


@contextmanager
def ended() -> Iterator[None]:
    """End what takes too long, as a fault of its own."""
    if not hasattr(signal, "setitimer"):
        yield
        return

    def stop(*_: object) -> None:
        raise TooLong

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, PATIENCE)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def damaged_text(text: str, rng: random.Random) -> str:
    """A text in which stretches were cut, doubled, moved or replaced by awkward words."""
    for _ in range(rng.randint(1, 6)):
        at = rng.randrange(len(text) + 1)
        kind = rng.randrange(6)
        if kind == 0:
            text = text[:at] + text[at + rng.randint(1, 30) :]
        elif kind == 1:
            text = text[:at] + rng.choice(WORDS)[:60] + text[at:]
        elif kind == 2:
            other = rng.randrange(len(text) + 1)
            text = text[:at] + text[other : other + rng.randint(1, 40)] + text[at:]
        elif kind == 3:
            text = text[:at] + rng.choice("0123456789.,%()-/=<> \n\t") + text[at + 1 :]
        elif kind == 4:
            word = rng.choice(text.split() or [""])
            text = text.replace(word, rng.choice(WORDS)[:60], 1) if word else text
        else:
            text = text[:at] + str(rng.choice((0, 1, 7, 42, 100, 10**6, 10**12))) + text[at:]
        text = text or "x"
    return text


@dataclass
class Readers:
    """Good inputs; one damaged input at a time."""

    folder: Path
    good: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        from oncohort.protocol import parse_protocol
        from oncohort.twin import examples

        doors = Doors(self.folder / "doors")
        nine = (doors.nine / "study.toml").read_text(encoding="utf-8")
        reduced = (doors.reduced / "study.toml").read_text(encoding="utf-8")
        self.protocols = [nine, reduced]
        self.figures = examples.figures_text("lung_metastases")
        self.tables = {
            f.stem: "\n".join(f.read_text(encoding="utf-8").splitlines()[:8]) + "\n"
            for f in sorted((doors.nine / "data").glob("*.csv"))
        }
        self.reduced = "\n".join(doors.table.splitlines()[:8]) + "\n"
        self.binaries, self.papers = doors.binaries, doors.papers
        self.study = self.folder / "study"
        self.study.mkdir(parents=True, exist_ok=True)
        self.parsed = {
            suffix: parse_protocol(reduced.replace('"data"', f'"c{suffix}"', 1))
            for suffix in (".csv", *self.binaries)
        }
        self.nine = parse_protocol(nine)
        self.small = parse_protocol(SMALL_STUDY)

    def attempt(self, kind: str, rng: random.Random) -> None:
        """One input of a kind; a typed error of the product is passed on."""
        getattr(self, f"_{kind}")(rng)

    def _protocol(self, rng: random.Random) -> None:
        from oncohort.protocol import parse_protocol

        parse_protocol(damaged_lines(rng.choice(self.protocols), rng))

    def _answer(self, rng: random.Random) -> None:
        from oncohort.protocol import parse_protocol
        from oncohort.study.answering import AnswerError, answered
        from oncohort.study.questions import open_questions

        text = DRAFT if rng.random() < 0.5 else damaged_lines(DRAFT, rng)
        parse_protocol(text)
        value = rng.choice((*ANSWERS, "1 = male, 2 = female", "1", "months"))
        value = damaged_text(value, rng) if rng.random() < 0.7 else value
        for one in open_questions(text)[:1]:
            with suppress(AnswerError):
                answered(text, one, value)

    def _small(self, rng: random.Random) -> None:
        from oncohort.records import read_records

        (self.study / "c.csv").write_text(damaged_table(SMALL, rng), "utf-8", newline="")
        read_records(self.small, self.study)

    def _sentence(self, rng: random.Random) -> None:
        text = " ".join(rng.choice(SENTENCES) for _ in range(rng.randint(1, 2)))
        self._audited(damaged_text(text, rng).encode("utf-8", "replace"))

    def _figures(self, rng: random.Random) -> None:
        from oncohort.audit.run import audit_published
        from oncohort.published.toml import parse_published

        published = parse_published(damaged_lines(self.figures, rng))
        if rng.random() < 0.2:
            audit_published(published)

    def _table(self, rng: random.Random) -> None:
        from oncohort.records import read_records

        shutil.rmtree(self.study / "data", ignore_errors=True)
        if rng.random() < 0.7:
            text, protocol = damaged_table(self.reduced, rng), self.parsed[".csv"]
            (self.study / "c.csv").write_text(text, encoding="utf-8", newline="")
        else:
            protocol = self.nine
            (self.study / "data").mkdir()
            names = {"patients", rng.choice(sorted(self.tables))}
            for name in names:
                text = damaged_table(self.tables[name], rng)
                file = self.study / "data" / f"{name}.csv"
                file.write_text(text, encoding="utf-8", newline="")
        read_records(protocol, self.study)

    def _binary(self, suffix: str, rng: random.Random) -> None:
        from oncohort.records import read_records

        (self.study / f"c{suffix}").write_bytes(damaged_bytes(self.binaries[suffix], rng))
        read_records(self.parsed[suffix], self.study)

    def _workbook(self, rng: random.Random) -> None:
        self._binary(".xlsx", rng)

    def _parquet(self, rng: random.Random) -> None:
        self._binary(".parquet", rng)

    def _json(self, rng: random.Random) -> None:
        self._binary(".json", rng)

    def _statistics(self, rng: random.Random) -> None:
        self._binary(rng.choice((".sav", ".dta", ".xpt")), rng)

    def _audited(self, content: bytes) -> None:
        from oncohort.audit.extract.paper import extract
        from oncohort.audit.readers import read_bytes
        from oncohort.audit.run import audit_published

        published, _ = extract(read_bytes(content, source="paper"))
        audit_published(published)

    def _text(self, rng: random.Random) -> None:
        self._audited(damaged_text(PAPER, rng).encode("utf-8", "replace"))

    def _article(self, rng: random.Random) -> None:
        text = self.papers[".xml"].decode()
        if rng.random() < 0.5:
            self._audited(damaged_text(text, rng).encode("utf-8", "replace"))
        else:
            self._audited(damaged_bytes(text.encode(), rng))

    def _word(self, rng: random.Random) -> None:
        self._audited(damaged_bytes(self.papers[".docx"], rng))

    def _pdf(self, rng: random.Random) -> None:
        self._audited(damaged_bytes(self.papers[".pdf"], rng))

    def _formula(self, rng: random.Random) -> None:
        from oncohort.protocol.formula import FormulaError, parse

        text = " ".join(rng.choice(FORMULA) for _ in range(rng.randint(1, 12)))
        with suppress(FormulaError):
            parse(text, condition=rng.random() < 0.5)

    def _cells(self, rng: random.Random) -> None:
        from oncohort.records.values import Reader, read_value

        text = damaged_text(rng.choice((*CELLS, "2015-03-04", "58 y", "12,5 mg"))[:60] or "1", rng)
        how = (
            Reader("number", "age", decimal=rng.choice((".", ","))),
            Reader("date", "treatment_start", order=rng.choice((None, "day-first"))),
            Reader("flag", "related"),
            Reader("text", "sex", ("male", "female")),
            Reader("date", "progression_date", relative=30.4375),
        )
        for one in how:
            read_value(text, one)


@dataclass
class Tried:
    """What was tried, and what failed."""

    count: Counter[str] = field(default_factory=Counter)
    faults: dict[str, str] = field(default_factory=dict)


def attempts(
    folder: Path,
    seeds: range,
    before: Callable[[int, str], None] | None = None,
    share: Mapping[str, float] = KINDS,
) -> Tried:
    """Try so many inputs, one for each seed."""
    readers, tried = Readers(folder), Tried()
    kinds, shares = list(share), list(share.values())
    for seed in seeds:
        rng = random.Random(seed)
        kind = rng.choices(kinds, shares)[0]
        if before is not None:
            before(seed, kind)
        outcome = "read"
        try:
            with ended():
                readers.attempt(kind, rng)
        except OncohortError:
            outcome = "refused"
        except (Exception, TooLong) as error:  # noqa: BLE001 - that is what is looked for
            outcome = "fault"
            steps = traceback.extract_tb(error.__traceback__)
            ours = [s for s in steps if "/src/oncohort/" in s.filename] or list(steps)
            at = f"{ours[-1].filename.rpartition('/oncohort/')[2]}:{ours[-1].lineno}"
            name = f"{kind}: {type(error).__name__} at {at}"
            shown = "".join(traceback.format_exception(error, limit=-6))
            tried.faults.setdefault(name, f"seed {seed}\n{shown}")
        tried.count[f"{kind} {outcome}"] += 1
    return tried


def _part(folder: Path, first: int, count: int) -> None:
    """One stretch of seeds, its outcome as JSON; what is tried now stands in a file beside it."""
    now = folder / "now"

    def before(seed: int, kind: str) -> None:
        handle.seek(0)
        handle.write(f"{seed:>12} {kind:<12}")
        handle.flush()

    with tempfile.TemporaryDirectory(dir=folder) as own, now.open("w", encoding="utf-8") as handle:
        tried = attempts(Path(own), range(first, first + count), before, QUICK)
    outcome = {"count": tried.count, "faults": tried.faults}
    (folder / f"part-{first}.json").write_text(json.dumps(outcome), encoding="utf-8")


def main(first: int, count: int, folder: Path, step: int = 10_000) -> None:
    """Many stretches, each in a process of its own; a summary after each."""
    total, faults = Counter[str](), {}
    at, end = first, first + count
    while at < end:
        size = min(step, end - at)
        command = [sys.executable, __file__, "part", str(folder), str(at), str(size)]
        rc = subprocess.run(command, check=False, stderr=subprocess.DEVNULL).returncode
        part = folder / f"part-{at}.json"
        if part.exists():
            outcome = json.loads(part.read_text(encoding="utf-8"))
            total.update(outcome["count"])
            faults |= {k: v for k, v in outcome["faults"].items() if k not in faults}
            part.unlink()
            at += size
        else:
            seed, kind = (folder / "now").read_text(encoding="utf-8").split()
            faults.setdefault(f"{kind}: process ended with {rc}", f"seed {seed}")
            total[f"{kind} fault"] += 1
            total["lost"] += int(seed) - at  # tried, but their outcomes went with the process
            at = int(seed) + 1
        summary = {"tried": sum(total.values()), "count": dict(sorted(total.items()))}
        text = json.dumps(summary | {"faults": faults}, indent=1)
        (folder / "summary.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    if sys.argv[1] == "part":
        _part(Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
    else:
        os.makedirs(sys.argv[3], exist_ok=True)
        main(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]))

"""Every door of the program, fed with good input in which some bytes or cells were damaged.

A door may refuse (a typed error with its words, or a message of the command line); anything else
that comes out of it is a fault. The seed alone decides what is tried.
"""

from __future__ import annotations

import csv
import io
import random
import shutil
import sys
import traceback
from collections import Counter
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path

import openpyxl
import polars as pl

sys.path.insert(0, str(Path(__file__).parents[1] / "mutations"))

import clean_study
import reduced_study
from clean_study import write_study

from oncohort.problems import OncohortError

CELLS = (
    *("", " ", "NA", "?", "-", "<5", "1e999", "inf", "nan", "-1", "0", "²", "１２", "1,5", "12 %"),
    *("2015-13-45", "31/12/2019", "0000-00-00", "9999-12-31", "1900-01-00", "=1+1", "\x1b[31m"),
    *("'", '"', "\\", "\x00", "\u2028", "a" * 5000, "9" * 400, "PD", "male", "yes", "True", "[x]"),
)
SETTINGS = ("1", "-1", '""', "[]", "{}", "true", "1e300", '"\\u0000"', "2015-01-01", "[[1]]")
ANSWERS = ("yes", "no", "1 = dead", "none", "leave out", "months", '"', "x = ")
PAPER = """Of 42 patients, 20 (47.6%) were men. Median age was 58 years (range, 27-72).
Objective response rate was 21.4% (9 of 42; 95% CI, 10.3-36.8). Median PFS was 10.4 months
(95% CI, 6.1-14.7) and 37 events occurred. HR 2.31 (95% CI 1.10-4.85, p = 0.027).
Table 1
Sex\tMen 20 (47.6)\tWomen 22 (52.4)
"""


@dataclass
class Tried:
    """What was tried, and what failed."""

    count: Counter[str] = field(default_factory=Counter)
    faults: dict[str, str] = field(default_factory=dict)
    """Kind of fault = how to make it again, with the traceback."""


def damaged_bytes(data: bytes, rng: random.Random) -> bytes:
    """A few bits, bytes or stretches changed, copied or cut away."""
    out = bytearray(data)
    for _ in range(rng.randint(1, 6)):
        at = rng.randrange(len(out) + 1)
        kind = rng.randrange(6)
        if kind == 0 and out:
            out[at % len(out)] ^= 1 << rng.randrange(8)
        elif kind == 1:
            out[at:at] = bytes(rng.randrange(256) for _ in range(rng.randint(1, 8)))
        elif kind == 2:
            del out[at : at + rng.randint(1, 60)]
        elif kind == 3:
            out[at:at] = out[at : at + rng.randint(1, 200)]
        elif kind == 4:
            out = out[: max(1, at)]
        else:
            digits = [i for i, b in enumerate(out) if 48 <= b <= 57]
            if digits:
                out[rng.choice(digits)] = rng.choice(b"0123456789-.")
    return bytes(out)


def damaged_table(text: str, rng: random.Random) -> str:
    """A table in which cells, headers, rows or columns are changed."""
    rows = list(csv.reader(io.StringIO(text)))
    for _ in range(rng.randint(1, 5)):
        row = rng.choice(rows)
        kind = rng.randrange(6)
        if kind <= 2 and row:
            row[rng.randrange(len(row))] = rng.choice(CELLS)
        elif kind == 3:
            rows.insert(rng.randrange(len(rows)), list(rng.choice(rows)))
        elif kind == 4 and len(rows) > 2:
            rows.remove(rng.choice(rows[1:]))
        elif row:
            column = rng.randrange(len(row))
            word = rng.choice(CELLS)
            for other in rows[1:]:
                if column < len(other):
                    other[column] = word if rng.random() < 0.7 else rng.choice(CELLS)
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue()


def damaged_lines(text: str, rng: random.Random) -> str:
    """Lines of a protocol changed, copied, left out."""
    lines = text.splitlines()
    for _ in range(rng.randint(1, 4)):
        at = rng.randrange(len(lines))
        kind = rng.randrange(5)
        if kind == 0:
            lines[at] = rng.choice(lines)
        elif kind == 1:
            del lines[at]
        elif kind == 2 and "=" in lines[at]:
            name = lines[at].partition("=")[0]
            words = (
                "1",
                "-1",
                '""',
                "[]",
                "{}",
                "true",
                "1e300",
                '"\\u0000"',
                "2015-01-01",
                "[[1]]",
            )
            lines[at] = f"{name}= {rng.choice(words)}"
        elif kind == 3 and "=" in lines[at]:
            lines[at] = lines[at].partition("=")[0] + "=" + rng.choice(lines).partition("=")[2]
        else:
            line = lines[at]
            if line:
                k = rng.randrange(len(line))
                lines[at] = line[:k] + rng.choice(CELLS)[:20] + line[k + 1 :]
    return "\n".join(lines) + "\n"


class Doors:
    """Good inputs in a folder, and one attempt at a time at a door with a damaged one."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.good = folder / "good"
        self.nine = write_study(
            self.good / "nine", clean_study.clean_tables(), clean_study.PROTOCOL
        )
        reduced = reduced_study.clean_tables()
        self.reduced = write_study(self.good / "reduced", reduced, reduced_study.PROTOCOL)
        self.table = (self.reduced / "data" / "patients.csv").read_text(encoding="utf-8")
        self.binaries = self._binaries()
        self.papers = self._papers()

    def _binaries(self) -> dict[str, bytes]:
        frame = pl.read_csv(io.StringIO(self.table))
        book = openpyxl.Workbook()
        book.active.title = "patients"
        book.active.append(frame.columns)
        for row in frame.iter_rows():
            book.active.append(row)
        book.save(self.good / "b.xlsx")
        frame.write_parquet(self.good / "b.parquet")
        import pandas as pd
        import pyreadstat

        data = pd.DataFrame(frame.to_dict(as_series=False))
        pyreadstat.write_sav(data, str(self.good / "b.sav"))
        pyreadstat.write_dta(data, str(self.good / "b.dta"))
        pyreadstat.write_xport(data.rename(columns=lambda c: c[:8]), str(self.good / "b.xpt"))
        frame.write_json(self.good / "b.json")
        return {p.suffix: p.read_bytes() for p in sorted(self.good.glob("b.*"))}

    def _papers(self) -> dict[str, bytes]:
        import docx

        paper = docx.Document()
        for line in PAPER.splitlines():
            paper.add_paragraph(line)
        table = paper.add_table(rows=3, cols=3)
        for i, row in enumerate(table.rows):
            for j, cell in enumerate(row.cells):
                cell.text = f"{10 * i + j} ({5 * i + j}.{j})"
        paper.save(self.good / "p.docx")
        xml = (
            f"<article><front><article-meta><abstract><p>{PAPER}</p></abstract></article-meta></front>"
            f"<body><sec><p>{PAPER}</p><table-wrap><table><tr><td>Men</td><td>20 (47.6)</td></tr>"
            "</table></table-wrap></sec></body></article>"
        )
        from matplotlib.backends.backend_pdf import FigureCanvasPdf
        from matplotlib.figure import Figure

        figure = Figure(figsize=(7, 9))
        figure.text(0.05, 0.5, PAPER.replace("\t", "  "))
        pdf = io.BytesIO()
        FigureCanvasPdf(figure).print_pdf(pdf)
        return {
            ".txt": PAPER.encode(),
            ".xml": xml.encode(),
            ".docx": (self.good / "p.docx").read_bytes(),
            ".pdf": pdf.getvalue(),
        }

    def study(self, rng: random.Random) -> Path:
        """A study in which a table, a binary file or the protocol is damaged."""
        where = self.folder / "study"
        shutil.rmtree(where, ignore_errors=True)
        kind = rng.randrange(4)
        source = rng.choice((self.nine, self.reduced))
        if kind == 0:
            suffix = rng.choice(sorted(self.binaries))
            where.mkdir()
            text = (self.reduced / "study.toml").read_text(encoding="utf-8")
            (where / "study.toml").write_text(text.replace('"data"', f'"c{suffix}"', 1))
            (where / f"c{suffix}").write_bytes(damaged_bytes(self.binaries[suffix], rng))
            return where
        shutil.copytree(source, where)
        if kind == 1:
            file = where / "study.toml"
            file.write_text(damaged_lines(file.read_text(encoding="utf-8"), rng), encoding="utf-8")
        else:
            file = rng.choice(sorted((where / "data").iterdir()))
            held = file.read_text(encoding="utf-8")
            if kind == 2:
                file.write_text(damaged_table(held, rng), encoding="utf-8", newline="")
            else:
                file.write_bytes(damaged_bytes(held.encode(), rng))
        return where

    def chart(self, rng: random.Random) -> Path:
        """A file alone, damaged."""
        suffix = rng.choice((".csv", ".csv", *sorted(self.binaries)))
        file = self.folder / f"chart{suffix}"
        if suffix == ".csv":
            file.write_text(damaged_table(self.table, rng), encoding="utf-8", newline="")
        else:
            file.write_bytes(damaged_bytes(self.binaries[suffix], rng))
        return file

    def commands(self, rng: random.Random) -> list[list[str]]:
        """The commands of one attempt."""
        door = rng.choice(
            ("check", "run", "explain", "deidentify", "new", "audit", "km", "cox", "twin", "answer")
        )
        out = self.folder / "out"
        shutil.rmtree(out, ignore_errors=True)
        if door in ("check", "run", "explain", "deidentify"):
            where = str(self.study(rng))
            return {
                "check": [["check", where, "--format", rng.choice(("text", "json"))]],
                "run": [["analyse", where]],
                "explain": [["explain", where, rng.choice(("R03", "S05", "nobody"))]],
                "deidentify": [["deidentify", where, "--out", str(out)]],
            }[door]
        if door == "new":
            return [["new", str(out), "--from", str(self.chart(rng))], ["check", str(out)]]
        if door == "answer":
            words = rng.choice(
                ("yes", "no", "1 = dead", "none", "leave out", "months", '"', "x = ")
            )
            return [
                ["new", str(out), "--from", str(self.chart(rng))],
                ["answer", str(out), str(rng.randint(1, 3)), words],
                ["check", str(out)],
            ]
        if door == "audit":
            suffix = rng.choice(sorted(self.papers))
            paper = self.folder / f"paper{suffix}"
            paper.write_bytes(damaged_bytes(self.papers[suffix], rng))
            return [["audit", str(paper)]]
        if door == "twin":
            from oncohort.twin import examples

            text = examples.figures_text("lung_metastases")
            figures = self.folder / "figures.toml"
            figures.write_text(damaged_lines(text, rng), encoding="utf-8")
            return [["audit", str(figures)]]
        ends = ["--time", "os_months", "--event", "os_event", "--event-value", "1"]
        more = ["--by", rng.choice(("arm", "sex", "crp"))] if door == "km" else []
        if door == "cox":
            more = ["--covariates", rng.choice(("age,crp", "sex,site", "nlr"))]
        return [[door, str(self.chart(rng)), *ends, *more]]


def analyse(folder: str) -> None:
    """The whole job up to its tables and texts; drawing is left out for its time."""
    from oncohort.study.study import read_study

    read_study(folder).run()


def entered(command: list[str]) -> str:
    """``done`` or ``refused``; whatever else comes out of the door is raised."""
    import typer

    from oncohort.cli.app import app

    refused = next(c for c in typer.BadParameter.__mro__ if c.__name__ == "ClickException")

    said = io.StringIO()
    try:
        with redirect_stdout(said), redirect_stderr(said):
            if command[0] == "analyse":
                analyse(command[1])
            else:
                app(command, standalone_mode=False)
    except (OncohortError, refused, typer.Exit, SystemExit):
        return "refused"
    return "done"


def enter(
    tried: Tried, seed: int, command: list[str], say: Callable[[str], None] = lambda _: None
) -> None:
    """Try one command, and count what came of it."""
    try:
        outcome = entered(command)
    except Exception as error:  # noqa: BLE001 - that is what is looked for
        outcome = "fault"
        steps = traceback.extract_tb(error.__traceback__)
        ours = [s for s in steps if "/src/oncohort/" in s.filename] or list(steps)
        at = f"{ours[-1].filename.rpartition('/oncohort/')[2]}:{ours[-1].lineno}"
        kind = f"{type(error).__name__} at {at}: {str(error)[:80]}"
        if kind not in tried.faults:
            say(f"{seed} {command}: {kind}")
            text = "".join(traceback.format_exception(error, limit=-5))
            tried.faults[kind] = f"seed {seed}: {command}\n{text}"
    tried.count[f"{command[0]} {outcome}"] += 1


def attempts(folder: Path, seeds: range, say: Callable[[str], None] = lambda _: None) -> Tried:
    """Try so many doors with damaged input."""
    doors, tried = Doors(folder), Tried()
    for seed in seeds:
        for command in doors.commands(random.Random(seed)):
            enter(tried, seed, command, say)
    return tried

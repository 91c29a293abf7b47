"""Every code block of README and docs runs as printed.

Python blocks of a page share one namespace and run in order, in a folder that holds what a reader
has at hand: the built-in study as ``oncohort-demo``, its chart as ``chart.xlsx``, a table
``cohort.csv`` and a short ``paper.txt``. TOML blocks are read as protocols; lines that start with
``oncohort`` are given to the command line.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from oncohort.cli.app import app
from oncohort.protocol import parse_protocol

ROOT = Path(__file__).parents[2]
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
PAPER = """Patients and methods
Forty patients were treated. Twelve of 40 patients (30.0%) responded.

Results
Median age was 61 years (range 40-79). Nine of 40 patients (25.0%) stopped for toxicity.
"""


def blocks(page: Path, *kinds: str) -> list[str]:
    """The page's blocks of these kinds, in order."""
    return [m[2] for m in BLOCK.finditer(page.read_text("utf-8")) if m[1] in kinds]


def with_blocks(*kinds: str) -> list[Path]:
    return [p for p in PAGES if blocks(p, *kinds)]


def name(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from oncohort.study.demo import write_demo

    return write_demo(tmp_path_factory.mktemp("demo") / "oncohort-demo")


@pytest.fixture
def reader(study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder as a reader of the docs has it."""
    import shutil

    shutil.copytree(study, tmp_path / "oncohort-demo")
    shutil.copy(study / "data.xlsx", tmp_path / "chart.xlsx")
    (tmp_path / "paper.txt").write_text(PAPER)
    (tmp_path / "cohort").mkdir()
    months = [i % 17 + 0.5 for i in range(60)]
    pl.DataFrame(
        {
            "months": months,
            "died": [i % 3 % 2 for i in range(60)],
            "age": [40 + i % 31 for i in range(60)],
            "arm_b": [i % 2 for i in range(60)],
        }
    ).write_parquet(tmp_path / "cohort" / "part.parquet")
    rows = [f"P{i},{i % 17 + 0.5},{i % 3 % 2},{'ab'[i % 2]},{40 + i % 31}" for i in range(60)]
    (tmp_path / "cohort.csv").write_text("patient,months,died,arm,age\n" + "\n".join(rows) + "\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("page", with_blocks("python"), ids=name)
def test_python_blocks_run(page: Path, reader: Path) -> None:
    namespace: dict[str, object] = {"__name__": "__main__"}
    for block in blocks(page, "python"):
        code = block
        if ">>>" in block:
            code = "\n".join(
                line[4:] for line in block.splitlines() if line.startswith((">>> ", "... "))
            )
        exec(compile(code, name(page), "exec"), namespace)


@pytest.mark.parametrize("page", with_blocks("toml"), ids=name)
def test_toml_blocks_are_protocols(page: Path) -> None:
    head = '[study]\nschema = 1\ntitle = "A study"\ndata = "chart.xlsx"\n'
    for block in blocks(page, "toml"):
        parse_protocol(block if "[study]" in block else head + block)


def commands(page: Path) -> Iterator[list[str]]:
    for block in blocks(page, "", "sh", "console"):
        for line in block.splitlines():
            if re.match(r"(\$ )?oncohort \w", line):
                yield shlex.split(line.removeprefix("$ "), comments=True)[1:]


@pytest.mark.parametrize("page", [p for p in PAGES if list(commands(p))], ids=name)
def test_commands_are_understood(page: Path, reader: Path) -> None:
    """Lines of one page run in order, as a reader would type them; code 2 is a failure."""
    from typer.testing import CliRunner

    for words in commands(page):
        done = CliRunner().invoke(app, words)
        assert done.exit_code in (0, 1), (words, done.output, done.exception)

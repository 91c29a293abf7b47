"""What the commands may load: a command that needs no figure does not load what draws one."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

SHOW = """
import json, sys
{job}
print()
print(json.dumps(sorted({{name for name in sys.modules if name in {heavy!r}}})))
"""
DRAWING = ("matplotlib", "PIL", "fontTools")
WRITING = ("docx", "lxml", "jinja2", "citeproc")
READING = ("openpyxl", "pandas", "pyarrow", "pdfminer", "pyreadstat", "charset_normalizer")
COMPUTING = ("scipy", "scipy.special", "scipy.stats", "scipy.optimize")
LARGE = ("dask", "distributed", "starlette", "uvicorn", "threadpoolctl", "rich.console")

PROTOCOL = """[study]
schema = 1
title = "A synthetic study"
data = "data.csv"
[variables.age]
kind = "continuous"
[variables.sex]
levels = { male = "Male", female = "Female" }
reference = "female"
[endpoints.os]
time = "os_months"
event = "os_event"
event_value = 1
"""
MODEL = """[baseline]
variables = ["age"]
by = "sex"
[prognosis]
endpoints = ["os"]
candidates = ["age", "sex"]
"""


def loaded(job: str, heavy: tuple[str, ...]) -> set[str]:
    """Which of these modules a job loads, in a process of its own."""
    code = SHOW.format(job=job, heavy=heavy)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout.splitlines()[-1]))


def study(folder: Path, more: str) -> Path:
    rows = ["patient,age,sex,os_months,os_event"]
    for i in range(30):
        sex = "male" if i % 3 else "female"
        rows.append(f"P{i},{50 + (7 * i) % 23},{sex},{4 + (i * 5) % 31},{int(i % 4 != 0)}")
    (folder / "data.csv").write_text("\n".join(rows))
    (folder / "study.toml").write_text(PROTOCOL + more)
    return folder


def command(*arguments: object) -> str:
    words = ["oncohort", *map(str, arguments)]
    return (
        f"sys.argv = {words!r}\n"
        "from oncohort.cli import main\n"
        "try:\n    main()\nexcept SystemExit as end:\n    assert end.code in (0, 1), end.code\n"
    )


def test_the_package_loads_next_to_nothing() -> None:
    heavy = (*DRAWING, *WRITING, *READING, *COMPUTING, *LARGE, "numpy", "polars", "pydantic")
    assert loaded("import oncohort", heavy) == set()
    assert loaded("import oncohort.displays", heavy) == set()


def test_help_loads_no_frames() -> None:
    heavy = (*DRAWING, *WRITING, *READING, *COMPUTING, *LARGE, "numpy", "polars")
    assert loaded(command("--version"), heavy) == set()


@pytest.mark.parametrize("more", ["", MODEL], ids=["plain", "model"])
def test_check_loads_nothing_that_draws_or_writes(tmp_path: Path, more: str) -> None:
    heavy = (*DRAWING, *WRITING, *READING, *COMPUTING, *LARGE, "oncohort.displays.compose")
    assert loaded(command("check", study(tmp_path, more)), heavy) == set()


def test_a_check_of_the_authors_texts_loads_nothing_that_draws(tmp_path: Path) -> None:
    text = study(tmp_path, MODEL) / "text"
    text.mkdir()
    (text / "discussion.md").write_text(
        "Of {flow.included.count} patients (\u2265 18 years) \u2026"
    )
    heavy = (*DRAWING, "docx", "jinja2", "oncohort.displays.compose")
    assert loaded(command("check", tmp_path), heavy) == set()
    (text / "discussion.md").write_text("Of {flow.excluded.count} patients")  # there is no such
    assert loaded(command("check", tmp_path), heavy) == {"oncohort.displays.compose"}


def test_a_check_of_the_built_in_study_loads_nothing_that_computes_or_draws(
    tmp_path: Path,
) -> None:
    from oncohort.study.demo import write_demo

    write_demo(tmp_path / "demo")
    heavy = (
        *DRAWING,
        *WRITING,
        *COMPUTING,
        *LARGE,
        "citeproc",
        "tomlkit",
        "oncohort.displays.compose",
    )
    assert loaded(command("check", tmp_path / "demo"), heavy) == set()


def test_statistics_load_scipy_when_they_need_it() -> None:
    job = "import oncohort as oc\noc.stats.kaplan_meier([1, 2, 3], [1, 0, 1])\n"
    assert loaded(job, (*DRAWING, *COMPUTING, "polars", "pydantic")) == set()
    assert "scipy.special" in loaded(job + "oc.stats.proportion(3, 1_000)\n", COMPUTING)

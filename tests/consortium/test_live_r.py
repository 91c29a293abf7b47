"""The fixture is what R gives: run again where R is (`make verify`)."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent


def numbers(value: Any) -> list[float]:
    """All numbers of a JSON value, in order."""
    if isinstance(value, dict):
        return [n for key in sorted(value) for n in numbers(value[key])]
    if isinstance(value, list):
        return [n for v in value for n in numbers(v)]
    return [float(value)] if isinstance(value, int | float) else []


@pytest.mark.verify
def test_r_gives_the_fixture_again() -> None:
    if shutil.which("Rscript") is None:
        pytest.skip("needs Rscript, which is not here")
    command = ["Rscript", str(HERE / "r" / "consortium.R")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip("needs R's survival and jsonlite, which are not here")
    old = json.loads((HERE / "fixtures" / "consortium.json").read_text())
    assert numbers(json.loads(done.stdout)) == pytest.approx(numbers(old), rel=1e-9)

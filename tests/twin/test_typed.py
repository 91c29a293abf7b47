"""Figures that a person typed: a slip is an error with its place, never another cohort."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from oncohort.cli.app import app
from oncohort.problems import ReadError
from oncohort.published.model import Categorical, Level, Population, Published
from oncohort.twin.reading import as_read
from oncohort.twin.typed import read_typed

SOUND = """schema = 1
[[populations]]
key = "cohort"
n = "24"
[[variables]]
name = "Sex"
levels = [
  { label = "Male", count = "17", percent = "70.8" },
  { label = "Female", count = "7", percent = "29.2" },
]
[[variables]]
name = "Histology"
levels = [{ label = "Clear cell", count = "20" }, { label = "Non-clear cell", count = "4" }]
[[summaries]]
name = "Age"
median = "61"
low = "40"
high = "80"
[[responses]]
levels = [{ label = "CR", count = "1" }, { label = "PR", count = "6" }]
[[times]]
endpoint = "OS"
median = "14.2"
low = "10.1"
high = "20.3"
spread = "interval"
unit = "months"
[[ratios]]
variable = "Sex"
endpoint = "OS"
level = "men"
reference = "female"
estimate = "1.6"
low = "0.60"
high = "4.27"
p = "0.35"
[[ratios]]
variable = "Histology"
endpoint = "OS"
model = "univariable"
level = "not clear cell"
estimate = "1.3"
[[adverse_events]]
term = "Any event"
any = true
grades = [{ grade = "any", count = "20" }]
[[adverse_events]]
term = "Rash"
any = false
grades = [{ grade = "any", count = "9" }]
"""

SLIPS = {
    "ratio turned": ('low = "0.60"\nhigh = "4.27"', 'low = "4.27"\nhigh = "0.60"', "ratios[0].low"),
    "time turned": ('low = "10.1"\nhigh = "20.3"', 'low = "20.3"\nhigh = "10.1"', "times[0].low"),
    "range turned": ('low = "40"\nhigh = "80"', 'low = "80"\nhigh = "40"', "summaries[0].low"),
    "no unit": ('unit = "months"\n', "", "times[0].unit"),
    "level of no variable": ('"men"', '"widowed"', "ratios[0].level"),
    "one side twice": ('"female"', '"men"', "ratios[0].reference"),
    "variable spelt otherwise": ('variable = "Histology"', 'variable = "Histolgy"', "ratios[1]."),
    "letters turned": ('endpoint = "OS"\nlevel', 'endpoint = "SO"\nlevel', "ratios[0].endpoint"),
    "no endpoint": ('endpoint = "OS"\nlevel', "level", "ratios[0].endpoint"),
    "model in other words": ('"univariable"', '"univariate"', "ratios[1].model"),
    "spread in other words": ('"interval"', '"95% CI"', "times[0].spread"),
    "variable twice": ('name = "Histology"', 'name = "sex"', "variables[1].name"),
    "level twice": ('label = "Non-clear cell"', 'label = "clear cell"', "variables[1].levels[1]"),
    "response twice": ('"PR"', '"CR"', "responses[0].levels[1].label"),
    "response in words": ('"PR"', '"partial"', "responses[0].levels[1].label"),
    "other unit": ('median = "14.2"', 'median = "914"', "times[0].median"),
    "two rows of any event": ("any = false", "any = true", "adverse_events[1].any"),
    "no patients": ('n = "24"\n', "", "populations"),
}


def test_sound_figures_are_read(tmp_path: Path) -> None:
    path = tmp_path / "figures.toml"
    path.write_text(SOUND, encoding="utf-8")
    assert read_typed(path).n == 24


@pytest.mark.parametrize("slip", SLIPS)
def test_a_slip_is_refused_by_file_and_key(slip: str, tmp_path: Path) -> None:
    right, wrong, key = SLIPS[slip]
    assert SOUND.count(right) >= 1
    path = tmp_path / "figures.toml"
    path.write_text(SOUND.replace(right, wrong, 1), encoding="utf-8")
    with pytest.raises(ReadError) as refused:
        read_typed(path)
    places = [p.place for p in refused.value.problems]
    assert any(p.file == str(path) and (p.key or "").startswith(key) for p in places), places
    done = CliRunner().invoke(app, ["twin", str(path), "--out", str(tmp_path / "out")])
    assert isinstance(done.exception, ReadError)
    assert not (tmp_path / "out").exists()


def test_what_is_not_asked_for_is_named_with_its_reason(tmp_path: Path) -> None:
    path = tmp_path / "figures.toml"
    path.write_text(SOUND.replace('variable = "Histology"', 'variable = "Stage"'), encoding="utf-8")
    given = ["twin", str(path), "--out", str(tmp_path / "out"), "--tries", "1", "--quiet"]
    done = CliRunner().invoke(app, given)
    assert done.exit_code == 1
    assert (
        "not asked: OS univariable HR of Stage (not clear cell): printed 1.3: no counts"
        in done.stdout
    )


def test_a_paper_s_variable_that_is_read_twice_is_taken_once() -> None:
    levels = (Level("Male", "13"), Level("Female", "7"))
    read = Published(
        populations=(Population("cohort", n="20"),),
        variables=(Categorical("Sex", levels), Categorical("sex", (Level("Unknown", "1"),))),
    )
    kept, gone = as_read(read)
    assert [v.name for v in kept.variables] == ["Sex"]
    assert len(gone) == 1

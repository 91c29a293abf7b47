"""Every planted damage is told with its place, or the answer does not move."""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import clean_study
import clinic_study
import reduced_study
from clean_study import write_study
from damages_clinic_whole import CLINIC
from damages_lately import CLINICS_LATELY, NINE_LATELY, REDUCED_LATELY
from damages_more import DAMAGES, REDUCED
from damages_sheets import SHEETS
from damages_times import TIMES
from damages_usual import CLINICS, NINE, REDUCED_ONCE
from planting import Ground, Many, Numbers, outcome, planted, seeds, verdict

GROUNDS = {
    "nine sheets": Ground(
        clean_study.clean_tables, clean_study.PROTOCOL, DAMAGES | SHEETS | NINE | NINE_LATELY
    ),
    "reduced": Ground(
        reduced_study.clean_tables,
        reduced_study.PROTOCOL,
        REDUCED | TIMES | REDUCED_ONCE | REDUCED_LATELY,
    ),
    "clinic": Ground(
        clinic_study.clean_tables, clinic_study.PROTOCOL, CLINIC | CLINICS | CLINICS_LATELY
    ),
}
UNNOTICED = {
    "crp_in_mg_dl": "a tenth of a C-reactive protein is an ordinary value of it",
    "crp_one_in_mg_dl": "a hundredth of a C-reactive protein is an ordinary value of it",
    "crp_half_in_mg_dl": "the tenths overlap with the others",
    "crp_zero_three_times": "a C-reactive protein below the limit is often written 0",
    "os_flag_beyond_pfs": "progression-free survival may be censored long before death",
    "stable_with_minus_60": "a response that was not confirmed is stable disease",
    "sex_blank_for_three": "a blank is a missing value, and is counted under the table",
    "site_unknown_word": "a word for missing is a missing value, and is counted under the table",
    "os_three_in_weeks": "a survival four times as long is an ordinary one",
    "crp_shifted_by_a_row": "each value is an ordinary one of another patient",
    "ages_sorted_alone": "each age is an ordinary one of another patient",
    "ages_of_the_row_above": "each age is an ordinary one of another patient",
    "labs_belong_to_the_next_patient": "a value of the next patient lies in the window of this one",
    "reference_of_nobody": "a table without a model has no reference; the level is printed with 0",
}
"""Kinds that nobody could notice from the chart, and why."""
PER_KIND = {"nine sheets": 1, "reduced": 2, "clinic": 1}
"""Places per kind in the ordinary run; `make verify` tries many more."""


Clean = dict[str, tuple[set[str], Numbers]]


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Clean:
    out: Clean = {}
    for name, ground in GROUNDS.items():
        folder = tmp_path_factory.mktemp("clean") / "study"
        problems, values = outcome(write_study(folder, ground.tables(), ground.protocol))
        out[name] = {str(p) for p in problems}, values
    return out


ALL = [(g, k) for g, ground in GROUNDS.items() for k in sorted(ground.kinds)]
NOTICEABLE = [(g, k) for g, k in ALL if k not in UNNOTICED]


@pytest.mark.parametrize("ground", GROUNDS)
def test_the_clean_study_is_clean(ground: str, clean: Clean) -> None:
    assert [
        p for p in clean[ground][0] if not p.startswith(("note", "warning: study.toml prognosis"))
    ] == []
    assert len(clean[ground][1]) > 150


HALF = [
    pytest.param(*each, marks=() if place % 2 == 0 else pytest.mark.verify)
    for place, each in enumerate(NOTICEABLE)
]
"""Every second kind each time, some 300; all of them in the long checks."""


@pytest.mark.parametrize(("ground", "kind"), HALF)
def test_damage_is_named_or_harmless(ground: str, kind: str, clean: Clean, tmp_path: Path) -> None:
    for k, seed in enumerate(seeds(kind, PER_KIND[ground])):
        folder = tmp_path / str(k)
        where = planted(GROUNDS[ground], kind, seed, folder)
        assert verdict(where, folder, clean[ground]) != "silent", (where, seed)


MANY_PLACES = 16
TOLD = 0.9
"""Of so many places, at least this share is told: a few slips make ordinary values."""


@pytest.mark.verify
@pytest.mark.parametrize("ground", GROUNDS)
def test_damage_at_many_places(ground: str, clean: Clean, tmp_path: Path) -> None:
    """With ``ONCOHORT_DAMAGES=FOLDER`` the figures are kept there, for `scripts/measure_damage.py`.

    The kinds that nobody could notice are planted too, and counted.
    """
    kinds = sorted(GROUNDS[ground].kinds)
    many = Many(GROUNDS[ground], clean[ground], tmp_path)
    for k in range(MANY_PLACES):
        many.of((kind, list(seeds(kind, MANY_PLACES))[k]) for kind in kinds)
    assert sum(c.total() for c in many.verdicts.values()) == MANY_PLACES * len(kinds)
    if folder := os.environ.get("ONCOHORT_DAMAGES"):
        figures = {"verdicts": many.verdicts, "ids": many.ids, "read": many.read}
        (Path(folder) / f"{ground}.json").write_text(json.dumps(figures), "utf-8")
    most = (1 - TOLD) * MANY_PLACES
    noticed = {k: c for k, c in many.verdicts.items() if k not in UNNOTICED}
    print(ground, many.read, "studies read", sum(many.verdicts.values(), Counter()))
    print([one for one in many.silent if one[0] not in UNNOTICED])
    assert [(k, c) for k, c in noticed.items() if c["silent"] > most] == [], many.silent


def test_damages_that_are_planted_together_get_what_each_gets_alone(
    clean: Clean, tmp_path: Path
) -> None:
    ground = GROUNDS["reduced"]
    names = ("kps_999_1", "pfs_months_minus_9_1", "site_of_one_patient", "arm_in_capitals")
    kinds = [(k, next(seeds(k, 1))) for k in (*names, "age_year", "event_x")]
    many = Many(ground, clean["reduced"], tmp_path / "together")
    many.of(kinds)
    for kind, seed in kinds:
        folder = tmp_path / kind
        where = planted(ground, kind, seed, folder)
        assert many.verdicts[kind] == {verdict(where, folder, clean["reduced"]): 1}
    assert many.read < len(kinds)


def test_the_page_has_every_kind() -> None:
    """`scripts/measure_damage.py` writes the page; a kind that was added since must be measured."""
    page = (Path(__file__).parents[2] / "docs" / "robustness.md").read_text("utf-8")
    table = page[page.index("## Every kind of damage") :]
    rows = [line.split(" | ")[0].removeprefix("| ") for line in table.split("\n")]
    kinds = [k.replace("_", " ") for ground in GROUNDS.values() for k in ground.kinds]
    assert sorted(r for r in rows if r in set(kinds)) == sorted(kinds)
    for kind, why in UNNOTICED.items():
        assert f"| {kind.replace('_', ' ')} | not noticed: {why} |" in table

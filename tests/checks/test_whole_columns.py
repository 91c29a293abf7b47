"""Slips that a whole column has: one group, nothing, one code; and the single ones beside them."""

from __future__ import annotations

from pathlib import Path

import pytest

from oncohort.problems import Problem
from oncohort.study.study import read_study

HEAD = '[study]\nschema = 1\ntitle = "Synthetic"\ndata = "data"\n[response]\nsource = "charted"\n'
REST = """[variables.arm]
levels = { a = "A", b = "B" }
[variables.psa]
unit = "ng/mL"
[variables.age]
[endpoints.pfs]
time = "time"
event = "event"
event_value = 1
by = ["arm"]
[exposure.x]
amount = 800
times_per_day = 1
unit = "mg"
levels = [800, 600]
"""
N = 30
BEST = ("PD", "PR", "SD")


def told(folder: Path, change: dict[str, list[str]], dose: str = "800") -> dict[str, Problem]:
    """The problems of a study of which some columns are changed, by id."""
    held = {
        "arm": ["AB"[i % 2] for i in range(N)],
        "psa": [f"{3**i % 97}.1" for i in range(N)],
        "age": [str(50 + i) for i in range(N)],
        "best_response": [BEST[i % 3] for i in range(N)],
        "time": [str([2, 9, 7][i % 3] + i % 2) for i in range(N)],
        "event": ["1"] * N,
        "treatment_start": ["2019-03-01"] * N,
        "treatment_end": ["2019-06-01"] * N,
        "treatment_end_reason": ["toxicity"] * N,
    } | change
    rows = [",".join([f"P{i}", *(held[c][i] for c in held)]) for i in range(N)]
    (folder / "data").mkdir()
    (folder / "study.toml").write_text(HEAD + REST, "utf-8")
    (folder / "data" / "patients.csv").write_text("\n".join([f"patient,{','.join(held)}", *rows]))
    (folder / "data" / "doses.csv").write_text(
        f"patient,drug,start,amount,unit\nP1,x,2019-03-01,{dose},mg\n"
    )
    return {p.id: p for p in read_study(folder).data_problems if p.severity != "note"}


SLIPS = {
    "variables.one-group": ({"arm": ["A"] * N}, None),
    "variables.empty": ({"arm": [""] * N}, None),
    "values.implausible": ({"psa": ["-1"] * N}, "C"),
    "values.missing-code": ({"age": [*(str(50 + i) for i in range(N - 1)), "99"]}, "D31"),
    "survival.end-without-date": ({"treatment_end": [""] * N}, None),
    "response.progression-late": ({"time": [str([26, 9, 7][i % 3]) for i in range(N)]}, "E2"),
}


@pytest.mark.parametrize("id_", SLIPS)
def test_what_a_whole_column_says_is_told(id_: str, tmp_path: Path) -> None:
    change, cell = SLIPS[id_]
    found = told(tmp_path, change)
    assert id_ in found
    assert cell is None or (found[id_].place.cell or "").startswith(cell)


@pytest.mark.parametrize(("dose", "is_told"), [("800", False), ("80", True), ("600", False)])
def test_a_tenth_of_the_dose(dose: str, is_told: bool, tmp_path: Path) -> None:
    assert set(told(tmp_path, {}, dose)) & {*SLIPS, "doses.unlikely"} == (
        {"doses.unlikely"} if is_told else set()
    )


@pytest.mark.parametrize(
    "change",
    [
        {"age": [*(str(68 + i) for i in range(N - 1)), "99"]},
        {"psa": ["0"] * 3 + ["4.1"] * 27},
        {"best_response": ["stable_disease", "Partial_Response", "progressive_disease"] * 10,
         "time": [str([9, 9, 2][i % 3]) for i in range(N)]},
    ],
)  # fmt: skip
def test_what_may_be_is_not_told(change: dict[str, list[str]], tmp_path: Path) -> None:
    assert not set(told(tmp_path, change)) & {*SLIPS, "values.unknown-level"}


@pytest.mark.parametrize("arm", [None, "A"])
def test_a_table_that_stands_twice_under_other_ids(arm: str | None, tmp_path: Path) -> None:
    def study(folder: Path, times: int) -> list[str]:
        rows = [f"{50 + 7 * i % 31},{100 + 37 * i % 97},{60 + 11 * i % 43},{3**i % 89}.5"
                for i in range(N)]  # fmt: skip
        (folder / "data").mkdir(parents=True)
        (folder / "study.toml").write_text(HEAD.replace("[response]\nsource", "#"), "utf-8")
        (folder / "data" / "patients.csv").write_text(
            "patient,age,ldh,weight,psa,arm\n"
            + "\n".join(
                f"P{i + 100 * k},{row},{arm if arm and k else 'AB'[i % 2]}"
                for k in range(times)
                for i, row in enumerate(rows)
            )
        )
        return [p.id for p in read_study(folder).data_problems]

    assert study(tmp_path / "a", 1).count("patients.alike") == 0
    assert study(tmp_path / "b", 2).count("patients.alike") == N

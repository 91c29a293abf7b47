"""Two endpoints of the same patients, charted responses, numbers and models: small studies."""

from __future__ import annotations

from pathlib import Path

import pytest

from oncohort.problems import Problem, Severity
from oncohort.study.study import read_study

HEAD = '[study]\nschema = 1\ntitle = "A synthetic study"\ndata = "data"\n'
BOTH = """[endpoints.pfs]
time = "pfs"
event = "pfs_event"
event_value = 1
[endpoints.os]
time = "os"
event = "os_event"
event_value = 1
"""
N = 24


def rows() -> list[dict[str, object]]:
    """Progression in most, death in half; alive without progression: the times are the same."""
    out = []
    for i in range(N):
        progressed, dead = i % 4 != 0, i % 4 != 0 and i % 2 == 1
        free = 3 + i / 2
        out.append(
            {
                "patient": f"Q{i:02d}",
                "pfs": free,
                "pfs_event": int(progressed),
                "os": free + 9 if progressed else free,
                "os_event": int(dead),
            }
        )
    return out


def found(tmp_path: Path, data: list[dict[str, object]], protocol: str) -> list[Problem]:
    (tmp_path / "data").mkdir()
    (tmp_path / "study.toml").write_text(HEAD + protocol)
    lines = [",".join(data[0]), *(",".join(str(v) for v in r.values()) for r in data)]
    (tmp_path / "data" / "patients.csv").write_text("\n".join(lines) + "\n")
    return [p for p in read_study(tmp_path).problems if p.severity is not Severity.NOTE]


def ids(problems: list[Problem]) -> set[str]:
    return {p.id for p in problems}


def test_endpoints_that_agree_call_for_nothing(tmp_path: Path) -> None:
    assert found(tmp_path, rows(), BOTH) == []


@pytest.mark.parametrize(("column", "factor"), [("pfs", 30.4375), ("pfs", 1 / 12), ("os", 1 / 12)])
def test_two_endpoints_in_two_units_are_a_question(
    tmp_path: Path, column: str, factor: float
) -> None:
    data = [r | {column: float(str(r[column])) * factor} for r in rows()]
    told = found(tmp_path, data, BOTH)
    one = next(p for p in told if p.id == "survival.units-contradict")
    assert one.severity is Severity.QUESTION
    assert {"survival.pfs", "survival.os"} <= set(one.blocks)


@pytest.mark.parametrize("unit", ["days", "weeks", "years"])
def test_a_wrong_declared_unit_is_a_question(tmp_path: Path, unit: str) -> None:
    text = BOTH.replace("[endpoints.pfs]\n", f'[endpoints.pfs]\ntime_unit = "{unit}"\n')
    assert "survival.units-contradict" in ids(found(tmp_path, rows(), text))


@pytest.mark.parametrize("which", [("pfs",), ("os",), ("pfs", "os")])
def test_flags_the_wrong_way_round_are_named(tmp_path: Path, which: tuple[str, ...]) -> None:
    data = [r | {f"{k}_event": 1 - int(str(r[f"{k}_event"])) for k in which} for r in rows()]
    told = [p for p in found(tmp_path, data, BOTH) if p.id == "survival.flags-contradict"]
    assert [p.place.key for p in told] == [f"endpoints.{which[0]}.event_value"]


def test_of_two_flags_the_second_is_named_when_the_first_is_settled(tmp_path: Path) -> None:
    data = [r | {k: 1 - int(str(r[k])) for k in ("pfs_event", "os_event")} for r in rows()]
    text = BOTH.replace("event_value = 1", "event_value = 0", 1)
    told = [p for p in found(tmp_path, data, text) if p.id == "survival.flags-contradict"]
    assert [p.place.key for p in told] == ["endpoints.os.event_value"]


@pytest.mark.parametrize(
    ("column", "doubted"),
    [("Deceased (1=Y,0=N)", False), ("Status (0=alive,1=dead)", False), ("Status", True)],
)
def test_a_flag_that_the_chart_explains_is_not_doubted(
    tmp_path: Path, column: str, doubted: bool
) -> None:
    """Progressions alone were flagged: the flag of death is right, and is told as such."""
    name = f'"{column}"'
    data: list[dict[str, object]] = [
        {
            "patient": r["patient"],
            "pfs": r["pfs"],
            "pfs_event": 0 if r["os_event"] else r["pfs_event"],
            "os": r["pfs"] if r["os_event"] else float(str(r["os"])) + 1,
            name: r["os_event"],
        }
        for r in rows()
    ]
    text = BOTH.replace('event = "os_event"', f"event = '{column}'")
    told = ids(found(tmp_path, data, text))
    assert ("survival.flags-contradict" in told) is doubted
    assert "survival.death-without-pfs-event" in told


def test_two_endpoints_of_one_time_column(tmp_path: Path) -> None:
    text = BOTH.replace('time = "pfs"', 'time = "os"')
    assert "endpoints.same-columns" in ids(found(tmp_path, rows(), text))


def test_competing_causes_share_a_time_column(tmp_path: Path) -> None:
    text = BOTH.replace("[endpoints.pfs]", "[endpoints.css]").replace('time = "pfs"', 'time = "os"')
    assert found(tmp_path, rows(), text) == []


RESPONSE = '[response]\nsource = "charted"\nbest_change = "change"\n'
CHANGES = {"CR": -100, "PR": -45, "SD": 5, "PD": 33}


def charted(change: dict[str, float]) -> list[dict[str, object]]:
    best = ["CR", "PR", "SD", "PD"] * 4
    return [
        {"patient": f"Q{i:02d}", "best_response": b, "change": change[b]}
        for i, b in enumerate(best)
    ]


@pytest.mark.parametrize(
    ("change", "id_", "n"),
    [
        ({}, None, 0),
        ({"CR": -40}, "response.change-contradicts", 4),
        ({"PR": 50}, "response.change-contradicts", 4),
        ({"PR": -29.6}, None, 0),
        ({"SD": 80}, "response.change-contradicts", 4),
        ({"SD": -60}, None, 0),
        ({"PD": -40}, None, 0),
        ({"PD": -60}, "response.change-contradicts", 4),
        ({"PR": -130}, "response.change-impossible", 4),
        ({"PD": 9999}, "response.change-impossible", 4),
        ({"CR": -1, "PR": -0.45, "SD": 0.05, "PD": 0.33}, "response.change-unit", 1),
    ],
)
def test_changes_and_best_responses(
    tmp_path: Path, change: dict[str, float], id_: str | None, n: int
) -> None:
    told = found(tmp_path, charted(CHANGES | change), RESPONSE)
    assert [p.id for p in told] == [id_] * n


def test_fractions_that_are_declared_are_fractions(tmp_path: Path) -> None:
    fractions = {k: v / 100 for k, v in CHANGES.items()}
    text = RESPONSE + 'best_change_unit = "fraction"\n'
    assert found(tmp_path, charted(fractions), text) == []


def test_percentages_declared_as_fractions(tmp_path: Path) -> None:
    text = RESPONSE + 'best_change_unit = "fraction"\n'
    assert ids(found(tmp_path, charted(dict(CHANGES)), text)) == {"response.change-unit"}


def test_progressive_disease_without_an_event(tmp_path: Path) -> None:
    data = [r | {"best_response": "PD" if r["pfs_event"] else "SD"} for r in rows()]
    data[1]["pfs_event"] = 0
    told = [p for p in found(tmp_path, data, BOTH) if p.id == "response.progression-without-event"]
    assert [p.patient for p in told] == ["Q01"]


VALUES = '[variables.ldh]\nkind = "continuous"\n[baseline]\nvariables = ["ldh"]\n'


@pytest.mark.parametrize(
    ("values", "id_"),
    [
        ([], None),
        ([-1], "values.negative"),
        ([-99], "values.negative"),
        ([-9, -9], "values.missing-code"),
        ([99, 99, 99], "values.missing-code"),
        ([2.5, 3.4], "values.two-scales"),
        ([14000, 18000], "values.two-scales"),
    ],
)
def test_numbers_that_do_not_fit_their_column(
    tmp_path: Path, values: list[float], id_: str | None
) -> None:
    held = [*(150 + 37 * i % 260 for i in range(N - len(values))), *values]
    data: list[dict[str, object]] = [{"patient": f"Q{i:02d}", "ldh": v} for i, v in enumerate(held)]
    told = ids(found(tmp_path, data, VALUES))
    assert (id_ in told) if id_ else told == set()


MODEL = (
    BOTH + '[variables.stage]\nlevels = { i = "I", ii = "II", iii = "III" }\n'
    '[prognosis]\nendpoints = ["os"]\ncandidates = ["stage"]\n'
)


def staged(stages: list[str]) -> list[dict[str, object]]:
    return [r | {"stage": s} for r, s in zip(rows(), stages, strict=True)]


def test_a_group_of_one_patient(tmp_path: Path) -> None:
    told = found(tmp_path, staged(["ii"] * 12 + ["iii"] * 11 + ["i"]), MODEL)
    one = next(p for p in told if p.id == "variables.small-group")
    assert "Q23" in one.what


def test_a_reference_that_nobody_has(tmp_path: Path) -> None:
    told = found(tmp_path, staged(["ii", "iii"] * 12), MODEL)
    one = next(p for p in told if p.id == "variables.reference-of-nobody")
    assert one.severity is Severity.ERROR


def test_a_model_that_loses_most_patients(tmp_path: Path) -> None:
    told = found(tmp_path, staged(["i", "ii"] * 4 + [""] * 16), MODEL)
    one = next(p for p in told if p.id == "variables.mostly-missing")
    assert "8 of 24" in one.what


def test_an_outcome_as_a_factor(tmp_path: Path) -> None:
    text = MODEL.replace(
        "[variables.stage]\n", '[variables.stage]\ncolumn = "best_response"\n'
    ).replace('i = "I", ii = "II", iii = "III"', 'cr = "CR", pr = "PR", sd = "SD", pd = "PD"')
    data = [r | {"best_response": ("CR", "PR", "SD", "PD")[i % 4]} for i, r in enumerate(rows())]
    assert "variables.outcome" in ids(found(tmp_path, data, text))

"""Digitised curves as CSV: known patients come back, and what is no curve is refused by line."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

import oncohort as oc
from conftest import shared_file
from oncohort.cli.app import app
from oncohort.problems import OncohortError, ReadError
from oncohort.stats import cox, kaplan_meier
from oncohort.twin.arms import arms_of
from oncohort.twin.digitised import read_curves

PUBLIC = Path(__file__).parents[1] / "study" / "public"

Arms = dict[str, tuple[np.ndarray, np.ndarray]]


def _table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _arms(
    rows: list[dict[str, str]], arm: str, time: str, event: Callable[[dict[str, str]], bool]
) -> Arms:
    out = {}
    for name in dict.fromkeys(r[arm] for r in rows):
        mine = [r for r in rows if r[arm] == name and r[time]]
        out[f"arm {name}"] = (
            np.array([float(r[time]) / 30.4375 for r in mine]),
            np.array([event(r) for r in mine]),
        )
    return out


def _public(name: str, arm: str, time: str, event: str, per: float = 30.4375) -> Arms:
    def died(row: dict[str, str]) -> bool:
        return row[event] == "1"

    made = _arms(_table(PUBLIC / f"{name}.csv"), arm, time, died)
    return {k: (t * 30.4375 / per, e) for k, (t, e) in made.items()}


def _shared(name: str, arm: str, time: str, event: str, per: float) -> Arms:
    rows = [r for r in _table(shared_file("data", name)) if r[time]]
    made = _arms(rows, arm, time, lambda r: r[event] in ("1", "1.0"))
    return {k: (t * 30.4375 / per, e) for k, (t, e) in made.items()}


MOTZER = "rcc_motzer2009_os_ipd_reconstructed.csv"
SETS: dict[str, Callable[[], Arms]] = {
    "veteran": lambda: _public("veteran", "trt", "time", "status"),
    "ovarian": lambda: _public("ovarian", "residual", "days", "dead"),
    "colon": lambda: _public("colon", "arm", "os_time", "os"),
    "gbsg": lambda: _public("gbsg", "hormon", "rfstime", "status"),
    "mgus2": lambda: _public("mgus2", "sex", "futime", "death", per=1.0),
    "motzer": lambda: _shared(MOTZER, "arm", "os_months", "event", per=1.0),
    "kirc": lambda: _shared("kirc_tcga_cdr_survival.csv", "gender", "OS.time", "OS", 30.4375),
}


def _write_curves(arms: Arms, folder: Path, seed: int) -> tuple[Path, Path]:
    """Corners read with a hand that shakes (0.02 months, 0.001), as WebPlotDigitizer exports them;
    numbers at risk about ten times along the axis."""
    rng = np.random.default_rng(seed)
    columns = []
    for time, event in arms.values():
        at = np.unique(np.r_[time[event], time.max()])
        share = np.array([x.survival for x in kaplan_meier(time, event).at(at)])
        at = np.maximum(at + rng.normal(size=len(at)) * 0.02, 0.001)
        share = np.clip(share + rng.normal(size=len(at)) * 0.001, 0, 1)
        columns.append([(f"{a:.6f}", f"{100 * s:.6f}") for a, s in zip(at, share, strict=True)])
    lines = [",".join(f"{name}," for name in arms), ",".join("X,Y" for _ in arms)]
    for k in range(max(map(len, columns))):
        lines.append(",".join(",".join(c[k]) if k < len(c) else "," for c in columns))
    curves, risk = folder / "curves.csv", folder / "risk.csv"
    curves.write_text("\n".join(lines) + "\n", encoding="utf-8")
    last = max(time.max() for time, _ in arms.values())
    step = max(1, round(last / 10))
    lines = [",".join(["time (months)", *arms])]
    for m in range(0, int(last), step):
        lines.append(",".join([str(m), *(str(int((t >= m).sum())) for t, _ in arms.values())]))
    risk.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return curves, risk


def _ratio(arms: list[tuple[np.ndarray, np.ndarray]]) -> list[float]:
    """Hazard ratios of all arms but the last, against the last."""
    time, event = (np.concatenate(parts) for parts in zip(*arms, strict=True))
    group = np.repeat(np.arange(len(arms)), [len(t) for t, _ in arms])
    x = np.stack([group == k for k in range(len(arms) - 1)], axis=1).astype(float)
    return [float(v) for v in cox(time, event, x).hr]


@pytest.mark.parametrize("name", SETS)
def test_known_patients_come_back_from_their_curves(name: str, tmp_path: Path) -> None:
    """Hazard ratios within 0.02, medians within 0.1 month, through the command line."""
    truth = SETS[name]()
    curves, risk = _write_curves(truth, tmp_path, 3)
    out = tmp_path / "twin"
    typed = ["twin", str(curves), "--at-risk", str(risk), "--unit", "months", "--out", str(out)]
    if name == "kirc":
        typed += ["--endpoint", "OS", "-q"]
    totals = ",".join(f"{k}={int(e.sum())}" for k, (_, e) in truth.items())
    printed = {k: kaplan_meier(*arm).median.value for k, arm in truth.items()}
    medians = ",".join(f"{k}={v:.1f}" for k, v in printed.items() if v is not None)
    done = CliRunner().invoke(app, [*typed, "--events", totals, "--median", medians])
    assert done.exit_code in (0, 1) and "impossible," in done.output, (done.output, done.exception)
    frame = oc.read_study(out).cohort.frame
    made = []
    for key in frame["arm"].unique(maintain_order=True).to_list():
        own = frame.filter(frame["arm"] == key)
        made.append((own["os_time"].to_numpy() / 30.4375, own["os_event"].to_numpy()))
    for (time, event), (got_time, got_event) in zip(truth.values(), made, strict=True):
        assert len(time) == len(got_time)
        one, two = kaplan_meier(time, event).median.value, kaplan_meier(got_time, got_event).median
        assert (one is None) == (two.value is None)
        assert one is None or two.value is None or abs(one - two.value) <= 0.1
    for one, two in zip(_ratio(list(truth.values())), _ratio(made), strict=True):
        assert abs(one - two) <= 0.02


GOOD = "time (months),survival\n0,1\n3,0.9\n6,0.7\n12,0.5\n"


def _read(tmp_path: Path, text: str, risk: str | None = None, unit: str = "") -> object:
    path = tmp_path / "curves.csv"
    path.write_text(text, encoding="utf-8")
    at_risk = None
    if risk is not None:
        at_risk = tmp_path / "risk.csv"
        at_risk.write_text(risk, encoding="utf-8")
    return read_curves(path, at_risk, unit)


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        (GOOD.replace("12,0.5", "12,0.8"), 5, "rises from 0.7 (line 4) to 0.8"),
        (GOOD.replace("12,0.5", "12,x"), 5, "'x' is no number"),
        (GOOD.replace("12,0.5", "12,"), 5, "not both"),
        (GOOD.replace("12,0.5", "-12,0.5"), 5, "time can't be -12"),
        (GOOD.replace("12,0.5", "12,130"), 5, "can't be 130"),
        (GOOD.replace("12,0.5", "12,-0.5"), 5, "can't be -0.5"),
        (GOOD.replace("12,0.5", "12,inf"), 5, "'inf' is no number"),
        (GOOD.replace("time (months)", "time"), 1, "unit of time is not said"),
        (GOOD.replace("survival", "survival %"), 1, "no value is above 1"),
        (GOOD.replace("time (months)", "when"), 1, "no time among them"),
        ("time (months),A,A\n1,0.9,0.8\n", 1, "'A' stands twice"),
        ("time (months),A,B\n1,0.9,80\n", None, "percent"),
        ("time (months),survival\n1,0.1\n2,0.05\n", 2, "neither a share"),
        ("1,2,3\n1,2,3\n", 1, "3 columns without a heading"),
        ("time (months),survival\n", None, "no numbers in it"),
        ("", None, "it is empty"),
        ("A,,B,\nX,Z,X,Y\n1,1,1,1\n", 2, "second line"),
        ("arm,time (months),survival\nA,1,0.9\n,2,0.8\n", 3, "names no arm"),
        ("arm,time (months),survival\nA,1,0.9\na,2,0.8\n", None, "spelt in two ways"),
        ("time (months),A,B\n1,0.9,\n2,0.8,\n", None, "no point of B"),
        (GOOD.replace("12,0.5", "12,0,5"), 5, "has 3 cells, and the heading 2"),
        (GOOD.replace("12,0.5", '12,"0,5"'), 5, "'0,5' is no number"),
    ],
)
def test_what_is_no_curve_is_refused_with_its_line(
    tmp_path: Path, text: str, line: int | None, what: str
) -> None:
    with pytest.raises(ReadError) as refused:
        _read(tmp_path, text)
    (problem,) = refused.value.problems
    assert what in problem.what
    assert problem.place.file is not None and problem.place.file.endswith("curves.csv")
    assert problem.place.line == line


@pytest.mark.parametrize(
    ("risk", "line", "what"),
    [
        ("time,n\n0,10\n6,11\n", 3, "rises from 10 to 11"),
        ("time,n\n3,10\n6,9\n", 2, "time 0 is missing"),
        ("time,n\n0,10\n6,4.5\n", 3, "4.5 is no number of patients"),
        ("time,n\n0,10\n6,-4\n", 3, "-4 is no number of patients"),
        ("time,n\n0,10\n6,8\n6,7\n", 3, "time 6"),
        ("time (weeks),n\n0,10\n6,8\n", 1, "says weeks"),
        ("time,A,B\n0,10,10\n", 1, "among the curves"),
        ("time,n\n0,100\n3,97\n12,80\n", 4, "80 of the curve are at risk at 12"),
        ("time,n\n0,100\n3,30\n12,29\n", 4, "29 of the curve are at risk at 12, of 30 at 3"),
        ("time,n\n0,1\n", 2, "Fewer than two patients"),
    ],
)
def test_numbers_at_risk_that_can_not_be(tmp_path: Path, risk: str, line: int, what: str) -> None:
    with pytest.raises(ReadError) as refused:
        _read(tmp_path, GOOD, risk)
    (problem,) = refused.value.problems
    assert what in problem.what and problem.place.line == line


def test_numbers_at_risk_of_another_arm_are_refused(tmp_path: Path) -> None:
    curve = GOOD.replace("survival", "Arm A")
    with pytest.raises(ReadError, match="The arms are 'Arm B' here"):
        _read(tmp_path, curve, "time,Arm B\n0,10\n6,8\n")
    read = _read(tmp_path, curve, "time,n\n0,10\n6,8\n")
    assert read.curves[0].at_risk == ((0.0, 10), (6.0, 8))  # type: ignore[attr-defined]


SAME = [(0.0, 1.0), (3.0, 0.9), (6.0, 0.7), (12.0, 0.5)]


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        (GOOD, ""),
        (GOOD.replace("0.9", "0.90 ").replace(",", "\t"), ""),
        (GOOD.replace(",", ";").replace(".", ","), ""),
        ("0,1\n3,0.9\n6,0.7\n12,0.5\n", "months"),
        ("x,y\n0,100\n3,90\n6,70\n12,50\n", "months"),
        ("Curve 1,\nX,Y\n0, 100.2\n12, 50\n6, 70\n3, 90\n3, 90\n", "months"),
        ("arm,time_months,survival\nA,0,1\nA,3,90%\n".replace("90%", "0.9")
         + "A,6,0.7\nA,12,0.5\n", ""),
        ("months,Arm A,Arm B\n0,1,1\n3,0.9,\n6,0.7,0.8\n12,0.5,0.6\n", ""),
        ("time_A (months),surv_A,time_B (months),surv_B\n0,1,0,1\n3,.9,5,.5\n6,.7,,\n12,.5,,\n",
         ""),
    ],
)  # fmt: skip
def test_layouts_and_numbers_in_use_are_read_alike(tmp_path: Path, text: str, unit: str) -> None:
    read = _read(tmp_path, text, unit=unit)
    first = read.curves[0]  # type: ignore[attr-defined]
    assert [(p.time, p.survival) for p in first.points] == SAME
    assert read.unit == "months"  # type: ignore[attr-defined]


def test_a_curve_alone_asks_for_its_patients(tmp_path: Path) -> None:
    read = _read(tmp_path, GOOD)
    with pytest.raises(ReadError, match="How many patients"):
        arms_of(read)  # type: ignore[arg-type]
    path, out = tmp_path / "curves.csv", tmp_path / "out"
    typed = ["twin", str(path), "--out", str(out), "--patients", "40", "--events", "20"]
    done = CliRunner().invoke(app, typed)
    assert done.exit_code == 0, done.output
    assert oc.read_study(out).cohort.frame.height == 40
    results = oc.read_study(out).run()
    assert results["survival.os.events"].value == 20
    refused = CliRunner().invoke(app, [*typed, "--at-risk", str(tmp_path / "none.csv")])
    assert isinstance(refused.exception, ReadError)
    for option in (
        ["--patients", "B=4"],
        ["--events", "x"],
        ["--median", "A"],
        ["--unit", "hours"],
    ):
        assert CliRunner().invoke(app, [*typed, *option]).exit_code == 2


def test_more_patients_than_anybody_can_make_are_refused(tmp_path: Path) -> None:
    with pytest.raises(OncohortError, match="1,000,000 at most"):
        _read(tmp_path, "time,survival\n0,1\n5,0.5\n", "time,n\n0,999999999999\n5,4\n", "months")

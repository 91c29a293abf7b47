"""The whole job on real cohorts that come already reduced to times and flags."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import oncohort as oc
from conftest import shared_file
from oncohort.study.results import Results

HERE = Path(__file__).parent / "real"


def study(tmp_path: Path, name: str, data: str, event_value: int | None = None) -> Path:
    """A folder with the real file and the protocol of the tests."""
    source = shared_file("data", data)
    shutil.copy(source, tmp_path / data)
    text = (HERE / f"{name}.toml").read_text(encoding="utf-8")
    if event_value is not None:
        text = text.replace("event_value = 1", f"event_value = {event_value}")
    (tmp_path / "study.toml").write_text(text, encoding="utf-8")
    return tmp_path


def run(folder: Path) -> Results:
    return oc.read_study(folder).run()


def test_flags_that_mean_censoring_block_pfs_and_say_what_to_write(tmp_path: Path) -> None:
    results = run(study(tmp_path, "miao", "rcc_miao2018_icb.csv"))
    [error] = [p for p in results.problems if p.severity is oc.Severity.ERROR]
    assert "every patient whose best response is PD (16) has no PFS event" in error.what
    assert "event_value = 0" in error.todo
    assert error.place.column == "event_occurred_pfs"
    assert {o.section for o in results.left_out} == {"survival.pfs", "prognosis.pfs"}
    assert not [k for k in results.numbers if ".pfs." in k]
    assert results["survival.os.n"].value == 33
    assert results["response.orr.count"].value == 8


def test_with_the_flags_settled_everything_runs(tmp_path: Path) -> None:
    results = run(study(tmp_path, "miao", "rcc_miao2018_icb.csv", event_value=0))
    assert results.left_out == ()
    assert results["survival.pfs.events"].value >= 16
    assert results["response.waterfall.drawn"].value == 28
    assert results["response.waterfall.not_drawn[reason=not_charted]"].value == 5
    where = results.write(tmp_path / "out")
    assert (where / "report.html").stat().st_size > 10_000


def test_two_arms_with_overall_survival_only(tmp_path: Path) -> None:
    results = run(study(tmp_path, "motzer", "rcc_motzer2009_os_ipd_reconstructed.csv"))
    assert results["survival.os.median[group=sunitinib,variable=arm]"].value == pytest.approx(
        26.7, abs=0.05
    )
    assert results["survival.os.median[group=interferon_alfa,variable=arm]"].value == (
        pytest.approx(22.5, abs=0.05)
    )
    assert results["prognosis.os.hr[model=uni,variable=arm]"].value == pytest.approx(
        0.820, abs=0.0005
    )
    assert results["prognosis.os.p[model=uni,variable=arm]"].value == pytest.approx(
        0.053, abs=0.0005
    )
    assert results.left_out == ()

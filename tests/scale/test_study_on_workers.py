"""Patients of a study judged on Dask workers: the same cohort, and faults that are named."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from oncohort.endpoints.in_parts import Parts, together
from oncohort.stats.errors import InputError
from oncohort.study.demo import write_demo
from oncohort.study.study import read_study
from varied_studies import write_study

distributed: Any = pytest.importorskip(
    "distributed", reason="Dask's distributed (the extra oncohort[dask]) is not installed"
)
PEOPLE = pl.DataFrame({"patient": [f"P{i}" for i in range(40)]})


@pytest.fixture(scope="module")
def client() -> Iterator[Any]:
    """A client of two worker processes with one thread each."""
    with _cluster() as cluster, distributed.Client(cluster) as client:
        yield client


def _cluster(**options: Any) -> Any:
    return distributed.LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        dashboard_address="127.0.0.1:0",
        silence_logs=50,
        **options,
    )


def _who(tables: dict[str, pl.DataFrame]) -> pl.DataFrame:
    return tables["patients"].with_columns(worker=pl.lit(os.getpid()))


def _dies_once(tables: dict[str, pl.DataFrame], mark: str) -> pl.DataFrame:
    try:
        os.close(os.open(mark, os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return tables["patients"]
    os.kill(os.getpid(), signal.SIGKILL)
    return tables["patients"]


def _dies(_: dict[str, pl.DataFrame]) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _takes_all_memory(_: dict[str, pl.DataFrame]) -> int:
    held = []
    while True:
        held.append(bytearray(os.urandom(1 << 20) * 64))
        time.sleep(0.02)  # the worker's keeper looks now and then


def _wrong(tables: dict[str, pl.DataFrame]) -> None:
    raise InputError(f"cannot judge {tables['patients']['patient'][0]}")


def test_the_built_in_study_and_its_problems(client: Any, tmp_path: Path) -> None:
    write_demo(tmp_path / "study")
    here = read_study(tmp_path / "study")
    there = read_study(tmp_path / "study", parts=Parts(most=5, client=client))
    assert_frame_equal(here.cohort.frame, there.cohort.frame, check_exact=True)
    assert here.data_problems == there.data_problems
    visits = here.cohort.evidence.assessments
    other = there.cohort.evidence.assessments
    assert visits is not None and other is not None
    assert_frame_equal(visits, other, check_exact=True)


def test_parts_come_back_in_the_order_of_the_patients(client: Any) -> None:
    found = together(Parts(most=3, client=client).each(_who, {"patients": PEOPLE}))
    assert found["patient"].to_list() == PEOPLE["patient"].to_list()
    assert os.getpid() not in found["worker"].to_list()


def test_an_error_of_one_part_is_the_error(client: Any) -> None:
    with pytest.raises(InputError, match="cannot judge P0"):
        Parts(most=20, client=client).each(_wrong, {"patients": PEOPLE})


def test_a_part_that_outweighs_all_others(client: Any) -> None:
    rows = pl.DataFrame({"patient": ["P7"] * 20_000 + ["P3"], "n": range(20_001)})
    parts = Parts(most=4, client=client)
    found = parts.each(_rows_of, {"patients": PEOPLE, "labs": rows})
    assert together(found)["n"].sum() == sum(range(20_001))


def test_a_large_part_is_no_warning(client: Any) -> None:
    wide = PEOPLE.with_columns(text=pl.lit("x" * 1_000_000))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = Parts(most=40, client=client).each(_height, {"patients": wide})
    assert sum(found) == PEOPLE.height


def _height(tables: dict[str, pl.DataFrame]) -> int:
    return tables["patients"].height


def _rows_of(tables: dict[str, pl.DataFrame]) -> pl.DataFrame:
    return tables["labs"]


def test_the_terminal_says_the_same(tmp_path: Path) -> None:
    from typer.testing import CliRunner

    from oncohort.cli.app import app

    write_study(tmp_path / "study", n=12)
    here = CliRunner().invoke(app, ["check", str(tmp_path / "study"), "-q"])
    there = CliRunner().invoke(
        app, ["check", str(tmp_path / "study"), "-q", "--scheduler", "local:2"]
    )
    assert here.exit_code == there.exit_code
    assert here.stdout == there.stdout != ""


@pytest.mark.verify
def test_a_worker_killed_at_work_changes_nothing(tmp_path: Path) -> None:
    with _cluster() as cluster, distributed.Client(cluster) as own:
        parts = Parts(most=5, client=own)
        found = parts.each(_dies_once, {"patients": PEOPLE}, str(tmp_path / "mark"))
    assert (tmp_path / "mark").exists()
    assert together(found).equals(PEOPLE)


@pytest.mark.verify
@pytest.mark.parametrize("function", [_dies, _takes_all_memory])
def test_a_part_that_no_worker_survives_is_named(function: Any) -> None:
    import dask

    with (
        dask.config.set({"distributed.scheduler.allowed-failures": 1}),
        _cluster(memory_limit="600MiB") as cluster,
        distributed.Client(cluster) as own,
        pytest.raises(InputError, match="brought down every worker that tried it"),
    ):
        Parts(most=40, client=own).each(function, {"patients": PEOPLE.head(1)})


@pytest.mark.verify
def test_a_scheduler_that_dies_is_an_error() -> None:
    from oncohort.scale.workers import connect

    code = (
        "import distributed, time, sys\n"
        "if __name__ == '__main__':\n"
        "    c = distributed.LocalCluster(n_workers=1, threads_per_worker=1, silence_logs=50,\n"
        "                                 dashboard_address='127.0.0.1:0')\n"
        "    print(c.scheduler_address, flush=True)\n"
        "    sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        with connect(address) as own:
            parts = Parts(most=5, client=own)
            with pytest.raises(InputError, match="scheduler can't read the tasks"):
                parts.each(_who, {"patients": PEOPLE})  # these tests are not on its path
            process.kill()
            process.wait()
            with pytest.raises(InputError, match="scheduler"):
                parts.each(_who, {"patients": PEOPLE})


@pytest.mark.verify
def test_ctrl_c_stops_and_leaves_no_process(tmp_path: Path) -> None:
    import psutil

    write_demo(tmp_path / "study")
    command = [sys.executable, "-m", "oncohort", "run", str(tmp_path / "study")]
    with subprocess.Popen(
        [*command, "--scheduler", "local:2"], stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    ) as process:
        me = psutil.Process(process.pid)
        while len(started := me.children(recursive=True)) < 2 and process.poll() is None:
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        assert process.wait(60) not in (0, 1)
        _, alive = psutil.wait_procs(started, timeout=30)
    assert not alive
    assert not (tmp_path / "study" / "results").exists()

"""The adapters of vantage6 and Flower: the same answer, whatever carries the messages.

The engines are large and have needs of their own, so they run in environments of their own: those
that `ONCOHORT_VANTAGE6` and `ONCOHORT_FLOWER` name (folders with `bin/python`), or new ones.
"""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flower_deployment import deployed
from hospitals import HEAD, written

from oncohort.consortium import drive
from oncohort.consortium.carrying import carried_answer, taken
from oncohort.consortium.errors import SiteError
from oncohort.consortium.ledger import LOG, read_ledger

ROOT = Path(__file__).parents[2]
R: dict[str, Any] = json.loads((Path(__file__).parent / "fixtures" / "consortium.json").read_text())
PLAN = (
    HEAD.format(sites='"north", "south", "west"', minimum=5, grid=1, more="")
    + """
[analyses.os]
kind = "survival"
endpoint = "os"
[analyses.model]
kind = "cox"
endpoint = "os"
covariates = ["age", "sex", "arm"]
"""
)


@pytest.fixture
def trial(tmp_path: Path) -> tuple[Any, dict[str, Path]]:
    return written(tmp_path / "trial", PLAN, R["data"])


def coefficients(job: Any) -> list[float]:
    data = json.loads((job.folder / "results.json").read_text())
    return [row["coef"] for row in data["analyses"]["model"]["rows"]]


@pytest.fixture
def adapter(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The module that vantage6's nodes run; it needs nothing of vantage6 itself."""
    monkeypatch.syspath_prepend(str(ROOT / "packaging" / "vantage6"))
    yield importlib.import_module("oncohort_vantage6")
    sys.modules.pop("oncohort_vantage6", None)


class Tasks:
    """Tasks as a client of vantage6 has them; each runs at the node of its organization."""

    def __init__(self, module: Any, folders: dict[int, Path], wrapped: bool) -> None:
        self.module, self.folders, self.wrapped = module, folders, wrapped
        self.task = self
        self.results: list[Any] = []

    def create(self, *, input_: Any, organizations: list[int], name: str, description: str) -> Any:
        os.environ["ONCOHORT_SITE"] = str(self.folders[organizations[0]])
        method = getattr(self.module, input_["method"])
        self.results.append(json.loads(json.dumps(method(**input_["kwargs"]))))
        return {"id": len(self.results) - 1}

    def wait_for_results(self, task_id: int) -> Any:
        found = self.results[task_id]
        return {"data": [{"result": json.dumps(found)}]} if self.wrapped else [found]


@pytest.mark.parametrize("wrapped", [False, True])
def test_the_adapter_of_vantage6_carries_the_conversation(
    trial: Any, adapter: Any, monkeypatch: pytest.MonkeyPatch, wrapped: bool
) -> None:
    job, sites = trial
    monkeypatch.setenv("ONCOHORT_SITE", "")
    numbers = {name: 7 + i for i, name in enumerate(sites)}
    client = Tasks(adapter, {numbers[s]: folder for s, folder in sites.items()}, wrapped)
    drive(job, adapter.carrier(client, numbers))
    assert coefficients(job) == pytest.approx(R["cox_by_site"]["coef"], rel=1e-9)


def test_a_node_without_its_folder_refuses(adapter: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ONCOHORT_SITE", raising=False)
    assert adapter.answer("{}") == {"refused": "consortium.site"}


def test_what_is_wrong_with_the_data_stays_at_the_site(trial: Any, tmp_path: Path) -> None:
    job, sites = trial
    table = tmp_path / "trial" / "north.csv"
    table.write_text(table.read_text().replace(",f,", ",Mrs Secret,", 1))
    reply = carried_answer(sites["north"], job.requests()["north"].read_text())
    assert "Secret" not in json.dumps(reply)
    assert "refused: consortium.data" in (sites["north"] / LOG).read_text()
    with pytest.raises(SiteError, match=r'"north" refuses: consortium\.data'):
        taken({"north": reply})


@pytest.mark.parametrize("reply", [None, [], "text", {}, {"answer": 7}, {"refused": "\x1b[31m"}])
def test_what_is_no_reply_is_no_answer(reply: Any) -> None:
    with pytest.raises(SiteError, match='"north" refuses: no answer'):
        taken({"north": reply})


def test_a_fault_at_a_site_shows_nothing_of_it(trial: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    job, sites = trial

    def broken(*_: Any) -> Any:
        raise ValueError("Mrs Secret, 61 years")

    monkeypatch.setattr("oncohort.consortium.site.read_site_data", broken)
    reply = carried_answer(sites["north"], job.requests()["north"].read_text())
    assert reply == {"refused": "consortium.site"}
    assert "Mrs Secret" in (sites["north"] / LOG).read_text()


# -- the engines themselves ----------------------------------------------------------------------


def environment(name: str, wanted: str, target: Path) -> Path:
    """Folder with the `bin` of an environment that has oncohort and the engine."""
    given = os.environ.get(f"ONCOHORT_{name.upper()}")
    if given:
        return Path(given) / "bin"
    subprocess.run([sys.executable, "-m", "venv", str(target)], check=True)
    install = [str(target / "bin" / "python"), "-m", "pip", "install", "-q", str(ROOT), wanted]
    done = subprocess.run(install, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"{wanted} can't be installed here")
    return target / "bin"


@pytest.mark.verify
def test_vantage6_with_its_mock_client(trial: Any, tmp_path: Path) -> None:
    job, sites = trial
    bin_ = environment("vantage6", "vantage6-algorithm-tools==4.15.0", tmp_path / "env")
    script = Path(__file__).with_name("vantage6_conversation.py")
    pairs = [f"{name}={folder}" for name, folder in sites.items()]
    done = subprocess.run(
        [str(bin_ / "python"), str(script), str(job.folder), *pairs],
        env={**os.environ, "PYTHONPATH": str(ROOT / "packaging" / "vantage6")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert coefficients(job) == pytest.approx(R["cox_by_site"]["coef"], rel=1e-9)


@pytest.mark.verify
def test_flower_with_three_nodes_one_of_them_late(trial: Any, tmp_path: Path) -> None:
    """Without the third node nothing is answered; with it the conversation goes on."""
    job, sites = trial
    bin_ = environment("flower", "flwr==1.42.0", tmp_path / "env")
    early = {name: folder for name, folder in sites.items() if name != "west"}
    with deployed(bin_, tmp_path / "flower", early) as flower:
        said = flower.run(job.folder, timeout=60, seconds=900)
        assert "no answer of west" in said, said
        assert not (job.folder / "results.json").exists()
        assert job.waiting() == ["west"]
        flower.node("west", sites["west"])
        said = flower.run(job.folder, timeout=300, seconds=1800)
    assert (job.folder / "results.json").exists(), said
    assert coefficients(job) == pytest.approx(R["cox_by_site"]["coef"], rel=1e-9)
    for name, folder in sites.items():
        entries = read_ledger(folder).entries
        assert [e.sequence for e in entries] == list(range(1, len(job.rounds) + 1))
        for entry in entries:
            sent = (job.folder / f"round-{entry.sequence}" / f"{name}.answer.json").read_text()
            assert sent == entry.answer
            assert f"answer {entry.sequence} of conversation" in (folder / LOG).read_text()

"""Random cohorts summarised as papers do and twinned back go through the main job and the audit."""

from __future__ import annotations

from pathlib import Path
from time import process_time
from types import ModuleType

import numpy as np
import pytest
from typer.testing import CliRunner

from oncohort.cli.app import app
from oncohort.twin import making, reconstruct
from oncohort.twin.ordering import Effort
from oncohort.twin.search import compiled

pytestmark = pytest.mark.skipif(not compiled(), reason="without a compiler this takes long")


def test_all_but_ratios_is_met_after_a_short_search_and_nothing_is_called_impossible(
    measure: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(making, "Effort", lambda **given: Effort(scale=0.003, **given))
    rng = np.random.default_rng([36, 1])
    figures = measure.summarise(measure.simulate(rng, 36), rng)
    twin = reconstruct(figures, seed=1, time_budget=None, tries=1)
    assert twin.certificate.count("impossible") == 0
    left = {x.kind for x in twin.certificate.lines if x.state != "met"}
    assert left <= {"ratio", "interval", "p"}, twin.certificate.to_markdown()


@pytest.mark.verify
@pytest.mark.parametrize("n", [20, 33, 42, 100, 200])
def test_no_finding_on_the_manuscript_of_a_twin(
    n: int, measure: ModuleType, tmp_path: Path
) -> None:
    rng = np.random.default_rng([n, 2])
    figures = measure.summarise(measure.simulate(rng, n), rng)
    # Four seconds of the processor: what is met does not matter here, all else has to be whole.
    twin = reconstruct(figures, seed=2, time_budget=4, tries=1, now=process_time)
    twin.write(tmp_path / "twin")
    runner = CliRunner()
    assert runner.invoke(app, ["run", str(tmp_path / "twin"), "--quiet"]).exit_code == 0
    manuscript = tmp_path / "twin" / "results" / "manuscript.docx"
    found = runner.invoke(app, ["audit", str(manuscript)])
    assert found.exit_code == 0, found.stdout

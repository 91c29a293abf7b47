"""The built-in twin of a real paper's figures, and its certificate."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

import oncohort as oc
from conftest import shared_file
from oncohort.cli.app import app
from oncohort.published import parse_published, read_published
from oncohort.twin import Twin
from oncohort.twin.examples import NAMES, figures_text
from oncohort.twin.job import example


@pytest.fixture(scope="module")
def twin() -> Twin:
    return example(NAMES[0])


def test_all_25_hazard_ratios_print_as_in_the_paper(twin: Twin) -> None:
    assert twin.certificate.count("met", "ratio") == 25
    assert twin.certificate.count("missed", "ratio") == 0


def test_every_other_figure_but_p_values_is_met_or_impossible(twin: Twin) -> None:
    left = {x.key for x in twin.certificate.lines if x.state == "missed" and x.kind != "p"}
    assert left == set()
    impossible = {
        x.key for x in twin.certificate.lines if x.state == "impossible" and x.kind != "p"
    }
    assert impossible == {
        "variables.sex.male.count",
        "variables.side_lung_metastases.unilateral.percent",
        "variables.side_lung_metastases.bilateral.percent",
        "times.pfs.median#2",
    }


def test_p_values_below_the_bound_are_impossible(twin: Twin) -> None:
    impossible = {
        x.key for x in twin.certificate.lines if x.state == "impossible" and x.kind == "p"
    }
    assert impossible == {
        "ratios.pfs.univariable.first_line.cytokine.p",
        "ratios.os.univariable.first_line.cytokine.p",
        "ratios.pfs.univariable.sarcomatoid.positive.p",
        "ratios.pfs.multivariable.imdc.poor.p",
        "ratios.os.multivariable.sarcomatoid.positive.p",
    }


def test_figures_are_named_as_papers_name_them(twin: Twin) -> None:
    words = {x.key: x.words for x in twin.certificate.lines}
    key = "ratios.pfs.univariable.crp_mg_dl"
    named = {v for k, v in words.items() if k.startswith(key) and k.endswith(".estimate")}
    assert named == {"PFS univariable HR of CRP mg/dL (>=0.8 versus <0.8)"}
    assert words["variables.imdc.poor.count"] == "IMDC: Poor, patients"


def test_times_look_like_patients(twin: Twin) -> None:
    assert max(s for _, s in twin.certificate.stretch) <= 2
    assert dict(twin.certificate.events) == {"pfs": 37, "os": 29}
    frame = twin.study().cohort.frame
    assert (frame["pfs_time"] <= frame["os_time"]).all()
    assert frame.filter(~frame["pfs_event"] & frame["os_event"]).height == 0


def test_screening_selects_the_models_of_the_paper(twin: Twin, tmp_path: Path) -> None:
    """IMDC and CRP for PFS; IMDC, CRP and sarcomatoid component for OS: by p alone, as printed."""
    study = oc.read_study(twin.write(tmp_path / "twin"))
    assert [p for p in study.problems if p.severity.value == "error"] == []
    results = study.run()
    assert results.left_out == ()
    for endpoint, model in (
        ("pfs", {"imdc_poor": "1.72", "crp_mg_dl": "3.19"}),
        ("os", {"imdc_poor": "2.78", "crp_mg_dl": "3.38", "sarcomatoid": "1.77"}),
    ):
        for variable, printed in model.items():
            hr = results[f"prognosis.{endpoint}.hr[model=multi,variable={variable}]"].value
            assert f"{hr:.2f}" == printed, (endpoint, variable)
        found = [i for i in results.numbers if i.startswith(f"prognosis.{endpoint}.hr[model=multi")]
        assert len(found) == len(model)


def test_the_figures_are_the_paper_s() -> None:
    """But for the two readings that the file names."""
    ours = parse_published(figures_text(NAMES[0]))
    paper = read_published(shared_file("paper", "published.toml"))
    assert ours.n == paper.n

    def printed(p: oc.published.Published, name: str) -> set[tuple[str, ...]]:
        return {(r.endpoint, r.model, r.variable, r.estimate, r.p) for r in getattr(p, name)}

    differ = printed(ours, "ratios") ^ printed(paper, "ratios")
    assert differ == {
        ("OS", "univariable", "sarcomatoid", "2.92", "0.037"),
        ("OS", "univariable", "sarcomatoid", "2.92", "0.0037"),
    }
    for name in ("adverse_events", "responses", "treated", "rates"):
        assert getattr(ours, name) == getattr(paper, name)
    levels = [(v.name, [(x.label, x.count, x.percent) for x in v.levels]) for v in ours.variables]
    assert levels == [
        (v.name, [(x.label, x.count, x.percent) for x in v.levels]) for v in paper.variables
    ]


def test_by_name_on_the_command_line(tmp_path: Path) -> None:
    out = str(tmp_path / "out")
    done = CliRunner().invoke(app, ["twin", NAMES[0], "--out", out, "--quiet"])
    assert done.exit_code == 1
    assert "impossible: sex: Male, patients: printed 32, twin 30" in done.stdout


@pytest.fixture(scope="module")
def pairs() -> Twin:
    return example(NAMES[1])


def _met_pairs(twin: Twin) -> set[str]:
    met = {x.key for x in twin.certificate.lines if x.state == "met"}
    ratios = {k.removesuffix(".estimate") for k in met if k.endswith(".estimate")}
    return {r for r in ratios if f"{r}.p" in met}


def test_the_other_twin_has_ten_ratios_with_their_p_and_twenty_ratios(pairs: Twin) -> None:
    assert len(_met_pairs(pairs)) >= 10
    assert pairs.certificate.count("met", "ratio") >= 20
    left = {x.kind for x in pairs.certificate.lines if x.state == "missed"}
    assert left <= {"ratio", "p"}
    assert len(_met_pairs(example(NAMES[0]))) == 3


def test_its_times_look_like_patients_too(pairs: Twin) -> None:
    assert max(s for _, s in pairs.certificate.stretch) <= 2
    frame = pairs.study().cohort.frame
    assert (frame["pfs_time"] <= frame["os_time"]).all()
    assert frame.filter(~frame["pfs_event"] & frame["os_event"]).height == 0


@pytest.mark.verify
@pytest.mark.parametrize("name", NAMES)
def test_a_built_in_twin_has_no_finding_on_its_own_manuscript(name: str, tmp_path: Path) -> None:
    folder, runner = tmp_path / "twin", CliRunner()
    runner.invoke(app, ["twin", name, "--out", str(folder), "--quiet"])
    assert runner.invoke(app, ["run", str(folder), "--quiet"]).exit_code == 0
    found = runner.invoke(app, ["audit", str(folder / "results" / "manuscript.docx")])
    assert found.exit_code == 0, found.stdout
    for table in sorted((folder / "data").glob("*.csv")):
        lines = table.read_text(encoding="utf-8").splitlines()
        mark = lines[0].split(",").index("synthetic")
        assert all(line.split(",")[mark] == "yes" for line in lines[1:]), table


@pytest.mark.parametrize("name", NAMES)
def test_every_figure_that_is_missed_says_what_it_was_never_met_together_with(name: str) -> None:
    lines = [x for x in example(name).certificate.lines if x.state == "missed"]
    assert lines
    for line in lines:
        assert line.conflict or "the other endpoint keeps it out" in line.why
        assert not line.conflict or line.key in line.conflict

"""The built-in study from its folder to its paper: what a person would get."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

import pytest

import oncohort as oc
from oncohort.displays.sections import SECTIONS
from oncohort.study.demo import write_demo
from oncohort.study.results import Results


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_demo(tmp_path_factory.mktemp("demo") / "study")


@pytest.fixture(scope="module")
def results(folder: Path) -> Results:
    return oc.read_study(folder).run()


@pytest.fixture(scope="module")
def written(results: Results) -> Path:
    return results.write()


MARGINS = {
    "flow.included.count": 42,
    "baseline.age.median": 62,
    "baseline.age.minimum": 41,
    "baseline.age.maximum": 83,
    "baseline.sex.count[level=male]": 30,
    "baseline.imdc.count[level=favorable]": 10,
    "baseline.imdc.count[level=intermediate]": 23,
    "baseline.imdc.count[level=poor]": 9,
    "baseline.crp.count[level=high]": 15,
    "response.best.count[level=cr]": 2,
    "response.best.count[level=pr]": 14,
    "response.best.count[level=sd]": 22,
    "response.best.count[level=pd]": 4,
    "response.orr.count": 16,
    "exposure.sorafenib.reduced.count": 27,
    "exposure.stop.count[reason=progression]": 38,
    "exposure.stop.count[reason=toxicity]": 4,
    "safety.any_event.count[grade=any]": 42,
    "safety.any_event.count[grade=ge3]": 16,
}


@pytest.mark.parametrize("name", MARGINS)
def test_margins(results: Results, name: str) -> None:
    assert results[name].value == MARGINS[name]


def test_time_on_treatment(results: Results) -> None:
    shown = [
        results[f"exposure.time_on_treatment.{s}"].value for s in ("median", "minimum", "maximum")
    ]
    assert [round(v or 0, 1) for v in shown] == [13.2, 2.0, 39.0]


def test_nothing_is_left_out_and_every_section_is_there(results: Results) -> None:
    assert results.left_out == ()
    asked = {s.key for s in SECTIONS if s.declared(results.study.protocol)}
    assert {r.section for r in results.numbers.results} == asked | {"sensitivity"}


def test_medians_print_as_published(results: Results) -> None:
    medians = [results[f"survival.{e}.median"].value for e in ("pfs", "os")]
    assert [f"{m:.1f}" for m in medians] == ["10.6", "30.2"]


RATIOS = {
    ("age_group", "uni"): ("0.78", "0.56"),
    ("sex", "uni"): ("1.32", "1.44"),
    ("nephrectomy", "uni"): ("0.45", "0.43"),
    ("first_line", "uni"): ("1.13", "1.17"),
    ("imdc_poor", "uni"): ("3.89", "3.54"),
    ("imdc_poor", "multi"): ("1.72", "2.78"),
    ("crp", "uni"): ("3.92", "4.07"),
    ("crp", "multi"): ("3.19", "3.38"),
    ("lung_metastases", "uni"): ("0.68", "0.61"),
    ("side", "uni"): ("0.57", "0.53"),
    ("histology", "uni"): ("0.53", "0.57"),
    ("sarcomatoid", "uni"): ("1.8", "2.92"),
    ("sarcomatoid", "multi"): ("", "1.77"),
}
"""The 25 printed hazard ratios, for PFS and OS."""


@pytest.mark.parametrize(("variable", "model"), RATIOS)
def test_hazard_ratios_print_as_published(results: Results, variable: str, model: str) -> None:
    for endpoint, printed in zip(("pfs", "os"), RATIOS[variable, model], strict=True):
        name = f"prognosis.{endpoint}.hr[model={model},variable={variable}]"
        if not printed:
            assert name not in results.numbers
            continue
        value = results[name].value
        assert value is not None
        assert f"{value:.{len(printed.partition('.')[2])}f}" == printed


def test_a_figure_that_the_paper_gives_twice_is_told_with_its_place(results: Results) -> None:
    labels = [r.cells[0].text for r in results.paper.tables["published_outcomes"].rows]
    assert {"Median PFS (abstract)", "Median PFS (results)", "Median OS"} <= set(labels)
    assert "Median time on treatment" in labels
    assert len(set(labels)) == len(labels)


def test_what_differs_from_the_paper_are_p_values_and_what_no_patients_have(
    results: Results,
) -> None:
    states = {
        part: [
            results[f"published.{part}.count[state={s}]"].value
            for s in ("agree", "differ", "impossible", "absent")
        ]
        for part in ("baseline", "outcomes", "prognosis", "safety")
    }
    assert states == {
        "baseline": [38, 0, 3, 0],
        "outcomes": [21, 0, 1, 0],
        "prognosis": [28, 17, 5, 0],
        "safety": [40, 0, 0, 0],
    }
    rows = results.paper.tables["published_prognosis"].rows
    verdicts = {row.cells[3].text for row in rows}
    assert verdicts == {"agree", "HR: agree; p: differ", "HR: agree; p: impossible"}


def test_its_figures_and_certificate_are_those_of_the_twin() -> None:
    from oncohort.twin.examples import figures_text
    from oncohort.twin.job import example

    folder = Path(__file__).resolve().parents[2] / "src/oncohort/study/demo_study"
    assert (folder / "figures.toml").read_text("utf-8") == figures_text("lung_metastases")
    ours = json.loads((folder / "certificate.json").read_text("utf-8"))["figures"]
    made = example("lung_metastases").certificate
    assert [(x["key"], x["state"]) for x in ours] == [(x.key, x.state) for x in made.lines]


def test_pfs_never_exceeds_os(results: Results) -> None:
    frame = results.study.cohort.frame
    assert (frame["pfs_time"] <= frame["os_time"]).all()


def test_an_unknown_result_names_the_nearest(results: Results) -> None:
    with pytest.raises(KeyError, match=r"survival\.pfs\.median"):
        results["survival.pfs.medians"]


def test_every_number_in_the_text_is_bound(results: Results) -> None:
    shown = {i for t in results.tables.values() for i in t.ids}
    assert shown <= set(results.numbers)
    assert len(shown) > 100


def test_the_files(written: Path) -> None:
    names = {p.name for p in written.iterdir()}
    assert names >= {
        "report.html",
        "manuscript.docx",
        "supplement.docx",
        "results.json",
        "problems.json",
        "provenance.json",
        "tables",
        "figures",
    }
    assert len(list((written / "figures").glob("*.svg"))) >= 5
    assert len(list((written / "figures").glob("*.svg"))) == len(
        list((written / "figures").glob("*.png"))
    )


def test_results_json_holds_every_number_with_method_and_patients(
    results: Results, written: Path
) -> None:
    data = json.loads((written / "results.json").read_text(encoding="utf-8"))
    assert data["schema_version"] == 1
    assert set(data["estimates"]) == set(results.numbers)
    for key, e in data["estimates"].items():
        assert e.get("method"), key
        assert e.get("population", "cohort") in {*data["populations"], ""}, key
    assert len(data["populations"]["response.orr.count"]["patients"]) == 16


def test_figures_tables_and_manuscript_hold_no_patient_id(written: Path) -> None:
    ids = re.compile(r"\bS\d\d\b")
    for path in [*(written / "figures").glob("*.svg"), *(written / "tables").glob("*.csv")]:
        assert not ids.search(path.read_text(encoding="utf-8-sig")), path.name


def test_shared_results_hold_no_patient_id_anywhere(results: Results, tmp_path: Path) -> None:
    where = results.write(tmp_path / "shared", share=True)
    ids = re.compile(r"\bS\d\d\b")
    for path in where.rglob("*"):
        if path.suffix in (".html", ".json", ".csv", ".svg"):
            assert not ids.search(path.read_text(encoding="utf-8-sig")), path.name


def test_the_same_input_gives_the_same_bytes(
    results: Results, written: Path, tmp_path: Path
) -> None:
    again = oc.read_study(results.study.folder).run().write(tmp_path / "again")
    for path in sorted(p for p in written.rglob("*") if p.is_file()):
        if path.name != "provenance.json":
            other = again / path.relative_to(written)
            assert path.read_bytes() == other.read_bytes(), path.name


def test_authors_words_survive_a_run_again(folder: Path, tmp_path: Path) -> None:
    import shutil

    copy = tmp_path / "mine"
    shutil.copytree(folder, copy, ignore=shutil.ignore_patterns("results"))
    mine = copy / "text" / "discussion.md"
    mine.write_text("These words are mine.\n", encoding="utf-8")
    results = oc.read_study(copy).run()
    where = results.write()
    assert mine.read_text(encoding="utf-8") == "These words are mine.\n"
    assert "These words are mine." in (where / "report.html").read_text(encoding="utf-8")


def test_writing_again_replaces_our_own_results(written: Path, results: Results) -> None:
    import json

    stale = written / "figures" / "old.svg"
    stale.write_text("old")
    mark = written / "provenance.json"
    known = json.loads(mark.read_text("utf-8"))
    known["files"]["figures/old.svg"] = hashlib.sha256(b"old").hexdigest()
    mark.write_text(json.dumps(known))
    (written / "notes.txt").write_text("mine")
    results.write()
    assert not stale.exists()
    assert (written / "notes.txt").read_text() == "mine"
    assert not [p for p in written.parent.iterdir() if p.name.startswith(".results")]


def test_terminal_report_and_tables_show_a_number_alike(results: Results, written: Path) -> None:
    """One formatter: the summary says what the style says, in any journal."""
    from dataclasses import replace

    from oncohort.displays.styles import style_of
    from oncohort.protocol.analysis import Style

    for journal in ("default", "annals"):
        paper = replace(results.paper, style=style_of(Style.model_validate({"journal": journal})))
        orr = results["response.orr.percent"]
        wanted = f"{paper.style.with_unit(orr)} ({paper.style.interval_words(orr)})"
        lines = replace(results, paper=paper).summary()
        assert any(wanted in line for line in lines), (journal, lines)
    report = (written / "report.html").read_text(encoding="utf-8")
    assert results.paper.style.interval_words(orr) in report

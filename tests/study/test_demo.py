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


def test_medians_are_near_the_published_ones(results: Results) -> None:
    assert results["survival.pfs.median"].value == pytest.approx(10.5, abs=0.5)
    assert results["survival.os.median"].value == pytest.approx(30.2, abs=0.5)


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

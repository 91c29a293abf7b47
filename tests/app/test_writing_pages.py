"""Write, History and Twin: the author's texts, the runs that are kept, a cohort from figures."""

from __future__ import annotations

import json
import re
from datetime import datetime
from pathlib import Path

import pytest
from served_site import Site, served, wait  # noqa: F401

from oncohort.app.opened import Opened, StaleError
from oncohort.app.runs import keep_run, kept_runs
from oncohort.app.texts import read_text, write_text
from oncohort.study.demo import write_demo


def demo(served: Site) -> str:
    """The built-in study, open; its address."""
    folder = served.home / "study"
    write_demo(folder)
    return f"/s/{served.library.open(folder).key}"


def test_a_text_is_written_with_its_numbers_and_taken_back(served: Site) -> None:
    base = demo(served)
    file = served.home / "study" / "text" / "conclusion.md"
    before = file.read_text(encoding="utf-8")
    page = served.get(f"{base}/write?part=conclusion")
    assert page.status == 200 and "{response.orr.percent}" in page.text
    version = page.field("text_version")
    own = "The response rate was {response.orr.percent}, and <b>{no.such.number}</b>."
    seen = served.post(f"{base}/write", part="conclusion", do="see", text=own, text_version=version)
    assert re.search(r'data-n="response\.orr\.percent">\d+(\.\d+)?\s*%', seen.text)
    assert "no.such.number" in seen.text and "<b>{no" not in seen.text
    assert "Reporting checklist" in seen.text or "reporting checklist" in seen.text
    assert file.read_text(encoding="utf-8") == before, "a look writes nothing"
    kept = served.post(
        f"{base}/write", part="conclusion", do="keep", text=own, text_version=version
    )
    assert "Conclusion is written" in kept.text and file.read_text(encoding="utf-8") == own
    stale = served.post(
        f"{base}/write", part="conclusion", do="keep", text="other", text_version=version
    )
    assert stale.status == 409 and file.read_text(encoding="utf-8") == own
    back = served.post(
        f"{base}/write", part="conclusion", do="undo", text=own,
        text_version=kept.field("text_version"),
    )  # fmt: skip
    assert "taken back" in back.text and file.read_text(encoding="utf-8") == before


@pytest.mark.parametrize("part", ["../study", "study.toml", "", "a/b", "\x00"])
def test_only_parts_of_the_paper_are_written(served: Site, part: str) -> None:
    base = demo(served)
    files = sorted(p for p in (served.home / "study").rglob("*") if p.is_file())
    page = served.get(f"{base}/write")
    served.post(
        f"{base}/write", part=part, do="keep", text="own", text_version=page.field("text_version")
    )
    new = {p for p in (served.home / "study").rglob("*") if p.is_file()} - set(files)
    assert {p.name for p in new} <= {"introduction.md", "000001.md"}
    assert "schema" in (served.home / "study" / "study.toml").read_text()


def test_a_text_changed_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    write_demo(tmp_path / "study")
    opened = Opened(tmp_path / "study")
    with pytest.raises(StaleError):
        write_text(opened, "discussion", "0" * 16, "mine")
    assert read_text(opened, "discussion") != "mine"


def test_runs_are_kept_compared_and_gone_back_to(served: Site) -> None:
    base = demo(served)
    study = served.home / "study"
    key = base.rpartition("/")[2]

    def run() -> None:
        served.post(f"{base}/results", do="run")
        job = served.jobs.get(key)
        assert job is not None and wait(lambda: not job.running)
        assert job.code in (0, 1), job.lines

    run()
    first = (study / "study.toml").read_text(encoding="utf-8")
    assert len(kept_runs(study)) == 1
    run()
    assert len(kept_runs(study)) == 1, "the same run is not kept twice"
    page = served.get(f"{base}/protocol")
    changed = first.replace("[prognosis]", "[prognosis]\n# looked at again", 1)
    changed = re.sub(r"landmarks = \[[^\]]*\]", "landmarks = [3]", changed, count=1)
    assert changed != first
    served.post(f"{base}/protocol", do="keep", text=changed, version=page.field("version"))
    run()
    runs = kept_runs(study)
    assert [r.name for r in runs] == ["000002", "000001"]
    assert (runs[0].folder / "results.json").read_bytes() == (
        study / "results" / "results.json"
    ).read_bytes()
    assert runs[0].folder.stat().st_mode & 0o077 == 0
    both = served.get(f"{base}/history?old=000001&new=000002")
    assert "From run 1 to run 2" in both.text and "landmarks = [3]" in both.text
    assert "differences" in both.text
    back = served.post(
        f"{base}/history", run="000001", version=served.get(f"{base}/history").field("version")
    )
    assert "protocol is that of run 1" in back.text
    assert (study / "study.toml").read_text(encoding="utf-8") == first
    undone = served.post(f"{base}/undo", version=back.field("version"), step="history")
    assert undone.status == 200
    assert (study / "study.toml").read_text(encoding="utf-8") == changed


def test_a_half_written_or_strange_run_is_passed_over(tmp_path: Path) -> None:
    study = tmp_path / "study"
    (study / "results").mkdir(parents=True)
    (study / "results" / "results.json").write_text("{}")
    home = study / ".oncohort" / "runs"
    for name, text in (("000007", "no json"), ("000008", "[]"), ("000009", '{"when": 3}')):
        (home / name).mkdir(parents=True)
        (home / name / "printed.json").write_text(text)
    assert kept_runs(study) == []
    run = keep_run(study, "a = 1", ["42 patients"], datetime(2026, 1, 1, 12))
    assert run is not None and run.printed == ("42 patients",)
    assert json.loads((run.folder / "printed.json").read_text())["when"] == "2026-01-01T12:00:00"


def test_a_twin_is_made_and_its_certificate_shown(served: Site) -> None:
    out = served.home / "twin"
    page = served.post("/twin", do="make", example="1", folder=str(out), seconds="5")
    assert page.status == 200
    job = served.jobs.get("twin")
    assert job is not None and wait(lambda: not job.running)
    assert job.code in (0, 1), job.lines
    page = served.get("/twin")
    assert "Certificate" in page.text and "Open it as a study" in page.text
    opened = served.post("/", do="open", folder=str(out))
    assert "Problems" in opened.text


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"folder": "relative", "seconds": "5", "example": "1"}, "whole path"),
        ({"folder": "/tmp/x", "seconds": "-5", "example": "1"}, "whole number"),
        ({"folder": "/tmp/x", "seconds": "99999", "example": "1"}, "whole number"),
        ({"folder": "/tmp/x", "seconds": "٣", "example": "1"}, "whole number"),
        ({"folder": "/tmp/x", "seconds": "5"}, "No file"),
    ],
)
def test_what_no_twin_can_be_made_of_is_refused_in_words(
    served: Site, fields: dict[str, str], words: str
) -> None:
    page = served.post("/twin", do="make", **fields)
    assert page.status == 400 and words in page.text
    assert served.jobs.get("twin") is None


def test_figures_that_can_not_be_read_are_said_and_leave_nothing(served: Site) -> None:
    out = served.home / "twin"
    page = served.upload(
        "/twin", "figures", {"figures.toml": b"n = banana"}, do="make", folder=str(out), seconds="5"
    )
    assert page.status == 200
    job = served.jobs.get("twin")
    assert job is not None and wait(lambda: not job.running)
    assert job.code == 2 and not out.exists()
    assert not Path(job.arguments[1]).exists(), "what was dropped is taken away"
    assert "could not be done" in served.get("/twin").text


def test_where_nothing_is_written_the_questions_of_readers_stand(served: Site) -> None:
    base = demo(served)
    page = served.get(f"{base}/write?part=discussion")
    seen = served.post(
        f"{base}/write", part="discussion", do="see", text="<!-- later -->",
        text_version=page.field("text_version"),
    )  # fmt: skip
    assert "Questions that readers will have" in seen.text and "main finding" in seen.text

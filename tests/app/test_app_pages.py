"""From a dropped workbook to the Word file, through the pages; the same as by the commands."""

from __future__ import annotations

import datetime
import json
import random
import re
from pathlib import Path

import openpyxl
import pytest
from served_site import Site, served, wait  # noqa: F401

from oncohort.app.opened import Opened, StaleError
from oncohort.app.problem_view import with_decision
from oncohort.protocol import parse_protocol
from oncohort.study.answering import answer
from oncohort.study.demo import write_demo
from oncohort.study.new import new_study
from oncohort.study.questions import open_questions

ANSWERS = {"vital_status": ('"alive"', '"dead"'), "sex": ('"female"', '"male"')}


def chart(path: Path) -> Path:
    """A workbook of 40 synthetic patients with codes that it doesn't explain, and names."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Patients"
    sheet.append(["Pat-Nr", "Name", "Sex", "ECOG", "Start of chemo", "Progression date",
                  "Last contact", "Status", "CRP (mg/L)"])  # fmt: skip
    dice = random.Random(1)
    for i in range(40):
        start = datetime.date(2019, 1, 1) + datetime.timedelta(days=dice.randrange(600))
        worse = start + datetime.timedelta(days=dice.randrange(30, 500))
        last = worse + datetime.timedelta(days=dice.randrange(5, 400))
        sheet.append([f"P{i + 1:03}", dice.choice(["Müller, Hans", "Schmidt, Eva"]),
                      dice.choice([0, 1]), dice.choice([0, 1, 2]), start,
                      worse if dice.random() < 0.7 else None, last, dice.choice([1, 2]),
                      round(dice.expovariate(0.1), 1)])  # fmt: skip
    book.save(path)
    return path


def answer_all(served: Site, base: str) -> int:
    """Answer each open question as a person would; how many there were."""
    asked = 0
    while questions := open_questions((served.home / "web" / "study.toml").read_text()):
        asked += 1
        assert asked < 20
        page = served.get(f"{base}/questions")
        one = min(questions, key=lambda q: q.number)
        fields = {"question": one.name, "version": page.field("version")}
        given = ANSWERS.get(one.name)
        if given is None:
            fields["do"] = "yes"
        else:
            fields |= {"do": "answer"} | {f"slot{i}": v for i, v in enumerate(given)}
        assert served.post(f"{base}/questions", **fields).status == 200
    return asked


def test_from_a_workbook_to_the_manuscript(served: Site, tmp_path: Path) -> None:
    path = chart(tmp_path / "chart.xlsx")
    first = served.upload(
        "/", "chart", {"chart.xlsx": path.read_bytes()}, folder=str(served.home / "web"), do="new"
    )
    assert "Personal data" in first.text and "Müller" not in first.text
    base = f"/s/{served.library.open(served.home / 'web').key}"
    columns = served.get(f"{base}/columns").text
    assert "treatment start" in columns and "Müller" not in columns
    asked = answer_all(served, base)
    assert asked >= 3
    assert "No question is open" in served.get(f"{base}/questions").text
    served.post(f"{base}/results", do="run")
    job = served.jobs.get(base.rpartition("/")[2])
    assert job is not None and wait(lambda: not job.running)
    assert job.code == 0, job.lines
    page = served.get(f"{base}/results").text
    assert "manuscript.docx" in page and "<iframe" in page
    assert "Müller" not in served.get(f"{base}/report").text
    assert served.get(f"{base}/files/manuscript.docx").status == 200
    assert served.get(f"{base}/shared.zip").headers["content-type"] == "application/zip"

    # The commands, with the same answers, give the same numbers to the byte.
    new_study(tmp_path / "web2" / "web", path)
    for question in open_questions((tmp_path / "web2" / "web" / "study.toml").read_text()):
        given = ANSWERS.get(question.name)
        slots = [s.label for s in question.slots]
        value = "yes" if given is None else ", ".join(
            f"{json.dumps(k)} = {v}" for k, v in zip(slots, given, strict=True)
        )  # fmt: skip
        answer(tmp_path / "web2" / "web", question.name, value)
    from oncohort.study.study import read_study

    read_study(tmp_path / "web2" / "web").run().write()
    ours = (served.home / "web" / "results" / "results.json").read_bytes()
    assert ours == (tmp_path / "web2" / "web" / "results" / "results.json").read_bytes()


def test_the_chart_is_never_changed_and_a_drop_leaves_nothing_behind(
    served: Site, tmp_path: Path
) -> None:
    path = chart(tmp_path / "chart.xlsx")
    data = path.read_bytes()
    served.upload("/", "chart", {"chart.xlsx": data}, folder=str(served.home / "web"), do="new")
    assert (served.home / "web" / "chart.xlsx").read_bytes() == data
    assert not [p.name for p in served.home.iterdir() if p.name.startswith(".oncohort")]


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"chart.exe": b"MZ"}, "can&#39;t be read"),
        ({"chart.xlsx": b"no workbook"}, "chart.xlsx"),
        ({"chart.csv": b""}, "chart.csv"),
        ({"../../evil.csv": b"a,b\n1,2\n"}, ""),
    ],
)
def test_a_bad_file_is_refused_in_words(served: Site, files: dict[str, bytes], words: str) -> None:
    folder = served.home / "deep" / "er" / "web"
    answered = served.upload("/", "chart", files, folder=str(folder), do="new")
    assert answered.status in (200, 400)
    assert words in answered.text
    assert not list(served.home.rglob("evil.csv")) or (folder / "evil.csv").exists()
    assert not (folder / "study.toml").exists() or answered.status == 200


def test_a_relative_or_missing_folder_is_refused(served: Site) -> None:
    for folder in ("", "relative/path"):
        assert (
            served.upload("/", "chart", {"a.csv": b"a\n1\n"}, folder=folder, do="new").status == 400
        )
    assert served.post("/", do="open", folder=str(served.home / "none")).status == 400


def test_undo_and_two_tabs(served: Site, tmp_path: Path) -> None:
    write_demo(served.home / "study")
    opened = served.library.open(served.home / "study")
    base = f"/s/{opened.key}"
    before = opened.text
    page = served.get(f"{base}/protocol")
    changed = before.replace("months", "weeks")
    kept = served.post(f"{base}/protocol", do="keep", text=changed, version=page.field("version"))
    assert kept.status == 200 and opened.text == changed
    stale = served.post(f"{base}/protocol", do="keep", text=before, version=page.field("version"))
    assert stale.status == 409 and "weeks" in stale.text
    assert opened.text == changed
    now = served.get(f"{base}/protocol").field("version")
    assert served.post(f"{base}/undo", version=now, step="protocol").status == 200
    assert opened.text == before


def test_a_text_that_is_no_protocol_is_not_kept(served: Site) -> None:
    write_demo(served.home / "study")
    opened = served.library.open(served.home / "study")
    before = opened.text
    for do in ("see", "keep"):
        answered = served.post(
            f"/s/{opened.key}/protocol", do=do, text=before + "\n[endpoint.os]\n",
            version=opened.version,
        )  # fmt: skip
        assert "endpoint" in answered.text and opened.text == before


def test_what_a_change_moves_is_said_before_it_is_kept(served: Site) -> None:
    write_demo(served.home / "study")
    opened = served.library.open(served.home / "study")
    text = re.sub(r'time_unit = "\w+"', 'time_unit = "weeks"', opened.text)
    answered = served.post(f"/s/{opened.key}/protocol", do="see", text=text, version=opened.version)
    assert "would move" in answered.text and "edian" in answered.text
    same = served.post(
        f"/s/{opened.key}/protocol", do="see", text=opened.text + "\n# a remark\n",
        version=opened.version,
    )  # fmt: skip
    assert "0 numbers would move" in same.text


def test_a_decision_settles_a_problem(served: Site, tmp_path: Path) -> None:
    path = tmp_path / "chart.csv"
    rows = [f"P{i},2020-01-{i + 1:02},{'banana' if i == 3 else '2021-02-03'}" for i in range(20)]
    path.write_text("patient,treatment_start,death_date\n" + "\n".join(rows) + "\n")
    new_study(served.home / "web", path)
    opened = served.library.open(served.home / "web")
    base = f"/s/{opened.key}"
    page = served.get(f"{base}/problems")
    assert "banana" in page.text
    rule = re.search(r'name="rule" value="([^"]+)"', page.text)
    assert rule is not None
    fields = {"rule": rule[1], "patients": "P3", "do": "missing", "version": page.field("version")}
    assert served.post(f"{base}/problems", **fields, by="", why="").status == 400
    done = served.post(f"{base}/problems", **fields, by="A. B.", why="A slip of the pen")
    assert done.status == 200 and "[[decisions]]" in opened.text
    assert not [p for p in opened.study().problems if p.severity.value == "error"]


def test_personal_columns_are_left_out_and_read_by_a_click(served: Site, tmp_path: Path) -> None:
    new_study(served.home / "web", chart(tmp_path / "chart.xlsx"))
    opened = served.library.open(served.home / "web")
    base = f"/s/{opened.key}"
    page = served.get(f"{base}/personal")
    assert "••••••, ••••" in page.text or "•••••••, •••" in page.text
    ways = (("read", 'bad">read<'), ("hash", 'good">read as codes<'), ("leave out", "not read"))
    for do, state in ways:
        version = served.get(f"{base}/personal").field("version")
        said = served.post(
            f"{base}/personal", table="patients", column="Name", do=do, version=version
        )
        assert state in said.text
        parse_protocol(opened.text)
        table = opened.study().protocol.tables["patients"]
        assert ("Name" in table.ignore) == (do == "leave out")
        assert ("Name" in table.hash) == (do == "hash")


def test_a_run_can_be_stopped_and_leaves_the_results_as_they_were(served: Site) -> None:
    write_demo(served.home / "study")
    opened = served.library.open(served.home / "study")
    results = served.home / "study" / "results"
    served.post(f"/s/{opened.key}/results", do="run")
    job = served.jobs.get(opened.key)
    assert job is not None and wait(lambda: not job.running)
    before = {p.name: p.read_bytes() for p in results.iterdir() if p.is_file()}
    served.post(f"/s/{opened.key}/results", do="run")
    served.post(f"/s/{opened.key}/results", do="stop")
    again = served.jobs.get(opened.key)
    assert again is not None and wait(lambda: not again.running)
    assert {
        p.name: p.read_bytes() for p in results.iterdir() if p.is_file()
    }.keys() == before.keys()
    assert "Stopped" in served.get(f"/s/{opened.key}/results").text or again.code == 0


def test_one_patient_is_explained(served: Site) -> None:
    write_demo(served.home / "study")
    base = f"/s/{served.library.open(served.home / 'study').key}"
    known = re.findall(r'<option value="([^"]+)">', served.get(f"{base}/patient").text)
    assert known
    page = served.get(f"{base}/patient?id={known[0]}").text
    assert f"Patient {known[0]}</h2>" in page and "<svg" in page
    assert "patients!Q2 death_date" in page  # the same evidence as in the report, with its cell
    assert "timeline" in served.get("/patient.css").text
    assert "alert" in served.get(f"{base}/patient?id=nobody").text


def test_a_paper_is_audited(served: Site) -> None:
    said = "A total of 42 patients were included. Sex was male in 30 (91.4%) of 42 patients."
    paper = f"Results\n\n{said}\n".encode()
    page = served.upload("/audit", "paper", {"paper.txt": paper})
    number = re.search(r'src="(/audit/\d+)"', page.text)
    assert number is not None
    shown = served.get(number[1])
    assert shown.headers["content-security-policy"].startswith("sandbox")
    assert "42" in shown.text
    assert served.get("/audit/999").status == 404


def test_studies_opened_before_are_offered_while_they_are_there(served: Site) -> None:
    write_demo(served.home / "one")
    served.post("/", do="open", folder=str(served.home / "one"))
    assert 'value="open">one<' in served.get("/").text
    (served.home / "one" / "study.toml").unlink()
    assert 'value="open">one<' not in served.get("/").text


def test_a_stale_change_is_refused_below_the_pages_too(tmp_path: Path) -> None:
    write_demo(tmp_path / "study")
    opened = Opened(tmp_path / "study")
    with pytest.raises(StaleError):
        opened.write("0" * 16, lambda text: text + "\n")
    with_it = with_decision(opened.text, "dates.future", ["1"], "accept", 'A "B"', "why\nso")
    assert parse_protocol(with_it).decisions[0].by == 'A "B"'

"""The commands of a consortium as people type them, and sites that are killed."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from hospitals import HEAD, written

from oncohort.cli.app import app
from oncohort.cli.failing import run_guarded
from oncohort.consortium import answer, combine, take
from oncohort.consortium.demo import PATIENTS
from oncohort.consortium.ledger import read_ledger


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def typed(monkeypatch: pytest.MonkeyPatch, line: str) -> int:
    monkeypatch.setattr(sys, "argv", ["oncohort", "consortium", *line.split()])
    return run_guarded(app)


def joined(monkeypatch: pytest.MonkeyPatch) -> None:
    assert typed(monkeypatch, "demo hospitals") == 0
    assert typed(monkeypatch, "plan hospitals/consortium.toml --out job -q") == 0
    for name in PATIENTS:
        line = (
            f"join {name} --plan hospitals/consortium.toml --name {name} "
            f"--key job/keys/{name}.key --data hospitals/{name}.csv --time-unit months "
            "--patient id --unit age=years -q"
        )
        assert typed(monkeypatch, line) == 0


def test_three_folders_by_hand(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    joined(monkeypatch)
    said = capsys.readouterr().out
    assert "model (cox): Prognosis" in said and "no time" in said
    assert "Request: job/round-1/north.request.json" in said
    for number in range(1, 10):
        for name in PATIENTS:
            request = f"job/round-{number}/{name}.request.json"
            assert typed(monkeypatch, f"answer {name} {request} --out {name}.json -q") == 0
        capsys.readouterr()
        assert typed(monkeypatch, "combine job north.json south.json -q") == 1
        assert capsys.readouterr().out == f"Round {number} waits for west\n"
        assert typed(monkeypatch, "combine job west.json -q") == 0
        also, said = capsys.readouterr().out.split("\n", 1)
        assert also == (
            f"Also used, since job/round-{number} holds them: the answers of north, south"
        )
        if "Request: " not in said:
            break
    assert "Cox model: 270 patients" in said and "arm=b" in said
    results = json.loads((here / "job" / "results.json").read_text())
    assert [row["variable"] for row in results["analyses"]["model"]["rows"]] == [
        "age",
        "sex=m",
        "arm=b",
    ]
    assert typed(monkeypatch, "log north") == 0
    log = capsys.readouterr().out
    assert f"answer {number} of conversation" in log and "of 100 answers given" in log


def test_an_answer_that_lies_in_the_round_is_used_with_a_word(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    joined(monkeypatch)
    for name in PATIENTS:
        assert typed(monkeypatch, f"answer {name} job/round-1/{name}.request.json -q") == 0
    capsys.readouterr()
    named = " ".join(f"job/round-1/{name}.answer.json" for name in ("north", "south"))
    assert typed(monkeypatch, f"combine job {named} -q") == 0
    said = capsys.readouterr().out
    assert said.startswith("Also used, since job/round-1 holds them: the answers of west\n")
    for name in PATIENTS:
        assert typed(monkeypatch, f"answer {name} job/round-2/{name}.request.json -q") == 0
    capsys.readouterr()
    assert typed(monkeypatch, "combine job -q") == 0
    assert "Also used" not in capsys.readouterr().out


def test_a_dry_run_prints_the_whole_message(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    joined(monkeypatch)
    capsys.readouterr()
    assert typed(monkeypatch, "answer north job/round-1/north.request.json --dry-run -q") == 0
    first, body = capsys.readouterr().out.split("\n", 1)
    assert first.startswith("check: ") and json.loads(body)["kind"] == "checked"
    assert not (here / "north" / "ledger.jsonl").exists()
    assert not (here / "job" / "round-1" / "north.answer.json").exists()


def test_rehearse_holds_the_conversation_and_goes_on(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    joined(monkeypatch)
    assert typed(monkeypatch, "answer north job/round-1/north.request.json -q") == 0
    sites = " ".join(f"--site {name}={name}" for name in PATIENTS)
    two = sites.rsplit(" --site", 1)[0]
    assert typed(monkeypatch, f"rehearse hospitals/consortium.toml --out job -q {two}") == 2
    assert "no answer of west" in capsys.readouterr().err
    assert typed(monkeypatch, f"rehearse hospitals/consortium.toml --out job -q {sites}") == 0
    assert "Cox model: 270 patients" in capsys.readouterr().out


WRONG = {
    "plan nowhere.toml": "nowhere.toml",
    "combine hospitals": "begin one with plan",
    "answer north hospitals/consortium.toml": "consortium.toml: The message can't be used",
    "answer nowhere job/round-1/north.request.json": "nowhere/site.toml",
    "answer north job/round-1/south.request.json": "south.request.json: The message",
    "answer north nothing.json": "nothing.json",
    "combine job job/round-1/north.request.json": "a request stands",
    "join x --plan hospitals/consortium.toml --name x --key k --data d": 'no site "x"',
    "log job": "site.toml",
    "demo hospitals": "left as it is",
}


def test_what_is_wrong_is_said_without_a_traceback(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    joined(monkeypatch)
    capsys.readouterr()
    for line, said in WRONG.items():
        assert typed(monkeypatch, line) == 2, line
        told = capsys.readouterr()
        assert said in " ".join((told.err + told.out).split()), line
        assert "oncohort itself failed" not in told.err


@pytest.mark.verify
def test_a_site_killed_at_any_moment_gives_the_same_answer(tmp_path: Path) -> None:
    cox = '[analyses.c]\nkind = "cox"\nendpoint = "os"\ncovariates = ["age", "sex"]\n'
    plan = HEAD.format(sites='"north", "south", "west"', minimum=5, grid=1, more="") + cox
    fixture = Path(__file__).parent / "fixtures" / "consortium.json"
    job, sites = written(tmp_path, plan, json.loads(fixture.read_text())["data"])
    for name, path in job.requests().items():
        take(job, answer(sites[name], path.read_text()).text)
    combine(job)
    request = job.requests()["north"]
    ledger = sites["north"] / "ledger.jsonl"
    before = ledger.read_bytes()
    want = json.loads(answer(sites["north"], request.read_text()).text)["body"]
    ledger.write_bytes(before)
    command = [sys.executable, "-m", "oncohort", "consortium", "answer", str(sites["north"])]
    command += [str(request), "--out", str(tmp_path / "answer.json"), "-q"]
    for moment in range(25):
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as run:
            try:
                run.wait(0.1 * moment)
            except subprocess.TimeoutExpired:
                run.send_signal(signal.SIGKILL)
        assert len(read_ledger(sites["north"]).entries) in (1, 2)
        again = answer(sites["north"], request.read_text())
        assert json.loads(again.text)["body"] == want
        assert len(read_ledger(sites["north"]).entries) == 2
        ledger.write_bytes(before)


def test_an_answer_is_written_over_nothing_but_an_answer(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    joined(monkeypatch)
    line = "answer north job/round-1/north.request.json -q --out"
    for name in ("hospitals/north.csv", "job/round-1/north.request.json", "no/folder.json", "job"):
        place = here / name
        before = place.read_bytes() if place.is_file() else None
        assert typed(monkeypatch, f"{line} {name}") == 2
        assert (place.read_bytes() if place.is_file() else None) == before
    assert read_ledger(here / "north").entries == ()
    assert typed(monkeypatch, f"{line} answer.json") == 0
    assert typed(monkeypatch, f"{line} answer.json") == 0


@pytest.mark.skipif(sys.platform == "win32", reason="modes of POSIX")
def test_folders_of_a_consortium_are_read_by_their_owner_alone(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    joined(monkeypatch)
    assert typed(monkeypatch, "answer north job/round-1/north.request.json -q") == 0
    for folder in (here / "job", here / "north"):
        for path in (folder, *folder.rglob("*")):
            assert path.stat().st_mode & 0o077 == 0, path


def test_damaged_files_of_a_conversation_are_refused(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Bytes that are no text, JSON without end, rounds that are none."""
    joined(monkeypatch)
    for name in PATIENTS:
        request = f"job/round-1/{name}.request.json"
        assert typed(monkeypatch, f"answer {name} {request} --out {name}.json -q") == 0
    (here / "job" / "round-\u00b2").mkdir()
    (here / "north" / "left-the-site.log").write_bytes(b"\xff\xd0\n")
    assert typed(monkeypatch, "log north") == 0
    for name, data in (
        ("job/round-1/north.request.json", b"\xdb\xff"),
        ("job/round-1/north.request.json", b"[" * 100_000),
        ("job/session.json", b"[" * 100_000),
        ("job/consortium.toml", b"x" + b".a" * 100_000 + b" = 1"),
    ):
        held = (here / name).read_bytes()
        (here / name).write_bytes(data)
        capsys.readouterr()
        assert typed(monkeypatch, "combine job north.json south.json west.json -q") == 2
        assert "Traceback" not in capsys.readouterr().err
        (here / name).write_bytes(held)
    assert typed(monkeypatch, "combine job north.json south.json west.json -q") == 0

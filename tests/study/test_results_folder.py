"""Results on disk: old or new, never half; what is not ours stays."""

from __future__ import annotations

import json
import os
import random
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from oncohort.problems import OutputError
from oncohort.study.results_folder import MARK, check_target, digest, recover, write_folder


def results(text: str, **more: bytes) -> dict[str, bytes]:
    files = {"report.html": text.encode(), "tables/flow.csv": text.encode(), **more}
    mark = {"made_by": "oncohort", "files": {k: digest(v) for k, v in files.items()}}
    return {**files, MARK: json.dumps(mark).encode()}


def names(folder: Path) -> list[str]:
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


def test_files_of_the_user_stay_and_changed_ones_get_another_name(tmp_path: Path) -> None:
    target = tmp_path / "results"
    write_folder(target, results("first", **{"gone.csv": b"x"}))
    (target / "notes.txt").write_text("mine")
    (target / "letters").mkdir()
    (target / "letters/reply.md").write_text("dear editor")
    (target / "report.html").write_text("edited by hand")
    written = write_folder(target, results("second"))
    assert (target / "report.html").read_text() == "second"
    assert (target / "report.kept.html").read_text() == "edited by hand"
    assert (target / "notes.txt").read_text() == "mine"
    assert (target / "letters/reply.md").read_text() == "dear editor"
    assert not (target / "gone.csv").exists()
    assert any("report.kept.html" in line for line in written.kept)
    (target / "report.html").write_text("edited again")
    written = write_folder(target, results("third"))
    assert (target / "report.kept.html").read_text() == "edited by hand"
    assert (target / "report.kept-2.html").read_text() == "edited again"
    assert (target / "report.html").read_text() == "third"


def test_an_untouched_folder_is_replaced_without_a_word(tmp_path: Path) -> None:
    target = tmp_path / "results"
    write_folder(target, results("first"))
    written = write_folder(target, results("second"))
    assert written.kept == ()
    assert names(target) == [MARK, "report.html", "tables/flow.csv"]
    assert [p.name for p in tmp_path.iterdir()] == ["results"]


def test_results_without_a_list_of_files_are_known_by_their_layout(tmp_path: Path) -> None:
    target = tmp_path / "results"
    target.mkdir()
    (target / MARK).write_text(json.dumps({"made_by": "oncohort"}))
    (target / "report.html").write_text("old")
    (target / "notes.txt").write_text("mine")
    write_folder(target, results("new"))
    assert names(target) == ["notes.txt", MARK, "report.html", "tables/flow.csv"]


def test_a_folder_of_others_is_refused(tmp_path: Path) -> None:
    (tmp_path / "results").mkdir()
    (tmp_path / "results/thesis.docx").write_text("x")
    with pytest.raises(OutputError, match="didn't write"):
        write_folder(tmp_path / "results", results("x"))
    with pytest.raises(OutputError, match="is a file"):
        check_target(tmp_path / "results/thesis.docx")
    assert names(tmp_path) == ["results/thesis.docx"]


def test_a_linked_folder_stays_linked(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    link = tmp_path / "results"
    link.symlink_to(tmp_path / "disk")
    write_folder(link, results("x"))
    assert link.is_symlink()
    assert (tmp_path / "disk/report.html").read_text() == "x"


def test_results_are_private_unless_shared(tmp_path: Path) -> None:
    def modes(folder: Path) -> set[int]:
        return {stat.S_IMODE(p.stat().st_mode) for p in [folder, *folder.rglob("*")]}

    write_folder(tmp_path / "own", results("x"))
    assert modes(tmp_path / "own") == {0o600, 0o700}
    write_folder(tmp_path / "shared", results("x"), private=False)
    assert all(m & 0o044 for m in modes(tmp_path / "shared"))


def test_a_run_killed_between_the_renames_is_recovered(tmp_path: Path) -> None:
    target = tmp_path / "results"
    write_folder(target, results("old"))
    os.replace(target, tmp_path / ".results-abc.oncohort-old")
    (tmp_path / ".results-abc.oncohort-new").mkdir()
    (tmp_path / ".results-notours").mkdir()
    recover(target)
    assert (target / "report.html").read_text() == "old"
    assert sorted(p.name for p in tmp_path.iterdir()) == [".results-notours", "results"]


def test_a_full_disk_leaves_the_old_results(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "results"
    write_folder(target, results("old"))
    before = {n: (target / n).read_bytes() for n in names(target)}

    def full(path: Path, data: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OutputError, match="No space left"):
        write_folder(target, results("new"))
    assert {n: (target / n).read_bytes() for n in names(target)} == before
    assert [p.name for p in tmp_path.iterdir()] == ["results"]


WRITER = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[3])
from test_results_folder import results
from oncohort.study.results_folder import write_folder
print("ready", flush=True)
n = int(sys.argv[2])
while True:
    n += 1
    figures = {f"figures/{i}.svg": str(n).encode() for i in range(20)}
    write_folder(Path(sys.argv[1]), results(str(n), **figures))
"""


def test_kills_at_random_moments_leave_one_whole_run(tmp_path: Path) -> None:
    target = tmp_path / "results"
    write_folder(target, results("0"))
    chance = random.Random(4)
    for round_ in range(8):
        command = [sys.executable, "-c", WRITER, str(target), str(round_ * 100_000)]
        with subprocess.Popen(
            [*command, str(Path(__file__).parent)], stdout=subprocess.PIPE
        ) as process:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(chance.uniform(0.0, 0.03))
            process.send_signal(signal.SIGKILL)
        recover(target)
        mark = json.loads((target / MARK).read_text())
        found = {n: digest((target / n).read_bytes()) for n in names(target) if n != MARK}
        assert found == mark["files"]
        assert len({(target / n).read_bytes() for n in found}) == 1
        assert [p.name for p in tmp_path.iterdir()] == ["results"]


def test_two_writers_at_once_both_succeed(tmp_path: Path) -> None:
    target = tmp_path / "results"
    script = WRITER.replace("while True:", "for _ in range(15):")
    command = [sys.executable, "-c", script, str(target)]
    here = str(Path(__file__).parent)
    running = [
        subprocess.Popen([*command, str(n), here], stdout=subprocess.DEVNULL) for n in (0, 1000)
    ]
    assert [p.wait(60) for p in running] == [0, 0]
    mark = json.loads((target / MARK).read_text())
    assert {n: digest((target / n).read_bytes()) for n in mark["files"]} == mark["files"]
    assert [p.name for p in tmp_path.iterdir()] == ["results"]


def test_results_that_are_read_only_are_refused_and_nothing_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "results"
    write_folder(target, results("old"))
    locked = target / "tables"
    # Who may do everything (root) is not stopped by a mode.
    allowed = os.access
    monkeypatch.setattr(os, "access", lambda path, how: path != locked and allowed(path, how))
    with pytest.raises(OutputError, match="read-only"):
        write_folder(target, results("new"))
    assert (target / "report.html").read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["results"]


def test_what_is_kept_beside_shared_results_is_said_to_be_unread(tmp_path: Path) -> None:
    target = tmp_path / "results"
    write_folder(target, results("mine"))
    (target / "report_of_before.html").write_text("P05")
    said = write_folder(target, results("shared"), private=False).kept
    assert any("read it before you pass it on" in line for line in said)
    assert write_folder(target, results("mine")).kept[-1].endswith("stayed in results.")
    assert write_folder(tmp_path / "other", results("shared"), private=False).kept == ()

"""Files that a protocol names beside itself: whatever stands there, the study runs or says why."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "mutations"))

import reduced_study
from clean_study import write_study

from oncohort.study.own_files import MOST, own_bytes, own_text
from oncohort.study.study import read_study

NAMES = ("x" * 300, "a\x00b", ".", "..", "gone.md", "pipe", "huge", "locked")
KEYS = ("paper.references", "paper.citation_style", "style.template", "study.text",
        "published.figures", "published.certificate")  # fmt: skip


def beside(folder: Path) -> Path:
    (folder / "huge").touch()
    os.truncate(folder / "huge", MOST + 1)
    (folder / "locked").write_text("x")
    (folder / "locked").chmod(0)
    if hasattr(os, "mkfifo"):
        os.mkfifo(folder / "pipe")
    return folder


@pytest.mark.parametrize("name", NAMES)
def test_what_is_no_file_of_words_counts_as_none(tmp_path: Path, name: str) -> None:
    if name == "locked" and hasattr(os, "geteuid") and os.geteuid() == 0:
        pytest.skip("root reads all files")
    assert own_bytes(beside(tmp_path) / name) is None
    assert own_text(tmp_path / name) is None


@pytest.mark.parametrize("key", KEYS)
def test_no_name_of_a_file_ends_a_study(tmp_path: Path, key: str) -> None:
    folder = write_study(tmp_path / "s", reduced_study.clean_tables(), reduced_study.PROTOCOL)
    text = (folder / "study.toml").read_text(encoding="utf-8")
    section, _, setting = key.partition(".")
    for name in ("x" * 300, "a\x00b", "pipe", "huge"):
        line = f"{setting} = {name!r}".replace("\\x00", "\\u0000").replace("'", '"')
        if section == "study":
            new = text.replace("[study]\n", f"[study]\n{line}\n")
        else:
            new = f"{text}\n[{section}]\n{line}\n"
        (folder / "study.toml").write_text(new, encoding="utf-8")
        if name == "pipe":
            beside(folder) if hasattr(os, "mkfifo") else None
        study = read_study(folder)
        study.run(only=["baseline"])
        assert study.problems is not None


def test_settings_of_the_drawing_library_in_the_folder_do_not_count(tmp_path: Path) -> None:
    folder = write_study(tmp_path / "s", reduced_study.clean_tables(), reduced_study.PROTOCOL)
    (folder / "matplotlibrc").write_bytes(b"backend: evil\nfont.size: 90\n\xff\xfe\x00")
    done = subprocess.run(
        [sys.executable, "-m", "oncohort", "run", ".", "--only", "survival", "--quiet"],
        cwd=folder,
        capture_output=True,
        text=True,
    )
    assert done.returncode in (0, 1), done.stderr
    assert "evil" not in done.stderr
    assert "Traceback" not in done.stderr
    assert list((folder / "results" / "figures").glob("*.svg"))


def test_a_home_that_is_none_is_not_talked_about(tmp_path: Path) -> None:
    folder = write_study(tmp_path / "s", reduced_study.clean_tables(), reduced_study.PROTOCOL)
    done = subprocess.run(
        [sys.executable, "-m", "oncohort", "run", ".", "--only", "survival", "--quiet"],
        cwd=folder,
        env=os.environ | {"HOME": f"{os.devnull}/none", "XDG_CACHE_HOME": f"{os.devnull}/none"},
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("words", "page"),
    [
        ("Über die Größe – 5 µg/l “so” war nötig.", "cp1252"),
        ("Étude rétrospective : l’âge médian était élevé.", "cp1252"),
        ("患者の年齢は中央値で六十歳でした。", "cp932"),
        ("Über die Größe", "utf-16"),
        ("Größe \ufffd", "utf-8"),
    ],
)
def test_words_of_another_code_page_are_read_as_they_were_written(
    tmp_path: Path, words: str, page: str
) -> None:
    (tmp_path / "x.md").write_bytes(words.encode(page))
    assert own_text(tmp_path / "x.md") == words
    (tmp_path / "x.md").write_bytes(b"\x81\x8d\xff" * 50)
    assert own_text(tmp_path / "x.md") is not None

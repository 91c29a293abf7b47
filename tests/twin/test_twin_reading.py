"""What a program read of a paper: only what is sure is asked for, all else is named."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from conftest import shared_file
from oncohort.cli.app import app
from oncohort.problems import ReadError
from oncohort.published.groups import groups_of, of_cohort, of_group
from oncohort.published.model import (
    AdverseEvent,
    Categorical,
    Events,
    Grade,
    Level,
    Population,
    Published,
    Where,
)
from oncohort.published.naming import with_own_names, with_short_names
from oncohort.twin import reconstruct
from oncohort.twin.reading import as_read

PEOPLE = (Population("cohort", n="40"),)


def test_counts_of_rows_means_and_doubles_are_left_out_and_named() -> None:
    read = Published(
        populations=PEOPLE,
        variables=(
            Categorical("Sex", (Level("Male", "10", "28.6"), Level("Female", "30", "75.0"))),
            Categorical("Pressure", (Level("mmHg", "121"),)),
            Categorical("Site", (Level("Lung", "30", "75.0"), Level("Bone", "20", "50.0"))),
        ),
        events=(Events("OS", "20"), Events("OS", "25")),
    )
    kept, gone = as_read(read)
    assert [x.percent for x in kept.variables[0].levels] == ["", "75.0"]
    assert kept.variables[1].levels[0].count == ""
    assert not kept.variables[2].exclusive
    assert [e.count for e in kept.events] == ["20"]
    assert len(gone) == 4
    twin = reconstruct(kept, seed=1, left_out=gone)
    assert twin.certificate.count("impossible") == 0
    assert twin.certificate.count("missed") == 0
    assert all(any(words in note for note in twin.certificate.notes) for words in gone)


def test_a_percentage_that_no_number_of_patients_has_stays_impossible() -> None:
    level = Level("Yes", "21", "32.2")  # 21 of 65 are 32.3 %, of 66 31.8 %
    people = (Population("cohort", n="65"),)
    kept, _ = as_read(Published(populations=people, variables=(Categorical("X", (level,)),)))
    twin = reconstruct(kept, seed=1)
    assert twin.certificate["variables.x.yes.percent"].state == "impossible"


def test_arms_in_one_table_are_not_the_cohort() -> None:
    where = Where(table="Table 2")
    arms = tuple(
        AdverseEvent("Rash", (Grade("any", str(c), n="20"),), population="cohort", group=g,
                     where=where)
        for g, c in ((0, 5), (1, 7))
    )  # fmt: skip
    assert of_cohort(Published(populations=PEOPLE, adverse_events=arms)).adverse_events == ()


def test_a_column_is_chosen_by_words_of_its_heading() -> None:
    sex = (Level("Male", "8", "40.0"), Level("Female", "12", "60.0"))
    read = Published(
        variables=(
            Categorical("Sex", sex, "Arm A (n = 20)", "20"),
            Categorical("Sex", sex, "Arm B (n = 20)", "20"),
        )
    )
    assert [g.key for g in groups_of(read)] == ["Arm A (n = 20)", "Arm B (n = 20)"]
    chosen = of_group(read, "arm b")
    assert chosen is not None and chosen.n == 20 and len(chosen.variables) == 1
    assert of_group(read, "arm") is None and of_group(read, "C") is None


@pytest.mark.parametrize(
    ("name", "labels"),
    [
        ("Sex", ("M", "F")),
        ("Gender", ("Male", "Female")),
        ("ECOG", ("0", "1")),
        ("KPS", ("100-90", "80")),
        ("Age", ("young", "old")),
        ("Age", ("<60", ">=60")),
        ("Best response", ("Responder", "Other")),
        ("IMDC", ("Good", "Bad")),
        ("Patient", ("In", "Out")),
        ("Synthetic", ("yes", "no")),
        ("Vital status", ("Alive", "Dead")),
        ("Stage", ("III", "Unknown")),
        ("病期", ("早期", "進行")),
        ("Cycles of chemotherapy delivered to the patients who received it", ("0", "1")),
    ],
)
def test_names_that_a_study_has_itself_or_can_t_have(name: str, labels: tuple[str, str]) -> None:
    levels = (Level(labels[0], "22"), Level(labels[1], "18"))
    read = Published(populations=PEOPLE, variables=(Categorical(name, levels),))
    twin = reconstruct(read, seed=2)
    assert [x.state for x in twin.certificate.lines] == ["met", "met"]
    assert [p for p in twin.study().problems if p.id.startswith("variables.")] == []


def test_different_names_stay_different() -> None:
    words = "Cycles of chemotherapy delivered to the patients with "
    read = Published(
        variables=tuple(
            Categorical(words + x, (Level("一", "1"), Level("二", "2"))) for x in ("A", "B")
        )
    )
    named = with_short_names(with_own_names(read)).variables
    assert len({v.name for v in named}) == 2
    assert len({x.label for x in named[0].levels}) == 2


def test_a_trial_by_its_arm_on_the_command_line(tmp_path: Path) -> None:
    paper = str(shared_file("data", "papers", "PMC5555437.nxml"))
    out = str(tmp_path / "twin")
    done = CliRunner().invoke(app, ["twin", paper, "--out", out, "--group", "Twice-daily radio"])
    assert done.exit_code == 0, done.stdout
    assert "0 missed, 0 impossible" in done.stdout
    assert "left out" in (tmp_path / "twin" / "certificate.md").read_text(encoding="utf-8")
    wrong = CliRunner().invoke(app, ["twin", paper, "--out", out, "--group", "no such"])
    assert isinstance(wrong.exception, ReadError)


@pytest.mark.parametrize(
    ("name", "content", "what"),
    [
        ("a.pdf", b"", "the file is empty"),
        ("a.pdf", b"%PDF-1.4", "a damaged PDF"),
        ("a.docx", b"PK\x03\x04", "archive"),
        ("a.xml", b"<a>", "without an article"),
        ("a.bin", b"\x00\x01", "not text"),
        ("a.toml", b"", "holds no key"),
        ("a.toml", b"\xe0\xe1", "UTF-8"),
        ("a.toml", b"schema = 2", "not known"),
        ("a.csv", b"", "it is empty"),
        ("a.csv", None, "No such file"),
        ("a.pdf", None, "No such file"),
    ],
)
def test_a_file_without_figures_says_why_and_what_to_do(
    tmp_path: Path, name: str, content: bytes | None, what: str
) -> None:
    file, out = tmp_path / name, tmp_path / "out"
    if content is not None:
        file.write_bytes(content)
    done = CliRunner().invoke(app, ["twin", str(file), "--out", str(out)])
    assert isinstance(done.exception, ReadError)
    (only,) = done.exception.problems
    assert what in only.what
    assert only.why
    assert only.todo
    assert only.place.file == str(file)
    assert not out.exists()

"""What texts and protocol name is found without the whole paper; else the paper tells."""

from __future__ import annotations

from pathlib import Path

import pytest

from declared_at_once import write_declared
from oncohort.displays.sections import SECTIONS
from oncohort.displays.sections.section import as_list
from oncohort.study import named
from oncohort.study.demo import write_demo
from oncohort.study.study import Study, read_study

PLAIN = 'main = ["table.baseline", "table.prognosis", "table.safety", "figure.waterfall", '


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo") / "study"
    write_demo(folder)
    return folder


@pytest.fixture(scope="module")
def declared(tmp_path_factory: pytest.TempPathFactory) -> Study:
    return read_study(write_declared(tmp_path_factory.mktemp("declared"), n=60))


def changed(demo: Path, protocol: str, text: str = "") -> Study:
    """The study with another protocol and discussion, as if both had been written so."""
    (demo / "text" / "discussion.md").write_text(text, encoding="utf-8")
    (demo / "study.toml").write_text(protocol, encoding="utf-8")
    return read_study(demo)


CASES = {
    "nothing else": ("", "", "", []),
    "numbers and works that are there": (
        *("", ""),
        "{survival.pfs.median} {response.orr.percent:ci} [@escudier2007; @AKAZA2007]",
        [],
    ),
    "a number that is not there": ("", "", "{survival.pf.median}", ["text.unknown-result"]),
    "a work that is not there": ("", "", "As before [@heng2009].", ["text.unknown-work"]),
    "a work of an earlier study that is not there": (
        '"@akaza2007; @naito2011"',
        '"@akaza2007; @nobody"',
        "",
        ["text.unknown-work"],
    ),
    "a display that is not there": (
        PLAIN,
        PLAIN + '"figure.waterfal", "arms", ',
        "",
        ["paper.unknown-display"] * 2,
    ),
    "displays of sections that are left out": (
        "running_title",
        'left_out = ["spider", "figure.historical", "exposure"]\nrunning_title',
        "",
        [],
    ),
    "a display in a text": ("", "", "See {table.baseline}.", []),
    "a display in a text that is not there": (
        *("", ""),
        "See {figure.nothing}.",
        ["text.unknown-result"],
    ),
    "a letter that no font has": ('label = "Side', 'label = "\ua7d2 Side', "", ["paper.no-font"]),
}


@pytest.mark.parametrize("case", CASES)
def test_check_lists_what_run_lists(case: str, demo: Path) -> None:
    old, new, text, ids = CASES[case]
    before = (demo / "study.toml").read_text("utf-8")
    said = (demo / "text" / "discussion.md").read_text("utf-8")
    assert old in before
    try:
        study = changed(demo, before.replace(old, new, 1) if old else before, text)
        problems = study.problems
        assert problems == study.run().problems
        of_paper = [p.id for p in problems if p.id.startswith(("text.", "paper."))]
        assert of_paper == ids
    finally:
        changed(demo, before, said)


def test_nothing_of_the_paper_is_made_where_all_is_there(
    demo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("oncohort.study.running.results_of", None)  # calling it would fail
    study = read_study(demo)
    assert "prognosis.fit" in {p.id for p in study.problems}
    assert "analysed" not in vars(study)


def test_displays_of_a_part_of_the_sections_are_those_of_the_paper(declared: Study) -> None:
    paper = declared.run().paper
    for section in SECTIONS:
        if section.key in named.OF_OTHERS:
            continue
        part = read_study(declared.folder)
        done = named._analysed(part, {section.key})
        assert named._displays(part, done, {section.key}) <= paper.display_names
    made = {f"table.{t.id}" for t in paper.tables.values()} - {"table.checklist"}
    made |= {f"figure.{f.id}" for f in paper.figures.values()}
    guessed = {name: named.section_of(name) for name in made}
    found = [s for s in guessed.values() if s is not None]
    assert len(found) > 0.5 * len(made)  # a hint, which saves time where it is right


def test_the_guessed_section_makes_the_display(demo: Path) -> None:
    lookup_names: dict[str, str] = {}
    study = read_study(demo)
    from oncohort.displays.lookup import Lookup
    from oncohort.displays.styles import style_of
    from oncohort.study.running import context_of

    done = study.analysed
    style = style_of(study.protocol.style)
    lookup = Lookup(done.numbers, study.protocol, context_of(study, done), style)
    for section in SECTIONS:
        for make in section.tables:
            lookup_names |= {f"table.{t.id}": section.key for t in as_list(make(lookup))}
        for draw in section.figures:
            lookup_names |= {f"figure.{f.id}": section.key for f in draw(lookup)}
    assert {name: named.section_of(name) for name in lookup_names} == lookup_names

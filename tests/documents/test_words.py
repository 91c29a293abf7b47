"""The words of papers of many kinds: no phrase of a machine, no inner code, no loose number."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import oncohort as oc
from declared_at_once import write_declared
from oncohort.displays.paper import Bullets, Heading, Notice, Paper, Paragraph
from oncohort.displays.spans import Spans, text_of
from oncohort.problems import Severity
from varied_studies import STUDIES, write_study

BANNED = (
    r"below 0\.05 for",
    r"kept p\b",
    r"\bagainst favou?rable",
    r"left out, in this order, for",
    r"^Under \d+ rules",
    r"\b1\s(patients|events|cases|variables|factors)\b",
    r"\b1\spatient were\b",
    r"\b(univariate|multivariate)\b",
    r"twice a day",
    r"\bbtmb\b|\bluma\b|\bnagoya\b|\bmtor\b|mTor",
    r"\.\.|,,|\( |\(\)|\s[.,;](?!\d)|;\)| {2}",
    r"\bNone\b(?! of)|\bnan\b|\binf\b",
    r"[{}]",
    r"(?:^|[.?!] )[a-z]",
    r"(?:^|\. )\d",
)
"""What no sentence of ours may say; the author's names are left as they are."""
CODE = re.compile(r"\b[a-z]+\.[a-z]+(?:[.-][a-z]+)+\b|\b[a-z]+_[a-z_]+\b")
"""Ids of problems and of results, names of columns."""
BROKEN = re.compile(
    r"\d\s?\u2013\s?$|^\s*\u2013|\d\.\s\d|\b0\.\s\d|(?<![\u2264>])\b\d\.(?!04\d\d\b)\d{4,}"
)


@cache
def _paper(name: str, folder: Path) -> Paper:
    place = folder / name.replace(" ", "_")
    at_once = ONCE.get(name)
    study = write_declared(place, **at_once) if at_once else write_study(place, **STUDIES[name])
    return oc.read_study(study).run().paper


ONCE: dict[str, dict[str, Any]] = {
    "everything": {"n": 160},
    "everything, five arms": {
        "n": 120,
        "arms": ("Standard", "New drug", "Observation", "Best care", "Both drugs"),
    },
    "everything, few": {"n": 14},
}
"""Studies of arms that declare every analysis."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("varied")


@pytest.fixture(params=sorted([*STUDIES, *ONCE]))
def paper(request: pytest.FixtureRequest, folder: Path) -> Paper:
    return _paper(request.param, folder)


def sentences(paper: Paper, *sections: str) -> list[Spans]:
    """The paragraphs of a paper that it wrote itself."""
    return [
        block.spans
        for section in paper.sections
        if not sections or section.key in sections
        for block in section.blocks
        if isinstance(block, Paragraph) and not block.author
    ]


def told(paper: Paper, *sections: str) -> list[str]:
    """The same as text, without prompts."""
    lines = sentences(paper, *sections)
    return [text_of(s for s in line if s.mark != "missing").strip() for line in lines]


def test_no_phrase_of_a_machine(paper: Paper) -> None:
    label = re.compile("Combination of two agents|CI: |\u8853\u5f8c")
    for text in told(paper, "abstract", "results"):
        plain = label.sub("X", text).replace("\u00a0", " ").replace("vs.", "vs")
        for pattern in BANNED:
            found = re.search(pattern, plain)
            assert found is None, (pattern, plain)


def test_no_inner_code(paper: Paper) -> None:
    for text in told(paper):
        assert CODE.search(text) is None, text
    for section in paper.sections:
        for block in section.blocks:
            if isinstance(block, Notice):
                text = text_of(block.shared or block.spans)
                assert not re.search(r"\b(problem|rule) [a-z]+\.[a-z-]+", text), text


def test_no_broken_number(paper: Paper) -> None:
    for text in told(paper, "abstract", "results"):
        assert BROKEN.search(text) is None, text
    for table in paper.tables.values():
        for row in table.rows:
            for cell in row.cells:
                assert not re.search(r"nan|inf\b|None", cell.text), (table.id, cell.text)


FREE = re.compile(
    r"95%|\b(1|2|3|5)\.\d\b|CTCAE|RECIST|grade[s]? \d|\bat \d+( (months|weeks))?\b|"
    r"\d+ sets? of rules|\d+ variables?\b|400\u00a0mg|0\.8|Group \d|[Ee]vent \d+|[Vv]alue \d+|"
    r"\d+ other factors|\d{4}|3 or higher|[Pp] < 0\.05|per 10\u00a0?\s?years|per 1%|0\.1 or more|"
    r"up to \d+|\bat (\d+, )*\d+ (and|or) \d+|grade 2 or higher|smallest of \d+|of \d+ subgroup|"
    r"per 100 patient-years|\d+ sets|landmark at \d+|[<>\u2264\u2265] ?\d+(\.\d+)?|95% of|"
    r"fewer than 10"
)
"""Numbers that no result gives: of names, of standards, of the protocol."""


def test_every_number_of_the_results_is_bound(paper: Paper) -> None:
    for line in sentences(paper, "abstract", "results"):
        loose = text_of(s for s in line if s.plain and s.mark != "missing")
        assert not re.search(r"\d", FREE.sub("", loose)), loose


def test_an_abbreviation_is_explained_before_it_is_used(paper: Paper) -> None:
    for sections in (("abstract",), ("methods", "results")):
        text = "\n".join(told(paper, *sections))
        for short in ("CI", "HR", "PFS", "OS", "RECIST", "CTCAE"):
            first = re.search(rf"(?<![\w-]){short}(?![\w-])", text)
            if first is not None:
                assert text[first.start() - 1] in "([", (short, text[: first.end()][-80:])


def test_explained_below_a_table_is_what_it_uses(paper: Paper) -> None:
    for table in paper.tables.values():
        body = " ".join(
            [table.title, *(h for c in table.columns for h in (*c.spanners, c.label))]
            + [c.text for r in table.rows for c in r.cells]
            + [text_of(n) for n in table.notes if ": " not in text_of(n)]
        )
        notes = " ".join(text_of(n) for n in table.notes)
        for short in ("CI", "HR", "NR"):
            explained = f"{short}: " in notes
            used = re.search(rf"(?<![\w-]){short}(?![\w-])", body + re.sub(f"{short}: ", "", notes))
            assert explained == bool(used), (table.id, short, notes)


def test_one_finding_is_one_sentence(paper: Paper) -> None:
    """A table of many rows is told in two sentences; no sentence stands twice."""
    results = told(paper, "results")
    split = [s for text in results for s in re.split(r"(?<=[.?!]) (?=[A-Z])", text)]
    assert len(split) == len(set(split))
    for section in paper.sections:
        if section.key != "results":
            continue
        heads = [b.text for b in section.blocks if isinstance(b, Heading)]
        assert len(heads) == len(set(heads))
    for text in results:
        assert text.count("HR ") <= 12, text


def test_an_abstract_is_within_its_limit(paper: Paper) -> None:
    words = sum(len(re.findall(r"\S+", t)) for t in told(paper, "abstract"))
    assert words <= 260


def test_the_checklist_points_at_what_is_there(paper: Paper) -> None:
    """Whatever is called filled names headings of this very paper."""
    heads = {b.text for s in paper.sections for b in s.blocks if isinstance(b, Heading)}
    heads |= {s.title for s in paper.sections}
    for row in paper.tables["checklist"].rows:
        said = row.cells[-1].text
        if said.startswith("Filled from the data: "):
            where = re.sub(r" \(.*\)$", "", said.partition(": ")[2])
            assert set(where.split(", ")) <= heads, (row.cells[0].text, said)


def test_left_out_parts_are_told_without_keys(folder: Path) -> None:
    """A manuscript says what is missing in words: no key, no column, no date of a patient."""
    study = write_study(folder / "spoilt")
    path = study / "data" / "adverse_events.csv"
    lines = path.read_text("utf-8").splitlines()
    cells = lines[1].split(",")
    path.write_text("\n".join([lines[0], ",".join([*cells[:3], "9", *cells[4:]]), *lines[2:]]))
    text = (study / "study.toml").read_text("utf-8")
    text = text.replace('censoring = "last_contact"\n', "")
    (study / "study.toml").write_text(text, "utf-8")
    paper = oc.read_study(study).run().paper
    told = [b for s in paper.sections for b in s.blocks if isinstance(b, Notice)]
    assert len(told) >= 2
    for block in told:
        words = text_of(block.shared)
        assert words.startswith("Left out: ")
        assert not re.search(r"[\[\]=_]|\b[a-z]+\.[a-z]+\b|\d{4}-\d\d", words), words


def test_an_empty_sheet_of_events_is_none_in_any_patient(folder: Path) -> None:
    results = oc.read_study(write_study(folder / "none", terms=0)).run()
    assert "safety.none-recorded" in {p.id for p in results.study.problems}
    words = " ".join(told(results.paper, "results"))
    assert "None of the 42 treated patients had an adverse event on record" in words
    assert results["safety.any_event.count[grade=any]"].value == 0


def test_runs_are_complete(folder: Path) -> None:
    """The studies are clean but for what they are made for."""
    study = oc.read_study(write_study(folder / "clean"))
    assert [p.id for p in study.data_problems if p.severity is Severity.ERROR] == []


def test_bullets_of_authors_are_left_alone(folder: Path) -> None:
    study = write_study(folder / "author")
    (study / "text").mkdir()
    (study / "text" / "discussion.md").write_text("- HR is ours\n\nThe CI is wide.", "utf-8")
    paper = oc.read_study(study).run().paper
    section = next(s for s in paper.sections if s.key == "discussion")
    bullets = [b for b in section.blocks if isinstance(b, Bullets)]
    assert text_of(bullets[0].items[0]) == "HR is ours"


ONE = re.compile(r"\b1\s(?:\w+\s)?(patients|events|cases|variables|factors|pairs|terms)\b")


def test_one_is_one_in_notes_and_captions(paper: Paper) -> None:
    said = [text_of(f.caption) for f in paper.figures.values()]
    said += [f.alt for f in paper.figures.values()]
    for table in paper.tables.values():
        said += [table.title, *(text_of(note) for note in table.notes)]
    for text in said:
        found = ONE.search(text.replace("\u00a0", " "))
        assert found is None or text[: found.start()].endswith((" to ", " of ", ".")), text


def test_every_column_has_a_heading(paper: Paper) -> None:
    for table in paper.tables.values():
        assert all(column.label.strip() for column in table.columns), table.id

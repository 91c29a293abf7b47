"""References: set by the citation processor, numbered in the order of the text."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import oncohort as oc
from oncohort.displays.citations import OURS, Sources, all_known, cite, keys_in, reference_keys
from oncohort.displays.paper import Bullets, Notice, Paragraph
from oncohort.displays.spans import text_of
from varied_studies import write_study

pytest.importorskip("citeproc", reason="needs citeproc-py")

BIB = """
@article{First2007, author = {Adams, Ann and Baker, Bo and Cole, Cy and Dean, Di and Egan, Ed
 and Ford, Fay and Gray, Gus}, title = {A {DNA} trial of agentinib}, journal = {J Made Up},
 year = 2007, volume = 3, number = 2, pages = {11--19}}
@book{second, author = {M{\\"u}ller, Max}, title = {On things}, publisher = {House}, year = 2011}
"""


def words(sources: Sources, *groups: tuple[str, ...]) -> list[str]:
    return [text_of(w) for _, w in cite(sources, list(groups)).works]


def test_numbers_follow_the_text() -> None:
    done = cite(Sources(BIB, "x.bib"), [("second",), ("First2007", "second"), ("second",)])
    assert text_of(done.words(("second",))) == "(1)"
    assert text_of(done.words(("First2007", "second"))) == "(1, 2)"
    assert [k for k, _ in done.works] == ["second", "first2007"]


def test_vancouver() -> None:
    [work] = words(Sources(BIB, "x.bib"), ("First2007",))
    assert work.startswith("Adams A, Baker B, Cole C, Dean D, Egan E, Ford F, et al. A DNA trial")
    assert work.endswith("J Made Up. 2007;3(2):11–19.")


def test_names_with_accents() -> None:
    assert words(Sources(BIB, "x.bib"), ("second",))[0].startswith("Müller M. On things.")


@pytest.mark.parametrize("style", OURS)
def test_each_style_sets_every_work(style: str) -> None:
    done = cite(Sources(BIB, "x.bib", style), [("First2007",), ("second",)])
    assert not done.failed and len(done.works) == 2
    assert all(text_of(w).endswith(".") and ".." not in text_of(w) for _, w in done.works)


def test_raised_numbers() -> None:
    done = cite(Sources(BIB, "x.bib", "ama"), [("second",)])
    assert [s.mark for s in done.words(("second",))] == ["super"]


def test_author_and_year_are_sorted_by_name() -> None:
    done = cite(Sources(BIB, "x.bib", "author-date"), [("second",), ("First2007",)])
    assert [k for k, _ in done.works] == ["first2007", "second"]
    assert text_of(done.words(("First2007",))) == "(Adams et al. 2007)"


def test_csl_json() -> None:
    data = [
        {
            "id": "a",
            "type": "article-journal",
            "title": "T",
            "author": [{"family": "Lee", "given": "K"}],
            "issued": {"date-parts": [[2020]]},
            "container-title": "J",
            "volume": "1",
            "page": "2-3",
        }
    ]
    [work] = words(Sources(json.dumps(data), "refs.json"), ("a",))
    assert work.startswith("Lee K. T. J. 2020;1:2")


@pytest.mark.parametrize("text", ["", "@article{broken", "{}"])
def test_a_file_that_is_no_references_is_told(text: str) -> None:
    done = cite(Sources(text, "x.json" if text == "{}" else "x.bib"), [("a",)])
    assert done.failed or done.unknown == ("a",)
    assert "not in the references" in text_of(done.words(("a",)))


def test_keys() -> None:
    assert keys_in("a [@x; @y] b [see @z] c [@x,@z]") == [("x", "y"), ("x", "z")]
    assert reference_keys("Adams 2007, table 2") == ()
    assert reference_keys("@x; @y") == ("x", "y")


def test_the_paper_cites_texts_and_earlier_studies(tmp_path: Path) -> None:
    study = write_study(tmp_path / "study")
    (study / "references.bib").write_text(BIB, "utf-8")
    (study / "text").mkdir()
    (study / "text" / "introduction.md").write_text("Known [@second]; see {table.baseline}.")
    (study / "text" / "discussion.md").write_text("Odd [@nobody].")
    protocol = study / "study.toml"
    more = '\n[historical.old]\nlabel = "an old study"\nreference = "First2007"\n'
    more += "orr = { value = 20, to = 25 }\n"
    protocol.write_text(protocol.read_text("utf-8") + more, "utf-8")
    paper = oc.read_study(study).run().paper
    by_key = {s.key: s for s in paper.sections}
    first = next(b for b in by_key["introduction"].blocks if isinstance(b, Paragraph))
    assert text_of(first.spans) == "Known (1); see Table I."
    assert [s.to for s in first.spans if s.to] == ["table.baseline"]
    results = "\n".join(
        text_of(b.spans) for b in by_key["results"].blocks if isinstance(b, Paragraph)
    )
    assert "20.0 to 25.0% in an old study\u00a0(2)" in results
    assert any("20.0\u201325.0" in c.text for r in paper.tables["historical"].rows for c in r.cells)
    assert not any("First2007" in text_of(n) for n in paper.tables["historical"].notes)
    blocks = by_key["references"].blocks
    lists = [b for b in blocks if isinstance(b, Bullets)]
    assert lists[0].numbered and len(lists[0].items) == 2
    notices = [text_of(b.spans) for b in blocks if isinstance(b, Notice)]
    assert notices == ["references.bib has no nobody."]
    assert "2 references" in text_of(dict(paper.title_page.lines)["Words"])


@pytest.mark.parametrize(
    "text",
    [
        BIB,
        BIB + "@comment{ @book{hidden, title = {No}} }",
        BIB + '@string{j = "J Made Up"}\n@book{third, title = {T}, year = 2001}',
        BIB.replace("@book", "@@book"),
        BIB.replace("{On things}", "{On @book{fourth, }}"),
        BIB.replace("year = 2011}", "year = 2011"),
        "no references",
        "",
    ],
)
def test_what_is_known_without_setting_is_known_when_set(text: str) -> None:
    sources = Sources(text, "x.bib")
    for key in ("first2007", "SECOND", "hidden", "third", "fourth"):
        done = cite(sources, [(key,)])
        if all_known(sources, [(key,)]):
            assert not done.unknown
        elif not done.failed:
            assert done.unknown == (key,)


def test_works_of_json_are_known() -> None:
    sources = Sources('[{"id": "a", "type": "book", "title": "T"}]', "x.json")
    assert all_known(sources, [("a",)]) and not all_known(sources, [("a", "b")])
    assert all_known(sources, []) and not all_known(Sources(), [("a",)])


@pytest.mark.parametrize("cut", range(0, len(BIB), 7))
def test_references_that_are_cut_off_end(cut: int) -> None:
    done = cite(Sources(BIB[:cut], "x.bib"), [("second",)])
    assert done.unknown == ("second",) or "x.bib can't be read" in done.failed


@pytest.mark.parametrize(
    "text", ["a@b", "@comment{x}", "@", "@book", "@book{a, year = ", "@book{a"]
)
def test_what_looks_like_the_begin_of_an_entry_ends(text: str) -> None:
    done = cite(Sources(BIB + text, "x.bib"), [("second",)])
    assert not done.unknown

"""The paper of made-up studies: every number bound, nothing silent, words that fit the counts."""

from __future__ import annotations

import pickle
import re
from typing import Any

import pytest

from oncohort.displays import build
from oncohort.displays.paper import (
    Bullets,
    FigureBlock,
    Notice,
    Paper,
    Paragraph,
    Prompts,
    TableBlock,
)
from oncohort.displays.spans import Spans, text_of
from paper_fixture import LONG, SECRET, paper_of

AWKWARD: list[dict[str, Any]] = [
    {},
    {"n": 300, "by": True},
    {"events": False, "responders": False, "toxic": False},
    {"left_out": True, "selection": "screening", "journal": "jco"},
    {"drop": ("response", "safety", "exposure")},
    {"drop": ("flow", "baseline", "prognosis", "survival", "historical")},
    {"n": 1, "events": False, "toxic": False},
]


FIRST_CI = "confidence interval [CI]"


def paragraphs(paper: Paper) -> list[Spans]:
    out: list[Spans] = []
    for section in paper.sections:
        for block in section.blocks:
            if isinstance(block, Paragraph | Notice):
                out.append(block.spans)
            elif isinstance(block, Bullets | Prompts):
                out += list(block.items)
    return out


def prose(paper: Paper) -> str:
    return "\n".join(text_of(p) for p in paragraphs(paper))


@pytest.fixture(params=AWKWARD, ids=str)
def made(request: pytest.FixtureRequest) -> Any:
    return paper_of(**request.param)


def test_every_id_exists(made: Any) -> None:
    paper, numbers, _, _ = made
    used = {i for t in paper.tables.values() for i in t.ids}
    used |= {s.id for p in paragraphs(paper) for s in p if s.id}
    used |= {s.id for f in paper.figures.values() for s in f.caption if s.id}
    used |= {s.id for h in paper.headlines for s in (*h.spans, *h.detail) if s.id}
    assert used
    assert used <= set(numbers)


def test_a_bound_number_reads_as_its_result(made: Any) -> None:
    """What stands in a sentence starts with the style's text of the estimate, or its interval."""
    paper, numbers, _, _ = made
    style = paper.style
    for line in paragraphs(paper):
        for span in line:
            if not span.id:
                continue
            estimate = numbers[span.id]
            parts = {style.value(estimate), style.ci(estimate), str(estimate.n), "no patient"}
            if estimate.low is not None:
                parts.add(style.one(estimate.low, "time"))
            if estimate.value is not None and style.p_symbol in span.text:
                parts.add(style.p_phrase(estimate.value))
            parts.add(f"{style.p_symbol} not estimable")
            if span.id.startswith("baseline.age") and estimate.value is not None:
                parts.add(style.one(estimate.value, "value", digits=0))
            assert any(p and span.text.startswith(p) for p in parts), (span, parts)


def test_no_sentence_has_a_hole(made: Any) -> None:
    text = prose(made[0])
    assert "{" not in text
    assert "None" not in re.sub(r"None of", "", text)
    assert "nan" not in re.findall(r"\w+", text)
    assert ".." not in text and " ." not in text and "()" not in text
    assert not re.search(r"\b1(\u00a0| )(patients|events|variables)\b", text)
    assert not re.search(r"\b0 patients\b", text)


def test_blocks_point_at_what_there_is(made: Any) -> None:
    paper = made[0]
    tables = [b.table for s in paper.sections for b in s.blocks if isinstance(b, TableBlock)]
    figures = [b.figure for s in paper.sections for b in s.blocks if isinstance(b, FigureBlock)]
    assert sorted(tables) == sorted(paper.tables)
    assert sorted(figures) == sorted(paper.figures)


def test_numbering_has_no_gap(made: Any) -> None:
    paper = made[0]
    main = [t.number for t in paper.tables.values() if t.main]
    assert main == [f"Table {paper.style.numeral(i + 1)}" for i in range(len(main))]
    beside = [t for t in paper.tables.values() if t.shown and not t.main and t.id != "checklist"]
    extra = [t.number for t in beside]
    assert all(not t.number for t in paper.tables.values() if not t.shown)
    assert extra == [f"Table S{i + 1}" for i in range(len(extra))]
    numbers = [f.number for f in paper.figures.values() if f.main]
    assert numbers == [f"Figure {i + 1}" for i in range(len(numbers))]


def test_no_patient_in_tables_figures_or_sentences(made: Any) -> None:
    paper, _, _, context = made
    assert SECRET.encode() not in pickle.dumps(dict(paper.figures))
    assert SECRET not in "".join(
        c.text for t in paper.tables.values() for r in t.rows for c in r.cells
    )
    if not context.left_out:
        assert SECRET not in prose(paper)


def test_what_is_shared_of_a_part_left_out_names_nobody() -> None:
    paper = paper_of(left_out=True)[0]
    notices = [b for s in paper.sections for b in s.blocks if isinstance(b, Notice)]
    assert notices
    full = text_of(notices[0].spans)
    shared = text_of(notices[0].shared)
    assert "4 patients with PD have no PFS event" in full and "event_value = 0" in full
    assert "progression-free survival" in shared and "event_value" not in shared
    assert "The report says where" in shared
    assert "endpoints.pfs-flags" not in full + shared and "survival.pfs" not in full + shared
    assert SECRET not in shared


def test_left_out_endpoint_is_nowhere_else() -> None:
    paper = paper_of(left_out=True)[0]
    assert not any(i.startswith("survival.pfs") for t in paper.tables.values() for i in t.ids)
    assert [h.label for h in paper.headlines] == ["Patients", "Objective response", "Median OS"]


def test_same_input_same_paper() -> None:
    _, numbers, protocol, context = paper_of()
    one, two = build(numbers, protocol, context), build(numbers, protocol, context)
    assert one == two


def test_nothing_happened_is_said_in_words() -> None:
    text = prose(paper_of(events=False, responders=False, toxic=False)[0])
    assert "No patient had an objective response (95% CI 0\u20138.4%)." in text.replace(
        FIRST_CI, "CI"
    )
    assert "The median PFS was not reached." in text
    assert "no events were seen in 42 patients" in text
    assert "For OS, no hazard ratio could be estimated" in text
    assert "None of the 42 treated patients had an adverse event on record" in text


def test_one_patient_is_singular() -> None:
    text = prose(paper_of(n=1, events=False, toxic=False)[0])
    assert "included 1\u00a0patient with" in text
    assert re.search(r"The 1 treated patient had no .*adverse event on record", text)


def test_methods_are_those_that_ran() -> None:
    with_all = prose(paper_of()[0])
    assert "log-log" in with_all and "Clopper-Pearson" in with_all and "Efron" in with_all
    without = prose(paper_of(drop=("survival", "prognosis", "historical"))[0])
    assert "log-log" not in without and "Efron" not in without and "two-sided" not in without


def test_screening_is_labelled_wherever_it_is_used() -> None:
    paper = paper_of(n=300, selection="screening")[0]
    assert "screening" in prose(paper)
    notes = " ".join(text_of(n) for n in paper.tables["prognosis"].notes)
    assert "screening" in notes and "overstate" in notes


def test_author_texts() -> None:
    words = (
        "# Why\n\nOS was {survival.os.median} months ({survival.os.median:ci}; n = "
        "{survival.os.median:n}) & **bold** or *so*.\n\n- one\n- two <b>\n\n<!-- a note -->\n"
        "Wrong: {survival.oss.median}."
    )
    paper, numbers, _, _ = paper_of(texts=(("discussion", words), ("ethics", "[Write here: x]")))
    section = next(s for s in paper.sections if s.key == "discussion")
    text = "\n".join(text_of(b.spans) for b in section.blocks if isinstance(b, Paragraph | Notice))
    estimate = numbers["survival.os.median"]
    assert (
        f"OS was {paper.style.value(estimate)} months ({paper.style.ci(estimate)}; n = 42)" in text
    )
    assert "[no result survival.oss.median]" in text and 'Did you mean "survival.os' in text
    assert "a note" not in text
    bullets = [b for b in section.blocks if isinstance(b, Bullets)]
    assert [text_of(i) for i in bullets[0].items] == ["one", "two <b>"]
    ethics = next(s for s in paper.sections if s.key == "ethics")
    first = ethics.blocks[0]
    assert isinstance(first, Paragraph) and first.spans[-1].mark == "missing"


def test_long_labels_stay_whole() -> None:
    paper = paper_of()[0]
    assert LONG in [r.cells[0].text for r in paper.tables["baseline"].rows]
    assert LONG in [r.cells[0].text for r in paper.tables["prognosis"].rows]


def test_abstract_text_and_table_say_the_same() -> None:
    paper, numbers, _, _ = paper_of()
    shown = {
        s.text.split("\u00a0")[0]
        for p in paragraphs(paper)
        for s in p
        if s.id == "survival.os.median" and "\u2013" not in s.text
    }
    table = {
        s.text
        for r in paper.tables["survival"].rows
        for c in r.cells
        for s in c.spans
        if s.id == "survival.os.median" and "\u2013" not in s.text
    }
    assert shown == table == {paper.style.value(numbers["survival.os.median"])}


def test_checklist_asks_for_what_is_missing_and_claims_nothing() -> None:
    said = "We found a median of 10 months, which may be chance."
    table = paper_of(texts=(("discussion", said),))[0].tables["checklist"]
    rows = {r.cells[0].text: r.cells[-1].text for r in table.rows if len(r.cells) == 3}
    assert rows["13"].startswith("Filled from the data")
    assert rows["18"] == "Written by the author: text/discussion.md"
    assert rows["20"] == "Written by the author: text/discussion.md"
    assert rows["19"].startswith("Needs the author")
    empty = paper_of(texts=(("discussion", "My words."),))[0].tables["checklist"]
    claims = {r.cells[0].text: r.cells[-1].text for r in empty.rows if len(r.cells) == 3}
    assert claims["18"].startswith("Needs the author")
    assert rows["11"].startswith("Needs the author")
    assert rows["6b"].startswith("Not applicable")
    assert "complian" not in str(table)
    bare = paper_of(drop=("survival", "prognosis", "historical"))[0].tables["checklist"]
    found = {r.cells[0].text: r.cells[-1].text for r in bare.rows if len(r.cells) == 3}
    assert found["15"].startswith("Needs the author")


def test_without_criteria_there_is_no_flow_to_draw() -> None:
    _, numbers, protocol, context = paper_of()
    bare = protocol.model_copy(
        update={"eligibility": protocol.eligibility.model_copy(update={"criteria": []})}
    )
    paper = build(numbers, bare, context)
    assert "flow" not in paper.tables and "flow" not in paper.figures
    assert "42 were included" in prose(paper)


BANNED = (
    r"was below 0\.05|kept p|p below 0\.05 for|against favou?rable",
    r"in this order, for|Under \d+ rules|\b[Oo]f the 1\b|\bof 1 treated\b",
    r"(?<![\d.,\u2013])1\u00a0?[ \u00a0](patients|events|cases|variables|vars)\b",
    r"(?<![\d.,\u2013])1[ \u00a0](patient|event) were\b|\bpatients was\b",
    r"See the problem|\b(values|endpoints|dates|recist|rows)\.[a-z]+-[a-z-]+",
    r"\bnan\b|\binf\b|\bNone\b(?! of)|NR\u2013NR|100\u2013100",
    r"\s[.,;](?!\d)|\.\.|  ",
)


def test_the_text_reads_as_a_writer_would_put_it(made: Any) -> None:
    paper = made[0]
    lines = [text_of(line) for line in paragraphs(paper)]
    lines += [text_of(b.shared) for s in paper.sections for b in s.blocks if isinstance(b, Notice)]
    for line in lines:
        for pattern in BANNED:
            found = re.search(pattern, line)
            assert not found, (found, line)


def test_names_of_the_chart_stay_as_they_are_written() -> None:
    from oncohort.displays.words import name_in_text, up_first

    for name in ("Nagoya", "lumA", "bTMB", "Renal Cell Carcinoma", "IMDC risk", "Kyoto, Japan"):
        assert name_in_text(name) == name
    assert name_in_text("Sunitinib") == "sunitinib"
    assert [up_first(w) for w in ("bTMB", "pT stage", "poor")] == ["bTMB", "pT stage", "Poor"]

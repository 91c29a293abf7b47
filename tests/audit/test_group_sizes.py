"""Which groups of Table I a hazard ratio is of, and how large they are."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_checks_quiet import HEAD, WIDE
from test_false_alarms import Cells, jats

from oncohort.audit import audit
from oncohort.audit.checks import arms, binding
from oncohort.audit.checks.cox import smallest_se
from oncohort.audit.extract.paper import extract
from oncohort.audit.readers import read_bytes
from oncohort.published.model import Published
from oncohort.stats import cox

pytestmark = pytest.mark.usefixtures("rules_alone")

ALL = (("Characteristic", "All patients (n = 200), n (%)"),)
TWO = (("Characteristic", "Drug (n = 100)", "Placebo (n = 98)"),)
SEX: tuple[Cells, ...] = (("Sex", ""), ("Male", "120 (60.0)"), ("Female", "80 (40.0)"))
FLAT: tuple[Cells, ...] = (
    ("Men, n (%)", "120 (60.0)"),
    ("Brain metastases", "30 (15.0)"),
    ("Heroin use", "50 (25.0)"),
    ("Hypertension (n = 190)", "57 (30.0)"),
)


def paper(characteristics: tuple[Cells, ...], head: tuple[Cells, ...], *rows: Cells) -> Published:
    """A paper with a Table 1 and a table of hazard ratios."""
    model = jats(rows, (("Variable", "HR (95% CI)", "P"),), caption="Cox model")
    model = model[model.index("<table-wrap>") : model.index("</table-wrap>") + len("</table-wrap>")]
    first = jats(characteristics, head, said=["A total of 198 patients were included."])
    whole = first.replace("</sec></body>", model.replace("Table 1", "Table 2") + "</sec></body>")
    return extract(read_bytes(whole.encode()))[0]


def sizes(published: Published) -> list[tuple[int, int] | None]:
    """Group sizes of every ratio of Table 2, smaller first."""
    paper = binding.groupings(published)
    out: list[tuple[int, int] | None] = []
    for ratio in published.ratios:
        bound = binding.bind(ratio, published, paper)
        if bound is None or bound.readings[0].best_split:
            out.append(None)
        else:
            out.append(tuple(sorted((bound.readings[0].first, bound.readings[0].second))))  # type: ignore[arg-type]
    return out


@pytest.mark.parametrize("row", ["Female", "Male sex", "Gender: female", "Women", "Sex (female)"])
def test_a_row_that_names_one_sex_splits_all_patients_by_sex(row: str) -> None:
    assert sizes(paper(SEX, ALL, (row, "1.20 (0.80-1.80)", "0.38"))) == [(80, 120)]
    assert sizes(paper(FLAT, ALL, (row, "1.20 (0.80-1.80)", "0.38"))) == [(80, 120)]


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("Brain metastasis", (30, 170)),
        ("Any heroin use", (50, 150)),
        ("Hypertension", (57, 133)),
        ("Hypertension (per 10 mmHg)", None),
        ("Bone metastases", None),
        ("Number of brain metastases", None),
        ("Brain metastases ≥3", None),
    ],
)
def test_a_row_that_names_one_group_is_bound_only_word_for_word(
    row: str, expected: tuple[int, int] | None
) -> None:
    assert sizes(paper(FLAT, ALL, (row, "1.20 (0.80-1.80)", "0.38"))) == [expected]


def test_events_of_a_row_are_not_taken_for_its_group() -> None:
    rows = (("Drug", "17/65 (26.2)"), ("Placebo", "24/66 (36.4)"))
    assert sizes(paper(rows, ALL, ("Drug", "0.70 (0.40-1.20)", "0.20"))) == [None]


def test_arms_that_are_all_patients_are_added() -> None:
    rows = (
        ("Sex", "", ""),
        ("Male", "60 (60.0)", "50 (51.0)"),
        ("Female", "40 (40.0)", "48 (49.0)"),
    )
    row = ("Sex (female vs male)", "1.20 (0.80-1.80)", "0.38")
    assert sizes(paper(rows, TWO, row)) == [(88, 110)]
    other = (("Characteristic", "Drug (n = 100)", "Placebo (n = 60)"),)
    assert sizes(paper(rows, other, row)) == [None]


def test_the_arms_themselves_are_compared_by_the_sizes_of_their_headings() -> None:
    rows = (
        ("Sex", "", ""),
        ("Male", "60 (60.0)", "50 (51.0)"),
        ("Female", "40 (40.0)", "48 (49.0)"),
    )
    assert sizes(paper(rows, TWO, ("Drug vs placebo", "0.70 (0.50-0.98)", "0.04"))) == [(98, 100)]
    assert sizes(paper(rows, TWO, ("Drug vs surgery", "0.70 (0.50-0.98)", "0.04"))) == [None]


def test_a_sentence_is_of_the_two_arms_that_it_names() -> None:
    known = (arms.Arm("Drug", 100), arms.Arm("Placebo", 98), arms.Arm("Drug plus surgery", 50))
    first, second = arms.named_in("Survival was longer with drug than placebo.", known) or ((), ())
    assert (first, second) == (known[0], known[1])
    assert arms.named_in("Drug plus surgery was better than placebo.", known) == (
        known[2],
        known[1],
    )
    assert arms.named_in("Drug plus surgery, drug and placebo did not differ.", known) is None


def test_an_interval_that_no_split_of_all_patients_allows() -> None:
    table = WIDE.replace("analysis for OS", "analysis for OS of 42 patients")
    found = [f.headline for f in audit(HEAD + table, unusual=True) if f.id == "cox.all"]
    found = [f for f in found if "too narrow" in f]
    assert len(found) == 2
    assert all("any two of 42 patients" in headline for headline in found)
    assert audit((HEAD + table).replace("42", "142")) == []
    assert audit(HEAD + WIDE) == []  # how many patients the model has is not said


@pytest.mark.filterwarnings("ignore")
@given(st.integers(0, 10_000), st.sampled_from([30, 60, 120]), st.booleans())
@settings(max_examples=40, deadline=None)
def test_no_cox_model_is_below_the_bound_of_a_level_and_its_reference(
    seed: int, n: int, ties: bool
) -> None:
    """A factor of four levels beside another covariate: the events of two levels bound its SE."""
    random = np.random.default_rng(seed)
    level = random.integers(0, 4, n)
    other = random.normal(size=n)
    time = random.exponential(1 / np.exp(0.4 * level - 0.3 * other))
    time = np.ceil(time * 4) / 4 if ties else time
    event = random.random(n) < 0.7
    events = [int(event[level == k].sum()) for k in range(4)]
    if min(events) < 2:
        return
    design = np.column_stack([*(level == k for k in (1, 2, 3)), other]).astype(float)
    fit = cox(time, event, design)
    for k in (1, 2, 3):
        se = float(fit.se[k - 1])
        if math.isfinite(se) and abs(float(fit.coef[k - 1])) < 5:
            assert se >= smallest_se(events[k], events[0]) * (1 - 1e-6)


def test_two_values_of_a_measurement_are_no_groups() -> None:
    table = WIDE.replace("analysis for OS", "analysis for OS of 42 patients")
    for name in ("Continuous age (75 vs 65 years)", "Age, per decade (75 vs 65)"):
        words = table.replace("Age (>=65 vs <65)    ", name).replace("Sex (female vs male)", "Sex")
        assert not [f for f in audit(HEAD + words) if f.id.startswith("cox.")], name

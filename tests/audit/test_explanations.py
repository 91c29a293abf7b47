"""What a finding says of its arithmetic is true: recomputed from its own words."""

from __future__ import annotations

from dataclasses import replace

import pytest
from explanations import recomputed, untrue
from test_corpus import SCRIPT

from conftest import shared_file
from oncohort.audit import audit
from oncohort.audit.extract.paper import extract
from oncohort.audit.finding import Finding
from oncohort.audit.readers import read_bytes, read_paper
from oncohort.audit.run import audit_published

pytestmark = pytest.mark.usefixtures("rules_alone")

TABLE = """Results

A total of 42 patients were included.

Table 1. Characteristics (n = 42)
Variable              n      %
Sex
  Male                30     71.4
  Female              12     28.6
Smoking
  Never               20     50.6
  Former              14     33.3
  Current             8      19.0
Stage
  I                   11     26.2
  II                  9      21.4
  III                 20     47.6
  IV                  2      4.8
Site
  Lung                21     50.0
  Liver               25     50.0
"""
SAID = """Results

A response was seen in 12/50 (25%) of them, and not in 40/50 (80%). They differed, t(38) = 4.61,
p = 0.45, and F(2, 57) = 8.2, p = 0.30. The odds ratio was 1.2 (95% CI 1.3-1.9; p = 0.02), 1.5
(95% CI 1.1-2.0; p = 0.01) and 1.4 (95% CI 1.0-1.9; p = 0.04).
"""


def findings() -> list[Finding]:
    return [f for text in (TABLE, SAID) for f in audit(text, unusual=True)]


def test_explanations_of_a_table_and_of_sentences() -> None:
    found = findings()
    assert {"counts.percentage", "counts.sum", "counts.fraction", "tests.statistic"} <= {
        f.id for f in found
    }
    assert sum(map(recomputed, found)) > 20
    assert [u for f in found for u in untrue(f)] == []


def test_a_false_explanation_is_noticed() -> None:
    noticed = 0
    for one in findings():
        for k, text in enumerate(one.arithmetic):
            digits = [i for i, c in enumerate(text) if c.isdigit()]
            changed = text[: digits[-1]] + str((int(text[digits[-1]]) + 5) % 10)
            changed += text[digits[-1] + 1 :]
            lines = (*one.arithmetic[:k], changed, *one.arithmetic[k + 1 :])
            noticed += bool(untrue(replace(one, arithmetic=lines)))
    assert noticed >= 7


def _of_corpus(papers: int) -> tuple[int, list[str]]:
    said, wrong = 0, []
    for item in SCRIPT.corpus(papers, seed=3):
        published, _ = extract(read_bytes(item.content, source=item.name))
        for finding in audit_published(published, source=item.name).findings:
            said += recomputed(finding)
            wrong += untrue(finding, published)
    return said, wrong


def test_explanations_on_synthetic_papers() -> None:
    said, wrong = _of_corpus(16)
    assert said > 10
    assert wrong == []


@pytest.mark.verify
def test_explanations_on_all_synthetic_papers() -> None:
    said, wrong = _of_corpus(240)
    assert said > 150
    assert wrong == []


@pytest.mark.verify
def test_explanations_on_real_papers() -> None:
    said, wrong = 0, []
    for path in sorted(shared_file("data", "papers").glob("*.nxml")):
        published, _ = extract(read_paper(path))
        for finding in audit_published(published, source=path.name).findings:
            said += recomputed(finding)
            wrong += [f"{path.stem} {u}" for u in untrue(finding, published)]
    assert said > 1000
    assert wrong == []

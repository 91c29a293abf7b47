"""The terminal says the numbers of a run as the manuscript does, in the style of every journal."""

from __future__ import annotations

import csv
import random
import re
import zipfile
from datetime import date, timedelta
from pathlib import Path

import pytest
from terminal import oncohort

from oncohort.protocol.number_style import NBSP
from oncohort.vocabulary.journals import JOURNALS

PROTOCOL = """
[study]
schema = 1
title = "A made-up study"
data = "data.csv"
synthetic = true
[response]
source = "charted"
[endpoints.os]
[style]
journal = "JOURNAL"
"""


@pytest.mark.parametrize("journal", list(JOURNALS))
def test_terminal_and_manuscript_say_the_same(
    journal: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    draw = random.Random(5)
    rows = []
    for i in range(42):
        start = date(2015, 1, 5) + timedelta(days=9 * i)
        last = start + timedelta(days=60 + draw.randrange(700))
        dead = draw.random() < 0.7
        rows.append(
            {
                "patient": f"P{i}", "treatment_start": start, "last_contact": last,
                "vital_status": "dead" if dead else "alive", "death_date": last if dead else "",
                "best_response": ["CR", "PR", "SD", "PD"][draw.randrange(4)],
            }
        )  # fmt: skip
    with (tmp_path / "data.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    (tmp_path / "study.toml").write_text(PROTOCOL.replace("JOURNAL", journal))
    done = oncohort(capsys, "run", tmp_path)
    assert done.code == 0, done.err
    with zipfile.ZipFile(tmp_path / "results" / "manuscript.docx") as packed:
        xml = packed.read("word/document.xml").decode()
    paper = re.sub("<[^>]+>", "", xml).replace(NBSP, " ")
    told = done.out + done.err
    (rate,) = re.findall(r"Objective response \d+ of \d+, (.*)", told)
    (median,) = re.findall(r"Overall survival: median (.*), \d+ events", told)
    paper = paper.replace("confidence interval [CI]", "CI").replace("confidence interval", "CI")
    for words in (rate, median):
        assert re.search(r"\d.*\(.*\d.*\d.*\)", words), words
        assert words in paper, (words, journal)

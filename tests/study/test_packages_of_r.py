"""Data sets of the packages that come with R, from the file to the figures, against R itself.

None of them is kept here: R writes each to a file when the test runs.
"""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from oncohort.study.answering import answer
from oncohort.study.new import new_study
from oncohort.study.study import read_study

MONTH = {"days": 30.4375, "weeks": 30.4375 / 7, "months": 1.0, "years": 1 / 12}
FIRST, LAST = "d[!duplicated(d$id), ]", "d[!duplicated(d$id, fromLast = TRUE), ]"
CODES = "1 = event, 2 = censored, 3 = censored"


@dataclass(frozen=True)
class Public:
    """A data set, its answers, and in R its time, its event and the rows that count."""

    name: str
    package: str
    answers: dict[str, str]
    time: str
    event: str
    unit: str = "days"
    rows: str = "d"
    endpoint: str = field(default="os")


SEX = {"sex": "1 = male"}
SETS = [
    Public(
        "lung",
        "survival",
        {"endpoint": "os, 2, days", "is_kps": "no", **SEX},
        "time",
        "status == 2",
    ),
    Public("ovarian", "survival", {"os": "1, days"}, "futime", "fustat == 1"),
    Public("aml", "survival", {"endpoint": "os, 1, weeks"}, "time", "status == 1", "weeks"),
    Public(
        "kidney",
        "survival",
        {"rows_per_patient": "first", "endpoint": "os, 1, days", **SEX},
        "time",
        "status == 1",
        rows=FIRST,
    ),
    Public("mgus", "survival", {"os": "1"}, "futime", "death == 1"),
    Public("myeloid", "survival", {"os": "1, days"}, "futime", "death == 1"),
    Public("gbsg", "survival", {"rfs": "1"}, "rfstime", "status == 1", endpoint="rfs"),
    Public("veteran", "survival", {"endpoint": "os, 1, days"}, "time", "status == 1"),
    Public(
        "heart",
        "survival",
        {"rows_per_patient": "last", "endpoint": "os, 1, days"},
        "stop",
        "event == 1",
        rows=LAST,
    ),
    Public("jasa", "survival", {"os": "1, days"}, "futime", "fustat == 1"),
    Public("stanford2", "survival", {"endpoint": "os, 1, days"}, "time", "status == 1"),
    Public("udca1", "survival", {"os": "1, days"}, "futime", "status == 1"),
    Public(
        "retinopathy",
        "survival",
        {"rows_per_patient": "each", "os": "1, months"},
        "futime",
        "status == 1",
        "months",
    ),
    Public(
        "bladder2",
        "survival",
        {"rows_per_patient": "first", "endpoint": "rfs, 1, months"},
        "stop",
        "event == 1",
        "months",
        FIRST,
        "rfs",
    ),
    Public("Melanoma", "MASS", {"endpoint": f"os, {CODES}", **SEX}, "time", "status == 1"),
    Public("VA", "MASS", {"endpoint": "os, 1, days"}, "stime", "status == 1"),
    Public("gehan", "MASS", {"endpoint": "os, 1, weeks"}, "time", "cens == 1", "weeks"),
    Public("channing", "boot", {"endpoint": "os, 1, months"}, "time", "cens == 1", "months"),
]
TRUTH = """
suppressMessages(library(survival))
e <- new.env()
for (set in c("{name}", "cancer", "heart", "udca")) for (package in c("survival", "{package}"))
  if (!exists("{name}", envir = e, inherits = FALSE))
    suppressWarnings(data(list = set, package = package, envir = e))
d <- get("{name}", envir = e)
write.csv(d, "{file}", row.names = FALSE, na = "")
d <- {rows}
s <- summary(survfit(Surv(d${time}, d${event}) ~ 1))$table
cat(s[["records"]], s[["events"]], s[["median"]])
"""


@pytest.mark.verify
@pytest.mark.skipif(shutil.which("Rscript") is None, reason="no R here")
@pytest.mark.parametrize("one", SETS, ids=lambda s: s.name)
def test_a_data_set_of_r_gives_the_figures_of_r(one: Public, tmp_path: Path) -> None:
    file = tmp_path / f"{one.name}.csv"
    script = TRUTH.format(
        name=one.name, package=one.package, file=file, rows=one.rows, time=one.time, event=one.event
    )
    done = subprocess.run(["Rscript", "-e", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    n, events, median = done.stdout.split()
    made = new_study(tmp_path / "study", file)
    assert {q.name for q in made.questions} == set(one.answers)
    for question in made.questions:
        answer(made.folder, question.name, one.answers[question.name])
    results = read_study(made.folder).run()
    found = f"survival.{one.endpoint}"
    assert results[f"{found}.n"].value == float(n)
    assert results[f"{found}.events"].value == float(events)
    expected = None if median == "NA" else pytest.approx(float(median) / MONTH[one.unit], rel=1e-8)
    assert results[f"{found}.median"].value == expected

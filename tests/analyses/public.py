"""Studies of public data: the tables that `r/public_data.R` wrote, as charts."""

from __future__ import annotations

from pathlib import Path

import oncohort as oc
from oncohort.study.results import Results

FIXTURES = Path(__file__).parent / "fixtures"

PBC = """
[study]
schema = 1
title = "Primary biliary cirrhosis"
data = "pbc.csv"
time_unit = "days"
[tables.patients]
columns = { patient = "id" }
codes.sex = { f = "female", m = "male" }
[endpoints.os]
time = "time"
event = "dead"
event_value = 1
"""
"""Mayo Clinic trial of D-penicillamine and its other patients, 1974 to 1984 (survival::pbc)."""

DLBCL = """
[study]
schema = 1
title = "Diffuse large B-cell lymphoma"
data = "dlbcl.csv"
[tables.patients]
columns = { patient = "DLCLid" }
[endpoints.os]
time = "time"
event = "cens"
event_value = 1
"""
"""42 patients of Alizadeh et al. 2000, Nature 403:503 (maxstat::DLBCL)."""


def study(folder: Path, head: str, text: str) -> oc.Study:
    """The study of a table with the sections of `text`."""
    name = next(n for n in ("pbc.csv", "dlbcl.csv", "colon.csv") if n in head)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes((FIXTURES / name).read_bytes())
    (folder / "study.toml").write_text(head + text, encoding="utf-8")
    return oc.read_study(folder)


def run(folder: Path, head: str, text: str) -> Results:
    return study(folder, head, text).run()


COLON = """
[study]
schema = 1
title = "Adjuvant treatment of colon cancer"
data = "colon.csv"
time_unit = "days"
[tables.patients]
columns = { patient = "id" }
[endpoints.os]
time = "time"
event = "status"
event_value = 1
"""
"""929 patients of Moertel et al. 1990, N Engl J Med 322:352: deaths (survival::colon)."""

"""Three synthetic hospitals to try a consortium with: tables and a plan."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from oncohort.consortium.errors import SiteError
from oncohort.problems import Place, problem
from oncohort.whole_folders import whole_folder

PATIENTS = {"north": 120, "south": 90, "west": 60}
PLAN = """\
# What the three hospitals ask each other. Every site reads this before it answers.

[consortium]
schema = 1
name = "three-hospitals"
title = "Three synthetic hospitals"
sites = ["north", "south", "west"]

[disclosure]
minimum = 5            # no number about fewer patients
queries = 100          # answers of a site at most

[times]
unit = "months"
grid = 1               # life tables leave in steps of a month

[variables.age]
kind = "number"
unit = "years"
bins = [50, 60, 70]

[variables.sex]
kind = "category"
levels = ["f", "m"]

[variables.arm]
kind = "category"
levels = ["a", "b"]

[variables.response]
kind = "category"
levels = ["cr", "pr", "sd", "pd"]

[endpoints.os]
event_value = 1

[analyses.patients]
title = "Patients"
kind = "table"
variables = ["age", "sex"]
by = "arm"

[analyses.orr]
title = "Objective response"
kind = "rate"
variable = "response"
levels = ["cr", "pr"]
by = "arm"

[analyses.os]
title = "Overall survival"
kind = "survival"
endpoint = "os"
by = "arm"
times = [12, 24]

[analyses.arms]
title = "Arms"
kind = "logrank"
endpoint = "os"
by = "arm"

[analyses.model]
title = "Prognosis"
kind = "cox"
endpoint = "os"
covariates = ["age", "sex", "arm"]
"""


def write_demo(folder: Path) -> Path:
    """Write `consortium.toml` and a table for each hospital; every patient is made up.

    Raises
    ------
    SiteError
        The folder holds something.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        reason = "The folder holds something; it is left as it is."
        raise SiteError(
            "", [problem("consortium.site", place=Place(file=str(folder)), reason=reason)]
        )
    with whole_folder(folder) as made:
        _write(made)
    return folder


def _write(folder: Path) -> None:
    for seed, (site, n) in enumerate(PATIENTS.items()):
        rng = np.random.default_rng(seed)
        age = np.round(rng.normal(62, 9, n), 1)
        sex, arm = rng.integers(0, 2, n), rng.integers(0, 2, n)
        rate = 0.05 * np.exp(0.02 * (age - 62) - 0.2 * sex - 0.5 * arm) * (1 + 0.3 * seed)
        died, followed = rng.exponential(1 / rate), rng.uniform(6, 40, n)
        response = rng.choice(["cr", "pr", "sd", "pd"], n, p=[0.12, 0.28, 0.35, 0.25])
        lines = ["id,age,sex,arm,response,os_time,os_event"]
        lines += [
            f"{site[0].upper()}{i + 1:03},{age[i]},{'fm'[sex[i]]},{'ab'[arm[i]]},{response[i]},"
            f"{min(died[i], followed[i]):.1f},{int(died[i] <= followed[i])}"
            for i in range(n)
        ]
        (folder / f"{site}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")
    (folder / "consortium.toml").write_text(PLAN, encoding="utf-8", newline="\n")

"""Missing values on awkward data: nothing to impute from, nothing missing, doubts said."""

from __future__ import annotations

from typing import Any

import pytest
from cohorts import cohort, patients

from oncohort.analyses import missing, prognosis
from oncohort.analyses.result import Numbers, Result
from oncohort.problems import ProtocolError

TEXT = (
    "[endpoints.os]\n[variables.stage]\nlevels = { a = 'A', b = 'B' }\n[variables.crp]\n"
    "kind = 'continuous'\n[prognosis]\ncandidates = ['stage', 'crp']\n[missing]\nimputations = 5\n"
)
N = 30


def run(text: str = TEXT, **columns: list[Any]) -> tuple[Numbers, list[Result]]:
    base: dict[str, list[Any]] = {
        "days": [40 + (i * 37) % 301 for i in range(N)],
        "dead": [i % 4 != 0 for i in range(N)],
        "stage": ["ab"[i % 2] for i in range(N)],
        "crp": [float((i * 11) % 17) for i in range(N)],
    }
    p, c = cohort(text, patients(N, **base | columns))
    done = [r for r in (prognosis.analyse(p, c), missing.analyse(p, c)) if r is not None]
    return Numbers(done), done


def gaps(values: list[Any], every: int) -> list[Any]:
    return [None if i % every == 0 else v for i, v in enumerate(values)]


def test_nothing_missing_leaves_complete_cases_alone() -> None:
    n, _ = run()
    assert not [k for k in n if "imputed" in k]
    assert n["missing.complete.percent"].value == 100


def test_a_variable_without_any_value_is_not_estimable_with_its_reason() -> None:
    n, _ = run(crp=[None] * N)
    ratio = n["prognosis.os.hr[model=imputed,variable=crp]"]
    assert ratio.state == "not_estimable" and "no value at all" in ratio.note
    assert n["missing.values.percent[variable=crp]"].value == 100


def test_gaps_are_filled_and_doubts_are_said() -> None:
    crp = gaps([float((i * 11) % 17) for i in range(N)], 3)
    n, done = run(crp=crp)
    assert n["prognosis.os.n[model=imputed]"].value == N
    assert n["prognosis.os.hr[model=imputed,variable=crp]"].value is not None
    found = [p.id for r in done for p in r.problems]
    assert "missing.few-imputations" in found and "missing.mostly" not in found
    mostly = [v if i % 3 == 1 else None for i, v in enumerate(range(N))]
    _, done = run(crp=mostly)
    assert "missing.mostly" in [p.id for r in done for p in r.problems]


def test_no_event_is_said() -> None:
    n, _ = run(dead=[False] * N, crp=gaps(list(range(N)), 3))
    assert n["prognosis.os.hr[model=imputed,variable=crp]"].note == "no event"


def test_a_level_without_events_is_not_pooled_in_silence() -> None:
    stage = gaps(["b" if i % 4 == 0 else "a" for i in range(N)], 7)
    n, _ = run(stage=stage)
    ratio = n["prognosis.os.hr[model=imputed,variable=stage]"]
    assert ratio.value is not None or "imputed data sets" in ratio.note


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("imputations = 1", "no spread to pool"),
        ("imputations = 0\nauxiliary = ['crp']", "auxiliary variables"),
        ("imputations = 5\nauxiliary = ['crq']", "no variable"),
    ],
)
def test_a_section_that_can_not_be_is_an_error(text: str, complaint: str) -> None:
    with pytest.raises(ProtocolError, match=complaint):
        run(TEXT.replace("imputations = 5", text))


def test_imputation_needs_a_model() -> None:
    with pytest.raises(ProtocolError, match="no \\[prognosis\\]"):
        run("[endpoints.os]\n[variables.crp]\n[missing]\nimputations = 5\n")

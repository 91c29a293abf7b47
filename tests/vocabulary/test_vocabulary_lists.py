"""Lists of names stand once: what can be asked for is what there is."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from oncohort import criteria
from oncohort.criteria import calcium, imdc, label, mskcc, performance
from oncohort.criteria.ctcae.versions import version_of
from oncohort.criteria.risk.cohort import RiskModel
from oncohort.displays.styles import style_of
from oncohort.problems import ProtocolError
from oncohort.protocol import Protocol, parse_protocol
from oncohort.vocabulary.derivations import DERIVATIONS
from oncohort.vocabulary.journals import JOURNALS
from oncohort.vocabulary.times import DAYS_PER_UNIT, TimeUnit
from oncohort.vocabulary.versions import CTCAE_VERSIONS, DRUG_LABELS, CalciumFormula, EcogMap

HEAD = '[study]\nschema = 1\ntitle = "A study"\ndata = "x.csv"\n'


def styled(journal: str) -> Protocol:
    return parse_protocol(f'{HEAD}[style]\njournal = "{journal}"\n')


@pytest.mark.parametrize("journal", JOURNALS)
def test_every_journal_can_be_asked_for_and_has_its_own_name(journal: str) -> None:
    style = style_of(styled(journal).style)
    assert (style.key, style.name) == (journal, JOURNALS[journal]["name"])


def test_a_journal_that_there_is_not_is_an_error_with_the_nearest() -> None:
    with pytest.raises(ProtocolError, match="annals"):
        styled("anals")


def test_labels_of_drugs_are_those_in_the_folder() -> None:
    folder = Path(criteria.__file__).parent / "labels"
    assert sorted(DRUG_LABELS) == sorted(p.stem for p in folder.glob("*.toml"))
    assert all(label.label(name).rules for name in DRUG_LABELS)


def test_versions_of_ctcae_are_those_with_rules() -> None:
    folder = Path(criteria.__file__).parent / "ctcae" / "data"
    for kind in ("terms_*.csv", "labs_*.toml"):
        found = sorted(p.stem.partition("_")[2] for p in folder.glob(kind))
        assert found == sorted(CTCAE_VERSIONS)
    assert all(version_of(v) == v for v in CTCAE_VERSIONS)


def test_maps_formulas_and_units_are_those_that_are_carried_out() -> None:
    assert set(get_args(EcogMap)) == set(performance.MAPS)
    assert set(get_args(CalciumFormula)) == set(calcium.FORMULA_TEXT)
    assert set(get_args(TimeUnit)) == set(DAYS_PER_UNIT)


@pytest.mark.parametrize(
    ("name", "model"),
    [
        ("imdc", imdc.MODEL),
        ("mskcc", mskcc.FIRST_LINE_MODEL),
        ("mskcc_second_line", mskcc.SECOND_LINE_MODEL),
    ],
)
def test_a_score_rests_on_the_tests_that_it_judges(name: str, model: RiskModel) -> None:
    judged = {factor.analyte for factor in model.labs}
    # Calcium is corrected by albumin, or charted as corrected.
    assert set(DERIVATIONS[name].tests) == judged | {"albumin", "calcium_corrected"}

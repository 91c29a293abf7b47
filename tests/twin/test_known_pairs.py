"""What a certificate proves of pairs that were missed: never against a cohort that has them."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from oncohort.published.model import Categorical, Level, Population, Published, Ratio
from oncohort.stats import cox
from oncohort.twin.job import example
from oncohort.twin.known_pairs import conflicts, pairs_of, ranges, reasons
from oncohort.twin.plan import make_plan
from oncohort.twin.tries import unsearched


def _printed(rng: np.random.Generator, n: int, ones: int) -> tuple[Ratio, int]:
    """A ratio with its p of random patients, and the number of events."""
    while True:
        x = (rng.permutation(n) < ones).astype(float)
        event = rng.random(n) < 0.6
        if event[x > 0].any() and event[x == 0].any():
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # few events, as asked
                fit = cox(np.arange(1.0, n + 1), event, x[:, None])
            if fit.hr[0] > 0.05 and fit.p[0] > 0.001 and fit.hr[0] < 20:
                ratio = Ratio(
                    "arm", "HR", "OS", "univariable", "a versus b", "a", "b",
                    f"{fit.hr[0]:.2f}", p=f"{fit.p[0]:.2f}", population="cohort",
                )  # fmt: skip
                return ratio, int(event.sum())


@pytest.mark.parametrize("seed", range(6))
def test_a_pair_that_patients_have_is_never_excluded(seed: int) -> None:
    rng = np.random.default_rng([seed, 4])
    n, ones = int(rng.integers(12, 31)), int(rng.integers(3, 9))
    ratio, events = _printed(rng, n, ones)
    levels = (Level("a", str(ones)), Level("b", str(n - ones)))
    published = Published(
        populations=(Population("cohort", n=str(n)),),
        variables=(Categorical("arm", levels, "cohort"),),
        ratios=(ratio,),
    )
    plan = make_plan(published)
    (pair,) = pairs_of(plan, unsearched(plan.question, 1).cohort)
    assert pair.sizes == (ones, n - ones)
    assert events in pair.able
    said = reasons([pair], {"os": events, "pfs": events})
    assert all("no order" not in why and "there are" not in why for why in said.values())
    assert conflicts([pair, pair]) == ()


def test_the_built_in_twin_says_what_its_missed_pairs_need() -> None:
    certificate = example("lung_metastases").certificate
    missed = [x for x in certificate.lines if x.state == "missed" and ".univariable." in x.key]
    assert missed and all("without tied times needs" in x.why for x in missed)
    sex = certificate["ratios.pfs.univariable.sex.male.p"].why
    assert (
        "30 against 12 patients without tied times needs 40 to 42 events, and there are 37" in sex
    )
    apart = [note for note in certificate.notes if "no cohort without tied times has both" in note]
    assert len(apart) == 3  # CRP, number and side of metastases; the split of age is open
    assert all("sex 1.32 with p 0.41 (40 to 42 events)" in note for note in apart)
    assert ranges((1, 3, 4)) == "1, 3 to 4"

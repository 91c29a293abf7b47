"""Papers of kinds that the development papers don't have: right ones, of which nothing is told."""

from __future__ import annotations

import pytest
from kinds import KINDS, jats

from oncohort.audit import audit_report
from oncohort.audit.finding import Certainty

pytestmark = pytest.mark.usefixtures("rules_alone")


@pytest.mark.parametrize("name", sorted(KINDS))
def test_nothing_is_told_aloud_of_a_right_paper(name: str) -> None:
    report = audit_report("\n" + jats(KINDS[name]()))
    loud = [f.headline for f in report.findings if f.certainty is not Certainty.UNUSUAL]
    assert loud == [] and not (report.error and report.read)


def test_there_are_sixty_kinds_and_most_of_their_figures_are_read() -> None:
    reads = {name: audit_report("\n" + jats(make())).read for name, make in KINDS.items()}
    assert len(KINDS) >= 60
    assert sum(n > 0 for n in reads.values()) >= 0.85 * len(KINDS), reads

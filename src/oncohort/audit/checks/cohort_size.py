"""The number of patients in the whole study, said differently in two parts of the paper."""

from __future__ import annotations

from itertools import combinations

from oncohort.audit.finding import Certainty, Finding, Log
from oncohort.published.model import Fact, Published

RULE = "A study includes one number of patients, unless the paper says why some were left out."


def check(published: Published, log: Log) -> None:
    """Compare the sizes of the whole cohort in abstract, methods, results and tables."""
    stated = [f for f in published.facts if f.kind == "cohort-size"]
    log.checked(*stated)
    parts: dict[tuple[str, str], set[str]] = {}
    for fact in stated:
        parts.setdefault((fact.where.section, fact.subject), set()).add(fact.value)
    if any(len(values) > 1 for values in parts.values()):
        # Two numbers in one part of a paper are taken to be of two populations.
        return
    if len({f.value for f in stated}) != 2:
        return
    for one, two in combinations(stated, 2):
        if one.subject == two.subject and _same_patients(one, two):
            _report(one, two, log)
            return


def _same_patients(one: Fact, two: Fact) -> bool:
    """Whether both are the whole cohort; a part that is larger than the whole shows it too."""
    small, large = sorted((one, two), key=lambda f: int(f.value))
    least, most = int(small.value), int(large.value)
    if least == most or 4 * (most - least) > most:
        # Numbers far apart are more likely of two populations than a misprint.
        return False
    return small.level in ("", large.level)


def _report(one: Fact, two: Fact, log: Log) -> None:
    log.add(
        Finding(
            "cohort_size.differs",
            Certainty.INCONSISTENT,
            f"The study has {one.value} patients in the {one.where.section} and {two.value} in "
            f"{two.where.table or 'the ' + two.where.section}",
            (one.where, two.where),
            RULE,
            (f"{one.value} is not {two.value}",),
            (),
            (),
            (
                "both statements are of all patients, and name no subgroup",
                "the paper was searched for words of exclusion, missing data, arms and other "
                "cohorts: it has none",
            ),
            (one.value, two.value),
        )
    )

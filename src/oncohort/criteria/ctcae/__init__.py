"""Common Terminology Criteria for Adverse Events, versions 3.0, 4.03 and 5.0.

Terms with their categories and the grades that exist, worst grades per patient, and grades of
laboratory values. A study uses one version; every grade carries it.
"""

from __future__ import annotations

from oncohort.criteria.ctcae.course import CONSEQUENCES, consequences, course
from oncohort.criteria.ctcae.events import ANY_EVENT, check_events, prepare, worst_grades
from oncohort.criteria.ctcae.grade import Grade, grade
from oncohort.criteria.ctcae.grade_labs import grade_labs
from oncohort.criteria.ctcae.lab_rules import LabRule, rules
from oncohort.criteria.ctcae.terms import Match, Term, concept, label, match, terms, wording
from oncohort.criteria.ctcae.versions import VERSIONS, CtcaeError, Version, version_of
from oncohort.criteria.ctcae.worst_labs import worst_lab_grades

__all__ = [
    "ANY_EVENT",
    "CONSEQUENCES",
    "VERSIONS",
    "CtcaeError",
    "Grade",
    "LabRule",
    "Match",
    "Term",
    "Version",
    "check_events",
    "concept",
    "consequences",
    "course",
    "grade",
    "grade_labs",
    "label",
    "match",
    "prepare",
    "rules",
    "terms",
    "version_of",
    "wording",
    "worst_grades",
    "worst_lab_grades",
]

"""Groups of evidence: which of them stand behind a number, and what each of them holds.

A group has a name such as ``variables.crp``, ``endpoints.os`` or ``safety.rash``, and rows of
evidence (`rows.SEEN`) that are made when somebody asks. A number has the groups of everything
that it was made from: of a hazard ratio that is the endpoint and the variable.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import polars as pl

from oncohort.analyses.safety import ANY
from oncohort.protocol.uses import uses
from oncohort.study.evidence import of_endpoints, of_flow, of_response, of_treatment, of_variables
from oncohort.study.evidence.rows import nothing

if TYPE_CHECKING:
    from oncohort.analyses.result import Key
    from oncohort.endpoints.cohort import Cohort
    from oncohort.study.study import Study

Groups = tuple[str, ...]
"""Names of groups, what a number is of first."""

_OF_RESPONSE = {
    "change": "response.change",
    "waterfall": "response.change",
    "reduced": "response.change",
    "onset": "response.duration",
    "duration": "response.duration",
    "discrepancies": "response.discrepancies",
}
_OF_ALL_DRUGS = ("stop", "ongoing", "time_on_treatment", "groups")


class Behind:
    """The evidence of a study: groups by name, made when asked for."""

    def __init__(self, study: Study, cohort: Cohort) -> None:
        self.study = study
        self.cohort = cohort
        self._made: dict[str, pl.DataFrame] = {}

    def __getitem__(self, name: str) -> pl.DataFrame:
        """The rows of a group, kept; none where the chart has nothing of it."""
        if name not in self._made:
            self._made[name] = self.make(name)
        return self._made[name]

    def make(self, name: str) -> pl.DataFrame:
        """The rows of a group, not kept."""
        kind, _, what = name.partition(".")
        return self._make(kind, what)

    def names(self, key: Key) -> Groups:
        """The groups behind a number; a group may turn out to hold nothing."""
        return tuple(dict.fromkeys([*self._subject(key), *self._variables(key)]))

    def of(self, key: Key) -> Groups:
        """The groups behind a number in which something was seen."""
        return tuple(name for name in self.names(key) if not self[name].is_empty())

    def lines(self, name: str, patient: str) -> list[str]:
        """What was seen in one patient, each phrase with its cell."""
        from oncohort.study.evidence.cells import with_places

        rows = self[name].filter(pl.col("patient") == patient)
        placed = with_places(rows, self.study.records)
        return [
            f"{text}; {place}" if place else text
            for text, place in placed.select("text", "place").iter_rows()
        ]

    def _subject(self, key: Key) -> Iterator[str]:
        """What the number is of: an endpoint, a response, a drug, a term, a criterion."""
        section, subject = key.section, key.path[1] if len(key.path) > 1 else ""
        meaning, protocol = self.cohort.meaning, self.study.protocol
        if section == "flow":
            yield from self._flow(subject)
        elif section == "response":
            yield _OF_RESPONSE.get(subject, "response.best")
        elif section == "exposure":
            yield "exposure_end" if subject in _OF_ALL_DRUGS else f"exposure.{subject}"
        elif section == "safety":
            yield from self._safety(key, subject)
        elif section == "labs":
            yield f"labs.{subject}"
        elif section == "survival" and subject == "follow_up":
            yield "follow_up"
        elif section == "sensitivity":
            yield f"sensitivity.{subject}|{key.get('rules') or ''}"
        elif section == "time_dependent" and subject in protocol.time_dependent:
            yield f"endpoints.{protocol.time_dependent[subject].endpoint}"
            yield f"time_dependent.{subject}"
        elif section == "historical":
            yield from self._historical(subject)
        elif section == "published":
            yield from self._published(subject)
        elif subject in protocol.outcomes and section in ("outcomes", "logistic"):
            yield from self._outcome(subject)
        elif subject in meaning.endpoints:
            yield f"endpoints.{subject}"

    def _flow(self, subject: str) -> Iterator[str]:
        steps = [step.key for step in self.cohort.steps]
        if subject in steps:
            yield f"flow.{subject}"
        elif subject == "included" and steps:
            yield from (f"flow.{step}" for step in steps)
        else:
            yield "source"

    def _safety(self, key: Key, subject: str) -> Iterator[str]:
        if subject == "treated":
            yield "treated"
        elif subject == "serious":
            yield "safety.serious"
        elif subject in (ANY, "class", "action", "groups", "deaths"):
            yield f"safety.{ANY}"
        else:
            yield f"safety.{subject}"

    def _historical(self, figure: str) -> Iterator[str]:
        from oncohort.analyses.standard_endpoints import standard_endpoints

        standard = standard_endpoints(self.cohort)
        if figure == "orr":
            yield "response.best"
        elif figure in standard:
            yield f"endpoints.{standard[figure]}"

    def _published(self, table: str) -> Iterator[str]:
        """What is behind the numbers that a paper's table is compared with."""
        protocol, meaning = self.study.protocol, self.cohort.meaning
        if table == "safety":
            yield f"safety.{ANY}"
        elif table == "outcomes":
            yield "response.best"
            yield "exposure_end"
            yield from (f"endpoints.{e}" for e in meaning.endpoints)
        else:
            named = protocol.baseline.variables if protocol.baseline else []
            if table == "prognosis" and protocol.prognosis:
                named = protocol.prognosis.candidates
                yield from (f"endpoints.{e}" for e in meaning.endpoints)
            yield from (f"variables.{v}" for v in named if v in meaning.variables)

    def _outcome(self, key: str) -> Iterator[str]:
        declared = self.study.protocol.outcomes[key]
        if declared.of == "response":
            yield "response.best"
        elif declared.of == "adverse_event":
            yield f"safety.{declared.term or ANY}"
        elif declared.of == "dose":
            yield f"exposure.{declared.drug}"
        elif declared.variable:
            yield f"variables.{declared.variable}"

    def _variables(self, key: Key) -> Iterator[str]:
        """The variables that the number is of, or that its groups are made by."""
        known = self.cohort.meaning.variables
        named = [*key.path[1:], *(value for _, value in key.levels)]
        for word in named:
            for one in word.split("*"):
                if one in known:
                    yield f"variables.{one}"
        if key.section in ("arms", "propensity", "missing"):
            for use in uses(self.study.protocol):
                grouped = use.how == "groups" or key.section == "missing"
                here = key.id == use.part or key.id.startswith((use.part + ".", use.part + "["))
                if grouped and here and use.variable in known:
                    yield f"variables.{use.variable}"

    def _make(self, kind: str, what: str) -> pl.DataFrame:
        """The rows of a group."""
        protocol, cohort = self.study.protocol, self.cohort
        if kind == "source":
            return of_flow.evidence_of_source(self.study.records.tables)
        if kind == "flow":
            return of_flow.evidence_of_criterion(protocol, cohort, self.study.records.tables, what)
        if kind == "variables":
            return of_variables.evidence_of_variable(protocol, cohort, what)
        if kind == "endpoints":
            return of_endpoints.evidence_of_endpoint(protocol, cohort, what)
        if kind == "follow_up":
            return of_endpoints.evidence_of_follow_up(cohort)
        if kind == "sensitivity":
            key, _, rules = what.partition("|")
            return of_endpoints.evidence_of_sensitivity(cohort, key, rules)
        if kind == "time_dependent":
            return of_endpoints.evidence_of_change(protocol, cohort, what)
        if kind == "response":
            return self._response(what)
        return self._treatment(kind, what)

    def _response(self, what: str) -> pl.DataFrame:
        protocol, cohort = self.study.protocol, self.cohort
        if what == "change":
            return of_response.evidence_of_change(protocol, cohort)
        if what == "duration":
            return of_response.evidence_of_duration(protocol, cohort)
        if what == "discrepancies":
            return of_response.evidence_of_discrepancies(cohort)
        return of_response.evidence_of_response(protocol, cohort)

    def _treatment(self, kind: str, what: str) -> pl.DataFrame:
        protocol, cohort = self.study.protocol, self.cohort
        if kind == "exposure_end":
            return of_treatment.evidence_of_end(cohort)
        if kind == "exposure":
            return of_treatment.evidence_of_drug(protocol, cohort, what)
        if kind == "treated":
            return of_treatment.evidence_of_treated(cohort)
        if kind == "labs":
            return of_treatment.evidence_of_labs(protocol, cohort, what)
        if kind == "safety":
            keep = {ANY: None, "serious": pl.col("serious")}.get(what, pl.col("key") == what)
            return of_treatment.evidence_of_events(cohort, keep)
        return nothing()


def title_of(name: str, cohort: Cohort) -> str:
    """What a group is called above its rows."""
    kind, _, what = name.partition(".")
    if kind == "variables" and what in cohort.meaning.variables:
        return cohort.meaning.variables[what].label
    if kind == "endpoints" and what in cohort.meaning.endpoints:
        return cohort.meaning.endpoints[what].label
    return ""

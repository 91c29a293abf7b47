"""Which results can't be trusted where a column is wrong: the prefixes that a problem blocks."""

from __future__ import annotations

from oncohort.protocol import Protocol
from oncohort.protocol.analysis import Endpoint

_EVENT_COLUMNS = {
    "progression": ("progression_date",),
    "death": ("death_date", "vital_status"),
    "next_therapy": (),
    "clinical_progression": ("progression_date",),
    "treatment_end": ("treatment_end",),
    "toxicity": ("treatment_end", "treatment_end_reason"),
}


_BY_NAME: dict[str, tuple[str, ...]] = {
    "os": ("death",),
    "pfs": ("progression", "death"),
    "ttp": ("progression",),
    "efs": ("progression", "death"),
    "dfs": ("progression", "death"),
    "rfs": ("progression", "death"),
}
"""What counts as the event where the protocol leaves it to the endpoint's name."""


def events_of(name: str, endpoint: Endpoint) -> tuple[str, ...]:
    """The events of a dated endpoint, as declared or as its name says."""
    if endpoint.reduced:
        return ()
    return tuple(endpoint.events) or _BY_NAME.get(name, ())


def _endpoint(name: str) -> set[str]:
    return {f"survival.{name}", f"prognosis.{name}"}


def _variables(protocol: Protocol, names: set[str]) -> set[str]:
    """Results that rest on these variables, or on those that cut or group them."""
    grown = True
    while grown:
        more = {k for k, v in protocol.variables.items() if v.source in names} - names
        grown = bool(more)
        names |= more
    out: set[str] = set()
    if protocol.baseline:
        out |= {f"baseline.{n}" for n in names & set(protocol.baseline.variables)}
        if protocol.baseline.by in names:
            out.add("baseline")
    if protocol.prognosis:
        used = set(protocol.prognosis.candidates) | set(protocol.prognosis.multivariable)
        if names & used:
            out |= {f"prognosis.{e}" for e in protocol.prognosis.endpoints}
    return out


def _progression_endpoints(protocol: Protocol) -> set[str]:
    out: set[str] = set()
    for name, endpoint in protocol.endpoints.items():
        if "progression" in events_of(name, endpoint):
            out |= _endpoint(name)
    return out


def blocked_by(protocol: Protocol, table: str, column: str) -> tuple[str, ...]:
    """Prefixes of the results that rest on a column of a record table, sorted.

    Parameters
    ----------
    table, column
        Names in the record tables; for covariates of ``patients`` the column's own name.
    """
    out: set[str] = set()
    if table == "patients":
        for name, e in protocol.endpoints.items():
            if e.reduced:
                used = {e.time, e.event}
            else:
                events = events_of(name, e)
                used = {e.origin, "last_contact"}
                used |= {c for v in events for c in _EVENT_COLUMNS.get(v, ())}
            if column in used:
                out |= _endpoint(name)
        if column == "best_response" and protocol.response:
            out |= {"response"} if protocol.response.source == "charted" else set()
        if protocol.response and column == protocol.response.best_change:
            out |= {"response.waterfall", "response.change", "response.reduced"}
        if column == "treatment_start" and protocol.exposure:
            out.add("exposure")
        named = {
            k
            for k, v in protocol.variables.items()
            if not v.derive and not v.source and (v.column or k) == column
        }
        if column in ("age", "birth_date"):
            named |= {k for k, v in protocol.variables.items() if v.derive == "age"}
        out |= _variables(protocol, named)
    elif table in ("lesions", "assessments"):
        if protocol.response and protocol.response.source == table:
            out |= {"response"} | _progression_endpoints(protocol)
    elif table == "adverse_events":
        out |= {"safety"} if protocol.safety else set()
    elif table == "doses":
        out |= {"exposure"} if protocol.exposure else set()
    elif table in ("labs", "performance", "sites"):
        kinds = {
            "labs": {"lab", "imdc", "mskcc", "mskcc_second_line", "egfr"},
            "performance": {"performance", "imdc", "mskcc", "mskcc_second_line"},
            "sites": {"sites"},
        }[table]
        out |= _variables(protocol, {k for k, v in protocol.variables.items() if v.derive in kinds})
    if any(c.table == table and c.column == column for c in protocol.eligibility.criteria):
        out.add("flow")
    return tuple(sorted(out))

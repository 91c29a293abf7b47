"""Cut-points that were found by the outcome, and are tested on the same patients."""

from __future__ import annotations

from collections.abc import Iterator

from oncohort.checks.rule import Data, rule
from oncohort.problems import Place, Problem, problem
from oncohort.protocol.cut_rules import cut_on_outcome
from oncohort.protocol.uses import uses

DESCRIBED = ("baseline", "response", "safety", "exposure", "cutpoints")
"""Sections that compare no outcome of follow-up by group."""
_RULES = {"roc": "by its ROC curve", "max_logrank": "by the largest log-rank statistic"}


@rule("variables.double-dipping")
def double_dipping(data: Data) -> Iterator[Problem]:
    """Groups that the outcome made, in a model or a test of an outcome.

    Curves by such a group are drawn, and their log-rank test is the corrected one; in a model
    there is no correction.
    """
    protocol = data.protocol
    parts: dict[tuple[str, str], list[str]] = {}
    for use in uses(protocol):
        section = use.part.partition(".")[0]
        drawn = section == "survival" and use.how == "groups"
        if use.how == "row" or drawn or section in DESCRIBED:
            continue
        if cut_on_outcome(protocol, use.variable) is not None:
            parts.setdefault((use.variable, use.key), []).append(use.part)
    for (name, key), blocks in parts.items():
        searched = protocol.variables[str(cut_on_outcome(protocol, name))]
        yield problem(
            "variables.double-dipping",
            place=Place(file="study.toml", key=key),
            blocks=tuple(dict.fromkeys(blocks)),
            name=name,
            key=f"[{key.partition('.')[0]}]",
            endpoint=str(searched.endpoint).upper(),
            rule=_RULES[str(searched.cut_by)],
            source=searched.source,
        )


@rule("variables.searched-groups")
def searched_groups(data: Data) -> Iterator[Problem]:
    """Differences between groups that were made so that they differ."""
    protocol = data.protocol
    for key, endpoint in protocol.endpoints.items():
        asked = {
            "restricted_mean": bool(endpoint.restricted_mean),
            "differences": endpoint.differences,
            "trend": bool(endpoint.trend),
        }
        for name in endpoint.by:
            searched = cut_on_outcome(protocol, name)
            wanted = [k for k, there in asked.items() if there]
            if searched is None or not wanted:
                continue
            yield problem(
                "variables.searched-groups",
                place=Place(file="study.toml", key=f"endpoints.{key}.{wanted[0]}"),
                name=name,
                wanted=wanted,
                endpoint=str(protocol.variables[searched].endpoint).upper(),
            )

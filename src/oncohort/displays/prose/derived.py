"""How derived variables were made: for the methods."""

from __future__ import annotations

import re

from oncohort.displays.lookup import Lookup
from oncohort.displays.spans import Piece, Spans, say, sentences
from oncohort.displays.words import up_first
from oncohort.protocol.derived import FORMULAS, formula_words
from oncohort.vocabulary.indices import INDICES
from oncohort.vocabulary.powers import raised


def _printed(formula: str) -> str:
    """A formula for readers: units in round brackets, no sign of where a value stands."""
    plain = re.sub(r"\blab\.", "", formula).replace('"', "")
    return raised(re.sub(r"(?<!\s)\s*+\[([^\[\]]+)\]", r" (\1)", plain))


def derived(lookup: Lookup) -> Spans:
    """Each derived variable with its formula, and the paper that a published score comes from."""
    out: list[Piece] = []
    for key, variable in lookup.protocol.variables.items():
        if variable.derive not in FORMULAS or key not in lookup.context.variables:
            continue
        name = up_first(lookup.variable(key))
        words = _printed(formula_words(variable))
        index = INDICES.get(str(variable.derive))
        source = variable.origin or (index.source if index is not None else "")
        cited = f" ({source})" if source else ""
        if variable.derive == "duration":
            until, since = (d.replace("_", " ") for d in (variable.until, variable.since))
            out.append(say("{n} is the time from {s} to {u}.", n=name, s=since, u=until))
        elif variable.when or (index is not None and index.when):
            out.append(
                say(
                    "{n} was taken from conditions asked in this order: {w}{c}.",
                    n=name,
                    w=words,
                    c=cited,
                )
            )
        else:
            out.append(say("{n} was calculated as {w}{c}.", n=name, w=words, c=cited))
    return sentences(*out)

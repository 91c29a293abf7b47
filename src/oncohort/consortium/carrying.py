"""The two ends as an engine calls them: texts in, plain dictionaries out.

An engine shows its users what a function raises, so nothing is raised at a site: what is wrong with
its data stays there. The coordinator learns the name of the rule alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from oncohort.consortium.errors import SiteError
from oncohort.consortium.ledger import log
from oncohort.consortium.site import answer
from oncohort.problems import OncohortError, problem

RULE = re.compile(r"[a-z-]+\.[a-z-]+")


def carried_answer(folder: str | Path, request: str) -> dict[str, str]:
    """The sealed answer of a site as ``{"answer": text}``, or ``{"refused": rule}``.

    Parameters
    ----------
    folder
        Of the site.
    request
        The sealed request, as it came.
    """
    try:
        return {"answer": answer(Path(folder), request).text}
    except OncohortError as error:
        rules = [p.id for p in error.problems]
        return {"refused": rules[0] if rules else "consortium.site"}
    except Exception as error:  # noqa: BLE001 - an engine would show its text, and what it quotes
        log(Path(folder), f"failed: {type(error).__name__}: {error}\n")
        return {"refused": "consortium.site"}


def taken(replies: Mapping[str, object]) -> dict[str, str]:
    """Site to sealed answer, of what an engine brought back.

    Raises
    ------
    SiteError
        A site refused: its name and the rule.

    Examples
    --------
    >>> taken({"north": {"answer": "{}"}})
    {'north': '{}'}
    """
    out = {}
    for site, reply in replies.items():
        found = reply if isinstance(reply, dict) else {}
        text = found.get("answer")
        if not isinstance(text, str):
            rule = str(found.get("refused"))
            shown = rule if RULE.fullmatch(rule) else "no answer"
            raise SiteError("", [problem("consortium.refused", site=site, rule=shown)])
        out[site] = text
    return out

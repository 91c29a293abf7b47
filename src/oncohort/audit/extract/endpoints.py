"""Endpoints and models by the names that papers give them."""

from __future__ import annotations

import re

_ENDPOINTS: tuple[tuple[str, str], ...] = (
    (r"progression[- ]free survival|\bm?r?PFS\b", "PFS"),
    (r"overall survival|\bm?OS\b", "OS"),
    (r"disease[- ]free survival|\bDFS\b", "DFS"),
    (r"(?:recurrence|relapse)[- ]free survival|\bRFS\b", "RFS"),
    (r"metastas[ie]s[- ]free survival|\bMFS\b", "MFS"),
    (r"event[- ]free survival|\bEFS\b", "EFS"),
    (
        r"cancer[- ]specific (?:survival|mortality)|disease[- ]specific survival|\bCSS\b|\bDSS\b",
        "CSS",
    ),
    (r"time to (?:treatment failure|progression)|\bTT[FP]\b", "TTP"),
    (r"(?:objective |overall )?response rate|\bORR\b", "ORR"),
)


def endpoint_of(text: str) -> str:
    """The one endpoint that a text names; empty if none or several.

    Examples
    --------
    >>> endpoint_of("Progression-free survival (PFS)"), endpoint_of("PFS and OS")
    ('PFS', '')
    """
    found = {name for pattern, name in _ENDPOINTS if re.search(pattern, text, re.I)}
    return found.pop() if len(found) == 1 else ""


def endpoints_in(text: str) -> list[tuple[int, str]]:
    """Every mention of an endpoint: (where it starts, its name), in order.

    Examples
    --------
    >>> endpoints_in("PFS and overall survival (OS)")
    [(0, 'PFS'), (8, 'OS'), (26, 'OS')]
    """
    return sorted(
        (match.start(), name)
        for pattern, name in _ENDPOINTS
        for match in re.finditer(pattern, text, re.I)
    )


def model_of(text: str) -> str:
    """``univariable``, ``multivariable`` or empty."""
    one = bool(re.search(r"\buni-?varia|\bunadjusted|\bcrude\b", text, re.I))
    many = bool(re.search(r"\bmulti-?varia|\badjusted|\baHR\b", text, re.I)) and not re.search(
        r"\bunadjusted", text, re.I
    )
    if one == many:
        return ""
    return "univariable" if one else "multivariable"

"""Powers in units and formulas, as print sets them."""

from __future__ import annotations

import re

_RAISED = str.maketrans("0123456789-+", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺")
_POWER = re.compile(r"(?<=[\w)])\s?(?:\^|\*\*)\s?([-+]?\d{1,3})(?![\w.])")
_LENGTH = re.compile(r"(?<![^\W_])([cmdµμ]?m)([23])(?!\w)")
"""A length with its power and no sign between them: ``kg/m2``, ``/mm3``."""


def raised(text: str) -> str:
    """Powers raised: ``10^9/L``, ``kg/m2``.

    Examples
    --------
    >>> raised("10^9/L"), raised("kg/m2"), raised("/mm3"), raised("weight (kg) / height (m) ^ 2")
    ('10⁹/L', 'kg/m²', '/mm³', 'weight (kg) / height (m)²')
    >>> raised("mg/dL"), raised("x10^-3"), raised("M2"), raised("arm2")
    ('mg/dL', 'x10⁻³', 'M2', 'arm2')
    """
    text = _POWER.sub(lambda found: found[1].translate(_RAISED), text)
    return _LENGTH.sub(lambda found: found[1] + found[2].translate(_RAISED), text)

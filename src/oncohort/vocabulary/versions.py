"""Versions of the criteria that a study can follow."""

from __future__ import annotations

RESPONSE_CRITERIA = ("RECIST 1.1",)
CTCAE_VERSIONS = ("3.0", "4.03", "5.0")
"""Versions of the Common Terminology Criteria for Adverse Events with rules in `criteria/ctcae`."""

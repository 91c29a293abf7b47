"""Charts of the kind that strangers keep, each written by a script, with its truth (synthetic)."""

from __future__ import annotations

import charts_databases
import charts_languages
import charts_layouts
import charts_statuses
from cohort import CHARTS, Chart

__all__ = ["CHARTS", "Chart"]
assert charts_languages and charts_statuses and charts_layouts and charts_databases

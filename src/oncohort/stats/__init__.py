"""Survival statistics on arrays: numpy in, frozen dataclasses out; it knows no oncology.

Names are loaded when first used, so ``import oncohort.stats`` costs little more than numpy.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import Any

_EXPORTS = {
    "cox": "cox",
    "kaplan_meier": "curves",
    "nelson_aalen": "curves",
    "follow_up": "curves",
    "logrank": "rank_tests",
    "logrank_trend": "rank_tests",
    "logrank_pairwise": "rank_tests",
    "logrank_one_sample": "one_sample",
    "logrank_permutation": "permutation",
    "rmst": "restricted_mean",
    "cumulative_incidence": "competing_risks",
    "gray_test": "gray",
    "fine_gray": "subdistribution",
    "cause_specific_cox": "subdistribution",
    "adjust_p": "adjust",
    "proportion": "proportions",
    "proportion_difference": "proportions",
    "chi_squared": "comparisons",
    "compare": "comparisons",
    "fisher_exact": "comparisons",
    "kruskal_wallis": "comparisons",
    "mcnemar": "comparisons",
    "t_test": "comparisons",
    "wilcoxon": "comparisons",
    "concordance": "concordance",
    "ph_test": "ph_test",
    "baseline_hazard": "baseline",
    "predict_survival": "baseline",
    "schoenfeld": "residuals",
    "model_concordance": "concordance",
    "bootstrap_cox": "bootstrap",
    "validate_cox": "bootstrap",
}

__all__ = sorted(_EXPORTS)


class _Package(ModuleType):
    """Importing the submodule ``cox`` must not hide the function ``cox`` of the same name."""

    def __setattr__(self, name: str, value: Any) -> None:
        if name in _EXPORTS and isinstance(value, ModuleType):
            return
        super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package


def __getattr__(name: str) -> Any:
    if name not in _EXPORTS:
        raise AttributeError(f"module 'oncohort.stats' has no attribute {name!r}")
    module = import_module(f"oncohort.stats.{_EXPORTS[name]}")
    value = getattr(module, name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)

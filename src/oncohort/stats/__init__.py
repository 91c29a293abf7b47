"""Survival statistics on arrays: numpy in, frozen dataclasses out; it knows no oncology.

Names are loaded when first used, so ``import oncohort.stats`` costs little more than numpy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from oncohort.lazy_names import lazy_names

# For type checkers and editors; at run time names are loaded when first used.
if TYPE_CHECKING:
    from oncohort.stats.adjust import adjust_p as adjust_p
    from oncohort.stats.baseline import baseline_hazard as baseline_hazard
    from oncohort.stats.baseline import predict_survival as predict_survival
    from oncohort.stats.bootstrap_cox import bootstrap_cox as bootstrap_cox
    from oncohort.stats.bootstrap_cox import validate_cox as validate_cox
    from oncohort.stats.bootstrap_median import bootstrap_median as bootstrap_median
    from oncohort.stats.bootstrap_median import permutation_median as permutation_median
    from oncohort.stats.comparisons import anova as anova
    from oncohort.stats.comparisons import compare as compare
    from oncohort.stats.comparisons import kruskal_wallis as kruskal_wallis
    from oncohort.stats.comparisons import t_test as t_test
    from oncohort.stats.comparisons import wilcoxon as wilcoxon
    from oncohort.stats.concordance import concordance as concordance
    from oncohort.stats.concordance import model_concordance as model_concordance
    from oncohort.stats.contingency import chi_squared as chi_squared
    from oncohort.stats.contingency import fisher_exact as fisher_exact
    from oncohort.stats.contingency import mcnemar as mcnemar
    from oncohort.stats.cox import cox as cox
    from oncohort.stats.curves import follow_up as follow_up
    from oncohort.stats.curves import kaplan_meier as kaplan_meier
    from oncohort.stats.cutpoints import best_cut as best_cut
    from oncohort.stats.cutpoints import cutpoint as cutpoint
    from oncohort.stats.event_rate import event_rate as event_rate
    from oncohort.stats.fine_gray import cause_specific_cox as cause_specific_cox
    from oncohort.stats.fine_gray import fine_gray as fine_gray
    from oncohort.stats.gray import gray_test as gray_test
    from oncohort.stats.hazards import nelson_aalen as nelson_aalen
    from oncohort.stats.imputation import impute as impute
    from oncohort.stats.incidence import cumulative_incidence as cumulative_incidence
    from oncohort.stats.interval_censoring import impute_intervals as impute_intervals
    from oncohort.stats.interval_censoring import turnbull as turnbull
    from oncohort.stats.landmarks import landmark as landmark
    from oncohort.stats.landmarks import split_at_change as split_at_change
    from oncohort.stats.landmarks import time_dependent_response as time_dependent_response
    from oncohort.stats.logistic import logistic as logistic
    from oncohort.stats.nomogram import nomogram as nomogram
    from oncohort.stats.one_sample import logrank_one_sample as logrank_one_sample
    from oncohort.stats.permutation import logrank_permutation as logrank_permutation
    from oncohort.stats.ph_test import ph_test as ph_test
    from oncohort.stats.pooling import pool as pool
    from oncohort.stats.pooling import pool_test as pool_test
    from oncohort.stats.prediction import predict_performance as predict_performance
    from oncohort.stats.propensity import balance as balance
    from oncohort.stats.propensity import effective_size as effective_size
    from oncohort.stats.propensity import match_nearest as match_nearest
    from oncohort.stats.propensity import propensity_weights as propensity_weights
    from oncohort.stats.proportions import proportion as proportion
    from oncohort.stats.proportions import proportion_difference as proportion_difference
    from oncohort.stats.rank_contrasts import logrank_pairwise as logrank_pairwise
    from oncohort.stats.rank_contrasts import logrank_trend as logrank_trend
    from oncohort.stats.rank_tests import logrank as logrank
    from oncohort.stats.residuals import schoenfeld as schoenfeld
    from oncohort.stats.restricted_mean import rmst as rmst
    from oncohort.stats.roc_cut import roc_cut as roc_cut
    from oncohort.stats.splines import knots_of as knots_of
    from oncohort.stats.splines import restricted_cubic as restricted_cubic
    from oncohort.stats.standardized import standardized_difference as standardized_difference
    from oncohort.stats.survival_difference import survival_difference as survival_difference
    from oncohort.stats.time_roc import time_roc as time_roc
    from oncohort.stats.trend import jonckheere as jonckheere
    from oncohort.stats.trend import trend_test as trend_test

__all__, __getattr__, __dir__ = lazy_names(
    __name__,
    {
        "adjust": ["adjust_p"],
        "baseline": ["baseline_hazard", "predict_survival"],
        "bootstrap_cox": ["bootstrap_cox", "validate_cox"],
        "bootstrap_median": ["bootstrap_median", "permutation_median"],
        "comparisons": ["anova", "compare", "kruskal_wallis", "t_test", "wilcoxon"],
        "concordance": ["concordance", "model_concordance"],
        "contingency": ["chi_squared", "fisher_exact", "mcnemar"],
        "cox": ["cox"],
        "curves": ["follow_up", "kaplan_meier"],
        "cutpoints": ["best_cut", "cutpoint"],
        "event_rate": ["event_rate"],
        "fine_gray": ["cause_specific_cox", "fine_gray"],
        "gray": ["gray_test"],
        "hazards": ["nelson_aalen"],
        "imputation": ["impute"],
        "incidence": ["cumulative_incidence"],
        "interval_censoring": ["impute_intervals", "turnbull"],
        "landmarks": ["landmark", "split_at_change", "time_dependent_response"],
        "logistic": ["logistic"],
        "nomogram": ["nomogram"],
        "one_sample": ["logrank_one_sample"],
        "permutation": ["logrank_permutation"],
        "ph_test": ["ph_test"],
        "pooling": ["pool", "pool_test"],
        "prediction": ["predict_performance"],
        "propensity": ["balance", "effective_size", "match_nearest", "propensity_weights"],
        "proportions": ["proportion", "proportion_difference"],
        "rank_contrasts": ["logrank_pairwise", "logrank_trend"],
        "rank_tests": ["logrank"],
        "residuals": ["residuals", "schoenfeld"],
        "restricted_mean": ["rmst"],
        "roc_cut": ["roc_cut"],
        "splines": ["knots_of", "restricted_cubic"],
        "standardized": ["standardized_difference"],
        "survival_difference": ["survival_difference"],
        "time_roc": ["time_roc"],
        "trend": ["jonckheere", "trend_test"],
    },
)

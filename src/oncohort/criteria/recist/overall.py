"""The tables of RECIST 1.1 as expressions: target, non-target and overall response of a visit.

Each function takes and returns polars expressions, so that a rule is one vectorised step and can
be tried on a small table.
"""

from __future__ import annotations

import polars as pl

from .rules import RecistRules, hundredths


def is_progression(total: pl.Expr, nadir: pl.Expr, rules: RecistRules) -> pl.Expr:
    """Growth of the sum by at least 20 % and at least 5 mm over the nadir.

    Source: RECIST 1.1 (Eisenhauer 2009), 4.3.1. Lengths in integer hundredths of a millimetre, so
    the comparison is exact. The nadir is the smallest sum so far, baseline included.

    Examples
    --------
    >>> sums = pl.DataFrame({"sum": [2400, 2500, 6000], "nadir": [2000, 2000, 5000]})
    >>> grown = is_progression(pl.col("sum"), pl.col("nadir"), RecistRules())
    >>> sums.select(grown).to_series().to_list()
    [False, True, True]
    """
    growth = total - nadir
    return (growth * 100 >= nadir * rules.progression_percent) & (
        growth >= hundredths(rules.progression_mm)
    )


def is_response(total: pl.Expr, baseline: pl.Expr, rules: RecistRules) -> pl.Expr:
    """Shrinkage of the sum by at least 30 % from baseline. Source: RECIST 1.1, 4.3.1.

    Examples
    --------
    >>> sums = pl.DataFrame({"sum": [7000, 7001], "baseline": [10000, 10000]})
    >>> shrunk = is_response(pl.col("sum"), pl.col("baseline"), RecistRules())
    >>> sums.select(shrunk).to_series().to_list()
    [True, False]
    """
    return (baseline - total) * 100 >= baseline * rules.response_percent


def target_response(
    *,
    total: pl.Expr,
    baseline: pl.Expr,
    nadir: pl.Expr,
    complete: pl.Expr,
    gone: pl.Expr,
    rules: RecistRules,
) -> pl.Expr:
    """Target response of one visit: CR, PR, SD, PD or NE.

    Source: RECIST 1.1, 4.3.1 and 4.4.2. The order of the questions matters. A measured part that
    has already grown past the limit is PD whatever the missing lesions do; otherwise a missing
    lesion is NE. CR comes before PD (nodes that go from 4 to 9 mm are all still normal), and PD
    before PR (a sum may be far below baseline and well above its nadir).

    Parameters
    ----------
    total
        Sum of the lesions that could be evaluated, hundredths of a millimetre.
    complete
        All baseline targets could be evaluated.
    gone
        Every non-nodal target is 0 and every target node is below 10 mm.
    """
    grown = is_progression(total, nadir, rules).fill_null(False)
    return (
        pl.when(baseline.is_null() | nadir.is_null())
        .then(pl.lit("NE"))
        .when(~complete)
        .then(pl.when(grown).then(pl.lit("PD")).otherwise(pl.lit("NE")))
        .when(gone)
        .then(pl.lit("CR"))
        .when(grown)
        .then(pl.lit("PD"))
        .when(is_response(total, baseline, rules))
        .then(pl.lit("PR"))
        .otherwise(pl.lit("SD"))
    )


def non_target_response(
    *, n: pl.Expr, gone: pl.Expr, persisting: pl.Expr, progressing: pl.Expr
) -> pl.Expr:
    """Non-target response of one visit: CR, Non-CR/Non-PD, PD or NE; null without such lesions.

    Source: RECIST 1.1, 4.3.3. Arguments are counts of lesions. One that persists is enough for
    Non-CR/Non-PD; CR needs all of them seen to be gone.
    """
    return (
        pl.when(n == 0)
        .then(None)
        .when(progressing > 0)
        .then(pl.lit("PD"))
        .when(persisting > 0)
        .then(pl.lit("Non-CR/Non-PD"))
        .when(gone == n)
        .then(pl.lit("CR"))
        .otherwise(pl.lit("NE"))
    )


def overall_response(target: pl.Expr, non_target: pl.Expr, new_lesion: pl.Expr) -> pl.Expr:
    """Overall response of one visit.

    Source: RECIST 1.1, table 1 (with target lesions) and table 2 (non-target lesions only; there
    ``target`` is null). A null ``non_target`` means that there was none at baseline. Only a new
    lesion called ``yes`` counts, an ``equivocal`` one doesn't.

    Examples
    --------
    >>> visit = pl.DataFrame(
    ...     {"t": ["CR", "CR", "SD"], "n": [None, "NE", "CR"], "new": ["no", "no", "yes"]}
    ... )
    >>> overall = overall_response(pl.col("t"), pl.col("n"), pl.col("new"))
    >>> visit.select(overall).to_series().to_list()
    ['CR', 'PR', 'PD']
    """
    return (
        pl.when((new_lesion == "yes") | (non_target == "PD") | (target == "PD"))
        .then(pl.lit("PD"))
        .when(target.is_null())
        .then(pl.coalesce(non_target, pl.lit("NE")))
        .when((target == "CR") & non_target.is_not_null() & (non_target != "CR"))
        .then(pl.lit("PR"))
        .otherwise(target)
    )

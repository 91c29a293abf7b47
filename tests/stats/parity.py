"""What oncohort computes beside what R computed: read by the tests and by the parity page."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from oncohort import stats

FIXTURES = Path(__file__).parent / "fixtures"
SHARP = 1e-8


@dataclass(frozen=True)
class Comparison:
    """One number or array of ours beside R's."""

    method: str
    r: str
    case: str
    what: str
    ours: Any
    theirs: Any
    tolerance: float = SHARP
    why: str = ""
    """Why a tolerance is wider than 1e-8."""
    floor: float = 0.0
    """Relative to at least this share of the largest: for entries that cancel to about 0."""

    @property
    def count(self) -> int:
        """How many numbers were compared."""
        return int(np.size(array(self.theirs)))

    @property
    def difference(self) -> float:
        """Largest relative difference (absolute below 1e-8); infinite if gaps or shapes differ."""
        a, b = array(self.ours), array(self.theirs)
        if a.shape != b.shape or (np.isnan(a) != np.isnan(b)).any():
            return float("inf")
        both = ~np.isnan(a)
        a, b = a[both], b[both]
        if not a.size:
            return 0.0
        same = a == b  # infinite on both sides too
        with np.errstate(invalid="ignore", divide="ignore"):
            size = np.maximum(np.abs(b), self.floor * np.abs(b).max())
            gap = np.abs(a - b) / np.where(size > 1e-8, size, 1.0)
        return float(np.where(same, 0.0, gap).max())


def array(value: Any) -> np.ndarray:
    """Doubles; none and R's NA are NaN, R's "Inf" infinite."""
    if isinstance(value, np.ndarray):
        return value.astype(float)
    if isinstance(value, list | tuple):
        parts = [array(v) for v in value]
        return np.array(parts, dtype=float) if parts else np.zeros(0)
    if value is None or value in ("NA", "NaN"):
        return np.array(np.nan)
    if value in ("Inf", "-Inf"):
        return np.array(float(value.replace("Inf", "inf")))
    return np.array(float(value))


def load(name: str) -> dict[str, Any]:
    """A fixture as R wrote it."""
    found: dict[str, Any] = json.loads((FIXTURES / f"{name}.json").read_text())
    return found


def cases(name: str) -> list[dict[str, Any]]:
    """Cases of a fixture file."""
    found = json.loads((FIXTURES / f"{name}.json").read_text())["cases"]
    assert found
    return list(found)


def listed(value: Any) -> list[Any]:
    """R writes a vector of one as a number."""
    return value if isinstance(value, list) else [value]


def data(case: dict[str, Any], *names: str) -> dict[str, Any]:
    return {k: None if case.get(k) is None else listed(case[k]) for k in names}


def where_defined(values: Any, survival: Any, theirs: Any) -> tuple[Any, Any]:
    """Leave out where R has no number and we say why.

    Before the first event both ends are 1 here (as in SAS), NA in R on three of the scales; at 0
    the variance is undefined here, and 0 in R if robust.
    """
    ours, s, other = np.array(values), np.asarray(survival), array(theirs)
    skip = ((s == 1) & np.isnan(other) & (ours == 1)) | ((s == 0) & np.isnan(ours))
    return ours[~skip], other[~skip]


def curves() -> Iterator[Comparison]:
    for case in cases("curves"):
        rows = data(case, "time", "event", "entry", "weights")
        if case["name"] == "lung-reverse-deaths-first":
            continue
        extra = {} if case.get("robust") is None else {"robust": case["robust"]}
        km = stats.kaplan_meier(**rows, **extra, interval="plain")

        def compare(
            method: str, r: str, what: str, ours: Any, theirs: Any, c: str = case["name"]
        ) -> Comparison:
            return Comparison(method, r, c, what, ours, theirs)

        fit = "survival::survfit"
        for what in ("time", "at_risk", "events", "censored", "survival", "se"):
            ours, theirs = where_defined(
                getattr(km, what), km.survival, listed(case["curve"][what])
            )
            yield compare("Kaplan-Meier", fit, what, ours, theirs)
        for name, band in case["bands"].items():
            one = stats.kaplan_meier(**rows, **extra, interval=name)
            name = {"arcsin": "arcsine"}.get(name, name)
            method = f"Kaplan-Meier, {name} interval"
            r = f'survfit(conf.type = "{name}")'
            for end in ("low", "high"):
                ours, theirs = where_defined(getattr(one, end), one.survival, listed(band[end]))
                yield compare(method, r, end, ours, theirs)
            m = one.median
            ours = [m.value, m.low, m.high]
            yield compare(f"Median, {name} interval", r, "median", ours, band["median"])
            if case["name"] in ("exactly-half", "one-event"):
                continue  # quantile() takes the middle to the last time; see KaplanMeier.quantile
            q = [one.quantile(p) for p in (0.25, 0.75)]
            ours = [[x.value for x in q], [x.low for x in q], [x.high for x in q]]
            yield compare(
                f"Quartiles, {name} interval",
                "quantile(survfit)",
                "quartiles",
                ours,
                band["quartiles"],
            )
        for ctype, hazard in enumerate(case.get("hazard") or [], start=1):
            ties = {1: "aalen", 2: "fleming-harrington"}[ctype]
            if ctype == 2 and rows["weights"] is not None:
                continue
            h = stats.nelson_aalen(**rows, ties=ties, **extra)
            r = f"survfit(ctype = {ctype})"
            yield compare(f"Nelson-Aalen, {ties}", r, "hazard", h.hazard, listed(hazard["value"]))
            if not case.get("robust") and (rows["weights"] is None or case["robust"] is False):
                yield compare(f"Nelson-Aalen, {ties}", r, "se", h.se, listed(hazard["se"]))
        if case.get("tau") is not None:
            mean = stats.rmst(**rows, tau=case["tau"])
            yield compare(
                "Restricted mean",
                "print(survfit, rmean = )",
                "mean and se",
                [mean.value, mean.se],
                case["rmst"],
            )
        if case.get("at") is not None:
            one = stats.kaplan_meier(**rows)
            inside = [t <= max(rows["time"]) for t in case["at"]["time"]]
            got = one.at([t for t, use in zip(case["at"]["time"], inside, strict=True) if use])
            for what in ("survival", "low", "high", "at_risk"):
                theirs = [v for v, use in zip(listed(case["at"][what]), inside, strict=True) if use]
                yield compare(
                    "Survival at given times",
                    "summary(survfit, times = )",
                    what,
                    [getattr(row, what) for row in got],
                    theirs,
                )


def rank_tests() -> Iterator[Comparison]:
    whole = json.loads((FIXTURES / "rank_tests.json").read_text())
    exponents = {"fh01": (0, 1), "fh11": (1, 1), "fh0.5-2": (0.5, 2)}
    for case in whole["cases"]:
        rows = data(case, "time", "event", "group", "strata")

        def compare(
            method: str, r: str, what: str, ours: Any, theirs: Any, c: str = case["name"]
        ) -> Comparison:
            return Comparison(method, r, c, what, ours, theirs)

        for fit in case["rho"]:
            rho = fit["rho"]
            test = stats.logrank(**rows, weighting="g-rho" if rho else "logrank", rho=rho)
            method = f"G-rho test, rho = {rho:g}" if rho else "Log-rank test"
            method = f"Stratified {method[0].lower()}{method[1:]}" if rows["strata"] else method
            r = "survdiff(rho = )" if rho else "survdiff"
            for what, theirs in (
                ("statistic", fit["chisq"]),
                ("p", fit["p"]),
                ("observed", fit["observed"]),
                ("expected", fit["expected"]),
                ("covariance", fit["var"]),
            ):
                yield compare(method, r, what, getattr(test, what), theirs)
            trend = stats.logrank_trend(**rows, weighting="g-rho" if rho else "logrank", rho=rho)
            yield compare(
                f"{method} for trend",
                "from survdiff's score and variance",
                "statistic",
                trend.statistic,
                fit["trend"],
            )
        for name, chisq in case["weighted"].items():
            if chisq in (None, "NA"):
                continue
            weighting = "fleming-harrington" if name in exponents else name
            rho, gamma = exponents.get(name, (0, 0))
            test = stats.logrank(**rows, weighting=weighting, rho=rho, gamma=gamma)
            yield compare(
                f"{weighting} test",
                "its definition, event by event",
                "statistic",
                test.statistic,
                chisq,
            )
        for adjust, p in (case.get("pairwise") or {}).items():
            pairs = stats.logrank_pairwise(**rows, adjust=adjust).pairs
            yield compare(
                f"Pairwise log-rank tests, {adjust}",
                "survdiff, p.adjust",
                "p",
                [pair.p_adjusted for pair in pairs],
                p,
            )
    for case in whole["one_sample"]:
        reference: dict[str, Any] = (
            {"median": case["median"]}
            if "median" in case
            else {"curve": (case["times"], case["survival"])}
        )
        one = stats.logrank_one_sample(case["time"], case["event"], **reference)
        for what in ("observed", "expected"):
            yield Comparison(
                "One-sample log-rank test",
                "survdiff(~ offset(S0))",
                case["name"],
                what,
                getattr(one, what),
                case[what],
            )
        yield Comparison(
            "One-sample log-rank test",
            "survdiff(~ offset(S0))",
            case["name"],
            "statistic",
            one.statistic,
            case["chisq"],
        )
        yield Comparison(
            "Observed / expected",
            "poisson.test",
            case["name"],
            "ratio",
            [one.ratio, one.low, one.high],
            case["ratio"],
        )


def competing_risks() -> Iterator[Comparison]:
    whole = json.loads((FIXTURES / "competing_risks.json").read_text())
    for case in whole["incidence"]:
        rows = data(case, "time", "entry", "weights")
        types = listed(case["type"])
        fit = case["survfit"]
        robust = stats.cumulative_incidence(event_type=types, **rows, variance="robust")
        for j, cause in enumerate(robust.causes):
            curve = robust.curve(cause)
            method = "Aalen-Johansen, robust variance"
            r = "survival::survfit, multi-state"

            def column(what: str, column: int = j, source: dict[str, Any] = fit) -> np.ndarray:
                return array(source[what])[:, column]

            if rows["weights"] is None:  # R's multi-state counts are not weighted
                for what, theirs in (
                    ("at_risk", array(fit["at_risk"])),
                    ("events", column("events")),
                ):
                    yield Comparison(method, r, case["name"], what, getattr(curve, what), theirs)
            yield Comparison(
                method, r, case["name"], "incidence", curve.incidence, column("incidence")
            )
            yield Comparison(method, r, case["name"], "se", curve.se, column("se"))
            seen = curve.incidence > 0  # R has NA before the first event, we have 0
            for end in ("low", "high"):
                ours, theirs = getattr(curve, end)[seen], column(end)[seen]
                yield Comparison(method, r, case["name"], end, ours, theirs)
        if "cuminc" in case:
            aalen = stats.cumulative_incidence(event_type=types, **rows)
            for j, cause in enumerate(aalen.causes):
                curve = aalen.curve(cause)
                theirs = array(case["cuminc"]["incidence"])[j]
                k = len(theirs)
                method = "Aalen-Johansen, Aalen's variance"
                yield Comparison(
                    method, "cmprsk::cuminc", case["name"], "incidence", curve.incidence[:k], theirs
                )
                variance = array(case["cuminc"]["variance"])[j]
                yield Comparison(
                    method, "cmprsk::cuminc", case["name"], "variance", curve.se[:k] ** 2, variance
                )
    for case in whole["tests"]:
        for j, theirs in enumerate(case["tests"]):
            test = stats.gray_test(
                case["time"],
                case["type"],
                case["group"],
                cause=j + 1,
                strata=case["strata"],
                rho=case["rho"],
            )
            yield Comparison(
                "Gray's test",
                "cmprsk::cuminc",
                case["name"],
                "statistic, p, df",
                [test.statistic, test.p, test.df],
                theirs,
            )
    for case in whole["models"]:
        fit = stats.fine_gray(
            case["time"],
            case["type"],
            array(case["x"]),
            cause=case["cause"],
            censoring_group=case["cengroup"],
        )
        method, r = "Fine-Gray model", "cmprsk::crr"
        p = len(fit.coef)
        for what, ours, theirs in (
            ("coef", fit.coef, listed(case["coef"])),
            ("information", fit.model_covariance, array(case["inverse_information"]).reshape(p, p)),
            (
                "log-likelihood",
                [fit.loglik_null, fit.loglik],
                [case["loglik_null"], case["loglik"]],
            ),
            ("incidence", fit.predict(listed(case["at"]))[1], array(case["predicted"])[:, 1]),
        ):
            yield Comparison(method, r, case["name"], what, ours, theirs)
        if case["cengroup"] is None:  # with censoring groups see test_competing_risks.py
            theirs = array(case["var"]).reshape(p, p)
            yield Comparison(method, r, case["name"], "variance", fit.covariance, theirs)


def interval_censoring() -> Iterator[Comparison]:
    for case in cases("interval_censoring"):
        fit = stats.turnbull(case["left"], case["right"])
        mass = array(case["mass"])
        kept = mass > 1e-9  # EM never comes to 0
        to = np.where(np.isnan(array(case["to"])), np.inf, array(case["to"]))
        method, r = "Turnbull estimate", "EM written out, run to its end"
        yield Comparison(method, r, case["name"], "right ends", fit.right, to[kept])
        yield Comparison(method, r, case["name"], "mass", fit.mass, mass[kept])
        yield Comparison(method, r, case["name"], "log-likelihood", fit.loglik, case["loglik"])


def comparisons_of_groups() -> Iterator[Comparison]:
    whole = json.loads((FIXTURES / "comparisons.json").read_text())
    for case in whole["samples"]:
        x = case["samples"]
        name = case["name"]
        test = stats.kruskal_wallis(*x)
        yield Comparison(
            "Kruskal-Wallis test",
            "kruskal.test",
            name,
            "statistic, p",
            [test.statistic, test.p],
            case["kruskal"],
        )
        if "wilcoxon" not in case:
            continue
        test = stats.wilcoxon(*x)
        yield Comparison(
            "Wilcoxon rank-sum test",
            "wilcox.test",
            name,
            "statistic, p",
            [test.statistic, test.p],
            case["wilcoxon"],
        )
        for key, title, options in (
            ("welch", "Welch's t test", {}),
            ("student", "Student's t test", {"equal_variance": True}),
            ("paired", "Paired t test", {"paired": True}),
        ):
            if key in case:
                test = stats.t_test(*x, **options)
                yield Comparison(
                    title,
                    "t.test",
                    name,
                    "statistic, df, p",
                    [test.statistic, test.df, test.p],
                    case[key],
                )
        if "signed" in case:
            test = stats.wilcoxon(*x, paired=True)
            yield Comparison(
                "Wilcoxon signed-rank test",
                "wilcox.test(paired = TRUE)",
                name,
                "statistic, p",
                [test.statistic, test.p],
                case["signed"],
            )
    for case in whole["tables"]:
        table, name = case["table"], case["name"]
        test = stats.fisher_exact(table)
        simulated = "Monte Carlo" in test.method
        yield Comparison(
            "Fisher's test by Monte Carlo" if simulated else "Fisher's exact test",
            "fisher.test",
            name,
            "p",
            test.p,
            case["fisher"],
            0.01 if simulated else SHARP,
            "simulated: there are too many tables to count them all" if simulated else "",
        )
        test = stats.chi_squared(table)
        yield Comparison(
            "Pearson's chi-squared test",
            "chisq.test",
            name,
            "statistic, df, p",
            [test.statistic, test.df, test.p],
            case["chi"],
        )
        if "yates" in case:
            test = stats.chi_squared(table, correction=True)
            yield Comparison(
                "Yates' corrected chi-squared test",
                "chisq.test(correct = TRUE)",
                name,
                "statistic, p",
                [test.statistic, test.p],
                case["yates"],
            )
            test = stats.mcnemar(table, exact=False)
            yield Comparison(
                "McNemar's test",
                "mcnemar.test",
                name,
                "statistic, p",
                [test.statistic, test.p],
                case["mcnemar"],
            )
            yield Comparison(
                "McNemar's exact test",
                "binom.test",
                name,
                "p",
                stats.mcnemar(table).p,
                case["mcnemar_exact"],
            )
    sources = {
        "clopper-pearson": "binom.test",
        "wilson": "prop.test(correct = FALSE)",
        "wilson-cc": "prop.test",
        "jeffreys": "qbeta",
        "mid-p": "pbinom and uniroot",
        "agresti-coull": "its definition",
    }
    for case in whole["proportions"]:
        for method, r in sources.items():
            one = stats.proportion(case["x"], case["n"], method, level=case["level"])
            yield Comparison(
                f"Proportion, {method}",
                r,
                f"{case['x']}/{case['n']} at {case['level']}",
                "interval",
                [one.low, one.high],
                case[method],
            )
    for case in whole["differences"]:
        for method, r in (
            ("newcombe", "two prop.test"),
            ("newcombe-cc", "two prop.test"),
            ("wald", "prop.test"),
            ("miettinen-nurminen", "its definition, by uniroot"),
        ):
            one = stats.proportion_difference(*case["counts"], method)
            yield Comparison(
                f"Difference of proportions, {method}",
                r,
                str(case["counts"]),
                "interval",
                [one.low, one.high],
                case[method],
            )
    case = whole["pooled"]
    pooled = stats.pool(case["estimates"], case["variances"], df_complete=case["df_complete"])
    for what in ("estimate", "se", "df", "low", "high", "p"):
        yield Comparison(
            "Rubin's rules, Barnard-Rubin",
            "mice's formulas written out",
            "seven imputations",
            what,
            getattr(pooled, what)[0],
            case[what],
        )
    large = stats.pool(case["estimates"], case["variances"])
    yield Comparison(
        "Rubin's rules",
        "mice's formulas written out",
        "seven imputations",
        "df",
        large.df[0],
        case["df_large"],
    )


def cox_fits() -> Iterator[Comparison]:
    for case in cases("cox_fits"):
        columns = {k: array(listed(v)) for k, v in case["data"].items()}
        names = listed(case["x"])
        roles = {
            role: None if case[role] is None else columns[case[role]]
            for role in ("entry", "strata", "weights", "cluster", "offset")
        }
        fit = stats.cox(
            columns[case["time"]],
            columns[case["event"]],
            np.column_stack([columns[k] for k in names]),
            **roles,
            ties=case["ties"],
            names=names,
            robust=True if "naive_var" in case else None,
        )
        ties = {"efron": "Efron", "breslow": "Breslow", "exact": "exact conditional"}[case["ties"]]
        method, r = f"Cox model, {ties} ties", f'coxph(ties = "{case["ties"]}")'
        expected = array(listed(case["coef"]))
        free = ~np.isnan(expected)
        p = len(expected)
        naive = array(case.get("naive_var", case["var"])).reshape(p, p)[np.ix_(free, free)]
        loglik = array(listed(case["loglik"]))
        rows = [
            (method, r, "coef", fit.coef, expected),
            (method, r, "variance", fit.naive_covariance[np.ix_(free, free)], naive),
            (method, r, "log-likelihood", [fit.loglik_null, fit.loglik], loglik[[0, -1]]),
            (method, r, "score test", fit.score_test.statistic, case["score_test"]),
        ]
        if "naive_var" in case:
            robust = array(case["var"]).reshape(p, p)
            rows.append(
                (
                    "Cox model, robust variance",
                    "coxph(cluster = )",
                    "variance",
                    fit.covariance,
                    robust,
                )
            )
        for kind, values in (case.get("residuals") or {}).items():
            theirs = array(values).reshape(fit.n, -1)
            ours = np.asarray(fit.residuals(kind)).reshape(fit.n, -1)
            rows.append((f"Residuals, {kind}", f'residuals(type = "{kind}")', kind, ours, theirs))
        for transform, table in (case.get("zph") or {}).items():
            test = stats.ph_test(fit, transform=transform)
            ours = [[t.statistic, t.df, t.p] for t in (*test.terms, test.overall)]
            rows.append(
                (
                    f"Test of proportional hazards, {transform}",
                    f'cox.zph(transform = "{transform}")',
                    "tests",
                    ours,
                    array(table),
                )
            )
        if case.get("concordance") and case["ties"] != "exact":
            c = stats.model_concordance(fit)
            rows.append(
                (
                    "Harrell's C",
                    "concordance",
                    "C and its variance",
                    [c.c, c.se**2],
                    [case["concordance"], case["concordance_var"]],
                )
            )
        if case.get("survfit") and not case["survfit"].get("strata"):
            rows += _predicted(fit, case)
        for method, r, what, ours, theirs in rows:
            mixed = what == "variance" or method.startswith("Residuals")
            yield Comparison(
                method, r, case["name"], what, ours, theirs, floor=0.01 if mixed else 0.0
            )


def _predicted(fit: Any, case: dict[str, Any]) -> Iterator[tuple[str, str, str, Any, Any]]:
    """Predicted survival of the first new row, at R's times."""
    curves = case["survfit"]
    first = [listed(case["newdata"][name])[0] for name in listed(case["x"])]
    times = array(curves["time"])
    for interval, low, high in (("log", "low", "high"), ("log-log", "loglog_low", "loglog_high")):
        (curve,) = stats.predict_survival(fit, first, interval=interval)
        where = np.searchsorted(curve.time, times, side="right")
        seen = where > 0
        at = where[seen] - 1
        for what, key in (("survival", "surv"), ("low", low), ("high", high)):
            theirs = array(curves[key]).reshape(len(times), -1)[seen, 0]
            yield (
                f"Predicted survival, {interval} interval",
                f'survfit(coxph, "{interval}")',
                what,
                getattr(curve, what)[at],
                theirs,
            )


def cox_uno() -> Iterator[Comparison]:
    whole = json.loads((FIXTURES / "cox_uno.json").read_text())
    for case in whole["cases"]:
        tau = case.get("tau")
        for kind, r in (("harrell", "concordance(ymax = )"), ("uno", 'concordance("n/G2")')):
            found = stats.concordance(
                whole["time"], whole["event"], whole["risk"], kind=kind, tau=tau
            )
            yield Comparison(
                f"{kind.title()}'s C up to a time" if tau else f"{kind.title()}'s C",
                r,
                f"lung, tau {tau}",
                "C and its variance",
                [found.c, found.se**2],
                [case[kind], case[f"{kind}_var"]],
            )


def hard_inputs() -> Iterator[Comparison]:
    whole = load("hard_inputs")
    for case in whole["two_by_two"]:
        p = stats.fisher_exact(array(case["table"]).reshape(2, 2).T).p
        r = "fisher.test"
        yield Comparison("Fisher's exact test, large tables", r, "2 x 2", "p", p, case["p"])
    for case in whole["r_by_c"]:
        p = stats.fisher_exact(case["table"]).p
        yield Comparison("Fisher's exact test, r x c", "fisher.test", "r x c", "p", p, case["p"])
    d = whole["weighted"]
    rows = {"time": d["time"], "event": d["event"], "weights": d["weights"]}
    na = stats.nelson_aalen(**rows)
    r = "survfit(robust = TRUE)"
    yield Comparison("Nelson-Aalen, robust variance", r, "weights", "se", na.se, d["se"])
    se = stats.rmst(**rows, tau=d["rmst_tau"]).se
    r = "survfit(influence = 3)"
    yield Comparison("Restricted mean, robust variance", r, "weights", "se", se, d["rmst_se"])
    d = whole["cox_weights"]
    fit = stats.cox(d["time"], d["event"], d["x"], weights=d["weights"])
    r = "coxph(weights = )"
    yield Comparison("Cox model, weights, robust", r, "weights", "se", fit.se, [d["robust_se"]])
    d = whole["weighted_logrank"]
    rows = {"time": d["time"], "event": d["event"], "group": d["group"]}
    late = {"entry": d["entry"], "strata": d["strata"]}
    for what, more, key in (
        ("weights", {"weights": d["weights"]}, "statistic"),
        ("strata and entry", {"weights": d["weights"], **late}, "statistic_strata_entry"),
        ("whole weights", {"weights": d["whole"]}, "statistic_whole"),
    ):
        found = stats.logrank(**rows, **more).statistic
        r = "coxph(robust = TRUE) at 0; survdiff"
        yield Comparison("Log-rank test with weights", r, what, "chi-squared", found, d[key])
    for pair, theirs in zip(stats.logrank_pairwise(**rows).pairs, whole["pairs"], strict=True):
        ours = [pair.hr, pair.low, pair.high]
        values = [theirs["hr"], *theirs["interval"]]
        yield Comparison("Hazard ratios of pairs", "coxph", "three groups", "HR", ours, values)
    d = whole["fine_gray_late"]
    fg = stats.fine_gray(d["time"], d["status"], array(d["x"]), entry=d["entry"], cause=1)
    r = "survival::finegray, coxph"
    name = "Fine-Gray model, late entry"
    yield Comparison(name, r, "untied times", "coef", fg.coef, d["coef"])
    yield Comparison(name, r, "untied times", "variance", fg.covariance, d["var"])
    d = whole["fine_gray"]
    fg = stats.fine_gray(d["time"], d["status"], d["x"], cause=1, censoring_group=d["group"])
    r = "cmprsk::crr(cengroup = )"
    yield Comparison("Fine-Gray model, censoring groups", r, "two", "coef", fg.coef, [d["coef"]])
    d = whole["uno_strata"]
    c = stats.concordance(d["time"], d["event"], d["risk"], strata=d["strata"], kind="uno")
    r = 'concordance("n/G2") with strata'
    yield Comparison("Uno's C, strata", r, "two strata", "C, se", [c.c, c.se], [d["c"], d["se"]])


def logistic_models() -> Iterator[Comparison]:
    whole = load("logistic")
    for case in whole["cases"]:
        rows = {"weights": case["weights"], "offset": case["offset"]}
        x, name = array(case["x"]), case["name"]
        groups = {str(i): at for i, at in enumerate(case["terms"])}
        fit = stats.logistic(case["y"], x, **rows, terms=groups)
        method, r = "Logistic regression", "glm(binomial)"
        for what, ours, theirs in (
            ("coef", [fit.intercept, *fit.coef], case["coef"]),
            ("se", [fit.intercept_se, *fit.se], case["se"]),
            ("z", fit.z, case["z"][1:]),
            ("p", fit.p, case["p"][1:]),
            ("likelihood ratio", fit.lr_test.statistic, case["lr"]),
            ("fitted", fit.fitted, case["fitted"]),
        ):
            yield Comparison(method, r, name, what, ours, theirs)
        theirs = array(case["covariance"])
        yield Comparison(method, r, name, "covariance", fit.covariance, theirs, floor=1e-4)
        factors = [term for term in fit.term_tests if term.term in groups]
        for term, theirs in zip(factors, case["joint"], strict=True):
            ours = [term.wald.statistic, term.wald.p, term.lr.statistic]
            yield Comparison(method, "vcov, deviance", name, "factor", ours, theirs)
        profile = stats.logistic(case["y"], x, **rows, interval="profile")
        r = "glm with an offset, uniroot"
        method = "Logistic regression, profile interval"
        theirs = array(case["profile"])
        yield Comparison(method, r, name, "interval", profile.coef_interval, theirs)
        yield Comparison(method, r, name, "p", profile.p, listed(case["profile_p"]))
    for case in whole["firth"]:
        fit = stats.logistic(case["y"], array(case["x"]), penalty="firth")
        method, r = "Logistic regression, Firth", "its definition, by Newton and uniroot"
        for what, ours, theirs in (
            ("coef", [fit.intercept, *fit.coef], case["coef"]),
            ("se", [fit.intercept_se, *fit.se], case["se"]),
            ("log-likelihood", fit.loglik, case["loglik"]),
            ("log-likelihood of the intercept", fit.loglik_null, case["loglik_null"]),
            ("interval", fit.coef_interval, array(case["profile"])),
            ("p", fit.p, listed(case["profile_p"])),
        ):
            yield Comparison(method, r, case["name"], what, ours, theirs)


def differences_of_groups() -> Iterator[Comparison]:
    whole = load("group_differences")
    for i, case in enumerate(whole["anova"]):
        for method, options, key in (
            ("Welch's analysis of variance", {}, "welch"),
            ("Analysis of variance", {"equal_variance": True}, "classic"),
        ):
            test = stats.anova(*case["samples"], **options)
            ours = [test.statistic, test.p]
            yield Comparison(method, "oneway.test", f"samples {i + 1}", "F, p", ours, case[key])
    for case in whole["trend"]:
        two = min(len(case["table"]), len(case["table"][0])) == 2
        method = "Cochran-Armitage test" if two else "Linear-by-linear association"
        r = "prop.trend.test" if two else "coin::lbl_test"
        test = stats.trend_test(case["table"])
        name = f"{len(case['table'])} x {len(case['table'][0])}"
        ours = [test.statistic, test.p]
        yield Comparison(method, r, name, "statistic, p", ours, case["trend"])
    for i, case in enumerate(whole["jonckheere"]):
        test = stats.jonckheere(*case["samples"])
        ours, theirs = [test.statistic, test.p], [case["statistic"], case["p"]]
        r = "every arrangement of the labels"
        name = f"samples {i + 1}"
        yield Comparison("Jonckheere-Terpstra test", r, name, "statistic, p", ours, theirs)
    for case in whole["rates"]:
        one = stats.event_rate(case["events"], case["time"], level=case["level"])
        ours = [one.value, one.low, one.high]
        name = f"{case['events']} / {case['time']} at {case['level']}"
        yield Comparison("Rate, exact interval", "poisson.test", name, "rate", ours, case["rate"])
    d = whole["smd"]
    for what, ours in (
        ("numbers", stats.standardized_difference(d["y"], d["group"])),
        ("levels", stats.standardized_difference(d["level"], d["group"])),
        ("binary", stats.standardized_difference(d["two"], d["group"])),
        ("binary_by_hand", stats.standardized_difference(d["two"], d["group"])),
        ("weighted", stats.standardized_difference(d["y"], d["group"], weights=d["weights"])),
        ("of_three", stats.standardized_difference(d["y"], d["three"])),
        ("levels_of_three", stats.standardized_difference(d["level"], d["three"])),
    ):
        method, r = "Standardized mean difference", "its definition"
        yield Comparison(method, r, "made up", what.replace("_", " "), ours.value, d[what])


SOURCES: dict[str, Callable[[], Iterator[Comparison]]] = {
    "cox_fits": cox_fits,
    "cox_uno": cox_uno,
    "curves": curves,
    "rank_tests": rank_tests,
    "competing_risks": competing_risks,
    "interval_censoring": interval_censoring,
    "comparisons": comparisons_of_groups,
    "hard_inputs": hard_inputs,
    "logistic": logistic_models,
    "group_differences": differences_of_groups,
}


def comparisons(name: str) -> list[Comparison]:
    """All comparisons of a fixture."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return list(SOURCES[name]())


def versions() -> str:
    """R and its packages that wrote the fixtures."""
    found: dict[str, set[str]] = {}
    for path in sorted(FIXTURES.glob("*.json")):
        whole = json.loads(path.read_text())
        for name in ("r", "survival", "cmprsk"):
            if name in whole:
                found.setdefault(name, set()).add(whole[name])
    return ", ".join(
        f"{'R' if name == 'r' else name} {' and '.join(sorted(which))}"
        for name, which in found.items()
    )

"""One engine in one process: reads commands on standard input, answers in JSON.

Run by `race.py` with the interpreter of the engine's own virtual environment; needs numpy and the
engine, nothing else. Commands: ``load FOLDER``, ``run CASE`` (processor seconds of all threads,
seconds on the wall, coefficients), ``peak CASE`` (memory added by one run, bytes).
"""

from __future__ import annotations

import json
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

warnings.simplefilter("ignore")
DATA: dict[str, np.ndarray] = {}


def _optional(case: str) -> dict[str, Any]:
    out: dict[str, Any] = {}
    if "entry" in case:
        out["entry"] = DATA["entry"]
    if "strata" in case:
        out["strata"] = DATA["strata"]
    if "weights" in case:
        out["weights"] = DATA["weights"]
    return out


# Each maker imports its engine and returns a function from a case to coefficients (Cox) or to a
# checksum (Kaplan-Meier, log-rank). A case that an engine does not have raises LookupError.


def oncohort() -> Callable[[str], list[float]]:
    from oncohort.stats import cox, kaplan_meier, logrank

    def run(case: str) -> list[float]:
        if case == "km":
            return [float(kaplan_meier(DATA["time"], DATA["event"]).survival[-1])]
        if case == "logrank":
            return [float(logrank(DATA["time"], DATA["event"], DATA["group"]).statistic)]
        fit = cox(DATA["time"], DATA["event"], DATA["x"], **_optional(case))
        return [*fit.coef[:2].tolist(), float(fit.se[0])]

    return run


def coxstream() -> Callable[[str], list[float]]:
    from coxstream import CoxStream

    def run(case: str) -> list[float]:
        if case != "cox":
            raise LookupError(case)
        fit = CoxStream().fit(DATA["time"], DATA["event"].astype(np.float64), DATA["x"])
        return [*fit.coef_[:2].tolist(), float(fit.standard_errors_[0])]

    return run


def edi_kernels() -> Callable[[str], list[float]]:
    import edi_kernels as e

    fortran: dict[int, np.ndarray] = {}

    def run(case: str) -> list[float]:
        # Column-major X is what it takes: the copy is made before the clock starts.
        x = fortran.get("x")
        if x is None or x.shape != DATA["x"].shape or x[0, 0] != DATA["x"][0, 0]:
            fortran["x"] = x = np.asfortranarray(DATA["x"])
        dead = DATA["event"].astype(np.float64)
        if case == "cox":
            fit = e.fast_coxph_regression(x, DATA["time"], dead)
        elif case == "cox-strata":
            fit = e.fast_stratified_coxph_regression(
                x, DATA["time"], dead, DATA["strata"].astype(np.int32)
            )
        else:
            raise LookupError(case)
        b = np.asarray(fit.get("b", fit.get("coefficients", fit.get("beta"))))
        return b.ravel()[:2].tolist()

    return run


def survival() -> Callable[[str], list[float]]:
    from survival import survdiff, survfit
    from survival.regression import coxph_fit

    def run(case: str) -> list[float]:
        status = DATA["event"].astype(np.int32)
        if case == "km":
            from survival import Surv

            return [float(survfit(Surv(DATA["time"], status)).surv[-1])]
        if case == "logrank":
            from survival import Surv

            return [float(survdiff(Surv(DATA["time"], status), group=DATA["group"]).chisq)]
        more = _optional(case)
        if "entry" in more:
            raise LookupError(case)
        fit = coxph_fit(DATA["time"], status, DATA["x"], method="efron", **more)
        return np.asarray(fit.coefficients)[:2].tolist()

    return run


def lifelines() -> Callable[[str], list[float]]:
    import pandas as pd
    from lifelines import CoxPHFitter, KaplanMeierFitter
    from lifelines.statistics import logrank_test

    def run(case: str) -> list[float]:
        if case == "km":
            fit = KaplanMeierFitter().fit(DATA["time"], DATA["event"])
            return [float(fit.survival_function_.iloc[-1, 0])]
        if case == "logrank":
            g = DATA["group"] == 1
            test = logrank_test(
                DATA["time"][g], DATA["time"][~g], DATA["event"][g], DATA["event"][~g]
            )
            return [float(test.test_statistic)]
        frame = pd.DataFrame(DATA["x"])
        frame.columns = [f"x{j}" for j in range(frame.shape[1])]
        frame["time"], frame["event"] = DATA["time"], DATA["event"]
        more = _optional(case)
        options = {}
        for role, option in (
            ("entry", "entry_col"),
            ("strata", "strata"),
            ("weights", "weights_col"),
        ):
            if role in more:
                frame[role] = more[role]
                options[option] = role
        fit = CoxPHFitter().fit(frame, "time", "event", **options)
        return fit.params_.to_numpy()[:2].tolist()

    return run


def statsmodels() -> Callable[[str], list[float]]:
    from statsmodels.duration.hazard_regression import PHReg
    from statsmodels.duration.survfunc import SurvfuncRight, survdiff

    def run(case: str) -> list[float]:
        if case == "km":
            return [float(SurvfuncRight(DATA["time"], DATA["event"]).surv_prob[-1])]
        if case == "logrank":
            return [float(survdiff(DATA["time"], DATA["event"], DATA["group"])[0])]
        more = _optional(case)
        if "weights" in more:
            raise LookupError(case)
        fit = PHReg(DATA["time"], DATA["x"], DATA["event"], ties="efron", **more).fit()
        return [*fit.params[:2].tolist(), float(fit.bse[0])]

    return run


def scikit_survival() -> Callable[[str], list[float]]:
    from sksurv.compare import compare_survival
    from sksurv.linear_model import CoxPHSurvivalAnalysis
    from sksurv.nonparametric import kaplan_meier_estimator
    from sksurv.util import Surv

    def run(case: str) -> list[float]:
        if case == "km":
            return [float(kaplan_meier_estimator(DATA["event"], DATA["time"])[1][-1])]
        y = Surv.from_arrays(DATA["event"], DATA["time"])
        if case == "logrank":
            return [float(compare_survival(y, DATA["group"])[0])]
        if case != "cox":
            raise LookupError(case)
        fit = CoxPHSurvivalAnalysis(ties="efron").fit(DATA["x"], y)
        return fit.coef_[:2].tolist()

    return run


def greenwood() -> Callable[[str], list[float]]:
    import greenwood as g

    def run(case: str) -> list[float]:
        more = _optional(case)
        if case in ("km", "logrank") or "entry" in more:
            raise LookupError(case)
        fit = g.CoxPH(ties="efron").fit(
            g.Surv(DATA["time"], DATA["event"].astype(int)), DATA["x"], **more
        )
        return np.asarray(fit.coef_).ravel()[:2].tolist()

    return run


def _resident() -> int:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) * 1024
    return 0


def _peak() -> int:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) * 1024
    return 0


def main() -> None:
    run = globals()[sys.argv[1].replace("-", "_")]()
    for line in sys.stdin:
        command, argument = line.split(maxsplit=1)
        argument = argument.strip()
        answer: dict[str, Any] = {}
        try:
            if command == "load":
                for name in ("x", "time", "event", "entry", "strata", "weights", "group"):
                    DATA[name] = np.load(Path(argument) / f"{name}.npy")
            elif command == "run":
                begin, used = time.perf_counter(), time.process_time()
                answer["value"] = run(argument)
                answer["seconds"] = time.process_time() - used
                answer["wall"] = time.perf_counter() - begin
            elif command == "peak":
                Path("/proc/self/clear_refs").write_text("5")
                before = _resident()
                run(argument)
                answer["bytes"] = _peak() - before
        except LookupError:
            answer["lacks"] = argument
        except Exception as error:  # noqa: BLE001 - a peer may fail in any way; the race goes on
            answer["error"] = f"{type(error).__name__}: {error}"[:200]
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()

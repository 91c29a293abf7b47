"""Best responses: the categories share out the patients, and the rates follow from them."""

from __future__ import annotations

import math
import re
from fractions import Fraction

from oncohort.audit.finding import Certainty, Finding, Log
from oncohort.published.model import Published, Rate, Response
from oncohort.published.rounding import Interval, could_be, interval, number

RULE_SUM = "Each patient has one best response, so the categories can't add up to more patients."
RULE_RATE = (
    "The response rate is (CR + PR) / n, the disease control rate (CR + PR + SD) / n, n being all "
    "patients or those who could be evaluated (RECIST 1.1, Eur J Cancer 2009;45:228-247)."
)


def check(published: Published, log: Log) -> None:
    """Check the sums of best responses and the rates that follow from them."""
    for response in published.responses:
        log.checked(response, *response.levels)
        _sum(response, log)
        if response.population == "cohort":
            for rate in published.rates:
                if rate.population == "cohort":
                    _rate(response, rate, published, log)


def _counts(response: Response) -> dict[str, int]:
    return {x.label: int(x.count) for x in response.levels if x.count.isdigit()}


def _sum(response: Response, log: Log) -> None:
    counts = _counts(response)
    if not response.n.isdigit() or len(counts) != len(response.levels):
        return
    n, total = int(response.n), sum(counts.values())
    percents = [x.percent for x in response.levels]
    agreeing = [x for x in response.levels if x.percent and could_be(int(x.count), n, x.percent)]
    if total <= n or (any(percents) and len(agreeing) * 2 < len(counts)):
        return
    if any(percents) and all(
        x.percent and could_be(int(x.count), total, x.percent) for x in response.levels
    ):
        return
    if total - counts.get("NE", 0) <= n:
        return  # those who could not be evaluated are told besides
    log.add(
        Finding(
            "responses.sum",
            Certainty.INCONSISTENT,
            f"Best responses {', '.join(f'{k} {v}' for k, v in counts.items())} add up to {total}, "
            f"of {n} patients",
            (response.where, *dict.fromkeys(x.where for x in response.levels)),
            RULE_SUM,
            (" + ".join(map(str, counts.values())) + f" = {total} > {n}",),
            (),
            (),
            (f"{len(agreeing)} of their percentages are of {n}",),
            tuple(x.count for x in response.levels),
        )
    )


def _some_count(least: int, most: int, size: int, allowed: Interval, slack: Fraction) -> bool:
    """Whether a whole number between two, out of size, is a percentage that is allowed.

    Examples
    --------
    >>> _some_count(3, 10**12, 40, Interval(Fraction(24), Fraction(26)), Fraction(0))
    True
    """
    first = math.ceil((allowed.low - slack) * size / 100)
    last = math.floor((allowed.high + slack) * size / 100)
    return max(first, least) <= min(last, most)


def _rate(response: Response, rate: Rate, published: Published, log: Log) -> None:
    counts = _counts(response)
    if not {"CR", "PR"} <= set(counts) or not response.n.isdigit():
        return
    if re.search(r"confirm", rate.where.quote + response.where.quote, re.I):
        return
    n, total = int(response.n), sum(counts.values())
    sizes = {n, total, total - counts.get("NE", 0)}
    sizes |= {int(p.n) for p in published.populations if p.n.isdigit() and int(p.n) >= counts["CR"]}
    low = counts["CR"] + counts["PR"]
    allowed = interval(rate.percent)
    read = number(rate.percent)
    if allowed is None or read is None:
        return
    log.checked(rate)
    if rate.kind == "ORR":
        most = low
    elif rate.kind in {"DCR", "CBR"} and "SD" in counts:
        # A minimum duration of stable disease may leave some of them out.
        most = low + counts["SD"]
    else:
        return
    if any(_some_count(low, most, size, allowed, read.unit) for size in sizes if size > 0):
        return
    levels = [x for x in response.levels if x.percent]
    agreeing = [x for x in levels if could_be(int(x.count), n, x.percent)]
    if len(agreeing) < 3:
        return
    what = "CR + PR" if rate.kind == "ORR" else "CR + PR + SD"
    doubt = _of_others(rate, n)
    top = most
    log.add(
        Finding(
            "responses.rate",
            Certainty.UNUSUAL if doubt else Certainty.INCONSISTENT,
            f"{rate.kind} is printed as {rate.percent}%, but {what} = {top} of {n} is "
            f"{100 * top / n:.1f}%",
            (rate.where, response.where),
            RULE_RATE,
            (f"100 x {top} / {n} = {100 * top / n:.2f}",),
            (f"{rate.percent} allows {interval(rate.percent)}",),
            (),
            (
                f"denominators tried: {', '.join(map(str, sorted(sizes)))}",
                "for disease control, every number of stable diseases was tried"
                if rate.kind != "ORR"
                else "the categories' own percentages are of all patients",
                *([doubt] if doubt else []),
            ),
            (rate.percent, *(x.count for x in response.levels)),
        )
    )


_SOME = re.compile(
    r"\b(?:in|of|among|for)\s+(?:(?:the|these|all|our)\s+){0,2}(\d{1,6})\s+(?:[\w-]+\s+){0,3}?"
    r"(?:patients|cases|subjects|women|men|children)\b",
    re.I,
)


def _of_others(rate: Rate, n: int) -> str:
    """Why a rate may be of other patients, or of other responses, than those counted."""
    if rate.kind == "ORR" and re.search(r"\bSD\b|\bstable\b", rate.where.quote):
        return "its sentence names stable diseases: the rate may count them"
    if any(int(m[1]) != n for m in _SOME.finditer(rate.where.quote)):
        return "its sentence names another number of patients"
    return ""

"""Sentences for the calls: made from the code and the numbers of a row when asked for."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import lru_cache
from math import isfinite
from typing import TYPE_CHECKING

from oncohort.vocabulary.plurals import counted

if TYPE_CHECKING:
    from oncohort.criteria.frames import Row

_WIDE = Context(prec=400)


@lru_cache(maxsize=10_000)
def number(value: float | None, digits: int = 1) -> str:
    """A length or percentage as a person writes it: no trailing zeros, halves away from zero.

    Examples
    --------
    >>> number(63.0), number(11.4), number(22.093, 0)
    ('63', '11.4', '22')
    """
    if value is None or not isfinite(value):
        return "unknown"
    step = Decimal(1).scaleb(-digits)
    exact = Decimal(repr(float(value)))
    text = f"{exact.quantize(step, ROUND_HALF_UP, context=_WIDE):f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _mm(value: float | None) -> str:
    return f"{number(value, 2)} mm"


def _percent(value: float | None) -> str:
    """A percentage with as many digits as keep it on its side of 20 and 30."""
    if value is None:
        return "unknown"
    size = abs(value)
    for digits in (0, 1, 2, 3):
        shown = float(number(size, digits))
        if (shown >= 20) == (size >= 20) and (shown >= 30) == (size >= 30):
            return f"{number(size, digits)} %"
    return f"{size} %"


def _day(value: date | None) -> str:
    return value.isoformat() if value is not None else "an unknown date"


def _change(row: Row) -> str:
    change = row.get("change_from_baseline")
    if change is None:
        return f"sum {_mm(row['sum_mm'])}"
    word = "below" if change < 0 else "above"
    if change == 0:
        return f"sum {_mm(row['sum_mm'])} is the same as at baseline"
    return (
        f"sum {_mm(row['sum_mm'])} is {_percent(change)} {word} "
        f"the baseline of {_mm(row['baseline_mm'])}"
    )


def _growth(row: Row) -> str:
    change = row.get("change_from_nadir")
    percent = f"{_percent(change)} and " if change is not None else ""
    return (
        f"is {percent}{_mm(row['growth_mm'])} above the nadir of {_mm(row['nadir_mm'])} "
        f"on {_day(row['nadir_date'])}"
    )


def _stable(row: Row) -> str:
    text = _change(row)
    growth = row.get("growth_mm")
    if growth is None or row.get("nadir_mm") == row.get("baseline_mm"):
        return f"{text}, neither response nor progression"
    if growth > 0:
        return f"{text} and {_growth(row).removeprefix('is ')}, neither response nor progression"
    return f"{text}, neither response nor progression"


def _visit(row: Row) -> str:
    code = str(row["code"])
    seen, total = row.get("targets_evaluated"), row.get("targets")
    if code == "baseline":
        others = row.get("non_targets") or 0
        if not total:
            return f"baseline: no target lesion, {others} non-target"
        size = f"sum {_mm(row['baseline_mm'])}" if row["baseline_mm"] is not None else "sum unknown"
        return f"baseline: {counted(total, 'target lesion')}, {size}, {others} non-target"
    if code == "new-lesion":
        return f"new lesion on {_day(row['date'])}"
    if code == "new-lesion-confirmed-later":
        return f"new lesion, equivocal on {_day(row['date'])} and confirmed later, dated back"
    if code == "non-target-progression":
        return f"unequivocal progression of non-target disease on {_day(row['date'])}"
    if code == "back-after-cr":
        return "disease is back after a complete response"
    if code == "part-already-progressed":
        return (
            f"{seen} of {total} target lesions evaluated; their sum {_mm(row['measured_mm'])} "
            f"alone {_growth(row)}"
        )
    if code == "sum-grown":
        return f"sum {_mm(row['sum_mm'])} {_growth(row)}"
    if code == "no-baseline":
        return "no baseline scan to compare with"
    if code == "nothing-at-baseline":
        return "no target or non-target lesion at baseline"
    if code == "baseline-sum-unknown":
        return "the baseline sum is unknown: a target lesion has no usable length at baseline"
    if code == "target-missing":
        return f"only {seen or 0} of {total} target lesions could be evaluated"
    if code == "all-gone":
        rest = row.get("sum_mm") or 0
        left = f" (nodes below 10 mm, sum {_mm(rest)})" if rest else ""
        others = " and all non-target lesions gone" if row.get("non_targets") else " gone"
        return f"all target lesions{others}{left}"
    if code == "targets-gone-others-persist":
        return "all target lesions gone, but non-target disease persists"
    if code == "targets-gone-others-unseen":
        return "all target lesions gone, but not all non-target lesions were evaluated"
    if code == "sum-shrunk":
        return _change(row)
    if code == "sum-stable":
        return _stable(row)
    if code == "others-gone":
        return "all non-target lesions gone (no target lesions at baseline)"
    if code == "others-persist":
        return "non-target disease persists without progression (no target lesions at baseline)"
    if code == "others-unseen":
        return "not all non-target lesions were evaluated (no target lesions at baseline)"
    if code == "charted":
        return "as charted"
    if code == "charted-parts":
        return "from the charted target, non-target and new lesions"
    return code


def _weeks(days: float | None) -> str:
    return f"{number(days / 7)} weeks" if days is not None else "an unknown time"


def _least(row: Row) -> str:
    """The least time for stable disease, in the unit it was given in."""
    days = row.get("min_days")
    if days is not None and row.get("min_unit") == "days":
        return f"{number(days)} days"
    return _weeks(days)


def _best(row: Row) -> str:
    code = str(row["code"])
    on = _day(row.get("best_response_date"))
    least = _least(row)
    if code in ("best-cr", "best-pr"):
        word = "complete" if code == "best-cr" else "partial"
        seen = row.get("confirmed_date")
        return f"{word} response on {on}" + (f", confirmed on {_day(seen)}" if seen else "")
    if code == "best-sd-unconfirmed":
        return f"a response that was not confirmed; stable at {_weeks(row['days'])} ({on})"
    if code == "best-sd":
        return f"stable at {_weeks(row['days'])} ({on}); at least {least} asked for"
    if code == "best-non-cr-non-pd":
        return f"non-target disease neither gone nor worse at {_weeks(row['days'])} ({on})"
    if code == "best-pd":
        return f"progression on {on} as the first evaluable result"
    if code == "best-pd-after-early-sd":
        return f"progression on {on}; nothing better lasted {least}"
    if code == "best-ne-early-sd-only":
        return f"stable on {on}, earlier than {least}, and nothing after it"
    if code == "best-ne":
        return "no visit could be evaluated"
    if code == "best-ne-no-visit":
        return "no assessment after baseline"
    return code


def reason(row: Mapping[str, object]) -> str:
    """Why a call was made: one sentence from a row of ``assess`` or ``best_response``.

    Parameters
    ----------
    row
        A row as a mapping (``frame.row(i, named=True)``).

    Examples
    --------
    >>> from datetime import date
    >>> reason({"code": "sum-grown", "overall": "PD", "sum_mm": 63.0, "growth_mm": 11.4,
    ...         "change_from_nadir": 22.093, "nadir_mm": 51.6, "nadir_date": date(2014, 3, 2)})
    'sum 63 mm is 22 % and 11.4 mm above the nadir of 51.6 mm on 2014-03-02: PD'
    """
    if "best_response" in row:
        return f"{_best(row)}: {row['best_response']}"
    text = _visit(row)
    overall = row.get("overall")
    if overall is None:
        return text
    carried = row.get("overall_carried")
    if carried and carried != overall:
        return f"{text}: {overall} by itself, {carried} carried from an earlier visit"
    return f"{text}: {overall}"

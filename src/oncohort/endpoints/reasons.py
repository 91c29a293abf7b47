"""Sentences for endpoints: why a patient has an event, or is censored where."""

from __future__ import annotations

from datetime import date

from oncohort.criteria.frames import Row
from oncohort.vocabulary.facts import FACTS

_VISIT_CODES = {
    "new-lesion": "new lesion",
    "new-lesion-confirmed-later": "new lesion (equivocal at first, confirmed later)",
    "non-target-progression": "unequivocal progression of non-target disease",
    "back-after-cr": "disease back after a complete response",
    "part-already-progressed": "growth of target lesions",
    "sum-grown": "growth of target lesions",
}


def kind_in_words(kind: str | None, code: str | None = None, detail: str | None = None) -> str:
    """A kind of fact as a person says it.

    Examples
    --------
    >>> kind_in_words("progression", "new-lesion"), kind_in_words("diagnosis_date")
    ('new lesion', 'diagnosis')
    """
    if kind is None:
        return "nothing"
    if kind in ("progression", "second_progression") and code in _VISIT_CODES:
        words = _VISIT_CODES[code]
        return words if kind == "progression" else f"{words} on the next therapy"
    words = FACTS[kind].words if kind in FACTS else kind.replace("_", " ")
    if kind == "treatment_end" and code:
        return f"{words} ({code})"
    if kind in ("next_therapy", "therapy_after_next", "procedure", "death") and detail:
        return f"{words} ({detail})"
    return words


def source_in_words(table: str | None, source_row: int | None) -> str:
    """Where a date comes from: "`lesions` row 212"."""
    if table is None:
        return ""
    return f"`{table}` row {source_row}" if source_row is not None else f"`{table}`"


def _day(value: date | None) -> str:
    return value.isoformat() if value is not None else "an unknown date"


def reason(row: Row) -> str:
    """Why a patient has an event or is censored: one sentence from a row of ``derive``.

    Examples
    --------
    >>> from datetime import date
    >>> reason({"reason": "event", "kind": "progression", "code": "new-lesion", "detail": "PD",
    ...         "date": date(2013, 5, 14), "table": "lesions", "source_row": 212})
    'event: new lesion on 2013-05-14, `lesions` row 212'
    >>> reason({"reason": "stopped", "kind": "assessment", "date": date(2015, 1, 9),
    ...         "stop": "next_therapy", "stop_date": date(2015, 2, 1)})
    'censored at the last evaluable assessment 2015-01-09: next therapy started 2015-02-01'
    """
    code = str(row["reason"])
    where = source_in_words(row.get("table"), row.get("source_row"))
    tail = f", {where}" if where else ""
    if row.get("imputed"):
        tail += " (a date is known only by month or year)"
    on = _day(row.get("date"))
    kind = row.get("kind")
    what = kind_in_words(kind, row.get("code"), row.get("detail"))
    if code == "event":
        return f"event: {what} on {on}{tail}"
    if code == "competing":
        return f"competing event: {what} on {on}{tail}"
    place = {
        "assessment": "the last evaluable assessment",
        "last_contact": "the last contact",
    }.get(str(kind), what)
    if row.get("code") == "cutoff":
        place = "the data cutoff"
    if code == "end-of-follow-up":
        return f"censored at {place} {on}{tail}"
    if code == "stopped":
        why = kind_in_words(row.get("stop"))
        if kind == row.get("stop"):
            return f"censored when {why} {on}{tail}"
        return f"censored at {place} {on}: {why} {_day(row.get('stop_date'))}{tail}"
    if code == "missed-visits":
        why = kind_in_words(row.get("set_aside"))
        return (
            f"censored at {place} {on}: {why} on {_day(row.get('set_aside_date'))} came after "
            f"missed visits{tail}"
        )
    if code == "no-assessment":
        stop = row.get("stop")
        because = f" before {kind_in_words(stop)} {_day(row.get('stop_date'))}" if stop else ""
        return f"censored on day 0 ({on}): no evaluable assessment after it{because}"
    return {
        "no-origin": "no time: the date where the clock starts is unknown",
        "no-follow-up": "no time: neither an event nor a date of last follow-up is known",
        "before-origin": f"no time: {what} is dated before the clock starts{tail}",
        "entry-unknown": "no time: the start of observation is unknown",
        "cause-unknown": f"no time: the cause of the death on {on} is not charted{tail}",
        "left-before-entry": "no time: the clock stopped before observation began",
        "charted": "time and event as charted",
    }.get(code, code)

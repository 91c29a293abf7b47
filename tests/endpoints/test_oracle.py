"""The vectorised endpoint against a slow one, written patient by patient in plain Python."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from oncohort import endpoints as ep

START = date(2014, 1, 6)
MISSED = ep.MissedVisits(interval_days=56, tolerance_days=14)
Course = dict[str, list[int]]


def slow(course: Course, rule: ep.EndpointRule) -> tuple[int, bool, str] | None:
    """Days, event and reason of one patient; days count from treatment start."""
    events = [(d, i, k) for i, k in enumerate(rule.events) for d in course.get(k, [])]
    event = min(events)[0] if events else None
    stops = [d for k in rule.stops for d in course.get(k, [])]
    stop = min(stops) if stops and (event is None or min(stops) < event) else None
    limit = stop if stop is not None else event - 1 if event is not None else 10**6
    clear = max([d for d in course.get("assessment", []) if d <= limit], default=None)
    if event is not None and stop is None:
        quiet = event - (clear if clear is not None else 0)
        if rule.missed is None or quiet <= rule.missed.longest_gap:
            return event, True, "event"
        return (clear, False, "missed-visits") if clear is not None else (0, False, "no-assessment")
    if stop is not None:
        return (clear, False, "stopped") if clear is not None else (0, False, "no-assessment")
    for kind in rule.otherwise:
        last = clear if kind == "assessment" else max(course.get(kind, []), default=None)
        if last is not None:
            return last, False, "end-of-follow-up"
    return (0, False, "no-assessment") if "assessment" in rule.otherwise else None


day = st.integers(1, 700)
courses = st.fixed_dictionaries(
    {
        "visits": st.lists(st.tuples(day, st.sampled_from(["SD", "PR", "PD", "NE"])), max_size=6),
        "death": st.one_of(st.none(), day),
        "contact": st.one_of(st.none(), day),
        "next": st.one_of(st.none(), day),
        "end": st.one_of(st.none(), st.tuples(day, st.sampled_from(["toxicity", "progression"]))),
    }
)


@settings(deadline=None, max_examples=30)
@given(st.lists(courses, min_size=1, max_size=8))
def test_every_rule_set_agrees_with_a_slow_one(group: list[dict]) -> None:  # type: ignore[type-arg]
    def on(n: int | None) -> date | None:
        return None if n is None else START + timedelta(days=n)

    names = [str(i) for i in range(len(group))]
    who = pl.DataFrame(
        {
            "patient": names,
            "treatment_start": [START] * len(group),
            "death_date": [on(c["death"]) for c in group],
            "last_contact": [on(c["contact"]) for c in group],
            "treatment_end": [on(c["end"][0]) if c["end"] else None for c in group],
            "treatment_end_reason": [c["end"][1] if c["end"] else None for c in group],
        },
        schema_overrides={
            "death_date": pl.Date, "last_contact": pl.Date, "treatment_end": pl.Date,
            "treatment_end_reason": pl.String,
        },
    )  # fmt: skip
    seen = pl.DataFrame(
        [(p, on(d), r) for p, c in zip(names, group, strict=True) for d, r in c["visits"]],
        schema={"patient": pl.String, "date": pl.Date, "overall": pl.String},
        orient="row",
    )
    lines = pl.DataFrame(
        [(p, on(c["next"])) for p, c in zip(names, group, strict=True) if c["next"] is not None],
        schema={"patient": pl.String, "start": pl.Date},
        orient="row",
    )
    f = ep.facts(who, visits=seen, therapies=lines)
    rules = {
        **{f"pfs {k}": r for k, r in ep.rule_sets_for(ep.PFS, MISSED).items()},
        **{k: ep.ENDPOINTS[k] for k in ("os", "ttp", "ttf", "tot", "ttnt")},
    }
    for name, rule in rules.items():
        got = ep.derive(f, rule, patients=who)
        for row, c in zip(got.iter_rows(named=True), group, strict=True):
            course: Course = {
                "progression": [d for d, r in c["visits"] if r == "PD"],
                "assessment": [d for d, r in c["visits"] if r in ("SD", "PR")],
                "death": [c["death"]] if c["death"] is not None else [],
                "last_contact": [c["contact"]] if c["contact"] is not None else [],
                "next_therapy": [c["next"]] if c["next"] is not None else [],
                "treatment_end": [c["end"][0]] if c["end"] else [],
                "toxicity": [c["end"][0]] if c["end"] and c["end"][1] == "toxicity" else [],
                "clinical_progression": [c["end"][0]]
                if c["end"] and c["end"][1] != "toxicity"
                else [],
            }
            expected = slow(course, rule)
            found = None if row["time"] is None else (row["time"], row["event"], row["reason"])
            assert found == expected, (name, course)
            if row["event"] and row["last_clear"] is not None:
                assert row["last_clear"] <= row["first_event"]

"""RECIST 1.1, one visit at a time: small dated tables as a radiologist would read them."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
import pytest

from oncohort.criteria import recist
from oncohort.criteria.recist.overall import non_target_response, overall_response

WEEK = timedelta(weeks=1)
BASE = date(2014, 1, 6)

# One lesion over the visits: a length in mm, or a word: "gone", "small" (too small to measure),
# "ne" (not evaluable), "there" (present), "worse" (unequivocal progression), "maybe" (equivocal),
# "-" (no row at that visit). "in T1": merged into T1.
WORDS = {
    "gone": "absent",
    "small": "too small",
    "ne": "not evaluable",
    "there": "present",
    "worse": "unequivocal progression",
    "maybe": "equivocal",
}


def chart(
    lesions: dict[str, str], nodes: tuple[str, ...] = (), every: int = 8, patient: str = "1"
) -> pl.DataFrame:
    """Lesion rows from a picture: {"T1": "50 40 30", "N1": "- - there"}.

    The first letter says the role: T target, L non-target, N new. Visits are 8 weeks apart, the
    first is the baseline. ``small:3`` is too small, measured 3 mm.
    """
    roles = {"T": "target", "L": "non-target", "N": "new"}
    rows = []
    for name, cells in lesions.items():
        words = cells.replace("in ", "in_").split()
        for i, word in enumerate(words):
            if word == "-":
                continue
            row: dict[str, object] = {
                "patient": patient,
                "lesion": name,
                "role": roles[name[0]],
                "node": name in nodes,
                "date": BASE + i * every * WEEK,
                "diameter_mm": None,
                "status": None,
                "merged_into": None,
            }
            head, _, size = word.partition(":")
            if head.startswith("in_"):
                row["merged_into"] = head[3:]
            elif head in WORDS:
                row["status"] = WORDS[head]
                row["diameter_mm"] = float(size) if size else None
            else:
                row["status"], row["diameter_mm"] = "measured", float(head)
            rows.append(row)
    return pl.DataFrame(
        rows,
        schema_overrides={
            "diameter_mm": pl.Float64,
            "status": pl.String,
            "merged_into": pl.String,
            "date": pl.Date,
        },
    ).with_row_index("source_row", 2)


def calls(lesions: dict[str, str], nodes: tuple[str, ...] = (), **kw: object) -> list[str]:
    """Overall response of the visits after baseline."""
    out = recist.assess(chart(lesions, nodes), **kw)  # type: ignore[arg-type]
    return out.filter(~pl.col("baseline"))["overall"].to_list()


def codes(lesions: dict[str, str], nodes: tuple[str, ...] = (), **kw: object) -> list[str]:
    out = recist.assess(chart(lesions, nodes), **kw)  # type: ignore[arg-type]
    return out.filter(~pl.col("baseline"))["code"].to_list()


# ---------------------------------------------------------------------------------- the tables

TABLE_1 = [
    # target, non-target, new lesions, overall
    ("CR", "CR", "no", "CR"),
    ("CR", None, "no", "CR"),
    ("CR", "Non-CR/Non-PD", "no", "PR"),
    ("CR", "NE", "no", "PR"),
    ("PR", "CR", "no", "PR"),
    ("PR", "Non-CR/Non-PD", "no", "PR"),
    ("PR", "NE", "no", "PR"),
    ("PR", None, "no", "PR"),
    ("SD", "CR", "no", "SD"),
    ("SD", "Non-CR/Non-PD", "no", "SD"),
    ("SD", "NE", "no", "SD"),
    ("SD", None, "no", "SD"),
    ("NE", "CR", "no", "NE"),
    ("NE", "Non-CR/Non-PD", "no", "NE"),
    ("NE", "NE", "no", "NE"),
    ("NE", None, "no", "NE"),
    *[
        ("PD", n, new, "PD")
        for n in ("CR", "Non-CR/Non-PD", "PD", "NE", None)
        for new in ("yes", "no")
    ],
    *[(t, "PD", new, "PD") for t in ("CR", "PR", "SD", "NE") for new in ("yes", "no")],
    *[
        (t, n, "yes", "PD")
        for t in ("CR", "PR", "SD", "NE")
        for n in ("CR", "Non-CR/Non-PD", "NE", None)
    ],
]

TABLE_2 = [
    # non-target, new lesions, overall (no target lesion at baseline)
    ("CR", "no", "CR"),
    ("Non-CR/Non-PD", "no", "Non-CR/Non-PD"),
    ("NE", "no", "NE"),
    ("PD", "no", "PD"),
    ("PD", "yes", "PD"),
    ("CR", "yes", "PD"),
    ("Non-CR/Non-PD", "yes", "PD"),
    ("NE", "yes", "PD"),
]


def _overall(target: str | None, non_target: str | None, new: str) -> str:
    visit = pl.DataFrame(
        {"t": [target], "n": [non_target], "new": [new]},
        schema={"t": pl.String, "n": pl.String, "new": pl.String},
    )
    expr = overall_response(pl.col("t"), pl.col("n"), pl.col("new"))
    return str(visit.select(expr).item())


@pytest.mark.parametrize(("target", "non_target", "new", "overall"), TABLE_1)
def test_table_1(target: str, non_target: str | None, new: str, overall: str) -> None:
    assert _overall(target, non_target, new) == overall


@pytest.mark.parametrize(("non_target", "new", "overall"), TABLE_2)
def test_table_2(non_target: str, new: str, overall: str) -> None:
    assert _overall(None, non_target, new) == overall


def test_an_equivocal_new_lesion_alone_is_not_progression() -> None:
    assert _overall("SD", None, "equivocal") == "SD"


@pytest.mark.parametrize(
    ("n", "gone", "persisting", "progressing", "response"),
    [
        (0, 0, 0, 0, None),
        (2, 2, 0, 0, "CR"),
        (2, 1, 1, 0, "Non-CR/Non-PD"),
        (2, 1, 0, 0, "NE"),  # one was not seen
        (2, 0, 1, 0, "Non-CR/Non-PD"),  # one persists, the other was not seen
        (2, 1, 0, 1, "PD"),
        (2, 0, 0, 0, "NE"),
    ],
)
def test_non_target(n: int, gone: int, persisting: int, progressing: int, response: str) -> None:
    row = pl.DataFrame({"n": [n], "g": [gone], "s": [persisting], "p": [progressing]})
    expr = non_target_response(
        n=pl.col("n"), gone=pl.col("g"), persisting=pl.col("s"), progressing=pl.col("p")
    )
    assert row.select(expr).item() == response


# ------------------------------------------------------------------------------ target response


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        ("100 70", ["PR"]),  # exactly 30 %
        ("100 70.01", ["SD"]),
        ("100 69.9", ["PR"]),
        ("100 119.99", ["SD"]),
        ("100 120", ["PD"]),  # exactly 20 % and 20 mm
        ("20 24", ["SD"]),  # 20 %, but 4 mm
        ("20 24.99", ["SD"]),
        ("20 25", ["PD"]),  # 25 % and exactly 5 mm
        ("25 30", ["PD"]),  # exactly 20 % and exactly 5 mm
        ("26 31", ["SD"]),  # 5 mm, but 19.2 %
        ("33.3 23.31", ["PR"]),  # 30 % of a length that binary fractions can't hold
        ("0.3 0.21", ["PR"]),
        ("80 51.6 63", ["PR", "PD"]),
        ("100 50 60", ["PR", "PD"]),  # 20 % above the nadir, still 40 % below baseline
        ("100 50 59", ["PR", "PR"]),
        ("165 63 65", ["PR", "PR"]),
        ("100 90 105 110", ["SD", "SD", "PD"]),  # 22 % above the nadir of 90
        ("100 gone", ["CR"]),
        ("100 0", ["CR"]),
        ("100 small", ["PR"]),
        ("100 gone small", ["CR", "PD"]),  # back after an overall complete response
        ("100 ne", ["NE"]),
        ("100 there", ["NE"]),
    ],
)
def test_one_target(sizes: str, expected: list[str]) -> None:
    assert calls({"T1": sizes}) == expected


def test_progression_is_measured_from_the_nadir_baseline_included() -> None:
    assert calls({"T1": "20 30"}) == ["PD"]


def test_too_small_counts_five_millimetres_unless_measured() -> None:
    out = recist.assess(chart({"T1": "20 small", "T2": "20 small:3"}))
    assert out["sum_mm"].to_list() == [40.0, 8.0]


def test_a_sum_need_not_be_zero_for_complete_response() -> None:
    rows = {"T1": "30 gone", "T2": "20 9.9"}
    assert calls(rows, nodes=("T2",)) == ["CR"]
    assert calls({"T1": "30 gone", "T2": "20 10"}, nodes=("T2",)) == ["PR"]


def test_complete_response_comes_before_progression() -> None:
    # Both nodes normal at 4 mm, then at 9 mm: +125 % and +5 mm, and still normal.
    assert calls({"T1": "20 4 9"}, nodes=("T1",)) == ["CR", "CR"]


def test_progression_comes_before_partial_response() -> None:
    # 60 mm is 40 % below baseline, and 50 % and 20 mm above the nadir.
    assert calls({"T1": "100 40 60"}) == ["PR", "PD"]


def test_a_missing_target_is_not_evaluable() -> None:
    assert calls({"T1": "30 20", "T2": "30 -"}) == ["NE"]
    assert codes({"T1": "30 20", "T2": "30 -"}) == ["target-missing"]


def test_the_measured_part_alone_may_be_progression() -> None:
    assert calls({"T1": "30 80", "T2": "30 -"}) == ["PD"]
    assert codes({"T1": "30 80", "T2": "30 ne"}) == ["part-already-progressed"]


def test_an_incomplete_sum_never_sets_the_nadir() -> None:
    out = recist.assess(chart({"T1": "50 10 40", "T2": "50 - 40"}))
    assert out["nadir_mm"].to_list() == [None, 100.0, 100.0]
    assert out["overall"].to_list() == [None, "NE", "SD"]


def test_the_nadir_has_its_date() -> None:
    out = recist.assess(chart({"T1": "80 60 51.6 55 63"}))
    last = out.row(-1, named=True)
    assert (last["nadir_mm"], last["nadir_date"]) == (51.6, BASE + 16 * WEEK)
    assert last["change_from_nadir"] == pytest.approx(22.093, abs=1e-3)


def test_a_baseline_target_without_length_leaves_the_sum_unknown() -> None:
    assert codes({"T1": "50 40", "T2": "ne 10"}) == ["baseline-sum-unknown"]


def test_pieces_are_added_and_merged_lesions_counted_once() -> None:
    out = recist.assess(chart({"T1": "50 -", "T1/1": "- 20", "T1/2": "- 15.5"}))
    assert out["sum_mm"].to_list() == [50.0, 35.5]
    out = recist.assess(chart({"T1": "30 40 41", "T2": "20 in T1 -"}))
    assert out["sum_mm"].to_list() == [50.0, 40.0, 41.0]


def test_a_piece_that_could_not_be_measured_makes_the_lesion_not_evaluable() -> None:
    assert calls({"T1": "50 -", "T1/1": "- 20", "T1/2": "- ne"}) == ["NE"]


def test_two_values_on_one_day_are_not_evaluable_and_a_repeat_is_harmless() -> None:
    rows = chart({"T1": "50 30"})
    other = rows.filter(pl.col("date") > BASE).with_columns(diameter_mm=pl.lit(45.0))
    assert recist.assess(pl.concat([rows, other]))["overall"].to_list() == [None, "NE"]
    same = rows.filter(pl.col("date") > BASE)
    assert recist.assess(pl.concat([rows, same]))["overall"].to_list() == [None, "PR"]


# --------------------------------------------------------------------- after complete response


def test_disease_back_after_an_overall_complete_response_is_progression() -> None:
    assert codes({"T1": "40 gone 3", "L1": "there gone gone"}) == ["all-gone", "back-after-cr"]
    assert calls({"T1": "40 gone gone", "L1": "there gone there"}) == ["CR", "PD"]


def test_after_complete_response_of_the_targets_alone_the_sum_rule_holds() -> None:
    assert calls({"T1": "40 gone 3", "L1": "there there there"}) == ["PR", "PR"]


def test_nodes_around_ten_millimetres_follow_the_sum_rule() -> None:
    assert calls({"T1": "20 9 11"}, nodes=("T1",)) == ["CR", "PR"]
    assert calls({"T1": "20 9 14"}, nodes=("T1",)) == ["CR", "PD"]


def test_the_rule_after_complete_response_is_declared() -> None:
    loose = recist.RecistRules(after_complete_response="sum rule")
    assert calls({"T1": "40 gone 3"}, rules=loose) == ["CR", "PR"]


def test_an_unconfirmed_complete_response_is_not_final_where_confirmation_is_asked() -> None:
    assert calls({"T1": "40 gone 3"}, confirmation_days=28) == ["CR", "PR"]
    assert calls({"T1": "40 gone gone 3"}, confirmation_days=28) == ["CR", "CR", "PD"]


# ---------------------------------------------------------------------------------- carried PR


def _carried(sizes: str, days: int | None = None) -> list[str]:
    out = recist.assess(chart({"T1": sizes}), confirmation_days=days)
    return out.filter(~pl.col("baseline"))["overall_carried"].to_list()


def test_a_partial_response_is_carried_until_progression() -> None:
    assert calls({"T1": "100 70 70 80 80 80"}) == ["PR", "PR", "SD", "SD", "SD"]
    assert _carried("100 70 70 80 80 80") == ["PR"] * 5
    assert _carried("100 70 70 80 95 80") == ["PR", "PR", "PR", "PD", "SD"]


def test_only_a_confirmed_response_is_carried_where_confirmation_is_asked() -> None:
    assert _carried("100 70 80", 28) == ["PR", "SD"]
    assert _carried("100 70 70 80", 28) == ["PR", "PR", "PR"]


# ------------------------------------------------------------------------- non-target and new


def test_non_target_progression() -> None:
    rows = {"T1": "40 30", "L1": "there worse"}
    assert codes(rows) == ["non-target-progression"]


def test_growth_of_a_non_target_lesion_alone_is_not_progression() -> None:
    assert calls({"T1": "40 30", "L1": "12 60"}) == ["SD"]


def test_non_target_only_disease() -> None:
    rows = {"L1": "there there there gone", "L2": "there there - gone"}
    assert calls(rows) == ["Non-CR/Non-PD", "Non-CR/Non-PD", "CR"]
    assert calls({"L1": "there -", "L2": "there gone"}) == ["NE"]


def test_a_non_target_node_is_gone_below_ten_millimetres() -> None:
    assert calls({"L1": "12 9.9"}, nodes=("L1",)) == ["CR"]
    assert calls({"L1": "12 10"}, nodes=("L1",)) == ["Non-CR/Non-PD"]


def test_new_lesion() -> None:
    out = recist.assess(chart({"T1": "40 20 20", "N1": "- - there"}))
    last = out.row(-1, named=True)
    assert (last["overall"], last["new_lesion"], last["source_row"]) == ("PD", "yes", 5)


def test_an_equivocal_new_lesion_confirmed_later_is_dated_back() -> None:
    rows = {"T1": "40 38 36 36", "N1": "- maybe maybe there"}
    assert calls(rows) == ["PD", "PD", "PD"]
    assert codes(rows)[0] == "new-lesion-confirmed-later"
    assert calls({"T1": "40 38 36 36", "N1": "- maybe maybe -"}) == ["SD", "SD", "SD"]
    never = recist.RecistRules(backdate_equivocal=False)
    assert calls(rows, rules=never) == ["SD", "SD", "PD"]


def test_dating_back_stops_where_the_finding_was_absent() -> None:
    rows = {"T1": "40 38 38 38 38", "N1": "- maybe gone maybe there"}
    assert calls(rows) == ["SD", "SD", "PD", "PD"]


def test_a_new_lesion_in_a_patient_without_disease_at_baseline_visit_rows() -> None:
    assert calls({"L1": "there there", "N1": "- there"}) == ["PD"]


# -------------------------------------------------------------------------- visits and baseline


def _scan(
    day: date, lesion: str, mm: float, role: str = "target", **more: object
) -> dict[str, object]:
    return {"patient": "1", "lesion": lesion, "date": day, "role": role, "diameter_mm": mm} | more


def test_scans_around_one_visit_are_one_assessment() -> None:
    rows = pl.DataFrame(
        [
            _scan(BASE, "T1", 30.0),
            _scan(BASE, "T2", 30.0),
            _scan(date(2014, 3, 3), "T1", 20.0),
            _scan(date(2014, 3, 8), "T2", 20.0),
        ]
    )
    out = recist.assess(rows)
    assert out["overall"].to_list() == [None, "PR"]
    assert out["date"].to_list()[1] == date(2014, 3, 8)
    first = recist.assess(rows, rules=recist.RecistRules(date_rule="first"))
    assert first["date"].to_list()[1] == date(2014, 3, 3)
    apart = recist.assess(rows, rules=recist.RecistRules(visit_window_days=3))
    assert apart["overall"].to_list() == [None, "NE", "NE"]


def test_weekly_scans_are_not_one_long_assessment() -> None:
    days = [date(2014, 3, 3), date(2014, 3, 9), date(2014, 3, 15), date(2014, 3, 21)]
    rows = pl.DataFrame([_scan(BASE, "T1", 30.0), *[_scan(d, "T1", 20.0) for d in days]])
    out = recist.assess(rows)
    assert out.select("first_date", "last_date").rows()[1:] == [
        (days[0], days[1]),
        (days[2], days[3]),
    ]


def test_visit_labels_say_what_belongs_together() -> None:
    rows = pl.DataFrame(
        [
            _scan(BASE, "T1", 30.0, visit="baseline"),
            _scan(BASE, "T2", 30.0, visit="baseline"),
            _scan(date(2014, 3, 3), "T1", 20.0, visit="week 8"),
            _scan(date(2014, 3, 15), "T2", 20.0, visit="week 8"),
        ]
    )
    out = recist.assess(rows)
    assert out["visit"].to_list() == ["baseline", "week 8"]
    assert out["overall"].to_list() == [None, "PR"]


def test_progression_is_dated_at_the_scan_that_showed_it() -> None:
    rows = pl.DataFrame(
        [
            _scan(BASE, "T1", 30.0),
            _scan(date(2014, 3, 3), "N1", 12.0, role="new"),
            _scan(date(2014, 3, 8), "T1", 30.0),
        ]
    )
    assert recist.assess(rows)["date"].to_list()[1] == date(2014, 3, 3)


def test_the_baseline_is_the_last_scan_before_treatment() -> None:
    rows = pl.DataFrame(
        [
            _scan(date(2013, 10, 1), "T1", 20.0),
            _scan(BASE, "T1", 30.0),
            _scan(date(2014, 3, 3), "T1", 21.0),
        ]
    )
    start = pl.DataFrame({"patient": ["1"], "treatment_start": [date(2014, 1, 10)]})
    out = recist.assess(rows, patients=start)
    assert out["sum_mm"].to_list() == [30.0, 21.0]
    assert out["overall"].to_list() == [None, "PR"]


def test_scans_in_the_baseline_window_are_one_baseline() -> None:
    rows = pl.DataFrame(
        [
            _scan(date(2013, 12, 20), "T1", 30.0),
            _scan(date(2014, 1, 7), "T2", 30.0),
            _scan(date(2014, 3, 3), "T1", 21.0),
            _scan(date(2014, 3, 3), "T2", 21.0),
        ]
    )
    start = pl.DataFrame({"patient": ["1"], "treatment_start": [date(2014, 1, 10)]})
    out = recist.assess(rows, patients=start)
    assert out["sum_mm"].to_list() == [60.0, 42.0]


def test_a_first_scan_after_treatment_start_is_no_baseline() -> None:
    rows = pl.DataFrame([_scan(date(2014, 1, 13), "T1", 30.0), _scan(date(2014, 3, 3), "T1", 21.0)])
    start = pl.DataFrame({"patient": ["1"], "treatment_start": [date(2014, 1, 10)]})
    assert recist.assess(rows, patients=start)["code"].to_list() == ["no-baseline", "no-baseline"]
    near = recist.RecistRules(baseline_after_start_days=7)
    assert recist.assess(rows, patients=start, rules=near)["overall"].to_list() == [None, "PR"]


def test_readers_are_never_mixed_silently() -> None:
    rows = pl.DataFrame(
        [
            _scan(BASE, "T1", 30.0, reader="A"),
            _scan(BASE, "T1", 32.0, reader="B"),
            _scan(date(2014, 3, 3), "T1", 21.0, reader="A"),
            _scan(date(2014, 3, 3), "T1", 31.0, reader="B"),
        ]
    )
    with pytest.raises(recist.RecistInputError, match="reader"):
        recist.assess(rows)
    assert recist.assess(rows, reader="A")["overall"].to_list() == [None, "PR"]
    assert recist.assess(rows, reader="B")["overall"].to_list() == [None, "SD"]


def test_missing_columns_are_named() -> None:
    with pytest.raises(recist.RecistInputError, match="role"):
        recist.assess(pl.DataFrame({"patient": ["1"], "lesion": ["T1"], "date": [BASE]}))


def test_other_frames_are_read() -> None:
    pandas = pytest.importorskip("pandas")
    rows = chart({"T1": "80 51.6 63"})
    frame = pandas.DataFrame(rows.to_dicts())
    assert recist.assess(frame)["overall"].to_list() == [None, "PR", "PD"]


# ------------------------------------------------------------------------------------- reasons


@pytest.mark.parametrize(
    ("lesions", "sentence"),
    [
        (
            {"T1": "80 51.6 63"},
            "sum 63 mm is 22 % and 11.4 mm above the nadir of 51.6 mm on 2014-03-03: PD",
        ),
        ({"T1": "100 70"}, "sum 70 mm is 30 % below the baseline of 100 mm: PR"),
        (
            {"T1": "100 70.1"},
            "sum 70.1 mm is 29.9 % below the baseline of 100 mm, "
            "neither response nor progression: SD",
        ),
        ({"T1": "30 -", "T2": "30 20"}, "only 1 of 2 target lesions could be evaluated: NE"),
        (
            {"T1": "30 80", "T2": "30 -"},
            "1 of 2 target lesions evaluated; their sum 80 mm alone is 33 % and 20 mm above the "
            "nadir of 60 mm on 2014-01-06: PD",
        ),
        ({"T1": "30 20", "N1": "- there"}, "new lesion on 2014-03-03: PD"),
        (
            {"T1": "100 70 70 80"},
            "sum 80 mm is 20 % below the baseline of 100 mm and 14 % and 10 mm above the nadir of "
            "70 mm on 2014-03-03, neither response nor progression: "
            "SD by itself, PR carried from an earlier visit",
        ),
        (
            {"T1": "30 gone", "L1": "there gone"},
            "all target lesions and all non-target lesions gone: CR",
        ),
        ({"T1": "30 gone"}, "all target lesions gone: CR"),
        (
            {"T1": "30 gone", "L1": "there there"},
            "all target lesions gone, but non-target disease persists: PR",
        ),
    ],
)
def test_reasons(lesions: dict[str, str], sentence: str) -> None:
    out = recist.assess(chart(lesions))
    assert recist.reason(out.row(-1, named=True)) == sentence


def test_every_row_has_a_reason_and_the_date_of_its_nadir() -> None:
    out = recist.assess(
        chart({"T1": "80 51.6 ne small gone 3", "L1": "there there ne gone gone there"})
    )
    for row in out.iter_rows(named=True):
        assert recist.reason(row) not in ("", row["code"])


def test_written_dates_are_read_and_columns_of_the_wrong_kind_are_named() -> None:
    rows = chart({"T1": "80 51.6 63"})
    written = rows.with_columns(pl.col("date").dt.to_string("%Y-%m-%d"))
    assert recist.assess(written).equals(recist.assess(rows))
    words = rows.with_columns(diameter_mm=pl.lit("big"))
    with pytest.raises(recist.RecistInputError, match="'diameter_mm' should hold numbers"):
        recist.assess(words)


def test_no_rows() -> None:
    nothing = chart({"T1": "80"}).clear()
    visits = recist.assess(nothing)
    assert visits.is_empty()
    who = pl.DataFrame({"patient": ["1"], "treatment_start": [BASE]})
    assert recist.best_response(visits, patients=who)["best_response"].to_list() == ["NE"]
    assert recist.check(nothing, patients=who) == []


def test_an_unlabelled_scan_on_the_day_of_a_visit_belongs_to_it() -> None:
    rows = pl.DataFrame(
        [
            _scan(BASE, "T1", 30.0, visit="0"),
            _scan(BASE, "T2", 30.0, visit=None),
            _scan(date(2014, 3, 3), "T1", 20.0, visit="1"),
            _scan(date(2014, 3, 3), "T2", 20.0, visit=None),
            _scan(date(2014, 5, 5), "T1", 20.0, visit=None),
        ]
    )
    out = recist.assess(rows)
    assert out["sum_mm"].to_list() == [60.0, 40.0, None]
    assert out["visit"].to_list() == ["0", "1", None]


def test_a_visit_known_only_by_month_says_so() -> None:
    rows = chart({"T1": "80 51.6"}).with_columns(
        date_precision=pl.when(pl.col("date") > BASE).then(pl.lit("month")).otherwise(pl.lit("day"))
    )
    assert recist.assess(rows)["date_precision"].to_list() == ["day", "month"]

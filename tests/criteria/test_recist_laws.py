"""Laws that hold for any chart, and a real data set."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
from hypothesis import example, given, settings
from hypothesis import strategies as st

from conftest import shared_file
from oncohort.criteria import recist

RANK = {r: i for i, r in enumerate(("CR", "PR", "SD", "Non-CR/Non-PD", "PD"))}
BASE = date(2014, 1, 6)

sizes = st.integers(0, 8000).map(lambda x: x / 100)
course = st.lists(st.one_of(st.none(), sizes), min_size=5, max_size=5)


@st.composite
def charts(draw: st.DrawFn) -> pl.DataFrame:
    """One to three target lesions over six visits, measured, absent or missing."""
    rows = []
    for lesion in range(draw(st.integers(1, 3))):
        node = draw(st.booleans())
        first = draw(st.integers(1500, 8000)) / 100
        for visit, size in enumerate([first, *draw(course)]):
            if size is not None:
                rows.append(
                    ("1", f"T{lesion}", BASE + timedelta(weeks=8 * visit), "target", node, size)
                )
    return pl.DataFrame(
        rows,
        schema={
            "patient": pl.String, "lesion": pl.String, "date": pl.Date, "role": pl.String,
            "node": pl.Boolean, "diameter_mm": pl.Float64,
        },
        orient="row",
    )  # fmt: skip


@settings(deadline=None, max_examples=40)
@given(charts(), st.integers(1000, 4000), st.lists(st.integers(0, 1500), min_size=5, max_size=5))
@example(
    pl.DataFrame(
        {
            "patient": ["1"] * 2, "lesion": ["T0"] * 2, "date": [BASE, BASE + timedelta(weeks=8)],
            "role": ["target"] * 2, "node": [False] * 2, "diameter_mm": [18.0, 23.56],
        }
    ),
    1000,
    [0] * 5,
)  # fmt: skip
def test_adding_a_lesion_that_grows_never_improves_a_response(
    chart: pl.DataFrame, first: int, steps: list[int]
) -> None:
    # It grows by a fifth from visit to visit at least: one that grows less can thin out another's
    # growth (18 to 23.56 mm is progression; beside a lesion that stays at 10 mm it isn't).
    size = [first]
    for step in steps:
        size.append(-(-size[-1] * 6 // 5) + step)
    growing = pl.DataFrame(
        {
            "patient": ["1"] * 6, "lesion": ["G"] * 6,
            "date": [BASE + timedelta(weeks=8 * i) for i in range(6)],
            "role": ["target"] * 6, "node": [False] * 6, "diameter_mm": [s / 100 for s in size],
        },
        schema=chart.schema,
    )  # fmt: skip
    # Visits before the first progression: after it, the nadir of the sum may differ either way.
    before = recist.assess(chart).filter(~pl.col("baseline"))
    after = recist.assess(pl.concat([chart, growing])).filter(~pl.col("baseline"))
    both = before.select("date", "overall").join(
        after.select("date", pl.col("overall").alias("with")), on="date"
    )
    for old, new in both.select("overall", "with").iter_rows():
        if old in RANK and new in RANK:
            assert RANK[new] >= RANK[old]
        if "PD" in (old, new):
            break
    one = recist.best_response(before)["best_response"].item() if before.height else "NE"
    two = recist.best_response(after)["best_response"].item()
    if one in ("SD", "PD"):
        assert two not in ("CR", "PR")


@settings(deadline=None, max_examples=25)
@given(charts(), st.integers(-3000, 3000))
def test_shifting_all_dates_changes_nothing(chart: pl.DataFrame, days: int) -> None:
    moved = chart.with_columns(pl.col("date") + pl.duration(days=days))
    one, two = recist.assess(chart), recist.assess(moved)
    dates = ("date", "nadir_date", "first_date", "last_date")
    assert one.drop(dates).equals(two.drop(dates))
    assert (two["date"] - one["date"]).dt.total_days().unique().to_list() == [days]


@settings(deadline=None, max_examples=25)
@given(charts(), st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(chart: pl.DataFrame, random: object) -> None:
    order = list(range(chart.height))
    random.shuffle(order)  # type: ignore[attr-defined]
    assert recist.assess(chart[order]).equals(recist.assess(chart))


@settings(deadline=None, max_examples=25)
@given(charts())
def test_patients_do_not_touch_each_other(chart: pl.DataFrame) -> None:
    other = chart.with_columns(pl.lit("0").alias("patient"), pl.col("diameter_mm") * 2)
    both = recist.assess(pl.concat([chart, other])).filter(pl.col("patient") == "1")
    assert both.equals(recist.assess(chart))


@settings(deadline=None, max_examples=25)
@given(charts())
def test_a_new_lesion_makes_any_visit_progression(chart: pl.DataFrame) -> None:
    last = chart["date"].max()
    if last == BASE:
        return
    new = chart.head(1).with_columns(
        pl.lit("N").alias("lesion"), pl.lit("new").alias("role"), pl.lit(last).alias("date")
    )
    out = recist.assess(pl.concat([chart, new]))
    assert out["overall"].to_list()[-1] == "PD"


@settings(deadline=None, max_examples=25)
@given(charts())
def test_confirmation_never_improves_the_best_response(chart: pl.DataFrame) -> None:
    visits = recist.assess(chart, confirmation_days=28)
    loose = recist.best_response(visits)["best_response"].item()
    strict = recist.best_response(visits, confirmation=recist.Confirmation())[
        "best_response"
    ].item()
    order = {"CR": 0, "PR": 1, "SD": 2, "PD": 3, "NE": 4}
    assert order[strict] >= order[loose]


def _ffcd(new_lesions: bool) -> dict[str, int]:
    """Best responses of 150 real patients with colorectal cancer; see SOURCES.md beside them."""
    sums = pl.read_csv(shared_file("data", "ffcd2000_05_tumour_size_long.csv"))
    events = pl.read_csv(shared_file("data", "ffcd2000_05_new_lesions_death.csv"))

    def day(column: str) -> pl.Expr:
        days = (pl.col(column) * 365.25).round().cast(pl.Int64)
        return (pl.lit(date(2000, 1, 3)) + pl.duration(days=days)).alias("date")

    rows = sums.select(
        pl.col("id").cast(pl.String).alias("patient"),
        pl.lit("T1").alias("lesion"),
        day("year"),
        pl.lit("target").alias("role"),
        (pl.col("sld_backtransformed") * 10).alias("diameter_mm"),
    )
    if new_lesions:
        seen = events.filter(pl.col("new.lesions") == 1).with_row_index("i")
        seen = seen.select(
            pl.col("id").cast(pl.String).alias("patient"),
            ("N" + pl.col("i").cast(pl.String)).alias("lesion"),
            day("time1"),
            pl.lit("new").alias("role"),
            pl.lit(None, dtype=pl.Float64).alias("diameter_mm"),
        )
        rows = pl.concat([rows, seen])
    best = recist.best_response(recist.assess(rows), stable_disease_min_weeks=0)
    counts = best["best_response"].value_counts()
    return dict(counts.iter_rows())


def test_ffcd_target_lesions_only() -> None:
    assert _ffcd(False) == {"CR": 6, "PR": 85, "SD": 36, "PD": 8, "NE": 15}


def test_ffcd_with_new_lesions() -> None:
    assert _ffcd(True) == {"CR": 6, "PR": 72, "SD": 37, "PD": 20, "NE": 15}

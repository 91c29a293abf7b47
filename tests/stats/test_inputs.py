"""Any column in; typed errors that name the rows."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from oncohort import stats
from oncohort.problems import OncohortError
from oncohort.stats.errors import (
    EntryError,
    EventCodingError,
    InputError,
    NoEventsError,
    TimeError,
    TooFewGroupsError,
    WeightError,
)
from oncohort.stats.inputs import as_labels, read_survival, snap_times

TIME = [5.0, 3.0, 8.0, 8.0]
EVENT = [True, False, True, True]


@pytest.mark.parametrize(
    "make",
    [list, tuple, np.array, pl.Series, pd.Series, pa.array, lambda v: pa.chunked_array([v])],
)
def test_any_column_is_read(make: object) -> None:
    data = read_survival(make(TIME), make(EVENT), group=make(["b", "a", "b", None]))  # type: ignore[operator]
    assert data.time.tolist() == [5.0, 3.0, 8.0]
    assert data.event.tolist() == [True, False, True]
    assert data.group is not None and data.group.levels == ("a", "b")
    assert data.left_out == {"missing group": 1}
    assert data.kept is not None and data.kept.tolist() == [0, 1, 2]


@pytest.mark.parametrize("dtype", [bool, np.int8, np.int64, np.uint8, np.float32, float, object])
def test_event_codes_zero_and_one(dtype: type) -> None:
    event = np.array([1, 0, 1, 1]).astype(dtype)
    assert read_survival(TIME, event).event.tolist() == EVENT


@pytest.mark.parametrize(
    ("event", "said"),
    [
        ([1, 2, 2, 1], "1 \\(2 rows\\), 2 \\(2 rows\\)"),
        ([0, 1, 2, 1], "2 \\(1 rows\\)"),
        ([0.0, 1.0, float("nan"), 1.0], "missing \\(1 rows\\)"),
        ([True, None, False, True], "missing \\(1 rows\\)"),
        (["1", "0", "1", "0"], "'1' \\(2 rows\\)"),
        (["dead", "alive", "dead", "dead"], "'dead' \\(3 rows\\)"),
    ],
)
def test_other_event_codes_are_asked(event: list[object], said: str) -> None:
    with pytest.raises(EventCodingError, match=said):
        stats.kaplan_meier(TIME, event)


def test_times_and_entries_name_their_rows() -> None:
    with pytest.raises(TimeError, match="rows 1, 3") as caught:
        stats.kaplan_meier([1, np.nan, 2, np.inf], EVENT)
    assert caught.value.rows == (1, 3)
    with pytest.raises(TimeError, match="negative time in rows 2"):
        stats.logrank([1, 2, -1, 3], EVENT, list("aabb"))
    with pytest.raises(EntryError, match="not before time in rows 0, 3"):
        stats.kaplan_meier(TIME, EVENT, entry=[5, 1, 1, 9])
    with pytest.raises(EntryError, match="missing or infinite in rows 2"):
        stats.kaplan_meier(TIME, EVENT, entry=[0, 1, None, 1])
    with pytest.raises(InputError, match="dates"):
        stats.kaplan_meier(np.array(["2020-01-01"] * 4, dtype="datetime64[D]"), EVENT)
    with pytest.raises(InputError, match="4 rows"):
        stats.kaplan_meier(TIME, [1, 0])
    with pytest.raises(InputError, match="no rows"):
        stats.kaplan_meier([], [])
    long = np.full(30, np.nan)
    with pytest.raises(TimeError, match=r"\.\.\. \(30 rows\)"):
        stats.kaplan_meier(long, np.ones(30))


def test_weights_groups_and_events() -> None:
    for bad in ([1, 0, 1, 1], [1, -1, 1, 1], [1, np.nan, 1, 1], [1, np.inf, 1, 1]):
        with pytest.raises(WeightError, match="rows 1"):
            stats.kaplan_meier(TIME, EVENT, weights=bad)
    with pytest.raises(TooFewGroupsError):
        stats.logrank(TIME, EVENT, ["a"] * 4)
    with pytest.raises(NoEventsError):
        stats.logrank(TIME, [0, 0, 0, 0], list("aabb"))
    with pytest.raises(InputError, match="no rows are left"):
        stats.kaplan_meier(TIME, EVENT, group=[None] * 4)
    with pytest.raises(InputError, match="level"):
        stats.kaplan_meier(TIME, EVENT, level=95)
    with pytest.raises(InputError, match="interval must be one of"):
        stats.kaplan_meier(TIME, EVENT, interval="exact")
    assert issubclass(EventCodingError, OncohortError)


def test_levels_have_one_order() -> None:
    assert as_labels([10, 9, 10.0], "g", 3).levels == (9, 10)
    assert as_labels([0.5, np.nan, 0.25], "g", 3).codes.tolist() == [1, -1, 0]
    assert as_labels([True, False], "g", 2).levels == (False, True)
    assert as_labels([3, 900, 7], "g", 3).levels == (3, 7, 900)
    assert as_labels([-5, 7, 2**40], "g", 3).levels == (-5, 7, 2**40)
    enum = pl.Series(["low", "high", None], dtype=pl.Enum(["low", "mid", "high"]))
    assert as_labels(enum, "g", 3).levels == ("low", "high")
    category = pd.Series(pd.Categorical(["low", "high"], categories=["low", "high"]))
    assert as_labels(category, "g", 2).levels == ("low", "high")
    assert as_labels(["b", 1, "a", 2], "g", 4).levels == (1, 2, "a", "b")


def test_pandas_missing_values_are_missing() -> None:
    with pytest.raises(EventCodingError, match="missing \\(1 rows\\)"):
        stats.kaplan_meier([1, 2], pd.Series([True, pd.NA], dtype="boolean"))
    with pytest.raises(TimeError, match="rows 1"):
        stats.kaplan_meier(pd.Series([1, pd.NA], dtype="Int64"), [1, 1])
    labels = as_labels(pd.Series(["a", pd.NA], dtype="string"), "g", 2)
    assert labels.codes.tolist() == [0, -1]


def test_comparisons_need_groups() -> None:
    for test in (stats.logrank, stats.logrank_pairwise, stats.logrank_permutation):
        with pytest.raises(InputError, match="one label per row"):
            test([1, 2], [1, 1], None)
    with pytest.raises(InputError, match="one label per row"):
        stats.gray_test([1, 2], [1, 0], None, cause=1)


def test_labels_of_several_kinds_make_one_table() -> None:
    for labels in ([1.5, 2, None], ["a", 2, "b"]):
        frame = stats.kaplan_meier([1, 2, 3], [1, 1, 0], group=labels).to_frame()
        assert frame["group"].null_count() == 0


def test_times_that_differ_by_rounding_are_one() -> None:
    (snapped,) = snap_times(np.array([24.3 / 12 * 12, 24.3, 0.1 + 0.2, 0.3]))
    assert snapped[0] == snapped[1] and snapped[2] == snapped[3]
    km = stats.kaplan_meier([0.1 + 0.2, 0.3, 1.0], [1, 1, 0])
    assert km.time.tolist() == [0.3, 1.0]
    assert km.events.tolist() == [2.0, 0.0]


def test_import_is_light_and_functions_are_not_hidden_by_their_modules() -> None:
    code = (
        "import sys, oncohort.stats as s; "
        "heavy = {'scipy', 'polars', 'pandas', 'matplotlib', 'narwhals'} & set(sys.modules); "
        "assert not heavy, heavy; "
        "import oncohort.stats.cox, oncohort.stats.concordance; "
        "assert callable(s.cox) and callable(s.concordance); "
        "assert 'scipy.stats' not in sys.modules; "
        "assert set(s.__all__) <= set(dir(s)); "
        "[getattr(s, name) for name in s.__all__]; "
        "assert 'scipy.stats' not in sys.modules and 'polars' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    with pytest.raises(AttributeError, match="no attribute 'kaplan'"):
        _ = stats.kaplan

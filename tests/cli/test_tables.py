"""`km` and `cox`: every format, every option; what can't be read is an error at its row."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from terminal import oncohort

from oncohort import stats

ENDS = ("--time", "months", "--event", "dead", "--event-value", "1")
RNG = np.random.default_rng(3)
N = 60
FRAME = pl.DataFrame(
    {
        "months": np.round(RNG.exponential(20, N) + 0.1, 1),
        "dead": RNG.integers(0, 2, N),
        "age": RNG.integers(40, 80, N),
        "sex": ["m", "f", "m"] * 20,
        "stage": ["I", "II", "III", "II"] * 15,
        "weight": np.round(RNG.uniform(0.5, 2, N), 2),
        "late": np.zeros(N),
        "site": [f"s{i % 6}" for i in range(N)],
    }
)


def write(folder: Path, kind: str, frame: pl.DataFrame = FRAME) -> Path:
    path = folder / f"cohort.{kind}"
    if kind == "csv":
        frame.write_csv(path)
    elif kind == "semicolon.csv":
        text = frame.write_csv(separator=";")
        path.write_text("\n".join(line.replace(".", ",") for line in text.splitlines()))
    elif kind == "tsv":
        frame.write_csv(path, separator="\t")
    elif kind == "parquet":
        frame.write_parquet(path)
    elif kind == "xlsx":
        from openpyxl import Workbook

        book = Workbook()
        book.active.append(frame.columns)
        for row in frame.iter_rows():
            book.active.append(row)
        book.save(path)
    else:
        import pyreadstat

        writers = {
            "sav": pyreadstat.write_sav,
            "dta": pyreadstat.write_dta,
            "xpt": pyreadstat.write_xport,
        }
        writers[kind](frame.to_pandas(), str(path))
    return path


def run(capsys: Any, command: str, path: Path, *more: object) -> Any:
    return oncohort(capsys, command, path, *ENDS, *more)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    "kind", ["csv", "semicolon.csv", "tsv", "parquet", "xlsx", "sav", "dta", "xpt"]
)
def test_every_format_gives_the_same(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], kind: str
) -> None:
    path = write(tmp_path, kind)
    said = run(capsys, "km", path, "--by", "sex")
    assert said.code == 0, said.err
    expected = stats.kaplan_meier(FRAME["months"], FRAME["dead"], group=FRAME["sex"])
    assert str(expected) in said.out
    assert str(stats.logrank(FRAME["months"], FRAME["dead"], FRAME["sex"])) in said.out
    said = run(capsys, "cox", path, "--covariates", "age,stage")
    assert said.code == 0, said.err
    matrix = FRAME.select(
        age="age",
        **{f"stage={s}": (pl.col("stage") == s).cast(float) for s in ("II", "III")},
    )
    fit = stats.cox(
        FRAME["months"],
        FRAME["dead"],
        matrix,
        terms={"age": ["age"], "stage": ["stage=II", "stage=III"]},
    )
    assert str(fit) in said.out
    assert f"stage: {fit.terms[1].test}" in said.out
    assert 'reference of stage: "I"' in said.out


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_mistake_among_numbers_is_an_error_at_its_row(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], kind: str
) -> None:
    ages = [str(v) for v in FRAME["age"]]
    ages[3] = "5O"
    path = write(tmp_path, kind, FRAME.with_columns(age=pl.Series(ages)))
    said = run(capsys, "cox", path, "--covariates", "age")
    assert said.code == 2 and not said.out
    assert '"5O"' in said.err and "row 5" in said.err  # the header is row 1
    said = run(capsys, "cox", path, "--covariates", "sex,age", "--factor", "age")
    assert said.code == 0 and "age=5O" in said.out


def test_blanks_around_a_level_do_not_make_another(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sex = ["M", "M ", " F", "F"] * 15
    path = write(tmp_path, "csv", FRAME.with_columns(sex=pl.Series(sex)))
    said = run(capsys, "cox", path, "--covariates", "sex")
    assert said.code == 0 and said.out.count("sex=") == 1
    said = run(capsys, "km", path, "--by", "sex")
    assert said.code == 0 and "2 df" not in said.out
    path = write(tmp_path, "csv", FRAME.with_columns(sex=pl.Series(["M", "F", "m", "F"] * 15)))
    for command, option in (("cox", "--covariates"), ("km", "--by")):
        said = run(capsys, command, path, option, "sex")
        assert said.code == 2 and "one level or two" in said.err and "row 4" in said.err


@pytest.mark.parametrize("kind", ["csv", "xlsx", "parquet"])
def test_dates_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str], kind: str) -> None:
    import datetime

    days = [datetime.date(2020, 1, 1) + datetime.timedelta(i) for i in range(N)]
    path = write(tmp_path, kind, FRAME.with_columns(seen=pl.Series(days)))
    for command, option in (("cox", "--covariates"), ("km", "--by"), ("km", "--entry")):
        said = run(capsys, command, path, option, "seen")
        assert said.code == 2 and '"seen"' in said.err


@pytest.mark.parametrize(
    ("values", "words"),
    [(["a"] * N, 'only "a"'), ([None] * N, "no values"), ([3] * N, 'only "3"')],
)
def test_a_covariate_with_one_level_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], values: list[Any], words: str
) -> None:
    path = write(tmp_path, "csv", FRAME.with_columns(unit=pl.Series(values)))
    said = run(capsys, "cox", path, "--covariates", "age,unit")
    assert said.code == 2 and '"unit"' in said.err and words in said.err


@pytest.mark.filterwarnings("ignore")
def test_options_of_cox(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(tmp_path, "csv")
    rows = (FRAME["months"], FRAME["dead"], FRAME.select("age"))
    for options, more in {
        ("--level", "0.9"): {"level": 0.9},
        ("--interval", "profile"): {"interval": "profile"},
        ("--ties", "breslow"): {"ties": "breslow"},
        ("--firth",): {"penalty": "firth"},
        ("--robust",): {"robust": True},
        ("--cluster", "site"): {"cluster": FRAME["site"]},
        ("--strata", "sex"): {"strata": FRAME["sex"]},
        ("--weights", "weight"): {"weights": FRAME["weight"]},
        ("--weights", "weight", "--no-robust"): {"weights": FRAME["weight"], "robust": False},
        ("--entry", "late"): {"entry": FRAME["late"]},
    }.items():
        said = run(capsys, "cox", path, "--covariates", "age", *options)
        assert said.code == 0, said.err
        assert str(stats.cox(*rows, **more)) in said.out, options
    said = run(capsys, "cox", path, "--covariates", "stage", "--reference", "stage=III")
    assert "stage=I " in said.out and "stage=III " not in said.out
    said = run(capsys, "cox", path, "--covariates", "stage", "--reference", "stage=IV")
    assert said.code == 2 and '"IV" is no level' in said.err
    assert run(capsys, "cox", path, "--covariates", "age", "--reference", "sex").code == 2


@pytest.mark.filterwarnings("ignore")
def test_options_of_km(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(tmp_path, "csv")
    rows = (FRAME["months"], FRAME["dead"])
    for options, more in {
        ("--level", "0.9"): {"level": 0.9},
        ("--interval", "plain"): {"interval": "plain"},
        ("--robust",): {"robust": True},
        ("--weights", "weight"): {"weights": FRAME["weight"]},
        ("--entry", "late"): {"entry": FRAME["late"]},
    }.items():
        said = run(capsys, "km", path, *options)
        assert said.code == 0, said.err
        assert str(stats.kaplan_meier(*rows, **more)) in said.out, options
    said = run(capsys, "km", path, "--by", "stage", "--times", "5,10,900")
    km = stats.kaplan_meier(*rows, group=FRAME["stage"])
    at = km.groups["II"].at(10)[0]
    assert f"II: survival at 10: {at.survival:.4f}" in said.out
    assert "II: survival at 900: not estimable" in said.out
    assert str(stats.logrank_pairwise(*rows, FRAME["stage"])) in said.out
    found = stats.survival_difference(*rows, FRAME["stage"], times=[5, 10, 900])
    assert str(found) in said.out
    weighted = run(capsys, "km", path, "--by", "sex", "--weights", "weight")
    test = stats.logrank(*rows, FRAME["sex"], weights=FRAME["weight"])
    assert str(test) in weighted.out
    assert run(capsys, "km", path, "--times", "five").code == 2


def test_one_group_or_no_event_prints_its_curve(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one = write(tmp_path, "csv", FRAME.with_columns(sex=pl.lit("m")))
    said = run(capsys, "km", one, "--by", "sex")
    assert said.code == 0 and "Kaplan-Meier" in said.out and "no test between groups" in said.out


def test_rows_are_counted_as_a_person_does(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    late = FRAME["late"].to_list()
    late[7] = 1e4
    path = write(tmp_path, "csv", FRAME.with_columns(late=pl.Series(late)))
    for command in (("km",), ("cox", "--covariates", "age")):
        said = run(capsys, command[0], path, "--entry", "late", *command[1:])
        assert said.code == 2 and "row 9" in said.err and "entry is not before time" in said.err
    weight = FRAME["weight"].to_list()
    weight[0] = 0.0
    path = write(tmp_path, "csv", FRAME.with_columns(weight=pl.Series(weight)))
    said = run(capsys, "km", path, "--weights", "weight")
    assert said.code == 2 and "row 2" in said.err
    weight[0] = None
    path = write(tmp_path, "csv", FRAME.with_columns(weight=pl.Series(weight)))
    said = run(capsys, "km", path, "--weights", "weight")
    assert said.code == 2 and "row 2" in said.err


def test_a_workbook_with_several_sheets_is_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from openpyxl import load_workbook

    path = write(tmp_path, "xlsx")
    book = load_workbook(path)
    book.create_sheet("Notes")["A1"] = "nothing"
    book.save(path)
    said = run(capsys, "km", path)
    assert said.code == 2 and '"Notes"' in said.err and "--sheet" in said.err
    said = run(capsys, "km", path, "--sheet", "Sheet")
    assert said.code == 0
    said = run(capsys, "km", path, "--sheet", "Other")
    assert said.code == 2 and '"Other"' in said.err


def test_what_is_no_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, data in (("none.csv", None), ("empty.csv", b""), ("broken.xlsx", b"PK\x03\x04zz")):
        path = tmp_path / name
        if data is not None:
            path.write_bytes(data)
        said = run(capsys, "km", path)
        assert said.code == 2 and "Traceback" not in said.err


def test_long_labels_are_cut_and_stay_apart(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    labels = [f"{'x' * 32_000}{k % 3}" for k in range(N)]
    path = write(tmp_path, "csv", FRAME.with_columns(pl.Series("long", labels)))
    (tmp_path / "plain").mkdir()
    ends = FRAME.with_columns(pl.Series("long", [label[-1] for label in labels]))
    plain = write(tmp_path / "plain", "csv", ends)
    asked = (*ENDS, "--by", "long", "--times", "5", "--quantiles", "0.5")
    said = [oncohort(capsys, "km", p, *asked).out for p in (path, plain)]
    assert max(map(len, said[0].splitlines())) < 300
    assert "... (2)" in said[0] and "... (3)" in said[0]
    test = [next(x for x in s.splitlines() if x.startswith("Log-rank")) for s in said]
    assert test[0] == test[1]
    fitted = oncohort(capsys, "cox", path, *ENDS, "--covariates", "long").out
    assert max(map(len, fitted.splitlines())) < 300


def test_groups_of_large_numbers_stay_apart(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    frame = FRAME.with_columns(pl.Series("batch", [1_234_567 + k % 2 for k in range(N)]))
    said = oncohort(capsys, "km", write(tmp_path, "csv", frame), *ENDS, "--by", "batch").out
    assert "1234567" in said and "1234568" in said


def test_one_group_is_named_in_words(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    frame = FRAME.with_columns(pl.lit("only").alias("one"))
    said = oncohort(capsys, "km", write(tmp_path, "csv", frame), *ENDS, "--by", "one").out
    assert 'a comparison needs two groups; there is "only"' in said

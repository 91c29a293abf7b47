"""What a tumour's description says of itself and of its patient: sex, stage, nodes, sizes."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import polars as pl

from oncohort.checks.rule import HIDDEN, Data, rule
from oncohort.problems import Problem, problem
from oncohort.vocabulary.mentions import mentions

EXCEPTIONS = 0.2
"""Rows up to this share contradict the others; beyond it the two columns mean other things."""
FEWEST = 5
"""Rows of one kind below which there is no rule to be an exception from."""
_M = r"(?i)^[cyp]*m([01])[a-d]?$"
_STAGE = r"(?i)^(?:stage|stadium|stade|estadio)?\s*(iv|iii|ii|i|4|3|2|1)[a-d]?\d?$"


def used_columns(data: Data) -> list[str]:
    """Columns of patients that the protocol uses as variables, as they are."""
    found = [v.column or k for k, v in data.protocol.variables.items() if not v.derive]
    there = set(data.patients.columns)
    return [c for c in dict.fromkeys(found) if c in there]


def _texts(data: Data) -> list[str]:
    kinds = data.patients.schema
    return [c for c in used_columns(data) if kinds[c] == pl.String and data.has("patients", c)]


def numbers(data: Data, *ideas: str) -> list[str]:
    """Numeric columns of patients whose name tells one of some ideas."""
    return [
        c
        for c, kind in data.patients.schema.items()
        if kind.is_numeric() and c not in HIDDEN and mentions(c, *ideas)
    ]


@rule("patients.sex-of-tumour")
def sex_of_tumour(data: Data) -> Iterator[Problem]:
    """Ovarian cancer in men, prostate cancer in women: one of the two is a slip."""
    if not data.has("patients", "sex"):
        return
    rows = data.included(data.patients).filter(pl.col("sex").is_not_null())
    yield from _sex_of_disease(data, rows)
    for column in _texts(data):
        words = rows[column].drop_nulls().unique(maintain_order=True).to_list()
        kinds = {"female": "of_women", "male": "of_men"}
        of = {sex: [w for w in words if mentions(w, idea)] for sex, idea in kinds.items()}
        if column == "sex" or not any(of.values()):
            continue
        other = {"female": "male", "male": "female"}
        told = pl.any_horizontal(
            pl.col(column).is_in(of[sex]) & (pl.col("sex") == other[sex]) for sex in of
        )
        asked = rows.filter(pl.col(column).is_in([*of["female"], *of["male"]]))
        bad = asked.filter(told)
        if bad.height >= FEWEST and 2 * bad.height > asked.height:
            yield problem(
                "patients.sex-of-tumour",
                "turned",
                place=data.at("patients", "sex", bad["source_record"][0]),
                table="patients",
                column="sex",
                n=bad.height,
                of=asked.height,
                name=column,
                patients=bad["patient"].to_list(),
            )
            continue
        yield from data.notices(
            "patients.sex-of-tumour",
            bad,
            "patients",
            "sex",
            name=column,
            tumour=pl.col(column),
            sex=pl.col("sex"),
        )


SEX_EXCEPTIONS = 0.05
"""Patients of the other sex, up to this share, are slips in a study of one sex's tumour."""


def _sex_of_disease(data: Data, rows: pl.DataFrame) -> Iterator[Problem]:
    """A woman among the men of a study of prostate cancer."""
    disease = data.protocol.study.disease or ""
    of = {"of_men": "female", "of_women": "male"}
    other = [sex for idea, sex in of.items() if disease and mentions(disease, idea)]
    if len(other) != 1:
        return
    bad = rows.filter(pl.col("sex") == other[0])
    if rows.height < 2 * FEWEST or bad.height > max(1, SEX_EXCEPTIONS * rows.height):
        return
    yield from data.notices(
        "patients.sex-of-tumour",
        bad,
        "patients",
        "sex",
        "disease",
        disease=disease,
        sex=pl.col("sex"),
        n=rows.height - bad.height,
    )


def _all_match(rows: pl.DataFrame, column: str, pattern: str) -> bool:
    held = rows[column].drop_nulls().str.strip_chars()
    return bool(held.len() >= FEWEST and held.str.contains(pattern).mean() == 1)


def _exceptions(data: Data, asked: pl.DataFrame, bad: pl.DataFrame) -> bool:
    """Are the rows exceptions among those that could contradict?"""
    return 0 < bad.height <= max(1, EXCEPTIONS * asked.height) and asked.height >= FEWEST


@rule("patients.stage-contradicts")
def stage_contradicts(data: Data) -> Iterator[Problem]:
    """M0 with metastases, M1 without any, M1 below stage IV; only where they are exceptions."""
    rows = data.included(data.patients)
    texts = [c for c in _texts(data) if _all_match(rows, c, f"{_M}|{_STAGE}")]
    status = [c for c in texts if _all_match(rows, c, _M)]
    stages = [c for c in texts if mentions(c, "stage") and _all_match(rows, c, _STAGE)]
    counts = numbers(data, "number_of_metastases")
    for m, other in product(status, [*counts, *stages]):
        spread = pl.col(m).str.strip_chars().str.extract(_M) == "1"
        cases: list[tuple[str, pl.Expr, pl.Expr]]
        if other in counts:
            cases = [("", ~spread, pl.col(other) > 0), ("none", spread, pl.col(other) == 0)]
        else:
            found = pl.col(other).str.strip_chars().str.extract(_STAGE).str.to_lowercase()
            cases = [("stage", spread, ~found.is_in(["iv", "4"]))]
        for case, among, contradicts in cases:
            asked = rows.filter(among & contradicts.is_not_null())
            bad = asked.filter(contradicts)
            if not _exceptions(data, asked, bad):
                continue
            for row in bad.iter_rows(named=True):
                yield problem(
                    "patients.stage-contradicts",
                    case,
                    place=data.at("patients", m, row["source_record"]),
                    patient=row["patient"],
                    name=m,
                    status=row[m],
                    other=other,
                    value=f"{row[other]:g}" if isinstance(row[other], float) else row[other],
                )


@rule("patients.nodes")
def nodes(data: Data) -> Iterator[Problem]:
    """More nodes with tumour than were looked at."""
    rows = data.included(data.patients)
    pairs = product(numbers(data, "nodes_positive"), numbers(data, "nodes_examined"))
    for positive, examined in pairs:
        asked = rows.filter(pl.col(positive).is_not_null() & pl.col(examined).is_not_null())
        bad = asked.filter(pl.col(positive) > pl.col(examined))
        if positive == examined:
            continue
        if 2 * bad.height > max(2, asked.height):
            if bad.height >= FEWEST:
                yield problem(
                    "patients.nodes",
                    "exchanged",
                    place=data.at("patients", positive, bad["source_record"][0]),
                    n=bad.height,
                    of=asked.height,
                    name=positive,
                    other=examined,
                )
            continue
        yield from data.notices(
            "patients.nodes",
            bad,
            "patients",
            positive,
            positive=pl.col(positive),
            examined=pl.col(examined),
            name=positive,
            other=examined,
        )


LOWEST = 0.25
"""A zero is far from the others where the least of them is beyond this part of the median."""
FEW_ZEROS = 2


@rule("values.zero")
def zero(data: Data) -> Iterator[Problem]:
    """One or two zeros in a variable of which everybody else has something: a blank."""
    kinds = data.patients.schema
    rows = data.included(data.patients)
    for column in used_columns(data):
        if not kinds[column].is_numeric() or column in ("age", "kps", "ecog"):
            continue
        values = rows[column].drop_nulls()
        zeros, others = values.filter(values == 0), values.filter(values != 0)
        if not 0 < zeros.len() <= FEW_ZEROS or others.len() < 20:
            continue
        least, middle = float(others.min()), float(others.median())  # type: ignore[arg-type]
        # Of counts that begin with 1 a zero is one more of them; of lines of therapy none is 0.
        counts = bool((others.cast(pl.Float64) % 1 == 0).all())
        next_one = counts and least == 1 and not mentions(column, "line_of_therapy")
        if next_one or least < LOWEST * middle:
            continue
        held = rows.filter(pl.col(column) == 0)
        yield from data.notices(
            "values.zero", held, "patients", column, name=column, least=least, n=others.len()
        )

"""A copy of a study without identifiers: ids hashed, dates shifted, what remains is said.

Dates are shifted by a number of days of each patient's own, so that all intervals, and with them
all results, stay as they are. The key that ids and shifts are made with stays in the study's
folder (``deidentify.key``); whoever has it can find the patients again.

The rules follow the HIPAA Safe Harbor list (45 CFR 164.514(b)(2)): names, contact data and numbers
go, ages above 89 become one group, calendar dates do not stay. Whether the copy is anonymous under
the law of a country is not decided here: see what remains.
"""

from __future__ import annotations

import csv
import hashlib
import hmac
import os
import secrets
import tomllib
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from oncohort.checks.marked import harmless
from oncohort.problems import OutputError
from oncohort.protocol import Protocol, read_protocol
from oncohort.records import read_records
from oncohort.records.personal import find_personal
from oncohort.records.tables import TABLES

if TYPE_CHECKING:
    import polars as pl

KEY_FILE = "deidentify.key"
OLDEST = 90
"""Ages from here on become this one."""
MAX_SHIFT = 365
"""Days by which a patient's dates move at most, either way."""
FREE_TEXT = 40
"""Texts longer than this (the longest of a column) are taken for free text."""


@dataclass(frozen=True, slots=True)
class Deidentified:
    """What was done and what remains."""

    folder: Path
    patients: int
    dropped: tuple[str, ...]
    changed: tuple[str, ...]
    remains: tuple[str, ...]

    def lines(self) -> list[str]:
        """What to tell the user."""
        out = [f"Copy without identifiers: {self.folder} ({self.patients} patients)"]
        out += [f"  {line}" for line in self.changed]
        out.append(
            f"  Dropped: {', '.join(self.dropped)}." if self.dropped else "  No column was dropped."
        )
        out.append("What remains, and could tell who somebody is:")
        out += [f"  {line}" for line in self.remains]
        return out


def deidentify(study: Path | str, out: Path | str) -> Deidentified:
    """Write a copy of a study without identifiers.

    Parameters
    ----------
    study
        A folder with `study.toml`.
    out
        The folder of the copy; it must not be there, or be empty.

    Raises
    ------
    OutputError
        The folder holds files, or lies where the study is.
    ProtocolError, ReadError
        The study can't be read.
    """
    study, out = Path(study), Path(out)
    if out.resolve() == study.resolve():
        raise OutputError("The copy can't be in the folder of the study itself.")
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise OutputError(f"{out} is not empty; nothing is overwritten.")
    protocol, text = read_protocol(study)
    records = read_records(protocol, study)
    secret = _key(study)
    work = _Work(protocol, secret)
    frames = {name: work.table(name, frame) for name, frame in records.tables.items()}
    data = out / "data"
    data.mkdir(parents=True, exist_ok=True)
    for name, frame in frames.items():
        _write(data / f"{name}.csv", name, frame)
    (out / Protocol.FILE).write_text(_protocol(text, work), encoding="utf-8")
    patients = frames["patients"]
    return Deidentified(
        out,
        patients["patient"].n_unique(),
        tuple(work.dropped),
        tuple(work.said),
        tuple(_remains(patients, frames)),
    )


def _key(study: Path) -> bytes:
    """The study's own key; made once, readable by its owner only."""
    path = study / KEY_FILE
    if path.exists():
        return bytes.fromhex(path.read_text("ascii").strip())
    secret = secrets.token_bytes(32)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(secret.hex() + "\n")
    return secret


class _Work:
    """Turns tables into their copies; remembers what it did."""

    def __init__(self, protocol: Protocol, secret: bytes) -> None:
        self.protocol = protocol
        self.secret = secret
        self.dropped: list[str] = []
        self.said: list[str] = [
            "Patients got new ids, and each patient's dates moved by a number of days of their "
            "own; intervals are as they were.",
        ]
        if protocol.study.cutoff is not None:
            self.said.append(
                f"The cutoff ({protocol.study.cutoff}) was applied: later dates are gone, and "
                "follow-up ends there."
            )
        self.used = self._used_columns()
        self.answered: dict[str, str] = {}
        """Criterion = the column that holds its answer."""

    def _used_columns(self) -> set[str]:
        p = self.protocol
        out = {v.column or k for k, v in p.variables.items() if not v.derive and not v.source}
        for e in p.endpoints.values():
            out |= {c for c in (e.time, e.event) if c}
        if p.response and p.response.best_change:
            out.add(p.response.best_change)
        return out | {c.column for c in p.eligibility.criteria}

    def _digest(self, what: str, patient: str) -> bytes:
        return hmac.new(self.secret, f"{what}:{patient}".encode(), hashlib.sha256).digest()

    def new_id(self, patient: str) -> str:
        return "P" + self._digest("id", patient).hex()[:10]

    def shift(self, patient: str) -> int:
        """Days, from -MAX_SHIFT to MAX_SHIFT, never 0."""
        number = int.from_bytes(self._digest("shift", patient)[:8], "big") % (2 * MAX_SHIFT)
        days = number - MAX_SHIFT
        return days if days < 0 else days + 1

    def table(self, name: str, frame: pl.DataFrame) -> pl.DataFrame:
        import polars as pl

        kinds = TABLES[name].kinds
        if name == "patients":
            frame = self._answered(frame)
        if self.protocol.study.cutoff is not None:
            frame = _cut(name, frame, self.protocol.study.cutoff)
        frame = self._without_personal(name, frame)
        if name == "patients":
            frame = self._ages(frame)
        ids = frame["patient"].unique().to_list()
        shifts = {p: self.shift(p) for p in ids}
        moved = pl.col("patient").replace_strict(shifts, return_dtype=pl.Int64, default=0)
        dates = [c for c, t in frame.schema.items() if t == pl.Date]
        frame = frame.with_columns(
            *(pl.col(c) + pl.duration(days=moved) for c in dates)
        ).with_columns(
            pl.col("patient").replace_strict(
                {p: self.new_id(p) for p in ids}, return_dtype=pl.String, default=None
            )
        )
        if "reader" in kinds:
            readers = frame["reader"].drop_nulls().unique().sort().to_list()
            names = {r: f"reader {i}" for i, r in enumerate(readers, 1)}
            frame = frame.with_columns(
                pl.col("reader").replace_strict(names, return_dtype=pl.String, default=None)
            )
        return frame.sort("patient", maintain_order=True).drop("source_row")

    def _answered(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Criteria on calendar dates answered for each patient, while the dates still stand."""
        import polars as pl

        for criterion in self.protocol.eligibility.criteria:
            dated = isinstance(criterion.min, date) or isinstance(criterion.max, date)
            if not dated or criterion.table != "patients":
                continue
            if frame.schema.get(criterion.column) != pl.Date:
                continue
            value = pl.col(criterion.column)
            low = pl.lit(criterion.min if isinstance(criterion.min, date) else date.min)
            high = pl.lit(criterion.max if isinstance(criterion.max, date) else date.max)
            met = pl.when(value.is_between(low, high)).then(pl.lit("yes")).otherwise(pl.lit("no"))
            name = f"meets_{criterion.key}"
            frame = frame.with_columns(pl.when(value.is_not_null()).then(met).alias(name))
            self.answered[criterion.key] = name
            self.used.add(name)
            self.said.append(
                f'The criterion "{criterion.key}" names calendar dates; it was answered for each '
                "patient first."
            )
        return frame

    def _without_personal(self, name: str, frame: pl.DataFrame) -> pl.DataFrame:
        import polars as pl

        own = {"patient", "source_row", *TABLES[name].kinds}
        own |= {f"{c}_precision" for c in TABLES[name].dates}
        others = [c for c in frame.columns if c not in own]
        found = {
            p.column: p.words for p in find_personal(tuple(others), tuple(frame[c] for c in others))
        }
        texts = [
            c
            for c, t in frame.schema.items()
            if t == pl.String and c not in ("patient",) and c not in TABLES[name].levels
        ]
        for column in texts:
            longest = frame[column].str.len_chars().max()
            if isinstance(longest, int) and longest > FREE_TEXT and column not in ("term", "test"):
                found.setdefault(column, "free text")
        for column in others:
            values = frame[column].drop_nulls()
            if (
                column not in self.used
                and values.len() > 10
                and values.n_unique() == values.len()
                and (values.dtype == pl.String or _like_a_number_of_somebody(values))
            ):
                found.setdefault(column, "a value of its own for each patient")
        for column, why in found.items():
            self.dropped.append(f"{name}.{column} ({why})")
            if column in own:
                frame = frame.with_columns(pl.lit(None, dtype=frame.schema[column]).alias(column))
            else:
                frame = frame.drop(column)
        return frame

    def _ages(self, frame: pl.DataFrame) -> pl.DataFrame:
        import polars as pl

        if frame["birth_date"].null_count() < frame.height:
            at = pl.coalesce("treatment_start", "diagnosis_date")
            years = ((at - pl.col("birth_date")).dt.total_days() / 365.25).floor()
            frame = frame.with_columns(pl.coalesce("age", years).alias("age")).with_columns(
                pl.lit(None, dtype=pl.Date).alias("birth_date"),
                pl.lit(None, dtype=pl.String).alias("birth_date_precision"),
            )
            self.said.append("Birth dates became ages at the start of treatment.")
        old = int((frame["age"] >= OLDEST).sum() or 0)
        if old:
            self.said.append(f"{old} ages above 89 became {OLDEST}.")
        return frame.with_columns(pl.col("age").clip(upper_bound=OLDEST))


def _like_a_number_of_somebody(values: pl.Series) -> bool:
    low = values.min() if values.dtype.is_integer() else None
    return isinstance(low, int) and low >= 10_000


def _cut(name: str, frame: pl.DataFrame, cutoff: date) -> pl.DataFrame:
    """What the data said on the day of the cutoff."""
    import polars as pl

    late = pl.lit(cutoff)
    if name == "patients":
        died_later = pl.col("death_date") > late
        frame = frame.with_columns(
            pl.when(died_later)
            .then(pl.lit("alive"))
            .otherwise(pl.col("vital_status"))
            .alias("vital_status"),
            pl.when(died_later)
            .then(late)
            .otherwise(pl.min_horizontal("last_contact", late))
            .alias("last_contact")
            if frame["last_contact"].null_count() < frame.height
            else pl.col("last_contact"),
        )
        return frame.with_columns(
            *(
                pl.when(pl.col(c) > late).then(None).otherwise(pl.col(c)).alias(c)
                for c in ("death_date", "progression_date", "treatment_end")
            )
        )
    start = next((c for c in ("date", "start") if c in frame.columns), None)
    if start is None:
        return frame
    frame = frame.filter(pl.col(start).is_null() | (pl.col(start) <= late))
    if "end" in frame.columns:
        frame = frame.with_columns(
            pl.when(pl.col("end") > late).then(None).otherwise(pl.col("end")).alias("end")
        )
    return frame


def _written(value: Any, precision: str | None) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, date):
        text = value.isoformat()
        return text[: {"month": 7, "year": 4}.get(precision or "day", 10)]
    if isinstance(value, float):
        return repr(int(value)) if value.is_integer() else repr(value)
    return str(harmless(str(value)))


def _write(path: Path, name: str, frame: pl.DataFrame) -> None:
    precisions = {f"{c}_precision": c for c in TABLES[name].dates}
    columns = [
        c
        for c in frame.columns
        if c not in precisions and (c == "patient" or frame[c].null_count() < frame.height)
    ]
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow([harmless(c) for c in columns])
        for row in frame.iter_rows(named=True):
            writer.writerow([_written(row[c], row.get(f"{c}_precision")) for c in columns])


def _protocol(text: str, work: _Work) -> str:
    """The protocol of the copy: no comments, no maps (the copy has our own names), no cutoff."""
    import tomlkit

    raw = tomllib.loads(text)
    raw.pop("tables", None)
    head = raw["study"]
    head["data"] = "data"
    for gone in ("cutoff", "text"):
        head.pop(gone, None)
    for criterion in raw.get("eligibility", {}).get("criteria", []):
        if criterion["key"] in work.answered:
            criterion["column"] = work.answered[criterion["key"]]
            criterion["is"] = "yes"
            criterion.pop("min", None)
            criterion.pop("max", None)
        elif isinstance(criterion.get("min"), date) or isinstance(criterion.get("max"), date):
            work.said.append(
                f'The criterion "{criterion["key"]}" names a calendar date; it does not fit '
                "shifted dates."
            )
    out: str = tomlkit.dumps(raw)
    return out


def _remains(patients: pl.DataFrame, frames: dict[str, pl.DataFrame]) -> list[str]:
    """Smallest groups by sex and age, rare levels, years, terms."""
    import polars as pl

    out: list[str] = []
    keys: dict[str, pl.Expr] = {}
    if patients["sex"].null_count() < patients.height:
        keys["sex"] = pl.col("sex")
    if patients["age"].null_count() < patients.height:
        keys["decade of age"] = (pl.col("age") // 10 * 10).alias("decade")
    if keys:
        sizes = patients.group_by(*keys.values()).len()["len"].to_list()
        alone = sizes.count(1)
        least = min(sizes)
        out.append(
            f"By {' and '.join(keys)} the smallest group has {least} "
            f"patient{'' if least == 1 else 's'}"
            + (f"; {alone} patients stand alone." if alone > 1 else ".")
        )
    own = {
        "patient",
        *TABLES["patients"].kinds,
        *(f"{c}_precision" for c in TABLES["patients"].dates),
    }
    for column in patients.columns:
        if column in own:
            continue
        values = patients[column].drop_nulls()
        if values.len() == 0:
            continue
        low = values.min() if values.dtype.is_integer() else None
        high = values.max() if values.dtype.is_integer() else None
        if isinstance(low, int) and isinstance(high, int) and 1900 <= low <= high <= 2100:
            out.append(f'"{column}" looks like calendar years.')
        elif values.dtype == pl.String:
            counts = values.value_counts()["count"]
            rare = int((counts < 3).sum())
            if rare:
                out.append(f'"{column}" has {rare} values that fewer than 3 patients share.')
    for name in ("adverse_events", "procedures"):
        if name in frames and frames[name].height:
            out.append(f"{name} are as charted: rare ones may be known to others.")
    out.append("Shifts are at most a year: the years of the study stay visible.")
    return out

"""The copy of a study: its tables, its protocol, and what was done to them."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path

import polars as pl

from oncohort.criteria.partial_dates import impute
from oncohort.dataclass import dataclass
from oncohort.endpoints.eligibility import meets
from oncohort.problems import OutputError
from oncohort.protocol import Protocol, read_protocol
from oncohort.records import Records, read_records
from oncohort.records.known_ids import KnownIds
from oncohort.records.personal import PERSONAL, find_personal
from oncohort.regular_files import why
from oncohort.study.deidentify.columns import are_births, why_dropped
from oncohort.study.deidentify.follow_up import cut, trimmed
from oncohort.study.deidentify.identity import MAX_TRIM, Identity, key_of
from oncohort.study.deidentify.protocol import Names, protocol_of_copy
from oncohort.study.deidentify.remains import remains
from oncohort.study.deidentify.texts import redact
from oncohort.vocabulary.plurals import counted
from oncohort.vocabulary.spreadsheets import no_formula
from oncohort.vocabulary.tables import TABLES
from oncohort.whole_folders import working_folder

OLDEST = 90
"""Ages from here on become this one."""
FREE_TEXT = 40
"""Texts longer than this (the longest of a column) are taken for free text."""
VOCABULARY = ("term", "test")
"""Columns of medical terms: long ones are not free text."""


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


def deidentify(
    study: Path | str, out: Path | str, *, exact_follow_up: bool = False
) -> Deidentified:
    """Write a copy of a study without identifiers.

    Parameters
    ----------
    study
        A folder with `study.toml`.
    out
        The folder of the copy; it must not be there, or be empty. It is written whole or not
        at all.
    exact_follow_up
        Keep follow-up that ends on the cutoff (or another day that many share) as it is. Whoever
        knows that day can then tell the dates of those patients.

    Raises
    ------
    OutputError
        The folder holds files, lies where the study is, or can't be written.
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
    ids = records.tables["patients"]["patient"].to_list()
    work = _Work(protocol, Identity(key_of(study)), ids, records.people)
    work.not_read(records)
    frames = work.tables(dict(records.tables), exact_follow_up=exact_follow_up)
    copied = protocol_of_copy(text, work.answered, work.names, work.gone)
    _write_whole(out, frames, copied.text)
    patients = frames["patients"]
    return Deidentified(
        out,
        patients["patient"].n_unique(),
        tuple(work.dropped),
        (*work.remarks, *copied.remarks),
        tuple(remains(frames, work.used)),
    )


class _Work:
    """Turns tables into their copies; remembers what it did."""

    def __init__(
        self,
        protocol: Protocol,
        identity: Identity,
        patients: list[str],
        people: Iterable[str],
    ) -> None:
        self.protocol = protocol
        self.identity = identity
        self.names = Names(identity, frozenset(patients), KnownIds.of([*patients, *people]))
        self.dropped: list[str] = []
        self.gone: list[str] = []
        """Columns of patients that the copy lacks."""
        self.remarks: list[str] = [
            "Patients got new ids, and each patient's dates moved by a number of days of their "
            "own; intervals are as they were.",
        ]
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

    def not_read(self, records: Records) -> None:
        """Columns of personal data that the chart has and the reader left alone."""
        read = [
            records.place(name, c) for name, frame in records.tables.items() for c in frame.columns
        ]
        known = {(p.file, p.sheet, p.column) for p in read}
        words = {str(k): v for k, v in PERSONAL.items()}
        for one in records.problems:
            kind, at = one.id.removeprefix("personal."), one.place
            if kind in words and at.column and (at.file, at.sheet, at.column) not in known:
                self.dropped.append(f"{at.column} ({words[kind]}; not read)")

    def tables(
        self, frames: dict[str, pl.DataFrame], *, exact_follow_up: bool
    ) -> dict[str, pl.DataFrame]:
        """Every table of the copy."""
        frames = self._answered_and_cut(frames)
        frames = self._follow_up(frames, exact=exact_follow_up)
        frames = {name: self._without_personal(name, frame) for name, frame in frames.items()}
        frames["patients"] = self._ages(frames["patients"])
        frames = {name: self._redacted(name, frame) for name, frame in frames.items()}
        frames = self._lesions_renamed(frames)
        return {name: self._renamed_and_moved(name, frame) for name, frame in frames.items()}

    def _answered_and_cut(self, frames: dict[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
        frames = {**frames, "patients": self._answered(frames)}
        cutoff = self.protocol.study.cutoff
        if cutoff is None:
            return frames
        self.remarks.append(
            f"The cutoff ({cutoff}) was applied: later dates are gone, and follow-up ends there."
        )
        return {name: cut(name, frame, cutoff) for name, frame in frames.items()}

    def _follow_up(
        self, frames: dict[str, pl.DataFrame], *, exact: bool
    ) -> dict[str, pl.DataFrame]:
        cut_short, moved, kept = trimmed(frames, self.protocol.study.cutoff, self.identity)
        if exact:
            if moved + kept:
                self.remarks.append(
                    f"Follow-up of {_patients(moved + kept)} ends on a day that many share, and "
                    "was kept: whoever knows that day can tell the dates of these patients."
                )
            return frames
        if moved:
            self.remarks.append(
                f"Follow-up of {_patients(moved)} ended on a day that many share, which would "
                f"give their dates away: it ends 1 to {MAX_TRIM} days earlier, and times of "
                "patients without an event are shorter by that."
            )
        if kept:
            self.remarks.append(
                f"Follow-up of {_patients(kept)} ends on a day that many share, and another "
                "record of that day keeps it there: their dates can be told."
            )
        return cut_short

    def _answered(self, frames: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
        """Criteria on calendar dates answered for each patient, while the dates still stand."""
        patients = frames["patients"]
        for criterion in self.protocol.eligibility.criteria:
            table = frames.get(criterion.table)
            if table is None or table.schema.get(criterion.column) != pl.Date:
                continue
            asked = (criterion.min, criterion.max, criterion.is_, criterion.is_not)
            if all(one is None for one in asked):
                continue
            met = meets(criterion, impute(table))
            name = f"meets_{criterion.key}"
            words = pl.when(pl.col("met")).then(pl.lit("yes")).otherwise(pl.lit("no"))
            verdicts = met.select(
                "patient", pl.when(pl.col("met").is_not_null()).then(words).alias(name)
            )
            patients = patients.join(verdicts, on="patient", how="left", maintain_order="left")
            self.answered[criterion.key] = name
            self.used.add(name)
            self.remarks.append(
                f'The criterion "{criterion.key}" names calendar dates; it was answered for each '
                "patient first."
            )
        return patients

    def _without_personal(self, name: str, frame: pl.DataFrame) -> pl.DataFrame:
        """A table without the columns that identify people."""
        own = {"patient", "source_row", *TABLES[name].kinds}
        own |= {f"{c}_precision" for c in TABLES[name].dates}
        others = [c for c in frame.columns if c not in own]
        found = {
            p.column: p.words for p in find_personal(tuple(others), tuple(frame[c] for c in others))
        }
        for column, kind in frame.schema.items():
            if kind != pl.String or column == "patient" or column in TABLES[name].levels:
                continue
            longest = frame[column].str.len_chars().max()
            if isinstance(longest, int) and longest > FREE_TEXT and column not in VOCABULARY:
                found.setdefault(column, "free text")
        for column in others:
            why = why_dropped(frame[column], frame["patient"], used=column in self.used)
            if why:
                found.setdefault(column, why)
        start = pl.coalesce("treatment_start", "diagnosis_date") if name == "patients" else None
        for column in others if start is not None else ():
            if frame.schema[column] == pl.Date and are_births(
                frame[column], frame.select(start).to_series()
            ):
                found.setdefault(column, "dates of birth")
        for column, why in found.items():
            self.dropped.append(f"{name}.{column} ({why})")
            if column in own:
                frame = frame.with_columns(pl.lit(None, dtype=frame.schema[column]).alias(column))
            else:
                frame = frame.drop(column, f"{column}_precision", strict=False)
                self.gone.append(column)
        return frame

    def _redacted(self, name: str, frame: pl.DataFrame) -> pl.DataFrame:
        """Texts without ids, dates, names with a title, numbers and addresses of people."""
        fixed = {"patient", "reader", *TABLES[name].levels}
        fixed |= {f"{c}_precision" for c in TABLES[name].dates}
        for column, kind in frame.schema.items():
            if kind != pl.String or column in fixed:
                continue
            values = frame[column].drop_nulls().unique(maintain_order=True).to_list()
            changed = {v: new for v in values if (new := redact(v, self.names.known)) != v}
            if not changed:
                continue
            count = int(frame[column].is_in(list(changed)).sum())
            if column not in ("lesion", "merged_into"):
                self.remarks.append(
                    f'{counted(count, "cell")} of "{name}.{column}" held an id, a date, a name or '
                    "a number of somebody: that part was removed."
                )
                frame = frame.with_columns(
                    pl.col(column).replace_strict(
                        changed, default=pl.col(column), return_dtype=pl.String
                    )
                )
        return frame

    def _lesions_renamed(self, frames: dict[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
        """Lesions numbered within each patient: names of lesions hold ids and places."""
        names: dict[tuple[str, str], str] = {}
        counts: dict[str, int] = {}
        where = (("lesions", "lesion"), ("lesions", "merged_into"), ("procedures", "lesion"))
        for table, column in where:
            if table not in frames or column not in frames[table].columns:
                continue
            new: list[str | None] = []
            for patient, lesion in frames[table].select("patient", column).iter_rows():
                if lesion is None:
                    new.append(None)
                    continue
                base, slash, piece = lesion.partition("/")
                key = (patient, base.strip())
                if key not in names:
                    counts[patient] = counts.get(patient, 0) + 1
                    names[key] = f"L{counts[patient]}"
                new.append(names[key] + slash + (piece if len(piece) <= 2 else piece[-1]))
            frames[table] = frames[table].with_columns(pl.Series(column, new, dtype=pl.String))
        return frames

    def _renamed_and_moved(self, name: str, frame: pl.DataFrame) -> pl.DataFrame:
        """New ids, shifted dates, numbered readers; rows in the order of the new ids."""
        ids = frame["patient"].unique(maintain_order=True).to_list()
        shifts = {p: self.identity.shift(p) for p in ids}
        moved = pl.col("patient").replace_strict(shifts, return_dtype=pl.Int64, default=0)
        dates = [c for c, t in frame.schema.items() if t == pl.Date]
        frame = frame.with_columns(
            *(pl.col(c) + pl.duration(days=moved) for c in dates)
        ).with_columns(
            pl.col("patient").replace_strict(
                {p: self.identity.new_id(p) for p in ids}, return_dtype=pl.String, default=None
            )
        )
        if "reader" in TABLES[name].kinds:
            readers = frame["reader"].drop_nulls().unique().sort().to_list()
            titles = {r: f"reader {i}" for i, r in enumerate(readers, 1)}
            frame = frame.with_columns(
                pl.col("reader").replace_strict(titles, return_dtype=pl.String, default=None)
            )
        return frame.sort("patient", maintain_order=True).drop("source_row")

    def _ages(self, frame: pl.DataFrame) -> pl.DataFrame:
        if frame["birth_date"].null_count() < frame.height:
            at = pl.coalesce("treatment_start", "diagnosis_date")
            years = ((at - pl.col("birth_date")).dt.total_days() / 365.25).floor()
            frame = frame.with_columns(pl.coalesce("age", years).alias("age")).with_columns(
                pl.lit(None, dtype=pl.Date).alias("birth_date"),
                pl.lit(None, dtype=pl.String).alias("birth_date_precision"),
            )
            self.remarks.append("Birth dates became ages at the start of treatment.")
        old = int((frame["age"] >= OLDEST).sum() or 0)
        if old:
            self.remarks.append(f"{old} ages above 89 became {OLDEST}.")
        return frame.with_columns(pl.col("age").clip(upper_bound=OLDEST))


def _patients(n: int) -> str:
    return counted(n, "patient")


def _write_whole(out: Path, frames: dict[str, pl.DataFrame], protocol: str) -> None:
    """Every file beside the target first; then one rename."""
    try:
        out = out.resolve()  # a link to an empty folder stays one
        out.parent.mkdir(parents=True, exist_ok=True)
        with working_folder(out.parent, f".{out.name}.oncohort-") as made:
            (made / "data").mkdir()
            for name, frame in frames.items():
                _write(made / "data" / f"{name}.csv", name, frame)
            (made / Protocol.FILE).write_text(protocol, encoding="utf-8", newline="\n")
            for path in made.rglob("*"):
                path.chmod(0o700 if path.is_dir() else 0o600)
            if out.exists():
                out.rmdir()
            os.replace(made, out)
    except OSError as error:
        raise OutputError(f"No copy was made: {out} can't be written ({why(error)}).") from error


def _written(value: object, precision: str | None) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, date):
        text = value.isoformat()
        return text[: {"month": 7, "year": 4}.get(precision or "day", 10)]
    if isinstance(value, float):
        return repr(int(value)) if value.is_integer() else repr(value)
    return str(no_formula(str(value)))


def _write(path: Path, name: str, frame: pl.DataFrame) -> None:
    precisions = {f"{c}_precision": c for c in TABLES[name].dates}
    columns = [
        c
        for c in frame.columns
        if c not in precisions and (c == "patient" or frame[c].null_count() < frame.height)
    ]
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow([no_formula(c) for c in columns])
        for row in frame.iter_rows(named=True):
            writer.writerow([_written(row[c], row.get(f"{c}_precision")) for c in columns])

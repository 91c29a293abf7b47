"""Endpoints from columns against each other: units, times and flags that can't both be true."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import numpy as np
import polars as pl

from oncohort.checks.reduced_times import unit_of
from oncohort.checks.rule import MANY, Data, rule
from oncohort.dataclass import dataclass
from oncohort.problems import Place, Problem, problem
from oncohort.protocol.endpoints import Endpoint, codes
from oncohort.protocol.toml_text import toml_header
from oncohort.records.compared import compared, matches
from oncohort.records.legends import header_legend
from oncohort.vocabulary.boundaries import Option
from oncohort.vocabulary.mentions import mentions
from oncohort.vocabulary.times import DAYS_PER_UNIT
from oncohort.vocabulary.words import level_words, plain

DEATH_IS_EVENT = ("pfs", "progression-free", "dfs", "disease-free", "rfs", "relapse-free", "efs")
"""Names of endpoints that end with progression or death, whichever comes first."""
WITHOUT_DEATH = ("ttp", "time to progression", "ttr", "cumulative")
PROGRESSION = ("pfs", "ttp", "ttf", "dfs", "rfs", "efs", "pfi", "progression")
"""Names of endpoints that count progression."""
ENOUGH = 10
"""Patients with both times, below which units can't be compared."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A progression-free endpoint beside overall survival, both from columns."""

    free_key: str
    free: Endpoint
    survival_key: str
    survival: Endpoint
    held: pl.DataFrame
    """Per patient with both times: ``patient``, ``source_row``, ``free``, ``survival`` (days),
    ``free_event``, ``died`` (None where the flag is missing)."""

    @property
    def labels(self) -> dict[str, Option]:
        """How the two are named, and their columns."""
        return {
            "free_name": str(self.free.time),
            "survival_name": str(self.survival.time),
            "free_label": self.free.label or self.free_key.upper(),
            "survival_label": self.survival.label or self.survival_key.upper(),
        }


def named(key: str, endpoint: Endpoint, words: tuple[str, ...]) -> bool:
    """Does one of the words stand in an endpoint's key or label?"""
    text = f"{key} {endpoint.label or ''}".lower()
    return any(w in text for w in words)


def is_progression(key: str, label: str | None) -> bool:
    """Does an endpoint of this name count progression?

    Examples
    --------
    >>> is_progression("pfs", None), is_progression("os", "Overall survival")
    (True, False)
    """
    text = f"{key} {label or ''}".lower()
    return any(word in text for word in PROGRESSION)


def _is_free(key: str, endpoint: Endpoint) -> bool:
    return named(key, endpoint, DEATH_IS_EVENT) and not named(key, endpoint, WITHOUT_DEATH)


def _is_survival(key: str, endpoint: Endpoint) -> bool:
    return key == "os" or "overall survival" in (endpoint.label or "").lower()


def pairs(data: Data) -> Iterator[Pair]:
    """Every progression-free endpoint with the overall survival of the same patients."""
    usable = {
        key: e
        for key, e in data.protocol.endpoints.items()
        if e.reduced
        and data.has("patients", str(e.time), str(e.event))
        and data.patients.get_column(str(e.time)).dtype.is_numeric()
    }
    for free_key, free in usable.items():
        for key, survival in usable.items():
            if not (_is_free(free_key, free) and _is_survival(key, survival)):
                continue
            if free.time == survival.time:
                continue
            yield Pair(free_key, free, key, survival, _held(data, free, survival))


def _held(data: Data, free: Endpoint, survival: Endpoint) -> pl.DataFrame:
    def flag(endpoint: Endpoint) -> pl.Expr:
        return pl.col(str(endpoint.event)).map_elements(
            lambda v: matches(v, endpoint.event_value), return_dtype=pl.Boolean
        )

    return (
        data.included(data.patients)
        .select(
            "patient",
            "source_row",
            "source_record",
            free=pl.col(str(free.time)) * DAYS_PER_UNIT[unit_of(data, free)],
            survival=pl.col(str(survival.time)) * DAYS_PER_UNIT[unit_of(data, survival)],
            free_written=pl.col(str(free.time)),
            survival_written=pl.col(str(survival.time)),
            free_event=flag(free),
            died=flag(survival),
        )
        .filter(pl.col("free").is_not_null() & pl.col("survival").is_not_null())
    )


LONGER = pl.col("free") > pl.col("survival") * 1.01 + 1.5


def _units_differ(pair: Pair) -> bool:
    """Are the times of the two in different units, whatever is declared?"""
    both = pair.held.filter((pl.col("free") > 0) & (pl.col("survival") > 0))
    if both.height < ENOUGH:
        return False
    if both.filter(LONGER).height > both.height / 2:
        return True
    # In any cohort somebody is alive without progression: there the two times are the same.
    ratio = both.select((pl.col("free") / pl.col("survival")).quantile(0.95)).item()
    return bool(ratio < 0.27)


@rule("survival.units-contradict")
def units_contradict(data: Data) -> Iterator[Problem]:
    for pair in pairs(data):
        if not _units_differ(pair):
            continue
        both = pair.held.filter((pl.col("free") > 0) & (pl.col("survival") > 0))
        yield problem(
            "survival.units-contradict",
            place=Place(file="study.toml", key=f"endpoints.{pair.free_key}.time_unit"),
            table="patients",
            column=(str(pair.free.time), str(pair.survival.time)),
            free=float(both["free_written"].median()),  # type: ignore[arg-type]
            survival=float(both["survival_written"].median()),  # type: ignore[arg-type]
            free_unit=unit_of(data, pair.free),
            survival_unit=unit_of(data, pair.survival),
            **pair.labels,
        )


@rule("survival.pfs-beyond-os")
def free_beyond_survival(data: Data) -> Iterator[Problem]:
    for pair in pairs(data):
        if _units_differ(pair):
            continue
        # A negative survival is wrong by itself, and says nothing of the other time.
        longer = pair.held.filter(LONGER & (pl.col("survival") >= 0))
        for row in longer.head(MANY).iter_rows(named=True):
            yield problem(
                "survival.pfs-beyond-os",
                place=data.at("patients", str(pair.free.time), row["source_record"]),
                patient=row["patient"],
                table="patients",
                column=(str(pair.free.time), str(pair.survival.time)),
                row=row["source_row"],
                free=row["free_written"],
                survival=row["survival_written"],
                free_name=pair.free.time,
                survival_name=pair.survival.time,
            )


@dataclass(frozen=True, slots=True)
class Flags:
    """How often two flags contradict each other, read one way."""

    dead_without_event: int
    """Died on the day on which PFS ends, without an event of it."""
    event_at_last_contact: int
    """Alive, with an event of PFS on the day of the last contact."""
    ended_early: int
    """Without an event of PFS, though it ends long before the last contact."""
    early: int
    """With a PFS that ends long before the last contact, with or without an event."""

    @property
    def impossible(self) -> int:
        """Patients for whom the two flags can hardly both be true."""
        return self.dead_without_event + self.event_at_last_contact

    @property
    def doubts(self) -> int:
        """Patients for whom the two flags hardly go together."""
        return self.impossible + self.ended_early

    @property
    def doubtful(self) -> bool:
        """Are there so many contradictions that a flag may mean the opposite?"""
        return self.impossible >= 3 or self.ended_early > max(4, self.early / 2)


def _flags(pair: Pair, free_turned: bool, died_turned: bool) -> Flags:
    held = pair.held.drop_nulls(["free_event", "died"])
    free, survival = held["free"].to_numpy(), held["survival"].to_numpy()
    event = held["free_event"].to_numpy().astype(bool) ^ free_turned
    died = held["died"].to_numpy().astype(bool) ^ died_turned
    same = np.abs(free - survival) <= 0.01 * survival + 1.5
    early = free < 0.8 * survival - 31
    return Flags(
        int((same & died & ~event).sum()),
        int((same & ~died & event).sum()),
        int((early & ~event).sum()),
        int(early.sum()),
    )


def _says_itself(endpoint: Endpoint) -> bool:
    """Does the chart say in words what the value of the event means: `Died (1 = yes)`, `dead`?"""
    column = str(endpoint.event)
    legend = header_legend(column, fewest=1)
    asks = mentions(column, "outcome", "death") and not mentions(column, "free_of")
    for value in codes(endpoint.event_value):
        word = plain(legend.get(str(value), str(value)))
        happened = level_words("event").get(word) == "yes"
        bare = word in level_words("flag")
        if not (level_words("vital_status").get(word) == "dead" or (happened and asks >= bare)):
            return False
    return True


def _turn(pair: Pair, flags: Flags) -> tuple[bool, bool] | None:
    """Which flag, or both, to read the other way round so that most doubts are gone.

    A flag of which the chart says the meaning is left as it is.
    """
    sure = _says_itself(pair.free), _says_itself(pair.survival)
    turns = [
        turn
        for turn in ((True, False), (False, True), (True, True))
        if not any(t and s for t, s in zip(turn, sure, strict=True))
    ]
    doubts = {turn: _flags(pair, *turn).doubts for turn in turns}
    good = [t for t in turns if 3 * doubts[t] <= flags.doubts]
    return min(good, key=lambda t: (sum(t), doubts[t])) if good else None


@rule("survival.flags-contradict")
def flags_contradict(data: Data) -> Iterator[Problem]:
    """Two flags that contradict each other in many patients, and would not if one were turned."""
    for pair in pairs(data):
        if _units_differ(pair):
            continue
        flags = _flags(pair, False, False)
        if not flags.doubtful:
            continue
        best = _turn(pair, flags)
        if best is None:
            continue
        left = _flags(pair, *best).doubts
        turned = [e for e, t in zip((pair.free, pair.survival), best, strict=True) if t]
        keys = [k for k, t in zip((pair.free_key, pair.survival_key), best, strict=True) if t]
        yield problem(
            "survival.flags-contradict",
            place=Place(file="study.toml", key=f"endpoints.{keys[0]}.event_value"),
            table="patients",
            column=[str(e.event) for e in turned],
            n=flags.doubts,
            left=left,
            turned=" and ".join(f'"{e.event}"' for e in turned),
            keys=" and ".join(toml_header("endpoints", k) for k in keys),
            **pair.labels,
        )


@rule("survival.death-without-pfs-event")
def death_without_event(data: Data) -> Iterator[Problem]:
    for pair in pairs(data):
        if _units_differ(pair):
            continue
        held = pair.held.drop_nulls(["free_event", "died"])
        same = (pl.col("free") - pl.col("survival")).abs() <= 0.01 * pl.col("survival") + 1.5
        dead = held.filter(pl.col("died"))
        lost = dead.filter(same & ~pl.col("free_event"))
        if lost.height:
            yield problem(
                "survival.death-without-pfs-event",
                place=data.at("patients", str(pair.free.event), lost["source_record"][0]),
                patient=lost["patient"][0] if lost.height == 1 else None,
                count=lost.height,
                deaths=dead.height,
                patients=lost["patient"].to_list(),
                label=pair.labels["free_label"],
            )


def _same_flag(one: tuple[str, Endpoint], other: tuple[str, Endpoint]) -> Iterator[Problem]:
    """One flag for progression and for death, at times that differ."""
    (free_key, free), (key, survival) = (one, other) if _is_free(*one) else (other, one)
    values = [{compared(v) for v in codes(e.event_value)} for e in (free, survival)]
    if _is_free(free_key, free) and _is_survival(key, survival) and values[0] == values[1]:
        yield problem(
            "endpoints.same-columns",
            "flag",
            place=Place(file="study.toml", key=f"endpoints.{key}.event"),
            first=free.label or free_key.upper(),
            second=survival.label or key.upper(),
            time=free.time,
            event=free.event,
        )


@rule("survival.event-against-status")
def event_against_status(data: Data) -> Iterator[Problem]:
    """An event of overall survival in the living, or none in the dead."""
    if not data.has("patients", "vital_status"):
        return
    for key, endpoint in data.protocol.endpoints.items():
        column = str(endpoint.event)
        if not endpoint.reduced or not _is_survival(key, endpoint):
            continue
        if not data.has("patients", column):
            continue
        held = data.included(data.patients).drop_nulls([column, "vital_status"])
        events = [matches(v, endpoint.event_value) for v in held[column].to_list()]
        dead = (held["vital_status"] == "dead").to_list()
        rows = [r for r, e, d in zip(held.rows(named=True), events, dead, strict=True) if e != d]
        if len(rows) > held.height / 2:
            continue  # the flag as a whole is told
        for row in rows[:MANY]:
            yield problem(
                "survival.event-against-status",
                place=data.at("patients", column, row["source_record"]),
                patient=row["patient"],
                label=endpoint.label or key.upper(),
                status=row["vital_status"],
                written=row[column],
            )


FAR_BEYOND = 3.0
"""A survival so many times the last look at an unprogressed tumour was hardly looked at."""


@rule("survival.censored-apart")
def censored_apart(data: Data) -> Iterator[Problem]:
    """Alive without progression: progression-free and overall time end at nearly one day."""
    for pair in pairs(data):
        if _units_differ(pair):
            continue
        held = pair.held.drop_nulls(["free_event", "died"]).filter(pl.col("free") > 0)
        alive = held.filter(~pl.col("free_event") & ~pl.col("died"))
        beyond = pl.col("survival") > FAR_BEYOND * pl.col("free") + 183
        far = alive.filter(beyond)
        if other := _other_unit(alive):
            yield _in_other_unit(data, pair, *other)
            continue
        if far.height > max(3, alive.height / 3):
            continue  # where scans end long before contacts, that is how this chart is kept
        for row in far.head(MANY).iter_rows(named=True):
            yield problem(
                "survival.censored-apart",
                place=data.at("patients", str(pair.survival.time), row["source_record"]),
                patient=row["patient"],
                free=row["free_written"],
                survival=row["survival_written"],
                **pair.labels,
            )


UNIT_RATIOS = {
    "weeks among months": 30.4375 / 7,
    "days among months": 30.4375,
    "months among years": 12.0,
    "days among weeks": 7.0,
}
"""How much longer a time is where it stands in the first unit among others in the second."""
SAME_RATIO = 0.03
"""How near a ratio of two times has to be to that of two units."""


def _other_unit(alive: pl.DataFrame) -> tuple[str, pl.DataFrame] | None:
    """The patients whose survival is longer by the ratio of two units, where the two times of the
    others end together."""
    ratio = pl.col("survival") / pl.col("free")
    apart = alive.filter(ratio > 1.3)
    together = alive.filter(ratio.is_between(0.95, 1.05))
    for unit, factor in UNIT_RATIOS.items():
        rows = apart.filter((ratio / factor - 1).abs() <= SAME_RATIO)
        seen = rows.height >= 2 and together.height >= 2 and 2 * rows.height > apart.height
        # Where nearly all are apart by the ratio of two units, no others are needed.
        if seen or (rows.height >= 4 and rows.height == apart.height):
            return unit, rows
    return None


def _in_other_unit(data: Data, pair: Pair, unit: str, rows: pl.DataFrame) -> Problem:
    first = rows.row(0, named=True)
    return problem(
        "survival.censored-apart",
        "units",
        place=data.at("patients", str(pair.survival.time), first["source_record"]),
        n=rows.height,
        patients=rows["patient"].to_list(),
        unit=unit,
        free=first["free_written"],
        survival=first["survival_written"],
        ratio=first["survival"] / first["free"],
        **pair.labels,
    )


@rule("endpoints.same-columns")
def same_columns(data: Data) -> Iterator[Problem]:
    """Two endpoints of one time column: the same endpoint twice, or a slip."""
    reduced = [(k, e) for k, e in data.protocol.endpoints.items() if e.reduced]
    for (key, one), (other_key, other) in combinations(reduced, 2):
        if one.event is not None and one.event == other.event and one.time != other.time:
            yield from _same_flag((key, one), (other_key, other))
        if one.time != other.time or one.time is None:
            continue
        both = _is_free(key, one) and _is_survival(other_key, other)
        both = both or (_is_survival(key, one) and _is_free(other_key, other))
        values = [{compared(v) for v in codes(e.event_value)} for e in (one, other)]
        same = one.event == other.event and values[0] == values[1]
        if both or same:
            yield problem(
                "endpoints.same-columns",
                "" if not same else "event",
                place=Place(file="study.toml", key=f"endpoints.{other_key}.time"),
                first=one.label or key.upper(),
                second=other.label or other_key.upper(),
                time=one.time,
                event=one.event,
            )


RANK = 0.8
"""Share of pairs (event, no event) in which the event has the longer time."""


@rule("survival.flag-by-time")
def flag_by_time(data: Data) -> Iterator[Problem]:
    """Those without an event are followed longer; where all the long times end in death, the
    flag may mean the opposite."""
    for key, endpoint in data.protocol.endpoints.items():
        column, event = str(endpoint.time), str(endpoint.event)
        if not endpoint.reduced or not data.has("patients", column, event):
            continue
        if not data.patients.get_column(column).dtype.is_numeric():
            continue
        rows = data.included(data.patients).select(column, event).drop_nulls().rows()
        events = np.array([t for t, e in rows if matches(e, endpoint.event_value)], dtype=float)
        others = np.array([t for t, e in rows if not matches(e, endpoint.event_value)], dtype=float)
        if min(events.size, others.size) < ENOUGH:
            continue
        below = np.searchsorted(np.sort(others), events).sum() / (events.size * others.size)
        if below >= RANK:
            yield problem(
                "survival.flag-by-time",
                place=Place(file="study.toml", key=f"endpoints.{key}.event_value"),
                label=endpoint.label or key.upper(),
                percent=100 * below,
                event=event,
                value=endpoint.event_value,
                with_event=float(np.median(events)),
                without=float(np.median(others)),
            )

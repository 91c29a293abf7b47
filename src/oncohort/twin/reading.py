"""What of a program's reading of a paper can be asked of a twin, and what was left out, in words.

A person who types figures means them; a program may have read a mean as a count, one column twice,
or percentages of rows. Nothing that rests on such a reading is called impossible.
"""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

from oncohort.published.denominators import with_denominators
from oncohort.published.figures import figures_of, slug
from oncohort.published.model import Categorical, Grade, Level, Population, Published
from oncohort.published.rounding import could_be, denominators, number
from oncohort.published.values import without_unreadable
from oncohort.twin.counts import counts_system
from oncohort.twin.system import satisfies

_COUNTED = ("variables", "responses", "rates", "adverse_events", "events", "treated")


def _whole(text: str) -> int | None:
    read = number(text) if text else None
    return int(read.value) if read is not None and read.value.denominator == 1 else None


def _base(record: object, n: int) -> int:
    stated = record.n if isinstance(record, Grade) else getattr(record, "denominator", "")
    return _whole(stated) or n


def _sound(record: Any, words: str, n: int, gone: list[str]) -> Any:
    """A count with its percentage, without what is of no known number of patients."""
    count, base = _whole(record.count), _base(record, n)
    told = f"{words}: {record.count} ({record.percent})".replace(" ()", "")
    if count is not None and count > n:
        gone.append(f"{told}: larger than the {n} patients, so no count of them")
        return replace(record, count="", percent="")
    percent = number(record.percent) if record.percent else None
    if percent is None or not percent.exact:
        return record
    if count is None:
        fits = any(could_be(c, base, record.percent) for c in range(base + 1))
    else:
        fits = could_be(count, base, record.percent) or not denominators(count, record.percent)
    if fits:
        return record
    gone.append(f"{told}: the percentage is of a number of patients that was not read")
    return replace(record, percent="")


def _each(record: Any, n: int, gone: list[str]) -> Any:
    name = getattr(record, "name", "") or getattr(record, "term", "") or str(record.where)
    for part in ("levels", "grades"):
        members = getattr(record, part, None)
        if members is not None:
            sound = tuple(
                _sound(m, f"{name}, {m.label if isinstance(m, Level) else m.grade}", n, gone)
                for m in members
            )
            return replace(record, **{part: sound})
    return _sound(record, name, n, gone)


def _key(record: object, part: object = None) -> tuple[str, ...]:
    names = ("name", "term", "endpoint", "kind", "variable", "model", "level", "time", "reason")
    own = [slug(getattr(record, x)) for x in names if getattr(record, x, "")]
    label = getattr(part, "label", "") or getattr(part, "grade", "")
    return (*own, slug(label)) if part is not None else tuple(own)


def _title(record: object) -> str:
    """What a record is of, and where it stands."""
    names = ("name", "term", "kind", "endpoint", "variable", "time", "reason")
    own = " ".join(getattr(record, x) for x in names if getattr(record, x, ""))
    where = str(getattr(record, "where", "")).rstrip(": ")
    return f"{own} ({where})" if own and where else own or where


def _once(rows: tuple[Any, ...], gone: list[str]) -> tuple[Any, ...]:
    """Records whose name was read before: rows of one name may be of different things."""
    seen: set[tuple[str, ...]] = set()
    names: set[str] = set()
    out = []
    for record in rows:
        if isinstance(record, Categorical):
            if slug(record.name) in names:
                gone.append(f"{_title(record)}: named as figures before it")
                continue
            names.add(slug(record.name))
        for part in ("levels", "grades"):
            members = getattr(record, part, None)
            if members is not None:
                fresh = []
                for m in members:
                    if _key(record, m) not in seen:
                        fresh.append(m)
                        seen.add(_key(record, m))
                if len(fresh) < len(members):
                    gone.append(f"{_title(record)}: named as figures before it, perhaps of others")
                if fresh:
                    out.append(replace(record, **{part: tuple(fresh)}))
                break
        else:
            if _key(record) not in seen:
                out.append(record)
                seen.add(_key(record))
            else:
                gone.append(f"{_title(record)}: named as figures before it, perhaps of others")
    return tuple(out)


def _apart(v: Categorical, n: int, gone: list[str]) -> Categorical:
    """Levels that can't exclude each other are a list of flags."""
    if not v.exclusive:
        return v
    alone = Published(populations=(Population("cohort", n=str(n)),), variables=(v,))
    system = counts_system(alone, n)
    if satisfies(system, [r.figure for r in system.rules if r.figure]) is not None:
        return v
    levels = [replace(v, levels=(x,), exclusive=False) for x in v.levels]
    for each in levels:
        lone = counts_system(replace(alone, variables=(each,)), n)
        if satisfies(lone, [r.figure for r in lone.rules if r.figure]) is None:
            return v  # a level that is wrong by itself
    gone.append(
        f"{v.name}: its levels don't add up, so they were taken as not excluding each other"
    )
    return replace(v, exclusive=False)


def as_read(published: Published) -> tuple[Published, tuple[str, ...]]:
    """The figures of a paper that a twin can be asked for, and what was left out.

    Examples
    --------
    >>> pressure = Level("Blood pressure", "121"), Level("Smoker", "8", "53.3")
    >>> read = Published(
    ...     populations=(Population("cohort", n="20"),),
    ...     variables=(Categorical("Risk", pressure, exclusive=False),),
    ... )
    >>> for words in as_read(read)[1]:
    ...     print(words)
    Risk, Blood pressure: 121: larger than the 20 patients, so no count of them
    Risk, Smoker: 8 (53.3): the percentage is of a number of patients that was not read
    """
    published, broken = without_unreadable(published)
    n = published.n
    gone = [f"{key}: no figure" for key in broken]
    if n is None:
        return published, tuple(gone)
    published = with_denominators(published)
    changed: dict[str, Any] = {}
    for each in fields(published):
        rows = getattr(published, each.name)
        if each.name in _COUNTED:
            rows = tuple(_each(r, n, gone) for r in rows)
        if rows and isinstance(rows, tuple) and hasattr(rows[0], "population"):
            changed[each.name] = _once(rows, gone)
    published = replace(published, **changed)
    variables = tuple(_apart(v, n, gone) for v in published.variables)
    published = replace(published, variables=variables)
    double = [f for f in figures_of(published) if "#" in f.key]
    gone += [f"{f.words}: {f.printed}: another value stands elsewhere" for f in double]
    return published, tuple(gone)

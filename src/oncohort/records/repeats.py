"""Repeated columns of wide sheets (`scan1_date`, `scan2_date`, `AE1`, `AE1_grade`) found."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import field

from oncohort.dataclass import dataclass
from oncohort.records.lesion_grids import lesion_grid
from oncohort.records.name_likeness import synonyms
from oncohort.records.names import fold, header_unit
from oncohort.records.profile import Profile
from oncohort.records.values import Reader, read_value
from oncohort.records.wide import SAME_NAME
from oncohort.vocabulary.phrases import one_of, phrases
from oncohort.vocabulary.tables import TABLES

_DIGITS = re.compile(r"\d+")
_NUMBER_SIGN = re.compile(r"(?<!\s)\s*+(?:#|\bno\.?|\bnr\.?|n°|№)\s*$")
"""What stands before a number and says only that one follows: "AE #1", "Line no. 2"."""

_STEMS: Mapping[str, tuple[str, ...]] = {
    table: phrases(f"stem_{table}")
    for table in ("adverse_events", "scans", "lesions", "therapies", "doses")
}
_MAIN = {
    "adverse_events": "term",
    "therapies": "drugs",
    "lesions": "diameter_mm",
    "doses": "amount",
}
_LENGTHS = ("mm", "cm")


@dataclass(slots=True)
class Repeat:
    """Repeated columns that make one record table."""

    table: str
    patterns: dict[str, str] = field(default_factory=dict)
    """Our column = pattern with ``{n}``."""
    baseline: dict[str, str] = field(default_factory=dict)
    """Our column = the chart's column of the visit before treatment, which has no number."""
    columns: list[str] = field(default_factory=list)
    """The chart's columns that the patterns take."""
    sums: bool = False
    """Diameters are sums over all targets, not single lesions."""
    count: int = 0


@dataclass(frozen=True, slots=True)
class _Template:
    text: str
    """The first header, its number replaced by ``{n}``."""
    stem: str
    rest: str
    names: tuple[str, ...]


def _templates(names: Sequence[str]) -> list[_Template]:
    """Names that differ in a number; last those that stand at one of the numbers only."""
    groups: dict[tuple[str, str], list[str]] = {}
    texts: dict[tuple[str, str], str] = {}
    numbers: dict[tuple[str, str], set[int]] = {}
    for name in names:
        bare = re.sub(r"(?<!\s)\s*+\(\d+\)$", "", name)
        spans = list(_DIGITS.finditer(bare))
        if not spans or (header_unit(bare) and spans[-1].start() > bare.rfind("(")):
            spans = [s for s in spans if s.start() < (bare.rfind("(") if "(" in bare else 10**6)]
        if not spans:
            continue
        span = spans[-1]
        before, after = bare[: span.start()], bare[span.end() :]
        key = (_NUMBER_SIGN.sub("", fold(before)), fold(after))
        groups.setdefault(key, []).append(name)
        texts.setdefault(key, f"{before}{{n}}{after}")
        numbers.setdefault(key, set()).add(int(span[0]))
    several = [key for key, members in groups.items() if len(members) > 1]
    counted = {(key[0], n) for key in several for n in numbers[key]}
    # "Scan 1 new lesion" beside the days of scans 0 and 1: nothing new is looked for at the first.
    once = [k for k in groups if k not in several and (k[0], *numbers[k]) in counted and all(k)]
    return [_Template(texts[key], *key, tuple(groups[key])) for key in (*several, *once)]


def find_repeats(names: Sequence[str], held: Mapping[str, Profile]) -> list[Repeat]:
    """Find the repeated columns of a wide sheet and the record tables that they make.

    Examples
    --------
    >>> from oncohort.records.profile import profile
    >>> held = {"AE1": profile(["Rash"]), "AE1_grade": profile([2]), "AE2": profile([]),
    ...         "AE2_grade": profile([])}
    >>> [(r.table, r.patterns) for r in find_repeats(list(held), held)]
    [('adverse_events', {'term': 'AE{n}', 'grade': 'AE{n}_grade'})]
    """
    made: dict[str, Repeat] = {}
    grid = lesion_grid(names, held)
    if grid is not None:
        sizes = {"diameter_mm": grid.baseline} if grid.baseline is not None else {}
        made["lesions"] = Repeat(
            "lesions",
            {"diameter_mm": grid.pattern},
            sizes,
            list(grid.columns),
            count=len(grid.columns),
        )
        names = [n for n in names if n not in grid.columns]
    for template in _templates(names):
        found = _place(template, held)
        if found is None:
            continue
        table, ours, sums = found
        repeat = made.setdefault(table, Repeat(table))
        if ours in repeat.patterns:
            continue
        repeat.patterns[ours] = re.sub(r"(?<!\s)\s*+[\(\[][^()\[\]]*[\)\]]\s*$", "", template.text)
        repeat.columns += template.names
        repeat.sums |= sums
        repeat.count = max(repeat.count, len(template.names))
        before = _before(template, names, held)
        if before is not None and table in ("lesions", "scans", "assessments"):
            repeat.baseline[ours] = before
            repeat.columns.append(before)
    _same_names(made, names, held)
    if "lesions" in made and "diameter_mm" not in made["lesions"].patterns:
        # Charted visits without sizes: a new lesion is a column of the visit.
        charted = made.pop("lesions")
        target = made.get("assessments")
        if target is not None:
            for ours, pattern in charted.patterns.items():
                if ours in TABLES["assessments"].kinds:
                    target.patterns.setdefault(ours, pattern)
            target.columns += charted.columns
    # A scan's date belongs to both what was measured and what was charted.
    scans = made.pop("scans", None)
    if scans is not None:
        for table in ("lesions", "assessments"):
            if table in made and "date" in scans.patterns and "date" not in made[table].patterns:
                made[table].patterns = {"date": scans.patterns["date"], **made[table].patterns}
                made[table].columns += scans.columns
                made[table].baseline |= scans.baseline
    return [r for r in made.values() if r.patterns and (complete(r) or _undated(r))]


def visit_dates(names: Sequence[str], held: Mapping[str, Profile]) -> Repeat | None:
    """The days of numbered scans on the patients' sheet, and that of the scan before treatment.

    Examples
    --------
    >>> from oncohort.records.profile import profile
    >>> from datetime import date
    >>> held = {n: profile([date(2015, 1, 5)]) for n in ("Baseline CT", "CT 1", "CT 2")}
    >>> found = visit_dates(list(held), held)
    >>> found.patterns, found.baseline
    ({'date': 'CT {n}'}, {'date': 'Baseline CT'})
    """
    for template in _templates(names):
        if _place(template, held) != ("scans", "date", False):
            continue
        repeat = Repeat("scans", {"date": template.text}, columns=list(template.names))
        before = _before(template, names, held)
        if before is not None:
            repeat.baseline["date"] = before
            repeat.columns.append(before)
        return repeat
    return None


_BASELINE = re.compile(
    rf"^(?:at )?{one_of('baseline_first')}(?:\b|(?<=[぀-ヿ一-龥])) ?"
    rf"| ?\b(?:at )?{one_of('baseline_last')}$"
    rf"|\b{one_of('baseline_first')} (?={one_of('stem_scans')}$)"
)


def baseline_name(name: str) -> str | None:
    """What a name says beside that it is of the visit before treatment; none where it is not.

    Examples
    --------
    >>> baseline_name("Baseline (mm)"), baseline_name("SLD baseline"), baseline_name("Scan 1")
    ('', 'sld', None)
    >>> baseline_name("Date of baseline CT")
    'date of ct'
    >>> baseline_name("TC basale data"), baseline_name("治療前 評価日")
    ('data', '評価日')
    """
    folded = fold(name)
    found = _BASELINE.search(folded)
    first, _, rest = folded.partition(" ")
    if found is None and first in _STEMS["scans"] and _BASELINE.match(rest):
        folded, found = rest, _BASELINE.search(rest)
    return (folded[: found.start()] + folded[found.end() :]).strip() if found else None


def _before(template: _Template, names: Sequence[str], held: Mapping[str, Profile]) -> str | None:
    """The column of the visit before treatment that belongs to numbered ones: `Baseline SLD`
    beside `Scan 1 SLD`."""
    stems = set(template.stem.split()) | {"scan", "ct", "mri", "staging", "imaging"}
    wanted = [w for w in template.rest.split() if w not in _LENGTHS]
    kind = held[template.names[0]].mostly
    for name in names:
        named = baseline_name(name)
        if named is None or name in template.names or held[name].mostly not in (kind, "empty"):
            continue
        words = [w for w in named.split() if w not in stems and w not in (*_LENGTHS, "of", "the")]
        words = [_without_stem(w) for w in words]
        if words == wanted or (kind == "date" and set(words) | set(wanted) <= set(phrases("day"))):
            return name
    return None


def _without_stem(word: str) -> str:
    """`評価日` without the word for a scan: scripts without blanks run on."""
    run_on = (s for s in _STEMS["scans"] if not s.isascii() and word.startswith(s) and word != s)
    return word.removeprefix(next(run_on, ""))


def _same_names(
    made: Mapping[str, Repeat], names: Sequence[str], held: Mapping[str, Profile]
) -> None:
    """Columns of one name behind each of the numbered ones belong to them: `AE 1, Gr, AE 2, Gr`."""
    for repeat in made.values():
        main = repeat.patterns.get(_MAIN.get(repeat.table, ""))
        heads = [n for n in names if n in repeat.columns] if main is not None else []
        behind: dict[str, list[tuple[int, str]]] = {}
        for name in names:
            at = names.index(name)
            head = next((h for h in reversed(heads) if names.index(h) < at), None)
            if head is None or name in repeat.columns:
                continue
            bare = re.sub(r"(?<!\s)\s+\(\d+\)$", "", name)
            behind.setdefault(bare, []).append((heads.index(head), name))
        for bare, found in behind.items():
            each = [k for k, _ in found]
            if len(found) < 2 or len(set(each)) != len(each) or len(found) != len(heads):
                continue
            ours = _attribute(repeat.table, bare, [held[n] for _, n in found])
            if ours is not None and ours not in repeat.patterns:
                repeat.patterns[ours] = bare + SAME_NAME
                repeat.columns += [n for _, n in found]


def _attribute(table: str, name: str, profiles: Sequence[Profile]) -> str | None:
    """Which column of the record table a name means, whatever band of a heading is before it."""
    words = fold(name).split()
    first = next((p for p in profiles if p.n), None)
    for cut in range(len(words)):
        rest = " ".join(words[cut:])
        for ours, known in synonyms()[table].items():
            if rest in known and ours != "patient":
                is_date = first is not None and first.mostly == "date"
                return ours if (TABLES[table].kinds.get(ours) == "date") == is_date else None
    return None


def _undated(repeat: Repeat) -> bool:
    """Sizes of lesions at scans whose days do not stand beside them."""
    seen = repeat.sums or "diameter_mm" in repeat.baseline
    return repeat.table == "lesions" and "diameter_mm" in repeat.patterns and seen


def complete(repeat: Repeat) -> bool:
    """Have the repeated columns all that their record table needs?"""
    given = {"lesion", "role", "drug", "grade"} if repeat.table != "adverse_events" else {"lesion"}
    return all(c in repeat.patterns or c in given for c in TABLES[repeat.table].required)


def _stem_table(stem: str) -> str | None:
    words = stem.split()
    last = words[-1] if words else ""
    for table, stems in _STEMS.items():
        if stem in stems or last in stems:
            return table
    return None


def _of_a_scan(name: str) -> bool:
    """Is a name what is seen at a scan: the sum of the targets, a new lesion, the response?

    Examples
    --------
    >>> [_of_a_scan(n) for n in ("sld", "new lesion", "overall response", "size", "line")]
    [True, True, True, False, False]
    """
    known = synonyms()["assessments"]
    seen = [*phrases("sum_of_diameters"), *(n for o in _SEEN for n in known[o])]
    return name in seen


_SEEN = ("new_lesion", "non_target", "overall")


def _place(template: _Template, held: Mapping[str, Profile]) -> tuple[str, str, bool] | None:
    """(table, our column, sums?) of a template; table ``scans`` for the date of a scan."""
    table = _stem_table(template.stem)
    rest = template.rest
    if not rest and _of_a_scan(template.stem):
        table, rest = "scans", template.stem  # "SLD 1", "New lesion 1": the number is the scan's
    elif table is None:
        # "date of scan 1", "grade AE 1": the attribute stands before the stem.
        words = template.stem.split()
        for cut in range(1, len(words)):
            table = _stem_table(" ".join(words[cut:]))
            if table is not None:
                rest = " ".join(w for w in words[:cut] if w not in ("of", "the"))
                break
    else:
        words = template.stem.split()
        if len(words) > 1 and not rest and template.stem not in _STEMS[table]:
            rest = " ".join(w for w in words[:-1] if w not in ("of", "the"))
    if table is None:
        return None
    kinds = [held[n] for n in template.names if held[n].n]
    first = kinds[0] if kinds else None
    is_date = first is not None and first.mostly == "date"
    if table == "scans" and rest not in phrases("day") and not is_date:
        for ours in ("new_lesion", "non_target"):
            if rest in synonyms()["assessments"][ours]:
                return "lesions", ours, False
        if rest in synonyms()["lesions"]["method"]:
            return "lesions", "method", False
    if table == "scans":
        if rest in phrases("day") or is_date:
            return "scans", "date", False
        reader = Reader("text", "overall", TABLES["assessments"].levels["overall"])
        if first is not None and all(read_value(v, reader).value is not None for v in first.counts):
            return "assessments", "overall", False
        if first is not None and first.mostly == "number":
            diameters = synonyms()["lesions"]["diameter_mm"]
            bare = not rest and (
                header_unit(template.names[0]).lower() in _LENGTHS or (first.high or 0) > 5
            )
            if rest in phrases("sum_of_diameters") or rest in diameters or rest in _LENGTHS or bare:
                return "lesions", "diameter_mm", True
        return None
    if not rest:
        main = _MAIN[table]
        if is_date or (main == "diameter_mm" and first is not None and first.mostly != "number"):
            return None
        return table, main, False
    if rest in phrases("day"):
        return table, "date" if "date" in TABLES[table].kinds else "start", False
    for ours, known in synonyms()[table].items():
        if rest in known:
            if TABLES[table].kinds.get(ours) == "date" and first is not None and not is_date:
                continue
            return table, ours, False
    return None

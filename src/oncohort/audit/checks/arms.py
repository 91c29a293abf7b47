"""The arms of a study: names and sizes in the headings of its tables."""

from __future__ import annotations

import re
from collections.abc import Iterator

from oncohort.audit.extract import names
from oncohort.dataclass import dataclass
from oncohort.published.model import Published

_SIZE = re.compile(r"[(\[]?\s?\bn\s?=\s?[\d,]+\s?(?:\(\s?\d+(?:\.\d+)?\s?%\s?\))?\s?[)\]]?", re.I)
_UNIT = re.compile(r"[,;]?\s?(?:\b(?:n|no\.?|number|patients)\b\s?)?[(\[]?\s?%\s?[)\]]?\s*$", re.I)
_NO_ARM = re.compile(
    r"^(?:total|all|overall|yes|no|n|p|patients?|any|grade.*|other|none|mean.*|median.*|value|"
    r"\d.*|with|without|baseline|events?|number|cases)$|"
    r"\b(?:total|all patients|overall|p[- ]value)\b",
    re.I,
)
_PATIENTS_MOST = 6
_EVERYDAY = frozenset({"arm", "treatment", "therapy", "study", "trial", "patient", "day", "week"})


@dataclass(frozen=True, slots=True)
class Arm:
    """An arm by its printed name, with the largest size that a table's heading gives it."""

    name: str
    n: int


def arms(published: Published) -> tuple[Arm, ...]:
    """Arms of all tables, each name once."""
    largest: dict[str, int] = {}
    for heading, n in _headings(published):
        for name in _names(heading):
            largest[name] = max(n, largest.get(name, 0))
    return tuple(Arm(name, n) for name, n in largest.items())


def _headings(published: Published) -> Iterator[tuple[str, int]]:
    for _, heading, n in _columns(published):
        yield heading, n


def _columns(published: Published) -> Iterator[tuple[str, str, int]]:
    """Table, heading and size of every column whose heading gives a size."""
    found = [
        *((v.where.table, v.where.column, v.n) for v in published.variables),
        *((s.where.table, s.where.column, s.n) for s in published.summaries),
        *((r.where.table, r.where.column, r.n) for r in published.responses),
    ]
    for table, heading, n in found:
        if n.isdigit() and int(n) > 0 and _SIZE.search(heading):
            yield table, heading, int(n)


def pairs(published: Published) -> tuple[tuple[Arm, Arm], ...]:
    """The two arms of each table that has just two columns of patients."""
    tables: dict[str, dict[str, int]] = {}
    for table, heading, n in _columns(published):
        named = _names(heading)
        if named:
            tables.setdefault(table, {})[named[-1]] = n
        elif re.search(r"\b(?:total|all|overall)\b", heading, re.I) is None:
            tables.setdefault(table, {})[heading] = 0
    out = []
    for found in tables.values():
        if len(found) == 2 and all(found.values()):
            first, second = (Arm(name, n) for name, n in found.items())
            out.append((first, second))
    return tuple(dict.fromkeys(out))


def drawn(published: Published) -> tuple[Arm, Arm] | None:
    """The two arms that the paper says its patients were assigned to; the most patients of any.

    None if two sentences give arms of so many patients other sizes.
    """
    found = [f for f in published.facts if f.kind == "arm-size" and f.value.isdigit()]
    two = [
        (Arm(a.subject, int(a.value)), Arm(b.subject, int(b.value)))
        for a, b in zip(found[::2], found[1::2], strict=False)
        if a.where == b.where
    ]
    if not two:
        return None
    best = max(two, key=lambda pair: pair[0].n + pair[1].n)
    total = best[0].n + best[1].n
    same = {frozenset((p[0].n, p[1].n)) for p in two if p[0].n + p[1].n == total}
    return best if len(same) == 1 else None


def names_both(sentence: str, two: tuple[Arm, Arm], words: names.Dictionary) -> bool:
    """Whether a sentence says telling words of both arms, or sets one or none against the other.

    One arm needs a word of comparison beside it; none, that it is the treatments, the arms or the
    two groups that are compared.

    Examples
    --------
    >>> two = (Arm("cefixime", 187), Arm("gatifloxacin", 203))
    >>> stated = (
    ...     "Cefixime was worse than gatifloxacin (HR 2.0)",
    ...     "Failure was more frequent with cefixime (HR 2.0)",
    ...     "Failure did not differ between the treatment arms (HR 1.1)",
    ...     "Men were worse than women (HR 2.0)",
    ... )
    >>> [names_both(s, two, names.dictionary(())) for s in stated]
    [True, True, True, False]
    """
    stated = names.tokens(sentence, words)
    one, other = (names.tokens(a.name, words) - _EVERYDAY for a in two)
    hits = bool(stated & (one - other)) + bool(stated & (other - one))
    return hits == 2 or bool((_COMPARED if hits == 1 else _ARMS_TOLD).search(sentence))


_COMPARED = re.compile(
    r"\b(?:arms?|groups?|versus|vs|compared|than|longer|shorter|higher|lower|greater|fewer|more|less|"
    r"better|worse|improve[ds]?|prolong(?:s|ed)|reduc(?:es|ed|tion)|increase[ds]?|favou?r(?:s|ed|ing)?|"
    r"benefit(?:ed)?|differ(?:s|ed|ence)?|superior|inferior)\b",
    re.I,
)
_ARMS_TOLD = re.compile(
    r"\bbetween (?:the )?(?:two |both |treatment |study |trial ){1,3}(?:arms|groups)\b|"
    r"\bbetween (?:the )?(?:treatments|arms)\b|\btreatment (?:arms|groups)\b|"
    r"\b(?:two|both) (?:treatment|study) (?:arms|groups)\b",
    re.I,
)


def pair_in(
    sentence: str, known: tuple[tuple[Arm, Arm], ...], words: names.Dictionary
) -> tuple[Arm, Arm] | None:
    """The pair of arms of which a sentence says telling words of both; the largest such pair.

    Examples
    --------
    >>> known = ((Arm("Twice-daily radiotherapy", 274), Arm("Once-daily radiotherapy", 273)),)
    >>> stated = "OS was 30 months in the twice-daily group, 25 in the once-daily group (HR 1.2)."
    >>> [a.n for a in pair_in(stated, known, names.dictionary(()))]
    [274, 273]
    """
    stated = names.tokens(sentence, words)
    found = []
    for first, second in known:
        one, two = (names.tokens(a.name, words) - _EVERYDAY for a in (first, second))
        if stated & (one - two) and stated & (two - one):
            found.append((first, second))
    return max(found, key=lambda pair: pair[0].n + pair[1].n, default=None)


def _names(heading: str) -> list[str]:
    """The innermost words of a heading that name an arm: "Drug A (n = 20)" is "Drug A"."""
    out = []
    for part in heading.split(" / "):
        name = _UNIT.sub("", _SIZE.sub(" ", part)).strip(" ,;:()[]")
        name = re.sub(r"\s+", " ", name)
        if len(name) > 1 and len(name.split()) <= _PATIENTS_MOST and not _NO_ARM.search(name):
            out.append(name)
    return out


def find(text: str, known: tuple[Arm, ...], words: names.Dictionary) -> Arm | None:
    """The arm that one side of a contrast names; None unless its words are those of one arm."""
    stated = words.fold(text).strip(" .,;:()")
    exact = [a for a in known if words.fold(a.name) == stated]
    if exact:
        return max(exact, key=lambda a: a.n)
    wanted = names.tokens(text, words)
    if not wanted:
        return None
    same = [a for a in known if names.tokens(a.name, words) == wanted]
    return max(same, key=lambda a: a.n) if same else None


def named_in(sentence: str, known: tuple[Arm, ...]) -> tuple[Arm, Arm] | None:
    """The two arms that a sentence names; None unless there are just two.

    Examples
    --------
    >>> known = (Arm("Placebo", 40), Arm("Drug A", 42))
    >>> [a.n for a in named_in("OS was longer with drug A than with placebo.", known)]
    [42, 40]
    """
    found: dict[str, tuple[int, Arm]] = {}
    taken: list[tuple[int, int]] = []
    for arm in sorted(known, key=lambda a: -len(a.name)):
        for hit in re.finditer(rf"(?<![\w-]){re.escape(arm.name)}s?(?![\w-])", sentence, re.I):
            if not any(a <= hit.start() < b for a, b in taken):
                taken.append(hit.span())
                found.setdefault(arm.name.lower(), (hit.start(), arm))
    if len(found) != 2:
        return None
    first, second = (arm for _, arm in sorted(found.values(), key=lambda pair: pair[0]))
    return first, second

"""What the checks of counts share: which denominators fit, and which the paper offers."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import replace
from fractions import Fraction
from operator import neg

from oncohort.published.model import Level, Published
from oncohort.published.rounding import denominators, interval, number

RULE_PERCENT = (
    "A percentage is 100 x count / denominator, rounded half up, half to even, or cut off."
)


def sizes_of(published: Published) -> list[int]:
    """Every number of patients that the paper names, largest first."""
    return sorted({int(p.n) for p in published.populations if p.n.isdigit()}, reverse=True)


def fits(level: Level, n: int, slack: Fraction = Fraction(0)) -> bool:
    """Whether a count and its percentage agree with a denominator, give or take a slack.

    ``slack`` is in units of the last printed digit.
    """
    if not slack:
        return n >= int(level.count) and n in denominators(int(level.count), level.percent)
    allowed = interval(level.percent)
    if allowed is None or n <= 0 or int(level.count) > n:
        return False
    read = number(level.percent)
    extra = slack * (read.unit if read else 1)
    return allowed.low - extra <= Fraction(100 * int(level.count), n) <= allowed.high + extra


def fits_one(level: Level, sizes: Sequence[int]) -> bool:
    """Whether a pair is a share of any of some numbers of patients, the largest first.

    Examples
    --------
    >>> fits_one(Level("", "30", "71.4"), (120, 42, 30))
    True
    """
    allowed = denominators(int(level.count), level.percent)
    least = max(allowed.start, int(level.count))
    at = bisect_right(sizes, -least, key=neg) - 1
    return at >= 0 and least <= sizes[at] < allowed.stop


def implied(level: Level, n: int) -> int | None:
    """The one count that a percentage of n patients means; None if there are several."""
    allowed = interval(level.percent)
    if allowed is None:
        return None
    hits = [k for k in range(n + 1) if allowed.low <= Fraction(100 * k, n) <= allowed.high]
    return hits[0] if len(hits) == 1 else None


def unpadded(percent: str) -> str:
    """A percentage without the zeros that end its decimals: some programs pad 62 to 62.00.

    Examples
    --------
    >>> unpadded("62.00"), unpadded("30.10"), unpadded("70"), unpadded("0.0")
    ('62', '30.1', '70', '0')
    """
    return percent.rstrip("0").rstrip(".") if "." in percent else percent


def near(level: Level, n: int) -> bool:
    """Whether a pair is of n patients but for one unit of its last digit.

    Percentages are often nudged by one unit to add up to 100.

    Examples
    --------
    >>> near(Level("", "33", "62"), 53), near(Level("", "32", "61.6"), 52)
    (True, True)
    >>> near(Level("", "32", "64.2"), 52), near(Level("", "5", "40"), 12)
    (False, False)
    >>> near(Level("", "85", "69.09"), 123), near(Level("", "85", "69.14"), 123)
    (True, False)
    """
    if fits(level, n):
        return True
    read = number(level.percent)
    if read is None or n <= 0 or int(level.count) > n:
        return False
    # With two decimals it may be a sum of shares that were cut off, and two hundredths are nothing.
    units = Fraction(3, 2) if read.unit > Fraction(1, 100) else 2
    return abs(Fraction(100 * int(level.count), n) - read.value) <= units * read.unit


def bare(level: Level) -> Level:
    """The pair with its percentage as it was before zeros were padded to it."""
    return replace(level, percent=unpadded(level.percent))


def rounds_to_whole(level: Level, n: int) -> bool:
    """Whether a percentage that ends in ".0" is the share rounded to the nearest whole one.

    Examples
    --------
    >>> rounds_to_whole(Level("", "178", "98.0"), 182), rounds_to_whole(Level("", "12", "30.0"), 39)
    (True, False)
    """
    read = number(bare(level).percent)
    if read is None or not read.whole:
        return False
    return within_half(level, n)


def within_half(level: Level, n: int) -> bool:
    """Whether a percentage is the share give or take half a percent."""
    read = number(level.percent)
    if read is None or n <= 0:
        return False
    return abs(Fraction(100 * int(level.count), n) - read.value) <= Fraction(1, 2)


def in_tens(level: Level, n: int) -> bool:
    """Whether a percentage of whole tens is about the share: "90% (23 of 25)" for 92 %.

    Examples
    --------
    >>> in_tens(Level("", "23", "90"), 25), in_tens(Level("", "20", "70"), 25)
    (True, False)
    """
    read = number(level.percent)
    if read is None or not read.whole or "." in level.percent or read.value % 10 or n <= 0:
        return False
    return abs(Fraction(100 * int(level.count), n) - read.value) <= Fraction(5, 2)


def all_padded(percents: Iterable[str]) -> bool:
    """Whether several percentages all end in a zero after the point, as padded ones do.

    Examples
    --------
    >>> all_padded(["62.00", "38.00"]), all_padded(["62.0", "38.5"]), all_padded(["62", "38"])
    (True, False, False)
    """
    ends = [p for p in percents if "." in p and p.strip("0.")]
    return len(ends) > 1 and all(p.endswith("0") for p in ends)


def near_any(level: Level, sizes: Iterable[int]) -> int | None:
    """The first of the sizes that a pair is near to."""
    return next((n for n in sizes if near(level, n)), None)


_UNITS = re.compile(
    r"lesion|node|sample|specimen|event|cycle|biops|\beyes?\b|metastas[ei]s\b.{0,200}number|admission|"
    r"visit|procedure|episode|death|"
    r"(?<!\d )(?<!\d-)(?<!\d–)\b(?:days|nights|weeks|months|hours|person-years)\b|"
    r"\b(?:embryos?|oocytes|blastocysts|follicles|households?|families|family members|"
    r"tumou?rs|nodules|polyps|ears|teeth|tooth sites|sextants|implants|knees|hips|joints|limbs|"
    r"legs|feet|breasts|kidneys|arteries|vessels|stents|grafts|segments|vertebrae|fractures|doses|"
    r"infusions|injections|sessions|operations|transfers|deliveries|births|pregnancies|fetuses|"
    r"foetuses|infants|newborns|babies|neonates|twins|attacks|seizures|exacerbations|relapses|"
    r"questions|items|answers|prescriptions|calls|modules|records|reports|articles|centers|centres|"
    r"practices|clinics|villages|clusters|wards|isolates|strains|cultures|slides|images|scans|"
    r"measurements|observations|readings|animals|mice|rats|couples|dyads)\b",
    re.I,
)
_OF_PEOPLE = re.compile(
    r"\b(?:patients?|participants?|subjects?|women|men|persons?|people|individuals|adults|pts)\b",
    re.I,
)
_COUNT_OF = re.compile(r"^(?:no\.|nos\.|n|numbers?|#)\s*(?:\(%\)|, ?%)?\s*(?:of )?(?!\w*$)", re.I)
_A_LEVEL = re.compile(
    r"^\s*(?:[<>≤≥=~]|\d|(?:no|none|yes|without|with|never|ever|single|both|any)\b|more than|"
    r"less than|at least|up to|fewer than)",
    re.I,
)


def other_unit(label: str, heading: str = "") -> bool:
    """Whether a row counts something else than patients: days, lesions, embryos, households.

    Examples
    --------
    >>> other_unit("Days with diarrhoea, n (%)"), other_unit("Patients with lesions")
    (True, False)
    >>> other_unit("2 or more", "Number of lesions"), other_unit("Lung", "Lesions (n = 84)")
    (False, True)
    """
    if _OF_PEOPLE.search(label):
        return False
    counted = _COUNT_OF.sub("", label.strip())
    if counted != label.strip() and re.search(r"\b(?:days|nights|weeks|months|hours)\b", counted):
        return True
    label = counted
    if _A_LEVEL.match(label):
        return False
    if _UNITS.search(label):
        return True
    first = re.sub(
        r"^(?:no\.?|n|number|#)\s*(?:\(%\))?\s*(?:of )?", "", heading.strip(), flags=re.I
    )
    whole = re.match(r"(?:[\w-]+ )?([\w-]+s)\b(?=\s*(?:[(,:]|n\b|$))", first)
    return bool(whole and _UNITS.search(whole[1]) and not _OF_PEOPLE.search(heading))

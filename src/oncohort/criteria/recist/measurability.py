"""What may be a target lesion at baseline, by modality, slice thickness and site."""

from __future__ import annotations

import re
from typing import Literal

from oncohort.dataclass import dataclass

from .sites import is_node

Group = Literal["target", "non-target", "normal", "unknown"]

_METHODS = (
    ("ultrasound", ("ultrasound", "sonograph", "echograph", "us")),
    ("chest x-ray", ("x-ray", "xray", "x ray", "radiograph", "cxr")),
    ("caliper", ("caliper", "calliper", "clinical", "physical", "exam", "palpation", "photo")),
    ("bone scan", ("bone scan", "scintigra")),
    ("pet", ("pet",)),
    ("endoscopy", ("endoscop", "laparoscop")),
    ("ct", ("ct", "mri", "mr", "tomograph", "magnetic")),
)

_NEVER = (
    ("leptomening", "leptomeningeal disease"),
    ("ascites", "ascites"),
    ("effusion", "an effusion"),
    ("lymphangi", "lymphangitic spread"),
    ("inflammatory breast", "inflammatory breast disease"),
    ("blastic", "a blastic bone lesion"),
    ("organomegaly", "organomegaly found by examination"),
)


@dataclass(frozen=True, slots=True)
class Measurability:
    """What a lesion can be at baseline, and why.

    ``group`` is ``target`` (measurable), ``non-target`` (there, but not measurable), ``normal``
    (a node below 10 mm) or ``unknown`` (no length).
    """

    group: Group
    code: str
    reason: str


def modality(method: str | None) -> str | None:
    """The modality that a method as charted means; none where it can't be told.

    Examples
    --------
    >>> modality("CT chest"), modality("PET/CT"), modality("abdominal ultrasound")
    ('ct', 'ct', 'ultrasound')
    """
    if not method:
        return None
    text = method.lower()
    words = set(re.findall(r"[a-z]+", text))
    if {"pet", "ct"} <= words or "petct" in words:
        return "ct"
    for name, marks in _METHODS:
        for mark in marks:
            if (mark in words) if len(mark) <= 3 else (mark in text):
                return name
    return None


def measurable(
    diameter_mm: float | None,
    *,
    node: bool | None = None,
    method: str | None = None,
    slice_mm: float | None = None,
    site: str | None = None,
) -> Measurability:
    """Whether a lesion is measurable at baseline.

    Source: RECIST 1.1 (Eisenhauer 2009), 3.1.1 (definitions) and 4.2 (methods): longest diameter
    of at least 10 mm by CT or MRI with slices up to 5 mm, twice the slice thickness above that;
    10 mm by calipers; 20 mm by chest X-ray; ultrasound and endoscopy not at all. A node counts by
    its short axis: target from 15 mm, non-target from 10 mm, normal below.

    Parameters
    ----------
    diameter_mm
        Longest diameter, or short axis of a node, in mm.
    node
        Where it isn't said, it follows from the site, and the reason says so.
    method
        As charted; without it, CT is taken.
    slice_mm
        Slice thickness in mm.

    Examples
    --------
    >>> measurable(12, slice_mm=7).reason
    '12 mm is below 14 mm, twice the slice thickness of 7 mm'
    >>> measurable(14.9, node=True).group
    'non-target'
    """
    from .reasons import number

    low_site = (site or "").lower()
    for mark, words in _NEVER:
        if mark in low_site:
            return Measurability("non-target", "never-measurable", f"{words} isn't measurable")
    if "bone" in low_site and "soft" not in low_site and "lytic" not in low_site:
        return Measurability(
            "non-target",
            "bone",
            "a bone lesion is measurable only by a soft-tissue part (lytic or mixed)",
        )
    kind = modality(method)
    if kind in ("ultrasound", "endoscopy", "bone scan", "pet"):
        return Measurability("non-target", "method", f"{kind} isn't a method for measuring")
    if diameter_mm is None:
        return Measurability("unknown", "no-length", "no length was recorded")
    shown = f"{number(diameter_mm, 2)} mm"
    by_site = node is None and is_node(site)
    if node or by_site:
        since = f" (a node by its site, {site})" if by_site else ""
        if diameter_mm < 10:
            return Measurability("normal", "node-normal", f"a node of {shown} is normal{since}")
        if diameter_mm < 15:
            return Measurability(
                "non-target",
                "node-small",
                f"a node of {shown} is below 15 mm in short axis{since}",
            )
    if kind == "chest x-ray" and diameter_mm < 20:
        return Measurability(
            "non-target", "too-small", f"{shown} is below 20 mm, the least by chest X-ray"
        )
    thick = slice_mm is not None and slice_mm > 5 and kind in (None, "ct")
    if thick and slice_mm is not None and diameter_mm < 2 * slice_mm:
        return Measurability(
            "non-target",
            "too-small",
            f"{shown} is below {number(2 * slice_mm)} mm, twice the slice thickness of "
            f"{number(slice_mm)} mm",
        )
    if diameter_mm < 10:
        return Measurability("non-target", "too-small", f"{shown} is below 10 mm")
    return Measurability("target", "measurable", f"{shown} is measurable")

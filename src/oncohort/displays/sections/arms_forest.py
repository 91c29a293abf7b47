"""Forest plots of the arms in subgroups."""

from __future__ import annotations

from oncohort.displays.figures import subgroups as forest
from oncohort.displays.figures.model import Figure
from oncohort.displays.lookup import Lookup
from oncohort.displays.sections.arms_compared import (
    arm_label,
    arms_of,
    compared_endpoints,
    has_competing,
    level_label,
    subgroup_label,
    subgroups_of,
)
from oncohort.displays.sections.section import figure_of
from oncohort.displays.spans import say, sentences, text_of
from oncohort.displays.words import low_first
from oncohort.protocol.arms import subgroup_key


def figures(lookup: Lookup) -> list[Figure]:
    """A forest plot for each endpoint and each arm against the reference."""
    out: list[Figure] = []
    for e in compared_endpoints(lookup):
        if not subgroups_of(lookup, e):
            continue
        reference, others = arms_of(lookup, e)
        out += [_forest(lookup, e, arm, reference, len(others) > 1) for arm in others]
    return out


def _rows(lookup: Lookup, e: str, arm: str, reference: str) -> list[dict[str, object]]:
    """All patients, then each subgroup with its levels."""
    path = f"arms.{e}"

    def line(label: str, where: str, head: bool, band: bool, **keys: str) -> dict[str, object]:
        ratio = lookup.get(f"{where}.hr", arm=arm, **keys)
        sized = {k: v for k, v in keys.items() if k != "model"}
        events = [lookup.number(f"{where}.events", arm=a, **sized) or 0 for a in (arm, reference)]
        counts = [
            f"{lookup.show(f'{where}.events', arm=a, **sized).text}/"
            f"{lookup.show(f'{where}.n', arm=a, **sized).text}"
            for a in (arm, reference)
        ]
        return {
            "label": label,
            "head": head,
            "band": band,
            "counts": counts,
            "events": int(sum(events)),
            "hr": ratio.value if ratio else None,
            "low": ratio.low if ratio else None,
            "high": ratio.high if ratio else None,
            "text": lookup.style.value_ci(ratio) if ratio else "",
            "p": "",
            "whole": head,
        }

    rows = [line("All patients", path, True, False, model="unstratified")]
    for k, one in enumerate(subgroups_of(lookup, e)):
        key = subgroup_key(one)
        band = k % 2 == 0
        rows.append(
            {
                "label": subgroup_label(lookup, one),
                "head": True,
                "band": band,
                "counts": [],
                "events": 0,
                "hr": None,
                "text": "",
                "p": lookup.show(f"{path}.subgroup.{key}.interaction_p").text,
                "whole": False,
            }
        )
        for level in lookup.values(("arms", e, "subgroup", key, "n"), "level"):
            label = level_label(lookup, one, level)
            rows.append(line(label, f"{path}.subgroup.{key}", False, band, level=level))
    return rows


def _forest(lookup: Lookup, e: str, arm: str, reference: str, several: bool) -> Figure:
    """Hazard ratios of an arm against the reference, in all patients and in subgroups."""
    rows = _rows(lookup, e, arm, reference)
    names = [arm_label(lookup, arm), arm_label(lookup, reference)]
    level95 = lookup.style.level(0.95)
    data = {
        "rows": rows,
        "arms": names,
        "ratio": f"HR ({level95} CI)",
        "p": lookup.style.p_symbol,
        "better": ("fewer events", "more events"),
    }
    caption = sentences(
        say(
            "{c} for {e} of {a} against {r}, in all patients (diamond) and in subgroups "
            "(squares, larger with more events); bars are {l} confidence intervals, arrows go "
            "beyond the axis.",
            c="Cause-specific hazard ratio" if has_competing(lookup, e) else "Hazard ratio",
            e=low_first(lookup.endpoint(e)),
            a=names[0],
            r=names[1],
            l=level95,
        ),
        "Interaction p-values are not adjusted for the number of subgroups.",
    )
    alt = (
        text_of(caption) + " " + " ".join(f"{r['label']}: {r['text']}." for r in rows if r["text"])
    )
    width = lookup.style.two_columns_mm
    height = forest.height_mm(data, lookup.style.points, width)
    name = f"subgroups_{e}" + (f"_{arm}" if several else "")
    title = f"{lookup.endpoint(e)} by arm in subgroups"
    if several:
        title += f": {names[0]} against {names[1]}"
    return figure_of(lookup, name, "subgroups", title, caption, alt, data, height, width=width)

"""A study of the patients behind digitised curves: one row each, its arm, time and event.

Nothing else is known of them, so nothing else is made up: no dates, no scans. The study takes
them as a cohort that comes already reduced.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

import numpy as np

from oncohort.dataclass import dataclass
from oncohort.problems import Place, ReadError, problem
from oncohort.published.figures import slug
from oncohort.published.rounding import off_by, prints_as
from oncohort.twin.certificate import MET, MISSED, Certificate, Line
from oncohort.twin.digitised import ReadCurve, ReadCurves
from oncohort.twin.guyot import CurvePatients, patients_of_curve
from oncohort.twin.protocol_text import toml_text
from oncohort.twin.writing import write_folder

Row = dict[str, object]


@dataclass(frozen=True)
class Arms:
    """Synthetic patients of digitised curves. Nobody in it exists.

    ``found``: times (in ``unit``) and event flags by arm.
    """

    found: Mapping[str, CurvePatients]
    unit: str
    endpoint: str
    certificate: Certificate

    def rows(self) -> list[Row]:
        """The table of patients."""
        several = len(self.found) > 1
        out: list[Row] = []
        for name, patients in self.found.items():
            for time, event in zip(patients.time, patients.event, strict=True):
                row: Row = {"patient": f"T{len(out) + 1:04d}", "synthetic": "yes"}
                if several:
                    row["arm"] = name
                row[f"{self.endpoint}_time"] = f"{max(time, 0.0):.4f}"
                row[f"{self.endpoint}_event"] = "yes" if event else "no"
                out.append(row)
        return out

    def protocol(self) -> str:
        """The study.toml that runs on them."""
        key = self.endpoint
        several = len(self.found) > 1
        endpoint: dict[str, object] = {
            "label": key.upper(),
            "time": f"{key}_time",
            "event": f"{key}_event",
            "event_value": "yes",
            "censored_value": "no",
        }
        data: dict[str, object] = {
            "study": {
                "schema": 1,
                "title": "Patients behind digitised curves",
                "data": "data",
                "time_unit": self.unit,
                "synthetic": True,
            },
        }
        if several:
            data["variables"] = {"arm": {"label": "Arm", "reference": slug(list(self.found)[-1])}}
            endpoint["by"] = ["arm"]
        data["endpoints"] = {key: endpoint}
        if several:
            data["arms"] = {"variable": "arm"}
        return toml_text(data)

    def write(self, folder: Path) -> Path:
        """Write study.toml, data, certificate and README.

        Raises
        ------
        OutputError
            The folder holds something that is not a twin's.
        """
        return write_folder({"patients": self.rows()}, self.protocol(), self.certificate, folder)


def _size(curve: ReadCurve, patients: Mapping[str, int]) -> int:
    if curve.at_risk:
        return curve.at_risk[0][1]
    asked: int | None = _of(curve, patients)
    if asked is None:
        name = curve.name or "the curve"
        what = problem("twin.digitised", "size", place=Place(key="--at-risk"), name=name)
        raise ReadError("", [what])
    return asked


def _lines(curve: ReadCurve, n: int, events: int | None, made: CurvePatients) -> list[Line]:
    """Numbers of patients, at risk and of events, printed and made."""
    of = f", {curve.name}" if curve.name else ""
    key = slug(curve.name) or "curve"
    stated = [(f"{key}.patients", f"patients{of}", n, len(made.time))]
    for t, k in curve.at_risk:
        words = f"at risk at {t:g}{of}"
        stated.append((f"{key}.at_risk.{t:g}", words, k, int((made.time >= t - 1e-9).sum())))
    if events is not None:
        stated.append((f"{key}.events", f"events{of}", events, int(made.event.sum())))
    return [
        Line(
            name, str(printed), words, "at risk" if "risk" in name else "count",
            MET if printed == value else MISSED, float(value),
            None if printed == value else float(value - printed),
        )
        for name, words, printed, value in stated
    ]  # fmt: skip


Given = TypeVar("Given")


def _of(curve: ReadCurve, given: Mapping[str, Given] | None) -> Given | None:
    """What was given for an arm: by its name, or without a name for the only one."""
    return (given or {}).get(slug(curve.name), (given or {}).get(""))


def _median_line(curve: ReadCurve, printed: str, made: CurvePatients) -> Line:
    from oncohort.stats import kaplan_meier

    value = kaplan_meier(made.time, made.event).median.value
    words = "median" + (f", {curve.name}" if curve.name else "")
    key = f"{slug(curve.name) or 'curve'}.median"
    if value is None:
        return Line(key, printed, words, "median", MISSED, why="not reached")
    met = prints_as(value, printed)
    return Line(
        key, printed, words, "median", MET if met else MISSED, float(value),
        None if met else off_by(value, printed),
    )  # fmt: skip


def _distance(curve: ReadCurve, made: CurvePatients) -> tuple[float, float]:
    """Largest distance of a point from the made curve, across or along it; where it is."""
    from oncohort.stats import kaplan_meier

    km = kaplan_meier(made.time, made.event)
    t = np.array([p.time for p in curve.points])
    s = np.array([p.survival for p in curve.points])
    steps = np.array([1.0, *(s for s in km.survival)])
    before = steps[np.searchsorted(km.time, t, side="left")]
    after = steps[np.searchsorted(km.time, t, side="right")]
    # A point read within a vertical step is on the curve.
    far = np.maximum(np.maximum(s - before, after - s), 0.0)
    worst = int(np.argmax(far))
    return float(far[worst]), float(t[worst])


def arms_of(
    read: ReadCurves, *, endpoint: str = "os", patients: Mapping[str, int] | None = None,
    events: Mapping[str, int] | None = None, medians: Mapping[str, str] | None = None,
) -> Arms:  # fmt: skip
    """Patients behind digitised curves.

    Parameters
    ----------
    patients
        Number of patients by arm (slug), where no numbers at risk are printed; key "" for the
        only arm.
    events
        Total number of events by arm, where printed.
    medians
        Median by arm as printed, in the unit of the curves: a curve that is level about one half
        crosses it there.

    Raises
    ------
    oncohort.problems.ReadError
        No number of patients is known, or curve and numbers can't be of one cohort.

    Examples
    --------
    >>> from oncohort.twin.digitised import Point
    >>> points = tuple(Point(t, s, 0) for t, s in ((1.0, 0.75), (2.0, 0.5), (3.0, 0.25)))
    >>> arms = arms_of(ReadCurves((ReadCurve("", points, ((0.0, 4),)),), "months"))
    >>> [(row["os_time"], row["os_event"]) for row in arms.rows()][:2]
    [('1.0000', 'yes'), ('2.0000', 'yes')]
    """
    found: dict[str, CurvePatients] = {}
    lines: list[Line] = []
    notes = [*read.notes]
    for curve in read.curves:
        n = _size(curve, patients or {})
        total, median = _of(curve, events), _of(curve, medians)
        made = patients_of_curve(
            [p.time for p in curve.points], [p.survival for p in curve.points],
            curve.at_risk or ((0.0, n),), events=total,
            median=float(median) if median is not None else None,
        )  # fmt: skip
        name = curve.name or "cohort"
        found[name] = made
        lines += _lines(curve, n, total, made)
        if median is not None:
            lines.append(_median_line(curve, median, made))
        far, day = _distance(curve, made)
        notes.append(
            f"{name}: no point read is further than {far:.3f} from the twin's curve "
            f"(at {day:.4g} {read.unit})"
        )
    n = sum(len(p.time) for p in found.values())
    key = slug(endpoint)
    count = (key, sum(int(p.event.sum()) for p in found.values()))
    certificate = Certificate(n, 0, tuple(lines), events=(count,), notes=tuple(notes))
    return Arms(found, read.unit, key, certificate)

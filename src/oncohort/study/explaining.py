"""Why each call was made for one patient: in plain words, and as a small picture."""

from __future__ import annotations

import errno
import io
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from oncohort.problems import OncohortError, OutputError, Place, problem
from oncohort.protocol.references import nearest
from oncohort.study.evidence.cells import in_short
from oncohort.study.patient_page import entries, patient_page
from oncohort.vocabulary.times import DAYS_PER_UNIT
from oncohort.vocabulary.unseen import drawn
from oncohort.whole_files import says, write_whole

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from oncohort.displays.patient import Line
    from oncohort.endpoints.course import Entry
    from oncohort.study.study import Study


def patient_named(study: Study, name: str) -> str:
    """The patient that a person means: "s05", "S5" and "5" are S05 where no other can be meant.

    Raises
    ------
    OncohortError
        No such patient, or several; the nearest id is named.
    """
    known = study.cohort.source
    if name in known:
        return name
    for alike in (_plain, _number):
        meant = [p for p in known if alike(p) and alike(p) == alike(name)]
        if len(meant) == 1:
            return meant[0]
    wrong = problem(
        "explain.unknown-patient",
        place=Place(file=study.protocol.study.data),
        patient=name,
        nearest=nearest(name, known),
    )
    raise OncohortError("", [wrong])


def _plain(name: str) -> str:
    """An id without case, blanks, signs and leading zeros: "s5" of "S-005"."""
    letters = re.sub(r"[^a-z0-9]", "", name.strip().lower())
    return re.sub(r"(?<![0-9])0+(?=[0-9])", "", letters)


def _number(name: str) -> str:
    """The number of an id with one number in it: "5" of "S05"."""
    found = re.findall(r"[0-9]+", name)
    return found[0].lstrip("0") or "0" if len(found) == 1 else ""


def explain(study: Study, patient: str) -> str:
    """Everything that was decided about one patient, each call with its reason and its cell.

    Raises
    ------
    OncohortError
        No such patient; the nearest id is named.
    """
    page = patient_page(study, patient_named(study, patient), write=in_short)
    lines = [f"Patient {page.patient}" + (" (synthetic)" if page.synthetic else "")]
    for block in page.blocks:
        lines += ["", block.title, *(_printed(line) for line in block.lines)]
    return "\n".join(lines)


def write_page(study: Study, patient: str, path: Path) -> None:
    """Write everything about one patient as an HTML file, readable by the user alone.

    Raises
    ------
    OncohortError
        No such patient.
    OutputError
        The file is no HTML file, or can't be written.
    """
    from oncohort.documents import write_patient

    page = patient_page(study, patient_named(study, patient), write=in_short)
    reason = "" if path.suffix.lower() in (".html", ".htm") else "The name must end in .html"
    if not reason:
        try:
            _write(path, write_patient(page).encode())
        except OSError as error:
            reason = f"It can't be written there ({error.strerror})"
    if reason:
        wrong = problem("explain.page", place=Place(file=str(path)), reason=reason)
        raise OutputError("", [wrong])


def _write(path: Path, data: bytes) -> None:
    """Write what shows one patient, for the user alone; a file that isn't ours stays."""
    if path.exists() and not says(path, b"oncohort"):
        raise FileExistsError(errno.EEXIST, "a file that oncohort didn't write is there")
    write_whole(path, data, mode=0o600)


def _printed(line: Line) -> str:
    day = f"{line.date}  " if line.date else ""
    inset = "    " if line.sort == "part" else "  "
    return f"{inset}{day}{line.text}" + (f"  [{line.place}]" if line.place else "")


COLOURS: Mapping[str, str] = {
    "CR": "#0072B2",
    "PR": "#56B4E9",
    "SD": "#999999",
    "Non-CR/Non-PD": "#999999",
    "PD": "#D55E00",
    "NE": "#CCCCCC",
    "": "#000000",
}


def _mark_visits(axes: Axes, visits: Sequence[Entry]) -> None:
    """A dot for each visit, in the colour of its call."""
    for e in visits:
        x = (e.days or 0) / DAYS_PER_UNIT["months"]
        colour = COLOURS.get(e.call, "#000000")
        axes.plot(x, 0, "o", ms=5, color=colour, mec="black", mew=0.4)
        axes.annotate(
            e.call or "base", (x, 0), (0, -12), textcoords="offset points", ha="center", fontsize=6
        )


def _name_events(axes: Axes, events: Sequence[Entry], last: float) -> None:
    """A line and a label for each fact and endpoint, one above the other."""
    for i, e in enumerate(events):
        height = 1.2 + i
        x = (e.days or 0) / DAYS_PER_UNIT["months"]
        text = f"{e.what}: {e.call}" if e.call else e.what
        axes.plot([x, x], [0, height], color="#888888", lw=0.5, zorder=0)
        axes.annotate(
            text,
            (x, height),
            (1, 0),
            textcoords="offset points",
            fontsize=6,
            ha="left" if x < last * 0.7 else "right",
        )


def draw_timeline(study: Study, patient: str, path: Path) -> None:
    """Draw the course of one patient as SVG or PNG.

    Raises
    ------
    OutputError
        The file is neither, or there are no dates to draw.
    """
    from oncohort.displays.figures.library import load

    load()
    import matplotlib
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    patient = patient_named(study, patient)
    dated = [e for e in entries(study, patient) if e.days is not None]
    if path.suffix.lower() not in (".svg", ".png") or not dated:
        what = "no dated course to draw" if not dated else f"{path.suffix} is not drawn"
        wrong = problem("explain.picture", place=Place(file=str(path)), reason=what.capitalize())
        raise OutputError("", [wrong])
    words = {"svg.hashsalt": "oncohort", "svg.fonttype": "none", "text.parse_math": False}
    with matplotlib.rc_context():
        matplotlib.rcdefaults()  # a matplotlibrc of the user or the folder does not count
        matplotlib.rcParams.update(words)
        others = [e for e in dated if e.sort in ("fact", "endpoint")]
        # One line of labels for each, so that no two can overlap.
        height_mm = 34 + 4.2 * len(others)
        figure = Figure(figsize=(174 / 25.4, height_mm / 25.4))
        FigureCanvasAgg(figure)
        axes = figure.add_axes((0.04, 12 / height_mm, 0.92, 1 - 20 / height_mm))
        axes.axhline(0, color="#444444", lw=0.8, zorder=1)
        _mark_visits(axes, [e for e in dated if e.sort == "visit"])
        _name_events(axes, others, (dated[-1].days or 1) / DAYS_PER_UNIT["months"])
        axes.set_ylim(-2.2, len(others) + 1.6)
        axes.set_yticks([])
        axes.set_xlabel("months since treatment start", fontsize=7)
        axes.tick_params(labelsize=6)
        for side in ("left", "right", "top"):
            axes.spines[side].set_visible(False)
        figure.text(0.04, 1 - 5 / height_mm, f"Patient {patient}", fontsize=8, weight="bold")
        picture = io.BytesIO()
        kind = path.suffix.lower()[1:]
        named = {"Date": None, "Creator": "oncohort"} if kind == "svg" else {"Software": "oncohort"}
        figure.savefig(picture, format=kind, dpi=200, metadata=named)
    content = picture.getvalue()
    if kind == "svg":
        content = drawn(content.decode("utf-8")).encode("utf-8")
    try:
        _write(path, content)
    except OSError as error:
        reason = f"It can't be written there ({error.strerror})"
        wrong = problem("explain.picture", place=Place(file=str(path)), reason=reason)
        raise OutputError("", [wrong]) from error

"""Questions, problems and the protocol: everything that changes `study.toml`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from starlette.responses import Response

from oncohort.app.asked import STEPS, Desk, go, words
from oncohort.app.moved import Moved, moved_numbers
from oncohort.app.problem_view import cards, with_decision
from oncohort.problems import OncohortError, Problem
from oncohort.protocol import parse_protocol
from oncohort.study.depends import dependence
from oncohort.study.questions import LEAVE_OUT, NONE, YES, open_questions

if TYPE_CHECKING:
    from starlette.requests import Request

    from oncohort.app.opened import Opened


def questions(desk: Desk, request: Request, opened: Opened, given: Mapping[str, Any]) -> Response:
    """A card for each open question."""
    asked = open_questions(opened.text)
    known = dependence(parse_protocol(opened.text))
    waits = {q.name: known.waiting(q.blocks, q.about) for q in asked}
    return desk.of_study(request, opened, "questions", questions=asked, waits=waits)


def answer(desk: Desk, request: Request, opened: Opened, given: Mapping[str, Any]) -> Response:
    """Write one answer, through the function of `oncohort answer`."""
    from oncohort.study.answering import answer as write_answer

    name, do = words(given, "question"), words(given, "do")
    with opened.changing(words(given, "version")):
        value = do if do in (YES, LEAVE_OUT, NONE) else _value(opened.text, name, given)
        made = write_answer(opened.folder, name, value)
    step = "questions" if made.left else "problems"
    left = f"{made.left} question{'' if made.left == 1 else 's'} left." if made.left else ""
    said = f"The answer is in the protocol. {left or 'No question is left.'}"
    return go(f"/s/{opened.key}/{step}?said={quote(said)}")


def _value(text: str, name: str, given: Mapping[str, Any]) -> str:
    """The answer as `oncohort answer` takes it, from the fields of a card."""
    from oncohort.study.answering import find_question

    slots = find_question(text, name).slots
    values = [words(given, f"slot{i}") for i in range(len(slots))]
    if not all(values):
        raise OncohortError("Choose an answer for each value, or leave the column out.")
    if len(slots) == 1:
        return values[0]
    return ", ".join(
        f"{_label(slot.label)} = {value}" for slot, value in zip(slots, values, strict=True)
    )


def _label(text: str) -> str:
    import json

    return json.dumps(text, ensure_ascii=False)


def undo(desk: Desk, request: Request, opened: Opened, given: Mapping[str, Any]) -> Response:
    """Take the last change back."""
    done = opened.undo(words(given, "version"))
    said = "The last change is taken back." if done else "There is nothing to take back."
    step = words(given, "step") or "protocol"
    known = {name for name, _ in STEPS}
    return go(f"/s/{opened.key}/{step if step in known else 'protocol'}?said={quote(said)}")


def problems(desk: Desk, request: Request, opened: Opened, given: Mapping[str, Any]) -> Response:
    """Everything that is wrong or open, a card for each cause."""
    study = opened.study()
    found = [p for p in study.problems if p.id != "protocol.open-question"]
    left = len(open_questions(opened.text))
    counts = {
        s: sum(p.severity.value == s for p in found) for s in ("error", "question", "warning")
    }
    return desk.of_study(request, opened, "problems", cards=cards(found), left=left, counts=counts)


def decide(desk: Desk, request: Request, opened: Opened, given: Mapping[str, Any]) -> Response:
    """Write the authors' decision about a problem of named patients."""
    patients = [p for p in str(given.get("patients", "")).split("\x1f") if p]
    by, why, do = words(given, "by"), words(given, "why"), words(given, "do")
    if not (by and why):
        raise OncohortError("Say who decided, and why: both stand in the log of decisions.")
    opened.write(
        words(given, "version"),
        lambda text: with_decision(
            text, words(given, "rule"), patients, do, by, why,
            words(given, "value"), words(given, "column"),
        ),
    )  # fmt: skip
    return go(f"/s/{opened.key}/problems?said={quote('The decision is written.')}")


def marked(desk: Desk, request: Request, opened: Opened, given: Mapping[str, Any]) -> Response:
    """A copy of the chart with its problems marked, to download."""
    import tempfile
    from pathlib import Path

    from oncohort.checks.marked import marked_workbook

    study = opened.study()
    with tempfile.TemporaryDirectory(prefix="oncohort-") as folder:
        path = marked_workbook(
            study.problems, study.records, opened.folder, Path(folder) / "marked.xlsx"
        )
        data = path.read_bytes()
    return Response(
        data,
        media_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        headers={"content-disposition": 'attachment; filename="marked.xlsx"'},
    )


def protocol(desk: Desk, request: Request, opened: Opened, given: Mapping[str, Any]) -> Response:
    """The protocol's text, and the flow of patients that it gives."""
    return desk.of_study(
        request, opened, "protocol", text=opened.text, moved=None, flow=_flow(opened), wrong=()
    )


def _flow(opened: Opened) -> list[tuple[str, str]]:
    """Names and numbers of the patients' flow; empty while the study can't be read."""
    try:
        flow = opened.study().analysed.numbers.section("flow")
    except OncohortError:
        return []
    found = flow.estimates if flow is not None else ()
    return [(e.label, f"{int(e.value)}") for e in found if e.value is not None]


def set_protocol(
    desk: Desk, request: Request, opened: Opened, given: Mapping[str, Any]
) -> Response:
    """Say which numbers a new text would move; write it when that was seen."""
    text = str(given.get("text", "")).replace("\r\n", "\n")[:2_000_000]
    if words(given, "do") == "keep":
        opened.write(words(given, "version"), lambda _: text)
        return go(f"/s/{opened.key}/protocol?said={quote('The protocol is written.')}")
    moved: list[Moved] | None = None
    wrong: tuple[Problem | str, ...] = ()
    try:
        moved = moved_numbers(opened, text)
    except OncohortError as error:
        wrong = tuple(error.problems) or (str(error),)
    return desk.of_study(
        request, opened, "protocol", text=text, moved=moved, flow=_flow(opened), wrong=wrong
    )

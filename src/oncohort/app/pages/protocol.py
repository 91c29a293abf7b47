"""Questions, problems and the protocol: everything that changes `study.toml`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import quote

from starlette.responses import PlainTextResponse, Response

from oncohort.app import protocol_view as view
from oncohort.app.asked import STEPS, Site, go, words
from oncohort.app.moved import Moved, moved_numbers, new_errors
from oncohort.app.opened import StaleError
from oncohort.app.problem_view import cards, with_decision
from oncohort.app.protocol_forms import edited
from oncohort.app.sheet_view import example_rows
from oncohort.app.wording import language, say
from oncohort.dataclass import dataclass
from oncohort.problems import OncohortError, Problem
from oncohort.protocol import parse_protocol
from oncohort.study.depends import dependence
from oncohort.study.questions import LEAVE_OUT, NONE, YES, open_questions
from oncohort.study.study import study_of

if TYPE_CHECKING:
    from starlette.requests import Request

    from oncohort.app.opened import Opened
    from oncohort.study.study import Study


def questions(
    site: Site, request: Request, opened: Opened, given: Mapping[str, object]
) -> Response:
    """A card for each open question."""
    asked = open_questions(opened.text)
    known = dependence(parse_protocol(opened.text))
    waits = {q.name: known.waiting(q.blocks, q.about) for q in asked}
    rows = {q.name: example_rows(opened, q) for q in asked}
    return site.of_study(request, opened, "questions", questions=asked, waits=waits, rows=rows)


def answer(site: Site, request: Request, opened: Opened, given: Mapping[str, object]) -> Response:
    """Write one answer, through the function of `oncohort answer`."""
    from oncohort.study.answering import answer as write_answer

    name, do = words(given, "question"), words(given, "do")
    with opened.changing(words(given, "version")):
        value = do if do in (YES, LEAVE_OUT, NONE) else _value(opened.text, name, given)
        made = write_answer(opened.folder, name, value)
    step = "questions" if made.left else "problems"
    if words(given, "back") == "columns":
        step = "columns"
    left = say("questions.left", n=made.left) if made.left else say("notices.no_question_left")
    notice = f"{say('notices.answered')} {left}"
    return go(f"/s/{opened.key}/{step}?notice={quote(notice)}")


def _value(text: str, name: str, given: Mapping[str, object]) -> str:
    """The answer as `oncohort answer` takes it, from the fields of a card."""
    from oncohort.study.answering import find_question

    slots = find_question(text, name).slots
    values = [words(given, f"slot{i}") for i in range(len(slots))]
    if not all(values):
        raise OncohortError(say("notices.choose"))
    if len(slots) == 1:
        return values[0]
    return ", ".join(
        f"{_label(slot.label)} = {value}" for slot, value in zip(slots, values, strict=True)
    )


def _label(text: str) -> str:
    import json

    return json.dumps(text, ensure_ascii=False)


def undo(site: Site, request: Request, opened: Opened, given: Mapping[str, object]) -> Response:
    """Take the last change back."""
    done = opened.undo(words(given, "version"))
    notice = say("notices.taken_back" if done else "notices.nothing_back")
    step = words(given, "step") or "protocol"
    return go(f"/s/{opened.key}/{step if step in STEPS else 'protocol'}?notice={quote(notice)}")


def problems(site: Site, request: Request, opened: Opened, given: Mapping[str, object]) -> Response:
    """Everything that is wrong or open, a card for each cause."""
    study = opened.study()
    found = [p for p in study.problems if p.id != "protocol.open-question"]
    left = len(open_questions(opened.text))
    counts = {
        s: sum(p.severity.value == s for p in found) for s in ("error", "question", "warning")
    }
    return site.of_study(request, opened, "problems", cards=cards(found), left=left, counts=counts)


def decide(site: Site, request: Request, opened: Opened, given: Mapping[str, object]) -> Response:
    """Write the authors' decision about a problem of named patients."""
    patients = [p for p in str(given.get("patients", "")).split("\x1f") if p]
    by, why, do = words(given, "by"), words(given, "why"), words(given, "do")
    if not (by and why):
        raise OncohortError(say("notices.who_why"))
    opened.write(
        words(given, "version"),
        lambda text: with_decision(
            text, words(given, "rule"), patients, do, by, why,
            words(given, "value"), words(given, "column"),
        ),
    )  # fmt: skip
    return go(f"/s/{opened.key}/problems?notice={quote(say('notices.decided'))}")


def marked(site: Site, request: Request, opened: Opened, given: Mapping[str, object]) -> Response:
    """A copy of the chart with its problems marked, to download."""
    from oncohort.checks.marked import marked_workbook
    from oncohort.whole_folders import working_folder

    study = opened.study()
    with working_folder() as folder:
        path = marked_workbook(study.problems, study.records, opened.folder, folder / "marked.xlsx")
        data = path.read_bytes()
    return Response(
        data,
        media_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        headers={"content-disposition": 'attachment; filename="marked.xlsx"'},
    )


def protocol(site: Site, request: Request, opened: Opened, given: Mapping[str, object]) -> Response:
    """The protocol as cards, and its text."""
    return _page(site, request, opened, opened.text)


@dataclass(frozen=True)
class Cards:
    """Everything that the page shows of a protocol that can be read."""

    flow: view.Flow
    columns: list[str]
    endpoints: list[view.EndpointCard]
    groups: list[view.Group]
    meters: list[view.Meter]
    candidates: list[view.Choice]
    selection: str
    safety: view.SafetyCard | None
    every_term: bool
    style: view.StyleCard
    unit: str


def _cards(study: Study) -> Cards:
    protocol = study.protocol
    return Cards(
        view.flow_of(study),
        view.patient_columns(study),
        view.endpoint_cards(study),
        view.groups(study),
        view.meters(study),
        view.candidates(study),
        protocol.prognosis.selection if protocol.prognosis is not None else "",
        view.safety_card(study),
        protocol.safety is not None and not protocol.safety.terms,
        view.style_card(study),
        protocol.study.time_unit,
    )


def _page(
    site: Site, request: Request, opened: Opened, text: str, status: int = 200, **more: object
) -> Response:
    cards, flow = None, None
    if more.get("moved") is None:
        try:
            cards = opened.held("cards", language.get(), _cards)
        except OncohortError:  # then its text is all that can be shown
            cards = None
    if more.get("then") is not None:
        flow = view.flow_of(opened.study())
    values = {"moved": None, "then": None, "wrong": ()} | more
    return site.of_study(
        request, opened, "protocol", status, text=text, cards=cards, flow=flow,
        enough=view.ENOUGH, **values,
    )  # fmt: skip


def set_protocol(
    site: Site, request: Request, opened: Opened, given: Mapping[str, object]
) -> Response:
    """Say which numbers a change would move; write it when that was seen."""
    version = words(given, "version")
    text = str(given.get("text", "")).replace("\r\n", "\n")[:2_000_000]
    if words(given, "do") == "keep":
        opened.write(version, lambda _: text)
        return go(f"/s/{opened.key}/protocol?notice={quote(say('notices.protocol'))}")
    moved: list[Moved] | None = None
    wrong: tuple[Problem | str, ...] = ()
    then = None
    try:
        if "card" in given:
            opened.same(version)
            text = opened.text
            text = edited(text, given)
        moved, other = moved_numbers(opened, text)
        then = view.flow_of(other)
        wrong = tuple(new_errors(opened, other))
    except StaleError:
        raise
    except OncohortError as error:
        wrong = tuple(error.problems) or (str(error),)
    return _page(site, request, opened, text, moved=moved, then=then, wrong=wrong)


def live_flow(
    site: Site, request: Request, opened: Opened, given: Mapping[str, object]
) -> Response:
    """The flow of patients as it would be with a form's values; nothing is kept."""
    before = view.flow_of(opened.study())
    try:
        flow = view.flow_of(study_of(opened.folder, edited(opened.text, given)))
    except OncohortError as error:
        what = "; ".join(p.what for p in error.problems) or str(error)
        return PlainTextResponse(what, 422)
    return site.page("flow.html", flow=flow, before=before)

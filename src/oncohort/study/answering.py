"""Answers to the open questions of a protocol, written into it: whole, or not at all."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from oncohort.dataclass import dataclass
from oncohort.foreign_texts import toml_of
from oncohort.problems import OncohortError
from oncohort.protocol import Protocol
from oncohort.protocol.reading import parse_protocol, read_protocol
from oncohort.protocol.references import nearest
from oncohort.regular_files import why
from oncohort.study.endpoint_values import COMPETING
from oncohort.study.filled_answers import WrongAnswer, filled, says_no
from oncohort.study.questions import LEAVE_OUT, NONE, OpenQuestion, open_questions
from oncohort.vocabulary.boundaries import Parsed
from oncohort.vocabulary.plurals import counted
from oncohort.vocabulary.tables import TABLES
from oncohort.vocabulary.unseen import coded_edits
from oncohort.whole_files import write_whole
from oncohort.whole_folders import locked

if TYPE_CHECKING:
    from tomlkit import TOMLDocument


PATIENCE = 60.0
"""Seconds to wait for another command that writes there."""


class AnswerError(OncohortError):
    """An answer can't be written: no such question, or it does not fit."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What an answer changed."""

    question: OpenQuestion
    written: tuple[str, ...]
    """Keys of the protocol that were set, dotted."""
    left: int
    """Questions that are still open."""

    def lines(self) -> list[str]:
        """What to tell the user."""
        what = ", ".join(self.written) if self.written else "nothing had to be written"
        rest = f"{counted(self.left, 'question')} left"
        return [f"{self.question.name}: {what}. {rest if self.left else 'No question is left'}."]


def answer(folder: Path | str, question: str, value: str) -> Answered:
    """Answer one open question of a study's protocol.

    Parameters
    ----------
    folder
        The study.
    question
        Its name or number.
    value
        The answer: `1 = dead, 2 = alive`, `months`, `yes` (what is proposed), `leave out`, `none`.

    Raises
    ------
    AnswerError
        There is no such question, or the answer does not fit it. Nothing is written.
    """
    from oncohort.records import read_records

    path = Path(folder)
    path = path if path.suffix == ".toml" else path / Protocol.FILE
    _, text = read_protocol(path)
    found = find_question(text, question)
    new, written = answered(text, found, value)
    protocol = parse_protocol(new)
    read_records(protocol, path.parent)
    write_protocol(path, new, before=text)
    return Answered(found, tuple(written), len(open_questions(new)))


def find_question(text: str, question: str) -> OpenQuestion:
    """The open question of a name or number.

    Raises
    ------
    AnswerError
        There is none.
    """
    known = open_questions(text)
    for one in known:
        if question.strip() in (one.name, str(one.number)):
            return one
    if not known:
        raise AnswerError("No question is open.")
    raise AnswerError(
        f'No open question is called "{question}". {nearest(question, [q.name for q in known])}'
    )


def answered(text: str, question: OpenQuestion, value: str) -> tuple[str, list[str]]:
    """The protocol's text with a question answered, and the keys that were set.

    Comments and everything else stay as they are; the question's block is taken out.

    Raises
    ------
    AnswerError
        The answer does not fit, or does not leave a protocol that can be read.
    """
    import tomlkit

    lines = text.split("\n")
    bare = "\n".join(lines[: question.first_line] + lines[question.last_line :])
    word = " ".join(value.split()).casefold()
    doc = tomlkit.parse(bare)
    written: list[str] = []
    left_out = word == LEAVE_OUT or (word == NONE and not question.optional)
    if left_out and question.leave_out is not None:
        forget_column(doc, *question.leave_out)
        written = [f"{question.leave_out[1]} is left out"]
    elif question.optional and (word == NONE or says_no(question, value)):
        pass
    else:
        try:
            code = filled(question, value)
        except WrongAnswer as error:
            raise AnswerError(f"{question.name}: {error.what}") from error
        for at, setting in _settings(question, code):
            set_value(doc, at, setting)
            follow(doc, at, setting)
            written.append(".".join(at))
        _compete(doc)
    new = coded_edits(text, tomlkit.dumps(doc))
    _same_data(doc, new)
    return new, written


def _settings(question: OpenQuestion, code: list[str]) -> Iterator[tuple[tuple[str, ...], Parsed]]:
    """(path, value) of every value in the lines of an answer."""
    head = "" if code and code[0].startswith("[") else f"[{question.section}]\n"
    try:
        data = toml_of(head + "\n".join(code))
    except tomllib.TOMLDecodeError as error:  # pragma: no cover - the draft writes valid lines
        raise AnswerError(f"{question.name}: the answer is not valid TOML: {error}") from error
    yield from _leaves((), data)


def _leaves(
    at: tuple[str, ...], data: Mapping[str, object]
) -> Iterator[tuple[tuple[str, ...], Parsed]]:
    for key, value in data.items():
        if isinstance(value, dict) and value:
            yield from _leaves((*at, key), value)
        else:
            yield (*at, key), value


def set_value(doc: TOMLDocument, at: tuple[str, ...], value: object) -> None:
    """Set a value; lists grow, tables that are not there are made."""
    import tomlkit

    here: Parsed = doc
    for depth, key in enumerate(at[:-1]):
        if key not in here:
            here[key] = (
                tomlkit.table(is_super_table=True)
                if depth == 0 and len(at) > 2
                else tomlkit.table()
                if depth <= 1
                else tomlkit.inline_table()
            )
        here = here[key]
    old = here.get(at[-1])
    if isinstance(old, list) and isinstance(value, list):
        for one in value:
            if one not in old:
                old.append(one)
    else:
        here[at[-1]] = value


def _filled(data: object) -> object:
    """Data without empty tables: what was taken out last leaves one that is not written."""
    if not isinstance(data, dict):
        return data
    inner = {key: _filled(value) for key, value in data.items()}
    return {key: value for key, value in inner.items() if value != {}}


def _same_data(doc: TOMLDocument, text: str) -> None:
    try:
        same = _filled(tomllib.loads(text)) == _filled(doc.unwrap())
    except tomllib.TOMLDecodeError:
        same = False
    if not same:
        raise AnswerError(
            "The answer could not be written without breaking the file. Write it by hand; the "
            "lines stand below the question."
        )


# -- what follows from an answer ---------------------------------------------------------------


def follow(doc: TOMLDocument, at: tuple[str, ...], value: object) -> None:
    """A column that gets a meaning is no covariate of its own any more."""
    if len(at) == 4 and at[:3] == ("tables", "patients", "columns") and isinstance(value, str):
        _rename(doc, value, at[3])
    if len(at) == 3 and at[0] == "endpoints" and at[2] in ("time", "event"):
        _drop_variables(doc, {k for k, c in _columns_of(doc).items() if c == value})


def _compete(doc: TOMLDocument) -> None:
    """An endpoint whose event column has values that are said to compete declares them."""
    import tomlkit

    codes = doc.get("tables", {}).get("patients", {}).get("codes", {})
    for endpoint in doc.get("endpoints", {}).values():
        event = endpoint.get("event")
        meant = codes.get(event, {}) if isinstance(event, str) else {}
        if COMPETING in meant.values() and "competing" not in endpoint:
            table = tomlkit.inline_table()
            table[COMPETING] = COMPETING
            endpoint["competing"] = table


def _columns_of(doc: TOMLDocument) -> dict[str, str]:
    """Variable = its column."""
    return {
        key: str(v.get("column", key))
        for key, v in doc.get("variables", {}).items()
        if "derive" not in v and "from" not in v
    }


def _rename(doc: TOMLDocument, column: str, ours: str) -> None:
    """Variables of a chart's column that is now one of ours."""
    patients: Parsed = doc["tables"]["patients"]
    for other in [k for k, v in patients.get("columns", {}).items() if v == column and k != ours]:
        del patients["columns"][other]
    if column in patients.get("ignore", []):
        patients["ignore"].remove(column)
    known = doc.get("variables", {})
    for key in [k for k, c in _columns_of(doc).items() if c == column]:
        if TABLES["patients"].kinds.get(ours) in ("date", None) and ours != "patient":
            _drop_variables(doc, {key})
            continue
        if ours == "patient" or (ours in known and key != ours):
            _drop_variables(doc, {key})
            continue
        known[key]["column"] = ours
        for stale in ("levels", "reference"):
            if stale in known[key] and TABLES["patients"].levels.get(ours):
                del known[key][stale]


def forget_column(doc: TOMLDocument, table: str, column: str) -> None:
    """Leave a column of the chart out, with all that rests on it."""
    import tomlkit

    one: Parsed = doc.setdefault("tables", tomlkit.table(is_super_table=True)).setdefault(
        table, tomlkit.table()
    )
    own = {k for k, v in one.get("columns", {}).items() if v == column}
    for ours in own:
        del one["columns"][ours]
    for part in ("codes", "missing_in", "units"):
        for key in {column, *own} & set(one.get(part, {})):
            del one[part][key]
    ignore = one.get("ignore")
    if ignore is None:
        one["ignore"] = [column]
    elif column not in ignore:
        ignore.append(column)
    if table != "patients":
        return
    gone = {column, *own}
    _drop_variables(doc, {k for k, c in _columns_of(doc).items() if c in gone})
    endpoints = doc.get("endpoints", {})
    for key in [k for k, e in endpoints.items() if {e.get("time"), e.get("event")} & gone]:
        del endpoints[key]
        for section in ("prognosis", "arms"):
            _without(doc.get(section, {}).get("endpoints"), {key})


def _drop_variables(doc: TOMLDocument, keys: set[str]) -> None:
    variables = doc.get("variables", {})
    grown = set(keys)
    while more := {k for k, v in variables.items() if v.get("from") in grown} - grown:
        grown |= more
    for key in grown & set(variables):
        del variables[key]
    for section, name in (
        ("baseline", "variables"),
        ("prognosis", "candidates"),
        ("prognosis", "multivariable"),
        ("logistic", "candidates"),
        ("logistic", "multivariable"),
        ("response", "by"),
        ("safety", "by"),
        ("prognosis", "strata"),
        ("missing", "variables"),
        ("missing", "auxiliary"),
        ("propensity", "variables"),
    ):
        _without(doc.get(section, {}).get(name), grown)
    for table in ("tests", "summaries"):
        for key in grown & set(doc.get("baseline", {}).get(table, {})):
            del doc["baseline"][table][key]
    _drop_outcomes(doc, grown)
    if doc.get("baseline", {}).get("by") in grown:
        for name in {"by", "tests", "smd"} & set(doc["baseline"]):
            del doc["baseline"][name]
    for one in (*doc.get("endpoints", {}).values(), *doc.get("exposure", {}).values()):
        _without(one.get("by"), grown)
    _drop_from_arms(doc, grown)
    rule = doc.get("propensity", {})
    if rule.get("treatment") in grown or ("variables" in rule and not rule["variables"]):
        del doc["propensity"]
    split = doc.get("prognosis", {}).get("time_split", {})
    for key in grown & set(split):
        del split[key]


def _drop_outcomes(doc: TOMLDocument, keys: set[str]) -> None:
    """Binary outcomes without variables; one that is made of one of them is gone."""
    outcomes = doc.get("outcomes", {})
    for key in [k for k, o in outcomes.items() if o.get("variable") in keys]:
        del outcomes[key]
        _without(doc.get("logistic", {}).get("outcomes"), {key})
    for outcome in outcomes.values():
        _without(outcome.get("by"), keys)
    if "outcomes" in doc and not outcomes:
        del doc["outcomes"]
        if "logistic" in doc:
            del doc["logistic"]


def _drop_from_arms(doc: TOMLDocument, keys: set[str]) -> None:
    """The comparison of arms without variables; without its own variable there is none."""
    arms = doc.get("arms")
    if arms is None:
        return
    if arms.get("variable") in keys:
        del doc["arms"]
        return
    _without(arms.get("strata"), keys)
    subgroups = arms.get("subgroups", [])
    for one in [s for s in subgroups if keys & ({s} if isinstance(s, str) else set(s))]:
        subgroups.remove(one)


def _without(names: Parsed, gone: set[str]) -> None:
    for name in [n for n in names or [] if n in gone]:
        names.remove(name)


def write_protocol(path: Path, text: str, *, before: str) -> None:
    """Write a protocol whole or not at all: beside the file, then swapped in.

    Parameters
    ----------
    before
        What the new text was made of.

    Raises
    ------
    AnswerError
        It says something else by now, or can't be written; the file is as before.
    """
    try:
        with locked(path.parent, PATIENCE):
            now = path.read_text(encoding="utf-8")
            if now.removeprefix("\ufeff") != before.removeprefix("\ufeff"):
                raise AnswerError(
                    f"{path.name} was changed by somebody else just now: give the answer again."
                )
            write_whole(path, text.encode())
    except OSError as error:
        raise AnswerError(f"{path.name} can't be written: {why(error)}.") from error

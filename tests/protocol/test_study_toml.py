"""`study.toml`: each complaint names file, line and key, and all are collected."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from oncohort.problems import ProtocolError
from oncohort.protocol import json_schema, parse_protocol, read_protocol
from oncohort.protocol.reading import line_numbers

HEAD = '[study]\nschema = 1\ntitle = "A study"\ndata = "data.xlsx"\n'


def complaints(text: str) -> list[tuple[str, int | None, str | None, str]]:
    with pytest.raises(ProtocolError) as caught:
        parse_protocol(text)
    return [(p.id, p.place.line, p.place.key, f"{p.what} {p.todo}") for p in caught.value.problems]


def test_defaults() -> None:
    p = parse_protocol(HEAD + "cutoff = 2016-09-30\n[endpoints.pfs]\n")
    assert p.study.cutoff == date(2016, 9, 30)
    assert p.study.time_unit == "months"
    assert p.endpoints["pfs"].origin == "treatment_start"
    assert p.schedule.baseline_days_before == 28


def test_the_protocol_is_frozen() -> None:
    p = parse_protocol(HEAD)
    with pytest.raises(ValueError, match="frozen"):
        p.study.title = "other"  # type: ignore[misc]


def test_unknown_key_names_the_nearest() -> None:
    [(rule, line, key, text)] = complaints(HEAD + '\n[endpoints.pfs]\nlabl = "PFS"\n')
    assert (rule, line, key) == ("protocol.unknown-key", 7, "endpoints.pfs.labl")
    assert '"label"' in text


def test_unknown_section_names_the_nearest() -> None:
    [(rule, line, _, text)] = complaints(HEAD + "\n[endpoint.pfs]\n")
    assert (rule, line) == ("protocol.unknown-key", 6)
    assert '"endpoints"' in text


def test_wrong_type_has_line_and_key() -> None:
    [(rule, line, key, _)] = complaints(HEAD + "cutoff = 3.5\n")
    assert (rule, line, key) == ("protocol.wrong-type", 5, "study.cutoff")


def test_every_complaint_is_collected() -> None:
    text = (
        "[study]\nschema = 1\ndata = 3\n"
        '[response]\nconfirmation = "maybe"\n[safety]\nthreshold = 9\n'
    )
    found = complaints(text)
    assert {key for _, _, key, _ in found} == {
        "study.title",
        "study.data",
        "response.confirmation",
        "safety.threshold",
    }


def test_names_that_point_nowhere() -> None:
    text = HEAD + (
        "[variables.crp]\n[endpoints.pfs]\nby = ['crpp']\n[baseline]\nvariables = ['age']\n"
    )
    found = {key: text for _, _, key, text in complaints(text)}
    assert set(found) == {"endpoints.pfs.by", "baseline.variables"}
    assert '"crp"' in found["endpoints.pfs.by"]


@pytest.mark.parametrize(
    "lines",
    [
        'time = "t"\nevent = "t"\nevent_value = 1',
        'date = "t"\nevent = "t"\nevent_value = 1',
        'parts.a = { time = "t", event = "t", event_value = 1 }',
    ],
)
def test_one_column_is_not_the_time_and_the_event(lines: str) -> None:
    [(_, _, key, text)] = complaints(HEAD + f"[endpoints.os]\n{lines}\n")
    assert key == "endpoints.os"
    assert "the time and the event" in text


def test_settings_of_patients_alone_are_refused_elsewhere() -> None:
    text = HEAD + (
        '[tables.patients]\nshape = "wide"\n[tables.labs]\nlast_contact_is_death = true\n'
        '[tables.lesions.one_row]\nkeep = "first"\n'
    )
    found = {key for _, _, key, _ in complaints(text)}
    assert found == {
        "tables.patients.shape",
        "tables.labs.last_contact_is_death",
        "tables.lesions.one_row",
    }


def test_event_value_is_mandatory_for_reduced_endpoints() -> None:
    [(_, line, _, text)] = complaints(HEAD + '[endpoints.os]\ntime = "t"\nevent = "e"\n')
    assert line == 5
    assert "event_value" in text


def test_cut_points_must_rise_and_match_the_levels() -> None:
    found = complaints(
        HEAD
        + "[variables.a]\ncut = [2, 1]\n"
        + '[variables.b]\ncut = [1]\nlevels = { low = "low" }\n'
    )
    assert [line for _, line, _, _ in found] == [5, 7]


def test_invalid_toml_names_the_line() -> None:
    [(rule, line, _, _)] = complaints("[study]\ntitle = A study\n")
    assert (rule, line) == ("protocol.toml", 2)


def test_array_of_tables_has_the_line_of_its_entry() -> None:
    text = HEAD + (
        '[[eligibility.criteria]]\nkey = "a"\nlabel = "A"\ncolumn = "x"\nis = 1\n'
        '[[eligibility.criteria]]\nkey = "b"\nlabel = "B"\ncolumn = "y"\n'
    )
    [(_, line, key, text)] = complaints(text)
    assert line == 10
    assert key == "eligibility.criteria.1"
    assert "is, is_not" in text


def test_lines_inside_long_text_are_not_keys() -> None:
    lines = line_numbers('[study]\ntitle = """\nschema = 9\n"""\nschema = 1\n')
    assert lines["study", "schema"] == 5


def test_missing_file_is_a_problem_with_a_way_out(tmp_path: Path) -> None:
    with pytest.raises(ProtocolError, match="oncohort new"):
        read_protocol(tmp_path)


def test_byte_order_mark_is_read(tmp_path: Path) -> None:
    (tmp_path / "study.toml").write_text(HEAD, encoding="utf-8-sig")
    protocol, _ = read_protocol(tmp_path)
    assert protocol.study.title == "A study"


def test_schema_for_editors_describes_the_sections() -> None:
    schema = json_schema()
    assert {"study", "tables", "variables", "endpoints", "safety"} <= set(schema["properties"])
    assert "event_value" in schema["$defs"]["Endpoint"]["properties"]


def test_a_key_that_cannot_be_one_is_told_in_words_with_one_that_can() -> None:
    found = complaints(HEAD + '[variables.Stage]\nlevels = { I = "I", "II a" = "IIA" }\n')
    texts = {key: text for _, _, key, text in found}
    assert 'Write "stage" instead.' in texts["variables.Stage"]
    assert "lower-case letters" in texts["variables.Stage.levels.I"]
    assert 'Write "ii_a"' in texts["variables.Stage.levels.II a"]
    assert not any("pattern" in text for text in texts.values())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[historical.a]\nlabel = "A"\norr = 150\n', "from 0 to 100"),
        ('[historical.a]\nlabel = "A"\nos = 0\n', "above 0"),
        (
            '[historical.a]\nlabel = "A"\nn = 9\norr = { value = 20, events = 10 }\n',
            "10 events in 9",
        ),
        ("[endpoints.os]\nlandmarks = [6, 6]\n", "6.0 stands twice"),
        ("[endpoints.os]\nlandmarks = [-3]\n", "greater than or equal to 0"),
        ("[endpoints.os]\nlandmarks = [inf]\n", "finite"),
        ('[variables.er]\n[baseline]\nvariables = ["er", "er"]\n', "er stands twice"),
        ('[variables.er]\n[prognosis]\ncandidates = ["er", "er"]\n', "er stands twice"),
        ('[variables.er]\n[endpoints.os]\nby = ["er", "er"]\n', "er stands twice"),
        (
            '[variables.er]\n[variables.x]\n[arms]\nvariable = "er"\n'
            'subgroups = [["er", "x"], ["er", "x"]]\n',
            "stands twice",
        ),
    ],
)
def test_figures_that_cannot_be_and_entries_that_stand_twice(text: str, said: str) -> None:
    assert any(said in found[3] for found in complaints(HEAD + text))


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ProtocolError, match=r"no study\.toml in .*nowhere"):
        read_protocol(tmp_path / "nowhere")


HEAD_ONLY = '[study]\nschema = 1\ntitle = "A study"\ndata = "data.xlsx"\n'


@pytest.mark.parametrize("key", ["patient", "best_response", "os_time", "os_event", "source_row"])
def test_a_variable_is_not_called_like_a_column_of_the_cohort(key: str) -> None:
    text = HEAD_ONLY + f'[endpoints.os]\n[variables.{key}]\ncolumn = "sex"\n'
    with pytest.raises(ProtocolError) as error:
        parse_protocol(text)
    [told] = error.value.problems
    assert (told.id, told.place.key) == ("protocol.value", f"variables.{key}")
    assert f"[variables.{key}_group]" in told.what


def test_a_name_that_no_endpoint_takes_is_free() -> None:
    assert "os_time" in parse_protocol(HEAD_ONLY + "[variables.os_time]\n").variables


@pytest.mark.parametrize("key", ["death", "response"])
def test_an_endpoint_does_not_make_a_column_that_the_cohort_has(key: str) -> None:
    with pytest.raises(ProtocolError) as error:
        parse_protocol(HEAD_ONLY + f"[endpoints.{key}]\n")
    assert [p.place.key for p in error.value.problems] == [f"endpoints.{key}"]


@pytest.mark.parametrize(
    ("line", "key", "said"),
    [
        ("where = { x = [] }", "where.x", "at least 1 item"),
        ("where = { x = {} }", "where.x", "a valid string or a valid integer"),
        ("where = { x = [[1]] }", "where.x.0", "a valid string or a valid integer"),
        ('header_row = "x"', "header_row", "a valid integer"),
        ("columns = { str = [] }", "columns.str", "a valid string"),
        ("missing = [{}]", "missing.0", "a valid string or a valid integer"),
    ],
)
def test_a_value_that_may_be_of_several_kinds_gets_one_complaint(
    line: str, key: str, said: str
) -> None:
    with pytest.raises(ProtocolError) as error:
        parse_protocol(HEAD + f"\n[tables.patients]\n{line}\n")
    [wrong] = error.value.problems
    assert wrong.place.key == f"tables.patients.{key}" and said in wrong.what


@pytest.mark.parametrize("key", ["is", "is_not"])
def test_a_criterion_names_at_least_one_value(key: str) -> None:
    text = f'\n[[eligibility.criteria]]\nkey = "a"\nlabel = "A"\ncolumn = "x"\n{key} = []\n'
    with pytest.raises(ProtocolError, match="at least 1 item"):
        parse_protocol(HEAD + text)


@pytest.mark.parametrize(
    ("line", "key", "said"),
    [
        (f'label = "{"a " * 50_000}"', "label", "100,000 characters"),
        (f'levels = {{ x = "{"a" * 60_000}" }}', "levels.x", "60,000 characters"),
        (f"cut = {list(range(5000))}", "cut", "at most 100 items"),
    ],
)
def test_what_is_as_long_as_a_book_is_refused(line: str, key: str, said: str) -> None:
    [(_, number, place, text)] = complaints(HEAD + f"\n[variables.a]\n{line}\n")
    assert (number, place) == (7, f"variables.a.{key}") or key == "levels.x"
    assert said in text and len(text) < 500

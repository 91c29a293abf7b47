"""Files between folders: the whole conversation, restarts, and whoever means harm."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hospitals import HEAD, written

from oncohort.consortium import Combined, answer, combine, drive, join, open_job, start, take
from oncohort.consortium.errors import (
    AgreementError,
    MessageError,
    MissingAnswers,
    ReplayError,
    SealError,
    SiteError,
)
from oncohort.consortium.ledger import FILE, LOG, only_one, read_ledger
from oncohort.consortium.plan import read_plan
from oncohort.consortium.reading import Mapped
from oncohort.consortium.sealing import opened, sealed
from oncohort.problems import OncohortError

R: dict[str, Any] = json.loads((Path(__file__).parent / "fixtures" / "consortium.json").read_text())
ANALYSES = """
[analyses.os]
kind = "survival"
endpoint = "os"
[analyses.model]
kind = "cox"
endpoint = "os"
covariates = ["age", "sex", "arm"]
"""
SITES = '"north", "south", "west"'
PLAN = HEAD.format(sites=SITES, minimum=5, grid=1, more="") + ANALYSES


@pytest.fixture
def trial(tmp_path: Path) -> tuple[Any, dict[str, Path]]:
    return written(tmp_path, PLAN, R["data"])


def answered(job: Any, sites: dict[str, Path], *names: str) -> dict[str, str]:
    files = job.requests()
    return {n: answer(sites[n], files[n].read_text()).text for n in names or sites}


def next_round(job: Any, sites: dict[str, Path]) -> Any:
    for text in answered(job, sites).values():
        take(job, text)
    return combine(job)


def test_three_folders_give_the_pooled_answer(trial: Any) -> None:
    job, sites = trial
    found = drive(job, lambda requests: {s: answer(sites[s], t).text for s, t in requests.items()})
    assert found["model"].coef == pytest.approx(R["cox_by_site"]["coef"], rel=1e-9)
    data = json.loads((job.folder / "results.json").read_text())
    assert [r["coef"] for r in data["analyses"]["model"]["rows"]] == pytest.approx(
        R["cox_by_site"]["coef"], rel=1e-9
    )
    assert "Cox model: 180 patients" in (job.folder / "results.txt").read_text()


def test_the_log_has_every_message_with_its_size(trial: Any) -> None:
    job, sites = trial
    drive(job, lambda requests: {s: answer(sites[s], t).text for s, t in requests.items()})
    entries = read_ledger(sites["west"]).entries
    log = (sites["west"] / LOG).read_text()
    assert len(entries) == len(job.rounds)
    for entry, folder in zip(entries, job.rounds, strict=True):
        left = (folder / "west.answer.json").read_text()
        assert entry.answer == left
        assert (
            f"answer {entry.sequence} of conversation {job.session[:8]}, {len(left)} bytes" in log
        )
    assert "model: log-likelihood, score (4), information (4 x 4)" in log
    assert "os: events and censored in" in log


def test_no_patient_and_no_time_is_in_what_leaves(trial: Any) -> None:
    job, sites = trial
    drive(job, lambda requests: {s: answer(sites[s], t).text for s, t in requests.items()})
    for folder in job.rounds[2:]:
        for site in sites:
            body = opened((folder / f"{site}.answer.json").read_text(), job.keys[site]).body
            assert [i.kind for i in body.items] == ["cox_terms"]


def test_a_dry_run_shows_what_would_leave_and_records_nothing(trial: Any) -> None:
    job, sites = trial
    next_round(job, sites)
    text = job.requests()["north"].read_text()
    before = (sites["north"] / FILE).read_bytes()
    dry = answer(sites["north"], text, dry=True)
    assert dry.text == "" and "os: events and censored" in "\n".join(dry.lines)
    assert (sites["north"] / FILE).read_bytes() == before
    real = answer(sites["north"], text)
    assert json.loads(dry.body) == json.loads(real.text)["body"]


def test_a_stopped_coordinator_and_a_late_site_go_on_with_the_same_answer(trial: Any) -> None:
    job, sites = trial
    for text in answered(job, sites, "north", "west").values():
        take(job, text)
    with pytest.raises(MissingAnswers, match="south"):
        combine(job)
    again = open_job(job.folder)
    assert again.waiting() == ["south"]
    take(again, answered(again, sites, "south")["south"])
    assert combine(again).sequence == 2
    found = drive(
        again, lambda requests: {s: answer(sites[s], t).text for s, t in requests.items()}
    )
    assert found["model"].coef == pytest.approx(R["cox_by_site"]["coef"], rel=1e-9)


def test_an_answer_that_was_lost_is_given_again_and_costs_nothing(trial: Any) -> None:
    job, sites = trial
    next_round(job, sites)
    text = job.requests()["north"].read_text()
    first = answer(sites["north"], text)
    spent = read_ledger(sites["north"]).spent
    second = answer(sites["north"], text)
    assert second.again and second.text == first.text
    assert read_ledger(sites["north"]).spent == spent
    assert "sent again" in (sites["north"] / LOG).read_text()


def test_line_ends_and_blanks_of_a_mail_do_not_matter(trial: Any) -> None:
    job, sites = trial
    text = job.requests()["north"].read_text()
    answered_ = answer(sites["north"], "\r\n" + text.strip() + "\r\n").text
    assert answer(sites["north"], text).again
    assert take(job, answered_.strip() + "\r\n\r\n") == "north"
    assert take(job, answered_) == "north"


def test_a_site_killed_before_it_handed_over_gives_the_same(trial: Any) -> None:
    """The record is on the disk before the message leaves; a half line of it is no record."""
    job, sites = trial
    next_round(job, sites)
    text = job.requests()["north"].read_text()
    path = sites["north"] / FILE
    before = path.read_bytes()
    first = answer(sites["north"], text).text
    whole = path.read_bytes()
    for cut in (len(before) + 1, len(before) + 400, len(whole) - 1):
        path.write_bytes(whole[:cut])
        again = answer(sites["north"], text)
        assert not again.again
        assert json.loads(again.text)["body"] == json.loads(first)["body"]
        path.write_bytes(whole)
    assert answer(sites["north"], text).text == first


def test_replayed_requests_are_refused(trial: Any) -> None:
    job, sites = trial
    old = job.requests()["north"].read_text()
    next_round(job, sites)
    answered(job, sites, "north")
    with pytest.raises(ReplayError, match="answered before"):
        answer(sites["north"], old)


def test_a_request_that_comes_too_early_is_refused(trial: Any) -> None:
    job, sites = trial
    next_round(job, sites)
    later = open_job(job.folder)
    path = sites["north"] / FILE
    path.unlink()
    with pytest.raises(ReplayError, match="the last one that was answered here is 0"):
        answer(sites["north"], later.requests()["north"].read_text())


def test_another_request_with_the_same_number_is_refused(trial: Any) -> None:
    job, sites = trial
    next_round(job, sites)
    text = job.requests()["north"].read_text()
    answer(sites["north"], text)
    envelope = opened(text, job.keys["north"])
    from dataclasses import replace

    body = replace(envelope.body, questions=envelope.body.questions[:1])
    forged = sealed(replace(envelope, body=body), job.keys["north"])
    with pytest.raises(ReplayError, match="Another request with the number 2"):
        answer(sites["north"], forged)


def test_forged_messages_are_refused_at_both_ends(trial: Any) -> None:
    job, sites = trial
    request = job.requests()["north"].read_text()
    wrong = sealed(opened(request, job.keys["north"]), "00" * 32)
    with pytest.raises(SealError):
        answer(sites["north"], wrong)
    mine = answered(job, sites, "south")["south"]
    as_north = mine.replace('"site":"south"', '"site":"north"')
    assert as_north != mine
    with pytest.raises(SealError, match="north"):
        take(job, as_north)
    with pytest.raises(SealError, match="nowhere"):
        take(job, mine.replace('"site":"south"', '"site":"nowhere"'))


def test_a_site_does_not_answer_for_another(trial: Any) -> None:
    job, sites = trial
    text = job.requests()["south"].read_text()
    with pytest.raises(SealError):
        answer(sites["north"], text)  # sealed with the key of the south
    from dataclasses import replace

    shared = sealed(replace(opened(text, job.keys["south"])), job.keys["north"])
    with pytest.raises(SiteError, match="south"):
        answer(sites["north"], shared)


def test_an_answer_of_another_round_or_conversation_is_refused(trial: Any, tmp_path: Path) -> None:
    job, sites = trial
    old = answered(job, sites)
    for text in old.values():
        take(job, text)
    combine(job)
    with pytest.raises(ReplayError, match="no request of the present round"):
        take(job, old["north"])
    new = start(tmp_path / "consortium.toml", job.folder)
    with pytest.raises(ReplayError, match="another conversation"):
        take(new, old["north"])


def test_a_file_put_beside_the_requests_is_looked_at_like_any_other(trial: Any) -> None:
    job, sites = trial
    for site, text in answered(job, sites).items():
        (job.present / f"{site}.answer.json").write_text(text)
    assert combine(job).sequence == 2
    old = (job.rounds[0] / "north.answer.json").read_text()
    for site, text in answered(job, sites).items():
        (job.present / f"{site}.answer.json").write_text(old if site == "north" else text)
    with pytest.raises(ReplayError, match="no request of the present round"):
        combine(job)


def test_two_answers_to_one_request_are_refused(trial: Any) -> None:
    job, sites = trial
    text = answered(job, sites, "north")["north"]
    take(job, text)
    take(job, text)
    from dataclasses import replace

    envelope = opened(text, job.keys["north"])
    other = sealed(replace(envelope, body=replace(envelope.body, errors=1)), job.keys["north"])
    with pytest.raises(ReplayError, match="Two different answers"):
        take(job, other)


def test_data_that_changed_between_rounds_are_noticed(trial: Any, tmp_path: Path) -> None:
    job, sites = trial
    next_round(job, sites)
    table = tmp_path / "north.csv"
    old = table.read_text()
    for new in (old.rsplit("\n", 2)[0] + "\n", old.replace(",f,", ",m,", 1)):
        table.write_text(new)
        with pytest.raises(SiteError, match="changed since its first answer"):
            answer(sites["north"], job.requests()["north"].read_text())
    table.write_text(old)
    assert answer(sites["north"], job.requests()["north"].read_text()).text


def test_data_that_were_corrected_after_the_check_begin_anew(trial: Any, tmp_path: Path) -> None:
    """No number has left: new data are no difference to anything."""
    job, sites = trial
    next_round(job, sites)
    table = tmp_path / "north.csv"
    table.write_text(table.read_text().replace(",f,", ",m,", 1))
    with pytest.raises(SiteError, match="changed"):
        answer(sites["north"], job.requests()["north"].read_text())
    again = start(tmp_path / "consortium.toml", job.folder)
    next_round(again, sites)
    assert answer(sites["north"], again.requests()["north"].read_text()).text


def test_a_conversation_that_does_not_begin_with_the_check_is_refused(trial: Any) -> None:
    from dataclasses import replace

    from oncohort.consortium.sealing import new_session

    job, sites = trial
    next_round(job, sites)
    asked = opened(job.requests()["north"].read_text(), job.keys["north"])
    straight = replace(asked, session=new_session(), sequence=1)
    with pytest.raises(ReplayError, match="did not begin with the check"):
        answer(sites["north"], sealed(straight, job.keys["north"]))


def test_another_plan_is_refused_by_the_name_of_what_differs(trial: Any) -> None:
    job, sites = trial
    path = sites["west"] / "consortium.toml"
    path.write_text(path.read_text().replace('["age", "sex", "arm"]', '["age", "sex"]'))
    with pytest.raises(AgreementError, match=r"analyses\.model\.covariates .* at west"):
        answered(job, sites, "west")


def test_comments_and_order_of_a_plan_do_not_matter(trial: Any) -> None:
    job, sites = trial
    path = sites["west"] / "consortium.toml"
    path.write_text("# agreed on Monday\n" + path.read_text())
    assert answered(job, sites, "west")["west"]


def test_units_that_differ_are_named_with_the_site(tmp_path: Path) -> None:
    plan = PLAN.replace('kind = "number"', 'kind = "number"\nunit = "years"')
    job, sites = written(tmp_path, plan, R["data"])
    for name, unit in (("north", "years"), ("south", "years"), ("west", "months")):
        path = sites[name] / "site.toml"
        path.write_text(path.read_text() + f'[table.units]\nage = "{unit}"\n')
    for text in answered(job, sites).values():
        take(job, text)
    with pytest.raises(AgreementError, match=r"variables\.age\.unit is .*years.* months at west"):
        combine(job)
    again = start(tmp_path / "consortium.toml", job.folder)
    assert again.keys == job.keys and again.session != job.session


def test_a_number_that_cannot_be_true_is_refused(trial: Any) -> None:
    from dataclasses import replace

    job, sites = trial
    next_round(job, sites)
    texts = answered(job, sites)
    envelope = opened(texts["north"], job.keys["north"])
    items = tuple(
        replace(i, mean=i.mean[:-1], sd=i.sd[:-1]) if i.kind == "moments" else i
        for i in envelope.body.items
    )
    texts["north"] = sealed(
        replace(envelope, body=replace(envelope.body, items=items)), job.keys["north"]
    )
    for text in texts.values():
        take(job, text)
    with pytest.raises(SiteError, match=r'"north" to "model" is not used: it has other columns'):
        combine(job)


def test_a_record_that_was_changed_ends_all_answers(trial: Any) -> None:
    job, sites = trial
    next_round(job, sites)
    path = sites["north"] / FILE
    answer(sites["north"], job.requests()["north"].read_text())
    lines = path.read_bytes().splitlines(keepends=True)
    text = job.requests()["north"].read_text()
    for bad in (lines[1], lines[0].replace(b'"spent": 0', b'"spent": 1') + lines[1], b"{}\n"):
        path.write_bytes(bad)
        with pytest.raises(SiteError, match="was changed"):
            answer(sites["north"], text)


def test_the_budget_outlives_a_restart_and_a_new_conversation(tmp_path: Path) -> None:
    plan = PLAN.replace("rows = 1\n", "rows = 1\nqueries = 9\n")
    job, sites = written(tmp_path, plan, R["data"])
    carry = lambda requests: {s: answer(sites[s], t).text for s, t in requests.items()}  # noqa: E731
    assert drive(job, carry)["model"].n == 180
    spent = read_ledger(sites["north"]).spent
    assert 5 <= spent <= 9
    second = start(tmp_path / "consortium.toml", job.folder)
    outcome = drive(second, carry).outcomes["model"]
    assert outcome.result is None and "as much as the plan allows" in outcome.reason
    assert read_ledger(sites["north"]).spent <= 9


def test_a_site_has_rules_of_its_own(trial: Any) -> None:
    job, sites = trial
    path = sites["west"] / "site.toml"
    path.write_text(path.read_text().replace("[site]", "[site]\nminimum = 40"))
    next_round(job, sites)
    found = answer(sites["west"], job.requests()["west"].read_text())
    assert "withheld" in "\n".join(found.lines)


def test_event_times_leave_only_where_the_site_allows_it(tmp_path: Path) -> None:
    plan = PLAN.partition("[analyses.os]")[0] + (
        '[analyses.model]\nkind = "cox"\nendpoint = "os"\nbaseline = "pooled"\n'
        'covariates = ["age", "sex", "arm"]\n'
    )
    job, sites = written(tmp_path, plan, R["data"])
    carry = lambda requests: {s: answer(sites[s], t).text for s, t in requests.items()}  # noqa: E731
    refused = drive(job, carry).outcomes["model"]
    assert refused.result is None and "rules of the site do not allow it" in refused.reason
    for folder in sites.values():
        path = folder / "site.toml"
        path.write_text(path.read_text().replace("[site]", "[site]\npooled_baseline = true"))
    found = drive(start(tmp_path / "consortium.toml", job.folder), carry)
    assert found["model"].coef == pytest.approx(R["cox_pooled"]["coef"], rel=1e-9)
    log = (sites["north"] / LOG).read_text()
    assert "EVENT TIMES" in log and "RISK SETS" in log


def test_joining_again_keeps_the_record(trial: Any, tmp_path: Path) -> None:
    job, sites = trial
    next_round(job, sites)
    before = (sites["north"] / FILE).read_bytes()
    key = job.folder / "keys" / "north.key"
    args = (tmp_path / "consortium.toml", "north", key, tmp_path / "north.csv", Mapped())
    join(sites["north"], *args)
    assert (sites["north"] / FILE).read_bytes() == before
    other = tmp_path / "other.toml"
    other.write_text(PLAN.replace('name = "trial"', 'name = "another"'))
    with pytest.raises(SiteError, match="another consortium"):
        join(sites["north"], other, *args[1:])


def test_wrong_folders_are_said(trial: Any, tmp_path: Path) -> None:
    job, sites = trial
    with pytest.raises(SiteError, match="begin one with plan"):
        open_job(tmp_path)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.docx").write_text("x")
    with pytest.raises(SiteError, match="something else"):
        start(tmp_path / "consortium.toml", tmp_path / "full")
    key = job.folder / "keys" / "north.key"
    args = (key, tmp_path / "north.csv", Mapped())
    with pytest.raises(SiteError, match='no site "east"'):
        join(tmp_path / "east", tmp_path / "consortium.toml", "east", *args)
    (tmp_path / "bad.key").write_text("hello")
    with pytest.raises(SealError, match="64 hexadecimal"):
        join(tmp_path / "e", tmp_path / "consortium.toml", "north", tmp_path / "bad.key", *args[1:])
    (sites["north"] / "site.toml").write_text("[site]\nname = 'north'\n")
    with pytest.raises(SiteError, match="data"):
        answer(sites["north"], "{}")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("0,14", "0,x14", "no number"),
        (",f,", ",female,", r'holds "female"'),
        ("id,os_time", "id,months", "os_time"),
        ("\n1,", "\n0,", 'Patient "0" stands twice'),
    ],
)
def test_data_that_are_not_what_the_plan_says_are_named(
    trial: Any, tmp_path: Path, old: str, new: str, said: str
) -> None:
    job, sites = trial
    path = tmp_path / "north.csv"
    text = path.read_text()
    if old == "0,14":
        first = text.splitlines()[1].split(",")
        text = text.replace(",".join(first[:2]), f"{first[0]},x{first[1]}", 1)
    path.write_text(text.replace(old, new, 1))
    with pytest.raises(OncohortError, match=said):
        answer(sites["north"], job.requests()["north"].read_text())


def test_codes_columns_and_time_units_of_a_table_are_mapped(trial: Any, tmp_path: Path) -> None:
    job, sites = trial
    path = tmp_path / "north.csv"
    lines = path.read_text().splitlines()
    rows = [line.split(",") for line in lines[1:]]
    changed = ["nr,OS days,dead,age,sex,arm"]
    for r in rows:
        days = repr(float(r[1]) * 30.4375)
        changed.append(
            f"{r[0]},{days},{'yes' if r[2] == '1' else 'no'},{r[3]},{r[4].upper()},{r[5]}"
        )
    path.write_text("\n".join(changed) + "\n")
    (sites["north"] / "site.toml").write_text(
        f'''[site]
name = "north"
data = "{path}"
[table]
patient = "nr"
time_unit = "days"
[table.columns]
os_time = "OS days"
os_event = "dead"
[table.event_values]
os = "yes"
[table.codes.sex]
f = ["F"]
m = ["M"]
'''
    )
    found = drive(job, lambda requests: {s: answer(sites[s], t).text for s, t in requests.items()})
    assert isinstance(found, Combined)
    assert found["model"].coef == pytest.approx(R["cox_by_site"]["coef"], rel=1e-9)


def test_a_plan_says_where_it_is_wrong(tmp_path: Path) -> None:
    from oncohort.consortium.errors import PlanError

    path = tmp_path / "consortium.toml"
    for old, new, said in (
        ('endpoint = "os"', 'endpoint = "pfs"', r'consortium.toml:\d+ analyses.os.endpoint.*"pfs"'),
        ('covariates = ["age"', 'covariates = ["crp"', 'no variable "crp"'),
        ("grid = 1", "grid = 0", "greater than 0"),
        ('"south", "west"', '"south", "south"', "twice"),
        ("schema = 1", "schema = 2", "1"),
        ("age >= 60", "age about 60", "no condition"),
        ("age >= 60", "sex > f", "use = or !="),
        ("bins = [50, 60, 70]", "bins = [50, 70, 60]", "must rise"),
        ('levels = ["f", "m"]', 'levels = ["f"]', "two at least"),
        ("[times]", "[times", "line"),
        ('kind = "survival"', 'kind = "cure"', "kind"),
    ):
        assert old in PLAN
        path.write_text(PLAN.replace(old, new, 1))
        with pytest.raises(PlanError, match=said):
            read_plan(path)


def test_a_message_of_something_else_is_refused_by_a_site(trial: Any) -> None:
    _, sites = trial
    for text in ("", "{}", "[]", '{"format": "x"}', json.dumps({"a": np.pi})):
        with pytest.raises(MessageError):
            answer(sites["north"], text)


@pytest.mark.parametrize("left", [("keys",), ("keys", "plan"), ("keys", "plan", "part")])
def test_a_beginning_that_was_stopped_begins_again(tmp_path: Path, left: tuple[str, ...]) -> None:
    (tmp_path / "plan.toml").write_text(PLAN, encoding="utf-8")
    job = start(tmp_path / "plan.toml", tmp_path / "whole")
    stopped = tmp_path / "stopped"
    (stopped / "keys").mkdir(parents=True)
    key = (job.folder / "keys" / "north.key").read_bytes()
    (stopped / "keys" / "north.key").write_bytes(key)
    if "plan" in left:
        (stopped / "consortium.toml").write_text(PLAN, encoding="utf-8")
    if "part" in left:
        (stopped / ".session.json.oncohort-x").write_text("")
    assert start(tmp_path / "plan.toml", stopped).sequence == 1
    assert (stopped / "keys" / "north.key").read_bytes() == key


def test_two_at_once_do_not_write_into_one_folder(trial: Any) -> None:
    job, sites = trial
    for text in answered(job, sites).values():
        take(job, text)
    with only_one(job.folder), pytest.raises(SiteError, match="Another command"):
        combine(job)
    assert job.sequence == 1
    assert combine(job).sequence == 2

"""The built-in study: counted straight from the workbook, and read through the criteria."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from functools import cache
from itertools import pairwise
from pathlib import Path
from statistics import median
from types import ModuleType
from typing import Any

import polars as pl
import pytest

from conftest import program
from oncohort.protocol import Protocol, read_protocol
from oncohort.records.frames import schema_of
from oncohort.vocabulary.tables import TABLES

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "src/oncohort/study/demo_study"
MONTH = 30.4375
EXTRA = {"S43", "S44", "S45", "S46", "S47"}


@cache
def workbook() -> dict[str, list[dict[str, Any]]]:
    """Rows of each sheet as the chart has them."""
    import openpyxl

    book = openpyxl.load_workbook(FOLDER / "data.xlsx")
    out: dict[str, list[dict[str, Any]]] = {}
    for sheet in book.worksheets[1:]:
        head, *rows = sheet.iter_rows(values_only=True)
        out[sheet.title] = [
            {
                str(k): v.date() if isinstance(v, datetime) else v
                for k, v in zip(head, row, strict=True)
            }
            for row in rows
        ]
    return out


def rows(table: str) -> list[dict[str, Any]]:
    """Rows of the 42 patients."""
    return [r for r in workbook()[table] if r["patient"] not in EXTRA]


def patients() -> dict[str, dict[str, Any]]:
    return {r["patient"]: r for r in rows("patients")}


def frame(table: str) -> pl.DataFrame:
    """A record table of the 42 for the criteria."""
    schema = schema_of(TABLES[table])
    data = rows(table)
    columns = [c for c in data[0] if c in schema or table == "patients"]
    kinds = {c: schema[c] for c in columns if c in schema}
    made = pl.DataFrame(
        {c: [r[c] for r in data] for c in columns}, schema_overrides=kinds, strict=False
    )
    return made.with_columns(pl.arange(2, len(data) + 2, dtype=pl.Int64).alias("source_row"))


@cache
def protocol() -> Protocol:
    return read_protocol(FOLDER)[0]


def test_says_that_it_is_synthetic() -> None:
    import openpyxl

    about = openpyxl.load_workbook(FOLDER / "data.xlsx").worksheets[0]
    assert about.title == "about"
    assert "SYNTHETIC" in str(about["A1"].value)
    assert protocol().study.synthetic
    assert "synthetic" in protocol().study.title
    assert "synthetic" in (FOLDER / "README.md").read_text("utf-8").lower()


def test_sheets_and_columns_are_the_record_tables() -> None:
    for name, data in workbook().items():
        unknown = set(data[0]) - set(schema_of(TABLES[name]))
        assert not unknown or TABLES[name].open, (name, unknown)
        for column in set(data[0]) & set(TABLES[name].dates):
            assert all(type(r[column]) in (date, type(None)) for r in data), (name, column)
        for column, levels in TABLES[name].levels.items():
            values = {r.get(column) for r in data} - {None}
            assert values <= set(levels), (name, column)


def test_excel_dates_are_shown_as_iso() -> None:
    import openpyxl

    book = openpyxl.load_workbook(FOLDER / "data.xlsx")
    for sheet in book.worksheets[1:]:
        assert sheet.freeze_panes == "B2"
        for cell in sheet[2]:
            if isinstance(cell.value, datetime):
                assert cell.number_format == "yyyy-mm-dd"


def test_table_one_margins() -> None:
    people = list(patients().values())
    assert len(people) == 42

    def count(column: str) -> Counter[str]:
        return Counter(p[column] for p in people)

    assert count("sex") == {"male": 30, "female": 12}
    assert count("nephrectomy") == {"yes": 37, "no": 5}
    assert count("first_line") == {"cytokine": 14, "sunitinib": 28}
    assert count("histology") == {"clear cell": 38, "non-clear cell": 4}
    assert count("sarcomatoid") == {"yes": 6, "no": 36}
    ages = [p["age"] for p in people]
    assert (median(ages), min(ages), max(ages)) == (62, 41, 83)
    total: Counter[str] = Counter()
    sides: dict[str, set[str]] = defaultdict(set)
    for r in rows("sites"):
        assert r["organ"] == "lung"
        total[r["patient"]] += r["count"]
        sides[r["patient"]].add(r["side"])
    assert Counter(n >= 4 for n in total.values()) == {False: 23, True: 19}
    assert Counter(len(s) for s in sides.values()) == {1: 24, 2: 18}


def baseline_labs() -> dict[tuple[str, str], dict[str, Any]]:
    """The last value of each test in the 28 days before treatment start."""
    people = patients()
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for r in sorted(rows("labs"), key=lambda r: r["date"]):
        start = people[r["patient"]]["treatment_start"]
        if start - timedelta(days=28) <= r["date"] <= start:
            found[r["patient"], r["test"]] = r
    return found


def test_crp_and_imdc_from_the_chart() -> None:
    people, labs = patients(), baseline_labs()
    assert sum(labs[p, "CRP"]["value"] >= 0.8 for p in people) == 15
    assert {r["unit"] for r in rows("labs") if r["test"] == "CRP"} == {"mg/dL"}
    kps: dict[str, float] = {}
    for r in sorted(rows("performance"), key=lambda r: r["date"]):
        start = people[r["patient"]]["treatment_start"]
        if start - timedelta(days=28) <= r["date"] <= start:
            kps[r["patient"]] = r["value"]
    groups: Counter[str] = Counter()
    for p, who in people.items():
        hb, n, plt = (labs[p, t] for t in ("Hemoglobin", "Neutrophils", "Platelets"))
        calcium, albumin = labs[p, "Calcium"], labs[p, "Albumin"]
        assert hb["lower_limit"] == (13.7 if who["sex"] == "male" else 11.6)
        year = who["diagnosis_date"].replace(year=who["diagnosis_date"].year + 1)
        points = [
            hb["value"] < hb["lower_limit"],
            n["value"] > n["upper_limit"],
            plt["value"] > plt["upper_limit"],
            round(calcium["value"] + 0.8 * (4 - albumin["value"]), 4) > calcium["upper_limit"],
            kps[p] < 80,
            who["first_systemic_date"] < year,
        ]
        groups["favorable" if not any(points) else "poor" if sum(points) > 2 else "other"] += 1
    assert groups == {"favorable": 10, "other": 23, "poor": 9}


def test_imdc_groups_through_the_criteria() -> None:
    from oncohort.criteria import imdc

    done = imdc.assess(frame("patients"), frame("labs"), frame("performance"))
    counts = Counter(done.table["imdc_group"].to_list())
    assert counts == {"favorable": 10, "intermediate": 23, "poor": 9}


def visits_by_hand() -> dict[str, list[tuple[date, str]]]:
    """RECIST 1.1 in its shortest form: (date, response) per visit, doubtful findings dated back."""
    scans: dict[tuple[str, date], list[dict[str, Any]]] = defaultdict(list)
    for r in rows("lesions"):
        scans[r["patient"], r["date"]].append(r)
    certain = {
        (r["patient"], r["lesion"])
        for r in rows("lesions")
        if r["role"] == "new" and r["status"] == "present"
    }
    out: dict[str, list[tuple[date, str]]] = defaultdict(list)
    nadir: dict[str, int] = {}
    base: dict[str, int] = {}
    for (patient, day), found in sorted(scans.items()):
        total = sum(r["diameter_mm"] for r in found if r["role"] == "target")
        if day <= patients()[patient]["treatment_start"]:
            nadir[patient] = base[patient] = total
            continue
        low, first = nadir[patient], base[patient]
        others = {r["status"] for r in found if r["role"] == "non-target"}
        new = any((patient, r["lesion"]) in certain for r in found if r["role"] == "new")
        if (
            new
            or "unequivocal progression" in others
            or (5 * (total - low) >= low and total - low >= 5)
        ):
            call = "PD"
        elif total == 0:
            call = "CR" if others <= {"absent"} else "PR"
        else:
            call = "PR" if 10 * (first - total) >= 3 * first else "SD"
        out[patient].append((day, call))
        nadir[patient] = min(low, total)
    return out


def test_best_responses_from_the_measurements() -> None:
    best: Counter[str] = Counter()
    for calls in visits_by_hand().values():
        until = next((k for k, (_, c) in enumerate(calls) if c == "PD"), len(calls))
        seen = {c for _, c in calls[:until]}
        best[next((c for c in ("CR", "PR", "SD") if c in seen), "PD")] += 1
    assert best == {"CR": 2, "PR": 14, "SD": 22, "PD": 4}


def test_best_responses_through_the_criteria() -> None:
    from oncohort.criteria import recist

    calls = recist.assess(frame("lesions"), patients=frame("patients"))
    by_hand = visits_by_hand()
    for patient, day, overall, baseline in calls.select(
        "patient", "date", "overall", "baseline"
    ).iter_rows():
        if not baseline and (day, overall) not in by_hand[patient]:
            earlier = [d for d, c in by_hand[patient] if c == "PD" and d < day]
            assert earlier, (patient, day, overall, by_hand[patient])
    best = recist.best_response(calls, patients=frame("patients"), stable_disease_min_weeks=6)
    assert Counter(best["best_response"].to_list()) == {"CR": 2, "PR": 14, "SD": 22, "PD": 4}


def test_scans_are_six_to_twelve_weeks_apart_and_targets_at_most_two() -> None:
    days: dict[str, list[date]] = defaultdict(list)
    targets: dict[str, set[str]] = defaultdict(set)
    for r in rows("lesions"):
        if r["date"] not in days[r["patient"]]:
            days[r["patient"]].append(r["date"])
        if r["role"] == "target":
            targets[r["patient"]].add(r["lesion"])
    for patient, dates in days.items():
        start = patients()[patient]["treatment_start"]
        assert timedelta(0) < start - dates[0] <= timedelta(days=28)
        steps = [(b - a).days for a, b in zip([start, *dates[1:]], dates[1:], strict=False)]
        assert all(42 <= s <= 84 for s in steps), (patient, steps)
        assert 1 <= len(targets[patient]) <= 2


def test_progression_shows_in_every_way() -> None:
    calls = visits_by_hand()
    how: Counter[str] = Counter()
    for patient, seen in calls.items():
        day = next((d for d, c in seen if c == "PD"), None)
        for r in rows("lesions"):
            if r["patient"] == patient and r["date"] == day:
                how[r["role"] if r["role"] == "new" else r["status"]] += 1
    assert how["new"] >= 8
    assert how["unequivocal progression"] >= 3
    assert sum(any(c == "PD" for _, c in seen) for seen in calls.values()) > how["new"] + 10


def km(times: list[int], events: list[bool]) -> float:
    """Kaplan-Meier median in months, distinct event times."""
    s, left = 1.0, len(times)
    half: int | None = None
    for t, e in sorted(zip(times, events, strict=True), key=lambda x: (x[0], not x[1])):
        if e:
            if half is not None:
                return (half + t) / 2 / MONTH
            s *= 1 - 1 / left
            if abs(s - 0.5) < 1e-9:
                half = t
            elif s < 0.5:
                return t / MONTH
        left -= 1
    raise AssertionError("not reached")


def survival_by_hand() -> tuple[list[int], list[bool], list[int], list[bool]]:
    """PFS and OS times and events, patient by patient."""
    calls = visits_by_hand()
    pfs, progressed, os, dead = [], [], [], []
    for patient, who in patients().items():
        day = next((d for d, c in calls[patient] if c == "PD"), who["death_date"])
        end = day or max(d for d, _ in calls[patient])
        pfs.append((end - who["treatment_start"]).days)
        progressed.append(day is not None)
        os.append((who["last_contact"] - who["treatment_start"]).days)
        dead.append(who["vital_status"] == "dead")
    return pfs, progressed, os, dead


def test_survival_is_near_the_printed_one() -> None:
    pfs, progressed, os, dead = survival_by_hand()
    assert all(a <= b for a, b in zip(pfs, os, strict=True))
    assert 37 <= sum(progressed) <= 38
    assert 28 <= sum(dead) <= 31
    assert 10.25 <= km(pfs, progressed) < 10.65
    assert 30.15 <= km(os, dead) < 30.25


def test_hazard_ratios_point_as_printed() -> None:
    from oncohort.stats import cox

    pfs, progressed, os, dead = survival_by_hand()
    people, labs = patients(), baseline_labs()
    poor = {p for p, g in imdc_groups().items() if g == "poor"}
    total: Counter[str] = Counter()
    sides: dict[str, set[str]] = defaultdict(set)
    for r in rows("sites"):
        total[r["patient"]] += r["count"]
        sides[r["patient"]].add(r["side"])
    adverse = {
        "crp": [labs[p, "CRP"]["value"] >= 0.8 for p in people],
        "imdc": [p in poor for p in people],
        "sarcomatoid": [w["sarcomatoid"] == "yes" for w in people.values()],
        "nephrectomy": [w["nephrectomy"] == "no" for w in people.values()],
        "histology": [w["histology"] != "clear cell" for w in people.values()],
        "metastases": [total[p] >= 4 for p in people],
        "side": [len(sides[p]) == 2 for p in people],
        "sex": [w["sex"] == "male" for w in people.values()],
        "age": [w["age"] >= 60 for w in people.values()],
        "first_line": [w["first_line"] == "cytokine" for w in people.values()],
    }
    for time, event, significant in (
        (pfs, progressed, {"crp", "imdc"}),
        (os, dead, {"crp", "imdc", "sarcomatoid"}),
    ):
        for name, flags in adverse.items():
            fit = cox(time, event, [[float(f)] for f in flags])
            assert fit.coef[0] > 0, name
            assert (fit.p[0] < 0.05) == (name in significant), name


def test_multivariable_models_as_printed() -> None:
    """Those with p < 0.05 alone go in: PFS keeps CRP; OS keeps CRP and IMDC, not sarcomatoid."""
    from oncohort.stats import cox

    pfs, progressed, os, dead = survival_by_hand()
    labs, groups = baseline_labs(), imdc_groups()
    flags = [
        (float(labs[p, "CRP"]["value"] >= 0.8), float(groups[p] == "poor"), who["sarcomatoid"])
        for p, who in patients().items()
    ]
    two = cox(pfs, progressed, [list(f[:2]) for f in flags])
    assert [p < 0.05 for p in two.p] == [True, False]
    three = cox(os, dead, [[*f[:2], float(f[2] == "yes")] for f in flags])
    assert [p < 0.05 for p in three.p] == [True, True, False]
    assert all(c > 0 for c in (*two.coef, *three.coef))


def imdc_groups() -> dict[str, str]:
    from oncohort.criteria import imdc

    done = imdc.assess(frame("patients"), frame("labs"), frame("performance"))
    return dict(done.table.select("patient", "imdc_group").iter_rows())


def test_treatment_and_doses() -> None:
    people = patients()
    days = sorted((p["treatment_end"] - p["treatment_start"]).days for p in people.values())
    assert round(median(days) / MONTH, 1) == 13.2
    assert (round(days[0] / MONTH), round(days[-1] / MONTH)) == (2, 39)
    reasons = Counter(p["treatment_end_reason"] for p in people.values())
    assert reasons == {"progression": 38, "toxicity": 4}
    by_patient: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for r in rows("doses"):
        by_patient[r["patient"]].append(r)
    reduced = 0
    for patient, periods in by_patient.items():
        who = people[patient]
        assert (periods[0]["amount"], periods[0]["times_per_day"]) == (400, 2)
        assert periods[0]["start"] == who["treatment_start"]
        assert periods[-1]["end"] == who["treatment_end"]
        for a, b in pairwise(periods):
            assert (b["start"] - a["end"]).days == 1
            assert a["end"] >= a["start"]
            assert b["reason"]
        reduced += any(0 < r["amount"] * r["times_per_day"] < 800 for r in periods)
    assert len(by_patient) == 42
    assert reduced == 27
    assert any(r["amount"] == 0 for r in rows("doses"))


def test_reductions_through_the_criteria() -> None:
    from oncohort.criteria.dosing import Plan, exposure

    plan = {"sorafenib": Plan(400, times_per_day=2, levels=(800, 400, 200))}
    done = exposure(frame("doses"), frame("patients"), plan)
    assert not done.problems
    assert done.table["reduced"].sum() == 27
    assert done.table["started_reduced"].sum() == 0


def test_adverse_events_by_patient_and_grade() -> None:
    rule = protocol().safety
    assert rule is not None
    people = patients()
    keys = {label: key for key, label in rule.terms.items()} | dict(rule.synonyms)
    worst: dict[tuple[str, str], int] = defaultdict(int)
    left_out = 0
    for r in rows("adverse_events"):
        who = people[r["patient"]]
        last = who["treatment_end"] + timedelta(days=rule.window_days)
        if not r["related"] or not who["treatment_start"] <= r["start"] <= last:
            left_out += 1
            continue
        key = keys[r["term"]]
        worst[key, r["patient"]] = max(worst[key, r["patient"]], r["grade"])
    assert left_out >= 10
    printed = {
        "hand_foot_syndrome": (22, 5),
        "hypertension": (17, 4),
        "diarrhea": (13, 2),
        "rash": (12, 1),
        "alopecia": (9, 0),
        "liver_dysfunction": (9, 5),
        "appetite_loss": (6, 1),
        "mucositis": (5, 0),
        "dysphonia": (5, 0),
    }
    for key, (any_grade, high) in printed.items():
        grades = [g for (k, _), g in worst.items() if k == key]
        assert (len(grades), sum(g >= 3 for g in grades)) == (any_grade, high), key
    assert len({p for _, p in worst}) == 42
    assert len({p for (_, p), g in worst.items() if g >= 3}) == 16


def test_charted_events_are_possible_in_ctcae_3() -> None:
    from oncohort.criteria.ctcae.events import check_events

    found = check_events(frame("adverse_events"), version="3.0")
    assert [p.what for p in found if p.id == "ctcae.impossible-grade"] == []


def test_dates_follow_each_other() -> None:
    cutoff = protocol().study.cutoff
    assert cutoff is not None
    starts = sorted(p["treatment_start"] for p in patients().values())
    assert (starts[0].year, starts[0].month) == (2008, 8)
    assert (starts[-1].year, starts[-1].month) == (2016, 9)
    for p, who in patients().items():
        order = ("diagnosis_date", "first_systemic_date", "treatment_start", "treatment_end")
        dates = [who[c] for c in order] + [who["last_contact"]]
        assert dates == sorted(dates), p
        assert who["diagnosis_date"] <= who["metastasis_date"] <= who["first_systemic_date"], p
        assert who["last_contact"] <= cutoff
        assert (who["death_date"] is None) == (who["vital_status"] == "alive")
    last = {p: who["last_contact"] for p, who in patients().items()}
    for table, column in (("lesions", "date"), ("labs", "date"), ("performance", "date")):
        assert all(r[column] <= last[r["patient"]] for r in rows(table)), table
    for r in rows("therapies"):
        assert r["start"] <= r["end"] <= last[r["patient"]]
    for r in rows("adverse_events"):
        assert r["start"] <= (r["end"] or r["start"]) <= last[r["patient"]]


def test_each_line_of_therapy_begins_after_the_one_before() -> None:
    lines: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for r in rows("therapies"):
        lines[r["patient"]].append(r)
    for patient, given in lines.items():
        assert [r["line"] for r in given] == list(range(1, len(given) + 1)), patient
        for a, b in pairwise(given):
            assert a["end"] < b["start"], patient


def test_flow_leaves_42_of_47() -> None:
    from oncohort.endpoints.eligibility import apply_criteria

    tables = {
        name: pl.DataFrame(data, infer_schema_length=None) for name, data in workbook().items()
    }
    steps, included, problems = apply_criteria(protocol().eligibility, tables)
    assert [len(s.excluded) for s in steps] == [0, 0, 2, 2, 1]
    assert set(included) == set(patients())
    assert not problems


def _script() -> ModuleType:
    return program("scripts/make_demo.py")


@pytest.mark.verify
def test_the_script_writes_the_committed_workbook(tmp_path: Path) -> None:
    import openpyxl

    module = _script()
    made = tmp_path / "data.xlsx"
    module.main([str(made)])
    ours, theirs = openpyxl.load_workbook(FOLDER / "data.xlsx"), openpyxl.load_workbook(made)
    assert ours.sheetnames == theirs.sheetnames
    for sheet in ours.worksheets:
        other = theirs[sheet.title]
        assert list(sheet.iter_rows(values_only=True)) == list(other.iter_rows(values_only=True))


def test_workbook_bytes_do_not_depend_on_the_clock() -> None:
    import zipfile

    with zipfile.ZipFile(FOLDER / "data.xlsx") as book:
        assert {i.date_time for i in book.infolist()} == {(2017, 6, 30, 0, 0, 0)}
        assert b"2017-06-30T00:00:00Z" in book.read("docProps/core.xml")

"""The evidence behind numbers ends at the deciding cells."""

from __future__ import annotations

import stat
from dataclasses import replace
from pathlib import Path

import openpyxl
import polars as pl
import pytest
from openpyxl.utils import coordinate_to_tuple

import oncohort as oc
from oncohort.endpoints import derive
from oncohort.endpoints.reasons import reason
from oncohort.problems import Place
from oncohort.study.demo import write_demo
from oncohort.study.evidence.cells import in_short, with_places
from oncohort.study.evidence.listing import listed
from oncohort.study.evidence.of_endpoints import deciding_column, seen_in
from oncohort.study.evidence.rows import SEEN, headed, together
from oncohort.study.patient_page import pages_of, patient_page
from oncohort.study.results import Results
from varied_studies import STUDIES, write_study


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Results:
    return oc.read_study(write_demo(tmp_path_factory.mktemp("demo") / "study")).run()


def test_every_group_of_numbers_names_cells(demo: Results) -> None:
    """Section and subject: of each, every number has evidence with cells of the chart."""
    without = [
        name
        for name, estimate in demo.numbers.items()
        if not any(demo.behind[g]["row"].count() for g in demo.behind.of(estimate.key))
    ]
    assert without == []
    assert len({e.key.path[:2] for e in demo.numbers.values()}) > 50


def test_who_is_counted_has_a_cell(demo: Results) -> None:
    """Of a count above 0, every patient counted has one, not only some of them."""
    checked = 0
    for name, estimate in demo.numbers.items():
        if not estimate.members:
            continue
        groups = demo.behind.of(estimate.key)
        seen = together(*(demo.behind[g] for g in groups)).filter(pl.col("row").is_not_null())
        those = set(demo.numbers.populations[estimate.members].patients)
        assert those <= set(seen["patient"]), (name, those - set(seen["patient"]))
        checked += len(those)
    assert checked > 1000


def test_pages_take_the_evidence_that_is_made_already(demo: Results) -> None:
    assert demo.behind.cohort is demo.study.cohort  # nothing is blocked
    pages = pages_of(demo.study, demo.behind)
    assert pages == pages_of(demo.study)
    assert len(pages) == len(demo.study.cohort.source)


def test_an_endpoint_under_another_rule_is_kept_for_its_own_patients(demo: Results) -> None:
    cohort = demo.study.cohort
    key, others = next((k, o) for k, o in cohort.meaning.alternatives.items() if o)
    other = next(iter(others.values()))
    known = cohort.under(other)
    assert cohort.under(other) is known and cohort.under(other, "longest") is not known
    facts = cohort.evidence.facts
    assert known.equals(derive(facts, other, patients=cohort.frame)), key
    fewer = replace(cohort, frame=cohort.frame.head(3))
    assert fewer.under(other)["patient"].to_list() == cohort.frame["patient"].head(3).to_list()
    one = cohort.only(cohort.patients[0])
    assert one.under(other).height == 1 and cohort.under(other) is known


def test_the_cells_named_hold_what_is_said(demo: Results) -> None:
    """Dates, diameters, doses and grades: the workbook has them where the evidence says."""
    book = openpyxl.load_workbook(demo.study.folder / "data.xlsx", data_only=True)
    groups = ("variables.age", "variables.crp", "endpoints.os", "follow_up", "exposure.sorafenib",
              "response.best", "safety.any_event", "exposure_end")  # fmt: skip
    looked = 0
    for group in groups:
        placed = with_places(demo.behind[group], demo.study.records, in_short)
        for said, place in placed.select("text", "place").iter_rows():
            if not place:
                continue
            sheet, cell = place.split(" ")[0].split("!")
            row, column = coordinate_to_tuple(cell)
            value = book[sheet].cell(row, column).value
            text = value.date().isoformat() if hasattr(value, "date") else str(value)
            if text == "0" and "no drug" in said:
                continue
            assert text.removesuffix(".0") in said, (group, said, place, value)
            looked += 1
    assert looked > 600


def test_a_hazard_ratio_has_its_endpoint_and_its_variable(demo: Results) -> None:
    key = demo["prognosis.os.hr[model=multi,variable=crp]"].key
    assert demo.behind.of(key) == ("endpoints.os", "variables.crp")


def test_every_factor_of_a_risk_group_has_its_cell(demo: Results) -> None:
    lines = demo.behind.lines("variables.imdc", "S05")
    assert lines[0] == "Intermediate"
    factors = [line.partition(":")[0] for line in lines[1:7]]
    assert factors == ["Performance status", "Hemoglobin", "Corrected calcium", "Neutrophils",
                       "Platelets", "Time from diagnosis to systemic therapy"]  # fmt: skip
    assert all("sheet" in line and "cell" in line for line in lines[1:])


def test_survival_points_at_the_date_and_not_at_the_patient(tmp_path: Path) -> None:
    results = oc.read_study(write_study(tmp_path / "study")).run()
    cohort = results.study.cohort
    for patient, event in cohort.frame.select("patient", "os_event").iter_rows():
        [told] = results.behind.lines("endpoints.os", patient)
        assert ("(death_date)" if event else "(last_contact)") in told, told


@pytest.mark.parametrize("name", sorted(STUDIES))
def test_evidence_can_be_made_of_any_study(name: str, tmp_path: Path) -> None:
    """No group fails, and a number of patients has cells behind it whatever the study is."""
    results = oc.read_study(write_study(tmp_path / "study", **STUDIES[name])).run()
    for one, estimate in results.numbers.items():
        groups = results.behind.of(estimate.key)
        people = results.numbers.populations.get(estimate.members)
        if people is not None and people.patients:
            assert any(results.behind[g]["row"].count() for g in groups), one
    first = results.study.cohort.source[0]
    page = patient_page(results.study, first)
    assert page.included and page.blocks and page.patient == first


def test_sentences_made_once_for_many_say_the_same_of_each(demo: Results) -> None:
    cohort = demo.study.cohort
    for derived in cohort.evidence.derived.values():
        told = []
        for row in derived.iter_rows(named=True):
            said = reason({**row, "table": None, "source_row": None})
            told.append(said if row["time"] is None else f"{row['time']} days, {said}")
        assert seen_in(derived, cohort)["text"].to_list() == told


def test_a_fact_of_another_table() -> None:
    assert deciding_column("assessments", "progression", True) == "overall"
    assert deciding_column("patients", "progression", True) == "progression_date"


def test_short_places() -> None:
    assert in_short(Place("chart.xlsx", "labs", "D14", 14, "value")) == "labs!D14 value"
    assert in_short(Place("labs.csv", None, "D14", 14, "value")) == "labs.csv D14 value"
    assert in_short(Place("labs.parquet", None, None, 14, "value")) == "labs.parquet row 14 value"
    assert in_short(Place()) == ""


def test_a_verdict_stands_before_one_line_and_above_several() -> None:
    rows = pl.DataFrame(
        [("A", "80 years", "patients", "age", 2), ("B", "x", "sites", "count", 3),
         ("B", "y", "sites", "count", 4), ("C", "Female", "patients", "sex", 5)],
        schema=SEEN, orient="row",
    )  # fmt: skip
    heads = pl.DataFrame({"patient": list("ABCD"), "head": ["old", "two", "female", "missing"]})
    told = headed(rows, heads).select("patient", "text").rows()
    assert set(told) == {("A", "old: 80 years"), ("B", "two"), ("B", "x"), ("B", "y"),
                         ("C", "female"), ("D", "missing")}  # fmt: skip
    assert told.index(("B", "two")) < told.index(("B", "x")) < told.index(("B", "y"))


class TestBounds:
    """A page holds short lists; what is longer is counted and written beside it."""

    def test_everything_fits(self, demo: Results) -> None:
        found = listed(demo.behind, demo.numbers)
        assert not found.files and not found.page.folder
        used = {e.members or e.population for e in demo.numbers.values()} - {""}
        assert found.page.listed == used

    def test_the_shortest_lists_stay(self, demo: Results) -> None:
        found = listed(demo.behind, demo.numbers, most=300)
        pairs = sum(len(patients) for patients in found.page.groups.values())
        assert 0 < pairs <= 300 and found.page.folder == "evidence"
        sizes = {n: len(p.patients) for n, p in demo.numbers.populations.items()}
        assert max(sizes[n] for n in found.page.listed) <= min(
            sizes[n] for n in ({e.members for e in demo.numbers.values()} - {""})
            - found.page.listed
        )  # fmt: skip

    def test_the_files_hold_all_of_it(self, demo: Results) -> None:
        found = listed(demo.behind, demo.numbers, most=0)
        for group in {g for groups in found.page.of.values() for g in groups}:
            name = f"evidence/{group.replace('|', '.')}.parquet"
            table = pl.read_parquet(found.files[name])
            assert table.height == demo.behind[group].height and "place" in table.columns
        who = pl.read_parquet(found.files["evidence/populations.parquet"])
        counted = who.filter(pl.col("population") == "response.orr.count")["patient"].to_list()
        assert tuple(counted) == demo.numbers.populations["response.orr.count"].patients
        index = pl.read_csv(found.files["evidence/numbers.csv"])
        assert set(index["number"]) == set(demo.numbers)

    def test_files_are_private_and_never_shared(
        self, demo: Results, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(listed.__kwdefaults__, "most", 50)
        own = demo.write(tmp_path / "own") / "evidence"
        assert {stat.S_IMODE(p.stat().st_mode) for p in own.iterdir()} == {0o600}
        assert stat.S_IMODE(own.stat().st_mode) == 0o700
        text = (own.parent / "report.html").read_text("utf-8")
        assert "in the folder <code>evidence</code>" in text
        shared = demo.write(tmp_path / "shared", share=True)
        assert not (shared / "evidence").exists()
        # Over results with evidence, a shared run leaves none of it behind.
        again = demo.write(tmp_path / "own", share=True)
        assert not (again / "evidence").exists()

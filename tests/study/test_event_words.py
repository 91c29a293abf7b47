"""Words of event flags: denied, of two kinds, with a legend of one code."""

from __future__ import annotations

from pathlib import Path

import pytest

from oncohort.study.drafting import Page, read_pages
from oncohort.study.endpoint_columns import Pair
from oncohort.study.endpoint_names import words
from oncohort.study.endpoint_pairs import find_pairs
from oncohort.study.endpoint_values import worded


def page_of(flag: str, values: tuple[str, str], time: str, folder: Path) -> Page:
    lines = [f"{i},{3 + i},{values[i % 2]}" for i in range(1, 13)]
    (folder / "c.csv").write_text("\n".join([f'id,{time},"{flag}"', *lines]) + "\n")
    return read_pages(folder / "c.csv", "c.csv")[0]


@pytest.mark.parametrize(
    ("flag", "event", "censored", "key"),
    [
        ("Relapse Free Status", "Recurred", "Not Recurred", "rfs"),
        ("PFS status", "progressed/died", "censored", "pfs"),
        ("PFS status", "progression or death", "no progression", "pfs"),
        ("Rezidiv", "Rezidiv", "kein Rezidiv", "rfs"),
        ("OS censor (1=censored)", "0", "1", "os"),
        ("OS (1 = dead)", "1", "0", "os"),
        ("Death (0=alive)", "1", "0", "os"),
        ("Zgon", "tak", "nie", "os"),
        ("사망여부", "사망", "생존", "os"),
    ],
)
def test_words_tell_the_event(
    flag: str, event: str, censored: str, key: str, tmp_path: Path
) -> None:
    page = page_of(flag, (event, censored), f"{key}_months", tmp_path)
    found, _ = worded(page, Pair(key, f"{key}_months", flag))
    assert found == {event: "event", censored: "censored"}


@pytest.mark.parametrize(
    ("flag", "values"),
    [
        ("Status", ("A", "B")),
        ("PFS status", ("progressed/unclear", "censored")),
        ("Status (1=treated)", ("0", "1")),
        ("Status", ("not known yet", "dead")),
    ],
)
def test_words_that_say_too_little_are_asked(
    flag: str, values: tuple[str, str], tmp_path: Path
) -> None:
    page = page_of(flag, values, "pfs_months", tmp_path)
    assert worded(page, Pair("pfs", "pfs_months", flag)) == ({}, "")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("pgtime", ["pgtime", "time"]),
        ("pgstat", ["pgstat", "stat"]),
        ("futime", ["futime", "time"]),
        ("lifetime", ["lifetime"]),
        ("Czas przeżycia (mies.)", ["czas", "przeżycia", "mies"]),
        ("생존기간(개월)", ["생존기간", "개월"]),
    ],
)
def test_words_of_names(name: str, said: list[str]) -> None:
    assert words(name) == said


def test_a_flag_of_two_events_is_no_death(tmp_path: Path) -> None:
    lines = [f"{i},{3 + i},{i % 2},{2 + i},{int(i % 3 > 0)}" for i in range(1, 13)]
    head = "id,OS (Monate),Tod,PFS (Monate),Progress/Tod"
    (tmp_path / "c.csv").write_text("\n".join([head, *lines]) + "\n")
    pairs = find_pairs(read_pages(tmp_path / "c.csv", "c.csv")[0])
    assert {(p.key, p.event, p.events) for p in pairs} == {
        ("os", "Tod", ()),
        ("pfs", "Progress/Tod", ()),
    }

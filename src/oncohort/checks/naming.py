"""Words that name patients, where the paper would print them: levels of variables, terms."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

import polars as pl

from oncohort.checks.rule import MANY, Data, rule
from oncohort.problems import Place, Problem, problem
from oncohort.records.identities import same_patient
from oncohort.records.known_ids import KnownIds
from oncohort.records.personal import find_personal, names_somebody

OF_PEOPLE = frozenset({"email", "phone", "text"})
"""Kinds of personal data that no level and no term can be."""
EACH_ITS_OWN = 10
"""Levels of one patient each, beyond which they are a text of its own for each patient."""
_DAY = re.compile(r"\d{4}-\d{1,2}-\d{1,2}|\d{1,2}[./-]\d{1,2}[./-]\d{2,4}")


def _from_the_chart(data: Data) -> Iterator[tuple[str, pl.DataFrame]]:
    """Variables whose levels are the words of the chart: (key, ``patient`` and ``word``)."""
    if data.cohort is None or data.cohort.n == 0:
        return
    words_among_numbers = {
        p.place.key for p in data.cohort.problems if p.id == "variables.words-among-numbers"
    }
    for key, info in data.cohort.meaning.variables.items():
        if f"variables.{key}" in words_among_numbers:
            continue  # its levels are numbers, and that is told
        declared = data.protocol.variables.get(key)
        if info.kind != "categorical" or declared is None or declared.derive or declared.cut:
            continue
        if declared.levels or declared.group:
            continue
        held = data.cohort.frame.select("patient", word=pl.col(key).cast(pl.String)).drop_nulls()
        words = {str(level): label for level, label in info.levels.items()}
        yield key, held.with_columns(pl.col("word").replace(words))


def _why(held: pl.DataFrame, known: KnownIds, people: KnownIds) -> str:
    """The case of the problem; empty where the words name nobody."""
    words = held["word"].to_list()
    different = list(dict.fromkeys(words))
    forms = {word: same_patient(word) for word in different}
    own = [p for p, w in held.iter_rows() if forms[w] == same_patient(p)]
    telling = any(len(p) > 2 and not p.isdigit() for p in own)
    if telling or len(own) >= max(2, len(words) / 2) or any(map(known.holds, different)):
        return "ids"
    if sum(_DAY.fullmatch(w) is not None for w in different) > len(different) / 2:
        return "days"
    single = sum(n == 1 for n in Counter(words).values())
    if any(names_somebody(word) or people.holds(word) for word in different):
        return "people"
    kinds = {found.kind for found in find_personal(("level",), (different,))}
    # "Sunitinib, Sorafenib" looks like a name; but then several patients have it.
    if kinds & OF_PEOPLE or ("name" in kinds and single >= len(words) / 2):
        return "people"
    if single > EACH_ITS_OWN and single >= len(words) / 2:
        return "each"
    return ""


@rule("variables.names-patients")
def levels_that_name(data: Data) -> Iterator[Problem]:
    """Levels of a variable are printed: ids, names, days, a text of its own for each patient."""
    known = KnownIds.sure(data.patients["patient"].drop_nulls().unique(maintain_order=True))
    people = KnownIds.sure(sorted(data.records.people))
    for key, held in _from_the_chart(data):
        case = _why(held, known, people)
        if case:
            yield problem(
                "variables.names-patients",
                "" if case == "ids" else case,
                place=Place(file="study.toml", key=f"variables.{key}"),
                blocks=(f"variables.{key}",),
                name=key,
            )


@rule("safety.names-patients")
def terms_that_name(data: Data) -> Iterator[Problem]:
    """A term that names a patient would be a row of the table of adverse events."""
    if not data.has("adverse_events", "term"):
        return
    known = KnownIds.sure(data.patients["patient"].drop_nulls().unique(maintain_order=True))
    events = data.records.tables["adverse_events"]
    terms = events["term"].drop_nulls().unique(maintain_order=True).to_list()
    bad = {t: "" for t in terms if known.holds(t)}
    people = KnownIds.sure(sorted(data.records.people))
    bad |= {t: "people" for t in terms if t not in bad and (_of_people(t) or people.holds(t))}
    if not bad:
        return
    for row in events.filter(pl.col("term").is_in(list(bad))).head(MANY).iter_rows(named=True):
        yield problem(
            "safety.names-patients",
            bad[row["term"]],
            place=data.at("adverse_events", "term", row["source_record"]),
            patient=row["patient"],
            table="adverse_events",
            column="term",
            row=row["source_row"],
            term=row["term"],
        )


def _of_people(text: str) -> bool:
    return any(found.kind in OF_PEOPLE for found in find_personal(("term",), ([text],)))

"""Which value of an event column means that the event happened, and what says so."""

from __future__ import annotations

import re
from collections.abc import Mapping

from oncohort.records.columns import as_list
from oncohort.records.legends import header_legend
from oncohort.records.matching import SURE
from oncohort.records.values import Reader, read_value, text_of
from oncohort.study.drafting import Page
from oncohort.study.endpoint_columns import Pair
from oncohort.study.endpoint_kinds import counts_deaths, first_of_words, kind_of
from oncohort.study.endpoint_names import called, has, words
from oncohort.study.endpoint_pairs import find_pairs
from oncohort.vocabulary.life import life_in_phrase, life_offered
from oncohort.vocabulary.mentions import mentions
from oncohort.vocabulary.tables import RESPONSES, VITAL_STATUS
from oncohort.vocabulary.words import level_words, may_be_missing, outcome_words, plain

EVENT, CENSORED, COMPETING = "event", "censored", "competing"


def _cross(
    page: Page, event: str, other: str, levels: tuple[str, ...], ours: str
) -> dict[str, dict[str, int]]:
    """Counts of event values by the level of another column."""
    out: dict[str, dict[str, int]] = {}
    reader = Reader("text", ours, levels)
    for e, o in zip(as_list(page.raw.column(event)), as_list(page.raw.column(other)), strict=True):
        if e is None or o is None:
            continue
        level = read_value(o, reader).value
        if level is not None:
            row = out.setdefault(level, {})
            text = re.sub(r"(?<=\d)\.0+$", "", text_of(e))
            row[text] = row.get(text, 0) + 1
    return out


def asked_for(name: str, endpoint: str) -> bool | None:
    """Does yes in a flag mean that the event happened, by the flag's name?

    Returns
    -------
    bool or None
        None where the name does not say: `Survived` and `Censored` ask for the opposite of
        `Died`, a status for neither.

    Examples
    --------
    >>> asked_for("Died", "os"), asked_for("Vivant", "os"), asked_for("Progression-free", "pfs")
    (True, False, False)
    >>> asked_for("PFS event", "pfs"), asked_for("zensiert", "os"), asked_for("Status", "os")
    (True, None, None)
    >>> asked_for("Ripresa di malattia", "dfs"), asked_for("Nessuna recidiva", "dfs")
    (True, None)
    """
    asks, of_any = outcome_words("asks"), outcome_words("any")
    says_neither = {*of_any["neutral"], *of_any["life_or_death"], *asks["censoring"]}
    if has(name, asks["censoring"]):
        return None
    death, life = has(name, asks["death"]), has(name, asks["life"])
    if death != life:
        return death
    if mentions(name, "event"):
        return True
    if mentions(name, "free_of"):
        return False
    own = outcome_words("event_of").get(endpoint, ())
    known = [w for w in (*of_any["event"], *own) if w not in says_neither]
    if life or mentions(_OFFERS.sub(" ", name), "negation"):
        return None  # `No recurrence` = yes
    recurs = endpoint in _OF_RECURRENCE and mentions(name, "progression")
    recurs = recurs and not mentions(name, "before", "death")
    return True if recurs or has(name, known) else None


_OFFERS = re.compile(
    r"[(\[（][^()\[\]（）]{0,80}[)\]）]|(?<![^\W\d_])[^\W\d_]{1,20} ?/ ?[^\W\d_]{1,20}"
)
"""What a name offers as its values: `Recurrence (yes/no)`."""


_OF_RECURRENCE = frozenset(("pfs", "dfs", "rfs", "efs", "ttp", "ttr", "pfi", "dfi"))
"""Endpoints of which a recurrence or progression, by any word for it, is the event."""


def worded(page: Page, pair: Pair) -> tuple[dict[str, str], str]:
    """Each value as event or censored where words say so, with the evidence; else nothing."""
    labels, why = labels_of(page, pair.event)
    values = [v for v in page.held[pair.event].counts if not may_be_missing(labels.get(v, v))]
    labels = _other_of_two(values, labels)
    if found := _numbered(values):
        return found, "0: and 1: stand before its words, as in cBioPortal"
    vital, event = level_words("vital_status"), level_words("event")
    vital = {**vital, **life_offered(pair.event)}  # D and A under `Alive/Dead`
    death = pair.key in ("os", "dss", "")
    asked = asked_for(called(page, pair.event), pair.key)
    first = first_of_words(labels.get(v, v) for v in values)
    out: dict[str, str] = {}
    for value in values:
        word = plain(labels.get(value, value))
        if re.fullmatch(r"-?\d+(\.\d+)?", word):
            return {}, ""
        level = vital.get(word) or (life_in_phrase(word) if pair.key == "os" else None) or None
        if level is not None and (death or word not in event):
            out[value] = EVENT if level == "dead" else CENSORED
            if not death and level == "dead" and not (first and counts_deaths(pair.key)):
                return {}, ""
            continue
        meant = event.get(word) or _either(word, event) or _denied(word, event)
        if meant is None and first:
            meant = {"": None, "none": "no"}.get(kind_of(word), "yes")
        bare = word in level_words("flag")
        if meant is None or (bare and asked is None):
            return {}, ""
        happened = (meant == "yes") == (asked is not False or not bare)
        out[value] = EVENT if happened else CENSORED
    return (out, why) if EVENT in out.values() else ({}, "")


def labels_of(page: Page, column: str) -> tuple[dict[str, str], str]:
    """What the chart says that the values of a column mean, and where."""
    if stated := header_legend(column, fewest=1):
        return stated, "the header says so"
    if column in page.legends:
        codes, why = page.legends[column]
        return dict(codes), why
    if loose := _of_loose(page, column):
        return loose
    return dict(page.raw.label_of.get(column, {})), "its words say so"


def _of_loose(page: Page, column: str) -> tuple[dict[str, str], str] | None:
    """A note that names no column, where its words are those of life and death and its codes those
    of this column of events alone."""
    held = set(page.held[column].counts)
    vital = level_words("vital_status")
    for codes, why in page.loose_legends:
        if set(codes) >= held and all(plain(w) in vital for w in codes.values()):
            alike = [c for c in page.raw.names if 1 < page.held[c].distinct <= 6]
            named = [c for c in alike if c == column or mentions(c, "death")]
            rivals = [c for c in named if set(page.held[c].counts) <= set(codes)]
            if rivals == [column]:
                return dict(codes), why
    return None


_OR = re.compile(
    r"[/,;+、・]| or | oder | ou | o | and | lub | albo | of | eller | или |"
    r"または|又は|もしくは|或者?|또는"
)


def _either(word: str, event: Mapping[str, str]) -> str | None:
    """The meaning of two words of which each means the same: `progressed/died`."""
    dead = {w for w, level in level_words("vital_status").items() if level == "dead"}
    parts = [p.strip() for p in _OR.split(word)]
    meanings = {event.get(p) or ("yes" if p in dead else None) for p in parts}
    return meanings.pop() if len(meanings) == 1 else None


def _denied(word: str, event: Mapping[str, str]) -> str | None:
    """`not recurred` means no event where `recurred` means one."""
    denied = [w for w in outcome_words("any")["denial"] if word.startswith(f"{w} ")]
    if not denied:
        return None
    rest = word.removeprefix(max(denied, key=len)).strip()
    return "no" if event.get(rest) == "yes" else None


def _other_of_two(values: list[str], labels: Mapping[str, str]) -> dict[str, str]:
    """Labels of both values where a legend names one: `1=censored` leaves the event for 0."""
    rest = [v for v in values if v not in labels]
    named = [labels[v] for v in values if v in labels]
    if len(values) != 2 or len(rest) != 1 or not re.fullmatch(r"-?\d+(\.0+)?", rest[0]):
        return dict(labels)
    flag = level_words("flag").get(plain(named[0]))
    if flag is not None:
        return {**labels, rest[0]: "no" if flag == "yes" else "yes"}
    events = level_words("event")
    meant = events.get(plain(named[0])) or _either(plain(named[0]), events)
    vital = level_words("vital_status").get(plain(named[0]))
    if vital is not None:
        return {**labels, rest[0]: "alive" if vital == "dead" else "dead"}
    if meant is None:
        return dict(labels)
    return {**labels, rest[0]: "event" if meant == "no" else "censored"}


def _numbered(values: list[str]) -> dict[str, str]:
    """`0:LIVING` and `1:DECEASED`: the figure before the word says which is the event."""
    marks = {v: re.match(r"^([01]):\s*\D", v) for v in values}
    if len(values) != 2 or {m[1] for m in marks.values() if m} != {"0", "1"}:
        return {}
    return {v: EVENT if m and m[1] == "1" else CENSORED for v, m in marks.items()}


def plain_event(page: Page, pair: Pair) -> tuple[str | None, str]:
    """The value that means the event where another column says so, with the evidence."""
    values = list(page.held[pair.event].counts)
    if pair.key == "os":
        status = next(
            (m.column for m in page.matches if m.ours == "vital_status" and m.confidence >= SURE),
            None,
        )
        if status and status != pair.event:
            table = _cross(page, pair.event, status, VITAL_STATUS, "vital_status")
            dead, alive = table.get("dead", {}), table.get("alive", {})
            for value in values:
                n_dead, n_alive = sum(dead.values()), sum(alive.values())
                if n_dead < 3 or n_alive < 3:
                    continue
                agree = dead.get(value, 0) / n_dead
                differ = 1 - alive.get(value, 0) / n_alive
                if agree >= 0.95 and differ >= 0.95:
                    return value, (
                        f'{dead.get(value, 0)} of {n_dead} patients who are dead in "{status}" '
                        f"have {value}, and {n_alive - alive.get(value, 0)} of {n_alive} who are "
                        "alive have not"
                    )
    return None, ""


_CENSORED = frozenset(
    (
        *("censored", "censuré", "censurée", "censurado", "censurada", "censurato", "zensiert"),
        *("gecensureerd", "censurerad", "censureret", "sensurert", "删失", "打ち切り"),
    )
)
"""Whole words for it: `cens` may stand for the flag of the event."""


def hint(page: Page, pair: Pair) -> tuple[str | None, str]:
    """What speaks for a value, though it is not said in words."""
    if "cnsr" in words(pair.event) and set(page.held[pair.event].counts) == {"0", "1"}:
        return "0", "By the CDISC standard CNSR is 0 where the event happened."
    if set(page.held[pair.event].counts) == {"0", "1"} and _CENSORED & set(words(pair.event)):
        return "0", "The name asks who is censored: 1 would be yes, 0 the event."
    response = page.ours.get("best_response")
    if response and pair.key in ("pfs", "ttp", "pfi", "dfs"):
        table = _cross(page, pair.event, response, RESPONSES, "best_response")
        progressed = table.get("PD", {})
        total = sum(progressed.values())
        for value, n in progressed.items():
            if total >= 3 and n / total >= 0.9:
                return value, (
                    f'{n} of the {total} patients whose "{response}" is PD have {value}, and they '
                    f"have progressed: {value} looks like the event."
                )
    return None, ""


def alike(page: Page, pair: Pair) -> tuple[str | None, str]:
    """What a column of another endpoint, named alike, says of this one."""
    stem = pair.event.lower().replace(pair.key, "*")
    for other in find_pairs(page):
        if other == pair or other.event.lower().replace(other.key or "*", "*") != stem:
            continue
        value = plain_event(page, other)[0] or hint(page, other)[0]
        if value is not None and value in page.held[pair.event].counts:
            return value, f'"{other.event}" is named alike, and there {value} looks like the event.'
    return None, ""

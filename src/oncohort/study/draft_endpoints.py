"""Endpoints found in a chart: time and event columns, or dates."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from oncohort.records.columns import as_list
from oncohort.records.legends import header_legend
from oncohort.records.matching import SURE
from oncohort.records.values import Reader, read_value, text_of
from oncohort.study.drafting import Page, Question, Section, key, toml
from oncohort.study.questions import HOLE, choices
from oncohort.vocabulary.tables import RESPONSES, VITAL_STATUS
from oncohort.vocabulary.words import level_words, may_be_missing, plain

NAMES: Mapping[str, tuple[str, ...]] = {
    "os": (
        "os",
        "overall survival",
        "gesamtüberleben",
        "überleben",
        "survie globale",
        "survie",
        "supervivencia global",
        "supervivencia",
        "sopravvivenza",
        "sg",
        "sobrevida global",
        "sobrevida",
        "全生存",
        "生存期間",
        "総生存",
        "总生存",
        "生存期",
        "生存时间",
        "总生存期",
        "survival",
        "survtime",
        "surv",
        "futime",
        "survival time",
    ),
    "pfs": (
        "pfs",
        "progression free",
        "progressionsfreies",
        "pfü",
        "survie sans progression",
        "ssp",
        "libre de progresión",
        "slp",
        "libera da progressione",
        "livre de progressão",
        "無増悪",
        "无进展",
        "progression free survival",
    ),
    "dfs": (
        "dfs",
        "disease free",
        "krankheitsfreies",
        "sans maladie",
        "libre de enfermedad",
        "無病",
        "无病",
    ),
    "rfs": (
        "rfs",
        "recurrence free",
        "relapse free",
        "rezidivfreies",
        "sans récidive",
        "libre de recidiva",
        "無再発",
        "无复发",
    ),
    "efs": ("efs", "event free"),
    "dss": ("dss", "css", "cancer specific", "disease specific"),
    "mfs": ("mfs", "dmfs", "metastasis free"),
    "pfi": ("pfi",),
    "dfi": ("dfi",),
    "ttp": ("ttp", "time to progression"),
    "ttf": ("ttf", "time to treatment failure"),
}
"""Endpoint = words of its time column (and of an event column named after it)."""
_EVENT_OF: Mapping[str, tuple[str, ...]] = {
    "os": (
        "death",
        "dead",
        "died",
        "deceased",
        "vital",
        "alive",
        "fustat",
        "mortality",
        "status",
        "verstorben",
        "tot",
        "tod",
        "lebt",
        "vitalstatus",
        "décès",
        "deces",
        "décédé",
        "statut",
        "muerte",
        "éxitus",
        "exitus",
        "fallecido",
        "estado",
        "decesso",
        "deceduto",
        "stato",
        "óbito",
        "obito",
        "morto",
        "死亡",
        "転帰",
        "生死",
        "生存状態",
        "状态",
        "生存状态",
        "结局",
    ),
    "pfs": (
        "progression",
        "progressed",
        "progress",
        "pd",
        "progresión",
        "progressione",
        "progressão",
        "増悪",
        "进展",
    ),
    "dfs": (
        "recurrence",
        "relapse",
        "recurred",
        "relapsed",
        "rezidiv",
        "récidive",
        "recidiva",
        "再発",
        "复发",
    ),
    "rfs": (
        "recurrence",
        "relapse",
        "recurred",
        "relapsed",
        "rezidiv",
        "récidive",
        "rechute",
        "recidiva",
        "recaída",
        "再発",
        "复发",
        "dfs",
    ),
    "efs": ("event",),
    "dss": ("death", "dead"),
    "mfs": ("metastasis", "metastases"),
    "ttp": ("progression", "progressed", "progress", "pd"),
    "pfi": ("progression",),
    "dfi": ("recurrence",),
    "ttf": ("failure", "discontinued"),
}
"""Endpoint = words of an event column that is not named after the endpoint."""
_LABELS = {"pfi": "Progression-free interval", "dfi": "Disease-free interval"}
_TIMES = (
    "time",
    "months",
    "month",
    "mo",
    "days",
    "day",
    "weeks",
    "years",
    "yrs",
    "duration",
    "dur",
    "monate",
    "tage",
    "jahre",
    "zeit",
    "mois",
    "jours",
    "temps",
    "meses",
    "días",
    "dias",
    "tiempo",
    "mesi",
    "giorni",
    "tempo",
    "月",
    "日",
    "期間",
    "天",
    "时间",
    "futime",
    "fup",
    "fu",
    "followup",
    "survtime",
    "failtime",
    "tte",
)
_EVENTS = (
    "event",
    "status",
    "cens",
    "censor",
    "censored",
    "occurred",
    "flag",
    "dead",
    "death",
    "fustat",
    "failcens",
    "ereignis",
    "zensiert",
    "événement",
    "evento",
    "censura",
    "statut",
    "estado",
    "stato",
    "イベント",
    "打ち切り",
    "事件",
    "删失",
    "状态",
    "failure",
    "fail",
    "evt",
    "ev",
    "stat",
)
_UNITS: Mapping[str, tuple[str, ...]] = {
    "months": (
        "months",
        "month",
        "mo",
        "mths",
        "mos",
        "m",
        "monate",
        "mon",
        "mois",
        "meses",
        "mesi",
        "ヶ月",
        "月",
        "か月",
        "カ月",
        "个月",
    ),
    "days": ("days", "day", "d", "tage", "jours", "días", "dias", "giorni", "日", "天"),
    "weeks": (
        "weeks",
        "week",
        "wk",
        "wks",
        "wochen",
        "semaines",
        "semanas",
        "settimane",
        "週",
        "周",
    ),
    "years": (
        "years",
        "year",
        "yrs",
        "yr",
        "y",
        "jahre",
        "ans",
        "années",
        "años",
        "anos",
        "anni",
        "年",
    ),
}
MAXIMUM = {"months": 600.0, "weeks": 2600.0}
"""Times beyond which a column can't be in this unit: fifty years."""
_ASKED = ("os", "pfs", "dfs", "rfs", "efs", "ttp", "dss", "mfs")
EVENT, CENSORED = "event", "censored"


@dataclass(frozen=True, slots=True)
class Pair:
    """A time and an event column of one endpoint."""

    key: str
    """Empty where the names do not say which endpoint it is."""
    time: str
    event: str


def _words(name: str) -> list[str]:
    spaced = re.sub(r"([a-z])([A-Z])", r"\1 \2", name)
    return [w for w in re.split(r"[^0-9a-zà-ÿ぀-ヿ一-龥]+", spaced.lower()) if w]


def _has(column: str, names: tuple[str, ...]) -> bool:
    """Does a name hold one of the words (or, in scripts without blanks, one of the texts)?"""
    words = _words(column)
    text = f" {' '.join(words)} "
    return any(
        f" {n} " in text or (n in column and bool(re.search("[぀-ヿ一-龥]", n))) for n in names
    )


def _endpoints_of(column: str) -> list[str]:
    """The endpoints that a name means, the more special first."""
    found = [k for k, names in NAMES.items() if _has(column, names)]
    if "os" in found and len(found) > 1:
        # "progression free survival" holds "survival" too.
        found.remove("os")
    return found


def _is_event(page: Page, column: str) -> bool:
    held = page.held[column]
    values = [v for v in held.counts if not may_be_missing(v)]
    return 0 < len(values) <= 6 and held.mostly != "date" and len(values) < max(4, held.n)


def _is_time(page: Page, column: str) -> bool:
    held = page.held[column]
    return held.mostly == "number" and held.distinct > 3 and (held.low or 0) >= -1


def find_pairs(page: Page) -> list[Pair]:
    """Pairs of time and event columns in a table of patients."""
    taken = {
        m.column
        for m in page.matches
        if m.confidence >= SURE and m.ours not in ("vital_status", "progression_date", "death_date")
    }
    free = [c for c in page.raw.names if c not in taken and page.held[c].n]
    times = [c for c in free if _is_time(page, c)]
    flags = [c for c in free if _is_event(page, c)]
    out: list[Pair] = []
    used: set[str] = set()
    for endpoint in NAMES:
        mine = [c for c in times if endpoint in _endpoints_of(c) and c not in used]
        if not mine:
            continue
        mine.sort(key=lambda c: not _has(c, _TIMES))
        named = [c for c in flags if endpoint in _endpoints_of(c)]
        named = [c for c in named if not _has(c, _TIMES)] or [
            c for c in named if _has(c, _EVENTS) and page.held[c].distinct <= 3
        ]
        named.sort(key=lambda c: not _has(c, _EVENTS))
        others = [
            c
            for c in flags
            if c not in named and not _endpoints_of(c) and _has(c, _EVENT_OF[endpoint])
        ]
        others.sort(key=lambda c: page.held[c].distinct)
        if not (named or others) and endpoint in ("os", "efs"):
            others = [c for c in flags if _has(c, _EVENTS) and not _endpoints_of(c)]
        candidates = [c for c in [*named, *others] if c not in used]
        if candidates:
            out.append(Pair(endpoint, mine[0], candidates[0]))
            used |= {mine[0], candidates[0]}
    if not out:
        out += _nameless(page, times, flags)
    return out


def _nameless(page: Page, times: list[str], flags: list[str]) -> list[Pair]:
    """`time` and `status`: a time and an event without an endpoint's name."""
    bare = [
        c
        for c in times
        if _words(c) and _has(c, _TIMES) and not re.search(r"\b(age|dose|interval)\b", c.lower())
    ]
    events = [c for c in flags if _has(c, _EVENTS) or _has(c, _EVENT_OF["os"])]
    if len(bare) >= 1 and events:
        exact = [c for c in bare if _words(c)[0] in ("time", "futime", "failtime", "tte")] or bare
        death = _has(
            events[0],
            tuple(w for w in _EVENT_OF["os"] if w not in ("status", "estado", "statut", "stato")),
        )
        return [Pair("os" if death else "", exact[0], events[0])]
    return []


def _unit_of(page: Page, pair: Pair) -> tuple[str | None, str]:
    """The unit of a time column and the evidence; None where it is open."""
    words = _words(pair.time)
    for unit, known in _UNITS.items():
        ok = any(
            w in known for w in words if w not in ("d", "mo", "m", "y") or w == words[-1]
        ) or any(
            n in pair.time
            for n in known
            if not n.isascii()
            and re.search("[一-龥]", n)
            and f"({n})" in pair.time.replace("（", "(").replace("）", ")")
        )
        if ok and len(words) > 1:
            return unit, f'the name "{pair.time}" says so'
    label = page.raw.column_label.get(pair.time, "")
    for unit, known in _UNITS.items():
        if any(w in known for w in _words(label) if len(w) > 2):
            return unit, f'its label "{label}" says so'
    for column in page.raw.names:
        if "unit" in _words(column) and page.held[column].distinct == 1:
            held = next(iter(page.held[column].counts)).lower()
            for unit, known in _UNITS.items():
                if held in known:
                    return unit, f'the column "{column}" says "{held}"'
    high = page.held[pair.time].high or 0
    if high > MAXIMUM["weeks"]:
        return "days", f"its largest value, {high:g}, can be nothing else"
    return None, ""


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


def _worded(page: Page, pair: Pair) -> tuple[dict[str, str], str]:
    """Each value as event or censored where words say so, with the evidence; else nothing."""
    values = [v for v in page.held[pair.event].counts if not may_be_missing(v)]
    labels = dict(page.raw.label_of.get(pair.event, {}))
    why = "its words say so"
    if said := header_legend(pair.event):
        labels, why = said, "the header says so"
    vital, event = level_words("vital_status"), level_words("event")
    death = pair.key in ("os", "dss", "")
    asks_death = _has(
        pair.event,
        (
            "death",
            "dead",
            "died",
            "deceased",
            "verstorben",
            "tot",
            "tod",
            "décès",
            "deces",
            "décédé",
            "muerte",
            "éxitus",
            "exitus",
            "fallecido",
            "decesso",
            "deceduto",
            "óbito",
            "obito",
            "morto",
            "死亡",
        ),
    )
    asks_life = _has(pair.event, ("alive", "lebt", "living", "vivant", "vivo")) and not asks_death
    asks_censoring = _has(
        pair.event,
        ("cens", "censor", "censored", "failcens", "zensiert", "censura", "删失", "打ち切り"),
    )
    out: dict[str, str] = {}
    for value in values:
        word = plain(labels.get(value, value))
        if re.fullmatch(r"-?\d+(\.\d+)?", word):
            return {}, ""
        level = vital.get(word)
        if level is not None and (death or word not in event):
            out[value] = EVENT if level == "dead" else CENSORED
            if not death and level == "dead":
                return {}, ""
            continue
        said_word = event.get(word)
        bare = word in level_words("flag")
        if said_word is None or (bare and asks_censoring):
            return {}, ""
        happened = (said_word == "yes") != (asks_life and bare)
        out[value] = EVENT if happened else CENSORED
    return (out, why) if EVENT in out.values() else ({}, "")


def _plain_event(page: Page, pair: Pair) -> tuple[str | None, str]:
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


def _hint(page: Page, pair: Pair) -> tuple[str | None, str]:
    """What speaks for a value, though it is not said in words."""
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


def _number(text: str) -> object:
    return int(text) if re.fullmatch(r"-?\d+", text) else text


def _alike(page: Page, pair: Pair) -> tuple[str | None, str]:
    """What a column of another endpoint, named alike, says of this one."""
    stem = pair.event.lower().replace(pair.key, "*")
    for other in find_pairs(page):
        if other == pair or other.event.lower().replace(other.key or "*", "*") != stem:
            continue
        value = _plain_event(page, other)[0] or _hint(page, other)[0]
        if value is not None and value in page.held[pair.event].counts:
            return value, f'"{other.event}" is named alike, and there {value} looks like the event.'
    return None, ""


def reduced_section(page: Page, pair: Pair) -> tuple[Section, list[str]]:
    """The section of an endpoint with time and event columns; a question where words don't say.

    Returns
    -------
    tuple
        The section, and lines for `[tables.patients]` where several words mean the event.
    """
    name = pair.key or HOLE
    header = f"[endpoints.{name}]"
    label = _LABELS.get(pair.key, pair.key.upper())
    lines = [f"label = {toml(label)}"] if pair.key else []
    section = Section(header, [*lines, f"time = {toml(pair.time)}", f"event = {toml(pair.event)}"])
    blocks = (f"survival.{pair.key}", f"prognosis.{pair.key}") if pair.key else ("survival",)
    unit, unit_why = _unit_of(page, pair)
    worded, why = _worded(page, pair)
    value, value_why = (None, "") if worded else _plain_event(page, pair)
    values = [v for v in page.held[pair.event].counts if not may_be_missing(v)]
    extra: list[str] = []
    codes = False
    if worded:
        labels = page.raw.label_of.get(pair.event, {})
        happened = [v for v, w in worded.items() if w == EVENT]
        if len(values) == 2 and len(happened) == 1:
            value = labels.get(happened[0], happened[0])
            value_why = why
        else:
            extra = [f"codes.{key(pair.event)} = {toml(worded)}   # {why}"]
            value, value_why, codes = EVENT, why, True
    if unit and value is not None and pair.key:
        section.lines += [
            f"event_value = {toml(value if codes else _number(value))}   # {value_why}",
            f'time_unit = "{unit}"   # {unit_why}',
        ]
        return section, extra
    held = page.held[pair.event]
    asks: list[str] = []
    ask_lines = [
        header
        if pair.key
        else header + _plain_choices("os", "pfs", "dfs", "rfs", "efs", "ttp", "dss", "mfs"),
        *section.lines,
    ]
    if not pair.key:
        asks.append(f'"{pair.time}" and "{pair.event}" are those of which endpoint?')
    if value is not None:
        ask_lines.append(
            f"event_value = {toml(value if codes else _number(value))}   # {value_why}"
        )
    elif len(values) > 2:
        asks.append(
            f'"{pair.event}" holds {held.top()}. Which of them mean that the event happened, '
            "which censored? (Deaths of different causes are competing events: name the one that "
            "the endpoint counts.)"
        )
        inner = ", ".join(f"{toml(v)} = {HOLE}" for v in values)
        ask_lines.insert(
            0, f"codes.{key(pair.event)} = {{ {inner} }}{choices(EVENT, CENSORED, '')}"
        )
        ask_lines.append(f'event_value = "{EVENT}"')
    else:
        proposed, hint = _hint(page, pair)
        if proposed is None and pair.key:
            proposed, hint = _alike(page, pair)
        asks.append(
            f'"{pair.event}" holds {held.top()}. Which one means that the event happened? '
            "(The other one means censored.)"
        )
        if hint:
            asks.append(hint)
        offered = choices(*(_number(v) for v in values))
        put = toml(_number(proposed)) if proposed is not None else HOLE
        ask_lines.append(f"event_value = {put}{offered}")
    if unit is None:
        times = page.held[pair.time]
        asks.append(f'In which unit is "{pair.time}" ({times.low:g} to {times.high:g})?')
        ask_lines.append(f"time_unit = {HOLE}{choices('months', 'days', 'weeks', 'years')}")
    else:
        ask_lines.append(f'time_unit = "{unit}"   # {unit_why}')
    section.off = True
    section.questions.append(
        Question(pair.key or "endpoint", "\n".join(asks), ask_lines, blocks, optional=True)
    )
    return section, extra


def _plain_choices(*names: str) -> str:
    return "   # one of: " + " | ".join(names)


def dated_sections(tables: dict[str, Page], done: set[str]) -> list[Section]:
    """Endpoints from dates of the patients; what is missing for them is asked."""
    page = tables["patients"]
    there = page.ours
    out: list[Section] = []
    origin = "treatment_start" in there
    deaths = "death_date" in there or (page.contact_is_death and "vital_status" in there)
    dated = [c for c in page.raw.names if page.held[c].mostly == "date"]
    if "os" not in done and deaths and (origin or len(dated) >= 2):
        out.append(
            Section(
                "[endpoints.os]",
                [
                    'label = "OS"',
                    'from = "treatment_start"',
                    'events = ["death"]',
                    'censoring = "last_contact"',
                ],
            )
        )
    scans = [t for t in ("lesions", "assessments") if t in tables]
    if "pfs" not in done and (origin or len(dated) >= 2) and ("progression_date" in there or scans):
        rule = (
            'censoring = "last_assessment"'
            if scans
            else 'censoring = "last_contact"   # the chart has no scans; "last_assessment" is the '
            "usual rule"
        )
        lines = ['from = "treatment_start"', 'events = ["progression", "death"]', rule]
        if deaths:
            out.append(Section("[endpoints.pfs]", ['label = "PFS"', *lines]))
        else:
            out.append(_without_deaths(rule, shown="vital_status" in there))
    return out


def _without_deaths(rule: str, *, shown: bool) -> Section:
    """Progressions are dated and deaths are not: nothing but time to progression can be had."""
    section = Section("[endpoints.ttp]", off=True)
    section.questions.append(
        Question(
            "pfs",
            "The chart has dates of progression but no dates of death"
            + (" (only who died)" if shown else "")
            + ", so progression-free survival can't be had: it counts deaths. Is time to "
            "progression wanted, where deaths do not count? (yes or none; or give the column of "
            "deaths with [tables.patients] columns.death_date.)",
            [
                "[endpoints.ttp]",
                'label = "TTP"',
                'from = "treatment_start"',
                'events = ["progression"]',
                rule,
            ],
            ("survival.pfs",),
            optional=True,
        )
    )
    return section

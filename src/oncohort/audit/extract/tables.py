"""What a table's cells are, and the counts, summaries, ratios and events in them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

from oncohort.audit.document import Row, Table
from oncohort.audit.extract import names
from oncohort.audit.extract.layout import normalise
from oncohort.published.model import (
    AdverseEvent,
    Categorical,
    Continuous,
    Grade,
    Level,
    Ratio,
    Response,
    Time,
    Where,
)
from oncohort.published.rounding import could_be, interval, number

COUNT_PERCENT = re.compile(
    r"^(?P<count>\d{1,3}(?:,\d{3})+|\d+)\s*(?:/\s*(?P<of>\d+)\s*)?"
    r"[(\[]\s*(?P<percent>\d+(?:[.·]\d+)?|[.·]\d+)\s*(?P<sign>%?)\s*[)\]]\s*[*†‡§a-d]?$"
)
_COUNT = re.compile(r"^(\d{1,3}(?:,\d{3})+|\d+)$")
_PERCENT = re.compile(r"^(\d+(?:[.·]\d+)?)\s*(%?)$")
_N = re.compile(r"\bn\s*=\s*(\d[\d,]*)", re.I)
_RATIO = re.compile(
    r"^(?P<estimate>\d+(?:[.·]\d+)?)\s*[(\[]\s*(?:(?P<level>9\d(?:\.\d)?)\s*%\s*(?:CI|C\.I\.)[:,]?\s*)?"
    r"(?P<low>\d+(?:[.·]\d+)?)\s*(?:[-–—−~]|to|,|;)\s*(?P<high>\d+(?:[.·]\d+)?)\s*[)\]]$"
)
_INTERVAL = re.compile(
    r"^[(\[]?\s*(\d+(?:[.·]\d+)?)\s*(?:[-–—−~]|to|,|;)\s*(\d+(?:[.·]\d+)?)\s*[)\]]?$"
)
_MEDIAN_RANGE = re.compile(
    r"^(?P<center>\d+(?:[.·]\d+)?)\s*[(\[]\s*(?:range[:,]?\s*|IQR[:,]?\s*)?"
    r"(?P<low>\d+(?:[.·]\d+)?)\s*(?:[-–—−~]|to|,)\s*(?P<high>\d+(?:[.·]\d+)?)\s*[)\]]$",
    re.I,
)
_MEAN_SD = re.compile(
    r"^(?P<mean>\d+(?:[.·]\d+)?)\s*(?:±|\+/[-−])\s*(?P<sd>\d+(?:[.·]\d+)?)$|"
    r"^(?P<mean2>\d+(?:[.·]\d+)?)\s*[(\[]\s*(?:SD\s*)?(?P<sd2>\d+(?:[.·]\d+)?)\s*[)\]]$"
)
_CONTINUOUS = re.compile(
    r"\b(?:mean|median|average|sd|s\.d\.|iqr|range|quartiles?|interquartile|se|sem|±|"
    r"months?|duration|time|follow[- ]?up|score|index|bmi|weight|height|volume|dose|"
    r"diameter|size|cycles|rate|ratio)\b|\bage\b(?!.*(?:[<>≤≥]|group))|"
    r"\b(?:mg|g|ng|µg|μg|u|iu|mmol|cm|mm|ml|kg|m2)\s*/|,\s*(?:years?|yrs?|kg|cm|mm)\b",
    re.I,
)
_SAYS_PERCENT = re.compile(r"\(\s*%\s*\)|\bn\s*[(,]\s*%|no\.?\s*\(%\)|percent", re.I)
_PERCENT_FIRST = re.compile(r"%\s*\(\s*(?:n|no)\b|percent(?:age)?\s*\(\s*n", re.I)
_NAME_END = re.compile(
    r"(?:[\s,]*\(\s*(?:n|no\.?|number)?\s*[(,]?\s*%\s*\)+|[\s,]+(?:n|no\.?)?\s*\(?%\)?|,\s*n)\s*$",
    re.I,
)
_SKIP_TABLE = re.compile(
    r"weight(?:ed|ing)|iptw|inverse probability|standardi[sz]ed|imput|estimat(?:ed|es) "
    r"(?:prevalence|number)|meta-analy|pooled|systematic review|included studies|per 100|"
    r"person-years|simulat|previous(?:ly)? (?:reported|published)|literature|other studies|"
    r"comparison of studies|published (?:studies|trials|series)",
    re.I,
)
_MULTI_SELECT = re.compile(
    r"metastatic sites?|sites? of metasta|metastas[ei]s? sites?|site of|location|organ|"
    r"comorbid|symptom|toxicit|adverse|complication|reasons?|treatments?\b|therap(?:y|ies)\b|"
    r"agents?|drugs?|mutations?|alterations?|risk factors?|multiple|all that apply|"
    r"may have|more than one|medications?|procedures?|surger|"
    r"involve|disease sites",
    re.I,
)
_HR = re.compile(r"\b(?:a?HRs?|hazards?[- ]ratios?|HazR)\b", re.I)
_OR = re.compile(r"\b(?:a?ORs?|odds[- ]ratios?)\b")
_RR = re.compile(r"\b(?:RRs?|relative[- ]risks?|risk[- ]ratios?)\b", re.I)
_P = re.compile(r"\bp(?:[- ]?values?)?\b\s*[a-z*†]?$|\bp\b", re.I)
_CI = re.compile(r"\bCIs?\b|confidence interval|\bC\.I\.", re.I)
_EVENT_TABLE = re.compile(
    r"adverse (?:events?|reactions?|effects?)|toxicit|\bAEs?\b|\bTRAEs?\b|side effects?|safety",
    re.I,
)
_RESPONSE_ROWS: tuple[tuple[str, str], ...] = (
    (r"(?:cr|complete (?:response|remission))\b", "CR"),
    (r"(?:pr|partial (?:response|remission))\b", "PR"),
    (r"(?:sd|stable disease)\b", "SD"),
    (r"(?:pd|progressive disease|disease progression|progression)\b", "PD"),
    (
        r"(?:ne|not? evalua(?:ble|ted)|unevaluable|inevaluable|not assess(?:able|ed)|unknown)\b",
        "NE",
    ),
)
_ANY_EVENT = re.compile(
    r"^(?:patients? with )?(?:any|all|total|overall|at least one|≥ ?1)\b.*?"
    r"(?:adverse (?:events?|reactions?)|AEs?|TRAEs?|events?|toxicit(?:y|ies))\b|"
    r"^(?:any|any event|any grade|all events)$",
    re.I,
)
_ENDPOINTS: tuple[tuple[str, str], ...] = (
    (r"progression[- ]free survival|\bm?r?PFS\b", "PFS"),
    (r"overall survival|\bm?OS\b", "OS"),
    (r"disease[- ]free survival|\bDFS\b", "DFS"),
    (r"(?:recurrence|relapse)[- ]free survival|\bRFS\b", "RFS"),
    (r"metastas[ie]s[- ]free survival|\bMFS\b", "MFS"),
    (r"event[- ]free survival|\bEFS\b", "EFS"),
    (
        r"cancer[- ]specific (?:survival|mortality)|disease[- ]specific survival|\bCSS\b|\bDSS\b",
        "CSS",
    ),
    (r"time to (?:treatment failure|progression)|\bTT[FP]\b", "TTP"),
    (r"(?:objective |overall )?response rate|\bORR\b", "ORR"),
)


def endpoint_of(text: str) -> str:
    """The one endpoint that a text names; empty if none or several.

    Examples
    --------
    >>> endpoint_of("Progression-free survival (PFS)"), endpoint_of("PFS and OS")
    ('PFS', '')
    """
    found = {name for pattern, name in _ENDPOINTS if re.search(pattern, text, re.I)}
    return found.pop() if len(found) == 1 else ""


def model_of(text: str) -> str:
    """``univariable``, ``multivariable`` or empty."""
    one = bool(re.search(r"\buni-?varia|\bunadjusted|\bcrude\b", text, re.I))
    many = bool(re.search(r"\bmulti-?varia|\badjusted|\baHR\b", text, re.I)) and not re.search(
        r"\bunadjusted", text, re.I
    )
    if one == many:
        return ""
    return "univariable" if one else "multivariable"


@dataclass(slots=True)
class Found:
    """What the tables of a paper hold."""

    variables: list[Categorical] = field(default_factory=list)
    summaries: list[Continuous] = field(default_factory=list)
    responses: list[Response] = field(default_factory=list)
    ratios: list[Ratio] = field(default_factory=list)
    times: list[Time] = field(default_factory=list)
    adverse_events: list[AdverseEvent] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)


def read_tables(tables: Sequence[Table], cohort: str) -> Found:
    """Read every table. ``cohort`` is the printed size of the cohort, or empty."""
    found = Found()
    for each in tables:
        table = normalise(each)
        before = _size(found)
        try:
            _read_table(table, cohort, found)
        except (ValueError, IndexError, KeyError) as problem:
            found.unread.append(f"{table.label or 'a table'}: {problem}")
            continue
        if _size(found) == before:
            found.unread.append(f"{table.label or 'a table'}: no figures of a known kind")
    return found


def _size(found: Found) -> int:
    return (
        len(found.variables)
        + len(found.summaries)
        + len(found.responses)
        + len(found.ratios)
        + len(found.times)
        + len(found.adverse_events)
    )


def _read_table(table: Table, cohort: str, found: Found) -> None:
    everything = " ".join([table.caption, *(c for h in table.header for c in h)])
    if _SKIP_TABLE.search(everything) or _SKIP_TABLE.search(" ".join(table.notes)):
        found.unread.append(
            f"{table.label or 'a table'}: weighted, imputed, pooled or of other studies; left out"
        )
        return
    ratios = _ratio_columns(table)
    if ratios:
        found.ratios.extend(_ratios(table, ratios))
    taken = {c for group in ratios for c in group.columns}
    columns = _count_columns(table, taken, cohort)
    blocks = list(_blocks(table))
    events = list(_events(table, columns)) if _EVENT_TABLE.search(everything) else []
    graded = {g.where.column for e in events for g in e.grades}
    for column in columns:
        if column.heading not in graded:
            found.variables.extend(_categoricals(table, column, blocks))
    found.summaries.extend(_continuous(table, taken, cohort))
    found.times.extend(_times(table, cohort))
    found.responses.extend(_responses(table, columns))
    found.adverse_events.extend(events)


# ---- counts -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CountColumn:
    """A column of counts, with its percentages in the same cells or in the next column."""

    index: int
    percent: int
    """Column of the percentages; equal to ``index`` where they share a cell."""
    n: str
    heading: str
    evidence: bool
    """Whether the heading or the caption says that these are counts and percentages."""
    population: str


def _count_columns(table: Table, taken: set[int], cohort: str) -> list[CountColumn]:
    out: list[CountColumn] = []
    says = bool(_SAYS_PERCENT.search(f"{table.caption} {table.heading(0)}"))
    skip = -1
    multiple = sum(bool(_N.search(table.heading(c))) for c in range(1, table.width)) > 1
    for c in range(1, table.width):
        if c in taken or c == skip:
            continue
        cells = [r.cells[c] for r in table.rows if c < len(r.cells) and r.cells[c]]
        if not cells:
            continue
        heading = table.heading(c)
        if _PERCENT_FIRST.search(f"{heading} {table.caption}"):
            continue
        size = _N.search(heading)
        pairs = sum(bool(COUNT_PERCENT.match(x)) for x in cells)
        if pairs >= max(2, len(cells) // 4):
            evidence = says or "%" in heading
        elif (
            c + 1 < table.width
            and re.search(r"\b(?:n|no\.?|number|patients|cases|count)\b", heading, re.I)
            and re.search(r"%|percent", table.heading(c + 1), re.I)
            and sum(bool(_COUNT.match(x)) for x in cells) * 2 > len(cells)
        ):
            skip = c + 1
            evidence = True
        else:
            continue
        n = size[1].replace(",", "") if size else ""
        population = re.sub(r"\s+", " ", heading).strip()
        if not n:
            caption_n = _N.findall(table.caption)
            if len(set(caption_n)) == 1 and not multiple:
                n = caption_n[0].replace(",", "")
        out.append(CountColumn(c, skip if skip == c + 1 else c, n, heading, evidence, population))
    single = len(out) == 1 or _EVENT_TABLE.search(table.caption)
    if single and cohort and all(not column.n for column in out):
        out = [replace(column, n=cohort, population="cohort") for column in out]
    return out


@dataclass(frozen=True, slots=True)
class Block:
    """A variable: its heading row (or none) and the rows of its levels."""

    name: str
    rows: tuple[int, ...]
    heading: int | None


def _blocks(table: Table) -> Iterator[Block]:
    """Group rows under headings: a row without values heads the rows below it.

    Where the source shows indents, a row that is not indented below its heading ends the
    block; without indents, the block runs to the next heading row.
    """
    rows = table.rows
    empty = [not any(v.strip() for v in r.values) for r in rows]
    indented = any(r.indent > 0 for r in rows)
    k = 0
    while k < len(rows):
        if not empty[k]:
            yield Block(rows[k].label, (k,), None)
            k += 1
            continue
        level = rows[k].indent
        j = k + 1
        inside: list[int] = []
        while j < len(rows) and not empty[j]:
            if indented and rows[j].indent <= level:
                break
            inside.append(j)
            j += 1
        if inside:
            yield Block(rows[k].label, tuple(inside), k)
        k = max(j, k + 1)


def _pair(row: Row, column: CountColumn) -> Level | None:
    text = row.cells[column.index].strip() if column.index < len(row.cells) else ""
    if column.percent == column.index:
        match = COUNT_PERCENT.match(text)
        if match is None:
            plain = _COUNT.match(text)
            return Level(row.label, plain[1].replace(",", "")) if plain else None
        return Level(
            row.label,
            match["count"].replace(",", ""),
            match["percent"].replace("·", "."),
            match["of"] or "",
        )
    count = _COUNT.match(text)
    percent = _PERCENT.match(row.cells[column.percent].strip())
    if count is None:
        return None
    return Level(
        row.label, count[1].replace(",", ""), percent[1].replace("·", ".") if percent else ""
    )


def place(table: Table, row: Row, column: int, variable: str = "") -> Where:
    """Where a cell stands."""
    label = f"{variable}: {row.label}" if variable and variable != row.label else row.label
    return Where(
        table.section or "table",
        table.label,
        label,
        table.heading(column),
        table.page,
        row.quote,
    )


def _categoricals(
    table: Table, column: CountColumn, blocks: Sequence[Block]
) -> Iterator[Categorical]:
    for block in blocks:
        heading = table.rows[block.heading].label if block.heading is not None else ""
        levels: list[Level] = []
        complete = True
        missing = ""
        for k in block.rows:
            row = table.rows[k]
            level = _pair(row, column)
            if level is None:
                complete = False
                continue
            says = (
                column.evidence
                or "%" in row.label
                or "%" in heading
                or "%" in row.cells[column.index]
            )
            if level.percent and not says:
                level = replace(level, percent="")
                complete = False
            if (
                re.match(
                    r"^(?:unknown|missing|not (?:available|reported|known|done)|n/?a)\b",
                    row.label,
                    re.I,
                )
                and not level.percent
            ):
                missing = level.count
                continue
            if _CONTINUOUS.search(row.label if block.heading is None else heading) and not (
                len(block.rows) > 1 and names.threshold(row.label)
            ):
                complete = False
                if block.heading is None or _CONTINUOUS.search(row.label):
                    continue
            levels.append(replace(level, where=place(table, row, column.index, heading)))
        if not levels:
            continue
        exclusive = (
            complete
            and block.heading is not None
            and len(levels) > 1
            and not _MULTI_SELECT.search(heading)
            and not _EVENT_TABLE.search(table.caption)
        )
        yield Categorical(
            _NAME_END.sub("", heading or levels[0].label).strip(),
            tuple(levels),
            column.population,
            column.n,
            column.index,
            exclusive,
            missing,
            Where(table.section or "table", table.label, heading, column.heading, table.page),
        )


# ---- means and medians --------------------------------------------------------------------


def _continuous(table: Table, taken: set[int], cohort: str) -> Iterator[Continuous]:
    data = [c for c in range(1, table.width) if c not in taken]
    heading = ""
    for row in table.rows:
        if not any(v.strip() for v in row.values):
            heading = row.label
            continue
        label = row.label
        told = f"{heading} {label}" if row.indent > 0 or heading == "" else label
        median = re.search(r"\bmedian\b", label, re.I)
        mean = re.search(r"\bmean\b|±|\bSD\b", label, re.I)
        if not median and not mean and row.indent > 0:
            median = re.search(r"\bmedian\b", heading, re.I)
            mean = re.search(r"\bmean\b|±|\bSD\b", heading, re.I)
        if endpoint_of(told):
            continue
        age = re.search(r"\bage\b", told, re.I)
        for c in data:
            if c >= len(row.cells):
                continue
            text = row.cells[c].strip()
            n = _N.search(table.heading(c))
            size = n[1].replace(",", "") if n else (cohort if len(data) == 1 else "")
            spread_says = f"{told} {table.heading(c)} {text}"
            spread = (
                "quartiles"
                if re.search(r"\bIQR\b|quartile|Q1|25", spread_says, re.I)
                else "range"
                if re.search(r"range|min", spread_says, re.I)
                else "interval"
                if _CI.search(spread_says)
                else ""
            )
            name = re.sub(
                r"\b(?:median|mean|range|years?|yrs?|IQR|SD|interquartile)\b|[(),;±\[\]–-]",
                " ",
                told,
                flags=re.I,
            )
            name = re.sub(r"\s+", " ", name).strip() or told
            where = place(table, row, c, heading if told != label else "")
            middle = _MEDIAN_RANGE.match(text)
            if middle and median and not mean:
                yield Continuous(
                    name,
                    n=size,
                    median=middle["center"],
                    low=middle["low"],
                    high=middle["high"],
                    spread=spread,
                    unit="years" if age else "",
                    whole=bool(age),
                    where=where,
                )
                continue
            both = _MEAN_SD.match(text)
            says_sd = re.search(r"\bSD\b|±|standard deviation", spread_says, re.I)
            if both and mean and says_sd and not median:
                yield Continuous(
                    name,
                    n=size,
                    mean=both["mean"] or both["mean2"],
                    sd=both["sd"] or both["sd2"],
                    unit="years" if age else "",
                    whole=bool(age),
                    where=where,
                )


# ---- median times -------------------------------------------------------------------------


def _times(table: Table, cohort: str) -> Iterator[Time]:
    """Median times to an event; bound to the cohort only in a table of one column."""
    heading = ""
    data = [c for c in range(1, table.width) if any(r.cells[c].strip() for r in table.rows)]
    for row in table.rows:
        if not any(v.strip() for v in row.values):
            heading = row.label
            continue
        label = f"{heading} {row.label}" if row.indent else row.label
        endpoint = endpoint_of(label)
        unit = re.search(r"\b(month|year|week|day)s?\b", f"{label} {table.caption}", re.I)
        if (
            not endpoint
            or endpoint == "ORR"
            or unit is None
            or not re.search(r"median", label, re.I)
        ):
            continue
        if re.search(r"%(?!\s*CI)|rate|HR|hazard|events?\b", label):
            continue
        for c in data:
            middle = _MEDIAN_RANGE.match(row.cells[c].strip()) or _RATIO.match(row.cells[c].strip())
            groups = middle.groupdict() if middle else {}
            value = groups.get("center") or groups.get("estimate") or ""
            size = _N.search(table.heading(c))
            whole = len(data) == 1 and (size is None or size[1] == cohort)
            if not value:
                continue
            yield Time(
                endpoint,
                value.replace("·", "."),
                unit[1].lower() + "s",
                groups["low"].replace("·", "."),
                groups["high"].replace("·", "."),
                "interval" if _CI.search(label + table.heading(c)) else "",
                "95" if _CI.search(label + table.heading(c)) else "",
                "cohort" if whole and cohort and _plain_label(row.label) else "",
                where=place(table, row, c, heading if row.indent else ""),
            )


def _plain_label(label: str) -> bool:
    """Whether a row is of everybody: its label names no group."""
    return not re.search(
        r"\b(?:with|in|for|arm|group|responders|patients|stage|risk)\b", label, re.I
    )


# ---- responses ----------------------------------------------------------------------------


def response_of(label: str) -> str:
    """CR, PR, SD, PD or NE; empty if the label is none of them alone.

    Examples
    --------
    >>> response_of("Partial response (PR)"), response_of("CR + PR")
    ('PR', '')
    """
    text = label.strip().lower()
    if re.search(r"[+/]|\bor\b|\band\b", text):
        return ""
    for pattern, name in _RESPONSE_ROWS:
        if re.match(pattern + r"\s*(?:\(?\w{0,4}\)?)?\s*,?\s*(?:n?\s*\(?%?\)?)?$", text):
            return name
    return ""


def _responses(table: Table, columns: Sequence[CountColumn]) -> Iterator[Response]:
    for column in columns:
        levels: list[Level] = []
        for row in table.rows:
            name = response_of(row.label)
            level = _pair(row, column) if name else None
            if level is not None and name:
                levels.append(replace(level, label=name, where=place(table, row, column.index)))
        kinds = [level.label for level in levels]
        if {"CR", "PR", "SD"} <= set(kinds) and len(kinds) == len(set(kinds)):
            yield Response(
                tuple(levels),
                column.population,
                column.n,
                Where(table.section or "table", table.label, "", column.heading, table.page),
            )


# ---- adverse events -----------------------------------------------------------------------

_GRADES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(?:any|all)[- ]?grades?|grades?:?\s*(?:any|all)\b|grades?\s*[1I]\s*[-–]\s*(?:[45]|IV|V)\b", re.I), "any"),
    (re.compile(r"(?:≥|>=|⩾)\s*(?:grade\s*)?(?:3|III)\b|(?:grade|G)\s*(?:≥|>=|⩾)\s*(?:3|III)\b|(?:grade\s*)?3\s*(?:≤|<=|⩽)|grades?\s*(?:3|III)\s*(?:[-–/,]|or|and|to)\s*(?:4|5|IV|V)\b|grade\s*3\s*(?:or (?:higher|more|greater|above|worse)|\+)|G3\s*[-–/]\s*G?[45]|high[- ]grade", re.I), ">=3"),
    (re.compile(r"grades?\s*(?:1|I)\s*(?:[-–/,]|or|and|to)\s*(?:2|II)\b", re.I), "1-2"),
    (re.compile(r"grades?\s*(?:4|IV)\b", re.I), "4"),
    (re.compile(r"grades?\s*(?:3|III)\b", re.I), "3"),
)  # fmt: skip


def grade_of(heading: str) -> str:
    """Grade that a heading names; empty if none or several.

    Examples
    --------
    >>> grade_of("Grade 3≤"), grade_of("All grades"), grade_of("Grade 3-4"), grade_of("n (%)")
    ('>=3', 'any', '>=3', '')
    """
    found = [name for pattern, name in _GRADES if pattern.search(heading)]
    if ">=3" in found:
        found = [f for f in found if f not in {"3", "4"}]
    return found[0] if len(found) == 1 else ""


def _events(table: Table, columns: Sequence[CountColumn]) -> Iterator[AdverseEvent]:
    groups: list[list[tuple[CountColumn, str]]] = []
    for column in columns:
        grade = grade_of(column.heading)
        if not grade:
            continue
        outer = next(
            (h[column.index] for h in table.header if h[column.index] and not grade_of(h[column.index])),
            "",
        )  # fmt: skip
        if (
            not groups
            or any(g == grade for _, g in groups[-1])
            or _outer(table, groups[-1][-1][0]) != outer
        ):
            groups.append([])
        groups[-1].append((column, grade))
    for index, group in enumerate(groups):
        for row in table.rows:
            cells = []
            for column, grade in group:
                level = _pair(row, column)
                if level is None:
                    continue
                cells.append(
                    Grade(
                        grade,
                        level.count,
                        level.percent,
                        column.n,
                        place(table, row, column.index),
                    )
                )
            if cells:
                yield AdverseEvent(
                    row.label,
                    tuple(cells),
                    bool(_ANY_EVENT.match(row.label)),
                    group[0][0].population,
                    index,
                    place(table, row, group[0][0].index),
                )
            elif not any(v.strip() for v in row.values):
                yield AdverseEvent(row.label, (), False, "", index, place(table, row, 0))


def _outer(table: Table, column: CountColumn) -> str:
    return next(
        (h[column.index] for h in table.header if h[column.index] and not grade_of(h[column.index])),
        "",
    )  # fmt: skip


# ---- ratios -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RatioColumns:
    """Columns of one analysis: estimate, interval, p."""

    kind: str
    endpoint: str
    model: str
    estimate: int
    interval: int | None
    p: int | None

    @property
    def columns(self) -> tuple[int, ...]:
        return tuple(c for c in (self.estimate, self.interval, self.p) if c is not None)


def _ratio_columns(table: Table) -> list[RatioColumns]:
    out: list[RatioColumns] = []
    width = table.width
    leaves = [table.heading(c) for c in range(width)]
    kinds = []
    for c in range(width):
        last = table.header[-1][c] if table.header and c < len(table.header[-1]) else ""
        text = last or leaves[c]
        kind = (
            "HR"
            if _HR.search(text)
            else "OR"
            if _OR.search(text)
            else "RR"
            if _RR.search(text)
            else ""
        )
        kinds.append(kind if c else "")
    for c in range(1, width):
        if not kinds[c] or (c > 1 and kinds[c - 1] and _is_interval_column(table, c)):
            continue
        stop = next(
            (k for k in range(c + 1, width) if kinds[k] and not _is_interval_column(table, k)),
            width,
        )
        between = range(c + 1, min(stop, c + 4))
        ci = next((k for k in between if _is_interval_column(table, k)), None)
        p = next((k for k in between if _P.search(_leaf(table, k)) and k != ci), None)
        context = f"{table.heading(c)}"
        endpoint = endpoint_of(context) or endpoint_of(table.caption)
        model = model_of(context) or model_of(table.caption)
        out.append(RatioColumns(kinds[c], endpoint, model, c, ci, p))
    return out


def _leaf(table: Table, column: int) -> str:
    for row in reversed(table.header):
        if column < len(row) and row[column].strip():
            return row[column].strip()
    return ""


def _is_interval_column(table: Table, column: int) -> bool:
    if not _CI.search(_leaf(table, column)):
        return False
    cells = [
        r.cells[column].strip()
        for r in table.rows
        if column < len(r.cells) and r.cells[column].strip()
    ]
    return bool(cells) and sum(bool(_INTERVAL.match(x)) for x in cells) * 2 >= len(
        [x for x in cells if re.search(r"\d", x)]
    )


_REFERENCE = re.compile(
    r"^(?:1(?:\.0+)?)?\s*[(\[]?\s*(?:ref(?:erence)?\.?|referent)?\s*[)\]]?$", re.I
)


def _ratios(table: Table, groups: Sequence[RatioColumns]) -> Iterator[Ratio]:
    heading = ""
    heading_indent = 0
    block: list[Row] = []
    contexts: dict[int, tuple[str, tuple[str, ...], str]] = {}
    for k, row in enumerate(table.rows):
        blank = not any(v.strip() for v in row.values)
        if blank:
            if row.label:
                heading, heading_indent = row.label, row.indent
                block = [r for r in _below(table, k)]
            continue
        in_block = bool(heading) and row in block
        if not in_block:
            heading = ""
        levels = tuple(r.label for r in block) if in_block else ()
        reference = ""
        if in_block:
            refs = [r.label for r in block if _is_reference(r, groups)]
            reference = refs[0] if len(refs) == 1 else ""
        contexts[k] = (heading if in_block else "", levels, reference)
    del heading_indent
    for k, (name, levels, reference) in contexts.items():
        row = table.rows[k]
        for group in groups:
            text = row.cells[group.estimate].strip() if group.estimate < len(row.cells) else ""
            both = _RATIO.match(text)
            estimate = low = high = ""
            if both:
                estimate, low, high = both["estimate"], both["low"], both["high"]
            elif _PERCENT.match(text) and "%" not in text:
                estimate = text
            if not estimate:
                continue
            if group.interval is not None and not low:
                span = _INTERVAL.match(row.cells[group.interval].strip())
                if span:
                    low, high = span[1], span[2]
            p = ""
            if group.p is not None and group.p < len(row.cells):
                p = _p_text(row.cells[group.p])
            if re.fullmatch(r"1(?:\.0+)?", estimate) and not low and not p:
                continue
            if not low and not p:
                continue
            sides = names.contrast(row.label)
            heading_sides = names.contrast(name) if name else None
            if sides:
                variable, contrast, level, ref = sides
                variable = variable or name or contrast
            elif heading_sides and len(levels) <= 1:
                variable, contrast, level, ref = heading_sides
            elif name and reference and reference != row.label:
                variable, level, ref = name, row.label, reference
                contrast = f"{level} versus {ref}"
            else:
                variable, contrast, level, ref = (
                    (name or row.label),
                    "",
                    (row.label if name else ""),
                    "",
                )
            endpoint = group.endpoint or endpoint_of(name)
            population = _ratio_population(table, group)
            yield Ratio(
                re.sub(r"\s+", " ", variable),
                group.kind,
                endpoint,
                group.model,
                contrast,
                level,
                ref,
                estimate.replace("·", "."),
                low.replace("·", "."),
                high.replace("·", "."),
                "95" if low else "",
                p,
                _test_of(_leaf(table, group.p) if group.p is not None else ""),
                bool(sides) or (bool(reference) and len(levels) == 2),
                population,
                place(table, row, group.estimate, name),
            )


_OTHER_COHORT = re.compile(
    r"\b(?:validation|training|external|internal|test(?:ing)? (?:set|cohort)|TCGA|SEER|GEO|subgroup|"
    r"derivation|discovery|matched|cohort (?:[A-D1-4]\b|I+\b))",
    re.I,
)


def _ratio_population(table: Table, group: RatioColumns) -> str:
    """Number of patients that the table names; ``other`` where it is of another cohort."""
    text = f"{table.caption} {table.heading(group.estimate)}"
    if _OTHER_COHORT.search(text):
        return "other"
    sizes = {n.replace(",", "") for n in _N.findall(text)}
    return sizes.pop() if len(sizes) == 1 else ("other" if sizes else "")


def _below(table: Table, start: int) -> list[Row]:
    """Rows that belong to the heading row ``start``."""
    level = table.rows[start].indent
    indented = any(r.indent > level for r in table.rows[start + 1 : start + 2])
    out: list[Row] = []
    for row in table.rows[start + 1 :]:
        if not any(v.strip() for v in row.values):
            break
        if indented and row.indent <= level:
            break
        out.append(row)
    return out


def _is_reference(row: Row, groups: Sequence[RatioColumns]) -> bool:
    texts = [row.cells[g.estimate].strip() for g in groups if g.estimate < len(row.cells)]
    texts = [t for t in texts if re.search(r"\w", t)]
    return bool(texts) and all(_REFERENCE.match(t) for t in texts)


def _p_text(cell: str) -> str:
    text = re.sub(r"[*†‡§]+$|\s*\([^)]*\)$", "", cell.strip()).strip()
    text = re.sub(r"^[pP]\s*(?==|<|>|≤|≥)", "", text)
    text = re.sub(r"^=\s*", "", text).replace("·", ".").replace(" ", "")
    read = number(text)
    return text if read is not None and 0 <= read.value <= 1 else ""


def _test_of(text: str) -> str:
    if re.search(r"log[- ]?rank", text, re.I):
        return "log-rank"
    if re.search(r"wald", text, re.I):
        return "Wald"
    if re.search(r"likelihood", text, re.I):
        return "likelihood-ratio"
    return ""


def percent_sum(levels: Sequence[Level]) -> tuple[Fraction, Fraction] | None:
    """Least and greatest true sum of the levels' percentages; None if one is not printed."""
    low = high = Fraction(0)
    for level in levels:
        allowed = interval(level.percent) if level.percent else None
        if allowed is None:
            return None
        low += allowed.low
        high += allowed.high
    return low, high


def fits(level: Level, denominator: int) -> bool:
    """Whether a printed count and percentage agree with a denominator."""
    return (
        bool(level.count and level.percent)
        and int(level.count) <= denominator
        and could_be(int(level.count), denominator, level.percent)
    )

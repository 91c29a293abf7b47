"""A new study: protocol and workbook template, or a protocol drafted from a chart."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from oncohort.problems import OutputError, Place, ReadError, Severity, problem
from oncohort.protocol import Protocol, parse_protocol
from oncohort.records.columns import as_list
from oncohort.records.joining import join
from oncohort.records.matching import SURE, match_table, profiles
from oncohort.records.repeats import Repeat
from oncohort.records.sources import ENDINGS
from oncohort.records.sources.redcap import find_dictionary, is_dictionary
from oncohort.records.values import text_of
from oncohort.study.draft_core import core_questions_of, settle_contact
from oncohort.study.draft_endpoints import (
    Pair,
    dated_sections,
    find_pairs,
    reduced_section,
)
from oncohort.study.draft_tables import (
    best_change,
    covariate_questions,
    repeat_section,
    slug,
    table_section,
    variable_sections,
)
from oncohort.study.drafting import (
    Page,
    Question,
    Section,
    number_questions,
    read_pages,
    render,
    toml,
)
from oncohort.study.questions import HOLE, NUMBER, choices
from oncohort.vocabulary.tables import TABLES

COPIED = 100_000_000
"""Charts up to so many bytes are copied into the study; larger ones are pointed at."""


@dataclass(frozen=True, slots=True)
class NewStudy:
    """What was written, and what is open."""

    folder: Path
    protocol: Protocol
    questions: tuple[Question, ...] = ()
    notes: tuple[str, ...] = ()

    def lines(self) -> list[str]:
        """What to tell the user."""
        out = [f"Protocol: {self.folder / Protocol.FILE}", *self.notes]
        if self.questions:
            n = len(self.questions)
            out.append(f"{n} open question{'' if n == 1 else 's'}, most important first:")
            for q in self.questions:
                waits = f" (waiting: {', '.join(q.blocks)})" if q.blocks else ""
                first, *rest = q.text.split("\n")
                out.append(f"  {q.number}. {q.name}: {first}{waits}")
                out += [f"     {line}" for line in rest]
            out.append(f'Answer them with: oncohort answer {self.folder} NAME "..."')
        out.append(f"Next: oncohort check {self.folder}")
        return out


def new_study(directory: Path | str, source: Path | str | None = None) -> NewStudy:
    """Start a study in a folder.

    Parameters
    ----------
    directory
        The study's folder; made where it is not there. A protocol that is there is not touched.
    source
        A chart (file, or folder of files) to draft the protocol from. It is copied into the
        folder (very large ones are pointed at) and never changed. Without it, a commented
        protocol and an empty workbook are written.

    Raises
    ------
    OutputError
        There is a protocol already, or files would be overwritten.
    ReadError
        The chart can't be read, or no sheet of it holds patients. Nothing is written.
    """
    folder = Path(directory)
    if (folder / Protocol.FILE).exists():
        raise OutputError(
            f"{folder / Protocol.FILE} is there already. Name another folder, or edit it."
        )
    if source is None:
        return _empty(folder)
    source = Path(source)
    if not source.exists():
        said = problem("files.missing", place=Place(file=str(source)), name=source, nearest="")
        raise ReadError("", [said])
    files = _files(source)
    pages = [page for f in files if not is_dictionary(f) for page in read_pages(f, f.name)]
    text, questions, notes = draft(folder, source, pages, len(files) > 1)
    protocol = parse_protocol(text)
    folder.mkdir(parents=True, exist_ok=True)
    _copy(source, folder)
    if source.is_file() and _data_path(source, folder) == source.name:
        _copy_dictionary(source, pages, folder)
    (folder / Protocol.FILE).write_text(text, encoding="utf-8")
    return NewStudy(folder, protocol, tuple(questions), tuple(notes))


def _files(source: Path) -> list[Path]:
    if source.is_file():
        return [source]
    found = [
        p
        for p in sorted(source.iterdir())
        if p.is_file() and p.suffix.lower() in ENDINGS and not p.name.startswith((".", "~$"))
    ]
    if not found:
        said = problem("files.missing", "folder", place=Place(file=str(source)), name=source)
        raise ReadError("", [said])
    return found


def _data_path(source: Path, folder: Path) -> str:
    """How the protocol names the data."""
    inside = source.resolve()
    if inside.is_relative_to(folder.resolve()) and inside != folder.resolve():
        return inside.relative_to(folder.resolve()).as_posix()
    if source.is_file() and source.stat().st_size > COPIED:
        return str(inside)
    return source.name if source.is_file() else "data"


def _copy(source: Path, folder: Path) -> None:
    name = _data_path(source, folder)
    target = folder / name
    if target.resolve() == source.resolve() or Path(name).is_absolute():
        return
    if target.exists():
        raise OutputError(f"{target} is there already; it is not overwritten.")
    if source.is_file():
        shutil.copyfile(source, target)
        return
    target.mkdir(parents=True)
    for file in _files(source):
        shutil.copyfile(file, target / file.name)


def _copy_dictionary(source: Path, pages: list[Page], folder: Path) -> None:
    """A REDCap data dictionary goes with its export: the labels come from it."""
    names = tuple(dict.fromkeys(n for p in pages for n in p.raw.names))
    found = find_dictionary(source, names) if source.suffix.lower() == ".csv" else None
    if found is not None and not (folder / found[0].name).exists():
        shutil.copyfile(found[0], folder / found[0].name)


def _no_patients(pages: list[Page], source: Path) -> ReadError:
    problems = [p for page in pages for p in page.problems if p.severity is Severity.ERROR]
    seen = "; ".join(f"{p.name}: {p.why}" for p in pages)
    columns = ", ".join(pages[0].raw.names[:15]) if pages and pages[0].raw.names else ""
    problems.append(
        problem(
            "files.no-patients",
            "seen",
            place=Place(file=source.name),
            seen=seen,
            todo=f"""Name the column with the patient's number "patient". Columns: {columns}."""
            if columns
            else "",
        )
    )
    return ReadError("", problems)


def draft(
    folder: Path, source: Path, pages: list[Page], several_files: bool
) -> tuple[str, list[Question], list[str]]:
    """The protocol's text, its open questions and what to tell the user.

    Raises
    ------
    ReadError
        No sheet holds patients.
    """
    tables: dict[str, Page] = {}
    unused: list[Page] = []
    for page in pages:
        if page.table is not None and page.table not in tables:
            tables[page.table] = page
        else:
            unused.append(page)
    if "patients" not in tables:
        tables = {"patients": _rows_as_patients(pages, source), **tables}
        unused = [p for p in unused if p is not tables["patients"]]
    patients = tables["patients"]
    if "patient" not in patients.ours:
        if not patients.raw.height:
            raise _no_patients(pages, source)
        patients.by_row = True
    joins = [] if patients.by_row else _join_patients(patients, unused)
    ignored = _ignored(patients)
    patients.matches = [m for m in patients.matches if m.column not in ignored]
    settle_contact(patients)
    notes: list[str] = []
    repeats = [r for r in patients.repeats if r.table not in tables]
    repeated = {c for r in repeats for c in r.columns}
    pairs = [p for p in find_pairs(patients) if not {p.time, p.event} & (ignored | repeated)]
    paired = {c for p in pairs for c in (p.time, p.event)}
    patients.matches = [m for m in patients.matches if m.column not in paired | repeated]

    sections: list[Section] = []
    for page in tables.values():
        section = table_section(
            page,
            several_files,
            sum(p.sheet is not None for p in pages if p.file == page.file) > 1,
            repeated if page is patients else set(),
        )
        hidden = {p.column for p in page.personal} if page is not patients else set()
        hidden -= {page.ours.get("patient")}
        if page is patients and ignored:
            section.comments += [
                f"Personal data, not read: {p.column} ({p.words}). {p.advice} in the chart itself."
                for p in page.personal
                if p.column in ignored
            ]
            section.lines.append(f"ignore = {toml(sorted(ignored))}")
            notes.append(
                f"Personal data were found and are not read: {', '.join(sorted(ignored))}."
            )
        elif hidden:
            section.lines.append(f"ignore = {toml(sorted(hidden))}")
        if page is patients and joins:
            section.lines.append(f"join = [{', '.join(joins)}]")
            section.comments.append("Further sheets with one row per patient are joined.")
        for d in page.decisions:
            section.comments.append(d.what)
        for p in page.problems:
            section.comments.append(f"{p.severity.value.capitalize()}: {p.what} {p.todo}".strip())
        if page.hidden:
            section.comments.append("The sheet is hidden.")
        sections.append(section)
    sections += [repeat_section(patients, r, several_files) for r in repeats]
    for page in unused:
        sections[0].comments.append(
            f"{page.name} is not read: "
            + (f"{page.table} is there already" if page.table else page.why)
            + ". To read it: [tables.NAME] "
            + (f"sheet = {toml(page.sheet)}" if page.sheet else f"file = {toml(page.file)}")
            + (f", range = {toml(page.range)}" if page.range else "")
            + (f", where = {toml(page.where)}" if page.where else "")
        )

    sections[0].questions += _stacked(patients, unused)
    variables, left = variable_sections(patients, paired | repeated, ignored)
    sections[0].comments += left
    sections[0].questions += covariate_questions(patients, variables)
    analysis, extra = _analysis(tables, patients, pairs, repeats)
    sections[0].lines += extra
    core_lines, core_questions = core_questions_of(patients, {p.key for p in pairs}, repeated)
    sections[0].lines += core_lines
    sections[0].questions += core_questions
    sections += analysis
    sections += variables
    sections += _baseline_and_prognosis(variables, sections)
    questions = number_questions(sections)
    text = render(_head(folder, source, patients, pages, questions), sections)
    return text, questions, notes


_ALL = (
    "flow",
    "baseline",
    "response",
    "survival",
    "sensitivity",
    "prognosis",
    "arms",
    "safety",
    "exposure",
)
"""Results that count patients."""


def _stacked(patients: Page, unused: list[Page]) -> list[Question]:
    """A question where another sheet has the same columns and other patients."""
    out = []
    for page in unused:
        shared = set(page.raw.names) & set(patients.raw.names)
        if len(shared) < 0.7 * max(len(patients.raw.names), 1) or len(shared) < 3:
            continue
        out.append(
            Question(
                "stacked",
                f"{page.name} has the same columns as {patients.name} and {page.raw.height} "
                "further rows, which are not read. Put both on one sheet (or in one file) and "
                "start again; or say none, where they are not meant.",
                [],
                _ALL,
                optional=True,
            )
        )
    return out


def _rows_as_patients(pages: list[Page], source: Path) -> Page:
    """The sheet whose rows are the patients, where no column names them.

    Raises
    ------
    ReadError
        No sheet holds anything that is known of patients.
    """
    best: tuple[float, Page] | None = None
    for page in pages:
        if page.table is not None or not page.raw.height or page.where:
            continue
        if "several rows" in page.why:
            continue
        matches = match_table(page.raw, TABLES["patients"], page.held)
        known = sum(m.confidence >= SURE for m in matches) + 2 * len(find_pairs(page))
        if known and (best is None or known > best[0]):
            best = (known, page)
    if best is None:
        raise _no_patients(pages, source)
    page = best[1]
    page.table, page.why = "patients", "each row is taken for a patient: no column names them"
    page.matches = [
        m for m in match_table(page.raw, TABLES["patients"], page.held) if m.ours != "patient"
    ]
    return page


def _join_patients(patients: Page, unused: list[Page]) -> list[str]:
    """Join further sheets with one row per patient; gives the entries for the protocol.

    Only where at least half of their patients are those of the first sheet.
    """
    out: list[str] = []
    key = patients.ours["patient"]
    known = {text_of(v) for v in as_list(patients.raw.column(key)) if v is not None}
    for page in list(unused):
        other = page.ours.get("patient")
        if page.table != "patients" or other is None or page.where or patients.where:
            continue
        theirs = {text_of(v) for v in as_list(page.raw.column(other)) if v is not None}
        if len(known & theirs) < 0.5 * max(len(theirs), 1):
            continue
        entry: dict[str, object] = {"patient": other}
        if page.sheet is not None:
            entry["sheet"] = page.sheet
        if page.file != patients.file:
            entry["file"] = page.file
        if page.range:
            entry["range"] = page.range
        elif page.raw.header_row and page.raw.header_row != 1:
            entry["header_row"] = page.raw.header_row
        out.append("{ " + ", ".join(f"{k} = {toml(v)}" for k, v in entry.items()) + " }")
        patients.raw, _ = join(patients.raw, key, page.raw, other)
        patients.personal += [p for p in page.personal if p.column != other]
        unused.remove(page)
    if out:
        patients.held = profiles(patients.raw)
        patients.matches = match_table(patients.raw, TABLES["patients"], patients.held)
    return out


def _ignored(page: Page) -> set[str]:
    """Personal columns that are left unread: all but those that the study needs."""
    ours = page.ours
    needed = {ours.get("patient")}
    if "age" not in ours:
        needed.add(ours.get("birth_date"))
    return {p.column for p in page.personal if p.column not in needed}


def _head(
    folder: Path, source: Path, patients: Page, pages: list[Page], questions: list[Question]
) -> list[str]:
    title = folder.resolve().name.replace("_", " ").replace("-", " ").strip().capitalize()
    head = [
        f"# Drafted from {source.name}: {patients.raw.height} patients in {patients.name}.",
        "# What is plain is written down; behind each match stand its confidence and evidence.",
    ]
    if questions:
        waiting = [q for q in questions if q.blocks]
        head.append(
            f"# {len(questions)} open questions are marked QUESTION below; results wait for "
            f"{len(waiting)} of them."
        )
    head += [
        "",
        "[study]",
        "schema = 1",
        f"title = {toml(title or 'A study')}",
        '# disease = "..."',
        '# treatment = "..."',
        f"data = {toml(_data_path(source, folder))}",
        "# cutoff = 2016-09-30   # data cutoff: later events do not count",
        'time_unit = "months"',
    ]
    return head


def _analysis(
    tables: dict[str, Page], patients: Page, pairs: list[Pair], repeats: list[Repeat]
) -> tuple[list[Section], list[str]]:
    """Response, endpoints, safety and exposure, as far as the chart has them; and lines for
    `[tables.patients]` that the endpoints need."""
    out: list[Section] = []
    extra: list[str] = []
    made = {r.table for r in repeats} | set(tables)
    source = next(
        (s for s in ("lesions", "assessments") if s in made),
        "charted" if "best_response" in patients.ours else None,
    )
    if source is not None:
        section = Section("[response]", [f'source = "{source}"'])
        change = best_change(patients)
        if change is not None and source == "charted":
            held = patients.held[change]
            section.lines.append(f"best_change = {toml(change)}")
            if held.low is not None and held.high is not None and abs(held.low) <= 1.0:
                section.questions.append(
                    Question(
                        "best_change_unit",
                        f'"{change}" goes from {held.low:g} to {held.high:g}. Are these fractions '
                        "or percent?",
                        [f"best_change_unit = {HOLE}{choices('fraction', 'percent')}"],
                        ("response.waterfall",),
                    )
                )
        out.append(section)
    for pair in pairs:
        section, lines = reduced_section(patients, pair)
        out.append(section)
        extra += lines
    done = {p.key for p in pairs} | ({"os"} if any(not p.key for p in pairs) else set())
    known = {**tables, **dict.fromkeys((r.table for r in repeats), patients)}
    out += dated_sections(known, done)
    if "adverse_events" in made:
        section = Section("[safety]", off=True)
        section.questions.append(
            Question(
                "ctcae",
                "Which version of CTCAE do the grades follow?",
                [
                    "[safety]",
                    f"criteria = {HOLE}{choices('CTCAE 5.0', 'CTCAE 4.03', 'CTCAE 3.0')}",
                ],
                ("safety",),
                optional=True,
            )
        )
        out.append(section)
    if "doses" in tables:
        out += _exposure(tables["doses"])
    return out, extra


def _exposure(page: Page) -> list[Section]:
    """One question per drug: what was planned. The commonest dose is proposed."""
    from collections import Counter

    drugs, amounts = page.ours.get("drug"), page.ours.get("amount")
    if drugs is None or amounts is None:
        return []
    given: dict[str, Counter[str]] = {}
    rows = zip(as_list(page.raw.column(drugs)), as_list(page.raw.column(amounts)), strict=True)
    for drug, amount in rows:
        if drug is not None and isinstance(amount, int | float) and amount > 0:
            given.setdefault(text_of(drug), Counter())[f"{amount:g}"] += 1
    out: list[Section] = []
    taken: set[str] = set()
    for drug, counts in list(given.items())[:8]:
        name = slug(drug, taken)
        taken.add(name)
        amount, times = counts.most_common(1)[0]
        question = Question(
            f"dose_{name}",
            f'What dose of "{drug}" was planned? (The commonest is {amount}, {times} times.)',
            [
                f"[exposure.{name}]",
                f"label = {toml(drug)}",
                f"amount = {HOLE}{choices(NUMBER)}",
                f"unit = {HOLE}{choices('mg', 'mg/m2', 'mg/kg')}",
                f"times_per_day = {HOLE}{choices(NUMBER)}",
            ],
            ("exposure",),
            optional=True,
        )
        out.append(Section(f"[exposure.{name}]", questions=[question], off=True))
    return out


BASELINE = 40
"""Variables that are put into Table I; the others are declared and can be added."""


def _baseline_and_prognosis(variables: list[Section], sections: list[Section]) -> list[Section]:
    keys = [s.header[11:-1] for s in variables if not s.off]
    out: list[Section] = []
    if keys:
        table = Section("[baseline]", [f"variables = {toml(keys[:BASELINE])}"])
        if len(keys) > BASELINE:
            rest = ", ".join(keys[BASELINE:])
            table.comments.append(f"Declared, and not in Table I: {rest}")
        out.append(table)
    endpoints = [s.header[11:-1] for s in sections if s.header.startswith("[endpoints.")]
    if keys and endpoints and out:
        out[-1].comments += [
            "To test variables for prognosis, name those meant before the data were seen:",
            "  [prognosis]",
            f"  endpoints = {toml(endpoints)}",
            '  candidates = ["..."]',
        ]
    return out


def _empty(folder: Path) -> NewStudy:
    from oncohort.study.template import write_template

    text = write_template(folder)
    return NewStudy(
        folder,
        parse_protocol(text),
        notes=(f"Workbook to fill in: {folder / 'data.xlsx'}",),
    )

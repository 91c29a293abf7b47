"""The whole audit of a paper, and of a folder of papers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from oncohort.audit import checks
from oncohort.audit.document import Paper
from oncohort.audit.extract.paper import extract
from oncohort.audit.finding import Finding
from oncohort.audit.judged import by_measure
from oncohort.audit.readers import PAGES, SUFFIXES, is_paper, read_bytes, read_paper
from oncohort.audit.readers.bounds import bounded
from oncohort.audit.readers.text import read_text
from oncohort.audit.report import AuditReport
from oncohort.audit.wanted import wanted
from oncohort.problems import ReadError
from oncohort.published.model import Published
from oncohort.regular_files import regular

_NAMED = 5


def audit(
    paper: str | Path, *, unusual: bool = False, timeout: float | None = None
) -> list[Finding]:
    """Find the figures of a paper that can't be true.

    Parameters
    ----------
    paper
        Path of a file (plain text, JATS XML, Word, PDF, published figures as TOML), or the text
        of a paper itself (a string with more than one line).
    unusual
        Whether to give what is legal but worth a look, too.
    timeout
        Seconds that a file may take; it is then read in a process of its own.

    Returns
    -------
    list of Finding
        Most certain first.

    Raises
    ------
    oncohort.problems.ReadError
        If the paper can't be read at all, or not one figure is read in it.

    Examples
    --------
    >>> text = '''Results
    ...
    ... Of the 42 patients, 30 (71.4%) were men. A grade 3 event was seen in 16 patients (31.8%).
    ... '''
    >>> [f.certainty.value for f in audit(text)]
    ['impossible']
    """
    report = audit_report(paper, unusual=unusual, timeout=timeout)
    if report.error:
        raise ReadError(report.error)
    return list(report.shown(unusual))


def audit_report(
    paper: str | Path, *, unusual: bool = False, timeout: float | None = None
) -> AuditReport:
    """The audit of one paper with all that was read, checked and left out; it never raises.

    A paper that can't be read, or in which not one figure is read, gives a report with ``error``
    set. ``unusual`` also runs the checks that take seconds and can't say more than *unusual* (the
    exact range of p). A file is read in a process of its own if ``timeout`` (seconds) is given;
    a PDF always is.
    """
    is_text = isinstance(paper, str) and "\n" in paper
    if not is_text and (timeout is not None or _is_pdf(Path(paper))):
        from oncohort.audit.batch import TIMEOUT, audit_limited

        limit = TIMEOUT if timeout is None else timeout
        return audit_limited(str(paper), unusual=unusual, timeout=limit)
    return report_here(paper, unusual=unusual)


def _is_pdf(path: Path) -> bool:
    try:
        with regular(path).open("rb") as file:
            return b"%PDF-" in file.read(1024)
    except OSError:
        return False


def report_here(paper: str | Path, *, unusual: bool = False) -> AuditReport:
    """The audit in this process, without a limit on time or memory."""
    is_text = isinstance(paper, str) and "\n" in paper
    source = "text" if is_text else str(paper)
    try:
        if is_text:
            text = str(paper)
            if text.lstrip().startswith("<"):
                document = read_bytes(text.encode("utf-8", "replace"), source="text")
            else:
                document = bounded(read_text(text, source="text"))
        else:
            path = Path(paper)
            if path.suffix.lower() == ".toml":
                from oncohort.published.toml import read_published

                return audit_published(read_published(path), source=source, unusual=unusual)
            document = read_paper(path)
    except ReadError as problem:
        return AuditReport(source, error=str(problem))
    published, unread = extract(document)
    report = audit_published(published, source=source, unread=unread, unusual=unusual)
    return report if report.read else replace(report, error=_nothing(document, source))


def read_figures(paper: str | Path) -> Published:
    """The figures that the audit reads of a paper, with the populations that they belong to.

    Raises
    ------
    oncohort.problems.ReadError
        If the paper can't be read at all.
    """
    return extract(read_paper(Path(paper)))[0]


def _nothing(document: Paper, source: str) -> str:
    """Why not one figure was read: what there was to read."""
    letters = sum(len(p.text) for p in document.paragraphs if p.kind != "heading")
    tables = len(document.tables)
    if not letters and not tables:
        held = "it holds no running text and no table"
    else:
        held = (
            f"none of a known kind in {letters} characters of text and {tables} "
            f"table{'' if tables == 1 else 's'}"
        )
    return (
        f"{source}: not one figure could be read: {held}; give the whole paper with its results, "
        "best as the journal's XML or as .docx"
    )


def audit_published(
    published: Published,
    *,
    source: str = "figures",
    unread: Sequence[str] = (),
    unusual: bool = False,
) -> AuditReport:
    """The audit of figures that were read already."""
    log = checks.run(published, unusual=unusual)
    return AuditReport(
        source,
        by_measure(log.findings),
        log.read_count,
        log.checked_count,
        tuple(unread),
        tuple(log.not_checked),
        wanted=wanted(published, log),
        title=" ".join(published.title.split()),
    )


def papers_in(paths: Iterable[str | Path]) -> list[Path]:
    """Files to audit: each path itself, or every paper in a folder, sorted by name."""
    out: list[Path] = []
    for each in map(Path, paths):
        if each.is_dir():
            out += sorted(p for p in each.rglob("*") if p.is_file() and is_paper(p))
        else:
            out.append(each)
    return out


def left_out(paths: Iterable[str | Path]) -> str:
    """Pages of folders (Markdown, HTML) without the headings of a paper, which are not read.

    Examples
    --------
    >>> left_out([])
    ''
    """
    pages = [
        p
        for folder in map(Path, paths)
        if folder.is_dir()
        for p in sorted(folder.rglob("*"))
        if p.suffix.lower() in PAGES and p.is_file() and not is_paper(p)
    ]
    if not pages:
        return ""
    shown = ", ".join(map(str, pages[:_NAMED]))
    more = f" and {len(pages) - _NAMED} more" if len(pages) > _NAMED else ""
    return (
        f"Left out, since without the headings of a paper: {shown}{more}; name a file to have it "
        "read all the same"
    )


def no_papers(paths: Iterable[str | Path]) -> str:
    """What folders without a paper hold instead, and what was looked for.

    Examples
    --------
    >>> no_papers([])[:62]
    'There is no paper there; looked for: .txt, .text, .xml, .nxml,'
    """
    folders = [Path(p) for p in paths]
    others = Counter(
        p.suffix.lower() or "without an ending"
        for folder in folders
        for p in folder.rglob("*")
        if p.is_file()
    )
    held = ", ".join(f"{count} {ending}" for ending, count in others.most_common(5))
    where = f"in {', '.join(map(str, folders))}" if folders else "there"
    line = (
        f"There is no paper {where}; looked for: {', '.join(SUFFIXES)}, and {', '.join(PAGES)} "
        "with the headings of a paper"
    )
    return f"{line}. Found: {held}; name a file to have it read all the same" if held else line


def audit_many(
    paths: Sequence[str | Path],
    *,
    unusual: bool = False,
    workers: int | None = None,
    progress: Callable[[AuditReport, int, int], None] | None = None,
    timeout: float = 120.0,
) -> list[AuditReport]:
    """Audit many papers in parallel; one bad paper never stops the others.

    Parameters
    ----------
    paths
        Files, or folders (all papers below them).
    unusual
        Whether to run the checks, too, that can't say more than *unusual*.
    workers
        Processes; by default one per core. With 0 all is done in this process, without limits.
    progress
        Called after each paper with its report, how many are done, and how many there are.
    timeout
        Seconds that a single paper may take.

    Returns
    -------
    list of AuditReport
        In the order of the files.
    """
    files = papers_in(paths)
    if workers == 0:
        reports = []
        for k, path in enumerate(files):
            reports.append(report_here(path, unusual=unusual))
            if progress:
                progress(reports[-1], k + 1, len(files))
        return reports
    from oncohort.audit.batch import audit_in_processes

    return audit_in_processes(
        files, unusual=unusual, workers=workers, progress=progress, timeout=timeout
    )

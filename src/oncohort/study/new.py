"""A new study: protocol and workbook template, or a protocol drafted from a chart."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from oncohort.dataclass import dataclass
from oncohort.problems import OutputError, Place, ReadError, problem
from oncohort.protocol import Protocol, parse_protocol
from oncohort.records.sources import ENDINGS
from oncohort.records.sources.redcap import find_dictionary, is_dictionary
from oncohort.study.draft import draft
from oncohort.study.drafting import Page, Question, read_pages, title_of, written
from oncohort.vocabulary.unseen import coded
from oncohort.whole_folders import whole_folder

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
                waits = f" (waiting: {', '.join(q.waits)})" if q.waits else ""
                first, *rest = q.text.split("\n")
                out.append(f"  {q.number}. {q.name}: {first}{waits}")
                out += [f"     {line}" for line in rest]
            out.append(f'Answer them with: oncohort answer {self.folder} NAME "..."')
        out.append(f"Next: oncohort check {self.folder}")
        return out


def new_study(
    directory: Path | str, source: Path | str | Sequence[Path | str] | None = None
) -> NewStudy:
    """Start a study in a folder.

    Parameters
    ----------
    directory
        The study's folder; made where it is not there. A protocol that is there is not touched.
    source
        A chart (a file, several, or a folder of files) to draft the protocol from. It is copied
        into the folder (very large ones are pointed at) and never changed. Without it, a commented
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
    many = [source] if isinstance(source, Path | str) else list(source or ())
    if not many:
        return _empty(folder)
    sources = [Path(one) for one in many]
    for one in sources:
        if not one.exists():
            wrong = problem("files.missing", place=Place(file=str(one)), name=one, nearest="")
            raise ReadError("", [wrong])
    files = [f for one in sources for f in _files(one)]
    _refuse_twice(files)
    source = sources[0]
    pages = [page for f in files if not is_dictionary(f) for page in read_pages(f, f.name)]
    title = title_of(folder)
    data = _data_path(source, folder) if len(sources) == 1 else "data"
    if data != written(data):
        raise OutputError(
            f"{source}: its name has letters that no file of text can hold; rename it."
        )
    text, questions, notes = draft(title, data, source, pages, several_files=len(files) > 1)
    text = coded(text)  # comments quote the chart, too
    protocol = parse_protocol(text)
    with _whole(folder) as made:
        if len(sources) == 1:
            _copy(source, folder, made)
        else:
            _copy_files(files, made / data)
        if len(sources) == 1 and source.is_file() and _data_path(source, folder) == source.name:
            _copy_dictionary(source, pages, folder, made)
        (made / Protocol.FILE).write_text(text, encoding="utf-8", newline="\n")
    return NewStudy(folder, protocol, tuple(questions), tuple(notes))


def _refuse_twice(files: Sequence[Path]) -> None:
    """Files of one chart stand in one folder: none may have the name of another.

    Raises
    ------
    OutputError
        Two files have one name.
    """
    for file in files:
        same = [f for f in files if f.name == file.name and f != file]
        if same or sum(f == file for f in files) > 1:
            raise OutputError(
                f"Two files are called {file.name}: name each chart once, or rename one."
            )


def _files(source: Path) -> list[Path]:
    if not source.is_dir():
        return [source]  # a pipe or a device is refused by the reader
    found = [
        p
        for p in sorted(source.iterdir())
        if p.is_file() and p.suffix.lower() in ENDINGS and not p.name.startswith((".", "~$"))
    ]
    if not found:
        wrong = problem("files.missing", "folder", place=Place(file=str(source)), name=source)
        raise ReadError("", [wrong])
    return found


def _data_path(source: Path, folder: Path) -> str:
    """How the protocol names the data."""
    inside = source.resolve()
    if inside.is_relative_to(folder.resolve()) and inside != folder.resolve():
        return inside.relative_to(folder.resolve()).as_posix()
    if source.is_file() and source.stat().st_size > COPIED:
        return str(inside)
    return source.name if source.is_file() else "data"


def _copied(source: Path, target: Path) -> None:
    """The chart beside the protocol, readable by the user alone from the first byte on."""
    target.touch(mode=0o600, exist_ok=False)
    shutil.copyfile(source, target)


@contextmanager
def _whole(folder: Path) -> Iterator[Path]:
    """All files of the new study, or none (a full disk, a killed process)."""
    try:
        with whole_folder(folder, private=True) as made:
            yield made
    except FileExistsError as error:
        raise OutputError(f"{error.filename} is there already; it is not overwritten.") from error
    except OSError as error:
        raise OutputError(f"{folder} can't be written: {error.strerror or error}.") from error


def _copy(source: Path, folder: Path, made: Path) -> None:
    """The chart, into the new study."""
    name = _data_path(source, folder)
    if (folder / name).resolve() == source.resolve() or Path(name).is_absolute():
        return
    if source.is_file():
        _copied(source, made / name)
        return
    _copy_files(_files(source), made / name)


def _copy_files(files: Sequence[Path], target: Path) -> None:
    """Several files of a chart, into a folder of their own."""
    target.mkdir(parents=True)
    for file in files:
        _copied(file, target / file.name)


def _copy_dictionary(source: Path, pages: list[Page], folder: Path, made: Path) -> None:
    """A REDCap data dictionary goes with its export: the labels come from it."""
    names = tuple(dict.fromkeys(n for p in pages for n in p.raw.names))
    found = find_dictionary(source, names) if source.suffix.lower() == ".csv" else None
    if found is not None and not (folder / found[0].name).exists():
        _copied(found[0], made / found[0].name)


def _empty(folder: Path) -> NewStudy:
    from oncohort.study.template import write_template

    with _whole(folder) as made:
        text = write_template(folder, made)
    return NewStudy(
        folder,
        parse_protocol(text),
        notes=(f"Workbook to fill in: {folder / 'data.xlsx'}",),
    )

"""What a column of the chart is taken for, changed in the protocol's text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oncohort.protocol.references import nearest
from oncohort.study.answering import AnswerError, follow, forget_column, set_value
from oncohort.vocabulary.boundaries import Parsed
from oncohort.vocabulary.tables import TABLES
from oncohort.vocabulary.unseen import coded_edits

if TYPE_CHECKING:
    from tomlkit import TOMLDocument


def left_out(text: str, table: str, column: str) -> str:
    """The protocol with a column of the chart left out, with all that rests on it.

    Examples
    --------
    >>> print(left_out('[tables.patients]\\ncolumns.sex = "Sex"\\n', "patients", "Sex"))
    [tables.patients]
    ignore = ["Sex"]
    """
    doc = _parsed(text, table)
    forget_column(doc, table, column)
    here: Parsed = doc["tables"][table]
    if "columns" in here and not here["columns"]:
        del here["columns"]
    _unlisted(here, "hash", column)
    return _written(doc, text)


def read_again(text: str, table: str, column: str) -> str:
    """The protocol with a column no longer left out."""
    doc = _parsed(text, table)
    _unlisted(doc["tables"][table], "ignore", column)
    _unlisted(doc["tables"][table], "hash", column)
    return _written(doc, text)


def hashed(text: str, table: str, column: str) -> str:
    """The protocol with a column's values replaced by codes before anything is done with them.

    Examples
    --------
    >>> print(hashed('[tables.patients]\\ncolumns.patient = "MRN"\\n', "patients", "MRN"))
    [tables.patients]
    columns.patient = "MRN"
    hash = ["MRN"]
    """
    doc = _parsed(text, table)
    _unlisted(doc["tables"][table], "ignore", column)
    set_value(doc, ("tables", table, "hash"), [column])
    return _written(doc, text)


def taken_for(text: str, table: str, column: str, ours: str) -> str:
    """The protocol with a column of the chart taken for one of ours.

    Examples
    --------
    >>> print(taken_for('[tables.patients]\\nignore = ["PD"]\\n', "patients", "PD",
    ...                 "progression_date"))
    [tables.patients]
    ignore = []
    columns = {progression_date = "PD"}

    Raises
    ------
    AnswerError
        The table has no such column.
    """
    known = ("patient", *TABLES[table].kinds) if table in TABLES else ()
    if ours not in known:
        raise AnswerError(f"The table {table} has no column {ours}. {nearest(ours, known)}")
    doc = _parsed(text, table)
    set_value(doc, ("tables", table, "columns", ours), column)
    _unlisted(doc["tables"][table], "ignore", column)
    follow(doc, ("tables", table, "columns", ours), column)
    return _written(doc, text)


def _parsed(text: str, table: str) -> TOMLDocument:
    import tomlkit

    doc = tomlkit.parse(text)
    if table not in TABLES:
        raise AnswerError(f"There is no table {table}.")
    tables: Parsed = doc.setdefault("tables", tomlkit.table(is_super_table=True))
    if table not in tables:
        tables[table] = tomlkit.table()
    return doc


def _unlisted(table: Parsed, key: str, column: str) -> None:
    if column in table.get(key, []):
        table[key].remove(column)


def _written(doc: TOMLDocument, before: str) -> str:
    import tomlkit

    return coded_edits(before, tomlkit.dumps(doc))

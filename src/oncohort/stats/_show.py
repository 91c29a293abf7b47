"""How results show themselves: tidy tables, and text for a terminal and a notebook."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

from oncohort.vocabulary.plurals import counted

if TYPE_CHECKING:
    import pandas
    import polars

Row = dict[str, Any]
LONGEST = 60
"""Letters of a label in a table or a sentence."""
MOST = 12
"""Labels that a sentence lists."""


class Shown:
    """Base of results: subclasses say `title`, `rows` and `notes`."""

    __slots__ = ()

    def _title(self) -> str:
        raise TypeError(f"{type(self).__name__} has no title")  # pragma: no cover

    def _rows(self) -> Sequence[Row]:
        """Rows of the tidy table: plain values, none where there is no number."""
        raise TypeError(f"{type(self).__name__} has no rows")  # pragma: no cover

    def _notes(self) -> Sequence[str]:
        return ()

    def _printed(self) -> Sequence[Row]:
        """Rows for people, where they differ from the tidy table."""
        return self._rows()

    def to_frame(self) -> polars.DataFrame:
        """Tidy polars table; a number that does not exist is null."""
        import polars as pl

        return pl.DataFrame(list(self._rows()), infer_schema_length=None)

    def to_pandas(self) -> pandas.DataFrame:
        """The same table as a pandas frame."""
        import pandas as pd

        return pd.DataFrame(list(self._rows()))

    def __repr__(self) -> str:
        rows = list(self._printed())
        heads = list(rows[0]) if rows else []
        cells = [[cut(_text(row[head])) for head in heads] for row in rows]
        width = [max(len(head), *(len(row[j]) for row in cells)) for j, head in enumerate(heads)]
        left = [j == 0 or any(isinstance(row[h], str) for row in rows) for j, h in enumerate(heads)]
        lines = [self._title()]
        for line in [heads, *cells] if rows else []:
            lines.append(
                "  ".join(
                    text.ljust(w) if is_left else text.rjust(w)
                    for text, w, is_left in zip(line, width, left, strict=True)
                ).rstrip()
            )
        return "\n".join([*lines, *(note for note in self._notes() if note)])

    def _repr_html_(self) -> str:
        rows = list(self._printed())
        heads = list(rows[0]) if rows else []
        head = "".join(f"<th>{escape(h)}</th>" for h in heads)
        body = "".join(
            "<tr>" + "".join(f"<td>{escape(_text(row[h]))}</td>" for h in heads) + "</tr>"
            for row in rows
        )
        notes = "<br>".join(escape(note) for note in self._notes() if note)
        return (
            f"<p><b>{escape(self._title())}</b></p>"
            f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table><p>{notes}</p>"
        )


def named(labels: Iterable[object]) -> str:
    """Labels in a sentence; long ones, and long lists of them, are cut.

    Examples
    --------
    >>> named(["a", 1]), named([]), len(named(["x" * 32_000]))
    ('"a", "1"', 'none', 62)
    """
    every = list(labels)
    shown = [f'"{cut(str(label))}"' for label in every[:MOST]]
    return ", ".join(shown) + (", ..." if len(every) > MOST else "") or "none"


def cut(text: str) -> str:
    """A label as it is printed: its first letters where it is long.

    Examples
    --------
    >>> cut("short"), len(cut("x" * 32_000))
    ('short', 60)
    """
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..."


def stack(frames: Sequence[polars.DataFrame]) -> polars.DataFrame:
    """Tables of one shape below each other; labels of different kinds become text."""
    import polars as pl

    out = list(frames)
    for name in ("cause", "group"):
        kinds = {frame.schema[name] for frame in out if name in frame.columns}
        if len(kinds) > 1 and pl.String in kinds:
            out = [frame.with_columns(pl.col(name).cast(pl.String)) for frame in out]
    return pl.concat(out, how="vertical_relaxed")


def with_interval(value: float, low: float | None, high: float | None) -> str:
    """ "0.4667 (0.3154 to 0.6904)"; the number alone where its interval is not known.

    Examples
    --------
    >>> with_interval(7 / 15, 0.31536, 0.69036), with_interval(0.5, None, 0.9)
    ('0.4667 (0.3154 to 0.6904)', '0.5')
    """
    ends = "" if low is None or high is None else f" ({_text(low)} to {_text(high)})"
    return _text(value) + ends


def _text(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.4g}" if abs(value) < 1e4 else f"{value:.6g}"
    return str(value)


def p_text(p: float | None) -> str:
    """A p-value for a sentence: ``p = 0.0123``, ``p < 0.0001`` or ``p not estimable``."""
    if p is None or p != p:
        return "p not estimable"
    return "p < 0.0001" if p < 0.0001 else f"p = {p:.4f}"


def p_cell(p: float | None) -> str:
    """The same for a cell of a table; never 0."""
    return p_text(p).removeprefix("p ").removeprefix("= ")


def ratio_cell(value: float | None) -> str:
    """A ratio with four digits; words where it is not a finite number."""
    if value is None or value != value:
        return "not estimable"
    return f"{value:.4g}" if abs(value) < float("inf") else "infinite"


def range_cell(low: float | None, high: float | None) -> str:
    """``low to high``; one word where neither end can be estimated."""
    ends = [plain(e) if e is not None else None for e in (low, high)]
    if ends[0] is None and (ends[1] is None or low is None or low != low):
        return "not estimable"
    return f"{ratio_cell(low)} to {ratio_cell(high)}"


def left_out_text(left_out: Mapping[str, int]) -> str:
    """Rows left out, in words; empty where none were."""
    if not left_out:
        return ""
    return "Left out: " + "; ".join(f"{counted(n, 'row')}, {why}" for why, n in left_out.items())


def plain(value: float) -> float | None:
    """The number, or none where it is not a finite one."""
    number = float(value)
    return number if -float("inf") < number < float("inf") else None

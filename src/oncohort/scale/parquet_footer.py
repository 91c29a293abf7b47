"""What a Parquet file says of itself: how many bytes its columns unpack to, and its row groups.

The footer is Thrift in its compact protocol; field numbers are those of Apache Parquet's
``parquet.thrift`` (FileMetaData 4: row groups; RowGroup 1: columns, 3: number of rows;
ColumnChunk 3: metadata; ColumnMetaData 6: total uncompressed size).
"""

from __future__ import annotations

from dataclasses import field
from pathlib import Path

from oncohort.dataclass import dataclass

UNPACKED = 50_000_000
UNPACKED_PER_BYTE = 100
"""Bytes that the columns may unpack to, at least and for each byte of the file."""
MAX_ROWS_PER_BYTE = 20
"""Rows of a long file for each of its bytes; ids of patients alone take more room."""
_MOST = 64_000_000
"""Bytes of a footer; a longer one is not looked into."""
_DEEP = 60
_STOP, _TRUE, _FALSE, _BYTE, _DOUBLE, _BINARY, _LIST, _SET, _MAP, _STRUCT = (
    *(0, 1, 2, 3, 7, 8, 9, 10, 11, 12),
)
Path_ = tuple[int, ...]
_WANTED: Path_ = (4, 1, 3, 6)
_ROWS: Path_ = (4, 3)


def unpacked_bytes(path: Path) -> int | None:
    """Bytes that the columns of a file unpack to, all together; None where it does not say.

    Dictionaries and runs of equal values count as they are stored, so that an ordinary file
    unpacks to a few times its size.
    """
    reader = _read(path)
    return None if reader is None else reader.total


def row_groups(path: Path) -> list[int]:
    """Rows of each group of rows, which are read and unpacked together; none if it does not say."""
    reader = _read(path)
    return [] if reader is None else reader.groups


def _read(path: Path) -> _Compact | None:
    """The footer; none where it is damaged: the reader of the data says so."""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        if size < 12:
            return None
        file.seek(size - 8)
        length = int.from_bytes(file.read(4), "little")
        if length > min(size - 12, _MOST):
            return None
        file.seek(size - 8 - length)
        footer = file.read(length)
    reader = _Compact(footer)
    try:
        reader.struct((), 0)
    except (IndexError, ValueError):
        return None
    return reader


def too_much(path: Path, rows: int) -> str:
    """Why a file claims more than any table of that size holds; empty if it does not."""
    size = path.stat().st_size
    unpacked = unpacked_bytes(path)
    if unpacked is not None and unpacked > UNPACKED + UNPACKED_PER_BYTE * size:
        return f"has {size:,} bytes, and unpacks to {unpacked:,}"
    if rows > max(1_000_000, MAX_ROWS_PER_BYTE * size):
        return f"claims {rows:,} rows in {size:,} bytes"
    return ""


@dataclass(slots=True)
class _Compact:
    """A pass over a footer that takes the wanted numbers and skips all else."""

    data: bytes
    at: int = 0
    total: int = 0
    groups: list[int] = field(default_factory=list)

    def _varint(self) -> int:
        value = shift = 0
        while True:
            byte = self.data[self.at]
            self.at += 1
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
            shift += 7
            if shift > 70:
                raise ValueError("no number is so long")

    def _signed(self) -> int:
        value = self._varint()
        return (value >> 1) ^ -(value & 1)

    def _forward(self, count: int) -> None:
        self.at += count
        if self.at > len(self.data):
            raise IndexError

    def struct(self, path: Path_, deep: int) -> None:
        """The fields of a struct, up to its end."""
        number = 0
        while True:
            head = self.data[self.at]
            self.at += 1
            if head == _STOP:
                return
            step, kind = head >> 4, head & 0x0F
            number = number + step if step else self._signed()
            if kind not in (_TRUE, _FALSE):  # a flag has its value in its kind
                self._value(kind, (*path, number), deep + 1)

    def _value(self, kind: int, path: Path_, deep: int) -> None:
        if deep > _DEEP:
            raise ValueError("nested too far")
        if kind == _BYTE or kind in (_TRUE, _FALSE):
            self._forward(1)
        elif kind == _DOUBLE:
            self._forward(8)
        elif kind == _BINARY:
            self._forward(self._varint())
        elif kind in (_LIST, _SET):
            self._list(path, deep)
        elif kind == _MAP:
            self._map(path, deep)
        elif kind == _STRUCT:
            self.struct(path, deep)
        else:
            number = self._signed()
            if path == _WANTED:
                self.total += max(0, number)
            elif path == _ROWS:
                self.groups.append(max(0, number))

    def _list(self, path: Path_, deep: int) -> None:
        head = self.data[self.at]
        self.at += 1
        count = head >> 4 if head >> 4 != 15 else self._varint()
        if count > len(self.data):
            raise ValueError("more entries than bytes")
        for _ in range(count):
            self._value(head & 0x0F, path, deep + 1)

    def _map(self, path: Path_, deep: int) -> None:
        count = self._varint()
        if not count:
            return
        kinds = self.data[self.at]
        self.at += 1
        if count > len(self.data):
            raise ValueError("more entries than bytes")
        for _ in range(count):
            self._value(kinds >> 4, (*path, -1), deep + 1)
            self._value(kinds & 0x0F, (*path, -1), deep + 1)

"""Tables: one immutable model, and a builder for each table of a paper."""

from oncohort.displays.tables.model import Cell, Column, Row, Table, cell, group, header_lines, row

__all__ = ["Cell", "Column", "Row", "Table", "cell", "group", "header_lines", "row"]

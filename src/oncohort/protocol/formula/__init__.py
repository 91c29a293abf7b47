"""Formulas of derived variables: a small grammar of our own, read into a tree; nothing is run."""

from oncohort.protocol.formula.parsing import FormulaError, parse
from oncohort.protocol.formula.tree import Expression, Operand, operands

__all__ = ["Expression", "FormulaError", "Operand", "operands", "parse"]

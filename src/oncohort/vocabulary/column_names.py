"""Names of columns that polars takes for patterns of names."""

from __future__ import annotations


def is_pattern(name: str) -> bool:
    """Would polars take a name for a pattern of names: ``*``, ``^.*$``?

    Examples
    --------
    >>> is_pattern("*"), is_pattern("^age$"), is_pattern("age*")
    (True, True, False)
    """
    return name == "*" or (name.startswith("^") and name.endswith("$"))


def plain_name(name: str) -> str:
    """A column's name that means itself alone.

    Examples
    --------
    >>> plain_name("*"), plain_name("^age$"), plain_name("age")
    ('column *', 'column ^age$', 'age')
    """
    return f"column {name}" if is_pattern(name) else name

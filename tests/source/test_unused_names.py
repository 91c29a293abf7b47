"""What is named once in the whole source is used by nothing: neither code, nor page, nor data."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src" / "oncohort"
WORD = re.compile(r"[A-Za-z_]\w*")
NAMED = re.compile(
    r"^(?:(?:async )?def|class) +(\w+)|^    (?:async )?def +(\w+)|^(\w+)(?:: [^=\n]+)? = "
    r"|^    (\w+): ",
    re.M,
)
CALLED_FROM_OUTSIDE = {
    # by asyncio and by pickle
    "connection_lost", "connection_made", "data_received", "find_class",
    # by the import system
    "get_code",
    # by html.parser
    "handle_starttag", "handle_endtag", "handle_data",
    # by string.Formatter and by notebooks
    "format_field", "get_value", "_repr_html_", "to_pandas",
    # by the file's name, by an engine between hospitals, and by scripts
    "read_html", "read_jats", "read_pdf", "read_word", "carried_answer", "example_patients",
    # of a result, for its reader
    "df_error",
}  # fmt: skip


def decorated(text: str, at: int) -> bool:
    """Whether what stands at this place is handed to a decorator, which may keep it."""
    before = text[:at].rstrip("\n").rpartition("\n")[2].strip()
    return before.startswith("@") or before in (")", ")  # type: ignore[untyped-decorator]")


def unused(files: Mapping[str, str]) -> list[str]:
    """Names that are given in Python files and stand nowhere else."""
    times = Counter(w for text in files.values() for w in WORD.findall(text))
    return sorted(
        f"{file}: {name}"
        for file, text in files.items()
        if file.endswith(".py")
        for found in NAMED.finditer(text)
        if not decorated(text, found.start())
        for name in found.groups()
        if name and times[name] == 1 and not name.startswith("__")
    )


def test_nothing_is_named_and_never_used() -> None:
    files = {
        p.relative_to(SOURCE).as_posix(): p.read_text("utf-8")
        for ending in ("py", "html", "j2", "toml")
        for p in SOURCE.rglob(f"*.{ending}")
    }
    found = [f for f in unused(files) if f.split()[-1] not in CALLED_FROM_OUTSIDE]
    assert found == []


@pytest.mark.parametrize("line", ["def lost(): pass", "class A:\n    lost: int", "lost = 3"])
def test_a_name_that_stands_once_is_found(line: str) -> None:
    assert "a.py: lost" in unused({"a.py": line, "b.py": "A"})
    assert unused({"a.py": line, "b.py": "A lost"}) == []

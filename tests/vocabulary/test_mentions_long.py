"""Names as long as a text are read by their beginning."""

from __future__ import annotations

from oncohort.vocabulary.mentions import LONGEST, mentions, without_words


def test_a_name_says_what_it_is_at_its_beginning() -> None:
    assert mentions("Date of death" + " x" * 5000, "death")
    assert not mentions("x " * LONGEST + "date of death", "death")
    behind = "y" * 5000
    assert without_words(f"dose {behind}", "dose") == behind

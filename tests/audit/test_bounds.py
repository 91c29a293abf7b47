"""Long papers take time in proportion to their length: each piece is looked at once."""

from __future__ import annotations

from oncohort.audit.readers.lines import join


def test_a_word_that_was_hyphenated_is_put_together_where_the_text_has_it_whole() -> None:
    lines = ["a long-", "itudinal study with long-", "term follow-up"]
    text = "Longitudinal studies are rare."
    assert join(lines, text) == "a longitudinal study with long-term follow-up"
    assert join(lines, "") == "a long-itudinal study with long-term follow-up"
    assert join(["", "x", "y-", "Z"], "yz") == "x y- Z"


def test_a_text_of_thirty_thousand_rows_of_figures_is_joined() -> None:
    out = join(["1 (2)  3 (4)-", "a"] * 15_000, "1 (2)")
    assert out.startswith("1 (2) 3 (4)- a 1 (2)")

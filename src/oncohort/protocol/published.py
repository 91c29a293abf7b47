"""`[published]`: the figures of a paper that this study's are set beside."""

from __future__ import annotations

from oncohort.protocol.base import Key, Section


class PublishedFigures(Section):
    """Printed figures of a paper, compared with this study's own one by one.

    For an analysis done again, a later look at the same cohort, or a synthetic twin.
    """

    figures: str = "figures.toml"
    """File in the study folder with the printed figures, in the form that `oncohort twin` reads."""
    certificate: str = ""
    """Certificate of `oncohort twin` for these figures, which says what no patients can have."""
    label: str = "the published cohort"
    """What the tables call the paper."""
    variables: dict[str, Key] = {}
    """The paper's name of a variable to the key here, where they differ."""
    levels: dict[Key, dict[str, Key]] = {}
    """Per variable here: the paper's name of a level to the key of the level here."""

"""Scores with a lowest and a highest value: beyond them a figure is a slip."""

from __future__ import annotations

import re

from oncohort.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Score:
    """A published score: the names by which charts call it, and its ends."""

    called: str
    """A pattern that the name of a column has, in small letters."""
    least: float
    most: float


SCORES = (
    # Epstein et al., Am J Surg Pathol 2016;40:244-52: a sum of two patterns of 1 to 5; groups 1-5.
    Score(r"^gleason([ _](score|sum|total))?$", 2, 10),
    Score(r"^(isup|grade[ _]group|isup[ _]grade([ _]group)?)$", 1, 5),
    # Saklad, Anesthesiology 1941;2:281-4, as the ASA has it now.
    Score(r"^asa([ _](score|class|grade|ps))?$", 1, 6),
    # Pugh et al., Br J Surg 1973;60:646-9: five items of 1 to 3.
    Score(r"^child[ _-]?pugh([ _](score|points))?$", 5, 15),
    # Kamath et al., Hepatology 2001;33:464-70, with the limits of UNOS.
    Score(r"^meld([ _]score)?$", 6, 40),
    # Charlson et al., J Chronic Dis 1987;40:373-83; with age: 1994;47:1245-51.
    Score(r"^(charlson|cci)([ _](score|index|comorbidity[ _]index))?$", 0, 37),
    # Bellera et al., Ann Oncol 2012;23:2166-72.
    Score(r"^g8([ _]score)?$", 0, 17),
    # Elston and Ellis, Histopathology 1991;19:403-10: three items of 1 to 3.
    Score(r"^(nottingham|elston[ _-]?ellis|bloom[ _-]?richardson)([ _]score)?$", 3, 9),
    # Barrington et al., J Clin Oncol 2014;32:3048-58.
    Score(r"^deauville([ _]score)?$", 1, 5),
    # N Engl J Med 1993;329:987-94; Solal-Celigny et al., Blood 2004;104:1258-65.
    Score(r"^(ipi|flipi)([ _]score)?$", 0, 5),
    # Teasdale and Jennett, Lancet 1974;2:81-4.
    Score(r"^(gcs|glasgow[ _]coma[ _]scale)$", 3, 15),
)


def score_of(name: str) -> Score | None:
    """The score that a column's name means.

    Examples
    --------
    >>> score_of("Gleason score").most, score_of("ASA").least, score_of("gleason primary")
    (10, 1, None)
    """
    text = re.sub(r"\s+", " ", name.strip().lower())
    return next((s for s in SCORES if re.search(s.called, text)), None)

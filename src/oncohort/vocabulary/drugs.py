"""Generic names of drugs, told by their endings."""

from __future__ import annotations

import re

DRUG = re.compile(
    r"(?:tinib|fenib|anib|lisib|parib|ciclib|degib|zomib|sertib|rafenib|metinib|zumab|ximab|mumab"
    r"|limab|lumab|rubicin|platin|taxel|tecan|citabine|citabin|citabina|posid|poside|trexed"
    r"|trexate|limus|toclax|lutamide?|domide?|trozol|oxifen|estrant|fosfamide?|fosfamida|zolomide?|melphalan|mustine?"
    r"|vedotin|deruxtecan|relin|relix)(?:e|o|a|um|ie)?$"
)
"""Endings of generic names, in the languages of Europe: `cisplatino`, `Cisplatine`."""


def is_drug(word: str) -> bool:
    """Does a word in small letters without accents end as the generic name of a cancer drug?

    Examples
    --------
    >>> [is_drug(w) for w in ("sunitinib", "cisplatino", "nivolumab", "lenalidomide", "status")]
    [True, True, True, True, False]
    """
    return DRUG.search(word) is not None

"""Names of columns that number rows or samples, and may not name patients."""

from __future__ import annotations

from oncohort.records.names import fold

ROW_NUMBERS = frozenset(
    fold(n)
    for n in (
        *("no", "nr", "#", "number", "num", "index", "row", "rownames", "rowname", "row names"),
        *("unnamed: 0", "obs", "s no", "sno", "sl no", "sr no", "serial no", "serial number"),
        *("lfd nr", "lfd nummer", "laufende nummer", "n°", "nº", "序号", "番号", "通し番号"),
        *("s n", "code", "record"),
    )
)
"""Names of columns that may do no more than number the rows."""

SAMPLES = frozenset(("sample", "sample id", "sampleid"))
"""Names of columns that number samples; a patient may have several."""

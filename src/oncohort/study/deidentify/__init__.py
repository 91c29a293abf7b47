"""A copy of a study without identifiers: ids hashed, dates shifted, what remains is said.

Dates are shifted by a number of days of each patient's own, so that all intervals, and with them
the results, stay as they are. Follow-up that ends on a day shared by many (the cutoff) is the
exception: it would give the shift away, so it ends up to 60 days earlier unless
``exact_follow_up`` is asked for. The key that ids and shifts are made with stays in the study's
folder (``deidentify.key``); whoever has it can find the patients again.

The rules follow the HIPAA Safe Harbor list (45 CFR 164.514(b)(2)): names, contact data and numbers
go, ages above 89 become one group, calendar dates do not stay. Whether the copy is anonymous under
the law of a country is not decided here: see what remains.
"""

from oncohort.study.deidentify.copying import Deidentified, deidentify
from oncohort.study.deidentify.identity import KEY_FILE

__all__ = ["KEY_FILE", "Deidentified", "deidentify"]

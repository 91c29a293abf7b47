"""Variables by formula: arithmetic of columns and baseline values, with their units."""

from oncohort.endpoints.formulas.binding import Known
from oncohort.endpoints.formulas.deriving import Made, derive_formula, with_defaults
from oncohort.endpoints.formulas.evaluating import Held

__all__ = ["Held", "Known", "Made", "derive_formula", "with_defaults"]

"""`[missing]`: how many values are missing, and their imputation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Annotated

from pydantic import Field, model_validator

from oncohort.protocol.base import Key, Once, Section
from oncohort.protocol.uses import Use


class Missing(Section):
    """Missing values: their table, and multiple imputation beside complete cases."""

    variables: Annotated[list[Key], Once] = []
    """Rows of the table; default: the variables of Table I and Table II."""
    imputations: int = Field(default=0, ge=0, le=500)
    """Number of imputed data sets for the multivariable models; 0: none. As many as the percentage
    of patients with a missing value is a good rule."""
    iterations: int = Field(default=10, ge=1, le=200)
    """Rounds of the chained equations."""
    auxiliary: Annotated[list[Key], Once] = []
    """Variables that help to impute without being in the model."""

    @model_validator(mode="after")
    def _enough(self) -> Missing:
        if self.imputations == 1:
            raise ValueError("imputations: one data set has no spread to pool; give two or more")
        if self.auxiliary and not self.imputations:
            raise ValueError("auxiliary variables are for imputations, of which there are none")
        return self

    def uses(self, models: Iterable[str]) -> Iterator[Use]:
        """Each variable that is needed, and for which results.

        Parameters
        ----------
        models
            Prefixes of the results of the multivariable models: ``prognosis.os``.
        """
        for name in self.auxiliary:
            for part in models:
                yield Use(name, "missing.auxiliary", part, "model")

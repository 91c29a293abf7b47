"""What all sections of the protocol share: frozen, no unknown keys, keys that make result ids."""

from __future__ import annotations

from collections import Counter
from typing import Annotated, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints
from pydantic_core import CoreSchema, core_schema

from oncohort.dataclass import dataclass
from oncohort.vocabulary.plurals import plural

T = TypeVar("T")


def _once(values: list[T]) -> list[T]:
    double = [text for text, n in Counter(map(str, values)).items() if n > 1]
    if double:
        shown = ", ".join(double)
        raise ValueError(f"{shown} {plural(len(double), 'stands', 'stand')} twice in the list")
    return values


Once = AfterValidator(_once)
"""For lists that make results: each entry once, since each result has one id."""

Key = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_.+-]*$", max_length=60)]
"""A key that becomes part of a result id: lower-case letters, digits, ``_ . + -``."""

Digits = Annotated[int, Field(ge=0, le=10)]
"""How many decimals a number is printed with."""


@dataclass(frozen=True, slots=True)
class OneOf:
    """A text that must be one of the names of the vocabulary."""

    names: tuple[str, ...]

    def __get_pydantic_core_schema__(self, source: object, handler: object) -> CoreSchema:
        """The names as the values that the text may have, for reading and for the JSON schema."""
        return core_schema.literal_schema(list(self.names))


class Section(BaseModel):
    """A section of `study.toml`: frozen, and strict about its keys."""

    # The texts below the keys are read only where the JSON schema is written; a section is built
    # with the protocol that holds it. Both keep the start of every command short.
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, defer_build=True)

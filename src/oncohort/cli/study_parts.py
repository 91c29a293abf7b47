"""`--scheduler` of `run` and `check`: where the patients of a study are judged."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from oncohort.endpoints.in_parts import Parts

StudyScheduler = Annotated[
    str | None,
    typer.Option(
        "--scheduler",
        metavar="ADDRESS",
        help="Judge patients on Dask workers: an address, local, or local:N for N processes here.",
    ),
]


@contextmanager
def parts_of(scheduler: str | None) -> Iterator[Parts]:
    """Patients in parts: here, or on the workers of a scheduler."""
    from oncohort.endpoints.in_parts import WHOLE, Parts

    if scheduler is None:
        yield WHOLE
        return
    from oncohort.scale import connect

    with connect(scheduler) as client:
        yield Parts(client=client)

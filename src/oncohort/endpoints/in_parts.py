"""Record tables cut by patient: calls from each patient's own rows, some patients at a time.

The parts are worked one after the other in this process, or on the workers of a Dask cluster. A
function that looks at no other patient gives the same answers in whatever parts.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, TypeVar

import polars as pl

from oncohort.dataclass import dataclass

if TYPE_CHECKING:
    from distributed import Client, Future

Tables = Mapping[str, pl.DataFrame]
T = TypeVar("T")

PATIENTS = 25_000
"""Patients of a part: what is made on the way to a call is twenty times their rows."""
_PART = "_part"


@dataclass(frozen=True, slots=True)
class Parts:
    """Into how many parts the patients are cut, and who works on them.

    Attributes
    ----------
    most
        Patients of a part at most.
    client
        Dask's client, whose workers share the parts; without it they are worked here.

    Examples
    --------
    >>> patients = pl.DataFrame({"patient": ["b", "a", "c"]})
    >>> labs = pl.DataFrame({"patient": ["a", "c", "a"], "value": [1, 2, 3]})
    >>> def highest(tables):
    ...     return tables["labs"].group_by("patient").agg(pl.col("value").max())
    >>> together(Parts(most=1).each(highest, {"patients": patients, "labs": labs})).rows()
    [('a', 3), ('c', 2)]
    """

    most: int = PATIENTS
    client: Client | None = None

    def each(self, function: Callable[..., T], tables: Tables, *same: object) -> list[T]:
        """What a function gives for each part, in the order of the patients.

        Parameters
        ----------
        function
            Takes the tables of a part, then what is the same for all; it stands in a module.
        tables
            ``patients``, one row each, and further tables with ``patient``.

        Raises
        ------
        InputError
            A worker has other versions, lacks memory, or the scheduler was lost.
        """
        if self.client is None:
            return [function(part, *same) for part in self.cut(tables, 1)]
        from oncohort.scale.workers import check_workers, gathered, submitted

        threads = check_workers(self.client)
        waiting: deque[Future] = deque()
        out: list[T] = []
        for part in self.cut(tables, threads):
            # A part travels with its task: what a lost worker held can be computed again.
            waiting.append(submitted(self.client, function, dict(part), *same))
            if len(waiting) > 2 * threads:
                out += gathered(self.client, [waiting.popleft()])
        return out + gathered(self.client, waiting)

    def cut(self, tables: Tables, least: int) -> Iterator[Tables]:
        """The tables of each part: runs of patients in the order of the chart.

        Parameters
        ----------
        least
            Parts, where there are as many patients.
        """
        n = tables["patients"].height
        parts = max(-(-n // self.most), min(least, n))
        if parts <= 1:
            yield tables
            return
        number = pl.int_range(pl.len()) * parts // n
        who = tables["patients"].select("patient", number.cast(pl.Int32).alias(_PART))
        of_rows = {
            name: frame.select("patient").join(
                who, on="patient", how="left", maintain_order="left"
            )[_PART]
            for name, frame in tables.items()
        }
        for k in range(parts):
            yield {name: frame.filter(of_rows[name] == k) for name, frame in tables.items()}


WHOLE = Parts()
"""Worked here, so many patients at a time."""


def together(frames: Sequence[pl.DataFrame], *order: str) -> pl.DataFrame:
    """The frames of all parts as one.

    Parameters
    ----------
    order
        Columns by which a frame of all patients is sorted; without any, as the patients are.
    """
    one = frames[0] if len(frames) == 1 else pl.concat(frames)
    return one.sort(*order, maintain_order=True) if order and len(frames) > 1 else one


def together_if(frames: Sequence[pl.DataFrame | None], *order: str) -> pl.DataFrame | None:
    """The same of frames that all parts have, or none."""
    there = [f for f in frames if f is not None]
    return together(there, *order) if there else None

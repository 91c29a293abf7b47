"""A whole conversation through vantage6's mock client: JOB NAME=SITE ... ; used by test_engines.py.

Each organization's task sees its own ``ONCOHORT_SITE``, as the container of its node would.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from oncohort.consortium import drive, open_job


def main(job: str, pairs: list[str]) -> None:
    import pandas as pd
    from oncohort_vantage6 import SITE, carrier
    from vantage6.algorithm.tools.mock_client import MockAlgorithmClient

    sites = dict(pair.split("=") for pair in pairs)
    numbers = {name: 10 + i for i, name in enumerate(sites)}
    folders = {numbers[name]: folder for name, folder in sites.items()}
    nothing = [[{"database": pd.DataFrame({"a": [1]})}] for _ in sites]
    client = MockAlgorithmClient(
        nothing, "oncohort_vantage6", organization_ids=list(numbers.values())
    )
    create = MockAlgorithmClient.Task.create

    def at_its_node(self: Any, input_: Any, organizations: list[int], **more: Any) -> Any:
        os.environ[SITE] = folders[organizations[0]]
        return create(self, input_, organizations, **more)

    MockAlgorithmClient.Task.create = at_its_node
    print(drive(open_job(Path(job)), carrier(client, numbers)))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])

"""oncohort's consortium on vantage6: this module carries sealed texts, and does nothing else.

At a node, vantage6 calls :func:`answer` with a request; the node's own folder of the site (plan,
key, rules, record) decides what is answered. At the coordinator, :func:`carrier` sends requests as
tasks. No row, no statistic and no key passes through here.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from typing import Any

from oncohort.consortium.carrying import carried_answer, taken

SITE = "ONCOHORT_SITE"
"""Environment variable of the node: the folder of its site, writable and kept between tasks."""


def answer(request: str) -> dict[str, str]:
    """Run at the node: the sealed answer to a sealed request, or the rule that refuses it."""
    folder = os.environ.get(SITE)
    if not folder:
        return {"refused": "consortium.site"}
    return carried_answer(folder, request)


def carrier(
    client: Any, organizations: Mapping[str, int], **task: Any
) -> Callable[[Mapping[str, str]], dict[str, str]]:
    """Run at the coordinator: what `oncohort.consortium.drive` asks through.

    Parameters
    ----------
    client
        A vantage6 client, logged in: that of a user, or the one in an algorithm.
    organizations
        Site of the plan to id of its organization.
    task
        What else a task of this client needs: ``image=``, ``collaboration=``, ``databases=``.
    """

    def ask(requests: Mapping[str, str]) -> dict[str, str]:
        started = {}
        for site, text in requests.items():
            started[site] = client.task.create(
                input_={"method": "answer", "kwargs": {"request": text}},
                organizations=[organizations[site]],
                name="oncohort consortium",
                description="sums for a consortium",
                **task,
            )
        return taken({s: _result(client.wait_for_results(t["id"])) for s, t in started.items()})

    return ask


def _result(found: Any) -> Any:
    """The one result of a task, as either client gives it."""
    rows = found.get("data", []) if isinstance(found, dict) else found
    one = rows[0] if rows else None
    if isinstance(one, dict) and "result" in one:
        one = one["result"]
    return json.loads(one) if isinstance(one, str) else one

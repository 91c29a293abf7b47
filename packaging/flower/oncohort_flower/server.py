"""At the SuperLink: the conversation of the coordinator's folder, over the nodes that are there."""

import time
from collections.abc import Mapping
from pathlib import Path

from flwr.app import ConfigRecord, Context, Message, RecordDict
from flwr.serverapp import Grid, ServerApp

app = ServerApp()


def _asked(grid: Grid, kind: str, texts: Mapping[int, str], timeout: float) -> dict[int, dict]:
    """Node to the texts of its reply; nodes that failed or were late are left out."""
    messages = [
        Message(
            RecordDict({"request": ConfigRecord({"text": text})}),
            dst_node_id=node,
            message_type=f"query.{kind}",
        )
        for node, text in texts.items()
    ]
    replies = grid.send_and_receive(messages, timeout=timeout)
    return {r.metadata.src_node_id: dict(r.content["reply"]) for r in replies if not r.has_error()}


def _nodes(grid: Grid, wanted: set[str], timeout: float) -> dict[str, int]:
    """Site to node, when all sites of the plan are there (or time is up)."""
    end = time.monotonic() + timeout
    known: dict[int, str] = {}
    while wanted - set(known.values()) and time.monotonic() < end:
        new = [node for node in grid.get_node_ids() if node not in known]
        if new:
            for node, reply in _asked(grid, "name", dict.fromkeys(new, ""), timeout).items():
                known[node] = str(reply["site"])
        else:
            time.sleep(0.5)
    return {site: node for node, site in known.items()}


@app.main()
def main(grid: Grid, context: Context) -> None:
    """Hold the conversation; results go to the coordinator's folder."""
    from oncohort.consortium import drive, open_job
    from oncohort.consortium.carrying import taken

    job = open_job(Path(str(context.run_config["job"])))
    timeout = float(context.run_config["timeout"])
    nodes = _nodes(grid, set(job.plan.sites), timeout)

    def ask(requests: Mapping[str, str]) -> dict[str, str]:
        here = {nodes[s]: text for s, text in requests.items() if s in nodes}
        replies = _asked(grid, "answer", here, timeout)
        return taken({s: replies[n] for s, n in nodes.items() if n in replies})

    print(drive(job, ask))

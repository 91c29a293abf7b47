"""A real Flower deployment on this machine: a SuperLink and a SuperNode for each site.

Telemetry and installations at run time are off. Used by `test_engines.py`; `bin` is that of an
environment with oncohort and flwr.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

APP = Path(__file__).parents[2] / "packaging" / "flower"


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


@contextmanager
def running(
    command: list[str], env: dict[str, str], log: Path
) -> Iterator[subprocess.Popen[bytes]]:
    """A process with all its children, ended at the end."""
    with log.open("ab") as out:
        process = subprocess.Popen(
            command,
            env=env,
            stdout=out,
            stderr=out,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            yield process
        finally:
            end(process)


def end(process: subprocess.Popen[bytes]) -> None:
    """End a process and the group it leads."""
    import signal

    for sign in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, sign)
        except ProcessLookupError:
            break
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            continue
    process.wait()


def listening(port: int, seconds: float) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with socket.socket() as s:
            s.settimeout(1)
            if s.connect_ex(("127.0.0.1", port)) == 0:
                return True
        time.sleep(0.2)
    return False


class Deployment:
    """The processes, and how the app is run on them."""

    def __init__(self, bin_: Path, folder: Path, stack: ExitStack) -> None:
        self.bin, self.folder, self.stack = bin_, folder, stack
        self.port = free_port()
        self.env = {
            **os.environ,
            "FLWR_HOME": str(folder / "flwr"),
            "FLWR_TELEMETRY_ENABLED": "0",
            "PATH": f"{bin_}{os.pathsep}{os.environ['PATH']}",
        }
        (folder / "flwr").mkdir(parents=True)
        (folder / "flwr" / "config.toml").write_text(
            '[superlink]\ndefault = "here"\n[superlink.here]\n'
            f'address = "127.0.0.1:{self.port}"\ninsecure = true\n'
        )
        link = [str(bin_ / "flower-superlink"), "--insecure", "--host", "127.0.0.1"]
        link += ["--port", str(self.port), "--disable-runtime-dependency-installation"]
        stack.enter_context(running(link, self.env, folder / "superlink.log"))
        assert listening(self.port, 120), (folder / "superlink.log").read_text()

    def node(self, name: str, site: Path) -> subprocess.Popen[bytes]:
        """Start a SuperNode for a site."""
        command = [str(self.bin / "flower-supernode"), "--insecure"]
        command += ["--superlink", f"127.0.0.1:{self.port}", "--port", str(free_port())]
        command += ["--node-config", f'site="{site}"']
        log = self.folder / f"node-{name}.log"
        return self.stack.enter_context(running(command, self.env, log))

    def run(self, job: Path, *, timeout: int, seconds: float) -> str:
        """Run the app to its end; gives what it said."""
        config = f'job="{job}" timeout={timeout}'
        command = [str(self.bin / "flwr"), "run", str(APP), "here", "--stream"]
        done = subprocess.run(
            [*command, "--run-config", config],
            env=self.env,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
        return done.stdout + done.stderr


@contextmanager
def deployed(bin_: Path, folder: Path, sites: Mapping[str, Path]) -> Iterator[Deployment]:
    """A deployment with a node for each of these sites."""
    with ExitStack() as stack:
        here = Deployment(bin_, folder, stack)
        for name, site in sites.items():
            here.node(name, site)
        yield here


if __name__ == "__main__":
    where, target, task, *pairs = sys.argv[1:]
    named = dict(pair.split("=") for pair in pairs)
    with deployed(Path(where), Path(target), {k: Path(v) for k, v in named.items()}) as made:
        print(made.run(Path(task), timeout=300, seconds=1200))

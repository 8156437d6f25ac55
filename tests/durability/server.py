"""The product's process group as an installation starts it, to be killed whole."""

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]
GRANIAN = Path(sys.executable).with_name("granian")
SECONDS_TO_START = 180
#: Twice what the server gives its processes, and room for a busy machine.
SECONDS_TO_STOP = 60
THREADS = 1024
PRODUCT = "wsgi:app"
HASTY = "tests.durability.hasty:app"


def web_command(
    port: int, *, app: str = PRODUCT, workers: int = 2, threads: int = THREADS
) -> list[str]:
    """The line of ``./dev run`` and ``deploy/``, with two web processes instead of one."""
    line = f"--interface wsgi --host 127.0.0.1 --port {port} --workers {workers}"
    line += f" --blocking-threads {threads} --no-ws --workers-kill-timeout 5 --log-level error"
    line += " --backlog 4096 --backpressure 4096"
    return [str(GRANIAN), *line.split(), app]


class ServerGroup:
    """Web processes and a housekeeper in one process group.

    ``start`` begins them, none touching the database; ``wait_until_loaded`` asks until they
    answer; ``go`` lets the housekeeper begin; ``kill`` is SIGKILL.
    """

    def __init__(
        self,
        url: str,
        folder: Path,
        *,
        app: str = PRODUCT,
        prefix: Sequence[str] = (),
        threads: int = THREADS,
        workers: int = 2,
        own_core: bool = False,
    ) -> None:
        self._app, self._prefix, self._threads, self._workers = app, prefix, threads, workers
        self._environment = os.environ | {
            "DATABASE_URL": url,
            "HAILONG_DATA": str(folder),
            "HAILONG_ENV": "development",
            "PYTHONPATH": str(ROOT),
            "HAILONG_OWN_CORE": str(int(own_core)),
        }
        # What is compiled for one start serves all.
        self._environment.pop("PYTHONDONTWRITEBYTECODE", None)
        self._group: list[subprocess.Popen[bytes]] = []
        self.port = 0

    def start(self) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        line = web_command(self.port, app=self._app, threads=self._threads, workers=self._workers)
        web = self._spawn([*self._prefix, *line], group=0)
        keeper = [sys.executable, "-m", "tests.durability.housekeeper"]
        self._group = [web, self._spawn(keeper, group=web.pid)]

    def wait_until_loaded(self) -> None:
        deadline = time.monotonic() + SECONDS_TO_START
        while time.monotonic() < deadline:
            assert self._group[0].poll() is None, "the web server ended by itself"
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=5):
                    return
            except OSError:
                time.sleep(0.02)
        raise TimeoutError("the web server did not start")

    def go(self) -> None:
        words = self._group[1].stdin
        assert words
        words.write(b"go\n")
        words.close()

    def burden(self) -> tuple[int, int]:
        """Threads and megabytes of memory of the largest process of the group."""
        statuses = [path.read_text() for path in _statuses(self._group[0].pid)]
        threads, kilobytes = (
            max(int(value) for status in statuses for value in re.findall(pattern, status, re.M))
            for pattern in (r"^Threads:\s+(\d+)", r"^VmRSS:\s+(\d+)")
        )
        return threads, kilobytes // 1024

    def own_cores(self) -> set[str]:
        """The cores to which some process of the group keeps."""
        statuses = [path.read_text() for path in _statuses(self._group[0].pid)]
        allowed = re.findall(r"^Cpus_allowed_list:\s+(\S+)", "\n".join(statuses), re.M)
        return {cores for cores in allowed if cores.isdigit()}

    def terminate(self, *, everybody: bool) -> None:
        """SIGTERM as a service manager sends it: to the web server's parent, or to the whole group.

        Returns when every web process is gone; raises TimeoutError when one stays.
        """
        web, keeper = self._group
        if everybody:
            os.killpg(web.pid, signal.SIGTERM)
        else:
            os.kill(web.pid, signal.SIGTERM)
            keeper.kill()
        for process in (web, keeper):
            process.wait(SECONDS_TO_STOP)
            process.communicate()
        deadline = time.monotonic() + SECONDS_TO_STOP
        while _lives(web.pid):
            if time.monotonic() > deadline:
                raise TimeoutError("a web process outlived its parent")
            time.sleep(0.02)
        self._group = []

    def kill(self) -> None:
        """SIGKILL for every process of the group; returns when the last of them is gone."""
        if not self._group:
            return
        leader = self._group[0].pid
        os.killpg(leader, signal.SIGKILL)
        for process in self._group:
            process.communicate()
        self._group = []
        deadline = time.monotonic() + SECONDS_TO_STOP
        while _lives(leader):
            if time.monotonic() > deadline:
                raise TimeoutError("a process outlived SIGKILL")
            time.sleep(0.002)

    def _spawn(self, command: list[str], *, group: int) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(
            command, cwd=ROOT, env=self._environment, process_group=group, stdin=subprocess.PIPE
        )


def _statuses(group: int) -> Iterator[Path]:
    """Where the system tells about the processes of a group."""
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if os.getpgid(int(folder.name)) == group:
                yield folder / "status"


def _lives(group: int) -> bool:
    """Whether a process of the group still runs (one that only waits to be buried does not)."""
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _parent, its_group = path.read_text().rpartition(")")[2].split()[:3]
        except OSError:
            continue
        if int(its_group) == group and state not in "ZX":
            return True
    return False

"""Each web process has a core; who comes when all are taken goes anywhere."""

import os
import subprocess
import sys
from pathlib import Path

PROGRAM = """
import os, sys
from pathlib import Path
from survey_app.web.own_core import keep_to_own_core
os.sched_setaffinity(0, {int(core) for core in sys.argv[2:]})
keep_to_own_core(Path(sys.argv[1]))
print(*sorted(os.sched_getaffinity(0)), flush=True)
sys.stdin.read()
"""


def start(folder: Path, cores: list[int]) -> tuple["subprocess.Popen[str]", list[int]]:
    """A process that may use ``cores``, and those it keeps to."""
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(folder), *map(str, cores)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    return process, [int(core) for core in process.stdout.readline().split()]


def test_a_core_is_given_once_and_comes_back_with_a_death(tmp_path: Path) -> None:
    cores = sorted(os.sched_getaffinity(0))[:2]
    running = [start(tmp_path, cores) for _ in cores]
    try:
        assert [kept for _, kept in running] == [[core] for core in cores]
        running.append(start(tmp_path, cores))
        assert running[-1][1] == cores
        first, _ = running[0]
        first.kill()
        first.wait()
        running.append(start(tmp_path, cores))
        assert running[-1][1] == [cores[0]]
    finally:
        for process, _ in running:
            process.kill()
            process.communicate()

"""A core for each web process.

Python runs one thread of a process at a time. Where its threads wake on several cores, each
hand-over wakes a core and finds its memory cold; kept to one core, the same threads take up to half
as many sheets again for less processor time. It pays where there are about as many web processes as
cores, so the operator decides (HAILONG_OWN_CORE). One process on a machine with other work is
better left to the system.
"""

import fcntl
import os
from contextlib import suppress
from pathlib import Path


def keep_to_own_core(folder: Path) -> int | None:
    """Keep this process, with all threads to come, to the first core that no other web process of
    the installation has; which one that is, None = all are taken.

    ``folder``: where the locks of the cores lie. The kernel frees them with the process.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for core in sorted(os.sched_getaffinity(0)):
        lock = os.open(folder / f"core-{core}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            continue
        for task in Path("/proc/self/task").iterdir():
            with suppress(ProcessLookupError):  # a thread that has just ended
                os.sched_setaffinity(int(task.name), {core})
        return core
    return None

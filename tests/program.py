"""``hailong`` as people and scripts use it: in a process of its own, its words and its status.

``run_program`` starts what is installed, as a shell does. ``run_forked`` does all that follows in
a copy of the process of the tests, which has loaded the libraries already (a second each time);
environment, folder, arguments, both outputs and the exit status are the copy's own.
"""

import os
import signal
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, NoReturn

from survey_app.cli import main

Done = subprocess.CompletedProcess[str]
Run = Callable[..., Done]
SECONDS = 180
PROGRAM = Path(sys.executable).with_name("hailong")


def run_program(*arguments: object, environment: Mapping[str, str], folder: Path) -> Done:
    return subprocess.run(
        [PROGRAM, *map(str, arguments)],
        cwd=folder,
        env={**environment},
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )


def run_forked(*arguments: object, environment: Mapping[str, str], folder: Path) -> Done:
    words = ["hailong", *map(str, arguments)]
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        child = os.fork()
        if child == 0:
            _be_the_program(words, environment, folder, out, err)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        texts = []
        for file in (out, err):
            file.seek(0)
            texts.append(file.read().decode())
    return subprocess.CompletedProcess(words, status, *texts)


def _be_the_program(
    words: list[str],
    environment: Mapping[str, str],
    folder: Path,
    out: IO[bytes],
    err: IO[bytes],
) -> NoReturn:
    """Never returns: a second copy of the tests would run on."""
    status = 70
    try:
        signal.alarm(SECONDS)
        for number, file in enumerate((open(os.devnull, "rb"), out, err)):  # noqa: PTH123, SIM115
            os.dup2(file.fileno(), number)
        sys.stdin = open(0, closefd=False)  # noqa: SIM115
        sys.stdout, sys.stderr = (
            open(number, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
            for number in (1, 2)
        )
        own = {**environment}  # it may be os.environ itself
        os.environ.clear()
        os.environ.update(own)
        os.chdir(folder)
        sys.argv = words
        status = _status_of_main()
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(status)


def _status_of_main() -> int:
    try:
        main()
    except SystemExit as ending:
        return ending.code if isinstance(ending.code, int) else int(ending.code is not None)
    except BaseException:  # noqa: BLE001
        traceback.print_exc()
        return 1
    return 0

"""Files that are there whole or not at all, also after a power cut."""

import os
from pathlib import Path


def put_in_place(draft: Path, target: Path) -> None:
    """Give a finished draft its name when it is on the disk.

    Without the flush a file system may keep the new name and lose what was written: after a power
    cut there would be an empty file, and whoever finds it takes it for finished.
    """
    _flush(draft)
    draft.replace(target)
    _flush(target.parent)


def _flush(path: Path) -> None:
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)

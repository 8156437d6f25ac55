"""The flags a sheet may carry: each says "look again", none says "false"."""

from collections.abc import Iterator
from enum import IntFlag


class Flag(IntFlag):
    """Why a sheet is worth a second look; a sheet has any number of them.

    The numbers are stored with each sheet: a new flag takes the next bit, none is used again.
    """

    TOO_FAST = 1
    STRAIGHT_LINE = 2
    BURST = 4
    IDENTICAL = 8
    REPEATED_COMMENT = 16
    OUT_OF_HOURS = 32
    OLD_VERSION = 64
    FROM_FILE = 128


def flags_in(number: int) -> Iterator[Flag]:
    """The single flags in a stored number, the lowest first.

    >>> [flag.name for flag in flags_in(5)]
    ['TOO_FAST', 'BURST']
    """
    return (flag for flag in Flag if flag & number)

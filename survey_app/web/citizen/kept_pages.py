"""Pages that were rendered once: the questionnaire without answers, the thanks. What differs each
time (a link, the id of a sheet, a receipt) is filled in.

Each page opened has an id of its own, so no browser can be told that its copy is still good (no
ETag); what can be kept is everything around the id, compressed as well.
"""

import struct
import zlib
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from functools import cached_property

MOST_PAGES = 256
COMPRESSION = 6
#: What stands in a kept page for the link's token, for the id of the sheet, for the receipt.
TOKEN, SHEET_ID = "TOKEN-OF-THE-LINK", "00000000-0000-4000-8000-000000000000"
RECEIPT = "RECEIPT-OF-THE-SHEET"

_GZIP_HEAD = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"


@dataclass(frozen=True)
class KeptPage:
    """The pieces around what is filled in."""

    pieces: tuple[bytes, ...]

    @classmethod
    def split(cls, html: str, *gaps: str) -> "KeptPage":
        """``gaps``: what stands where something is to be filled in; each is there once, in this
        order."""
        pieces, rest = [], html
        for gap in gaps:
            piece, _, rest = rest.partition(gap)
            pieces.append(piece.encode())
        return cls((*pieces, rest.encode()))

    def filled(self, *values: str) -> bytes:
        return b"".join(_woven(self.pieces, [value.encode() for value in values]))

    def filled_gzip(self, *values: str) -> bytes:
        """The same as a gzip file: what differs is packed now, and the checksum counted."""
        between = [value.encode() for value in values]
        checksum = size = 0
        for piece in _woven(self.pieces, between):
            checksum, size = zlib.crc32(piece, checksum), size + len(piece)
        packed = _woven(self._packed, [_pack(piece) for piece in between])
        return b"".join([_GZIP_HEAD, *packed, struct.pack("<II", checksum, size)])

    @cached_property
    def _packed(self) -> tuple[bytes, ...]:
        """Each piece compressed so that they can be joined."""
        *before, last = self.pieces
        return (*map(_pack, before), _pack(last, is_last=True))


class KeptPages:
    """The pages of one application, by everything that they show."""

    def __init__(self) -> None:
        self._pages: dict[Hashable, KeptPage] = {}

    def get(self, key: Hashable, render: Callable[[], KeptPage]) -> KeptPage:
        page = self._pages.get(key)
        if page is None:
            if len(self._pages) >= MOST_PAGES:
                self._pages.clear()
            page = self._pages[key] = render()
        return page


def _woven(pieces: Sequence[bytes], between: Sequence[bytes]) -> list[bytes]:
    return [part for pair in zip(pieces, between, strict=False) for part in pair] + [pieces[-1]]


def _pack(data: bytes, *, is_last: bool = False) -> bytes:
    """Raw deflate that ends on a byte and looks back at nothing, so that another may follow."""
    packer = zlib.compressobj(COMPRESSION, zlib.DEFLATED, -zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush(zlib.Z_FINISH if is_last else zlib.Z_FULL_FLUSH)

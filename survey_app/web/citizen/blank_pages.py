"""Pages without answers, rendered once: only the id of the sheet and its link differ.

Each page opened has an id of its own, so no browser can be told that its copy is still good (no
ETag); what can be kept is everything around the id, compressed as well.
"""

import struct
import zlib
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass

MOST_PAGES = 256
COMPRESSION = 6
#: What stands in the kept page for the link's token and for the id of the sheet.
TOKEN, SHEET_ID = "TOKEN-OF-THE-LINK", "00000000-0000-4000-8000-000000000000"

_GZIP_HEAD = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"


@dataclass(frozen=True)
class BlankPage:
    """The pieces around token and id: as text, and each compressed so that they can be joined."""

    pieces: tuple[bytes, bytes, bytes]
    packed: tuple[bytes, bytes, bytes]

    @classmethod
    def split(cls, html: str) -> "BlankPage":
        """``html`` holds TOKEN once, and SHEET_ID once behind it."""
        before, _, rest = html.encode().partition(TOKEN.encode())
        between, _, after = rest.partition(SHEET_ID.encode())
        pieces = (before, between, after)
        return cls(pieces, (_pack(before), _pack(between), _pack(after, is_last=True)))

    def filled(self, token: str, sheet_id: str) -> bytes:
        return b"".join(_woven(self.pieces, (token.encode(), sheet_id.encode())))

    def filled_gzip(self, token: str, sheet_id: str) -> bytes:
        """The same as a gzip file: what differs is packed now, and the checksum counted."""
        between = (token.encode(), sheet_id.encode())
        checksum = size = 0
        for piece in _woven(self.pieces, between):
            checksum, size = zlib.crc32(piece, checksum), size + len(piece)
        packed = _woven(self.packed, [_pack(piece) for piece in between])
        return b"".join([_GZIP_HEAD, *packed, struct.pack("<II", checksum, size)])


class BlankPages:
    """The pages of one application, by everything that they show."""

    def __init__(self) -> None:
        self._pages: dict[Hashable, BlankPage] = {}

    def get(self, key: Hashable, render: Callable[[], str]) -> BlankPage:
        page = self._pages.get(key)
        if page is None:
            if len(self._pages) >= MOST_PAGES:
                self._pages.clear()
            page = self._pages[key] = BlankPage.split(render())
        return page


def _woven(pieces: Sequence[bytes], between: Sequence[bytes]) -> list[bytes]:
    return [pieces[0], between[0], pieces[1], between[1], pieces[2]]


def _pack(data: bytes, *, is_last: bool = False) -> bytes:
    """Raw deflate that ends on a byte and looks back at nothing, so that another may follow."""
    packer = zlib.compressobj(COMPRESSION, zlib.DEFLATED, -zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush(zlib.Z_FINISH if is_last else zlib.Z_FULL_FLUSH)

"""The fonts of official papers: Liberation Serif 2 found by path, with every Vietnamese letter."""

import io
import itertools
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from fontTools.ttLib import TTFont, TTLibError

from survey_app.errors import Unavailable

#: Where Debian 12, Debian 13 and others put the 2.x files. The family name is never trusted:
#: version 1 of the same family lacks most Vietnamese letters.
DIRECTORIES = (
    Path("/usr/share/fonts/truetype/liberation2"),
    Path("/usr/share/fonts/truetype/liberation"),
    Path("/usr/share/fonts/liberation-serif"),
    Path("/usr/share/fonts/liberation"),
    Path("/usr/local/share/fonts"),
)
FAMILY = "Liberation Serif 2"

_SIGNS = "0123456789 .,;:!?()/%+-–—…“”‘’=×÷→≤≥±&@\N{NO-BREAK SPACE}"
_TONES = "\u0300\u0309\u0303\u0301\u0323"
_VOWELS = "aăâeêioôơuưy"


@dataclass(frozen=True)
class Face:
    """One font file and what CSS calls it."""

    file: str
    weight: str
    style: str


FACES = (
    Face("LiberationSerif-Regular.ttf", "normal", "normal"),
    Face("LiberationSerif-Bold.ttf", "bold", "normal"),
    Face("LiberationSerif-Italic.ttf", "normal", "italic"),
    Face("LiberationSerif-BoldItalic.ttf", "bold", "italic"),
)


def vietnamese_letters() -> str:
    """Every Vietnamese letter with every tone, both cases, composed (NFC)."""
    toned = (v + t for v, t in itertools.product(_VOWELS, ("", *_TONES)))
    lower = "".join(unicodedata.normalize("NFC", letter) for letter in toned) + "đ"
    return lower + lower.upper()


@cache
def find_fonts(directories: tuple[Path, ...] = DIRECTORIES) -> dict[str, bytes]:
    """File name → font of the four faces; Unavailable where they are missing or too old."""
    incomplete = False
    for directory in directories:
        paths = [directory / face.file for face in FACES]
        if not all(path.is_file() for path in paths):
            continue
        if all(_speaks_vietnamese(path) for path in paths):
            return {path.name: path.read_bytes() for path in paths}
        incomplete = True
    fault = "thiếu chữ tiếng Việt (bản cũ)" if incomplete else "chưa được cài đặt"
    raise Unavailable(f"Phông chữ Liberation Serif {fault}: hãy cài gói fonts-liberation2.")


def _speaks_vietnamese(path: Path) -> bool:
    try:
        with TTFont(io.BytesIO(path.read_bytes()), lazy=True) as font:
            known = font.getBestCmap() or {}
    except (OSError, TTLibError):
        return False
    return not missing(known, vietnamese_letters() + _SIGNS)


def missing(known: Iterable[int], text: str) -> str:
    """The letters of ``text`` that are not among the ``known`` code points."""
    return "".join(sorted(set(text) - {chr(point) for point in known}))


def font_face_rules(prefix: str) -> str:
    """The @font-face rules; a file is served as ``prefix`` + its name."""
    return "\n".join(
        f'@font-face {{ font-family: "{FAMILY}"; font-weight: {face.weight}; '
        f'font-style: {face.style}; src: url("{prefix}{face.file}"); }}'
        for face in FACES
    )

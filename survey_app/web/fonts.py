"""The typeface of the pages: Be Vietnam Pro, cut down to Vietnamese and Latin as WOFF2."""

import os
import threading
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from flask import Blueprint, Response, abort, current_app
from fontTools.subset import (
    Options,
    Subsetter,
    load_font,
    save_font,
)

blueprint = Blueprint("fonts", __name__)

#: File on the page → file of the package. A new cut gets a new name: browsers keep them for good.
FONTS = {
    "be-vietnam-pro-regular-1.woff2": "BeVietnamPro-Regular.ttf",
    "be-vietnam-pro-semibold-1.woff2": "BeVietnamPro-SemiBold.ttf",
}
SOURCES = resources.files("fontpkg_be_vietnam_pro") / "files"
A_YEAR = 365 * 24 * 3600

_building = threading.Lock()


@blueprint.get("/fonts/<name>")
def font(name: str) -> Response:
    """One font file; made on the first request after installation, then kept."""
    if name not in FONTS:
        abort(404)
    directory = current_app.config["SETTINGS"].data_directory / "fonts"
    response = Response(build_font(directory, name).read_bytes(), mimetype="font/woff2")
    response.headers["Cache-Control"] = f"public, max-age={A_YEAR}, immutable"
    return response


def build_font(directory: Path, name: str) -> Path:
    """Cut one font into ``directory`` unless it is there already."""
    target = directory / name
    with _building:
        if not target.exists():
            directory.mkdir(parents=True, exist_ok=True)
            draft = target.with_suffix(f".{os.getpid()}")
            _cut(SOURCES / FONTS[name], draft)
            draft.replace(target)  # atomic: no page ever loads half a font
    return target


def _cut(source: Traversable, target: Path) -> None:
    options = Options(flavor="woff2", layout_features=["kern", "mark", "mkmk", "ccmp"])
    options.hinting = False
    options.desubroutinize = True
    cutter = Subsetter(options)
    cutter.populate(unicodes=_letters())
    with load_font(str(source), options) as whole:
        cutter.subset(whole)
        save_font(whole, str(target), options)


def _letters() -> list[int]:
    ranges = (
        (0x20, 0x7E),  # ASCII
        (0xA0, 0xFF),  # Latin-1
        (0x102, 0x103),  # ă
        (0x110, 0x111),  # đ
        (0x128, 0x129),  # ĩ
        (0x168, 0x169),  # ũ
        (0x1A0, 0x1A1),  # ơ
        (0x1AF, 0x1B0),  # ư
        (0x300, 0x304),  # marks of decomposed text
        (0x306, 0x306),
        (0x309, 0x309),
        (0x31B, 0x31B),
        (0x323, 0x323),
        (0x1EA0, 0x1EF9),  # Vietnamese letters with tones
        (0x2010, 0x2026),  # dashes, quotation marks, ellipsis
        (0x20AB, 0x20AB),  # đồng
        (0x2190, 0x2193),  # arrows
        (0x2212, 0x2212),  # minus
        (0x2264, 0x2265),
    )
    return [code for low, high in ranges for code in range(low, high + 1)]

"""QR squares for posters and receipt slips: as inline SVG, as data, painted on paper."""

import io
from base64 import b64encode
from itertools import groupby

import segno
from markupsafe import Markup

QUIET_ZONE = 4  # modules of white around the square; readers need them
_PIXELS_A_MODULE = 6


def qr_svg(address: str, *, label: str) -> Markup:
    """An SVG element that shows ``address`` as a QR code; ``label`` is read aloud instead.

    Error correction level M or better: a creased slip still reads.
    """
    out = io.BytesIO()
    segno.make(address, error="m", micro=False).save(
        out,
        kind="svg",
        border=QUIET_ZONE,
        xmldecl=False,
        svgns=True,
        omitsize=True,
        title=label,
        svgclass="qr",
        lineclass=None,
        light="#fff",
    )
    drawn = out.getvalue().decode().strip()
    # The square is a picture to a screen reader, named by its title.
    return Markup(drawn.replace("<svg ", '<svg role="img" ', 1))  # noqa: S704  (segno escapes the title)


def qr_data(address: str, kind: str) -> str:
    """The square as the address of a picture that holds its own data; ``kind``: svg or png."""
    square = segno.make(address, error="m", micro=False)
    if kind == "png":
        return square.png_data_uri(border=QUIET_ZONE, scale=_PIXELS_A_MODULE)
    out = io.BytesIO()
    square.save(out, kind="svg", border=QUIET_ZONE, light="#fff", omitsize=True)
    return f"data:image/svg+xml;base64,{b64encode(out.getvalue()).decode()}"


class Square:
    """A QR code that WeasyPrint places like an image (its protocol) and that paints itself."""

    def __init__(self, address: str) -> None:
        self._rows = [bytes(row) for row in segno.make(address, error="m", micro=False).matrix]
        self._side = len(self._rows) + 2 * QUIET_ZONE

    def get_intrinsic_size(self, _resolution: float, _font_size: float) -> tuple[float, ...]:
        return self._side, self._side, 1

    def draw(self, stream, width: float, height: float, _style) -> None:  # type: ignore[no-untyped-def]
        """Paint the dark modules, runs of them as one rectangle."""
        across, down = width / self._side, height / self._side
        with stream.stacked():
            stream.set_color_rgb(0, 0, 0)
            for y, row in enumerate(self._rows, start=QUIET_ZONE):
                x = QUIET_ZONE
                for is_dark, run in groupby(row):
                    length = len(list(run))
                    if is_dark:
                        stream.rectangle(x * across, y * down, length * across, down)
                    x += length
            stream.fill()

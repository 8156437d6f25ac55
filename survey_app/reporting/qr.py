"""QR squares for posters and receipt slips, as inline SVG."""

import io
from base64 import b64encode

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

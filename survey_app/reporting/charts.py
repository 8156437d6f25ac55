"""Drawn cells as plain rectangles: one drawing for page and paper, legible in grey print."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from survey_app.reporting import formats
from survey_app.reporting.report import Bar, IntervalBar, LikertBar, PointsBar

#: The drawing's own units: every bar is as wide as its cell, whatever that is on page or paper.
WIDTH, HEIGHT = 1000.0, 100.0

# Lightness rises from the worst level to the best, so a grey print keeps the order; hue parts
# red-brown (not satisfied) from blue (satisfied), which colour-blind readers tell apart.
_UNSATISFIED = ("#8c2318", "#c56a3d", "#c9ae84")
_SATISFIED = ("#a9d3e6", "#dcedf5")
FRAME = "#5f6b76"
_INK = "#1b2530"
_GRID = "#d4d9de"
_BAR = "#8fb4cb"


@dataclass(frozen=True)
class Rectangle:
    """A filled rectangle; all lengths in the drawing's units."""

    x: float
    y: float
    width: float
    height: float
    colour: str


@dataclass(frozen=True)
class Drawing:
    """Rectangles from back to front, and what they say in words."""

    rectangles: tuple[Rectangle, ...]
    text: str


def draw(bar: Bar) -> Drawing:
    """The drawing of a cell."""
    if isinstance(bar, LikertBar):
        return Drawing(tuple(_likert(bar)), formats.drawing(bar))
    found = _points(bar) if isinstance(bar, PointsBar) else _interval(bar)
    return Drawing(tuple(found), formats.drawing(bar))


def level_colours(levels: int, satisfied_from: int) -> tuple[str, ...]:
    """A colour for each level, worst first, at any number of levels."""
    unsatisfied = _ramp(_UNSATISFIED, satisfied_from)
    return (*unsatisfied, *_ramp(_SATISFIED, levels - satisfied_from))


def _ramp(stops: Sequence[str], size: int) -> tuple[str, ...]:
    if size <= 1:
        return tuple(stops[:1]) * max(size, 0)
    places = [i * (len(stops) - 1) / (size - 1) for i in range(size)]
    return tuple(_between(stops, place) for place in places)


def _between(stops: Sequence[str], place: float) -> str:
    left = min(int(place), len(stops) - 2)
    part = place - left
    pairs = zip(_channels(stops[left]), _channels(stops[left + 1]), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * part):02x}" for a, b in pairs)


def _channels(colour: str) -> tuple[int, ...]:
    return tuple(int(colour[i : i + 2], 16) for i in (1, 3, 5))


def _likert(bar: LikertBar) -> list[Rectangle]:
    colours = level_colours(len(bar.shares), bar.satisfied_from)
    found = [Rectangle(0, 14, WIDTH, 72, FRAME)]
    left = 0.0
    boundary = None
    for level, (portion, colour) in enumerate(zip(bar.shares, colours, strict=True)):
        if level == bar.satisfied_from:
            boundary = left
        found += _segment(left, left + portion * WIDTH, colour)
        left += portion * WIDTH
    if boundary is not None:
        found.append(Rectangle(min(boundary, WIDTH - 8), 0, 8, HEIGHT, _INK))
    return found


def _segment(left: float, right: float, colour: str) -> list[Rectangle]:
    """One level between hairlines; the frame behind shows through as separator."""
    gap = 2.5
    width = min(right, WIDTH - gap) - max(left, gap)
    if right - left <= 0:
        return []
    return [Rectangle(max(left, gap), 19, max(width - gap / 2, gap), 62, colour)]


def _interval(bar: IntervalBar) -> list[Rectangle]:
    found = [Rectangle(min(x * WIDTH, WIDTH - 3), 0, 3, HEIGHT, _GRID) for x in _GRID_AT]
    found.append(Rectangle(0, 24, bar.value * WIDTH, 52, _BAR))
    if bar.low is None or bar.high is None:
        return found
    return found + _whisker(bar.low * WIDTH, bar.high * WIDTH)


def _points(bar: PointsBar) -> list[Rectangle]:
    """A bar from zero in the middle; what would stand outside the limits ends at them."""

    def place(value: float) -> float:
        return (min(max(value / bar.limit, -1.0), 1.0) + 1) / 2 * WIDTH

    found = [Rectangle(min(x * WIDTH, WIDTH - 3), 0, 3, HEIGHT, _GRID) for x in _GRID_AT]
    zero, end = WIDTH / 2, place(bar.value)
    colour = _SATISFIED[0] if bar.value >= 0 else _UNSATISFIED[1]
    found.append(Rectangle(min(zero, end), 24, abs(end - zero), 52, colour))
    found.append(Rectangle(zero - 2, 0, 4, HEIGHT, _INK))
    if bar.low is None or bar.high is None:
        return found
    return found + _whisker(place(bar.low), place(bar.high))


def _whisker(left: float, right: float) -> list[Rectangle]:
    found = [Rectangle(left, 46, right - left, 8, _INK)]
    return found + [Rectangle(min(x, WIDTH - 7), 28, 7, 44, _INK) for x in (left, right)]


_GRID_AT = (0.0, 0.25, 0.5, 0.75, 1.0)


def svg(bar: Bar) -> Markup:
    """A cell's drawing as inline SVG."""
    return inline(draw(bar))


def inline(drawing: Drawing) -> Markup:
    """A drawing as inline SVG: attributes only, stretched to the width of its cell."""
    shapes = "".join(
        f'<rect x="{r.x:.1f}" y="{r.y:.0f}" width="{r.width:.1f}" height="{r.height:.0f}" '
        f'fill="{r.colour}"/>'
        for r in drawing.rectangles
    )
    # Every value is a number or a constant of this module; the text is escaped.
    return Markup(  # noqa: S704
        f'<svg xmlns="http://www.w3.org/2000/svg" class="report-drawing" role="img" '
        f'width="100%" height="18" viewBox="0 0 {WIDTH:.0f} {HEIGHT:.0f}" '
        f'preserveAspectRatio="none" '
        f'aria-label="{escape(drawing.text)}" focusable="false">{shapes}</svg>'
    )


def swatch(colour: str) -> Markup:
    """A legend's colour sample."""
    return Markup(  # noqa: S704
        '<svg xmlns="http://www.w3.org/2000/svg" class="report-swatch" width="14" height="14" '
        'viewBox="0 0 16 16" '
        'aria-hidden="true" focusable="false">'
        f'<rect width="16" height="16" fill="{FRAME}"/>'
        f'<rect x="1" y="1" width="14" height="14" fill="{escape(colour)}"/></svg>'
    )


def rgb(colour: str) -> tuple[float, float, float]:
    """A colour's channels in 0..1."""
    red, green, blue = _channels(colour)
    return red / 255, green / 255, blue / 255

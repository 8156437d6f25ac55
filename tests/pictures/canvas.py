"""A small SVG canvas: marks and words in greys, blue and red-brown that print in grey, too."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape

WIDTH = 720
INK, SOFT, GRID = "#1b2530", "#5f6b76", "#d4d9de"
BLUE, PALE, RED = "#2f6f95", "#cfe3ee", "#8c2318"
SIZE = 15


@dataclass(frozen=True)
class Axis:
    """Values from ``first`` to ``last`` on a line of the picture from ``start`` to ``end``."""

    first: float
    last: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        part = (value - self.first) / (self.last - self.first)
        return self.start + part * (self.end - self.start)


@dataclass
class Canvas:
    """A picture ``height`` units high that says ``title`` to those who do not see it."""

    title: str
    height: int
    _marks: list[str] = field(default_factory=list)

    def rectangle(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        fill: str = PALE,
        stroke: str = "none",
        dash: str = "none",
    ) -> None:
        self._marks.append(
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" '
            f'fill="{fill}" stroke="{stroke}" stroke-dasharray="{dash}"/>'
        )

    def line(
        self,
        start: tuple[float, float],
        end: tuple[float, float],
        colour: str = INK,
        width: float = 2,
        dash: str = "none",
    ) -> None:
        self._marks.append(
            f'<line x1="{start[0]:.1f}" y1="{start[1]:.1f}" x2="{end[0]:.1f}" y2="{end[1]:.1f}" '
            f'stroke="{colour}" stroke-width="{width:g}" stroke-dasharray="{dash}"/>'
        )

    def path(
        self, points: Sequence[tuple[float, float]], colour: str = INK, dash: str = "none"
    ) -> None:
        places = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        self._marks.append(
            f'<polyline points="{places}" fill="none" stroke="{colour}" stroke-width="2.5" '
            f'stroke-dasharray="{dash}"/>'
        )

    def dot(self, x: float, y: float, fill: str = INK, radius: float = 6) -> None:
        self._marks.append(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:g}" fill="{fill}" stroke="{INK}" '
            'stroke-width="1.5"/>'
        )

    def text(
        self,
        x: float,
        y: float,
        words: str,
        anchor: str = "start",
        colour: str = INK,
        weight: str = "normal",
        size: float = SIZE,
    ) -> None:
        self._marks.append(
            f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}" '
            f'font-weight="{weight}" font-size="{size:g}">{escape(words)}</text>'
        )

    def interval(
        self, axis: Axis, y: float, low: float, high: float, colour: str = INK, width: float = 3
    ) -> None:
        """A level line with stops at both ends."""
        self.line((axis(low), y), (axis(high), y), colour, width)
        for end in (low, high):
            self.line((axis(end), y - 7), (axis(end), y + 7), colour, width)

    def level_axis(
        self, axis: Axis, top: float, bottom: float, ticks: Sequence[tuple[float, str]]
    ) -> None:
        """Upright grid lines from top to bottom with a word under each."""
        for value, words in ticks:
            self.line((axis(value), top), (axis(value), bottom), GRID, 1)
            self.text(axis(value), bottom + 18, words, "middle", SOFT, size=13)

    def svg(self) -> str:
        """The whole file."""
        title = escape(self.title)
        head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {self.height}" '
            f'width="{WIDTH}" height="{self.height}" role="img" font-family="sans-serif">'
        )
        ground = f'<rect width="{WIDTH}" height="{self.height}" fill="#ffffff"/>'
        return "\n".join([head, f"<title>{title}</title>", ground, *self._marks, "</svg>"]) + "\n"

"""One-time links and open links → PDF: slips to cut apart, ten on a page, and posters."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

from weasyprint.css import CSS

from survey_app.reporting.rendering import markup
from survey_app.reporting.rendering.pdf import renderer
from survey_app.reporting.rendering.qr import Square

COLUMNS, ROWS = 2, 5
SLIPS_A_PAGE = COLUMNS * ROWS
_SQUARE = "hai-long-drawing:square-{}"


@dataclass(frozen=True)
class Slip:
    """One slip: who asks, the one-time code and its address.

    ``dossier`` and ``label`` are printed so that the slip reaches the right person; empty where
    slips are all alike.
    """

    agency: str
    place: str
    code: str
    address: str
    expires_on: date
    dossier: str = ""
    label: str = ""


@dataclass(frozen=True)
class Poster:
    """The open link of a collection point, for the wall."""

    agency: str
    place: str
    code: str
    address: str
    starts_on: date
    ends_on: date


def render_slips(slips: Sequence[Slip], *, title: str, is_demo: bool, has_english: bool) -> bytes:
    """The slips on A4 with marks where to cut, in the order given."""
    pages = [slips[start : start + SLIPS_A_PAGE] for start in range(0, len(slips), SLIPS_A_PAGE)]
    text = _fill(
        "paper_slips.html",
        pages=pages,
        columns=COLUMNS,
        title=title,
        is_demo=is_demo,
        has_english=has_english,
    )
    return renderer().write(text, _style("paper_slips.css"), _squares(slips))


def render_posters(
    posters: Sequence[Poster], *, title: str, is_demo: bool, has_english: bool
) -> bytes:
    """One poster a page, A4."""
    text = _fill(
        "paper_posters.html", posters=posters, title=title, is_demo=is_demo, has_english=has_english
    )
    return renderer().write(text, _style("paper_posters.css"), _squares(posters))


def code_groups(code: str) -> tuple[str, ...]:
    """The code in pieces that can be read aloud: ABCD EFGH, ABCD EFGH JKMNP."""
    starts = range(0, len(code) - 3, 4)
    return (*(code[start : start + 4] for start in starts[:-1]), code[starts[-1] :])


def _squares(sheets: Sequence[Slip] | Sequence[Poster]) -> Mapping[str, object]:
    return {_SQUARE.format(sheet.code): Square(sheet.address) for sheet in sheets}


def _fill(template: str, **values: object) -> str:
    found = markup.environment().get_template(template)
    return found.render(square=_SQUARE.format, groups=code_groups, site=_site, **values)


def _site(address: str) -> str:
    """What people type: the address without protocol and path."""
    return address.partition("://")[2].partition("/")[0]


@cache
def _style(name: str) -> CSS:
    return renderer().style(name)

"""The guides of docs/vi as pages: read at first use, cut into sections, written as plain HTML."""

import re
from collections.abc import Iterable, Iterator, MutableMapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import OptionsDict
from markupsafe import Markup

from survey_app.text import fold

#: Beside the package in every checkout, whatever folder the program was started from.
DOCUMENTS = Path(__file__).parents[3] / "docs"
FOLDER = DOCUMENTS / "vi"
#: Pictures that the guides borrow from the folder above.
BORROWED = ("screenshot-dashboard.png",)
MEDIA_TYPES = {".svg": "image/svg+xml", ".png": "image/png"}
#: The groups of the list, each with the names of its guides in the order in which they are needed.
GROUPS: dict[str, tuple[str, ...]] = {
    "Bắt đầu": ("bat-dau",),
    "Bộ câu hỏi": ("bo-cau-hoi", "phien-ban"),
    "Cuộc khảo sát": ("khao-sat",),
    "Thu phiếu": ("phieu-moi", "kiosk", "nhap-phieu-giay"),
    "Kết quả và số liệu": ("phuong-phap", "trao-doi-du-lieu"),
    "Quản trị": ("don-vi", "tai-khoan", "nhat-ky", "du-lieu-ca-nhan"),
}
_OTHER_GUIDE = re.compile(r"(?P<name>[a-z-]+)\.md(?P<anchor>#.*)?")


@dataclass(frozen=True)
class Section:
    """A heading (level 2 or 3) with its place on the page and the words below it."""

    level: int
    anchor: str
    heading: str
    words: str

    @cached_property
    def heading_key(self) -> str:
        return fold(self.heading)

    @cached_property
    def words_key(self) -> str:
        return fold(self.words)


@dataclass(frozen=True)
class Guide:
    """One guide as it is shown. ``lead`` is its first sentence: whom it is for."""

    name: str
    title: str
    lead: str
    body: Markup
    sections: tuple[Section, ...]


@dataclass(frozen=True)
class Found:
    """A section that holds what was looked for."""

    guide: Guide
    section: Section


class _Writer(RendererHTML):
    """HTML for the pages of the office: what is wide scrolls in a frame of its own."""

    def table_open(self, tokens: Sequence[Token], place: int, *_rest: Any) -> str:
        number = sum(token.type == "table_open" for token in tokens[: place + 1])
        return f'{_frame(f"Bảng {number}")}<table class="table">'

    def table_close(self, *_all: Any) -> str:
        return "</table></div>\n"

    def image(
        self,
        tokens: Sequence[Token],
        place: int,
        options: OptionsDict,
        env: MutableMapping[str, Any],
    ) -> str:
        env["pictures"] = env.get("pictures", 0) + 1
        drawn = super().image(tokens, place, options, env)
        label = f"Hình {env['pictures']}"
        return f"{_frame(label, 'span', 'guide-picture')}{drawn}</span>"


def _frame(label: str, tag: str = "div", more: str = "") -> str:
    classes = f"table-frame {more}".strip()
    return f'<{tag} class="{classes}" role="region" aria-label="{label}" tabindex="0">'


def list_guides() -> dict[str, tuple[Guide, ...]]:
    """Group → its guides; groups without a file are left out."""
    found = {
        group: tuple(guide for name in names if (guide := find_guide(name)))
        for group, names in GROUPS.items()
    }
    return {group: guides for group, guides in found.items() if guides}


@cache
def find_guide(name: str) -> Guide | None:
    """The guide with this name, rendered once for as long as the program runs; None if unknown."""
    path = FOLDER / f"{name}.md"
    if not any(name in names for names in GROUPS.values()) or not path.is_file():
        return None
    return render_guide(name, path.read_text(encoding="utf-8"))


def find_picture(name: str) -> Path | None:
    """The file of a picture that the guides show."""
    folder = DOCUMENTS if name in BORROWED else FOLDER
    return next((path for path in folder.glob("*.*") if _is_picture(path, name)), None)


def _is_picture(path: Path, name: str) -> bool:
    return path.name == name and path.suffix in MEDIA_TYPES


def search_guides(wanted: str) -> tuple[Found, ...]:
    """The sections with these words, marks left aside: first those whose heading has them."""
    key = fold(wanted)
    if not key:
        return ()
    every = [
        Found(guide, section)
        for guides in list_guides().values()
        for guide in guides
        for section in guide.sections
    ]
    named = [found for found in every if key in found.section.heading_key]
    said = [found for found in every if key in found.section.words_key and found not in named]
    return (*named, *said)


def render_guide(name: str, source: str) -> Guide:
    """A guide from its Markdown. HTML in it is shown as text; links that lead outside the guides
    become plain words."""
    reader = MarkdownIt("commonmark", {"html": False}, renderer_cls=_Writer).enable("table")
    tokens = reader.parse(source)
    title = _text(tokens[1])
    body = tokens[3:]
    sections = tuple(_sections(body))
    for token in body:
        _prepare(token)
    lead = next((_text(token) for token in body if token.type == "inline"), "").split(". ")[0]
    html = reader.renderer.render(body, reader.options, {})
    return Guide(name, title, lead.rstrip(".") + ".", Markup(html), sections)  # noqa: S704 (made of our own files)


def _sections(tokens: Sequence[Token]) -> Iterator[Section]:
    """The sections of some tokens; gives each heading its anchor on the way."""
    heads = [place for place, token in enumerate(tokens) if token.type == "heading_open"]
    taken: set[str] = set()
    for place, end in zip(heads, [*heads[1:], len(tokens)], strict=True):
        heading = _text(tokens[place + 1])
        anchor = _anchor(heading, taken)
        tokens[place].attrSet("id", anchor)
        words = " ".join(
            token.content if token.type == "fence" else _text(token)
            for token in tokens[place + 3 : end]
        )
        yield Section(int(tokens[place].tag[1:]), anchor, heading, words)


def _anchor(heading: str, taken: set[str]) -> str:
    """A place on the page named after its heading; never the same twice."""
    stem = "muc-" + "-".join(re.findall(r"[a-z0-9]+", fold(heading)))
    anchor, number = stem, 2
    while anchor in taken:
        anchor, number = f"{stem}-{number}", number + 1
    taken.add(anchor)
    return anchor


def _text(token: Token) -> str:
    """What a token says, without marks of emphasis."""
    parts: Iterable[Token] = token.children or ()
    return "".join(" " if part.type == "softbreak" else part.content for part in parts)


def _prepare(token: Token) -> None:
    """Point links and pictures at the pages; name what the head of a table stands over."""
    if token.type == "th_open":
        token.attrs = {"scope": "col"}
    if token.children is None:
        return
    token.children = list(_with_pages(token.children))


def _with_pages(tokens: Iterable[Token]) -> Iterator[Token]:
    is_plain = False
    for token in tokens:
        if token.type == "link_open":
            address = _page_address(str(token.attrs["href"]))
            is_plain = address is None
            token.attrSet("href", address or "")
        if token.type == "image":
            token.attrSet("src", "pictures/" + str(token.attrs["src"]).rpartition("/")[2])
        if not (is_plain and token.type in {"link_open", "link_close"}):
            yield token
        if token.type == "link_close":
            is_plain = False


def _page_address(address: str) -> str | None:
    """Where a link of a guide leads on the pages, which stand side by side; None: nowhere here."""
    if address.startswith(("#", "https://")):
        return address
    other = _OTHER_GUIDE.fullmatch(address)
    return f"{other['name']}{other['anchor'] or ''}" if other else None

"""The questionnaire's page is rendered once; each opening gets its own link and id."""

import gzip

import pytest

from survey_app.web.citizen.kept_pages import SHEET_ID, TOKEN, KeptPage, KeptPages

HTML = f'<form action="/s/{TOKEN}">Ý kiến {"của ông/bà " * 300}<input value="{SHEET_ID}">…</form>'


@pytest.mark.parametrize("token", ["ABCDEFGH", "ABCDEFGHJKMNP"])
def test_a_page_is_filled_plain_and_packed(token: str) -> None:
    page = KeptPage.split(HTML, TOKEN, SHEET_ID)
    expected = HTML.replace(TOKEN, token).replace(SHEET_ID, "some-id").encode()
    assert page.filled(token, "some-id") == expected
    packed = page.filled_gzip(token, "some-id")
    assert gzip.decompress(packed) == expected
    assert len(packed) < len(expected) / 4


def test_a_page_is_rendered_once_for_what_it_shows() -> None:
    rendered: list[str] = []

    def render() -> KeptPage:
        rendered.append(HTML)
        return KeptPage.split(HTML, TOKEN)

    pages = KeptPages()
    first = pages.get(("vi", "Phường Mẫu"), render)
    assert pages.get(("vi", "Phường Mẫu"), render) is first
    assert pages.get(("en", "Phường Mẫu"), render) is not first
    assert len(rendered) == 2

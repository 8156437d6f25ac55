"""The languages of the interface and their catalogues."""

import re
import unicodedata
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from survey_app import i18n
from survey_app.i18n import (
    format_date,
    format_number,
    frame_language,
    interface_languages,
    language_name,
    translate,
    vietnamese_name,
)
from survey_app.questionnaire.sentences import SENTENCES
from survey_app.web.errors import EXPIRED, HTTP, TITLES
from tests.catalogues import forget_catalogues, sentences_of, untranslated

APP = Path(i18n.__file__).parent
CITIZEN_PAGES = [
    APP / "web" / "templates" / "layouts" / "base.html",
    APP / "web" / "templates" / "layouts" / "citizen.html",
    APP / "web" / "templates" / "components",
    APP / "web" / "templates" / "citizen",
    APP / "web" / "templates" / "kiosk",
    APP / "web" / "templates" / "answers",
    APP / "web" / "templates" / "errors",
    APP / "web" / "citizen",
    APP / "web" / "answer_form.py",
    APP / "operations" / "intake" / "submission.py",
    APP / "web" / "kiosk",
    APP / "operations" / "privacy" / "contact_requests.py",
]
OTHERS = [language for language in interface_languages() if language != "vi"]


@pytest.fixture
def catalogue(tmp_path, monkeypatch):
    """A catalogue of its own for one test."""
    folder = tmp_path / "translations" / "en" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    header = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n'
    entries = [
        'msgid "Câu {number} trên {total}"\nmsgstr "Question {number} of {total}"\n',
        'msgid "Gửi phiếu"\nmsgstr "Send"\n',
        '#, fuzzy\nmsgid "Quay lại"\nmsgstr "Return?"\n',
        'msgid "Tiếp tục"\nmsgstr ""\n',
    ]
    (folder / "messages.po").write_text(header + "\n".join(entries), encoding="utf-8")
    monkeypatch.setattr(i18n, "CATALOGUES", tmp_path / "translations")
    forget_catalogues()
    yield
    forget_catalogues()


def test_vietnamese_needs_no_catalogue() -> None:
    assert translate("Câu {number} trên {total}", "vi", number=3, total=12) == "Câu 3 trên 12"
    assert translate("Đạt 95% {không phải chỗ điền}") == "Đạt 95% {không phải chỗ điền}"


@pytest.mark.usefixtures("catalogue")
def test_english_comes_from_the_catalogue() -> None:
    assert translate("Gửi phiếu", "en") == "Send"
    assert translate("Câu {number} trên {total}", "en", number=3, total=12) == "Question 3 of 12"


@pytest.mark.usefixtures("catalogue")
@pytest.mark.parametrize("msgid", ["Quay lại", "Tiếp tục", "Chưa có"])
def test_what_is_not_translated_stays_vietnamese(msgid: str) -> None:
    assert translate(msgid, "en") == msgid


def test_unknown_language_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="fr"):
        translate("Gửi phiếu", "fr")


def test_format_date() -> None:
    assert format_date(date(2026, 6, 5)) == "05/06/2026"


@pytest.mark.parametrize(
    ("value", "decimals", "language", "text"),
    [
        (1234567, 0, "vi", "1.234.567"),
        (1234.5, 2, "vi", "1.234,50"),
        (1234.5, 2, "en", "1,234.50"),
        (0.125, 2, "vi", "0,13"),
        (Decimal("86.445"), 2, "vi", "86,45"),
        (2.5, 0, "vi", "3"),
        (-0.4, 0, "vi", "0"),
    ],
)
def test_format_number(value: float, decimals: int, language: str, text: str) -> None:
    assert format_number(value, decimals, language) == text


@pytest.mark.usefixtures("catalogue")
def test_untranslated_finds_calls_in_templates_and_code(tmp_path: Path) -> None:
    pages = tmp_path / "pages"
    pages.mkdir()
    (pages / "start.html").write_text(
        '<p>{{ _("Gửi phiếu") }}</p>\n{% if x %}<a title="{{ _(\'Cảm ơn {who}\', who=a) }}">'
        "{% endif %}",
        encoding="utf-8",
    )
    (pages / "views.py").write_text(
        'a = translate("Hết hạn", language)\nb = other("Bỏ qua")\nc = _("Tiếp tục")\n',
        encoding="utf-8",
    )
    (pages / "notes.txt").write_text('_("Không đọc")', encoding="utf-8")
    assert untranslated([pages]) == [
        f"{pages / 'start.html'}:2: Cảm ơn {{who}}",
        f"{pages / 'views.py'}:1: Hết hạn",
        f"{pages / 'views.py'}:3: Tiếp tục",
    ]
    assert untranslated([pages / "start.html"])[0].endswith("Cảm ơn {who}")


def test_three_languages_are_spoken() -> None:
    assert interface_languages() == ("vi", "en", "zh")
    assert [frame_language(code) for code in ("vi", "zh", "rad")] == ["vi", "zh", "vi"]


def test_languages_are_called_what_their_speakers_call_them() -> None:
    assert [language_name(code) for code in ("vi", "en", "zh")] == ["Tiếng Việt", "English", "中文"]
    assert [language_name(code) for code in ("hmn", "rad")] == ["Tiếng H’Mông", "Rad"]
    names = [vietnamese_name(code) for code in ("vi", "en", "zh", "hmn", "rad")]
    assert names == ["tiếng Việt", "tiếng Anh", "tiếng Trung", "tiếng H’Mông", "rad"]


@pytest.mark.usefixtures("catalogue")
def test_a_catalogue_may_do_nothing_but_name_its_language() -> None:
    folder = i18n.CATALOGUES / "rad" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "messages.po").write_text(f'msgid "{i18n.NAME}"\nmsgstr "Êđê"\n', encoding="utf-8")
    forget_catalogues()
    assert (language_name("rad"), vietnamese_name("rad")) == ("Êđê", "Êđê")
    assert interface_languages() == ("vi", "en")


@pytest.mark.parametrize("language", OTHERS)
def test_every_sentence_for_citizens_is_translated(language: str) -> None:
    assert untranslated(CITIZEN_PAGES, language) == []
    known = sentences_of(language)
    said = {*SENTENCES.values(), *TITLES.values()}
    said |= {text for words in [*HTTP.values(), EXPIRED] for text in (words.title, words.detail)}
    assert said - known.keys() == set()


def test_the_catalogues_hold_the_same_sentences() -> None:
    english = sentences_of("en").keys()
    for language in OTHERS:
        assert sentences_of(language).keys() ^ english == set(), language


@pytest.mark.parametrize("language", OTHERS)
def test_translations_fill_in_the_same_places(language: str) -> None:
    path = i18n.CATALOGUES / language / "LC_MESSAGES" / "messages.po"
    with path.open("rb") as file:
        catalogue = read_po(file, locale=language, abort_invalid=True)
    text = path.read_text(encoding="utf-8")
    assert unicodedata.is_normalized("NFC", text)
    assert text.count("\nmsgid ") == len(catalogue) + 1  # no sentence stands there twice
    for message in catalogue:
        if message.id:
            assert message.string, message.id
            assert _places(str(message.string)) == _places(str(message.id)), message.id


def _places(sentence: str) -> set[str]:
    return set(re.findall(r"{\w+}", sentence))

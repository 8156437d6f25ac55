"""Translating a draft: which texts there are, and what two people's changes come to."""

from survey_app.questionnaire.editing.document import new_document
from survey_app.questionnaire.editing.merging import Clash
from survey_app.questionnaire.editing.parts import add_question, add_section
from survey_app.questionnaire.editing.translating import (
    merge_translations,
    missing_translations,
    set_translations,
    texts_to_translate,
)

TITLE, SECTION, QUESTION = "general/title", "section:phuc_vu/title", "question:phuc_vu.mot/text"


def draft() -> dict[str, object]:
    document, _ = add_section({**new_document("thu", "Thử"), "languages": ["vi", "en"]}, "Phục vụ")
    return add_question(document, "phuc_vu", "Một")[0]


def test_every_text_is_there_once_in_the_order_of_the_draft() -> None:
    names = [text.name for text in texts_to_translate(draft(), "en")]
    levels = [f"scale:satisfaction/label/{number}" for number in range(1, 6)]
    assert names == [TITLE, SECTION, QUESTION, *levels, "scale:satisfaction/not_applicable"]
    assert missing_translations(draft()) == {"en": len(names)}


def test_saved_translations_are_read_back_and_may_be_emptied() -> None:
    names = [text.name for text in texts_to_translate(draft(), "en")]
    full = set_translations(draft(), "en", {name: f"in English {name}" for name in names})
    assert {t.name: t.translation for t in texts_to_translate(full, "en")} == {
        name: f"in English {name}" for name in names
    }
    assert missing_translations(full) == {}
    assert set_translations(full, "en", dict.fromkeys(names, "")) == draft()


def test_only_what_was_changed_is_saved_and_a_clash_shows_both() -> None:
    seen = set_translations(draft(), "en", {TITLE: "Test", SECTION: "Service"})
    theirs = set_translations(seen, "en", {TITLE: "Trial", SECTION: "Serving"})
    typed = {TITLE: "Test", SECTION: "Our service", QUESTION: " One\r\n", "question:gone/text": "x"}
    merge = merge_translations(seen, theirs, "en", typed)
    assert merge.changes == {QUESTION: "One"}
    assert merge.clashes == (
        Clash(SECTION, ("Service",), ("Our service",), ("Serving",)),
        Clash("question:gone/text", ("",), ("x",), None),
    )
    assert merge_translations(seen, theirs, "en", {TITLE: "Trial"}).clashes == ()  # both say so


def test_a_draft_that_nobody_knows_any_more_overwrites_nothing() -> None:
    now = set_translations(draft(), "en", {TITLE: "Trial"})
    merge = merge_translations(None, now, "en", {TITLE: "Test", QUESTION: "One"})
    assert (merge.changes, merge.clashes) == (
        {QUESTION: "One"},
        (Clash(TITLE, None, ("Test",), ("Trial",)),),
    )


def test_a_translation_of_words_that_have_changed_is_told() -> None:
    seen = draft()
    now = set_translations(seen, "vi", {QUESTION: "Hai"})
    merge = merge_translations(seen, now, "en", {QUESTION: "One"})
    assert (merge.changes, merge.restated) == ({QUESTION: "One"}, (QUESTION,))

"""Translating a draft on one page, without script: one save for all, nobody overwritten."""

import re
from typing import Any

import pytest
from flask.testing import FlaskClient

from survey_app.operations.questionnaires import drafts
from survey_app.operations.questionnaires.drafts import Outdated
from survey_app.questionnaire.editing.choices import remove_language
from survey_app.questionnaire.editing.document import read_document, write_document
from survey_app.questionnaire.editing.translating import texts_to_translate
from survey_app.storage.database import Database
from survey_app.web.admin.editor.conflicts.cases import TranslationCase
from survey_app.web.admin.editor.reading import Edited
from tests.factories import NOW, QUESTIONNAIRES, make_account
from tests.integration.office import actions, plain, post, sign_in

SOURCE = (QUESTIONNAIRES / "sipas-counter.yaml").read_text(encoding="utf-8")
DRAFT = "/admin/drafts/1"
PAGE = f"{DRAFT}/translation/en"


@pytest.fixture(autouse=True)
def office(database: Database, client: FlaskClient) -> None:
    """The shipped questionnaire as a draft to which English is added."""
    with database.transaction() as session:
        make_account(session)
        document = remove_language(read_document(SOURCE), "en")
        drafts.draft_from_source(session, write_document(document), now=NOW, account=None)
    sign_in(client)
    answer = post(client, f"{DRAFT}/general", wish="add-language", language="en", revision=1)
    assert answer.location.endswith(f"{PAGE}#muc")


def fields(client: FlaskClient, page: str = PAGE) -> list[str]:
    """The names of the fields of the page's form, in order."""
    return re.findall(r'class="input" id="([^"]+/[^"]+)"', client.get(page).text)


def english(database: Database) -> dict[str, str]:
    with database.session() as session:
        document = drafts.find_draft(session, 1).document
    return {t.name: t.translation for t in texts_to_translate(document, "en") if t.translation}


def test_a_whole_questionnaire_is_translated_by_one_save(
    client: FlaskClient, database: Database
) -> None:
    names = fields(client)
    assert len(names) > 60
    typed = {name: f"in English {number}" for number, name in enumerate(names)}
    before = len(actions(database))
    answer = post(client, PAGE, revision=2, **typed)
    assert answer.status_code == 303
    assert english(database) == typed
    assert actions(database)[before:] == ["draft.edit"]
    assert f"Đã dịch hết {len(names)} chỗ" in plain(client.get(PAGE))
    post(client, f"{DRAFT}/undo", wish="undo", revision=3)
    assert english(database) == {}  # one step back for all of it


def test_the_filter_shows_what_is_missing_and_stays(client: FlaskClient) -> None:
    names = fields(client)
    answer = post(client, f"{PAGE}?missing=1", revision=2, **{names[0]: "Title"})
    assert answer.location.endswith(f"{PAGE}?missing=1#muc")
    assert fields(client, f"{PAGE}?missing=1") == names[1:]
    hints = plain(client.get(f"{DRAFT}/checks"))
    assert hints.count("chưa có bản dịch") == 1
    assert f"Còn {len(names) - 1} chỗ chưa có bản dịch" in hints


def test_two_who_translate_at_once_overwrite_nothing(
    client: FlaskClient, database: Database
) -> None:
    first, second, third = fields(client)[:3]
    post(client, PAGE, revision=2, **{first: "Theirs", second: "Also theirs", third: ""})
    typed = {first: "Mine", second: "", third: "Mine alone"}
    address = post(client, PAGE, revision=2, **typed).location
    page = client.get(address)
    assert all(words in plain(page) for words in ("Theirs", "Mine", "Mine alone"))
    assert english(database) == {first: "Theirs", second: "Also theirs"}
    post(client, address, revision=3, wish="save", **{f"side/{first}": "saved"})
    assert english(database) == {first: "Theirs", second: "Also theirs", third: "Mine alone"}


def test_a_save_of_others_at_the_same_moment_loses_no_translation(
    client: FlaskClient, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On PostgreSQL somebody may save between reading the draft and saving it."""
    save, tries = TranslationCase.save, []

    def overtaken(case: TranslationCase, *given: Any) -> Edited:
        tries.append(case)
        if len(tries) == 1:
            raise Outdated("Bản thảo đã được lưu ở nơi khác.")
        return save(case, *given)

    monkeypatch.setattr(TranslationCase, "save", overtaken)
    name = fields(client)[0]
    assert post(client, PAGE, revision=2, **{name: "Mine"}).status_code == 303
    assert english(database) == {name: "Mine"}


def test_what_is_refused_stays_in_its_field(client: FlaskClient, database: Database) -> None:
    first, second = fields(client)[:2]
    answer = post(client, PAGE, revision=2, **{first: "y" * 5001, second: "Kept"})
    assert answer.status_code == 422
    assert "y" * 5001 in answer.text
    assert "Kept" in answer.text
    assert english(database) == {}
    assert client.get(f"{DRAFT}/translation/vi").status_code == 404
    assert client.get(f"{DRAFT}/translation/fr").status_code == 404

"""Languages: Chinese from the first page to the stored sheet; a new one by translation alone."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select

from survey_app import i18n
from survey_app.storage.database import Database
from survey_app.storage.models import SurveyResponse
from tests.catalogues import forget_catalogues
from tests.factories import NOW, QUESTIONNAIRES, make_point, make_survey, make_unit
from tests.integration.citizen.test_citizen_pages import Form

RATING = (QUESTIONNAIRES / "one-stop-rating.yaml").read_text(encoding="utf-8")
SENTENCES = {
    "Gửi phiếu": "Send it (mt)",
    "Câu {number} trên {total}": "Mistoqsija {number} minn {total}",
    "Vui lòng chọn một mức độ hài lòng.": "Agħżel livell ta’ sodisfazzjon.",
}


@pytest.fixture(autouse=True)
def fixed_time() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def open_point(database: Database, source: str) -> str:
    with database.transaction() as session:
        unit = make_unit(session, name="Phường Chợ Lớn")
        survey = make_survey(session, [unit], source=source)
        return f"/s/{make_point(session, survey, unit).token}"


def languages_stored(database: Database) -> list[str]:
    with database.session() as session:
        return list(session.scalars(select(SurveyResponse.language)))


def send(client: FlaskClient, address: str, **answers: str) -> tuple[int, str]:
    form = Form.on(client.get(address))
    reply = client.post(form.action, data=form.filled(**answers), follow_redirects=True)
    return reply.status_code, reply.text


def translated(language: str, name: str) -> str:
    """The rating, in one more language: its title, one question, one level of the scale."""
    source = RATING.replace("languages: [vi, en, zh]", f"languages: [vi, en, zh, {language}]")
    source = source.replace("  zh: 对一站式服务部的评价", f"  zh: 对\n  {language}: {name} title")
    source = source.replace("zh: 公务员的态度", f"zh: 公, {language}: {name} attitude")
    return source.replace("zh: 满意 }", f"zh: 满意, {language}: {name} satisfied }}")


def test_chinese_from_the_first_page_to_the_sheet(client: FlaskClient, database: Database) -> None:
    address = open_point(database, RATING)
    welcome = client.get("/?lang=zh").text
    assert '<html lang="zh"' in welcome
    assert "请评价办事机关的服务" in welcome
    page = client.get(address).text
    assert '<h1 class="survey-title">对一站式服务部的评价</h1>' in page
    assert '<span lang="vi">' not in page
    assert 'value="lang:vi" lang="vi"' in page
    assert 'value="lang:zh"' not in page
    status, mistakes = send(client, address)
    assert status == 422
    assert "请选择一个满意程度。" in mistakes
    status, thanks = send(client, address, **{"service.overall": "5"})
    assert status == 200
    assert "感谢您，问卷已提交" in thanks
    assert "衷心感谢您的评价。" in thanks
    assert languages_stored(database) == ["zh"]
    assert "调查代码不正确" in client.get("/s/NOSUCH23").text


def test_the_api_takes_and_speaks_chinese(client: FlaskClient, database: Database) -> None:
    link = open_point(database, RATING)
    identifier = "/api/v1/responses/6a1f3f2e-58a1-4a58-9d6a-0a3b6a3c1f10"
    sheet = {"link": link, "language": "zh", "answers": {}}
    refused = client.put(identifier, json=sheet)
    assert refused.json
    assert refused.json["problems"][1]["message"] == "请选择一个满意程度。"
    stored = client.put(identifier, json=sheet | {"answers": {"service.overall": "4"}})
    assert stored.status_code == 201
    assert languages_stored(database) == ["zh"]


@pytest.fixture
def maltese(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A catalogue more, for one test: a few sentences in Maltese."""
    folder = tmp_path / "translations"
    folder.mkdir()
    for language in ("en", "zh"):
        (folder / language).symlink_to(i18n.CATALOGUES / language)
    (folder / "mt" / "LC_MESSAGES").mkdir(parents=True)
    entries = [f'msgid "{vi}"\nmsgstr "{mt}"\n' for vi, mt in SENTENCES.items()]
    (folder / "mt" / "LC_MESSAGES" / "messages.po").write_text("\n".join(entries), "utf-8")
    monkeypatch.setattr(i18n, "CATALOGUES", folder)
    forget_catalogues()
    yield
    forget_catalogues()


@pytest.mark.usefixtures("maltese")
def test_a_language_is_added_by_translating(client: FlaskClient, database: Database) -> None:
    address = open_point(database, translated("mt", "Malti"))
    assert re.search(r'value="lang:mt" lang="mt">.*Malti', client.get("/").text)
    assert re.search(r'value="lang:mt" lang="mt">.*Malti', client.get(address).text)
    page = client.get(f"{address}?lang=mt").text
    assert '<html lang="mt"' in page
    assert "Mistoqsija 1 minn 8" in page
    assert "Send it (mt)" in page
    assert '<h1 class="survey-title">Malti title</h1>' in page
    assert '<span class="card-words">Malti satisfied</span>' in page
    assert '<span lang="vi">Rất hài lòng</span>' in page
    assert "Agħżel livell ta’ sodisfazzjon." in send(client, address)[1]
    assert send(client, address, **{"service.overall": "5"})[0] == 200
    assert languages_stored(database) == ["mt"]


def test_a_questionnaire_may_speak_what_the_interface_does_not(
    client: FlaskClient, database: Database
) -> None:
    """As for the languages of small peoples: what stands around the questions is Vietnamese, and
    a screen reader is told which is which."""
    address = open_point(database, translated("rad", "Êđê"))
    assert 'value="lang:rad" lang="rad"' in client.get(address).text
    assert 'value="lang:rad"' not in client.get("/").text
    page = client.get(f"{address}?lang=rad").text
    assert '<html lang="vi"' in page
    assert '<h1 class="survey-title"><span lang="rad">Êđê title</span></h1>' in page
    assert '<span lang="rad">Êđê attitude</span>' in page
    assert '<span class="card-words">Rất hài lòng</span>' in page
    assert "Câu 1 trên 8" in page
    assert 'value="lang:vi"' in page
    assert 'value="lang:rad"' not in page
    assert "Vui lòng chọn một mức độ hài lòng." in send(client, address)[1]
    assert send(client, address, **{"service.overall": "5"})[0] == 200
    assert languages_stored(database) == ["rad"]


def test_a_chosen_language_that_nobody_speaks_is_vietnamese(
    client: FlaskClient, database: Database
) -> None:
    address = open_point(database, RATING)
    for language in ("xx", "../en", "EN", "english"):
        assert '<html lang="vi"' in client.get(f"{address}?lang={language}").text
    client.set_cookie("lang", "../../zh")
    assert '<html lang="vi"' in client.get(address).text

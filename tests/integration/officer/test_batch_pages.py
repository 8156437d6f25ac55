"""The pages of a batch: asked for, watched without a script, fetched by who asked."""

import io
import re
import threading
import zipfile

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from survey_app.operations.access.accounts import AccountRole
from survey_app.storage.database import Database
from survey_app.worker import work_once
from tests.factories import PASSWORD, answer, make_account, make_point, make_survey, make_unit


def sign_in(app: Flask, username: str) -> FlaskClient:
    client = app.test_client()
    page = client.get("/sign-in").text
    form = {"csrf_token": token_of(page), "username": username, "password": PASSWORD}
    assert client.post("/sign-in", data=form).status_code in {302, 303}
    return client


def token_of(page: str) -> str:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert found
    return found.group(1)


@pytest.fixture
def officer(app: Flask, session: Session) -> FlaskClient:
    """An officer of one unit of two."""
    own, other = make_unit(session, "H01.01"), make_unit(session, "H01.02", "Phường Khác")
    survey = make_survey(session, [own, other])
    point = make_point(session, survey, own)
    for level in "45535":
        answer(session, point.token, {"access.signage": level})
    make_account(session, "canbo", AccountRole.OFFICER, own)
    make_account(session, "nguoikhac", AccountRole.OFFICER, other)
    session.commit()
    return sign_in(app, "canbo")


def test_a_batch_holds_the_officers_own_units(
    app: Flask, officer: FlaskClient, database: Database
) -> None:
    address = "/officer/surveys/KS-2026/batches"
    token = token_of(officer.get(address).text)
    assert officer.post(address, data={"csrf_token": token, "form": "xlsx"}).status_code == 302
    waiting = officer.get(address)
    assert "0/1 đơn vị" in waiting.text
    assert "Refresh" not in waiting.headers, "a page that reloads itself takes the focus away"
    assert "Cập nhật tiến độ" in waiting.text
    assert "js/batches.js" in waiting.text
    folder = app.config["SETTINGS"].data_directory
    (folder / "batches").mkdir()
    assert work_once(database, folder, threading.Event())
    done = officer.get(address)
    assert "Cập nhật tiến độ" not in done.text
    with officer.get(f"{address}/1/archive.zip") as reply:
        archive = reply.data
    with zipfile.ZipFile(io.BytesIO(archive)) as found:
        assert [name[:6] for name in found.namelist()] == ["H01.01"]
    assert sign_in(app, "nguoikhac").get(f"{address}/1/archive.zip").status_code == 404


def test_a_batch_can_be_cancelled(officer: FlaskClient, app: Flask, database: Database) -> None:
    address = "/officer/surveys/KS-2026/batches"
    token = token_of(officer.get(address).text)
    officer.post(address, data={"csrf_token": token, "form": "pdf"})
    officer.post(f"{address}/1/cancel", data={"csrf_token": token})
    assert "Đã hủy" in officer.get(address).text
    assert not work_once(database, app.config["SETTINGS"].data_directory, threading.Event())
    bad = officer.post(address, data={"csrf_token": token, "form": "exe"})
    assert bad.status_code == 422

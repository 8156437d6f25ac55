"""The page about data and privacy, and the commands for those who keep the service running."""

import json
import os
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from survey_app.app import create_app
from survey_app.config import Settings
from survey_app.operations.access.accounts import set_active
from survey_app.storage.database import Database
from survey_app.storage.models import Account
from tests.factories import NOW, make_account, make_point, make_survey, make_unit
from tests.integration.office import actions, plain
from tests.program import Run, run_forked


@pytest.mark.parametrize(
    ("language", "words"),
    [("vi", "365 ngày kể từ ngày khóa"), ("en", "365 days from the day"), ("zh", "起 365 天")],
)
def test_the_page_tells_what_is_in_force(client: FlaskClient, language: str, words: str) -> None:
    assert words in plain(client.get(f"/quyen-rieng-tu?lang={language}"))


def test_other_settings_are_told_otherwise(settings: Settings, database: Database) -> None:
    asked = "Văn phòng UBND tỉnh, 0251 3822 501"
    changed = replace(settings, account_days=90, privacy_contact=asked)
    told = plain(create_app(changed, database).test_client().get("/quyen-rieng-tu"))
    assert "90 ngày kể từ ngày khóa tài khoản" in told
    assert asked in told


def test_citizens_find_the_page(client: FlaskClient, database: Database) -> None:
    with database.transaction() as session:
        unit = make_unit(session)
        token = make_point(session, make_survey(session, [unit]), unit).token
    start, sheet = client.get("/").text, client.get(f"/s/{token}").text
    assert '<a class="footer-link" href="/quyen-rieng-tu">' in start
    # Answers that are not sent yet are not left behind.
    assert '<a class="footer-link" href="/quyen-rieng-tu" target="_blank" rel="noopener">' in sheet


# ── the commands ──────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def run(tmp_path: Path, database: Database) -> Run:
    with database.transaction() as session:
        make_account(session, "quantri")
        leaving = make_account(session, "sapnghi")
        set_active(session, leaving, False, now=NOW)
    environment = os.environ | {"DATABASE_URL": database.url, "HAILONG_ENV": "development"}
    environment |= {"HAILONG_ACCOUNT_DAYS": "0", "HAILONG_DATA": str(tmp_path)}
    return partial(run_forked, "privacy", environment=environment, folder=tmp_path)


def names(database: Database) -> list[str]:
    with database.session() as session:
        return [account.username for account in session.query(Account).order_by(Account.id)]


def test_nothing_is_erased_without_being_asked_twice(run: Run, database: Database) -> None:
    told = run("erase", "--account", "sapnghi")
    assert told.returncode == 0, told.stderr
    assert "sẽ bị xóa" in told.stdout and "thêm --yes" in told.stdout
    assert "tên của 1 tài khoản" in run("erase-expired").stdout
    assert names(database) == ["quantri", "sapnghi"]
    assert "account.erase" not in actions(database)


def test_a_name_is_erased(run: Run, database: Database) -> None:
    done = run("erase", "--account", "sapnghi", "--yes")
    assert done.returncode == 0, done.stderr
    assert names(database) == ["quantri", "tài khoản đã xóa #2"]
    assert actions(database)[-1] == "account.erase"
    refused = run("erase", "--account", "quantri", "--yes")
    assert refused.returncode == 2 and "hãy khóa tài khoản" in refused.stderr


def test_what_is_past_its_time_is_erased_at_once(run: Run, database: Database) -> None:
    done = run("erase-expired", "--yes")
    assert done.stdout.startswith("Đã xóa: tên của 1 tài khoản"), done.stderr
    assert names(database) == ["quantri", "tài khoản đã xóa #2"]
    assert {"account.erase", "privacy.erase_expired"} <= set(actions(database))
    assert run("erase-expired", "--yes").stdout.startswith("Đã xóa: tên của 0 tài khoản")


def test_an_account_is_taken_out_on_record(run: Run, database: Database, tmp_path: Path) -> None:
    assert run("export", "--account", "sapnghi", "--out", "out.json").returncode == 0
    found = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    assert found["account"]["username"] == "sapnghi"
    assert "password_hash" not in found["account"]
    assert actions(database)[-1] == "account.export"
    assert run("export", "--account", "khongco", "--out", "no.json").returncode == 2


def test_the_report_tells_what_there_is(run: Run) -> None:
    told = run("report")
    assert told.returncode == 0, told.stderr
    assert "Tài khoản đang dùng: 1, cũ nhất từ 15/06/2026; giữ cho đến khi bị khóa." in told.stdout

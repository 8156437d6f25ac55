"""Hashing is slow on purpose: nobody's writing waits for it."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest
from flask.testing import FlaskClient

from survey_app.config import Settings
from survey_app.errors import Invalid
from survey_app.operations.access import passwords
from survey_app.operations.access.accounts import (
    change_password,
    find_account,
    look_at_change,
)
from survey_app.operations.access.rights import AccountRole
from survey_app.storage.database import Database, sqlite_path
from tests.factories import NOW, PASSWORD, make_account, make_unit
from tests.integration.office import post, sign_in

NEW = "một mật khẩu mới hẳn"


@pytest.fixture(autouse=True)
def accounts(database: Database) -> None:
    with database.transaction() as session:
        make_account(session)
        make_account(session, "canbo", AccountRole.OFFICER, make_unit(session))


@pytest.fixture
def moments(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> list[str]:
    """What was done slowly; each time somebody else could have begun to write."""
    path = sqlite_path(settings.database_url)
    assert path
    done: list[str] = []

    def watched(name: str, slow: Callable[..., Any]) -> Callable[..., Any]:
        def with_a_writer(*arguments: Any) -> Any:
            with closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as other:
                other.execute("BEGIN IMMEDIATE")  # "database is locked" where somebody writes
                other.execute("ROLLBACK")
            done.append(name)
            return slow(*arguments)

        return with_a_writer

    for name in ("hash_password", "_verify"):
        monkeypatch.setattr(passwords, name, watched(name, getattr(passwords, name)))
    return done


def test_nobody_waits_while_a_password_is_hashed(client: FlaskClient, moments: list[str]) -> None:
    sign_in(client)
    made = {"username": "lan.anh", "display_name": "Lan Anh", "role": "officer", "unit": "H01.01"}
    post(client, "/admin/create-account", page="/admin/", **made, password=NEW)
    assert moments[1:] == ["hash_password"]
    assert post(client, "/admin/accounts/2/password", page="/admin/").status_code == 200
    assert moments[2:] == ["hash_password"]
    answer = post(client, "/account", current=PASSWORD, new=NEW, repeated=NEW)
    assert answer.status_code == 302
    assert moments[3:] == ["_verify", "hash_password"]


def test_a_present_password_that_was_replaced_meanwhile_is_wrong(database: Database) -> None:
    with database.session() as reader:
        account = find_account(reader, 1)
    slow = look_at_change(account, current=PASSWORD, new=NEW)
    with database.transaction() as session:
        change_password(session, account, slow, now=NOW)
    with database.transaction() as session, pytest.raises(Invalid, match="Chưa đổi được"):
        change_password(session, account, slow, now=NOW)
    with database.session() as reader:
        assert find_account(reader, 1).failed_attempts == 1

"""``hailong account`` and ``hailong privacy rotate-key``: what the operator of a server does."""

import pytest
from click.testing import CliRunner, Result

from survey_app.cli import hailong
from survey_app.config import Settings
from survey_app.errors import Conflict, HaiLongError, Invalid, NotFound
from survey_app.operations.access import second_step
from survey_app.operations.access.accounts import account_named
from survey_app.operations.access.rights import AccountRole
from survey_app.storage.database import Database
from tests.factories import NOW, PASSWORD, make_account, noted, recorded
from tests.integration.office import actions

CREATE = ("account", "create-admin", "Giam.Doc", "--name", "Nguyễn  Văn An")
NEW_KEY = "another-" + "y" * 32


def run(settings: Settings, *arguments: str, **more: str) -> Result:
    """The command in this process; a refusal is raised, as for the real one's last line."""
    environment = {
        "DATABASE_URL": settings.database_url,
        "HAILONG_DATA": str(settings.data_directory),
        "HAILONG_ENV": "development",
        "SECRET_KEY": settings.secret_key,
    }
    done = CliRunner().invoke(hailong, arguments, env=environment | more)
    if isinstance(done.exception, HaiLongError):
        raise done.exception
    return done


def test_the_first_administrator_is_made_on_record(settings: Settings, database: Database) -> None:
    done = run(settings, *CREATE, "--password", PASSWORD)
    assert done.output == "Đã tạo tài khoản quản trị giam.doc.\n"
    with database.session() as session:
        made = account_named(session, "giam.doc")
        assert made and made.display_name == "Nguyễn Văn An"
        assert [(grant.role, grant.unit_id) for grant in made.grants] == [
            (AccountRole.ADMINISTRATOR, None)
        ]
        assert made.password_given_at is None
    assert actions(database) == ["account.create"]
    assert PASSWORD not in done.output
    run(settings, *CREATE[:2], "nguoi.khac", *CREATE[3:], "--password", PASSWORD, "--given")
    with database.session() as session:
        other = account_named(session, "nguoi.khac")
        assert other and other.password_given_at  # typed by somebody else: to be replaced


def test_what_is_wrong_with_it_is_told_at_once(settings: Settings, database: Database) -> None:
    with pytest.raises(Invalid) as refusal:
        run(settings, "account", "create-admin", "ă", "--name", " ", "--password", "ngắn")
    assert {p.where for p in refusal.value.problems} == {"username", "display_name", "password"}
    run(settings, *CREATE, "--password", PASSWORD)
    with pytest.raises(Conflict, match="đã có người dùng"):
        run(settings, *CREATE, "--password", PASSWORD)
    asked = CliRunner().invoke(hailong, CREATE, input=f"{PASSWORD}\nkhác\n")
    assert asked.exit_code != 0 and PASSWORD not in asked.output
    assert "Nhập lại mật khẩu" in asked.output
    assert actions(database) == ["account.create"]


def test_a_lost_telephone(settings: Settings, database: Database) -> None:
    keys = settings.derived_secrets(second_step.PURPOSE)
    with database.transaction() as session:
        account = make_account(session)
        second_step.begin_enrolment(session, account, keys=keys, now=NOW)
    with pytest.raises(NotFound, match="khongco"):
        run(settings, "account", "reset-second-step", "khongco")
    done = run(settings, "account", "reset-second-step", "QuanTri")
    assert "Đã tắt xác thực hai bước" in done.output
    with database.session() as session:
        account = account_named(session, "quantri")
        assert account and account.second_step is None
    assert actions(database)[-1] == "second_step.remove"


def test_a_new_key_takes_over_once_it_is_told_to(settings: Settings, database: Database) -> None:
    keys = settings.derived_secrets(second_step.PURPOSE)
    with database.transaction() as session:
        second_step.begin_enrolment(session, make_account(session), keys=keys, now=NOW)
    changed = {"SECRET_KEY": NEW_KEY, "HAILONG_OLD_SECRET_KEYS": settings.secret_key}
    rotate = ("privacy", "rotate-key")
    for _ in range(2):
        counted = run(settings, *rotate, **changed).output
        assert counted.startswith("Còn theo khóa cũ:") and "  1 tài khoản" in counted
    lost = run(settings, *rotate, SECRET_KEY=NEW_KEY)
    assert "xác thực hai bước của: quantri" in lost.stderr
    assert "  1 tài khoản" in run(settings, *rotate, "--yes", **changed).output
    assert "  0 tài khoản" in run(settings, *rotate, SECRET_KEY=NEW_KEY).output
    with database.session() as session:
        entry = recorded(session)[-1]
    assert (entry.action, entry.detail) == ("privacy.rotate_key", '{"count":1}'), noted(entry)

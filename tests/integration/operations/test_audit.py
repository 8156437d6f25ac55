"""What an entry of the audit record says: what changed, and nobody's name."""

import pytest
from sqlalchemy import select

from survey_app.errors import Invalid
from survey_app.operations.access.accounts import find_account
from survey_app.operations.audit.check import Anchor
from survey_app.operations.audit.entries import changed, record, snapshot
from survey_app.storage.database import Database
from survey_app.storage.models import AuditEntry
from tests.factories import NOW, make_account
from tests.integration.audit.books import broken


def test_changed_compares_field_by_field() -> None:
    assert changed({"a": 1, "b": 2}, {"a": 1, "b": 3}) == {"from": {"b": 2}, "to": {"b": 3}}
    assert changed({"a": None}, {"a": None}) == {}
    assert snapshot(NOW, "year", "tzinfo")["year"] == 2026


@pytest.mark.parametrize("text", ["", "12", "12:xyz", "12:abc", f"-1:{'a' * 64}", f"1:{'a' * 65}"])
def test_an_anchor_is_a_number_and_a_hash(text: str) -> None:
    with pytest.raises(Invalid, match="Mốc đối chiếu"):
        Anchor.parse(text)
    assert Anchor.parse(f" 12 : {'AB' * 10} ") == Anchor(12, "ab" * 10)


def test_an_account_can_lose_its_name_and_the_chain_stays_whole(database: Database) -> None:
    with database.transaction() as session:
        account = make_account(session, "lan.anh")
        for named in (account, "lan.anh", "nobody"):
            record(session, "account.create", now=NOW, account=account, subject=named)
    with database.transaction() as session:
        row = find_account(session, account.id)
        row.username, row.display_name = f"da.xoa.{row.id}", "Tài khoản đã xóa"
    with database.session() as session:
        entries = session.scalars(select(AuditEntry).order_by(AuditEntry.number)).all()
        assert {entry.account_id for entry in entries} == {account.id}
        assert [entry.subject for entry in entries] == [str(account.id), str(account.id), ""]
    assert broken(database) is None

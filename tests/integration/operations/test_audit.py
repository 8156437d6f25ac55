"""What an entry of the audit record says: what changed, and nobody's name."""

import json

import pytest
from sqlalchemy import select

from survey_app.errors import Invalid
from survey_app.operations.organisation.accounts import find_account
from survey_app.operations.organisation.audit import changed, record, recorded, snapshot
from survey_app.operations.organisation.audit_check import Anchor
from survey_app.storage.database import Database
from survey_app.storage.models import AuditEntry
from tests.factories import NOW, make_account, make_survey, make_unit
from tests.integration.audit_books import broken


def test_only_what_changed_is_told(database: Database) -> None:
    with database.transaction() as session:
        survey = make_survey(session, [make_unit(session)])
        for title in ("Kỳ một", "Kỳ một", "Kỳ hai"):
            fields = {"now": NOW, "subject": survey.code}
            with recorded(session, "survey.edit", survey, "title", "ends_on", **fields):  # type: ignore[arg-type]
                survey.title = title
    with database.session() as session:
        details = [json.loads(text) for text in session.scalars(select(AuditEntry.detail))]
    assert details == [
        {"from": {"title": "Khảo sát thử nghiệm"}, "to": {"title": "Kỳ một"}},
        {"from": {"title": "Kỳ một"}, "to": {"title": "Kỳ hai"}},
    ]


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

"""Makers of what tests need: units, open surveys, links, answer sheets; each stores for real."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app.operations.access.accounts import AccountRole, create_account
from survey_app.operations.access.passwords import prepare
from survey_app.operations.fieldwork.collection_points import add_collection_point
from survey_app.operations.fieldwork.links import issue_one_time_links
from survey_app.operations.fieldwork.surveys import create_survey, open_survey
from survey_app.operations.intake.submission import Receipt, Sheet, submit_sheet
from survey_app.operations.organisation.units import create_unit
from survey_app.operations.questionnaires.publishing import publish_questionnaire
from survey_app.storage.audit_chain import write_waiting
from survey_app.storage.models import (
    Account,
    AdministrativeUnit,
    AuditEntry,
    CollectionPoint,
    Mode,
    Survey,
)

QUESTIONNAIRES = Path(__file__).parents[1] / "questionnaires"
NOW = datetime(2026, 6, 15, 3, 30, tzinfo=UTC)  # 10:30 in Viet Nam
PASSWORD = "một mật khẩu thử"


def make_unit(
    session: Session,
    code: str = "H01.01",
    name: str = "Phường Mẫu",
    kind: str = "ward",
    parent: AdministrativeUnit | None = None,
) -> AdministrativeUnit:
    return create_unit(
        session,
        code=code,
        name=name,
        kind=kind,
        valid_from=date(2025, 7, 1),
        parent_id=parent.id if parent else None,
    )


def make_survey(
    session: Session,
    units: Mapping[AdministrativeUnit, int | None] | Sequence[AdministrativeUnit] = (),
    *,
    code: str = "KS-2026",
    document: str = "sipas-counter.yaml",
    source: str | None = None,
    is_open: bool = True,
    starts_on: date = date(2026, 1, 1),
    ends_on: date = date(2026, 12, 31),
) -> Survey:
    """A survey of all 2026, open unless said otherwise; of one new unit unless given some."""
    chosen = units or [make_unit(session)]
    populations = chosen if isinstance(chosen, Mapping) else dict.fromkeys(chosen)
    text = source or (QUESTIONNAIRES / document).read_text(encoding="utf-8")
    version = publish_questionnaire(session, text, now=NOW).version
    survey = create_survey(
        session,
        code=code,
        title="Khảo sát thử nghiệm",
        version_id=version.id,
        starts_on=starts_on,
        ends_on=ends_on,
        units={unit.id: population for unit, population in populations.items()},
        now=NOW,
    )
    survey.version = version
    if is_open:
        open_survey(survey)
    return survey


def make_point(session: Session, survey: Survey, unit: AdministrativeUnit) -> CollectionPoint:
    return add_collection_point(session, survey, unit.id, label="Quầy số 1", mode=Mode.PHONE)


def make_one_time_link(session: Session, point: CollectionPoint) -> str:
    return issue_one_time_links(session, point, 1, expires_on=date(2026, 12, 31))[0]


def answer(
    session: Session,
    token: str,
    answers: Mapping[str, object],
    *,
    at: datetime = NOW,
    **fields: object,
) -> Receipt:
    """Hand in one sheet, now unless said otherwise."""
    sheet = Sheet(response_id=uuid4(), token=token, answers=answers, **fields)  # type: ignore[arg-type]
    return submit_sheet(session, sheet, now=at)


def make_account(
    session: Session,
    username: str = "quantri",
    role: AccountRole = AccountRole.ADMINISTRATOR,
    unit: AdministrativeUnit | None = None,
) -> Account:
    """An account with the password PASSWORD and one role, since long ago; without a unit it is of
    every unit."""
    account = create_account(
        session,
        username=username,
        display_name="Người thử",
        role=role,
        password=prepare(PASSWORD, username),
        unit_id=unit.id if unit else None,
        is_everywhere=unit is None,
        now=NOW,
    )
    account.grants[0].valid_from = date(2025, 7, 1)
    session.flush()
    return account


def recorded(session: Session) -> list[AuditEntry]:
    """The audit record, the first entry first, with what this session has not committed yet."""
    write_waiting(session)
    return list(session.scalars(select(AuditEntry).order_by(AuditEntry.number)))


def noted(entry: AuditEntry) -> str:
    """The plain words of an entry."""
    found: str = json.loads(entry.detail).get("note", "")
    return found

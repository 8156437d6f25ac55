"""The second step of signing in: codes are taken once, by whoever comes first."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.orm import Session, contains_eager

from survey_app.storage.models import Account, RecoveryCode, RequiredSecondStep, SecondStep, SignIn


def required_roles(session: Session) -> Sequence[str]:
    return session.scalars(select(RequiredSecondStep.role).order_by(RequiredSecondStep.role)).all()


def replace_required_roles(session: Session, roles: Collection[str]) -> None:
    session.execute(delete(RequiredSecondStep))
    session.add_all(RequiredSecondStep(role=role) for role in roles)
    session.flush()


def take_step(session: Session, account_id: int, step: int) -> bool:
    """Use up the time steps to this one; False when it has been used already."""
    statement = (
        update(SecondStep)
        .where(
            SecondStep.account_id == account_id,
            or_(SecondStep.last_step.is_(None), SecondStep.last_step < step),
        )
        .values(last_step=step)
        .returning(SecondStep.account_id)
        .execution_options(synchronize_session=False)
    )
    return session.execute(statement).first() is not None


def take_recovery_code(
    session: Session, account_id: int, code_hash: bytes, *, now: datetime
) -> bool:
    """Use up a recovery code; False for one that is unknown or used."""
    statement = (
        update(RecoveryCode)
        .where(
            RecoveryCode.code_hash == code_hash,
            RecoveryCode.account_id == account_id,
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=now)
        .returning(RecoveryCode.account_id)
        .execution_options(synchronize_session=False)
    )
    return session.execute(statement).first() is not None


def unused_recovery_codes(session: Session, account_id: int) -> int:
    query = select(func.count()).where(
        RecoveryCode.account_id == account_id, RecoveryCode.used_at.is_(None)
    )
    return session.scalar(query) or 0


def delete_recovery_codes(session: Session, account_id: int) -> None:
    session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account_id))


def delete_other_sign_ins(session: Session, account_id: int, token_hash: bytes) -> None:
    session.execute(
        delete(SignIn).where(SignIn.account_id == account_id, SignIn.token_hash != token_hash)
    )


def accounts_with_second_step(session: Session) -> Sequence[Account]:
    query = select(Account).join(SecondStep).order_by(Account.id)
    return session.scalars(query.options(contains_eager(Account.second_step))).all()

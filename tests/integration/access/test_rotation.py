"""A new SECRET_KEY: second steps, recovery codes and forms to be keyed again outlive the change."""

from collections.abc import Iterator
from dataclasses import replace

import pyotp
import pytest
import time_machine
from sqlalchemy.orm import Session

from survey_app.config import Settings
from survey_app.errors import Conflict
from survey_app.operations.access import second_step
from survey_app.operations.access.accounts import Account
from survey_app.operations.paper.entry import key_form
from survey_app.operations.paper.second_keying import (
    SECRET_PURPOSE,
    is_blind,
    set_second_keying,
)
from survey_app.operations.paper.typed_form import TypedForm
from survey_app.operations.privacy.rotation import Rotation, rotate
from survey_app.storage.models import CollectionPoint, Survey
from tests.factories import NOW, make_account, make_point, make_survey, make_unit


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as found:
        yield found


@pytest.fixture
def changed(settings: Settings) -> Settings:
    """The new key, with the old one still known."""
    return replace(
        settings, secret_key="another-" + "y" * 32, old_secret_keys=(settings.secret_key,)
    )


def keys(settings: Settings) -> tuple[bytes, ...]:
    return settings.derived_secrets(second_step.PURPOSE)


def enrol(session: Session, account: Account, settings: Settings) -> tuple[str, ...]:
    second_step.begin_enrolment(session, account, keys=keys(settings), now=NOW)
    waiting = second_step.pending_enrolment(account, keys=keys(settings))
    assert waiting
    code = pyotp.TOTP(waiting.secret).at(NOW)
    return second_step.confirm_enrolment(session, account, code, keys=keys(settings), now=NOW)


def test_second_steps_and_recovery_codes_stay_good(
    session: Session, settings: Settings, changed: Settings
) -> None:
    account = make_account(session)
    codes = enrol(session, account, settings)
    alone = replace(changed, old_secret_keys=())
    with pytest.raises(Conflict, match="HAILONG_OLD_SECRET_KEYS"):
        second_step.check_code(session, account, codes[0], keys=keys(alone), now=NOW)
    second_step.check_code(session, account, codes[0], keys=keys(changed), now=NOW)
    assert rotate(session, alone) == Rotation(0, 0, 0, ("quantri",), 0)
    assert rotate(session, changed) == Rotation(0, 1, 0, (), 0)
    assert rotate(session, changed).total == 0, "done again it does nothing"
    second_step.check_code(session, account, codes[1], keys=keys(alone), now=NOW)
    with pytest.raises(Conflict):
        second_step.check_code(session, account, codes[2], keys=keys(settings), now=NOW)


def test_forms_that_wait_are_found_under_the_new_key(
    session: Session, settings: Settings, changed: Settings
) -> None:
    unit = make_unit(session)
    survey = make_survey(session, [unit])
    set_second_keying(survey, share=1.0, same_clerk=False)
    point = make_point(session, survey, unit)
    first, second = make_account(session, "lan"), make_account(session, "mai")
    old, new = (found.derived_secret(SECRET_PURPOSE) for found in (settings, changed))
    form = TypedForm("12", {"access.signage": "5", "visit.trips": "1"})
    key_form(session, survey, point, form, secret=old, account=first, now=NOW)
    assert waits(session, survey, point, old, second)
    assert not waits(session, survey, point, new, second)
    assert rotate(session, changed) == Rotation(0, 0, 1, (), 0)
    assert waits(session, survey, point, new, second)


def waits(
    session: Session, survey: Survey, point: CollectionPoint, secret: bytes, account: Account
) -> bool:
    return is_blind(session, survey, point, "12", secret=secret, account=account)

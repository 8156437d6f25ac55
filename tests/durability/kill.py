"""Kill -9 of the whole server group under load, again and again; then the books are compared."""

import hashlib
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

from sqlalchemy import func, select, text

from survey_app.clock import local_date, now
from survey_app.operations.fieldwork.links import issue_one_time_links
from survey_app.operations.questionnaires.publishing import load_codebook, load_questionnaire
from survey_app.questionnaire.answers import encode, free_texts, validate_answers
from survey_app.storage.database import Database
from survey_app.storage.migrate import upgrade
from survey_app.storage.models import FreeText, OneTimeLink, SpentLink, Survey, SurveyResponse
from tests.durability.citizens import Citizens, Ledger
from tests.durability.server import PRODUCT, SECONDS_TO_START, ServerGroup
from tests.factories import make_point, make_survey, make_unit

CLIENTS = 12
ONE_TIME_LINKS = 2000
#: A kill falls at a random moment up to so many seconds after a sheet was acknowledged.
LONGEST_WAIT = 0.5


@dataclass(frozen=True)
class Outcome:
    """``lost``: acknowledged, not stored (as it was sent); ``alien``: stored, never sent."""

    kills: int
    acknowledged: int
    stored: int
    broken_off: int
    lost: int
    alien: int
    wrong: tuple[str, ...]

    @property
    def is_whole(self) -> bool:
        return not (self.lost or self.alien or self.wrong) and self.stored == self.acknowledged


def prepare(database: Database) -> tuple[str, tuple[str, ...]]:
    """A migrated database with an open survey: its open link and some one-time links."""
    upgrade(database.url)
    today = local_date(now())
    with database.transaction() as session:
        unit = make_unit(session)
        period = {"starts_on": date(2026, 1, 1), "ends_on": today + timedelta(days=9)}
        survey = make_survey(session, [unit], **period)
        point = make_point(session, survey, unit)
        expires_on = today + timedelta(days=9)
        slips = issue_one_time_links(session, point, ONE_TIME_LINKS, expires_on=expires_on)
        return point.token, slips


def kill_and_restart(
    url: str,
    folder: Path,
    *,
    kills: int,
    seed: int = 1,
    app: str = PRODUCT,
    between: Callable[[int], None] = lambda _: None,
) -> Outcome:
    """Load the server, kill it ``kills`` times, and compare what was promised with what is stored.

    Every kill falls on citizens of whom one at least was served since the last; while servers load,
    they rest. ``between`` is called after each kill, with its number, while nothing runs.
    """
    database, chance = Database(url), random.Random(seed)
    open_token, slips = prepare(database)
    citizens = Citizens(CLIENTS, open_token=open_token, one_time=slips, seed=seed)
    # The next group loads its modules beside the one that serves; it touches no data before.
    group, next_group = (ServerGroup(url, folder, app=app) for _ in range(2))
    try:
        group.start()
        _serve(group, citizens)
        citizens.start()
        for number in range(kills):
            citizens.pause()
            next_group.start()
            next_group.wait_until_loaded()
            citizens.resume(SECONDS_TO_START)
            time.sleep(chance.uniform(0, LONGEST_WAIT))
            group.kill()
            between(number)
            group, next_group = next_group, group
            _serve(group, citizens)
        citizens.stop()
    finally:
        group.kill()
        next_group.kill()
    outcome = compare(database, citizens.ledger, kills)
    database.dispose()
    return outcome


def _serve(group: ServerGroup, citizens: Citizens) -> None:
    group.wait_until_loaded()
    group.go()
    citizens.port = group.port


def stored_key(identifier: UUID) -> bytes:
    """The key of a sheet as decision 0006 describes it."""
    return hashlib.blake2b(identifier.bytes, digest_size=16, person=b"key").digest()


def compare(database: Database, ledger: Ledger, kills: int) -> Outcome:
    with database.session() as session:
        version = session.scalars(select(Survey)).one().version
        questionnaire, codebook = load_questionnaire(version), load_codebook(version)
        rows = session.execute(select(SurveyResponse.response_key, SurveyResponse.answers)).all()
        texts = session.execute(select(FreeText.response_key, FreeText.text)).all()
        used = session.scalar(select(func.count()).where(OneTimeLink.is_used)) or 0
        used += session.scalar(select(func.count()).select_from(SpentLink)) or 0
        if database.is_sqlite:
            assert session.scalar(text("PRAGMA integrity_check")) == "ok"
            assert session.execute(text("PRAGMA foreign_key_check")).all() == []
    stored = {key: (bytes(answers), "") for key, answers in rows}
    assert len(stored) == len(rows), "an id is stored twice"
    for key, words in texts:
        stored[key] = (stored[key][0], words)
    lost = 0
    for identifier in ledger.receipts:
        sheet = ledger.sent[identifier]
        answers = validate_answers(questionnaire, sheet.answers)
        words = free_texts(questionnaire, answers).get("comment", "")
        lost += stored.get(stored_key(identifier)) != (encode(codebook, answers), words)
    wrong = list(ledger.wrong)
    slips = sum(len(ledger.sent[i].token) > 8 for i in ledger.receipts)
    if used != slips:
        wrong.append(f"{slips} sheets came through one-time links, {used} links are used")
    return Outcome(
        kills=kills,
        acknowledged=len(ledger.receipts),
        stored=len(rows),
        broken_off=ledger.broken_off,
        lost=lost,
        alien=len(stored.keys() - {stored_key(i) for i in ledger.sent}),
        wrong=tuple(wrong),
    )

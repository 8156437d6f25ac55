"""The ways and languages of a survey: how blank sheets are given out, and in which languages.

A way that is shut gives out no more sheets. What was given out stays good: a code that somebody
holds, and what a kiosk took before it heard.
"""

from collections.abc import Collection
from dataclasses import replace
from enum import StrEnum
from functools import cache
from typing import Protocol

from sqlalchemy.orm import Session

from survey_app.errors import Closed, Invalid, Problem
from survey_app.operations.audit.entries import changed
from survey_app.operations.fieldwork.links import Link
from survey_app.operations.fieldwork.plan import claim_plan
from survey_app.operations.questionnaires.publishing import load_questionnaire
from survey_app.questionnaire.definition import PRIMARY_LANGUAGE, Questionnaire
from survey_app.storage.models import QuestionnaireVersion, Survey

MOST_NARROWED = 64


class Way(StrEnum):
    """A way of giving out sheets."""

    KIOSK = "kiosk"
    LINK = "link"  # the open link of a place: posters, phones, programs
    SLIP = "slip"  # one-time links, printed or made for other software
    PAPER = "paper"


#: What is said where a way is shut, to citizens (link, kiosk) and to the office.
SHUT = {
    Way.KIOSK: "Cuộc khảo sát này không nhận phiếu tại kiosk.",
    Way.LINK: "Cuộc khảo sát này không nhận phiếu qua mã chung. Nếu có phiếu mời, mời ông/bà dùng"
    " mã in trên phiếu mời.",
    Way.SLIP: "Cuộc khảo sát này không dùng phiếu mời và mã dùng một lần.",
    Way.PAPER: "Cuộc khảo sát này không dùng phiếu giấy.",
}


class HasWays(Protocol):
    """A survey, or its row."""

    @property
    def ways(self) -> str | None: ...


def ways_of(survey: HasWays) -> tuple[Way, ...]:
    """The ways that are open; a survey of which nothing was said has them all."""
    return _ways_in(survey.ways)


@cache
def _ways_in(words: str | None) -> tuple[Way, ...]:
    return tuple(way for way in Way if words is None or way in words.split())


def require_way(survey: HasWays, way: Way) -> None:
    """Raises Closed where sheets are not given out in this way."""
    if way not in ways_of(survey):
        raise Closed(SHUT[way])


def require_link_way(link: Link) -> None:
    """Raises Closed for the open link of a survey that uses none."""
    if link.one_time is None:
        require_way(link.point.survey, Way.LINK)


def languages_of(survey: Survey, version: QuestionnaireVersion | None = None) -> tuple[str, ...]:
    """The languages that are offered, in the order of the questionnaire (that of ``version``, or of
    the survey now); Vietnamese is always."""
    spoken = load_questionnaire(version or survey.version).languages
    if survey.languages is None:
        return spoken
    offered = {PRIMARY_LANGUAGE, *survey.languages.split()}
    return tuple(code for code in spoken if code in offered)


def offered_questionnaire(
    survey: Survey, version: QuestionnaireVersion | None = None
) -> Questionnaire:
    """The questionnaire of a survey as it is shown: in the languages offered. ``version``: one that
    it had before, None: its own now."""
    version = version or survey.version
    whole, languages = load_questionnaire(version), languages_of(survey, version)
    if languages == whole.languages:
        return whole
    key = (version.code, version.fingerprint, languages)
    if key not in _narrowed:
        if len(_narrowed) >= MOST_NARROWED:
            _narrowed.clear()
        _narrowed[key] = replace(whole, languages=languages)
    return _narrowed.get(key) or replace(whole, languages=languages)


_narrowed: dict[tuple[str, str, tuple[str, ...]], Questionnaire] = {}


def set_offer(
    session: Session,
    survey: Survey,
    *,
    ways: Collection[str],
    languages: Collection[str],
    revision: int,
) -> dict[str, dict[str, object]]:
    """Say which ways are open and which languages are offered; what changed, from and to.

    All ways, or all languages, are kept as such: a language that a later version brings is offered.
    Raises Invalid for no way at all, Conflict when ``revision`` is no more the plan's.
    """
    wanted = [way for way in Way if way in ways]
    spoken = load_questionnaire(survey.version).languages
    offered = [code for code in spoken if code in languages or code == PRIMARY_LANGUAGE]
    if not wanted:
        message = "Chọn ít nhất một cách nhận phiếu."
        raise Invalid("Chưa lưu được cách nhận phiếu.", [Problem(message, "ways")])
    claim_plan(session, survey, revision)
    before = {"ways": " ".join(ways_of(survey)), "languages": " ".join(languages_of(survey))}
    survey.ways = None if len(wanted) == len(Way) else " ".join(wanted)
    survey.languages = None if len(offered) == len(spoken) else " ".join(offered)
    session.flush()
    return changed(before, {"ways": " ".join(wanted), "languages": " ".join(offered)})

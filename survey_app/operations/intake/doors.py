"""Doors: what a link leads to for sheets of one version."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from survey_app.operations.fieldwork.links import Link, find_link
from survey_app.operations.fieldwork.versions import version_of_sheet
from survey_app.operations.questionnaires.publishing import load_codebook, load_questionnaire
from survey_app.questionnaire.codebook import Codebook
from survey_app.questionnaire.definition import Questionnaire


@dataclass(frozen=True)
class Door:
    """What a link leads to for sheets of one version, as far as it never changes.

    ``point_token``: the open link of the place; ``token_hash``, ``expires_on``: of a one-time link,
    None for an open one.
    """

    point_id: int
    point_token: str
    unit_id: int
    survey_id: int
    mode: str
    version_id: int
    version_number: int
    version: str
    questionnaire: Questionnaire
    codebook: Codebook
    token_hash: bytes | None = None
    expires_on: date | None = None


def open_door(session: Session, token: str, version: str | None = None) -> Door:
    """What the token leads to for sheets of this version; raises NotFound."""
    return door_of(session, find_link(session, token), version)


def door_of(session: Session, link: Link, wanted: str | None = None) -> Door:
    """The same for a link that is known. ``wanted``: a version by its name ("code@n"); where the
    survey never had it, the door is that of its version now."""
    survey = link.point.survey
    version = version_of_sheet(session, survey, wanted)
    return Door(
        point_id=link.point.id,
        point_token=link.point.token,
        unit_id=link.point.unit_id,
        survey_id=survey.id,
        mode=link.point.mode,
        version_id=version.id,
        version_number=version.number,
        version=version.name,
        questionnaire=load_questionnaire(version),
        codebook=load_codebook(version),
        token_hash=link.one_time.token_hash if link.one_time else None,
        expires_on=link.one_time.expires_on if link.one_time else None,
    )

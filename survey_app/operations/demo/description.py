"""What a program needs to play with the demo: codes, links, questions, sign-ins."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from survey_app.operations.demo.loading import SignInSheet
from survey_app.operations.fieldwork.links import issue_one_time_links
from survey_app.operations.questionnaires.publishing import load_questionnaire
from survey_app.questionnaire.definition import Question
from survey_app.storage.models import Mode, Survey, SurveyStatus
from survey_app.storage.queries.collection_points import collection_points
from survey_app.storage.queries.surveys import list_surveys, sheets_by_unit, survey_units

ONE_TIME_LINKS_PER_UNIT = 10


def describe_demo(
    session: Session, base_url: str, sign_ins: Sequence[SignInSheet], *, today: date
) -> dict[str, Any]:
    """The demo as JSON-able data. Makes ten fresh one-time links per unit: tokens are not kept.

    ``base_url`` stands before a token in the address of its questionnaire.
    """
    surveys = _open_surveys(session)
    return {
        "surveys": [_describe_survey(session, survey, base_url, today) for survey in surveys],
        "closed_surveys": [s.code for s in list_surveys(session) if s.is_demo and s not in surveys],
        "questionnaires": {
            survey.version.name: [
                _describe_question(question)
                for question in load_questionnaire(survey.version).questions
            ]
            for survey in surveys
        },
        "sign_ins": [asdict(sheet) for sheet in sign_ins],
    }


def open_tokens(session: Session) -> list[tuple[Survey, str]]:
    """One open link of each demo survey, for a first try."""
    surveys = _open_surveys(session)
    return [(survey, collection_points(session, survey.id)[0].token) for survey in surveys]


def _open_surveys(session: Session) -> list[Survey]:
    """The demo surveys that take answers, in the order they were made."""
    found = (s for s in list_surveys(session) if s.is_demo and s.status == SurveyStatus.OPEN)
    return sorted(found, key=lambda survey: survey.id)


def _describe_survey(
    session: Session, survey: Survey, base_url: str, today: date
) -> dict[str, Any]:
    sheets = sheets_by_unit(session, survey.id)
    links = [p for p in collection_points(session, survey.id) if p.mode != Mode.KIOSK]
    points = {point.unit_id: point for point in links}
    expires_on = max(survey.ends_on, today)
    return {
        "code": survey.code,
        "title": survey.title,
        "version": survey.version.name,
        "starts_on": survey.starts_on.isoformat(),
        "ends_on": survey.ends_on.isoformat(),
        "units": [
            {
                "code": row.unit.code,
                "name": row.unit.name,
                "population": row.population,
                "responses": sheets.get(row.unit_id, 0),
                "open_link": points[row.unit_id].token,
                "open_url": base_url + points[row.unit_id].token,
                "one_time_links": issue_one_time_links(
                    session, points[row.unit_id], ONE_TIME_LINKS_PER_UNIT, expires_on=expires_on
                ),
            }
            for row in survey_units(session, survey.id)
        ],
    }


def _describe_question(question: Question) -> dict[str, Any]:
    return {
        "code": question.code,
        "kind": question.kind.value,
        "role": question.role.value,
        "required": question.required,
        "not_applicable": question.not_applicable,
        "options": [option.code for option in question.choices],
    }

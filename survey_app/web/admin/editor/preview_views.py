"""A draft as citizens would see it: real pages in frames, answers tried out and never stored."""

import json
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from flask import Response, g, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from survey_app.errors import Invalid
from survey_app.i18n import frame_language, vietnamese_name
from survey_app.operations.questionnaires.drafts import QuestionnaireDraft, find_draft
from survey_app.questionnaire.answers import Answer, validate_answers
from survey_app.questionnaire.definition import (
    NOT_APPLICABLE,
    PRIMARY_LANGUAGE,
    Question,
    Questionnaire,
)
from survey_app.questionnaire.editing.presentation import presentable
from survey_app.questionnaire.routing import asked
from survey_app.web.admin import blueprint
from survey_app.web.answer_form import build_page, phrase, read_form
from survey_app.web.headers import CONTENT_SECURITY_POLICY
from survey_app.web.site import privacy_address
from survey_app.web.templating import TEXT_SIZES, display_choices
from survey_app.web.transactions import reading_session

#: A citizen who has not touched the screen for so long is asked; nobody is while trying out.
PATIENT_SECONDS = 3600
USUAL_DISPLAY = {"size": "normal", "contrast": "normal"}


@dataclass(frozen=True)
class Pretended:
    """What stands on a page for the survey, its version and the unit that asks."""

    name: str
    title: str
    is_demo: bool = False

    @property
    def version(self) -> "Pretended":
        return self


UNIT = Pretended("Tên đơn vị", "Tên đơn vị")


@blueprint.get("/drafts/<int:draft_id>/preview", endpoint="draft_preview")
def preview_draft(draft_id: int) -> ResponseReturnValue:
    draft = find_draft(reading_session(), draft_id)
    questionnaire = presentable(draft.document)
    languages = questionnaire.languages if questionnaire else (PRIMARY_LANGUAGE,)
    wanted = request.args.get("lang", PRIMARY_LANGUAGE)
    response = make_response(
        render_template(
            "admin/editor/draft_preview.html",
            draft=draft,
            questionnaire=questionnaire,
            languages=[(code, vietnamese_name(code)) for code in languages],
            chosen=wanted if wanted in languages else PRIMARY_LANGUAGE,
        )
    )
    response.headers["Content-Security-Policy"] = f"{CONTENT_SECURITY_POLICY}; frame-src 'self'"
    return response


@blueprint.get("/drafts/<int:draft_id>/preview/phone")
def preview_phone(draft_id: int) -> ResponseReturnValue:
    """The pages of a citizen's phone."""
    draft = find_draft(reading_session(), draft_id)
    questionnaire = _presentable(draft)
    return _framed(_phone(draft, questionnaire, _language(questionnaire)))


@blueprint.post("/drafts/<int:draft_id>/preview/phone")
def try_preview(draft_id: int) -> ResponseReturnValue:
    """What is sent is checked, shown and forgotten."""
    draft = find_draft(reading_session(), draft_id)
    questionnaire = _presentable(draft)
    language = _language(questionnaire)
    given = read_form(questionnaire, request.form.to_dict(flat=False))
    if "_display" in request.form:
        return _framed(_phone(draft, questionnaire, language, given=given, is_kept=True))
    try:
        answers = validate_answers(questionnaire, given)
    except Invalid as invalid:
        problems = invalid.problems
        return _framed(_phone(draft, questionnaire, language, given=given, problems=problems), 422)
    return _framed(_tried(draft, questionnaire, language, dict(answers)))


@blueprint.get("/drafts/<int:draft_id>/preview/kiosk")
def preview_kiosk(draft_id: int) -> ResponseReturnValue:
    """The screen of a kiosk; its script sends nothing."""
    draft = find_draft(reading_session(), draft_id)
    questionnaire = _presentable(draft)
    language = _language(questionnaire)
    g.language = frame_language(language)
    survey = Pretended(draft.code, draft.title)
    thanks = questionnaire.thanks
    sitting = render_template(
        "kiosk/sitting.html",
        page=build_page(questionnaire, language),
        language=g.language,
        recordings="{}",
        survey=survey,
        unit=UNIT,
        thanks=phrase(thanks, language) if thanks else None,
        privacy_address=privacy_address(),
    )
    setting = {"idleSeconds": PATIENT_SECONDS, "keepsPartial": False, "link": "", "version": ""}
    return _framed(
        render_template(
            "admin/editor/draft_kiosk.html",
            display=USUAL_DISPLAY,
            survey=survey,
            sitting=Markup(sitting),  # noqa: S704  (a template of our own, escaped there)
            sheet_language=language,
            setting=json.dumps({**setting, "languages": [language], "mainRating": None}),
        )
    )


def _presentable(draft: QuestionnaireDraft) -> Questionnaire:
    questionnaire = presentable(draft.document)
    if questionnaire is None:
        raise Invalid("Bản thảo chưa có câu hỏi nào để xem thử.")
    return questionnaire


def _language(questionnaire: Questionnaire) -> str:
    kind, _, value = request.form.get("_display", "").partition(":")
    wanted = (
        value if kind == "lang" else request.values.get("_language") or request.args.get("lang")
    )
    return wanted if wanted in questionnaire.languages else PRIMARY_LANGUAGE


def _display() -> dict[str, str]:
    kind, _, value = request.form.get("_display", "").partition(":")
    is_known = (kind == "size" and value in TEXT_SIZES) or kind == "contrast"
    return {**display_choices(), **({kind: value} if is_known else {})}


def _phone(
    draft: QuestionnaireDraft, questionnaire: Questionnaire, language: str, **shown: Any
) -> str:
    g.language = frame_language(language)
    page = build_page(questionnaire, language, shown.get("given"), shown.get("problems", ()))
    survey = Pretended(draft.code, draft.title)
    return render_template(
        "admin/editor/draft_phone.html",
        sheet_id=str(uuid4()),
        is_on_one_page=request.form.get("_display", "") == "page:one",
        survey=survey,
        version=survey.version,
        unit=UNIT,
        page=page,
        languages=questionnaire.languages,
        sheet_language=language,
        is_another=False,
        display=_display(),
        is_kept=shown.get("is_kept", False),
        action=url_for("admin.preview_phone", draft_id=draft.id),
    )


def _tried(
    draft: QuestionnaireDraft,
    questionnaire: Questionnaire,
    language: str,
    answers: dict[str, Answer],
) -> str:
    """What a sheet with these answers would say."""
    reached = {question.code for question in asked(questionnaire, answers)}
    return render_template(
        "admin/editor/draft_tried.html",
        draft=draft,
        sheet_language=language,
        rows=[
            (question, _in_words(question, answers.get(question.code)), question.code in reached)
            for question in questionnaire.questions
        ],
    )


def _in_words(question: Question, answer: Answer | None) -> str:
    if answer is None:
        return ""
    labels = {option.code: str(option.label) for option in question.choices}
    labels[NOT_APPLICABLE] = "Không áp dụng"
    codes = (answer,) if isinstance(answer, str) else answer
    return "; ".join(labels.get(code, code) for code in codes)


def _framed(html: str, status: int = 200) -> Response:
    """A page that may stand in a frame of this site, and nowhere else."""
    response = make_response(html, status)
    policy = CONTENT_SECURITY_POLICY.replace("frame-ancestors 'none'", "frame-ancestors 'self'")
    response.headers["Content-Security-Policy"] = policy
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    return response
